"""The store's request quota: a fixed window that starts with the first request in it."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from importer.sandbox.other_client import OtherClient
from importer.sandbox.records import WindowRecord


@dataclass(slots=True)
class _Count:
    """What was counted in one window."""

    opened: float
    quota: int
    used: int = 0
    others: int = 0
    refused: int = 0


class Window:
    """Counts requests in windows of fixed length.

    BigCommerce docs, API rate limits: four headers come with every answer, and 429 once the quota is used up. The
    quota belongs to the store, so that the requests of its other clients count as well.

    Args:
        quota: requests allowed in one window.
        window_ms: the length of a window in milliseconds.
        clock: seconds from any start, never going back.
        other: another client of the same store.
    """

    def __init__(
        self,
        quota: int,
        window_ms: int,
        clock: Callable[[], float] = time.monotonic,
        other: OtherClient | None = None,
    ) -> None:
        self._window_ms = window_ms
        self._clock = clock
        self._other = other
        self._end = -math.inf
        self._now = _Count(-math.inf, quota)
        self._counts: list[_Count] = []

    def take(self) -> bool:
        """Count one request; whether it is within the quota."""
        now = self._clock()
        self._let_other(now)
        if now >= self._end:
            self._open(now)
        if self._now.used >= self._now.quota:
            self._now.refused += 1
            return False
        self._now.used += 1
        return True

    def give_back(self) -> None:
        """Do not count the request that was taken just now."""
        self._now.used -= 1

    def change(self, quota: int) -> None:
        """Another quota from now on; what this window has counted stays counted."""
        self._now.quota = quota

    def headers(self) -> dict[str, str]:
        """The four headers as they stand now."""
        now = self._clock()
        self._let_other(now)
        return {
            "X-Rate-Limit-Time-Window-Ms": str(self._window_ms),
            "X-Rate-Limit-Time-Reset-Ms": str(self._reset_ms(now)),
            "X-Rate-Limit-Requests-Quota": str(self._now.quota),
            "X-Rate-Limit-Requests-Left": str(max(0, self._now.quota - self._now.used)),
        }

    def retry_after(self) -> str:
        """Whole seconds until the quota is fresh, rounded up (BigCommerce docs: `X-Retry-After`)."""
        return str(max(1, math.ceil(self._reset_ms(self._clock()) / 1000)))

    def records(self) -> list[WindowRecord]:
        """What was counted so far, window by window."""
        return [WindowRecord(it.opened, it.quota, it.used, it.others, it.refused) for it in list(self._counts)]

    def _open(self, at: float) -> None:
        self._now = _Count(at, self._now.quota)
        self._counts.append(self._now)
        self._end = at + self._window_ms / 1000
        if self._other is not None:
            self._other.plan(self._now.quota, at, self._end)

    def _let_other(self, now: float) -> None:
        """Count what the other client has asked for until `now`; it opens windows as any client does."""
        if self._other is None or not self._counts:
            return
        while True:
            for requests in self._other.until(min(now, self._end)):
                taken = min(requests, max(0, self._now.quota - self._now.used))
                self._now.used += taken
                self._now.others += taken
            following = self._other.following
            if now < self._end or following > now:
                return
            self._open(following)

    def _reset_ms(self, now: float) -> int:
        return max(0, math.ceil((self._end - now) * 1000)) if self._end > -math.inf else self._window_ms
