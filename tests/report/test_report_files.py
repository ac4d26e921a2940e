"""Files are written whole or not at all, and nothing else is left behind."""

import errno
import gc
import os
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO

import pytest

from importer.errors import ResultsError
from importer.report import ReportFiles, files, prepare_folder, summarize, try_report, write_report
from tests.report.report_samples import RUN, every_kind, uploaded

FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")


def names(folder: Path) -> list[str]:
    """What lies in the folder."""
    return sorted(path.name for path in folder.iterdir())


def test_three_files_are_written_into_a_new_folder(tmp_path: Path) -> None:
    """And nothing but these three."""
    folder = tmp_path / "new" / "results"
    written = write_report(every_kind(), RUN, folder)
    assert written == ReportFiles(folder / "results.csv", folder / "results.xlsx", folder / "results.html")
    assert names(folder) == ["results.csv", "results.html", "results.xlsx"]


def test_an_earlier_report_is_replaced(tmp_path: Path) -> None:
    """The folder always holds the latest run."""
    written = write_report([uploaded(2)], RUN, tmp_path)
    before = written.csv.read_bytes()
    write_report([uploaded(2), uploaded(3)], RUN, tmp_path)
    assert written.csv.read_bytes().count(b"\r\n") == before.count(b"\r\n") + 1


@pytest.mark.parametrize("folder", ["results", "results/below/it"])
def test_a_folder_that_cannot_be_made_is_one_clear_sentence(tmp_path: Path, folder: str) -> None:
    """A file stands where the folder, or one above it, should be; it is named, and so is the way out."""
    (tmp_path / "results").write_text("in the way")
    with pytest.raises(ResultsError) as raised:
        write_report([uploaded(2)], RUN, tmp_path / folder)
    assert str(raised.value) == (
        f"The results folder {tmp_path / folder} cannot be made: {tmp_path / 'results'} is not a folder. Move it "
        "away, or choose another folder with --results."
    )
    assert names(tmp_path) == ["results"]


def test_a_file_that_cannot_be_replaced_does_not_cost_the_others(tmp_path: Path) -> None:
    """The error names the file and what is in its way; the other two are there, and no draft is."""
    (tmp_path / "results.xlsx").mkdir()
    with pytest.raises(ResultsError) as raised:
        write_report([uploaded(2)], RUN, tmp_path)
    assert str(raised.value) == (
        f"Cannot write results.xlsx in {tmp_path}: something else of that name stands in its place. Move it away, "
        "then run the same command again."
    )
    assert names(tmp_path) == ["results.csv", "results.html", "results.xlsx"]


def on_a_full_disk(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Let the drafts of these files lie where nothing can be written: full(4), "writes fail with ENOSPC"."""
    created = files._created

    def full(draft: Path) -> BinaryIO:
        return (
            Path("/dev/full").open("wb")
            if draft.name.startswith(tuple(f".{name}." for name in names))
            else created(draft)
        )

    monkeypatch.setattr(files, "_created", full)


@FULL
@pytest.mark.parametrize("rows", [1, 5_000])
def test_a_full_disk_is_one_sentence_that_names_what_is_old_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    """No file of before is harmed, no draft stays, and no half-made workbook complains when it is thrown away."""
    before = write_report([uploaded(2)], RUN, tmp_path).html.read_bytes()
    (tmp_path / "results.xlsx").unlink()
    on_a_full_disk(monkeypatch, "results.xlsx", "results.html")
    outcomes = [uploaded(row) for row in range(2, rows + 2)]
    written = try_report(outcomes, summarize(outcomes, RUN), tmp_path)
    gc.collect()
    assert written.files == (tmp_path / "results.csv",)
    assert written.trouble == (
        f"Cannot write results.xlsx and results.html in {tmp_path}: the disk is full. Make room on it, then run the "
        "same command again. What stands there as results.html is of an earlier run."
    )
    assert (tmp_path / "results.html").read_bytes() == before
    assert (tmp_path / "results.csv").read_bytes().count(b"\r\n") == rows + 1
    assert names(tmp_path) == ["results.csv", "results.html"]


@FULL
def test_different_causes_are_told_with_a_remedy_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the same cause once."""
    (tmp_path / "results.csv").mkdir()
    on_a_full_disk(monkeypatch, "results.xlsx", "results.html")
    with pytest.raises(ResultsError) as raised:
        write_report([uploaded(2)], RUN, tmp_path)
    assert str(raised.value) == (
        f"Cannot write results.csv, results.xlsx and results.html in {tmp_path}: something else of that name stands "
        "in its place and the disk is full. Move it away. Make room on it, then run the same command again."
    )


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.EACCES, "If it is open in Excel or another program, close it, then run the same command again."),
        (errno.EBUSY, "If it is open in Excel or another program, close it, then run the same command again."),
        (errno.EDQUOT, "your share of the disk is used up. Delete there what you no longer need, then"),
        (errno.EFBIG, "the disk takes no file as large as this. Use another disk, then"),
        (errno.EROFS, "the disk can only be read. Use another disk, then"),
        (errno.EIO, "Look after the disk, then"),
    ],
)
def test_the_advice_fits_what_the_system_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, words: str
) -> None:
    """Excel is named only where it can be the reason."""

    def fail(descriptor: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("os.fsync", fail)
    trouble = try_report([uploaded(2)], summarize([uploaded(2)], RUN), tmp_path).trouble
    assert words in trouble
    assert ("Excel" in trouble) == ("Excel" in words)


def test_the_page_is_there_before_the_workbook_takes_what_room_is_left(tmp_path: Path) -> None:
    seen: list[str] = []
    outcomes = [uploaded(row) for row in range(2, 3_000)]
    try_report(outcomes, summarize(outcomes, RUN), tmp_path, lambda _: seen.append(" ".join(names(tmp_path))))
    drafts = [one for one in seen if ".xlsx" in one]
    assert drafts
    assert all(".html" in one for one in drafts)


def test_a_failure_in_the_middle_keeps_the_earlier_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk: what was there before stays whole."""
    written = write_report([uploaded(2)], RUN, tmp_path)
    before = written.csv.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ResultsError, match=r"results\.csv, results\.xlsx and results\.html in .*the disk is full"):
        write_report(every_kind(), RUN, tmp_path)
    assert written.csv.read_bytes() == before
    assert names(tmp_path) == ["results.csv", "results.html", "results.xlsx"]


def test_a_crash_in_a_renderer_leaves_no_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even a mistake of ours cleans up after itself."""

    def broken(*_: object) -> None:
        raise RuntimeError("a mistake")

    monkeypatch.setattr(files, "write_csv", broken)
    with pytest.raises(RuntimeError, match="a mistake"):
        write_report([uploaded(2)], RUN, tmp_path)
    assert names(tmp_path) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows needs a right of its own for symbolic links")
def test_a_planted_link_is_not_written_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither one under the name that a draft had once, nor one that somebody has guessed."""
    precious = tmp_path / "precious.txt"
    precious.write_text("mine", encoding="utf-8")
    (tmp_path / f".results.html.{os.getpid()}.tmp").symlink_to(precious)
    monkeypatch.setattr("secrets.token_hex", lambda size: "0" * 2 * size)
    (tmp_path / f".results.csv.{os.getpid()}.{'0' * 16}.tmp").symlink_to(precious)
    prepare_folder(tmp_path)
    written = try_report([uploaded(2)], summarize([uploaded(2)], RUN), tmp_path)
    assert precious.read_text(encoding="utf-8") == "mine"
    assert {path.name for path in written.files} == {"results.html", "results.xlsx"}
    assert "something else of that name stands in its place" in written.trouble


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot tell whether a process is alive without ending it")
def test_drafts_of_killed_runs_go_and_those_of_others_stay(tmp_path: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    dead, alive = int(ended.stdout), os.getppid()
    gone = [f".results.html.{dead}.tmp", f".results.xlsx.{dead}.{'ab' * 8}.tmp", f".undo.csv.{dead}.{'0' * 16}.tmp"]
    stay = [f".results.html.{alive}.{'0' * 16}.tmp", f".mine.{dead}.tmp", f"results.csv.{dead}.tmp"]
    for name in (*gone, *stay):
        (tmp_path / name).touch()
    prepare_folder(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {*stay}
