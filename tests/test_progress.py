"""What people see of a run while it goes on, on a clock of our own."""

import io
import itertools
import math
from collections.abc import Callable

import pytest

from importer.progress import Forecast, Lines, Several, Watcher
from importer.progress.bars import Bars, bar_line
from importer.progress.stage import Stage

Pass = Callable[[float], None]


@pytest.fixture
def let_pass(monkeypatch: pytest.MonkeyPatch) -> Pass:
    """Lets so many seconds pass."""
    moment = 100.0

    def let(seconds: float) -> None:
        nonlocal moment
        moment += seconds

    monkeypatch.setattr("time.monotonic", lambda: moment)
    return let


def shown(stage: Stage, width: int) -> str:
    """The line as tqdm fills it in."""
    line = bar_line(stage, width)
    return line.replace("{bar}", "#" * (width - len(line) + len("{bar}")))


def test_a_line_is_printed_every_few_seconds_even_while_nothing_ends(let_pass: Pass) -> None:
    stream = io.StringIO()
    lines = Lines(stream)
    lines.begin("upload", 3)
    for _ in range(12):
        let_pass(1)
        lines.advance(0)  # the pipeline's heartbeat during a wait for the quota
    lines.advance(1, "uploaded")
    lines.advance(2, "already_there")
    lines.end()
    assert stream.getvalue().splitlines() == [
        "Uploading: 0/3 pictures",
        "Uploading: 0/3 pictures",
        "Uploading: 3/3 pictures, 2 already there, 1 uploaded",
    ]


def test_lines_tell_how_long_the_rest_takes_and_name_waits_of_five_seconds_or_more(let_pass: Pass) -> None:
    stream = io.StringIO()
    lines = Lines(stream)
    lines.begin("upload", 100)
    lines.expect(Forecast(lambda done: (100 - done) / 10))
    lines.wait(4.9, "the store's quota")
    lines.wait(12.02, "the store's quota")
    let_pass(5)
    lines.advance(50, "uploaded")
    let_pass(55)
    lines.advance(10, "uploaded")
    assert stream.getvalue().splitlines() == [
        "Waiting 12 s for the store's quota.",
        "Uploading: 50/100 pictures, 50 uploaded, 00:05 left",
        "Uploading: 60/100 pictures, 60 uploaded, 00:32 left",
    ]


def test_the_rate_is_the_average_since_the_stage_began_and_not_the_last_burst(let_pass: Pass) -> None:
    stage = Stage("upload", 1000)
    stage.advance(150, "uploaded")
    let_pass(30)
    assert "5.00 pictures/s" in shown(stage, 120)
    stage.advance(150, "uploaded")  # in no time, as at the start of a window
    assert "10 pictures/s" in shown(stage, 120)


@pytest.mark.parametrize(
    ("seconds", "held_up", "words"),
    [(2, 180, "00:02<03:00"), (30, 150, "00:30<02:50"), (30, 0, "00:30<02:50")],
    ids=["by the quota after a burst", "never less than by the rate", "by the rate alone"],
)
def test_the_time_that_is_left_is_the_quotas_and_never_less_than_the_average_rate_says(
    let_pass: Pass, seconds: float, held_up: float, words: str
) -> None:
    stage = Stage("upload", 1000)
    stage.expect(Forecast(lambda done: held_up if done == 150 else 0))
    stage.advance(149, "uploaded")
    let_pass(seconds)
    stage.advance(1, "uploaded")
    assert words in shown(stage, 120)


def test_the_time_that_is_left_is_told_before_the_first_row_is_done_and_not_after_the_last(let_pass: Pass) -> None:
    stage = Stage("undo", 300)
    assert "<" not in shown(stage, 120)
    stage.expect(Forecast(lambda done: (300 - done) / 10))
    let_pass(1)
    assert "[00:01<00:30]" in shown(stage, 120)
    stage.advance(300, "deleted")
    assert shown(stage, 120).endswith("300/300 [00:01, 300 pictures/s, 300 deleted]")


def test_a_wait_is_counted_down_and_gone_as_soon_as_it_is_over(let_pass: Pass) -> None:
    stage = Stage("upload", 100)
    stage.wait(12.05, "the store's quota")
    seen = []
    for _ in range(14):
        line = shown(stage, 120)
        seen.append(line.partition("waiting ")[2].rstrip("]"))
        let_pass(1)
    assert seen == [f"{left} s for the store's quota" for left in range(12, 0, -1)] + ["1 s for the store's quota", ""]


def test_a_wait_that_ends_before_its_time_is_shown_no_longer(let_pass: Pass) -> None:
    stage = Stage("upload", 100)
    stage.wait(60, "the store")
    assert "waiting 60 s for the store]" in shown(stage, 120)
    stage.wait(0, "")
    assert "waiting" not in shown(stage, 120)


@pytest.mark.parametrize("total", [None, 0, 7, 200_000])
def test_no_line_is_wider_than_the_terminal_and_none_says_less_than_a_narrower_one(
    let_pass: Pass, total: int | None
) -> None:
    for done, wait in itertools.product((0, 1, 123_456), (0, 3, 599)):
        stage = Stage("look up", total)
        let_pass(4_000)
        stage.advance(done, "already_there")
        stage.advance(0, "uploaded")
        stage.expect(Forecast(lambda _: 12_345.6))
        stage.wait(wait, "the store's quota")
        lines = [bar_line(stage, width) for width in range(38, 200)]
        assert all(len(line.replace("{bar}", "")) <= width for line, width in zip(lines, range(38, 200), strict=True))
        assert [len(line) for line in lines] == sorted(len(line) for line in lines)
        if wait:
            assert all(f"waiting {wait} s for the store's quota" in line for line in lines)


def test_a_bar_of_forty_columns_says_the_most_needful(let_pass: Pass) -> None:
    stage = Stage("upload", 10_000)
    stage.advance(4_499, "uploaded")
    let_pass(900)
    stage.advance(1, "uploaded")
    assert shown(stage, 39) == "Uploading 45% 4,500/10,000, 18:20 left"
    stage.wait(29.6, "the store's quota")
    assert shown(stage, 39) == "45% waiting 30 s for the store's quota"


def test_nearly_all_is_not_called_a_hundred_percent(let_pass: Pass) -> None:
    stage = Stage("check", 1000)
    stage.advance(999, "ok")
    assert " 99%|" in shown(stage, 120)


def test_bars_are_drawn_by_tqdm_as_wide_as_it_finds_the_terminal(let_pass: Pass) -> None:
    stream = io.StringIO()
    bars: Watcher = Several([Bars(stream)])
    bars.begin("upload", 4)
    bars.expect(Forecast(lambda _: 30.0))
    let_pass(1)
    bars.advance(2, "uploaded")
    bars.wait(3, "the store")
    let_pass(1)
    bars.advance(0)
    bars.say("A sentence.")
    bars.end()
    bars.advance(1)
    drawn = stream.getvalue().replace("\n", "\r").split("\r")
    assert any("waiting 2 s for the store" in line for line in drawn)
    assert "A sentence." in drawn
    assert drawn[-1] == ""
    last = drawn[-2]
    assert last.startswith("Uploading   50%|")
    assert last.rstrip().endswith("| 2/4 [00:02, 1.00 pictures/s, 2 uploaded]")
    assert any("[00:01<00:30, " in line for line in drawn)
    assert max(map(len, drawn)) <= 79


def test_in_an_outage_no_time_is_promised(let_pass: Pass) -> None:
    """Nobody knows when the store comes back; what it waits for is said beside it."""
    stage = Stage("upload", 60)
    stage.expect(Forecast(lambda _: math.inf))
    stage.advance(38, "uploaded")
    let_pass(7)
    stage.wait(6, "the store")
    assert "[00:07, 5.43 pictures/s, waiting 6 s for the store, 38 uploaded]" in shown(stage, 120)
    stage.advance(1, "uploaded")
    stage.wait(0, "")
    assert "no answer" not in shown(stage, 120)


def test_what_was_waited_for_the_quota_is_no_work(let_pass: Pass) -> None:
    """Three bursts of a second each, and a fourth to come as soon as the quota lets it."""
    stage = Stage("upload", 600)
    held_up = 0.0
    stage.expect(Forecast(lambda _: held_up))
    for _ in range(3):
        let_pass(1)
        stage.advance(150, "uploaded")
        stage.wait(29, "the store's quota")
        let_pass(20)
        held_up = 9.0
        assert "<00:09" in shown(stage, 120) or stage.done < 450
        let_pass(9)
        held_up = 0.0
    assert "[01:30<00:01, " in shown(stage, 120)
    let_pass(4)
    assert "no answer" not in shown(stage, 120)
    let_pass(2)
    assert "no answer for 6 s" in shown(stage, 120)


def test_a_bar_that_was_stopped_promises_nothing(let_pass: Pass) -> None:
    """It stays on the screen."""
    stream = io.StringIO()
    bars = Bars(stream)
    bars.begin("upload", 60)
    let_pass(7)
    bars.advance(38, "uploaded")
    bars.end()
    last = stream.getvalue().rstrip().split("\r")[-1]
    assert "38/60 [00:07, " in last


def test_a_bar_that_found_nothing_to_do_does_not_stay(let_pass: Pass) -> None:
    stream = io.StringIO()
    bars = Bars(stream)
    bars.begin("check", 0)
    let_pass(1)
    bars.end()
    assert stream.getvalue().rsplit("\r", 1)[-1].strip() == ""
    assert "\n" not in stream.getvalue()


def test_the_time_that_is_left_is_that_of_the_work(let_pass: Pass) -> None:
    """800 rows were there already, which says nothing of how fast the others go."""
    stage = Stage("upload", 1000)
    stage.expect(Forecast(lambda _: 0.0, lambda done: max(0, done - 800) / 200))
    stage.advance(800, "already_there")
    let_pass(1)
    assert "[00:01, " in shown(stage, 120)
    stage.advance(9, "uploaded")
    let_pass(19)
    stage.advance(1, "uploaded")
    assert "[00:20<06:20, " in shown(stage, 120)
    stage.advance(190, "uploaded")
    assert "<" not in shown(stage, 120)


def test_where_only_stragglers_are_left_no_time_is_promised(let_pass: Pass) -> None:
    """80 rows were there already; the store takes long over the others."""
    stage = Stage("upload", 83)
    let_pass(2)
    stage.advance(80, "already_there")
    let_pass(4)
    assert "<00:01]" in shown(stage, 60).replace(", ", "]")
    let_pass(4)
    assert "no answer for 8 s" in shown(stage, 80)
    assert "<" not in shown(stage, 80)
    stage.advance(1, "uploaded")
    assert "no answer" not in shown(stage, 80)


def test_a_wait_for_the_quota_is_no_missing_answer(let_pass: Pass) -> None:
    stage = Stage("upload", 83)
    stage.expect(Forecast(lambda _: 20.0))
    let_pass(2)
    stage.advance(80, "uploaded")
    stage.wait(24, "the store's quota")
    let_pass(25)
    assert "no answer" not in shown(stage, 80)
    let_pass(9)
    assert "no answer for 10 s" in shown(stage, 80), "the store hangs, whatever the quota would let through"
    assert "<" not in shown(stage, 80)


def test_lines_do_not_repeat_a_time_left_that_is_not_true(let_pass: Pass) -> None:
    stream = io.StringIO()
    lines = Lines(stream)
    lines.begin("check", 57)
    let_pass(1)
    lines.advance(55, "ok")
    for _ in range(3):
        let_pass(6)
        lines.advance(0)
    assert stream.getvalue().splitlines() == [
        f"Checking: 55/57 pictures, 55 ok, no answer for {seconds} s" for seconds in (6, 12, 18)
    ]
