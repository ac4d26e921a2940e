"""Who listens to a run: bars on a terminal, plain lines elsewhere, or nobody."""

import io
import sys
import time
from collections import Counter
from typing import Any, Protocol, TextIO

_TITLES = {"load": "Loading", "look up": "Looking up", "check": "Checking", "upload": "Uploading", "undo": "Undoing"}
_UNITS = {"look up": "products", "undo": "pictures"}
_SECONDS_BETWEEN_LINES = 5.0


class Watcher(Protocol):
    """Told by the pipeline what happens; knows nothing of how it is done."""

    def begin(self, stage: str, total: int | None) -> None:
        """A stage starts: `load`, `look up`, `check`, `upload` or `undo`, with what is to come where it is known."""

    def advance(self, rows: int = 1, label: str = "") -> None:
        """Some rows (products when looking up, pictures when undoing) are done; `label` says how they ended."""

    def end(self) -> None:
        """The stage is over."""

    def say(self, text: str) -> None:
        """A sentence for the person, shown at once."""


class Silence:
    """Shows nothing at all."""

    def begin(self, stage: str, total: int | None) -> None:
        """Nothing to show."""

    def advance(self, rows: int = 1, label: str = "") -> None:
        """Nothing to show."""

    def end(self) -> None:
        """Nothing to show."""

    def say(self, text: str) -> None:
        """Nothing to show."""


class Lines:
    """A line now and then, for logs and pipes."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._stage = ""
        self._total: int | None = None
        self._done = 0
        self._counts: Counter[str] = Counter()
        self._shown = 0.0
        self._printed = -1

    def begin(self, stage: str, total: int | None) -> None:
        """Announce the stage."""
        self._stage, self._total, self._done, self._counts = stage, total, 0, Counter()
        self._shown, self._printed = time.monotonic(), -1

    def advance(self, rows: int = 1, label: str = "") -> None:
        """Count, and print when the last line is some seconds old."""
        self._done += rows
        if label:
            self._counts[label] += rows
        if self._stage and time.monotonic() - self._shown >= _SECONDS_BETWEEN_LINES:
            self._print()

    def end(self) -> None:
        """Print the stage's last line."""
        if self._done != self._printed:
            self._print()
        self._stage = ""

    def say(self, text: str) -> None:
        """Print the sentence."""
        try:
            self._stream.write(text + "\n")
            self._stream.flush()
        except (OSError, ValueError):
            # Whoever read the progress has gone; the run matters more.
            self._stream = io.StringIO()

    def _print(self) -> None:
        self._shown, self._printed = time.monotonic(), self._done
        total = f"/{self._total:,}" if self._total is not None else ""
        unit = _UNITS.get(self._stage, "rows")
        self.say(f"{_TITLES[self._stage]}: {self._done:,}{total} {unit}{counted(self._counts, before=', ')}")


class Bars:
    """One tqdm bar for each stage, with rate, done and total, and how the rows ended."""

    def __init__(self, stream: TextIO) -> None:
        from tqdm import tqdm

        self._tqdm = tqdm
        self._stream = stream
        self._bar: Any = None
        self._counts: Counter[str] = Counter()

    def begin(self, stage: str, total: int | None) -> None:
        """Open the stage's bar."""
        self._counts = Counter()
        self._bar = self._tqdm(
            total=total,
            desc=f"{_TITLES[stage]:<10}",
            unit=f" {_UNITS.get(stage, 'rows')}",
            file=self._stream,
            dynamic_ncols=True,
            mininterval=0.2,
        )

    def advance(self, rows: int = 1, label: str = "") -> None:
        """Move the bar."""
        if self._bar is None:
            return
        if label:
            self._counts[label] += rows
            self._bar.set_postfix_str(counted(self._counts), refresh=False)
        self._bar.update(rows)
        if not rows:
            self._bar.refresh()

    def end(self) -> None:
        """Close the bar and leave it on the screen."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def say(self, text: str) -> None:
        """Print above the bar."""
        self._tqdm.write(text, file=self._stream)


def counted(counts: Counter[str], before: str = "") -> str:
    """`31 uploaded, 2 rejected`, the largest first, or nothing at all."""
    words = ", ".join(f"{count:,} {label.replace('_', ' ')}" for label, count in counts.most_common())
    return before + words if words else ""


def watcher(*, quiet: bool) -> Watcher:
    """The watcher that suits where standard error goes."""
    if quiet:
        return Silence()
    return Bars(sys.stderr) if sys.stderr.isatty() else Lines(sys.stderr)
