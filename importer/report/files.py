"""The only place of this room that touches the disk: each file is written whole or not at all."""

import os
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from importer.errors import ResultsError
from importer.models import Outcome, RunInfo
from importer.report.columns import Cell
from importer.report.csv_lines import write_csv, write_csv_list
from importer.report.summary import summarize


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """Where the report was written."""

    csv: Path
    xlsx: Path
    html: Path

    @classmethod
    def of(cls, folder: Path) -> "ReportFiles":
        """The names that the report has in a folder."""
        return cls(folder / "results.csv", folder / "results.xlsx", folder / "results.html")


def prepare_folder(folder: Path) -> ReportFiles:
    """Make the results folder and see that the report can be written, before anything is sent.

    Raises:
        ResultsError: the folder cannot be made or written, or a report of before is open in another program.
    """
    files = _made(folder)
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ResultsError(f"The results folder {folder} cannot be written: {_reason(error)}.") from None
    for path in (files.csv, files.xlsx, files.html):
        expect_writable(path)
    return files


def expect_writable(path: Path) -> None:
    """See that a file of before can be written anew, so that nobody learns it only after the work.

    Raises:
        ResultsError: it is open in another program, or may only be read.
    """
    try:
        if path.exists():
            path.open("r+b").close()
    except OSError as error:
        raise ResultsError(_sentence({path.name: error}, path.parent)) from None


def write_report(outcomes: Sequence[Outcome], run: RunInfo, folder: Path) -> ReportFiles:
    """Write the three files into the folder, which is made where it is missing.

    One file that cannot be written does not cost the others: all are tried before this raises.

    Raises:
        ResultsError: the folder cannot be made, or one or more files cannot be written; what was there before stays.
    """
    # openpyxl and Jinja2 take 150 ms to import, and a command that writes no report should not wait for them.
    from importer.report.page import write_page
    from importer.report.workbook import write_workbook

    summary = summarize(outcomes, run)
    files = _made(folder)
    renderers: dict[Path, Callable[[BinaryIO], None]] = {
        files.csv: partial(write_csv, outcomes),
        files.xlsx: partial(write_workbook, outcomes, summary),
        files.html: partial(write_page, outcomes, summary),
    }
    failures: dict[str, OSError] = {}
    for path, render in renderers.items():
        try:
            _replace(path, render)
        except OSError as error:
            failures[path.name] = error
    if failures:
        raise ResultsError(_sentence(failures, folder)) from next(iter(failures.values()))
    return files


def write_list(path: Path, columns: Sequence[str], lines: Iterable[Mapping[str, Cell]]) -> None:
    """Write a CSV file that is no report: whole or not at all, as the report's files are.

    Args:
        path: the file; something else of that name, such as `/dev/stdout`, is written to as it is.
        columns: the header.
        lines: the cells by column; what a line has besides the columns is left out.

    Raises:
        ResultsError: it cannot be written; what was there before stays.
    """
    render = partial(write_csv_list, columns, lines)
    try:
        if path.exists() and not path.is_file():
            with path.open("wb") as stream:
                render(stream)
        else:
            _replace(path.resolve(), render)
    except OSError as error:
        raise ResultsError(_sentence({path.name: error}, path.parent)) from error


def _made(folder: Path) -> ReportFiles:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ResultsError(f"The results folder {folder} cannot be made: {_reason(error)}.") from error
    return ReportFiles.of(folder)


def _replace(path: Path, render: Callable[[BinaryIO], None]) -> None:
    """Write beside the path, then take its place: nobody ever reads half a file.

    Raises:
        OSError: the disk said no; nothing is left beside the path.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with draft.open("wb") as stream:
            render(stream)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _sentence(failures: dict[str, OSError], folder: Path) -> str:
    """What went wrong and what to do, for the person at the keyboard."""
    names = " and ".join(failures)
    reasons = "; ".join(dict.fromkeys(_reason(error) for error in failures.values()))
    return (
        f"Cannot write {names} in {folder}: {reasons}. If it is open in Excel or another program, close it and retry."
    )


def _reason(error: OSError) -> str:
    """The system's own words."""
    return error.strerror or str(error) or type(error).__name__
