"""The client's promises about one request: what is sent, when, how often, and what may be repeated."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from importer.errors import StoreStoppedError, WaitAbandonedError
from importer.models import Problem, ProblemCode
from importer.net import FailureKind, NetFailure
from importer.settings import AccessToken, Reserve, StoreSettings, UploadSettings
from importer.store import Answer, NotSent, StoreClient, open_store
from importer.store.rate_limits import Pace
from tests.store.scripted_store import OK, ScriptedStore, reply, scripted_store

QUICK = UploadSettings(attempts=3, first_backoff=0.02, longest_backoff=0.1, timeout=5.0, outage=5.0)
LIMIT = (
    "X-Rate-Limit-Time-Window-Ms: 30000\r\nX-Rate-Limit-Time-Reset-Ms: 20000\r\n"
    "X-Rate-Limit-Requests-Quota: 150\r\nX-Rate-Limit-Requests-Left: {left}\r\n"
)


def asked(
    store: ScriptedStore,
    work: Callable[[StoreClient], Awaitable[Any]],
    upload: UploadSettings = QUICK,
    stop: asyncio.Event | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Any:
    async def run() -> Any:
        settings = StoreSettings("abc", AccessToken("secret-token"), store.api)
        async with open_store(settings, upload=upload, stop=stop, say=say) as client:
            return await work(client)

    return asyncio.run(run())


def test_leaving_is_awaited_before_a_byte_is_sent() -> None:
    with scripted_store(OK) as store:

        async def work(client: StoreClient) -> Answer | NetFailure | NotSent:
            async def leaving() -> None:
                await asyncio.sleep(0.05)
                assert store.heard == []

            return await client.request("POST", "/x", body={"a": 1}, leaving=leaving)

        assert asked(store, work).status == 200
        assert store.heard == ["POST /stores/abc/v3/x HTTP/1.1"]


@pytest.mark.parametrize("error", [ValueError, OSError])
def test_what_leaving_raises_comes_out_and_nothing_is_sent(error: type[Exception]) -> None:
    with scripted_store(OK) as store:

        async def leaving() -> None:
            raise error("no record, no picture")

        with pytest.raises(error, match="no record"):
            asked(store, lambda client: client.request("POST", "/x", leaving=leaving))
        assert store.heard == []


def test_a_request_has_a_timeout_of_its_own() -> None:
    with scripted_store(reply("200 OK")[:-1], keep=True) as store:  # one byte short, and it keeps the connection

        async def work(client: StoreClient) -> Any:
            begun = time.monotonic()
            failure = await client.request("PUT", "/x", timeout=0.2)
            return failure, time.monotonic() - begun

        failure, seconds = asked(store, work)
        assert failure.kind is FailureKind.READ_TIMEOUT
        assert seconds < 0.9


def test_a_put_on_a_connection_that_breaks_is_sent_once() -> None:
    with scripted_store(OK, b"", keep=True) as store:

        async def work(client: StoreClient) -> Any:
            await client.request("GET", "/first")
            return await client.request("PUT", "/second", body=[])

        assert asked(store, work).kind is FailureKind.LOST
        assert [line.split()[0] for line in store.heard] == ["GET", "PUT"]


def test_the_pace_is_what_the_store_told_last() -> None:
    with scripted_store(reply("200 OK", headers=LIMIT.format(left=100))) as store:

        async def work(client: StoreClient) -> Any:
            before = client.pace
            await client.request("GET", "/x")
            return before, client.pace

        upload = replace(QUICK, reserve=Reserve(share=0.1))
        assert asked(store, work, upload) == (None, Pace(150, 30.0, 15))


def test_a_change_is_tried_again_and_its_answer_comes_back() -> None:
    with scripted_store(
        reply("500 Oops"), b"", reply("502 Bad Gateway", b"<html>"), reply("204 No Content", b"")
    ) as store:
        upload = replace(QUICK, attempts=5)
        assert asked(store, lambda client: client.change("DELETE", "/x"), upload).status == 204
        assert len(store.heard) == 4


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (reply("422 Unprocessable Entity", b'{"title": "sort_order is wrong"}'), ProblemCode.STORE_REJECTED),
        (reply("503 Service Unavailable"), ProblemCode.STORE_UNAVAILABLE),
        (b"", ProblemCode.STORE_UNAVAILABLE),
    ],
)
def test_a_change_that_fails_is_a_problem(answer: bytes, code: ProblemCode) -> None:
    with scripted_store(answer) as store:
        trouble = asked(store, lambda client: client.change("PUT", "/x", {"sort_order": 1}))
        assert isinstance(trouble, Problem)
        assert trouble.code == code
        assert len(store.heard) == (1 if b"422" in answer else QUICK.attempts)


@pytest.mark.parametrize("first", [b"", reply("500 Oops"), reply("504 Gateway Timeout")])
def test_what_is_gone_after_a_try_that_ended_without_a_clear_answer_was_deleted_by_it(first: bytes) -> None:
    with scripted_store(first, reply("404 Not Found")) as store:
        assert asked(store, lambda client: client.change("DELETE", "/x")).status == 204
        assert len(store.heard) == 2


@pytest.mark.parametrize(
    ("method", "first"), [("DELETE", reply("429 Too Many Requests")), ("PUT", reply("500 Oops"))], ids=str
)
def test_what_no_earlier_try_can_have_deleted_gives_the_404(method: str, first: bytes) -> None:
    with scripted_store(first, reply("404 Not Found")) as store:
        assert asked(store, lambda client: client.change(method, "/x")).status == 404
        assert len(store.heard) == 2


def test_a_change_of_what_is_gone_gives_the_404() -> None:
    with scripted_store(reply("404 Not Found")) as store:
        assert asked(store, lambda client: client.change("DELETE", "/x")).status == 404


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden", "507 Insufficient Storage"])
def test_a_change_that_the_store_refuses_for_good_stops_the_run(status: str) -> None:
    with scripted_store(reply(status)) as store, pytest.raises(StoreStoppedError) as raised:
        asked(store, lambda client: client.change("PUT", "/x"))
    assert raised.value.fix


def test_the_stop_ends_a_wait_between_two_tries() -> None:
    with scripted_store(reply("503 Service Unavailable")) as store:
        stop = asyncio.Event()

        async def work(client: StoreClient) -> None:
            asyncio.get_running_loop().call_later(0.2, stop.set)
            await client.change("PUT", "/x")

        begun = time.monotonic()
        with pytest.raises(WaitAbandonedError):
            asked(store, work, replace(QUICK, first_backoff=30.0, longest_backoff=30.0), stop)
        assert time.monotonic() - begun < 5
        assert len(store.heard) == 1


def test_a_store_that_was_there_is_waited_for_and_nothing_is_sent_twice() -> None:
    with scripted_store(OK) as store:
        recorded = 0

        async def work(client: StoreClient) -> list[Any]:
            async def leaving() -> None:
                nonlocal recorded
                recorded += 1

            await client.request("GET", "/first")
            store.go_away()
            asyncio.get_running_loop().call_later(0.4, store.come_back)
            return await asyncio.gather(*(client.request("POST", f"/{n}", leaving=leaving) for n in range(4)))

        answers = asked(store, work)
        assert [answer.status for answer in answers] == [200] * 4
        assert sorted(store.heard[1:]) == [f"POST /stores/abc/v3/{n} HTTP/1.1" for n in range(4)]
        assert recorded > 4  # each try is recorded anew


def test_a_store_that_stays_away_is_given_up_after_the_outage() -> None:
    with scripted_store(OK) as store:

        async def work(client: StoreClient) -> float:
            await client.request("GET", "/first")
            store.go_away()
            begun = time.monotonic()
            with pytest.raises(StoreStoppedError, match="cannot be reached"):
                await client.change("PUT", "/x")
            return time.monotonic() - begun

        assert 0.5 <= asked(store, work, replace(QUICK, outage=0.5)) < 3


def test_the_wait_for_a_store_that_is_away_is_told_once_and_so_is_its_return() -> None:
    with scripted_store(OK) as store:
        said: list[str] = []

        async def work(client: StoreClient) -> None:
            await client.request("GET", "/first")
            assert said == []
            store.go_away()
            loop = asyncio.get_running_loop()
            loop.call_later(0.2, lambda: lengths.append(client.seconds_for(1)))
            loop.call_later(0.4, store.come_back)
            await asyncio.gather(*(client.request("POST", f"/{n}") for n in range(4)))
            lengths.append(client.seconds_for(1))

        lengths: list[float] = []
        asked(store, work, replace(QUICK, outage=120.0), say=said.append)
    assert lengths == [math.inf, pytest.approx(0, abs=1)]
    waiting, back = said
    assert waiting == (
        "The store cannot be reached at the moment. Waiting for it, up to 2 minutes; nothing is lost. Ctrl-C stops."
    )
    assert back.startswith("The store is back after ")


def test_a_store_that_never_answered_is_given_up_soon() -> None:
    with scripted_store(OK) as store:
        store.go_away()
        begun = time.monotonic()
        with pytest.raises(StoreStoppedError, match="cannot be reached"):
            asked(store, lambda client: client.read("/x"), replace(QUICK, outage=300.0))
        assert time.monotonic() - begun < 3


def test_the_stop_ends_the_wait_for_a_store_that_is_away() -> None:
    with scripted_store(OK) as store:
        stop = asyncio.Event()

        async def work(client: StoreClient) -> Any:
            await client.request("GET", "/first")
            store.go_away()
            asyncio.get_running_loop().call_later(0.2, stop.set)
            return await client.request("POST", "/x")

        upload = replace(QUICK, first_backoff=30.0, longest_backoff=30.0, outage=300.0)
        assert asked(store, work, upload, stop) == NotSent()


def test_a_500_that_means_the_limit_holds_everybody_for_a_moment() -> None:
    with scripted_store(reply("500 Oops", b'{"title": "Rate limit exceeded"}'), OK) as store:

        async def work(client: StoreClient) -> float:
            await client.request("GET", "/first")
            begun = time.monotonic()
            await client.request("GET", "/second")
            return time.monotonic() - begun

        assert 0.9 <= asked(store, work) < 2


def test_after_trouble_fewer_requests_are_under_way() -> None:
    with scripted_store(reply("503 Service Unavailable")) as store:

        async def work(client: StoreClient) -> int:
            await client.request("GET", "/x")
            await client.request("GET", "/x")
            return client._concurrency.limit

        assert asked(store, work) == 2
