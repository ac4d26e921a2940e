"""Writing the report is a stage like any other: it is shown, and Ctrl-C during it is heard."""

import errno
import json
import os
import signal
from itertools import pairwise
from pathlib import Path

import pytest

from importer.cli import ExitCode
from importer.cli.next_step import next_step
from importer.models import Status
from importer.pipeline import Job, JobResult, check_file, load_file
from importer.progress import Silence, Watcher
from importer.report import summarize, try_report
from importer.settings import CheckSettings, NetworkSettings, UploadSettings
from tests.conftest import Program, results
from tests.report.report_samples import RUN, every_kind, uploaded

POSIX = pytest.mark.skipif(
    os.name == "nt", reason="Windows sends Ctrl-C to the whole console, the test runner included"
)
ROWS = 5_000
NEWS = "The report is being written; a moment. Press Ctrl-C again to leave it unwritten."


class Pressing(Silence):
    """Remembers the stage `report`, and presses Ctrl-C so many times when so many rows of it are done."""

    def __init__(self, times: int = 0, after: int = 0) -> None:
        self._times, self._after = times, after
        self._writing = False
        self.total: int | None = None
        self.steps: list[int] = []
        self.ended = False
        self.said: list[str] = []

    def begin(self, stage: str, total: int | None) -> None:
        self._writing = stage == "report"
        if self._writing:
            self.total = total
            self._press()

    def advance(self, rows: int = 1, label: str = "") -> None:  # noqa: ARG002 - as the watcher has it
        if self._writing:
            self.steps.append(rows)
            self._press()

    def end(self) -> None:
        self.ended = self._writing

    def say(self, text: str) -> None:
        self.said.append(text)

    def _press(self) -> None:
        if sum(self.steps) >= self._after:
            for _ in range(self._times):
                signal.raise_signal(signal.SIGINT)
            self._times = 0


def checked(program: Program, watcher: Watcher, rows: int = ROWS) -> JobResult:
    """Check a file of which every row is rejected where it is read."""
    sheet = program.sheet([["", f"https://a.example/{number}.jpg"] for number in range(rows)])
    job = Job(program.folder / "results", CheckSettings(), NetworkSettings(), UploadSettings())
    return check_file(load_file(sheet), job, watcher)


def report(folder: Path) -> dict[str, bytes]:
    """Everything in the folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_rows_of_the_report_are_counted_while_it_is_written(program: Program) -> None:
    watcher = Pressing()
    checked(program, watcher)
    assert (watcher.total, sum(watcher.steps), watcher.ended) == (ROWS, ROWS, True)
    assert len(watcher.steps) > 5
    assert min(watcher.steps) > 0


class Gone(Silence):
    """A terminal that somebody has closed."""

    def advance(self, rows: int = 1, label: str = "") -> None:  # noqa: ARG002 - as the watcher has it
        raise OSError(errno.EIO, os.strerror(errno.EIO))


def test_a_terminal_that_is_gone_does_not_cost_the_report(program: Program) -> None:
    result = checked(program, Gone())
    assert result.unwritten == ""
    assert len(result.written) == 3


@POSIX
@pytest.mark.parametrize("after", [0, ROWS // 2])
def test_the_first_ctrl_c_says_that_it_takes_a_moment_and_changes_nothing(program: Program, after: int) -> None:
    watcher = Pressing(1, after)
    result = checked(program, watcher)
    assert watcher.said == [NEWS]
    assert not result.interrupted
    assert result.summary.run.stopped == ""
    assert len(result.written) == 3
    assert len(results(program.folder / "results")) == ROWS


@POSIX
@pytest.mark.parametrize("after", [0, ROWS // 2])
def test_the_second_leaves_the_report_of_before_whole(program: Program, after: int) -> None:
    checked(program, Pressing(), rows=1)
    before = report(program.folder / "results")
    watcher = Pressing(2, after)
    result = checked(program, watcher)
    assert watcher.said == [NEWS]
    assert watcher.ended
    assert result.interrupted
    assert result.written == ()
    assert result.unwritten == (
        "The report was left unwritten, as Ctrl-C asked. What stands in "
        f"{program.folder / 'results'} as results.csv, results.xlsx and results.html is of an earlier run."
    )
    assert {outcome.status for outcome in result.outcomes} == {Status.REJECTED}
    step = next_step(result, ExitCode.INTERRUPTED, sending=False, plan_only=False, arguments=["check", "rows.csv"])
    assert step.sentence == "Next: run the same command again, and it writes the report."
    assert report(program.folder / "results") == before


@pytest.mark.parametrize("steps", [0, 1, 4, 8])
def test_whatever_ends_the_writing_leaves_all_three_files_as_they_were(tmp_path: Path, steps: int) -> None:
    outcomes = every_kind()
    try_report(outcomes, summarize(outcomes, RUN), tmp_path)
    before = report(tmp_path)
    more = [uploaded(row) for row in range(2, 5_000)]
    seen: list[float] = []

    def watch(share: float) -> None:
        if len(seen) == steps:
            raise ZeroDivisionError
        seen.append(share)

    with pytest.raises(ZeroDivisionError):
        try_report(more, summarize(more, RUN), tmp_path, watch)
    assert report(tmp_path) == before


@pytest.mark.long
def test_the_share_that_is_written_grows_to_the_whole(tmp_path: Path) -> None:
    seen: list[float] = []
    outcomes = every_kind() * 1_000
    try_report(outcomes, summarize(outcomes, RUN), tmp_path, seen.append)
    assert seen == sorted(seen)
    assert seen[0] < 0.2
    assert seen[-1] == 1
    assert max(late - early for early, late in pairwise(seen)) < 0.4


@pytest.mark.long
@POSIX
@pytest.mark.parametrize(("presses", "code"), [(1, 3), (2, 130)])
def test_ctrl_c_while_a_large_report_is_written(program: Program, presses: int, code: int) -> None:
    sheet = program.sheet([["", f"https://a.example/{number}.jpg"] for number in range(60_000)])
    process = program.start("check", sheet, "--log-json", "-")
    assert process.stderr is not None
    with process:
        for line in process.stderr:
            event = json.loads(line)
            if (event["event"], event.get("stage")) == ("stage_started", "report"):
                break
        process.send_signal(signal.SIGINT)
        assert json.loads(process.stderr.readline())["text"] == NEWS
        if presses == 2:
            process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    assert ("run the same command again" in out) == (code in {3, 130})
    assert (program.folder / "rows-results" / "results.csv").exists() == (code == 3)
