"""Many tasks wait for the disk together: one commit and one sync for all that came in while the last was under way."""

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

_TOGETHER = 0.002
"""Seconds for which a group waits for more to come; a sync takes about as long."""
_Waiter = asyncio.Future[None]


class GroupCommit:
    """Brings what tasks have written to the disk, a group at a time, while the event loop goes on.

    It belongs to no event loop until a task waits, and may outlive one: what waited in a closed loop is let go.

    Args:
        commit: ends the open transaction; called in the event loop's thread. Must not raise.
        sync: returns when all that was committed is on the disk; called in a thread of its own. Must not raise.
    """

    def __init__(self, commit: Callable[[], None], sync: Callable[[], None]) -> None:
        self._commit = commit
        self._sync = sync
        self._thread = ThreadPoolExecutor(1, "journal")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: list[_Waiter] = []
        self._busy = False
        self._closed = False

    async def on_disk(self) -> None:
        """Wait until everything written before this call was committed and synced; at once when closed."""
        if self._closed:
            return
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._waiting, self._busy = loop, [], False
        waiter = loop.create_future()
        self._waiting.append(waiter)
        if not self._busy:
            self._busy = True
            # Not at once: what is asked for shortly after shall be in the same group.
            loop.call_later(_TOGETHER, self._cut, loop)
        await waiter

    def _cut(self, loop: asyncio.AbstractEventLoop) -> None:
        group, self._waiting = self._waiting, []
        if self._closed:
            self._done(loop, group)
            return
        self._commit()

        def tell(_: "Future[None]") -> None:
            with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile, and its tasks with it
                loop.call_soon_threadsafe(self._done, loop, group)

        self._thread.submit(self._sync).add_done_callback(tell)

    def _done(self, loop: asyncio.AbstractEventLoop, group: list[_Waiter]) -> None:
        for waiter in group:
            if not waiter.done():  # its task was cancelled
                waiter.set_result(None)
        self._busy = bool(self._waiting)
        if self._waiting:
            self._cut(loop)

    def close(self) -> None:
        """Wait for the sync under way; from then on nobody waits any more."""
        self._closed = True
        self._thread.shutdown()
