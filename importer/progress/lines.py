"""Plain lines for logs and pipes."""

import io
import math
import time
from collections.abc import Mapping
from typing import TextIO

from importer.progress.stage import Stage, clock, waiting_words
from importer.progress.watching import Forecast

_BETWEEN = 5.0
"""Seconds between two lines, and the shortest wait that is worth one of its own."""


class Lines:
    """A line now and then."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._stage: Stage | None = None
        self._shown = 0.0
        self._printed = -1

    def begin(self, stage: str, total: int | None) -> None:
        """Remember the stage; its first line comes with its first news."""
        self._stage = Stage(stage, total)
        self._shown, self._printed = time.monotonic(), -1

    def expect(self, forecast: Forecast) -> None:
        """Say from now on how long the rest takes."""
        if self._stage is not None:
            self._stage.expect(forecast)

    def advance(self, rows: int = 1, label: str = "") -> None:
        """Count, and print when the last line is some seconds old."""
        stage = self._stage
        if stage is None:
            return
        stage.advance(rows, label)
        if time.monotonic() - self._shown >= _BETWEEN:
            left = f"{clock(math.ceil(stage.left))} left" if stage.left else stage.waiting
            self._print(stage, f", {left}" if left else "")

    def wait(self, seconds: float, what: str) -> None:
        """Name a wait that is long enough to wonder about."""
        if self._stage is not None:
            self._stage.wait(seconds, what)
        if seconds >= _BETWEEN:
            self.say(f"{waiting_words(seconds, what).capitalize()}.")

    def end(self) -> None:
        """Print the stage's last line."""
        stage = self._stage
        if stage is not None and not stage.idle and stage.done != self._printed:
            self._print(stage)
        self._stage = None

    def say(self, text: str) -> None:
        """Print the sentence."""
        try:
            self._stream.write(text + "\n")
            self._stream.flush()
        except (OSError, ValueError):
            # Whoever read the progress has gone; the run matters more.
            self._stream = io.StringIO()

    def tell(self, event: str, facts: Mapping[str, object]) -> None:
        """Nothing for people."""

    def _print(self, stage: Stage, more: str = "") -> None:
        self._shown, self._printed = time.monotonic(), stage.done
        counts = f", {stage.counts}" if stage.counts else ""
        self.say(f"{stage.title}: {stage.numbers} {stage.unit}{counts}{more}")
