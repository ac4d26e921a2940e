"""What a watcher is told of every command alike: its stages, and that time passes."""

import asyncio
import math
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from importer.progress import Remaining, Watcher
from importer.store import StoreClient

_BEAT = 0.5
"""Seconds between two signs of life; a countdown of whole seconds needs no more."""


@contextmanager
def stage(watcher: Watcher, name: str, total: int | None, remaining: Remaining | None = None) -> Iterator[None]:
    """Tell the watcher of a stage (see `Watcher.begin`) that lasts as long as the block, however that ends."""
    watcher.begin(name, total)
    if remaining is not None:
        watcher.expect(remaining)
    try:
        yield
    finally:
        watcher.end()


def by_requests_so_far(client: StoreClient, total: int, least: float = 0.0) -> Remaining:
    """How long the quota holds up the rest of a stage that begins now, if that asks as much as what is done.

    Args:
        client: the store that the stage asks.
        total: what the stage has to do.
        least: requests that each of these takes at least, for the time before the first is done.
    """
    before = _requests(client)

    def remaining(done: int) -> float:
        each = max(least, (_requests(client) - before) / done) if done else least
        return client.seconds_for(math.ceil(each * (total - done)))

    return remaining


def _requests(client: StoreClient) -> int:
    return sum(client.traffic.requests) if client.traffic else 0


@asynccontextmanager
async def heartbeat(watcher: Watcher, stop: asyncio.Event) -> AsyncIterator[None]:
    """Let the watcher show the time passing while nothing else happens, such as a wait for the store's quota.

    Args:
        watcher: who shows it.
        stop: once set, nobody waits any more, which the watcher is told.
    """
    heart = asyncio.create_task(_beat(watcher, stop))
    try:
        yield
    finally:
        heart.cancel()
        await asyncio.gather(heart, return_exceptions=True)


async def _beat(watcher: Watcher, stop: asyncio.Event) -> None:
    while True:
        await asyncio.sleep(_BEAT)
        if stop.is_set():
            watcher.wait(0.0, "")
        watcher.advance(0)
