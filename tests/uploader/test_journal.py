"""The journal: found by store, product and address, held by one process, and never silently lost."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from importer.errors import JournalLostError, ResultsError
from importer.models import StoreImage
from importer.uploader import Journal
from importer.uploader.journal import JOURNAL_NAME

URL = "https://a.example/x.jpg"
IMAGE = StoreImage(501, 111, "a/1/x__12345.jpg", "", 0, True, "", "")

HOLD = """
import sys
from pathlib import Path
from importer import Journal
journal = Journal(Path(sys.argv[1]), "s")
print("held", flush=True)
sys.stdin.read()
"""


def test_an_intention_becomes_a_result_and_survives_reopening(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "store-a")
    intended_at = journal.intend(111, URL, newest_id=500)
    assert journal.entries(111)[URL].image_id is None
    journal.stored(111, URL, IMAGE)
    journal.close()
    again = Journal(tmp_path, "store-a")
    entry = again.entries(111)[URL]
    assert (entry.image_id, entry.image_file, entry.newest_id) == (501, "a/1/x__12345.jpg", 500)
    assert entry.intended_at == intended_at
    assert again.entries(112) == {}
    again.close()


def test_entries_of_another_store_are_not_ours(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "store-a")
    journal.intend(111, URL, newest_id=0)
    journal.close()
    other = Journal(tmp_path, "store-b")
    assert other.entries(111) == {}
    other.close()


def test_forgetting_and_intending_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "s")
    journal.intend(1, URL, newest_id=5)
    journal.stored(1, URL, IMAGE)
    journal.intend(1, URL, newest_id=9)
    assert (journal.entries(1)[URL].image_id, journal.entries(1)[URL].newest_id) == (None, 9)
    journal.forget(1, URL)
    assert journal.entries(1) == {}
    journal.close()


def test_a_second_importer_says_so_and_stops(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    with holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(ResultsError, match="Another import is using"):
            Journal(tmp_path, "s")
        holder.kill()
    Journal(tmp_path, "s").close()  # the lock died with its holder


def test_a_journal_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / JOURNAL_NAME)
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(ResultsError, match="newer version"):
        Journal(tmp_path, "s")


def test_a_file_that_is_no_journal_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / JOURNAL_NAME).write_bytes(b"not a database, but long enough to be read as one" * 100)
    with pytest.raises(ResultsError, match="cannot be used"):
        Journal(tmp_path, "s")


def test_a_missing_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="cannot be opened"):
        Journal(tmp_path / "none", "s")


def test_a_journal_that_cannot_be_written_any_more_stops_the_run(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "s")
    journal._database.execute("PRAGMA max_page_count = 1")  # a full disk, as SQLite sees one

    def fill() -> None:
        for number in range(1000):
            journal.intend(number, URL + "x" * 200, newest_id=0)

    with pytest.raises(JournalLostError, match="cannot be written any more"):
        fill()
    journal.close()
