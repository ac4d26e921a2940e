"""What a watcher is told of every command alike: its stages, and that time passes."""

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager

from importer.progress import Forecast, Watcher
from importer.store import StoreClient, lookup_requests
from importer.uploader import Plan

_BEAT = 0.5
"""Seconds between two signs of life; a countdown of whole seconds needs no more."""


@contextmanager
def stage(watcher: Watcher, name: str, total: int | None, forecast: Forecast | None = None) -> Iterator[None]:
    """Tell the watcher of a stage (see `Watcher.begin`) that lasts as long as the block, however that ends."""
    watcher.begin(name, total)
    if forecast is not None:
        watcher.expect(forecast)
    try:
        yield
    finally:
        watcher.end()


def by_requests_so_far(client: StoreClient, total: int, least: float = 0.0) -> Forecast:
    """How long the quota holds up the rest of a stage that begins now, if that asks as much as what is done.

    Args:
        client: the store that the stage asks.
        total: what the stage has to do.
        least: requests that each of these takes at least, for the time before the first is done.
    """
    before = _requests(client)

    def held_up(done: int) -> float:
        each = max(least, (_requests(client) - before) / done) if done else least
        return client.seconds_for(math.ceil(each * (total - done)))

    return Forecast(held_up)


def by_lookup(client: StoreClient, ids: Collection[int], skus: Collection[str]) -> Forecast:
    """How long the rest of a look-up takes: SKUs that are no product's own are asked for a second time, as variants'.

    Args:
        client: the store.
        ids: product ids to look up.
        skus: SKUs to look up.
    """
    first, second = lookup_requests(ids, skus)
    total, before = len(ids) + len(skus), _requests(client)

    def left(done: int) -> float:
        used = _requests(client) - before
        if used >= first:
            return second * (total - done) / total
        asked = total * used / first
        return first - used + second * (max(0.0, 1 - done / asked) if asked else 1.0)

    def share(done: int) -> float:
        used = _requests(client) - before
        return used / (used + left(done)) if used else 0.0

    return Forecast(lambda done: client.seconds_for(math.ceil(left(done))), share)


def by_plan(client: StoreClient, plan: Plan, added: Callable[[], int]) -> Forecast:
    """How long the rest of an upload takes; the pictures that the store has already are no work.

    Args:
        client: the store.
        plan: what is to be sent.
        added: how many of these pictures are done.
    """

    def held_up(_: int) -> float:
        return client.seconds_for(math.ceil(plan.requests * max(0, plan.add - added()) / plan.add)) if plan.add else 0.0

    return Forecast(held_up, (lambda _: min(1.0, added() / plan.add)) if plan.add else None)


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
