"""Waiting for something, but no longer than until the run is stopped."""

import asyncio
from collections.abc import Awaitable


async def waited(wait: Awaitable[object], stop: asyncio.Event) -> bool:
    """Wait for something, or until the stop is set; returns whether it was waited for to its end."""
    task, stopped = asyncio.ensure_future(wait), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
        return task.done()
    finally:
        task.cancel()
        stopped.cancel()
        await asyncio.gather(task, stopped, return_exceptions=True)
