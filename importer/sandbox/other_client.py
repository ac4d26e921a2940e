"""Another client of the same store, which takes a share of each window's quota at moments that nobody can foresee."""

import math
import random
from collections.abc import Iterator

_MOST_AT_ONCE = 3


class OtherClient:
    """Decides when its requests come, in bursts of one to three. It asks for nothing; its requests only count.

    Args:
        share: the part (0 to 1) of each window's quota that it takes.
        seed: what its moments are drawn from.

    Attributes:
        following: when it makes its first request after the window, in seconds of the window's clock; it opens a new
            window then, unless somebody else has.
    """

    def __init__(self, share: float, seed: int) -> None:
        self._share = share
        self._random = random.Random(seed)  # noqa: S311 - a rehearsal that can be repeated, no secret
        self._bursts: list[tuple[float, int]] = []
        self.following = math.inf

    def plan(self, quota: int, start: float, end: float) -> None:
        """Choose the moments of a new window, from `start` to `end` in seconds of the window's clock.

        Where the client itself opens the window, at `following`, its first burst comes at that moment.
        """
        total = round(quota * self._share)
        sizes: list[int] = []
        while total > 0:
            sizes.append(min(total, self._random.randint(1, _MOST_AT_ONCE)))
            total -= sizes[-1]
        moments = sorted(self._random.uniform(start, end) for _ in sizes)
        if moments and start == self.following:
            moments[0] = start
        # The latest first, so that the next one can be taken off the end.
        self._bursts = list(zip(moments, sizes, strict=True))[::-1]
        mean_gap = (end - start) / max(1, len(sizes))
        self.following = end + self._random.uniform(0, 2 * mean_gap) if sizes else math.inf

    def until(self, moment: float) -> Iterator[int]:
        """The bursts up to `moment` that were not given before, as numbers of requests."""
        while self._bursts and self._bursts[-1][0] <= moment:
            yield self._bursts.pop()[1]
