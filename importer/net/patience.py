"""Patience with many answers at once: one timer for all of them instead of one for each."""

import asyncio
from collections import deque
from types import TracebackType


class Patience:
    """Bounds any number of waits to the same length, so that they run out in the order they began.

    A timer for each request, as `asyncio.timeout` and aiohttp have it, costs a twentieth of the whole request.

    Args:
        seconds: how long each wait may last.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._waits: deque[Wait] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def wait(self) -> "Wait":
        """A wait that begins now; use it in a `with` block, which raises TimeoutError once its time is up."""
        loop = asyncio.get_running_loop()
        wait = Wait(loop.time() + self.seconds)
        self._waits.append(wait)
        if self._timer is None:
            self._timer = loop.call_at(wait.until, self._look)
        return wait

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waits and (self._waits[0].over or self._waits[0].until <= loop.time()):
            self._waits.popleft().expire()
        self._timer = loop.call_at(self._waits[0].until, self._look) if self._waits else None


class Wait:
    """One wait of a `Patience`.

    Attributes:
        until: when its time is up, in seconds of the loop's clock.
        over: whether what was waited for came, or is not waited for any more.
    """

    __slots__ = ("_cancelling", "_expired", "_task", "over", "until")

    def __init__(self, until: float) -> None:
        self.until = until
        self.over = False
        self._expired = False
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("only a task can wait")
        self._task = task
        self._cancelling = task.cancelling()

    def expire(self) -> None:
        """The time is up: interrupt what is still waited for."""
        if not self.over:
            self._expired = True
            self._task.cancel()

    def __enter__(self) -> "Wait":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.over = True
        # Somebody else may have cancelled the task meanwhile: then it is cancelled, and not late.
        if self._expired and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error
