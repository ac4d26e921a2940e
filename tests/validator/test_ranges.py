"""Hosts that refuse to send the start of a file but send the file: asked once more, and never read to the end."""

import pytest
from aiohttp import web

from tests.picture_host import PICTURE
from tests.validator.image_host import ImageHost, checked, code, detail, picture

STATUSES = [400, 401, 403, 404, 405, 406, 410, 412, 416, 417, 418, 500, 501, 502, 503, 504, 505, 520, 204, 304]


def no_ranges(status: int, headers: dict[str, str] | None = None, body: bytes = PICTURE) -> ImageHost:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if "Range" in request.headers:
            return web.Response(status=status, headers=headers)
        return web.Response(body=body, content_type="image/jpeg")

    return ImageHost("a.example", answer)


@pytest.mark.parametrize("status", STATUSES)
def test_a_host_that_refuses_ranges_is_asked_without(status: int) -> None:
    host = no_ranges(status)
    (item,) = checked([host], ["http://a.example/x.jpg"])
    assert code(item) == "ok", detail(item)
    assert item.finding is not None
    assert (item.finding.http_status, item.finding.size) == (200, len(PICTURE))
    assert [bool(asked) for _, _, asked in host.asked] == [True, False]


def test_a_refusal_of_ranges_that_asks_for_patience_is_met_with_patience_and_without_a_range() -> None:
    (item,) = checked([no_ranges(503, {"Retry-After": "1"})], ["http://a.example/x.jpg"])
    assert code(item) == "ok"


def test_a_host_that_drops_whoever_asks_for_a_range_is_asked_without() -> None:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if "Range" in request.headers:
            assert request.transport is not None
            request.transport.abort()
            raise ConnectionResetError
        return picture(request)

    (item,) = checked([ImageHost("a.example", answer)], ["http://a.example/x.jpg"])
    assert code(item) == "ok"


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_host_that_always_refuses_ranges_is_soon_asked_without_at_once(status: int) -> None:
    host = no_ranges(status)
    items = checked([host], [f"http://a.example/{number}.jpg" for number in range(60)], per_host=1)
    assert {code(item) for item in items} == {"ok"}
    assert len(host.asked) == 63


@pytest.mark.parametrize("status", [500, 502, 503])
def test_many_pictures_of_a_host_that_refuses_ranges_as_if_it_were_down_are_asked_twice_at_most(status: int) -> None:
    host = no_ranges(status)
    items = checked([host], [f"http://a.example/{number}.jpg" for number in range(60)])
    assert {code(item) for item in items} == {"ok"}
    assert len(host.asked) <= 120


def test_pictures_that_are_not_there_cost_a_bounded_number_of_second_requests() -> None:
    async def missing(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=404)

    host = ImageHost("a.example", missing)
    items = checked([host], [f"http://a.example/{number}.jpg" for number in range(200)], per_host=1)
    assert {code(item) for item in items} == {"http_not_found"}
    assert len(host.asked) <= 220


def test_a_file_that_is_given_whole_alone_is_not_downloaded_whole() -> None:
    sent = 0

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        nonlocal sent
        if "Range" in request.headers:
            return web.Response(status=403)
        response = web.StreamResponse(headers={"Content-Length": "7000000", "Content-Type": "image/jpeg"})
        await response.prepare(request)
        await response.write(PICTURE)
        for _ in range(400):
            await response.write(bytes(17_000))
            sent += 17_000
        return response

    (item,) = checked([ImageHost("a.example", answer)], ["http://a.example/x.jpg"])
    assert code(item) == "ok", detail(item)
    assert item.finding is not None
    assert item.finding.size == 7_000_000
    # As much as fits into the buffers between the two.
    assert sent < 6_000_000


def test_the_redirect_of_a_whole_file_is_followed() -> None:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if "Range" in request.headers:
            return web.Response(status=403)
        if request.path == "/x.jpg":
            return web.Response(status=302, headers={"Location": "/y.jpg"})
        return picture(request)

    (item,) = checked([ImageHost("a.example", answer)], ["http://a.example/x.jpg"])
    assert code(item) == "ok"
