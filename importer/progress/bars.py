"""Bars on a terminal, by tqdm; what a bar says is decided here, by how wide the terminal is."""

import math
import os
import textwrap
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TextIO

from tqdm import tqdm

from importer.progress.stage import Stage, clock
from importer.progress.watching import Forecast

if TYPE_CHECKING:
    _Tqdm = tqdm[Any]
else:
    _Tqdm = tqdm

_USUAL_WIDTH = 80
"""Columns, where the terminal does not tell."""
_BAR = "{bar}"


class _Bar(_Tqdm):
    """A bar that says what the stage says; tqdm's documentation names `format_dict` and `bar_format` for that."""

    monitor_interval = 0
    """No thread that redraws: the pipeline gives a sign of life often enough."""

    def __init__(self, stage: Stage, stream: TextIO) -> None:
        self._stage = stage
        super().__init__(total=stage.total, file=stream, dynamic_ncols=True, mininterval=0.2, miniters=1)

    @property
    def format_dict(self) -> Any:
        """Everything that the line is made of, for its width at this moment."""
        facts = super().format_dict
        # A terminal may wrap a line that fills it to the last column.
        width = (facts["ncols"] or _USUAL_WIDTH) - 1
        return {**facts, "ncols": width, "bar_format": bar_line(self._stage, width)}


class Bars:
    """One bar for each stage: done and total, how long it still takes, the average rate, and how the rows ended."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._stage: Stage | None = None
        self._bar: _Bar | None = None

    def begin(self, stage: str, total: int | None) -> None:
        """Open the stage's bar."""
        self._stage = Stage(stage, total)
        self._bar = _Bar(self._stage, self._stream)

    def expect(self, forecast: Forecast) -> None:
        """Count the time that is left by it, too."""
        if self._stage is not None:
            self._stage.expect(forecast)

    def advance(self, rows: int = 1, label: str = "") -> None:
        """Move the bar, or let it show the time."""
        if self._stage is None or self._bar is None:
            return
        self._stage.advance(rows, label)
        self._bar.update(rows)
        if not rows:
            self._bar.refresh()

    def wait(self, seconds: float, what: str) -> None:
        """Count the wait down."""
        if self._stage is not None and self._bar is not None:
            self._stage.wait(seconds, what)
            self._bar.refresh()

    def end(self) -> None:
        """Close the bar and leave it on the screen."""
        if self._stage is not None and self._bar is not None:
            self._stage.end()
            self._bar.leave = not self._stage.idle
            self._bar.close()
        self._stage = self._bar = None

    def say(self, text: str) -> None:
        """Print above the bar, broken between words."""
        lines = textwrap.wrap(text, _columns(self._stream) - 1, break_long_words=False, break_on_hyphens=False)
        tqdm.write("\n".join(lines), file=self._stream)

    def tell(self, event: str, facts: Mapping[str, object]) -> None:
        """Nothing for people."""


def _columns(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or _USUAL_WIDTH
    except (OSError, ValueError):
        return _USUAL_WIDTH


def bar_line(stage: Stage, width: int) -> str:
    """The fullest line that fits, as tqdm's `bar_format`; what people miss least goes first.

    Args:
        stage: where it stands.
        width: columns.
    """
    line = ""
    for line, shortest in _lines(stage):
        # Every character of ours is one column wide.
        if len(line.replace(_BAR, "")) + shortest <= width:
            return line
    return line


def _lines(stage: Stage) -> Iterator[tuple[str, int]]:
    """The lines from the fullest to the barest, and how many columns the bar in each must have at least."""
    # Rounded up, so that it never says that no time is left.
    waiting, left = stage.waiting, math.ceil(stage.left or 0)
    unit = f" {stage.unit}" if stage.total is None else ""
    ending = f"<{clock(left)}" if left else ""
    times = clock(stage.elapsed) + ending
    rate = f"{_short(stage.rate)} {stage.unit}/s" if stage.rate else ""
    start = f"{stage.title:<10} "
    if stage.total:
        # Rounded down: 100% says that nothing is left.
        percent = f"{100 * stage.done // stage.total}%"
        start, short = f"{start}{percent:>4}|{_BAR}| {stage.numbers} ", f"{stage.title} {percent} "
        bar, stub = 10, 4
    else:
        percent, bar, stub = "", 0, 0
        start, short = f"{start}{stage.numbers}{unit} ", f"{stage.title} "
    yield start + _bracket(times, rate, waiting, stage.counts), bar
    if waiting:
        yield start + _bracket(times, waiting, stage.counts), stub
        yield start + _bracket(times, waiting), stub
        yield f"{short}{stage.numbers}, {waiting}", 0
        yield f"{short.rstrip()}, {waiting}", 0
        yield f"{percent} {waiting}".strip(), 0
        yield waiting, 0
        return
    yield start + _bracket(times, stage.counts), stub
    yield start + _bracket(times, rate), stub
    yield start + _bracket(times), stub
    if left:
        yield f"{short}{stage.numbers}, {clock(left)} left", 0
    yield f"{short}{stage.numbers}{unit}", 0
    yield short.rstrip(), 0


def _bracket(*parts: str) -> str:
    return f"[{', '.join(part for part in parts if part)}]"


def _short(rate: float) -> str:
    return f"{rate:.2f}" if rate < 10 else f"{rate:,.0f}"
