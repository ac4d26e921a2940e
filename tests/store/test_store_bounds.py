"""Whatever a store says where a number is expected, and however long it says it, there is an end and no traceback."""

import asyncio
import json
import math
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importer.errors import StoreStoppedError
from importer.models import Variant
from importer.net import retry_after_seconds
from importer.settings import AccessToken, StoreSettings, UploadSettings
from importer.store import (
    Answer,
    RetryPolicy,
    StoreClient,
    Tries,
    find_image,
    find_products,
    find_variant,
    judge,
    list_images,
    open_store,
    parse_image,
    read_products,
)
from importer.store.outage import Outage
from importer.store.quota import Quota
from importer.store.rate_limits import LONGEST_WAIT, rate_limit, retry_after
from tests.serving import Quiet, serving

QUICK = UploadSettings(attempts=2, first_backoff=0.02, longest_backoff=0.1, timeout=5.0, outage=0.6)
Say = Callable[[str, dict[str, str]], tuple[int, dict[str, str], bytes]]


class Saying:
    """What a store says to a path and query, set anew by each test."""

    say: Say
    heard = 0


@contextmanager
def saying(what: Saying) -> Iterator[StoreSettings]:
    class Handler(Quiet, BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # an answer in one piece

        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            asked = dict(part.split("=", 1) for part in query.split("&") if "=" in part)
            what.heard += 1
            status, headers, body = what.say(path, asked)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with serving(Handler) as address:
        yield StoreSettings("abc", AccessToken("secret-4711"), address)


def asked(store: StoreSettings, work: Callable[[StoreClient], Coroutine[Any, Any, Any]]) -> Any:
    async def run() -> Any:
        async with open_store(store, upload=QUICK) as client:
            return await work(client)

    return asyncio.run(run())


def page(items: str, total_pages: str) -> bytes:
    return f'{{"data": [{items}], "meta": {{"pagination": {{"total_pages": {total_pages}}}}}}}'.encode()


PRODUCT = '{"id": 1, "sku": "A", "images": []}'


@pytest.mark.parametrize(
    "total", ["1e999", "1000000000000", "-1", "NaN", "Infinity", '"7"', "1.5", "null", "[]", "true"]
)
def test_the_same_page_for_ever_ends_the_paging(total: str) -> None:
    what = Saying()
    what.say = lambda _, __: (200, {}, page(PRODUCT, total))
    with saying(what) as store:
        found = asked(store, lambda client: read_products(client, [1]))
        assert list(found) == [1]
        assert what.heard <= 2
        assert asked(store, lambda client: list_images(client, 1)) is not None
        found = asked(store, lambda client: find_products(client, [], ["A", "b,c", "d"]))
    assert list(found.by_sku) == ["A"]
    assert what.heard < 20


def test_pages_that_each_bring_something_new_end_as_well() -> None:
    what = Saying()
    what.say = lambda _, query: (200, {}, page(f'{{"id": {query["page"]}}}', "1000000000000"))
    with saying(what) as store, pytest.raises(StoreStoppedError, match="has no end"):
        asked(store, lambda client: list_images(client, 1))
    assert what.heard == 2_000


def test_a_page_with_something_new_after_one_that_overlaps_is_read() -> None:
    """Each is shorter than was asked for; somebody adds pictures while they are listed."""
    pages = {"1": '{"id": 1}, {"id": 2}', "2": '{"id": 2}, {"id": 3}', "3": '{"id": 4}'}
    what = Saying()
    what.say = lambda _, query: (200, {}, page(pages[query["page"]], "3"))
    with saying(what) as store:
        images = asked(store, lambda client: list_images(client, 1))
    assert {image.id for image in images} == {1, 2, 3, 4}


ODD_TEXTS = st.one_of(
    st.sampled_from(
        ["", "nan", "inf", "-inf", "Infinity", "1e999", "-5", "1.5", "+3", "0", "²", "٣", "9" * 30, "9" * 5000, "0x10"]
    ),
    st.sampled_from(["Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 1 Jan 0001 00:00:00 +2359", "Mon, 99 Foo -1 99:99:99"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40),
    st.integers().map(str),
    st.floats().map(str),
    st.datetimes().map(lambda when: when.strftime("%a, %d %b %Y %H:%M:%S GMT")),
)
HEADERS = ["Retry-After", "X-Retry-After", "Date"] + [
    f"X-Rate-Limit-{name}" for name in ("Time-Window-Ms", "Time-Reset-Ms", "Requests-Quota", "Requests-Left")
]
ODD_HEADERS = st.dictionaries(st.sampled_from(HEADERS), ODD_TEXTS)


@settings(max_examples=120, deadline=None)
@given(ODD_HEADERS, st.sampled_from([200, 429, 500]), st.floats(0, 1))
def test_no_header_ever_makes_a_wait_that_is_no_number(headers: dict[str, str], status: int, jitter: float) -> None:
    wait = retry_after(headers)
    assert wait is None or 0 <= wait < math.inf
    assert retry_after_seconds(headers.get("Retry-After", "")) is None or wait is not None
    limit = rate_limit(headers)
    assert limit is None or (limit.window <= LONGEST_WAIT and 0 <= limit.left <= limit.quota)
    verdict = judge(Answer(status, headers=headers), Tries(1, 1), RetryPolicy(5, 1.0, 60.0), jitter)
    assert 0 <= getattr(verdict, "seconds", 0.0) <= 72

    async def told() -> None:
        quota = Quota()
        quota.answered(await quota.take(), status, headers)
        assert 0 <= quota.seconds_for(5) < 1e15

    asyncio.run(told())


ODD = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.sampled_from(
            [2**31, 2**63, -(2**63) - 1, 10**40, math.inf, -math.inf, math.nan, 1e308, "1", "nan", "\ud800"]
        ),
        st.floats(),
        st.text(max_size=5),
    ),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["id", "page"]), inner, max_size=2),
    max_leaves=4,
)
NAMES = ["id", "product_id", "sku", "image_file", "sort_order", "is_thumbnail", "image_url", "description", "images"]
ITEMS = st.dictionaries(st.sampled_from([*NAMES, "url_standard", "option_values"]), ODD, max_size=6)
PAGINATION = st.one_of(
    ODD, st.fixed_dictionaries({"pagination": st.one_of(ODD, st.dictionaries(st.just("total_pages"), ODD))})
)
BODIES = st.fixed_dictionaries({"data": st.one_of(ODD, ITEMS, st.lists(ITEMS, max_size=3)), "meta": PAGINATION})


@settings(max_examples=60, deadline=None)
@given(ITEMS)
def test_no_picture_has_a_number_that_a_journal_cannot_hold(item: dict[str, Any]) -> None:
    image = parse_image(item)
    assert image is None or all(-(2**63) <= number < 2**63 for number in (image.id, image.product_id, image.sort_order))


def test_no_body_with_odd_numbers_ends_in_anything_but_an_answer_or_a_stop() -> None:
    what = Saying()
    with saying(what) as store:

        @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
        @given(BODIES, ODD_HEADERS.filter(lambda headers: "Date" not in headers))
        def told(body: dict[str, Any], headers: dict[str, str]) -> None:
            text = json.dumps(body).replace("Infinity", "1e999").encode("utf-8", "replace")
            sent = {name: value.encode("latin-1", "replace").decode("latin-1") for name, value in headers.items()}
            # No wait, however odd, may hold this test up.
            sent = {name: value for name, value in sent.items() if not name.startswith("X-Rate-Limit")}
            what.say = lambda _, __: (200, sent, text)

            async def work(client: StoreClient) -> None:
                for question in (
                    read_products(client, [1, 2]),
                    find_products(client, [1], ["A", "B"]),
                    list_images(client, 1),
                    find_image(client, 1, 2),
                    find_variant(client, 1, 2),
                ):
                    try:
                        found = await question
                    except StoreStoppedError:
                        continue
                    assert not isinstance(found, Variant) or found.id < 2**31

            asked(store, work)

        told()


@pytest.mark.parametrize(
    "headers",
    [{}, {"Retry-After": "nan"}, {"Retry-After": "inf"}, {"X-Retry-After": "-3"}, {"Retry-After": "0"}, {"Date": "x"}],
    ids=str,
)
@pytest.mark.parametrize("after", [0, 2])
def test_a_429_for_ever_stops_the_run_after_the_patience_of_an_outage(headers: dict[str, str], after: int) -> None:
    what = Saying()
    what.say = lambda _, __: (429, headers, b"{}") if what.heard > after else (200, {}, page(PRODUCT, "1"))
    with saying(what) as store:

        async def work(client: StoreClient) -> None:
            for _ in range(after + 1):
                await read_products(client, [1])

        began = time.monotonic()
        with pytest.raises(StoreStoppedError, match="keeps answering 429 Too Many Requests"):
            asked(store, work)
    assert time.monotonic() - began >= QUICK.outage


TURNED_AWAY = "429 Too Many Requests"


def test_being_turned_away_is_told_once_and_so_is_its_end() -> None:
    said: list[str] = []
    now = 1000.0
    outage = Outage(300.0, RetryPolicy(5, 1.0, 60.0), said.append, lambda: now)
    assert outage.turned_away(TURNED_AWAY) == 300
    now += 9
    assert outage.turned_away(TURNED_AWAY) == 291
    assert said == []
    now += 2
    for _ in range(3):
        outage.turned_away(TURNED_AWAY)
    words = (
        "The store turns every request away at the moment (429 Too Many Requests); other apps may be using up its "
        "quota. Waiting, up to 5 minutes; nothing is lost. Ctrl-C stops."
    )
    assert said == [words]
    now += 289
    assert outage.turned_away(TURNED_AWAY) == 0
    outage.let_in()
    outage.let_in()
    assert said[1:] == ["The store takes requests again after 5 minutes."]
    assert outage.turned_away(TURNED_AWAY) == 300


def test_half_a_character_is_in_no_text_that_is_taken_over() -> None:
    """JSON may name half of a surrogate pair, which can be written into no file."""
    what = Saying()
    item = (
        '{"id": 1, "product_id": 1, "sku": "A\\ud83d", "image_url": "https://x/\\uDC00\\ud83d\\ude00", "\\ud800": []}'
    )
    what.say = lambda _, __: (200, {}, page(item, "1"))
    with saying(what) as store:

        async def work(client: StoreClient) -> Answer | None:
            return await client.read("/catalog/variants")

        answer = asked(store, work)
    assert answer.data == [{"id": 1, "product_id": 1, "sku": "A?", "image_url": "https://x/?\U0001f600", "?": []}]
