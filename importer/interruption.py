"""Ctrl-C, and SIGTERM like it: once, what is under way finishes; twice, everything stops now.

While the report is written, likewise.
"""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
"""Ctrl-C, and what `kill`, a shutdown or a container's stop sends."""


class AbandonedError(Exception):
    """Ctrl-C was pressed twice while the report was being written."""


class Interruption:
    """Counts Ctrl-C while a run is under way.

    Args:
        say: shows the person a sentence.

    Attributes:
        count: the presses before the report.
        abandoned: whether those during the report have ended it.
        terminated: whether one of them was no press but the system's request to end (SIGTERM).
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self.count = 0
        self.abandoned = False
        self.terminated = False
        self._late: int | None = None
        self._told = False
        self._say = say
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._task: asyncio.Task[Any] | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> "Interruption":
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._pressed) for number in _SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    @property
    def cause(self) -> str:
        """What ended the run, as a sentence."""
        return "Stopped by the system (SIGTERM)." if self.terminated else "Stopped by Ctrl-C."

    @contextmanager
    def aside(self) -> Iterator[None]:
        """While a person is asked something, Ctrl-C is the answer: it counts, and raises KeyboardInterrupt as usual."""
        for number in self._before:
            signal.signal(number, self._answered)
        try:
            yield
        except KeyboardInterrupt:
            self.count += 1
            raise
        finally:
            for number in self._before:
                signal.signal(number, self._pressed)

    def guard(self, task: asyncio.Task[Any], stop: asyncio.Event) -> None:
        """From now on the first Ctrl-C sets `stop` and the second cancels `task`."""
        self._loop, self._task, self._stop = asyncio.get_running_loop(), task, stop
        if self.count:
            stop.set()

    def begin_report(self) -> None:
        """From now on the run is over, and a press is about the writing of the report alone: see `heed`."""
        self._late = 0

    def heed(self) -> None:
        """To be called now and then while the report is written: answer what was pressed meanwhile.

        The report says what a run has done, so one press does not cost it; who presses again can do without.

        Raises:
            AbandonedError: Ctrl-C was pressed twice.
        """
        if self._late and not self._told:
            self._told = True
            self._say("The report is being written; a moment. Press Ctrl-C again to leave it unwritten.")
        if self._late and self._late > 1:
            self.abandoned = True
            raise AbandonedError

    def _answered(self, number: int, _frame: FrameType | None) -> NoReturn:
        self.terminated = self.terminated or number == signal.SIGTERM
        raise KeyboardInterrupt

    def _pressed(self, number: int, _frame: FrameType | None) -> None:
        self.terminated = self.terminated or number == signal.SIGTERM
        if self._late is not None:
            # Said by `heed`: here, the stream may be in the middle of another line.
            self._late += 1
            return
        self.count += 1
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._act, self.count)

    def _act(self, press: int) -> None:
        if self._stop is None or self._task is None:
            return
        self._stop.set()
        if press == 1:
            self._say("Stopping: what is under way will finish. Press Ctrl-C again to stop at once.")
        else:
            self._task.cancel()
