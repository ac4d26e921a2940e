"""How much of a store's quota the upload uses, and how often it is refused, as the store counts it.

The window is scaled to 50 requests in 2 seconds, so that 20 of them pass in the time of one and a half real ones. What
counts are the inner windows: the first is spent on getting to know the quota, and the last ends when the work does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from tests.benchmarks.loader import say, yes_or_no
from tests.benchmarks.pretend_store import Stock, Window
from tests.benchmarks.uploading import Work, in_own_process

QUOTA = 50
WINDOW_MS = 2_000
WINDOWS = 20
LATENCY_MS = 50
OTHER_SHARE = 0.3
OFFICIAL_WINDOWS = 8
"""Enough for the official client: it goes on as it begins, and needs twice the time."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table.

    Attributes:
        words: who sends, and who else does.
        job: what `uploading.Work` does.
        other_share: what another client takes.
        windows: how many windows' worth of pictures are sent.
        least: the least share of what is left that is to be used; 0 for a line that only stands for comparison.
        most_refused: the most 429s that one window may have.
    """

    words: str
    job: str
    other_share: float
    windows: int
    least: float = 0.0
    most_refused: int = 0


LINES = (
    Line("ours, alone", "upload", 0.0, WINDOWS, 0.99),
    Line("ours, another client takes 30 %", "upload", OTHER_SHARE, WINDOWS, 0.97, 1),
    Line("official client, alone", "official", 0.0, OFFICIAL_WINDOWS),
    Line("official client, another takes 30 %", "official", OTHER_SHARE, OFFICIAL_WINDOWS),
)


def report_quota(official: str) -> bool:
    """Measure and print; whether both targets are met.

    Args:
        official: the Python that has the official client, empty for none.
    """
    say(f"\n{QUOTA} requests in {WINDOW_MS / 1000:g} s, {LATENCY_MS} ms latency, as the store counted them\n")
    say(
        "| client | inner windows | used of what is left | in the least used | 429s | most in a window | target | met |"
    )
    say("|---|---|---|---|---|---|---|---|")
    met = True
    for line in LINES:
        if line.job == "official" and not official:
            say(f"| {line.words} | | | | | | | not installed |")
            continue
        pictures = line.windows * QUOTA
        stock = Stock(pictures, LATENCY_MS, QUOTA, WINDOW_MS, line.other_share)
        python = partial(in_own_process, python=official) if line.job == "official" else in_own_process
        met = _report(line, python(Work(line.job, pictures), stock).seen.windows) and met
    return met


def _report(line: Line, windows: Sequence[Window]) -> bool:
    inner = windows[1:-1]
    used = sum(window.ours for window in inner) / max(1, sum(_left(window) for window in inner))
    least = min((window.ours / _left(window) for window in inner if _left(window)), default=0.0)
    most = max((window.refused for window in windows), default=0)
    total = sum(window.refused for window in windows)
    met = not line.least or (used >= line.least and most <= line.most_refused)
    target = f"{line.least:.0%}, {line.most_refused or 'no'} 429" if line.least else ""
    say(
        f"| {line.words} | {len(inner)} | {used:.1%} | {least:.0%} | {total} | {most} "
        f"| {target} | {yes_or_no(met) if line.least else ''} |"
    )
    return met


def _left(window: Window) -> int:
    """What the other client leaves of a window."""
    return QUOTA - window.other
