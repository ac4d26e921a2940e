"""Work that many ask for and that is done once."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class SingleFlight(Generic[K, V]):
    """Does `work` once for each key; whoever asks meanwhile waits for the same result, or the same exception."""

    def __init__(self, work: Callable[[K], Coroutine[Any, Any, V]]) -> None:
        self._work = work
        self._tasks: dict[K, asyncio.Task[V]] = {}

    async def get(self, key: K) -> V:
        """The result for `key`. Cancelling one who waits does not cancel the work."""
        if key not in self._tasks:
            self._tasks[key] = asyncio.create_task(self._work(key))
        return await asyncio.shield(self._tasks[key])

    def forget(self, key: K) -> None:
        """Do the work for `key` once more when it is asked for again."""
        self._tasks.pop(key, None)

    async def close(self) -> None:
        """Cancel what nobody will wait for any more."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
