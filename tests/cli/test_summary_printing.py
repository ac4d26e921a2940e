"""The end of a run on a terminal: within fifteen rows, with the three biggest problems and the command to type."""

import re
from pathlib import Path

import pytest

from importer.cli.next_step import NextStep, next_step
from importer.cli.summary_printing import MOST_ROWS, plain_text, summary_lines, terminal_text
from importer.models import ImageRow, Outcome, Problem, ProblemCode, RunInfo, Status
from importer.pipeline import JobResult, Plan
from importer.problems import ADVICE
from importer.report import ReportFiles, summarize

FILE = "products of the spring collection, third version.xlsx"
STEP = NextStep(
    "Next: when that is mended, run the same command again; it carries on with the rows that are left.",
    "Next: when that is mended, run this again:",
    "importer run 'products of the spring collection, third version.xlsx' --sandbox",
)
CODES = [ProblemCode.STORE_COULD_NOT_FETCH, ProblemCode.TLS_TOO_OLD, ProblemCode.URL_TOO_LONG, ProblemCode.SKU_UNKNOWN]
STOPPED = (
    "The store refused 50 pictures in a row, so nothing more was sent. Something is wrong with all of them, and it "
    "would only go on: look at the first rows in the report, mend what they have in common, and try again."
)


def result(*, stopped: str = "", sandbox: bool = True, command: str = "run", plan: Plan | None = None) -> JobResult:
    """A run of which everything that can be said must be said."""
    outcomes = []
    for number in range(2, 400):
        row = ImageRow("", number, None, f"S{number}", "https://a.example/x.jpg", "https://a.example/x.jpg")
        code = CODES[number // len(Status) % len(CODES)]
        problem = Problem(code, "It did not work.", ADVICE[code].fix)
        status = list(Status)[number % len(Status)]
        bad = status in {Status.REJECTED, Status.FAILED}
        outcomes.append(Outcome(row, status, problem if bad else None))
    run = RunInfo(command, FILE, "abc", sandbox, "2026-11-24T12:00:00+00:00", 1.0, stopped)
    files = ReportFiles.of(Path("products of the spring collection, third version-results"))
    return JobResult(tuple(outcomes), summarize(outcomes, run), files, (files.csv, files.xlsx, files.html), plan=plan)


WORST = [
    result(stopped=STOPPED),
    result(command="check", plan=Plan(100_000, 20_000, 30_000, 50_000, 9_000, 160_000, 150, 30.0)),
]


@pytest.mark.parametrize("worst", WORST, ids=["stopped", "planned"])
@pytest.mark.parametrize("error", [0, 160], ids=["written", "not written"])
def test_the_worst_case_takes_fifteen_rows_of_eighty_columns_at_most(worst: JobResult, error: int) -> None:
    """What could not be written is said above it, in up to two rows."""
    room = MOST_ROWS - -(-error // 80)
    text = terminal_text(summary_lines(worst, STEP), 80, room, 3, coloured=False)
    rows = text.splitlines()
    taken = sum(-(-len(row) // 80) or 1 for row in rows)
    assert taken <= room, text
    assert all(len(row) < 80 for row in rows if not row.lstrip().startswith("importer"))
    assert [row for row in rows if re.match(r" +\d+ {2}[a-z_]+", row)]
    assert sum(bool(re.match(r" +\d+ {2}[a-z]+_[a-z_]+", row)) for row in rows) == 3
    assert f"  {STEP.command}" in rows
    assert rows[0].startswith(FILE)


def test_only_a_store_that_outlives_the_run_lets_it_carry_on() -> None:
    """Each `--sandbox` starts a store of its own."""
    for sandbox in (True, False):
        ended = result(stopped="Stopped by Ctrl-C.", sandbox=sandbox)
        step = next_step(ended, 130, sending=True, plan_only=False, arguments=["run", FILE])
        assert step.sentence.startswith("Next: run the same command again")
        assert ("carries on" in step.sentence) is not sandbox


def test_what_has_room_is_told_in_full_with_hanging_indents() -> None:
    lines = summary_lines(result(), STEP)
    text = terminal_text(lines, 100, 60, 3, coloured=False)
    assert " ".join(text.split()) == " ".join(plain_text(lines).split())
    assert max(map(len, text.splitlines())) < 100
    following = text.partition("tls_too_old")[2].splitlines()[1]
    assert re.match(r" {9}\S", following)


@pytest.mark.parametrize("width", [20, 40, 60])
def test_no_row_is_wider_than_a_narrow_terminal_but_what_is_copied(width: int) -> None:
    """The command and the path of the report, which are never cut short either."""
    done = result(stopped=STOPPED)
    rows = terminal_text(summary_lines(done, STEP), width, MOST_ROWS, 4, coloured=False).splitlines()
    copied = [f"Report: {done.files.html}", f"  {STEP.command}"]
    assert [row for row in rows if row in copied] == copied
    assert all(len(row) < width or len(row.split()) == 1 for row in rows if row not in copied)


@pytest.mark.parametrize(
    ("code", "colours"), [(0, "\x1b[32m\x1b[1m"), (3, "\x1b[33m\x1b[1m"), (4, "\x1b[31m\x1b[1m"), (130, "\x1b[31m")]
)
def test_the_verdict_and_the_counts_are_coloured_and_nothing_else(code: int, colours: str) -> None:
    text = terminal_text(summary_lines(result(), STEP), 300, 60, code, coloured=True)
    rows = text.splitlines()
    verdict, counts = rows[1], rows[2]
    assert verdict.startswith(f"{colours}")
    assert "\x1b[32m49 uploaded\x1b[0m" in counts
    assert "\x1b[31m50 rejected\x1b[0m" in counts
    assert not any("\x1b" in row for row in rows[3:])


def test_strangers_words_cannot_colour_the_screen() -> None:
    evil = result()
    object.__setattr__(evil.summary.run, "file", "a\x1b[2J.csv")
    lines = summary_lines(evil, STEP)
    for text in (plain_text(lines), terminal_text(lines, 80, 15, 3, coloured=False)):
        assert "\x1b" not in text
        assert "a\N{REPLACEMENT CHARACTER}[2J.csv" in text
