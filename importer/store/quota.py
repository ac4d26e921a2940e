"""The store's request quota: one budget for all workers, drawn down before a request leaves, corrected by answers."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

from importer.net import retry_after_seconds, waited

_MARGIN = 0.05
"""Seconds added to every wait, so that a request does not arrive in the last moment of the old window."""

_BARE_429_WAIT = 1.0
"""Seconds that everybody waits after a 429 that names no wait; who met it backs off for longer by itself."""


class Quota:
    """A shared budget of requests in the store's current window.

    BigCommerce docs, API rate limits: `X-Rate-Limit-Time-Window-Ms`, `-Time-Reset-Ms`, `-Requests-Quota` and
    `-Requests-Left` come with every answer; the quota differs by plan and changes as other apps come and go.

    Args:
        clock: seconds from any start, never going back.
        sleep: waits for a number of seconds.
        stop: once set, nobody waits for a turn any more.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        stop: asyncio.Event | None = None,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._stop = stop or asyncio.Event()
        self._left: int | None = None
        self._quota = 0
        self._window = 0.0
        self._window_end = 0.0
        self._not_before = 0.0
        self._metered = True
        self._probing = False
        self._known = asyncio.Event()

    async def take(self) -> bool:
        """Wait until one request may leave, and draw it from the budget.

        Until the first answer has told the quota, one request at a time goes out.

        Returns:
            whether it may leave; False where the stop was set while it waited.
        """
        while True:
            now = self._clock()
            if now < self._not_before:
                wait = self._sleep(self._not_before - now)
            elif not self._metered:
                return True
            elif self._left is None:
                if not self._probing:
                    self._probing = True
                    self._known.clear()
                    return True
                wait = self._known.wait()
            elif self._left > 0:
                self._left -= 1
                return True
            elif now >= self._window_end:
                self._left, self._window_end = self._quota, now + self._window
                continue
            else:
                wait = self._sleep(self._window_end - now + _MARGIN)
            if not await waited(wait, self._stop):
                return False

    def answered(self, status: int, headers: Mapping[str, str]) -> None:
        """Correct the budget by an answer's headers; a 429 holds every worker until the store may be asked again."""
        self._probing = False
        self._known.set()
        numbers = _window_numbers(headers)
        now = self._clock()
        if numbers is not None:
            self._metered = True
            self._correct(now, *numbers)
        elif self._left is None:
            self._metered = False
        if status == 429:
            wait = retry_after(headers)
            self._hold(_BARE_429_WAIT if wait is None else wait)

    def unanswered(self) -> None:
        """A request ended without an answer: let the next one find out the quota."""
        self._probing = False
        self._known.set()

    def _hold(self, seconds: float) -> None:
        self._not_before = max(self._not_before, self._clock() + seconds + _MARGIN)
        if self._left is not None:
            self._left, self._window_end = 0, self._not_before

    def _correct(self, now: float, window: float, reset: float, quota: int, left: int) -> None:
        end = now + reset
        stale = self._left is not None and end < self._window_end - window / 2
        if stale:
            # The answer to a request of the window before: its "nothing left" must not stop this one.
            return
        same = self._left is not None and end < self._window_end + window / 2
        self._quota, self._window = max(1, quota), window
        self._left = min(self._left or 0, left) if same else left
        self._window_end = end


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait after a 429: the longest that the headers name, or None where they name nothing.

    BigCommerce docs, migration guide: "If both X-Retry-After and X-Rate-Limit-Time-Reset-Ms are present, honor the
    longer"; a plain Retry-After (RFC 9110, 10.2.3: seconds or a date) is taken as well.
    """
    waits = [retry_after_seconds(headers.get(name, "")) for name in ("X-Retry-After", "Retry-After")]
    reset = _number(headers.get("X-Rate-Limit-Time-Reset-Ms", ""))
    waits.append(None if reset is None else reset / 1000)
    known = [wait for wait in waits if wait is not None]
    return max(known) if known else None


def _window_numbers(headers: Mapping[str, str]) -> tuple[float, float, int, int] | None:
    names = ("Time-Window-Ms", "Time-Reset-Ms", "Requests-Quota", "Requests-Left")
    numbers = [_number(headers.get(f"X-Rate-Limit-{name}", "")) for name in names]
    window, reset, quota, left = numbers
    if window is None or reset is None or quota is None or left is None:
        return None
    return window / 1000, reset / 1000, quota, left


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
