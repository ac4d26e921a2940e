"""What a watcher is told of every command alike: its stages, and that time passes."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from importer.progress import Watcher

_BEAT = 1.0
"""Seconds between two signs of life."""


@contextmanager
def stage(watcher: Watcher, name: str, total: int) -> Iterator[None]:
    """Tell the watcher of a stage (see `Watcher.begin`) that lasts as long as the block, however that ends."""
    watcher.begin(name, total)
    try:
        yield
    finally:
        watcher.end()


@asynccontextmanager
async def heartbeat(watcher: Watcher) -> AsyncIterator[None]:
    """Let the watcher show the time passing while nothing else happens, such as a wait for the store's quota."""
    heart = asyncio.create_task(_beat(watcher))
    try:
        yield
    finally:
        heart.cancel()
        await asyncio.gather(heart, return_exceptions=True)


async def _beat(watcher: Watcher) -> None:
    while True:
        await asyncio.sleep(_BEAT)
        watcher.advance(0)
