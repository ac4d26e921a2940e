"""The stage in which the report is written."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from importer.interruption import AbandonedError, Interruption
from importer.models import Outcome
from importer.pipeline.stages import stage
from importer.progress import Watcher
from importer.report import ReportFiles, Summary, Written, earlier, try_report


def report(
    outcomes: Sequence[Outcome], summary: Summary, folder: Path, watcher: Watcher, interruption: Interruption
) -> Written:
    """Write the report, and show how far that has come; Ctrl-C twice leaves the report of before whole.

    Args:
        outcomes: of every row.
        summary: of the outcomes.
        folder: for the files.
        watcher: shows progress.
        interruption: told already that the report begins.
    """
    shown = 0

    def watch(share: float) -> None:
        nonlocal shown
        interruption.heed()
        rows = int(share * len(outcomes)) - shown
        if rows > 0:
            shown += rows
            # A terminal that is gone must not be taken for a disk that takes no report.
            with suppress(OSError):
                watcher.advance(rows)

    with stage(watcher, "report", len(outcomes)):
        try:
            return try_report(outcomes, summary, folder, watch)
        except AbandonedError:
            files = ReportFiles.of(folder)
            old = earlier((files.csv, files.xlsx, files.html), f"in {folder}")
            return Written((), f"The report was left unwritten, as Ctrl-C asked.{old}")
