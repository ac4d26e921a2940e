"""Connecting: every address gets its chance, a dead one holds nobody up, and a failure says what it was."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from importer.net import FailureKind, translate
from importer.net.connecting import connect
from importer.net.failures import ConnectTimeoutError
from importer.sandbox.broken_hosts import BrokenHosts

LOOPBACK = "127.0.0.1"
NOWHERE = ("255.255.255.255", 9)
"""The broadcast address, which the system lets no connection go to."""


@asynccontextmanager
async def ports() -> AsyncIterator[tuple[int, int, int]]:
    """A port that takes connections, one that refuses them and one that never answers."""
    broken = BrokenHosts()
    with socket.create_server((LOOPBACK, 0)) as good:
        try:
            yield good.getsockname()[1], broken.refused(), await broken.unanswered()
        finally:
            await broken.close()


def test_a_dead_address_holds_up_no_living_one() -> None:
    async def work() -> None:
        async with ports() as (good, refused, dead):
            start = time.monotonic()
            addresses = [(LOOPBACK, dead), (LOOPBACK, refused), (LOOPBACK, good)]
            with await connect(addresses, 5.0) as connection:
                assert connection.getpeername() == (LOOPBACK, good)
            assert time.monotonic() - start < 2

    asyncio.run(work())


def test_dead_addresses_share_the_time() -> None:
    async def work() -> None:
        async with ports() as (_, refused, dead):
            start = time.monotonic()
            with pytest.raises(ConnectTimeoutError):
                await connect([(LOOPBACK, dead), (LOOPBACK, refused), (LOOPBACK, dead)], 0.5)
            assert time.monotonic() - start < 1.2

    asyncio.run(work())


@pytest.mark.parametrize("others", [[], [(LOOPBACK, 1)], [NOWHERE]], ids=["alone", "also refused", "no route"])
def test_a_refusal_is_told_from_silence(others: list[tuple[str, int]]) -> None:
    async def work() -> None:
        async with ports() as (_, refused, _):
            with pytest.raises(OSError, match=r".") as caught:
                await connect([(LOOPBACK, refused), *others], 2.0)
            assert translate(caught.value).kind is FailureKind.REFUSED

    asyncio.run(work())


def test_a_name_instead_of_an_address_is_looked_up() -> None:
    async def work() -> None:
        async with ports() as (good, _, _):
            with await connect([("localhost", good)], 2.0) as connection:
                assert connection.getpeername()[1] == good

    asyncio.run(work())
