"""Hosts that can bear only so much: the check finds out how much that is, and loses none of their pictures over it."""

import asyncio
import time

import pytest
from aiohttp import web

from importer.models import Checked, ImageRow
from importer.settings import CheckSettings, ConnectTo, NetworkSettings
from importer.validator import check
from tests.picture_host import PICTURE
from tests.validator.image_host import Handler, ImageHost, checked, code, detail, picture, serving


def addresses(host: str, count: int) -> list[str]:
    return [f"http://{host}/{number}.jpg" for number in range(count)]


def limiter(rate: float, burst: int, status: int) -> Handler:
    """As nginx's `limit_req`: a bucket of `burst` requests that is filled again at `rate` a second."""
    left, seen = float(burst), time.monotonic()

    async def serve(request: web.BaseRequest) -> web.StreamResponse:
        nonlocal left, seen
        now = time.monotonic()
        left, seen = min(burst, left + (now - seen) * rate), now
        if left < 1:
            return web.Response(status=status)
        left -= 1
        return picture(request)

    return serve


@pytest.mark.long
@pytest.mark.parametrize("status", [503, 429])
def test_a_limit_on_requests_that_says_nothing_costs_no_picture(status: int) -> None:
    host = ImageHost("a.example", limiter(20, 5, status))
    items = checked([host], addresses("a.example", 40))
    assert [code(item) for item in items] == ["ok"] * 40
    assert len(host.asked) < 80


@pytest.mark.parametrize("most", [1, 2, 4])
def test_a_limit_on_requests_at_once_costs_no_picture(most: int) -> None:
    busy = 0

    async def serve(request: web.BaseRequest) -> web.StreamResponse:
        nonlocal busy
        if busy >= most:
            assert request.transport is not None
            request.transport.abort()
            raise ConnectionResetError
        busy += 1
        try:
            await asyncio.sleep(0.01)
            return picture(request)
        finally:
            busy -= 1

    items = checked([ImageHost("a.example", serve)], addresses("a.example", 60), timeout=4.0)
    assert [code(item) for item in items] == ["ok"] * 60


@pytest.mark.long
def test_a_host_that_is_always_too_busy_is_put_aside() -> None:
    async def busy(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=429)

    host, good = ImageHost("busy.example", busy), ImageHost("good.example", limiter(1e9, 10**9, 503))
    items = checked([host, good], addresses("busy.example", 300) + addresses("good.example", 50))
    assert {code(item) for item in items[:300]} == {"http_error"}
    assert {code(item) for item in items[300:]} == {"ok"}
    assert len(host.asked) <= 4
    assert detail(items[0]) == "busy.example answered 429 Too Many Requests."
    assert detail(items[299]) == "busy.example answered 429 Too Many Requests. So this address was not tried."


@pytest.mark.parametrize("status", [429, 503])
def test_a_host_that_wants_an_hour_is_given_up_after_three_addresses(status: int) -> None:
    """One address alone might be all that it refuses."""

    async def busy(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=status, headers={"Retry-After": "3600"})

    host = ImageHost("busy.example", busy)
    items = checked([host], addresses("busy.example", 50))
    assert {code(item) for item in items} == {"http_error"}
    assert all("asks to be left alone for 3,600 seconds" in detail(item) for item in items)
    assert len({path for path, _, _ in host.asked}) == 3
    assert sum("was not tried" in detail(item) for item in items) == 47


@pytest.mark.parametrize("wait", ["0", "-1", "Thu, 01 Jan 2015 00:00:00 GMT", "soon"])
def test_a_retry_after_that_is_over_already_is_a_second_all_the_same(wait: str) -> None:
    async def busy_once(request: web.BaseRequest) -> web.StreamResponse:
        if len(host.asked) == 1:
            return web.Response(status=429, headers={"Retry-After": wait})
        return picture(request)

    host = ImageHost("busy.example", busy_once)
    assert [code(item) for item in checked([host], addresses("busy.example", 1))] == ["ok"]
    assert host.times[1] - host.times[0] >= 0.95


@pytest.mark.long
def test_addresses_that_are_down_for_good_do_not_hold_up_their_host() -> None:
    async def half(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=503) if int(request.path[1:-4]) % 2 else picture(request)

    started = time.monotonic()
    items = checked([ImageHost("a.example", half)], addresses("a.example", 200))
    assert [code(item) for item in items] == ["ok", "http_error"] * 100
    # A pause after each of them would take minutes.
    assert time.monotonic() - started < 60


def test_a_few_hanging_files_do_not_condemn_their_host() -> None:
    async def serve(request: web.BaseRequest) -> web.StreamResponse:
        if request.path in {"/20.jpg", "/21.jpg", "/22.jpg"}:
            await asyncio.sleep(60)
        await asyncio.sleep(0.02)
        return picture(request)

    items = checked([ImageHost("a.example", serve)], addresses("a.example", 200), timeout=0.8)
    assert [item.row.row - 2 for item in items if code(item) != "ok"] == [20, 21, 22]


@pytest.mark.long
def test_a_deep_check_over_a_slow_line_loses_no_picture() -> None:
    body = PICTURE + bytes(200_000)
    line = asyncio.Lock()

    async def serve(_request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(len(body))})
        await response.prepare(_request)
        for start in range(0, len(body), 20_000):
            async with line:
                await asyncio.sleep(0.01)
            await response.write(body[start : start + 20_000])
        return response

    items = checked([ImageHost("a.example", serve)], addresses("a.example", 24), timeout=0.7, deep=True)
    assert [code(item) for item in items] == ["ok"] * 24


def test_a_small_file_that_takes_long_to_understand_does_not_harm_other_hosts() -> None:
    hostile = [
        (b"<!--" + b"--><!DOCTYPE svg>" * 5_000)[:65_536],
        (b"#define a_width 1 " * 5_000)[:65_536],
        (b"/*" + b"*/ " * 30_000)[:65_536],
    ]

    async def serve(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=hostile[int(request.path[1:-4]) % 3])

    async def soon(request: web.BaseRequest) -> web.StreamResponse:
        await asyncio.sleep(0.01)
        return picture(request)

    hosts = [ImageHost("bad.example", serve), ImageHost("good.example", soon)]
    items = checked(hosts, addresses("bad.example", 30) + addresses("good.example", 100), timeout=1.0)
    assert {code(item) for item in items[:30]} <= {"not_an_image", "image_truncated"}
    assert {code(item) for item in items[30:]} == {"ok"}


def test_both_ports_of_a_host_share_its_places() -> None:
    """One server stands for both ports, and counts."""

    async def slow(request: web.BaseRequest) -> web.Response:
        await asyncio.sleep(0.02)
        return picture(request)

    host = ImageHost("a.example", slow)

    async def work() -> list[Checked]:
        async with serving(host):
            ports = tuple(ConnectTo("a.example", port, "127.0.0.1", host.port) for port in (80, 8080))
            urls = [f"http://a.example{port}/{number}.jpg" for number in range(30) for port in ("", ":8080")]
            rows = [ImageRow("", number, 1, "", url, url) for number, url in enumerate(urls, start=2)]
            return await check(rows, CheckSettings(per_host=3, timeout=2.0), NetworkSettings(None, ports))

    assert {code(item) for item in asyncio.run(work())} == {"ok"}
    assert host.most_at_once == 3
