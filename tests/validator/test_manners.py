"""Manners and economy: no host is pressed, none is asked twice for nothing, and a dead one holds nobody up."""

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate

import pytest
from aiohttp import web

from importer.models import Checked, ImageRow
from importer.settings import BROWSER_AGENT, CheckSettings, ConnectTo, NetworkSettings
from importer.validator import check
from tests.picture_host import PICTURE
from tests.validator.image_host import ImageHost, checked, code, detail, picture, serving


def addresses(host: str, count: int) -> list[str]:
    return [f"http://{host}/{number}.jpg" for number in range(count)]


async def soon(request: web.BaseRequest) -> web.Response:
    await asyncio.sleep(0.02)
    return picture(request)


async def never(_request: web.BaseRequest) -> web.Response:
    await asyncio.sleep(60)
    raise AssertionError


@contextmanager
def unanswered() -> Iterator[int]:
    """A port that takes no connection: its queue is full."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        fillers = [socket.socket() for _ in range(8)]
        try:
            for filler in fillers:
                filler.setblocking(False)
                filler.connect_ex(listener.getsockname())
            yield listener.getsockname()[1]
        finally:
            for filler in fillers:
                filler.close()


def test_no_host_is_asked_for_more_than_its_share_at_once() -> None:
    hosts = [ImageHost(f"h{number}.example", soon) for number in range(3)]
    urls = [url for host in hosts for url in addresses(host.name, 30)]
    items = checked(hosts, urls, per_host=3, concurrency=32)
    assert {code(item) for item in items} == {"ok"}
    assert [host.most_at_once for host in hosts] == [3, 3, 3]
    assert [len(host.asked) for host in hosts] == [30, 30, 30]


def test_no_more_than_the_whole_share_is_under_way_at_once() -> None:
    busy = most = 0

    async def counting(request: web.BaseRequest) -> web.Response:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        await asyncio.sleep(0.02)
        busy -= 1
        return picture(request)

    hosts = [ImageHost(f"h{number}.example", counting) for number in range(6)]
    items = checked(hosts, [url for host in hosts for url in addresses(host.name, 10)], per_host=8, concurrency=4)
    assert {code(item) for item in items} == {"ok"}
    assert most == 4


def test_a_redirect_counts_for_the_host_that_it_leads_to() -> None:
    target = ImageHost("cdn.example", soon)

    async def away(request: web.BaseRequest) -> web.Response:
        return web.Response(status=302, headers={"Location": f"http://cdn.example{request.path}?{request.host}"})

    hosts = [ImageHost(f"h{number}.example", away) for number in range(4)]
    items = checked([*hosts, target], [url for host in hosts for url in addresses(host.name, 8)], per_host=2)
    assert {code(item) for item in items} == {"ok"}
    assert target.most_at_once == 2


def test_a_silent_host_is_put_aside_and_its_other_rows_say_so() -> None:
    silent, good = ImageHost("silent.example", never), ImageHost("good.example", soon)
    started = time.monotonic()
    done: dict[str, float] = {}

    def watch(item: Checked) -> None:
        done[item.row.image_url] = time.monotonic() - started

    items = checked(
        [silent, good], addresses("silent.example", 200) + addresses("good.example", 200), timeout=0.5, watch=watch
    )
    assert {code(item) for item in items[:200]} == {"read_timeout"}
    assert {code(item) for item in items[200:]} == {"ok"}
    assert "no answer in time" in detail(items[0])
    assert detail(items[-201]) == "silent.example did not answer 3 times in a row, so this address was not tried."
    assert len(silent.asked) == 3
    # The living are done long before the dead is given up, after 1.5 seconds.
    assert max(done[url] for url in addresses("good.example", 200)) < 1.4
    assert items[0].finding is not None


@pytest.mark.long
def test_many_hosts_that_take_no_connection_do_not_hold_up_the_others() -> None:
    good = ImageHost("good.example", soon)
    done: list[str] = []
    with unanswered() as port:
        names = [f"dead{number}.example" for number in range(10)]
        items = checked(
            [good],
            [f"http://{name}/{number}.jpg" for name in names for number in range(2)] + addresses("good.example", 50),
            timeout=0.4,
            concurrency=4,
            more=tuple(ConnectTo(name, 80, "127.0.0.1", port) for name in names),
            watch=lambda item: done.append(item.row.image_url),
        )
    assert {code(item) for item in items[:20]} == {"connect_timeout"}
    assert {code(item) for item in items[20:]} == {"ok"}
    # A good row never waits until all the dead ones are given up.
    assert max(done.index(url) for url in addresses("good.example", 50)) < 69


def test_one_slow_answer_does_not_put_a_host_aside() -> None:
    async def slow_now_and_then(request: web.BaseRequest) -> web.Response:
        if request.path in {"/3.jpg", "/7.jpg"}:
            await asyncio.sleep(60)
        return picture(request)

    items = checked([ImageHost("a.example", slow_now_and_then)], addresses("a.example", 12), timeout=0.3, per_host=1)
    assert [code(item) for item in items] == ["ok"] * 3 + ["read_timeout"] + ["ok"] * 3 + ["read_timeout"] + ["ok"] * 4


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("dated", [False, True])
def test_retry_after_is_honoured_for_the_whole_host(status: int, *, dated: bool) -> None:
    refused: list[float] = []

    async def busy_at_first(request: web.BaseRequest) -> web.Response:
        if len(refused) < 2:
            refused.append(time.time())
            wait = formatdate(time.time() + 2, usegmt=True) if dated else "1"
            return web.Response(status=status, headers={"Retry-After": wait})
        return picture(request)

    host = ImageHost("busy.example", busy_at_first)
    items = checked([host], addresses("busy.example", 6), per_host=2)
    assert {code(item) for item in items} == {"ok"}
    # The one that was under way beside the refused one may still come in; the next come after the pause.
    gaps = [later - earlier for earlier, later in zip(host.times, host.times[1:], strict=False)]
    assert max(gaps) >= 0.95
    assert len(host.asked) == 8


def test_a_429_without_a_time_is_waited_out_as_well() -> None:
    refused: list[str] = []

    async def busy_at_first(request: web.BaseRequest) -> web.Response:
        if not refused:
            refused.append(request.path)
            return web.Response(status=429)
        return picture(request)

    host = ImageHost("busy.example", busy_at_first)
    assert [code(item) for item in checked([host], addresses("busy.example", 2))] == ["ok", "ok"]


def test_a_host_that_wants_an_hour_is_named_instead_of_waited_for() -> None:
    async def busy(_request: web.BaseRequest) -> web.Response:
        return web.Response(status=429, headers={"Retry-After": "3600"})

    (item,) = checked([ImageHost("busy.example", busy)], addresses("busy.example", 1))
    assert code(item) == "http_error"
    assert detail(item) == "busy.example answered 429 Too Many Requests and asks to be left alone for 3,600 seconds."


def test_a_passing_error_is_looked_at_twice() -> None:
    calls: list[str] = []

    async def shaky(request: web.BaseRequest) -> web.Response:
        calls.append(request.path)
        return web.Response(status=502) if calls.count(request.path) == 1 else picture(request)

    items = checked([ImageHost("shaky.example", shaky)], addresses("shaky.example", 3))
    assert [code(item) for item in items] == ["ok"] * 3
    assert len(calls) == 6


def test_a_host_that_blocks_tools_is_told_from_one_that_forbids() -> None:
    async def browsers_only(request: web.BaseRequest) -> web.Response:
        agent = request.headers["User-Agent"]
        return picture(request) if agent.startswith("Mozilla/") else web.Response(status=403)

    async def forbidden(_request: web.BaseRequest) -> web.Response:
        return web.Response(status=403)

    blocking, closed = ImageHost("blocking.example", browsers_only), ImageHost("closed.example", forbidden)
    urls = addresses("blocking.example", 10) + addresses("closed.example", 10)
    items = checked([blocking, closed], urls, per_host=1)
    assert {code(item) for item in items} == {"http_forbidden"}
    assert detail(items[0]) == (
        "blocking.example answered 403 Forbidden to this tool, but it lets browsers in: it blocks programs, and the "
        "store may be refused too."
    )
    assert detail(items[10]) == "closed.example answered 403 Forbidden."
    assert [agent for _, agent, _ in blocking.asked].count(BROWSER_AGENT) == 1
    assert [agent for _, agent, _ in closed.asked].count(BROWSER_AGENT) == 3


def test_the_user_agent_is_honest_and_can_be_chosen() -> None:
    host = ImageHost("a.example", soon)
    checked([host], addresses("a.example", 1))
    checked([host], addresses("a.example", 1), user_agent="Ruby")
    assert [agent.partition("/")[0] for _, agent, _ in host.asked] == ["bigcommerce-image-importer", "Ruby"]


@pytest.mark.parametrize("each", [1, 10])
def test_the_number_of_open_connections_does_not_grow_with_the_number_of_hosts(each: int) -> None:
    most = 0

    async def counting(request: web.BaseRequest) -> web.Response:
        nonlocal most
        most = max(most, len(host.connections()))
        return picture(request)

    host = ImageHost("h0.example", counting)

    async def work() -> list[Checked]:
        async with serving(host):
            names = [f"h{number}.example" for number in range(300)]
            network = NetworkSettings(None, tuple(ConnectTo(name, 80, "127.0.0.1", host.port) for name in names))
            urls = [f"http://{name}/{number}.jpg" for number in range(each) for name in names]
            rows = [ImageRow("", number, 1, "", url, url) for number, url in enumerate(urls, start=2)]
            return await check(rows, CheckSettings(concurrency=16), network)

    assert {code(item) for item in asyncio.run(work())} == {"ok"}
    # Four hosts for each of the 16 places, and some connections whose end the server has not noticed yet.
    assert most < 120


@pytest.mark.parametrize(("size", "connections"), [(200_000, 1), (2_000_000, 6)])
def test_a_short_rest_is_read_to_keep_the_connection_and_a_long_one_is_not(size: int, connections: int) -> None:
    """The host ignores Range; what the check does not need is cheaper to read than to connect again, up to a point."""
    seen: set[int] = set()

    async def whole(request: web.BaseRequest) -> web.Response:
        assert request.transport is not None
        seen.add(request.transport.get_extra_info("peername")[1])
        return web.Response(body=PICTURE + bytes(size), content_type="image/jpeg")

    items = checked([ImageHost("a.example", whole)], addresses("a.example", 6), per_host=1)
    assert {code(item) for item in items} == {"ok"}
    assert len(seen) == connections
