"""CSV files that are no report: whole or not at all, and as safe to open in a spreadsheet program."""

import csv
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from importer.errors import ResultsError
from importer.report import Cell, expect_writable, write_list

COLUMNS = ("id", "words")


def test_a_list_has_its_columns_and_no_cell_that_a_spreadsheet_program_would_run(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    write_list(path, COLUMNS, [{"words": "=1+1", "id": 7, "more": "no"}, {"id": None, "words": "Grün, ☕"}])
    assert path.read_bytes().startswith(b"\xef\xbb\xbfid,words\r\n")
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [["id", "words"], ["7", "'=1+1"], ["", "Grün, ☕"]]
    assert list(tmp_path.iterdir()) == [path]


def test_a_list_that_cannot_be_finished_leaves_the_one_of_before_and_nothing_else(tmp_path: Path) -> None:
    def lines() -> Iterator[dict[str, Cell]]:
        yield {"id": 1, "words": "new"}
        raise OSError(28, "No space left on device")

    path = tmp_path / "list.csv"
    path.write_text("before")
    with pytest.raises(ResultsError, match=r"Cannot write list\.csv in .*: the disk is full\. Make room"):
        write_list(path, COLUMNS, lines())
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link_to_the_new_list(tmp_path: Path) -> None:
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.write_text("before")
    try:
        link.symlink_to(real)
    except OSError:
        pytest.skip("this system does not let us make links")
    write_list(link, COLUMNS, [])
    assert link.is_symlink()
    assert real.read_text(encoding="utf-8-sig") == "id,words\n"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes in folders")
def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_list(pipe, COLUMNS, [])
    assert os.read(reader, 100) == b"\xef\xbb\xbfid,words\r\n"
    os.close(reader)
    assert pipe.is_fifo()


def test_what_cannot_be_written_is_one_sentence_before_and_after_the_work(tmp_path: Path) -> None:
    (tmp_path / "list.csv").mkdir()
    with pytest.raises(ResultsError, match=r"Cannot write list\.csv in .*Move it away"):
        expect_writable(tmp_path / "list.csv")
    with pytest.raises(ResultsError, match=r"Cannot write list\.csv in .*Move it away"):
        write_list(tmp_path / "list.csv", COLUMNS, [])
    with pytest.raises(ResultsError, match=r"Cannot write list\.csv in .*none"):
        write_list(tmp_path / "none" / "list.csv", COLUMNS, [])
    expect_writable(tmp_path / "other.csv")
    assert not (tmp_path / "other.csv").exists()
