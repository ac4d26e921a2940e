"""Where a stage stands, in numbers and in words: what is done, how fast, how long it still takes, what it waits for."""

import math
import time
from collections import Counter

from importer.progress.watching import Forecast

TITLES = {
    "load": "Loading",
    "look up": "Looking up",
    "check": "Checking",
    "upload": "Uploading",
    "report": "Reporting",
    "undo": "Undoing",
}
_MUCH_LONGER = 3
"""So many times the average time between two."""
_SILENCE = 5.0
"""Seconds without anything done that are worth a word."""
_UNITS = {"look up": "product", "check": "picture", "upload": "picture", "report": "line", "undo": "picture"}


class Stage:
    """One stage of a run from its beginning.

    Args:
        name: as `Watcher.begin` has it.
        total: what is to come, in the stage's unit, or None where that is not known.

    Attributes:
        title: the stage's name for people.
        done: how much of it is done.
    """

    def __init__(self, name: str, total: int | None) -> None:
        self.title, self._noun = TITLES[name], _UNITS.get(name, "row")
        self.total, self.done = total, 0
        self._begun = self._advanced = time.monotonic()
        self._counts: Counter[str] = Counter()
        self._forecast: Forecast | None = None
        self._waited_until, self._waited_for, self._over = 0.0, "", False
        self._wait_begun = self._waited = 0.0

    def expect(self, forecast: Forecast) -> None:
        """Ask this from now on how long the rest takes."""
        self._forecast = forecast

    def advance(self, rows: int, label: str) -> None:
        """Count."""
        self.done += rows
        if rows:
            self._advanced = time.monotonic()
        if label:
            self._counts[label] += rows

    def end(self) -> None:
        """The stage is over, though something of it may be left: nothing is waited for any more."""
        self.wait(0.0, "")
        self._over = True

    def wait(self, seconds: float, what: str) -> None:
        """Everything waits for so many seconds, from now on."""
        now = time.monotonic()
        self._waited += self._waited_lately(now)
        self._wait_begun, self._waited_until, self._waited_for = now, now + seconds, what

    def _waited_lately(self, now: float) -> float:
        """Seconds of the wait that was told last."""
        return max(0.0, min(now, self._waited_until) - self._wait_begun)

    @property
    def unit(self) -> str:
        """What is counted, as it stands after the number."""
        number = self.done if self.total is None else self.total
        return self._noun if number == 1 else f"{self._noun}s"

    @property
    def idle(self) -> bool:
        """Whether it found nothing to do, of which there is nothing to say."""
        return not (self.done or self.total)

    @property
    def elapsed(self) -> float:
        """Seconds since the stage began."""
        return time.monotonic() - self._begun

    @property
    def rate(self) -> float:
        """How many a second on average since the stage began: a burst at a window's start says nothing of the next."""
        return self.done / self.elapsed if self.elapsed > 0 else 0.0

    @property
    def left(self) -> float | None:
        """Seconds that the rest takes, by the work so far and no less than the quota; None where nobody can tell.

        Nobody can once nothing was done for much longer than usual. The time that was waited for the quota is no work,
        because the quota is asked for what it still takes.
        """
        if self.total is None or self.done >= self.total or self._over:
            return None
        share, forecast = self.done / self.total, self._forecast
        if forecast and forecast.share:
            share = forecast.share(self.done)
        working = self.elapsed - self._waited - self._waited_lately(time.monotonic())
        by_rate = working * (1 - share) / share if share else 0.0
        by_quota = forecast.held_up(self.done) if forecast else 0.0
        usual = working / (share * self.total) if share else math.inf
        overdue = self._silence > max(_SILENCE, _MUCH_LONGER * usual)
        return None if overdue or math.isinf(by_quota) else max(by_rate, by_quota) or None

    @property
    def numbers(self) -> str:
        """`440/1,000`, or what is done alone."""
        return f"{self.done:,}" if self.total is None else f"{self.done:,}/{self.total:,}"

    @property
    def counts(self) -> str:
        """`31 uploaded, 2 rejected`, the largest first; empty while nothing has ended."""
        return ", ".join(f"{count:,} {label.replace('_', ' ')}" for label, count in self._counts.most_common())

    @property
    def waiting(self) -> str:
        """`waiting 12 s for the store's quota`, `no answer for 8 s` where it is overdue, or nothing."""
        now = time.monotonic()
        left = self._waited_until - now
        if left > 0:
            return waiting_words(left, self._waited_for)
        unfinished = self.done and self.total is not None and self.done < self.total and not self._over
        overdue = unfinished and self.left is None and self._silence > _SILENCE
        return f"no answer for {self._silence:.0f} s" if overdue else ""

    @property
    def _silence(self) -> float:
        """Seconds in which nothing was done though nothing was waited for."""
        now = time.monotonic()
        return now - max(self._advanced, min(now, self._waited_until))


def waiting_words(seconds: float, what: str) -> str:
    """`waiting 12 s for the store's quota`."""
    return f"waiting {max(1, round(seconds))} s for {what}"


def clock(seconds: float) -> str:
    """`02:10` or `1:02:10`, whole seconds alone."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"
