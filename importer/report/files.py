"""The only place of this room that touches the disk: each file is written whole or not at all."""

import errno
import os
import re
import secrets
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from importer.errors import ResultsError
from importer.models import Outcome, RunInfo
from importer.report.columns import Cell
from importer.report.csv_lines import write_csv, write_csv_list
from importer.report.summary import Summary, summarize

_FULL_BLOCK = 4096
"""Bytes that a disk must have left to be worth starting on."""
_ELSEWHERE = "or choose another folder with --results"
_IN_THE_WAY = ("something else of that name stands in its place", "Move it away")
_CAUSES = {
    errno.ENOSPC: ("the disk is full", "Make room on it"),
    errno.EDQUOT: ("your share of the disk is used up", "Delete there what you no longer need"),
    errno.EFBIG: ("the disk takes no file as large as this", "Use another disk"),
    errno.EROFS: ("the disk can only be read", "Use another disk"),
    errno.EEXIST: _IN_THE_WAY,
    errno.EISDIR: _IN_THE_WAY,
    errno.ENOTDIR: _IN_THE_WAY,
}
"""What went wrong and what to do about it, by what the system says (POSIX.1-2017, errno.h)."""
_DRAFT = re.compile(r"\.(?:results\.(?:csv|xlsx|html)|undo\.csv)\.(\d{1,10})(?:\.[0-9a-f]{16})?\.tmp")
_CLOSED = frozenset({errno.EACCES, errno.EPERM, errno.EBUSY})


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


@dataclass(frozen=True, slots=True)
class Written:
    """What came of writing a report.

    Attributes:
        files: those that hold this report now.
        trouble: why it is not all of them and what to do, as a sentence or two; empty where it is.
    """

    files: tuple[Path, ...] = ()
    trouble: str = ""


def prepare_folder(folder: Path) -> ReportFiles:
    """Make the results folder and see that the report can be written, before anything is sent.

    Raises:
        ResultsError: the folder cannot be made or written, or a report of before is open in another program.
    """
    files = _made(folder)
    _remove_old_drafts(folder)
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(bytes(_FULL_BLOCK))
            probe.flush()
    except OSError as error:
        reason, remedy = _cause(error, "Let yourself write there")
        raise ResultsError(
            f"The results folder {folder} cannot be written: {reason}. {remedy}, {_ELSEWHERE}."
        ) from None
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
    written = try_report(outcomes, summarize(outcomes, run), folder)
    if written.trouble:
        raise ResultsError(written.trouble)
    return ReportFiles.of(folder)


def try_report(
    outcomes: Sequence[Outcome], summary: Summary, folder: Path, watch: Callable[[float], None] = lambda _: None
) -> Written:
    """The same, for a caller that has summed up already and makes do with the files that can be written.

    Args:
        outcomes: of every row.
        summary: of the outcomes.
        folder: for the files.
        watch: told again and again which share of the work is done, from 0 to 1. What it raises ends the writing, and
            all that stands in the folder stays as it was.
    """
    # openpyxl and Jinja2 take 150 ms to import, and a command that writes no report should not wait for them.
    from importer.report.page import MOST_ROWS, write_page
    from importer.report.workbook import workbook_rows, write_workbook

    try:
        files = _made(folder)
    except ResultsError as error:
        return Written((), str(error))
    rows = len(outcomes)
    share = _Share(rows + workbook_rows(outcomes, summary) + min(rows, MOST_ROWS), watch)
    renderers: dict[Path, Callable[[BinaryIO], None]] = {
        files.csv: lambda stream: write_csv(outcomes, stream, share.add),
        # What people look at comes before what takes most room: the disk may be nearly full.
        files.html: partial(write_page, outcomes, summary),
        files.xlsx: lambda stream: write_workbook(outcomes, summary, stream, share.add),
    }
    failed = _write_all(renderers, share)
    usual = (files.csv, files.xlsx, files.html)
    failures = {path.name: failed[path.name] for path in usual if path.name in failed}
    done = tuple(path for path in usual if path.name not in failures)
    old = earlier([folder / name for name in failures], "there")
    return Written(done, _sentence(failures, folder) + old if failures else "")


def earlier(paths: Iterable[Path], where: str) -> str:
    """What to say, after a sentence, of files that were not replaced: which are of an earlier run, if any."""
    old = [path.name for path in paths if path.is_file()]
    return f" What stands {where} as {_listed(old)} is of an earlier run." if old else ""


class _Share:
    """Tells the share of the work that is done.

    Args:
        whole: rows that are to be written.
        watch: told the share.
    """

    def __init__(self, whole: int, watch: Callable[[float], None]) -> None:
        self._whole, self._watch = whole, watch
        self._done = 0

    def add(self, rows: int) -> None:
        """So many more rows are written."""
        self._done += rows
        self._watch(min(1.0, self._done / self._whole) if self._whole else 0.0)

    def end(self) -> None:
        """All is written."""
        self._watch(1.0)


def _write_all(renderers: Mapping[Path, Callable[[BinaryIO], None]], share: _Share) -> dict[str, OSError]:
    """Write all that can be written, then put it in place; what cannot be, by name."""
    failures: dict[str, OSError] = {}
    drafts: dict[Path, Path] = {}
    try:
        for path, render in renderers.items():
            drafts[path] = _draft(path)
            share.add(0)
            try:
                _write(drafts[path], render)
            except OSError as error:
                failures[path.name] = error
                # On a full disk, its room may do for the next.
                drafts.pop(path).unlink(missing_ok=True)
        share.end()
        # From here on nothing takes time, so that the files of one report stand beside those of another for an instant.
        for path, draft in drafts.items():
            try:
                draft.replace(path)
            except OSError as error:
                failures[path.name] = error
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)
    return failures


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
        reason, remedy = _cause(error, "Let yourself write there")
        if error.errno in {errno.EEXIST, errno.ENOTDIR}:
            file = next((path for path in (folder, *folder.parents) if path.is_file()), folder)
            reason, remedy = f"{file} is not a folder", "Move it away"
        raise ResultsError(f"The results folder {folder} cannot be made: {reason}. {remedy}, {_ELSEWHERE}.") from error
    return ReportFiles.of(folder)


def _replace(path: Path, render: Callable[[BinaryIO], None]) -> None:
    """Write beside the path, then take its place: nobody ever reads half a file.

    Raises:
        OSError: the disk said no; nothing is left beside the path.
    """
    draft = _draft(path)
    try:
        _write(draft, render)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _draft(path: Path) -> Path:
    """A name beside the path that nobody can guess, so that nobody can put a link there."""
    return path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(8)}.tmp")


def _remove_old_drafts(folder: Path) -> None:
    """Take away what killed runs have left; a draft of a run that is still alive stays."""
    for draft in folder.glob(".*.tmp"):
        found = _DRAFT.fullmatch(draft.name)
        if found and not _is_alive(int(found[1])):
            with suppress(OSError):
                draft.unlink()


def _is_alive(process: int) -> bool:
    if sys.platform == "win32":
        # There, asking ends the process; a draft that is in use cannot be deleted anyway.
        return False
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    return True


def _created(draft: Path) -> BinaryIO:
    """Exclusively: a file or link that stands there already is an error, and nothing is written through it."""
    return draft.open("xb")


def _write(draft: Path, render: Callable[[BinaryIO], None]) -> None:
    with _created(draft) as stream:
        render(stream)
        stream.flush()
        os.fsync(stream.fileno())


def _sentence(failures: Mapping[str, OSError], folder: Path) -> str:
    """What went wrong and what to do, for the person at the keyboard; the same cause is told once."""
    names = list(failures)
    causes = [_cause(error, "If it is open in Excel or another program, close it") for error in failures.values()]
    reasons = " and ".join(dict.fromkeys(reason for reason, _ in causes))
    remedies = ". ".join(dict.fromkeys(remedy for _, remedy in causes))
    return f"Cannot write {_listed(names)} in {folder}: {reasons}. {remedies}, then run the same command again."


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} and {names[-1]}"


def _cause(error: OSError, permission: str) -> tuple[str, str]:
    """The cause in plain words and the remedy, which is `permission` where the system does not allow it."""
    words = error.strerror or str(error) or type(error).__name__
    if error.errno in _CLOSED:
        return words, permission
    return _CAUSES.get(error.errno or 0, (words, "Look after the disk"))
