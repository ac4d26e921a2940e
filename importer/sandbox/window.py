"""The store's request quota: a fixed window that starts with the first request in it."""

import math
import time
from collections.abc import Callable


class Window:
    """Counts requests in windows of fixed length.

    BigCommerce docs, API rate limits: four headers come with every answer, and 429 once the quota is used up.

    Args:
        quota: requests allowed in one window.
        window_ms: the length of a window in milliseconds.
        clock: seconds from any start, never going back.
    """

    def __init__(self, quota: int, window_ms: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._quota = quota
        self._window_ms = window_ms
        self._clock = clock
        self._end = -math.inf
        self._left = quota

    def take(self) -> bool:
        """Count one request; whether it is within the quota."""
        now = self._clock()
        if now >= self._end:
            self._end, self._left = now + self._window_ms / 1000, self._quota
        self._left -= 1
        return self._left >= 0

    def headers(self) -> dict[str, str]:
        """The four headers as they stand now."""
        return {
            "X-Rate-Limit-Time-Window-Ms": str(self._window_ms),
            "X-Rate-Limit-Time-Reset-Ms": str(self._reset_ms()),
            "X-Rate-Limit-Requests-Quota": str(self._quota),
            "X-Rate-Limit-Requests-Left": str(max(0, self._left)),
        }

    def retry_after(self) -> str:
        """Whole seconds until the quota is fresh, rounded up (BigCommerce docs: `X-Retry-After`)."""
        return str(max(1, math.ceil(self._reset_ms() / 1000)))

    def _reset_ms(self) -> int:
        return max(0, math.ceil((self._end - self._clock()) * 1000)) if self._end > -math.inf else self._window_ms
