"""The pace of a run: in words, and drawn against the store's quota."""

from dataclasses import replace

import pytest

from importer.models import Traffic
from importer.report.chart import plot_of, quota_words

QUARTER_HOUR = Traffic(requests=(75,) * 60, pictures=(60,) * 60, step=15, seconds=900, quota=150, window=30.0)


@pytest.mark.parametrize(
    ("traffic", "words"),
    [
        (QUARTER_HOUR, "4,500 requests, 100% of what the store's quota of 150 in 30 seconds allowed"),
        (
            Traffic((70, 4), (60, 4), 1, 1.2, 150, 30.0),
            "74 of the 150 requests that the store allows in 30 seconds",
        ),
        (Traffic((1,), (1,), 1, 0.2), "1 request"),
        (
            replace(QUARTER_HOUR, requests=(30,) * 60, refused=3),
            (
                "1,800 requests, 40% of what the store's quota of 150 in 30 seconds allowed; "
                "the store turned 3 away to be sent again later"
            ),
        ),
        (Traffic((2, 1), (0, 0), 1, 1.5, refused=1), "3 requests; the store turned 1 away to be sent again later"),
    ],
)
def test_the_quota_that_was_used_is_told_in_a_sentence(traffic: Traffic, words: str) -> None:
    assert quota_words(traffic) == words


def test_a_steady_run_is_drawn_as_bars_below_the_quota() -> None:
    """150 requests in 30 seconds are 300 a minute; 60 pictures in 15 seconds are 240."""
    plot = plot_of(QUARTER_HOUR)
    assert plot is not None
    assert [(mark.label, mark.place) for mark in plot.lines] == [
        ("0", 0),
        ("100", 25),
        ("200", 50),
        ("300", 75),
        ("400", 100),
    ]
    assert plot.quota == 25
    assert plot.quota_label == "Quota: 300 requests per minute"
    assert len(plot.bars) == 30, "no bar is shorter than the quota's window"
    assert {bar.height for bar in plot.bars} == {60.0}
    assert sum(bar.width for bar in plot.bars) == pytest.approx(1000, abs=1)
    assert plot.requests.startswith("0.0,25.00 ")
    assert plot.requests.endswith(" 1000.0,25.00")
    assert [(mark.label, mark.place) for mark in plot.times] == [
        ("0", 0), ("5 min", 33.33), ("10 min", 66.67),
    ]  # fmt: skip
    assert plot.words == (
        "On average 240 pictures arrived per minute, at most 240. The store's quota allows 300 requests per minute."
    )


def test_a_short_end_is_no_rush() -> None:
    """Thirty pictures in the last second are not 1,800 a minute: no more may leave in the quota's window."""
    longer = replace(QUARTER_HOUR, requests=(75,) * 60 + (30,), pictures=(60,) * 60 + (30,), seconds=901)
    plot = plot_of(longer)
    assert plot is not None
    assert len(plot.bars) == 31
    assert plot.quota is not None
    assert plot.bars[-1].height == 100 - plot.quota
    plot = plot_of(replace(longer, quota=0, window=0.0))
    assert plot is not None
    assert len(plot.bars) == 30
    assert plot.bars[-1].height < 1.3 * plot.bars[0].height


@pytest.mark.parametrize("windows", [3, 5, 60, 123, 200])
def test_a_quota_that_is_used_to_the_last_request_is_not_shown_broken(windows: int) -> None:
    """150 leave at the start of each window of 30 seconds, and the run ends with the last burst."""
    step = next(step for step in (1, 2, 5, 10, 15, 30, 60) if 30 * windows < 120 * step)
    counts = [0] * (30 * windows // step + 1)
    for window in range(windows + 1):
        counts[30 * window // step] += 150
    plot = plot_of(Traffic(tuple(counts), tuple(counts), step, 30 * windows + 0.4, 150, 30.0))
    assert plot is not None
    assert plot.quota is not None
    assert {bar.height for bar in plot.bars} == {100 - plot.quota}
    assert plot.words.startswith("On average 300 pictures arrived per minute, at most 300.")


@pytest.mark.parametrize("window", [30.0, 7.3])
def test_a_steady_pace_stays_steady_to_the_end(window: float) -> None:
    """Five a second for 94 seconds, whatever the quota's window is."""
    plot = plot_of(Traffic((5,) * 95, (5,) * 95, 1, 94, round(6 * window), window))
    assert plot is not None
    heights = [bar.height for bar in plot.bars]
    assert heights == pytest.approx([heights[0]] * len(heights), rel=0.3)
    assert plot.words.startswith("On average 303 pictures arrived per minute, at most 3")


def test_pictures_sent_in_batches_may_outnumber_the_requests() -> None:
    """The scale follows whatever is highest."""
    plot = plot_of(replace(QUARTER_HOUR, pictures=(600,) * 60))
    assert plot is not None
    assert plot.lines[-1].label == "3,000"
    assert plot.bars[0].height == 80


def test_without_a_known_quota_no_line_is_drawn() -> None:
    plot = plot_of(replace(QUARTER_HOUR, quota=0, window=0.0))
    assert plot is not None
    assert (plot.quota, plot.quota_label) == (None, "")
    assert "quota" not in plot.words


@pytest.mark.parametrize(
    "traffic",
    [
        replace(QUARTER_HOUR, pictures=(0,) * 60),
        Traffic((38,), (38,), 1, 0.7, 150, 30.0),
        Traffic((30,) * 20, (30,) * 20, 1, 20, 150, 30.0),
        Traffic((), (), 1, 0.0),
    ],
    ids=["no pictures", "one step", "shorter than the window", "nothing"],
)
def test_a_drawing_that_would_say_nothing_is_left_out(traffic: Traffic) -> None:
    assert plot_of(traffic) is None


@pytest.mark.parametrize("seconds", [61, 100, 119, 121, 3599, 3601, 90_000, 700_000])
def test_a_run_of_any_length_has_few_bars_and_few_labels(seconds: int) -> None:
    """As many steps as the counting makes of it: at most 121."""
    step = max(1, seconds // 119)
    steps = seconds // step + 1
    plot = plot_of(Traffic((3,) * steps, (2,) * steps, step, seconds))
    assert plot is not None
    assert 3 <= len(plot.bars) <= 61
    assert 3 <= len(plot.lines) <= 6
    assert 2 <= len(plot.times) <= 8
    assert all(0 <= mark.place < 98 for mark in plot.times)
    assert all(bar.width > 0 and 0 < bar.height <= 100 for bar in plot.bars)
