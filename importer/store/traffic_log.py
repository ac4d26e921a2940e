"""When requests left and pictures arrived, second by second, as the report shows it."""

import math
import time
from collections import Counter
from collections.abc import Callable

from importer.models import Traffic
from importer.store.rate_limits import Pace

_MOST_STEPS = 120
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
"""Lengths of a step in seconds; the shortest that makes few enough of them is taken."""


class TrafficLog:
    """Counts in whole seconds from the first request on.

    Args:
        clock: seconds from any start, never going back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._begun: float | None = None
        self._last = 0.0
        self._requests: Counter[int] = Counter()
        self._pictures: Counter[int] = Counter()
        self._refused = 0

    def request(self) -> None:
        """A request leaves."""
        self._requests[self._second()] += 1

    def picture(self) -> None:
        """A picture has arrived in the store."""
        self._pictures[self._second()] += 1

    def refusal(self) -> None:
        """A request was turned away for the quota."""
        self._second()
        self._refused += 1

    def traffic(self, pace: Pace | None) -> Traffic | None:
        """All of it, at the store's quota as last told; None where nothing was asked."""
        if self._begun is None:
            return None
        seconds = self._last - self._begun
        step = next((step for step in _STEPS if seconds < step * _MOST_STEPS), math.ceil(seconds / _MOST_STEPS))
        steps = int(seconds / step) + 1
        return Traffic(
            requests=_in_steps(self._requests, step, steps),
            pictures=_in_steps(self._pictures, step, steps),
            step=step,
            seconds=seconds,
            quota=pace.usable if pace else 0,
            window=pace.window if pace else 0.0,
            refused=self._refused,
        )

    def _second(self) -> int:
        now = self._clock()
        if self._begun is None:
            self._begun = now
        self._last = now
        return int(now - self._begun)


def _in_steps(counts: Counter[int], step: int, steps: int) -> tuple[int, ...]:
    summed = [0] * steps
    for second, count in counts.items():
        summed[second // step] += count
    return tuple(summed)
