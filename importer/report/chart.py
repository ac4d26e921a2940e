"""The pace of a run against the store's quota: in words, and as a drawing of pictures and requests per minute."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from importer.models import Traffic

_MOST_BARS = 60
_FEWEST_BARS = 3
_SHORTEST_BAR = 10.0
"""Seconds; a bar is at least this long, and whole windows of the quota, within which a burst is fine."""
_LINES = 4
_MARKS = 6
_TIME_STEPS = (10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800)
"""Seconds between two marks below the plot."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One stretch of time: `start` and `width` in per mille of the run, `height` in per cent of the plot's height."""

    start: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A label beside the plot: `place` is its distance from the left or from the bottom, in per cent."""

    label: str
    place: float


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing 1,000 wide and 100 high, with its origin at the top left as SVG has it.

    Attributes:
        bars: pictures per minute.
        requests: requests per minute, as the points of an SVG polyline.
        quota: how far below the top the quota is; None where the store told none.
        quota_label: the quota in words.
        lines: labels of the lines across, from the bottom up.
        times: labels of the time below.
        words: what the drawing shows, for those who cannot see it.
    """

    bars: tuple[Bar, ...]
    requests: str
    quota: float | None
    quota_label: str
    lines: tuple[Mark, ...]
    times: tuple[Mark, ...]
    words: str


def quota_words(traffic: Traffic) -> str:
    """How much of the store's quota a run used, as far as the store told of one."""
    sent = sum(traffic.requests)
    noun = "request" if sent == 1 else "requests"
    if not traffic.allowed:
        words = f"{sent:,} {noun}"
    elif traffic.seconds <= traffic.window:
        words = f"{sent:,} of the {traffic.quota:,} requests that the store allows in {traffic.window:g} seconds"
    else:
        share = round(100 * sent / traffic.allowed)
        quota = f"{traffic.quota:,} in {traffic.window:g} seconds"
        words = f"{sent:,} {noun}, {share}% of what the store's quota of {quota} allowed"
    if not traffic.refused:
        return words
    return f"{words}; the store turned {traffic.refused:,} away to be sent again later"


def plot_of(traffic: Traffic) -> Plot | None:
    """The drawing, or None where it would say nothing: no picture arrived, or the run was over at once."""
    if not sum(traffic.pictures) or traffic.step <= 0:
        return None
    size = _steps_in_a_bar(traffic)
    edges = _edges(traffic, size)
    if len(edges) <= _FEWEST_BARS:
        return None
    pictures = _per_minute(traffic.pictures, edges, size, traffic)
    requests = _per_minute(traffic.requests, edges, size, traffic)
    allowed = _allowed(traffic)
    top, lines = _scale(max(*pictures, *requests, allowed))
    share = [1000 * edge / edges[-1] for edge in edges]
    spans = list(pairwise(share))
    corners = [
        f"{x:.1f},{100 - 100 * rate / top:.2f}" for span, rate in zip(spans, requests, strict=True) for x in span
    ]
    return Plot(
        bars=tuple(
            Bar(round(left, 2), round(right - left, 2), round(100 * rate / top, 2))
            for (left, right), rate in zip(spans, pictures, strict=True)
        ),
        requests=" ".join(corners),
        quota=round(100 - 100 * allowed / top, 2) if allowed else None,
        quota_label=f"Quota: {allowed:,.0f} requests per minute" if allowed else "",
        lines=lines,
        times=_times(edges[-1]),
        words=_words(traffic, pictures, allowed),
    )


def _steps_in_a_bar(traffic: Traffic) -> int:
    shortest, window, step = max(_SHORTEST_BAR, traffic.seconds / _MOST_BARS), traffic.window, traffic.step
    if not window:
        return max(1, math.ceil(shortest / step))
    # A bar that held the beginnings of two windows, and the next of one, would show the quota broken and then unused.
    fewest = math.ceil(shortest / window)
    whole = (count for count in range(fewest, 2 * fewest + 1) if (count * window / step).is_integer())
    return max(1, math.ceil(next(whole, fewest) * window / step))


def _edges(traffic: Traffic, size: int) -> list[float]:
    """Where each bar begins, and where the last ends, in seconds; without a quota a short last one is none."""
    whole = size * traffic.step
    starts = [index * traffic.step for index in range(0, len(traffic.requests), size)]
    end = max(traffic.seconds, traffic.step)
    if len(starts) > 1 and not traffic.window and end - starts[-1] < whole / 2:
        starts.pop()
    # The run may have ended in the moment in which the last step began.
    return [*starts, max(end, starts[-1] + min(1.0, traffic.step))]


def _per_minute(counts: Sequence[int], edges: Sequence[float], size: int, traffic: Traffic) -> list[float]:
    """The counts between the edges as rates."""
    rates: list[float] = []
    for index, (start, end) in enumerate(pairwise(edges)):
        last = index == len(edges) - 2
        first = round(start / traffic.step)
        count = sum(counts[first:] if last else counts[first : first + size])
        rates.append(_pace(count, end - start, traffic))
    return rates


def _pace(count: int, seconds: float, traffic: Traffic) -> float:
    """How many a minute; beyond the quota only where more came than its windows allowed, each counted whole."""
    rate, window = 60 * count / seconds, traffic.window
    if not window:
        return rate
    # What leaves at the start of a window is all that may leave in it, and the time may cut the last one short.
    in_whole_windows = 60 * count / (math.ceil(round(seconds / window, 6)) * window)
    return min(rate, max(_allowed(traffic), in_whole_windows))


def _allowed(traffic: Traffic) -> float:
    """Requests a minute that the quota lets through; 0 where none is known."""
    return 60 * traffic.quota / traffic.window if traffic.quota and traffic.window else 0.0


def _scale(highest: float) -> tuple[float, tuple[Mark, ...]]:
    """The value at the top of the plot, and lines at round numbers up to it."""
    rough = highest * 1.1 / _LINES
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    count = math.ceil(highest * 1.1 / step)
    return step * count, tuple(Mark(f"{step * index:,g}", round(100 * index / count, 2)) for index in range(count + 1))


def _times(seconds: float) -> tuple[Mark, ...]:
    """Labels at round times, none so near to the end that it would be cut."""
    step = next((step for step in _TIME_STEPS if seconds / step <= _MARKS), math.ceil(seconds / _MARKS / 3600) * 3600)
    unit, length = ("s", 1) if step < 60 else ("min", 60) if step < 3600 else ("h", 3600)
    places = range(step, int(seconds * 0.97) + 1, step)
    return (Mark("0", 0), *(Mark(f"{place // length} {unit}", round(100 * place / seconds, 2)) for place in places))


def _words(traffic: Traffic, rates: Sequence[float], allowed: float) -> str:
    average = _pace(sum(traffic.pictures), max(traffic.seconds, traffic.step), traffic)
    words = f"On average {average:,.0f} pictures arrived per minute, at most {max(rates):,.0f}."
    return f"{words} The store's quota allows {allowed:,.0f} requests per minute." if allowed else words
