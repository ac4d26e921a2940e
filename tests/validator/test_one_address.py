"""No address condemns its host: whatever a few addresses do, the good ones beside them pass."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest
from aiohttp import web

from importer.models import Checked
from tests.validator.image_host import ImageHost, checked, code, detail, picture

Bad = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


def refusing(status: int, wait: str = "") -> Bad:
    async def answer(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=status, headers={"Retry-After": wait} if wait else {})

    return answer


async def hanging(_request: web.BaseRequest) -> web.StreamResponse:
    await asyncio.sleep(60)
    raise AssertionError


async def resetting(request: web.BaseRequest) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    raise ConnectionResetError


def host(bad: Bad, places: Sequence[int]) -> ImageHost:
    """A host whose pictures are well, but for those at some places."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        await asyncio.sleep(0.01)
        return await bad(request) if int(request.path[1:-4]) in places else picture(request)

    return ImageHost("a.example", answer)


def ends(bad: Bad, places: Sequence[int], count: int = 31) -> list[Checked]:
    """The verdicts on so many pictures of such a host."""
    return checked([host(bad, places)], [f"http://a.example/{number}.jpg" for number in range(count)], timeout=0.4)


def rows(items: list[Checked]) -> dict[str, list[int]]:
    """Which rows came to which end."""
    found: dict[str, list[int]] = {}
    for number, item in enumerate(items):
        found.setdefault(code(item), []).append(number)
    return found


@pytest.mark.parametrize("place", [0, 15, 30], ids=["first", "middle", "last"])
@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        (refusing(429, "1"), "http_error"),
        (refusing(429, "3600"), "http_error"),
        (refusing(503, "1"), "http_error"),
        (refusing(503, "3600"), "http_error"),
        (hanging, "read_timeout"),
        (resetting, "connection_lost"),
    ],
    ids=["429", "429 for an hour", "503", "503 for an hour", "hanging", "resetting"],
)
def test_one_bad_address_is_rejected_alone(bad: Bad, expected: str, place: int) -> None:
    items = ends(bad, [place])
    assert rows(items) == {"ok": [number for number in range(31) if number != place], expected: [place]}
    assert "not tried" not in detail(items[place])


@pytest.mark.long
@pytest.mark.parametrize(
    ("bad", "expected"),
    [(refusing(429), "http_error"), (refusing(503), "http_error")],
    ids=["429 without a time", "503 without a time"],
)
def test_one_address_that_is_refused_for_ever_without_a_time_is_rejected_alone(bad: Bad, expected: str) -> None:
    assert rows(ends(bad, [0])) == {"ok": [*range(1, 31)], expected: [0]}


@pytest.mark.parametrize(
    ("bad", "expected"),
    [(refusing(429, "3600"), "http_error"), (refusing(503, "3600"), "http_error"), (hanging, "read_timeout")],
    ids=["429 for an hour", "503 for an hour", "hanging"],
)
def test_many_bad_addresses_that_lie_together_are_rejected_alone(bad: Bad, expected: str) -> None:
    """They are the first that the host is asked for, and more than would give it up if it refused the others too."""
    assert rows(ends(bad, range(10), 40)) == {"ok": [*range(10, 40)], expected: [*range(10)]}


@pytest.mark.parametrize("bad", [refusing(429, "1"), refusing(503, "1")], ids=["429", "503"])
def test_an_address_that_is_refused_for_ever_is_asked_for_a_few_times(bad: Bad) -> None:
    one = host(bad, [3])
    checked([one], [f"http://a.example/{number}.jpg" for number in range(10)])
    assert 2 <= [path for path, _, _ in one.asked].count("/3.jpg") <= 5
