"""Files are written whole or not at all, and nothing else is left behind."""

from pathlib import Path

import pytest

from importer.errors import ResultsError
from importer.report import ReportFiles, files, write_report
from tests.report.report_samples import RUN, every_kind, uploaded


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


def test_a_folder_that_cannot_be_made_is_one_clear_sentence(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "results").write_text("in the way")
    with pytest.raises(ResultsError, match=r"results folder .* cannot be made"):
        write_report([uploaded(2)], RUN, tmp_path / "results")
    assert names(tmp_path) == ["results"]


def test_a_file_that_cannot_be_replaced_does_not_cost_the_others(tmp_path: Path) -> None:
    """The error names the file; the other two are there, and no draft is."""
    (tmp_path / "results.xlsx").mkdir()
    with pytest.raises(ResultsError, match=r"Cannot write results\.xlsx in .*close it"):
        write_report([uploaded(2)], RUN, tmp_path)
    assert names(tmp_path) == ["results.csv", "results.html", "results.xlsx"]


def test_a_failure_in_the_middle_keeps_the_earlier_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk: what was there before stays whole."""
    written = write_report([uploaded(2)], RUN, tmp_path)
    before = written.csv.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ResultsError, match=r"results\.csv and results\.xlsx and results\.html .*No space left"):
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
