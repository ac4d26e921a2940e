"""Opening the journal and writing it to the end: each thing that can be wrong is one clear sentence."""

import asyncio
import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from importer.errors import JournalLostError, ResultsError
from importer.uploader import JOURNAL_NAME, Journal

URL = "https://a.example/x.jpg"

HOLD = """
import sys
from pathlib import Path
from importer.uploader import Journal
journal = Journal(Path(sys.argv[1]), "s")
print("held", flush=True)
sys.stdin.read()
"""

# SQLite meets the limit as it would a disk that takes no more; the folder is given up to the user "nobody" where we
# are root, whom no permission stops.
WITHIN = """
import asyncio, os, sys
from pathlib import Path
from importer.errors import ImporterError
from importer.uploader import Journal
folder, limit, user = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
if limit >= 0:
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
if user and os.getuid() == 0:
    os.setuid(user)

async def fill(journal):
    for number in range(100_000):
        await journal.intend(number, ["https://a.example/x.jpg"], newest_id=0)
        sys.stdout.write(f"{number}\\n")

try:
    journal = Journal(folder, "s")
except ImporterError as error:
    print(type(error).__name__, error)
    sys.exit()
try:
    asyncio.run(fill(journal))
except ImporterError as error:
    print(type(error).__name__, error)
try:
    journal.close()
except ImporterError as error:
    print("closing:", error)
"""
posix = pytest.mark.skipif(os.name != "posix", reason="limits and users are those of POSIX")


def within(folder: Path, limit: int = -1, user: int = 0) -> list[str]:
    """What a process says that fills a journal with no more than `limit` bytes to a file, or as another user."""
    done = subprocess.run(
        [sys.executable, "-c", WITHIN, str(folder), str(limit), str(user)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def filled(folder: Path, products: int) -> Path:
    async def fill(journal: Journal) -> None:
        for product_id in range(products):
            await journal.intend(product_id, [f"{URL}?{'x' * 100}"], newest_id=0)

    journal = Journal(folder, "s")
    asyncio.run(fill(journal))
    journal.close()
    return folder / JOURNAL_NAME


def test_a_second_importer_says_so_and_stops(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(ResultsError, match="Another import is using"):
            Journal(tmp_path, "s")
        holder.kill()
    Journal(tmp_path, "s").close()  # the lock died with its holder


def test_a_second_journal_in_the_same_process_is_refused_too_and_closing_lets_it_in(tmp_path: Path) -> None:
    first = Journal(tmp_path, "s")
    with pytest.raises(ResultsError, match="Another import is using"):
        Journal(tmp_path, "other-store")
    first.close()
    Journal(tmp_path, "s").close()


def test_a_journal_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / JOURNAL_NAME)
    database.execute("CREATE TABLE later (what TEXT)")
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(ResultsError, match="newer version of this tool"):
        Journal(tmp_path, "s")
    database = sqlite3.connect(tmp_path / JOURNAL_NAME)
    assert database.execute("SELECT name FROM sqlite_master").fetchall() == [("later",)]
    assert database.execute("PRAGMA user_version").fetchone() == (99,)
    database.close()


def test_a_file_that_is_no_journal_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / JOURNAL_NAME).write_bytes(b"not a database, but long enough to be read as one" * 100)
    with pytest.raises(ResultsError, match=r"the file is damaged\. Move it away"):
        Journal(tmp_path, "s")


def test_damage_in_the_middle_is_seen_before_anything_is_sent(tmp_path: Path) -> None:
    file = filled(tmp_path, 400)
    whole = file.read_bytes()
    for page in range(4096, len(whole), 4096):
        if len({*whole[page : page + 4096]}) > 10:  # not an empty page
            file.write_bytes(whole[:page] + b"\xee" * 4096 + whole[page + 4096 :])
            with pytest.raises(ResultsError, match="the file is damaged"):
                Journal(tmp_path, "s")
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ResultsError, match="the file is damaged"):
        Journal(tmp_path, "s")


def test_a_missing_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="cannot be opened: there is no folder"):
        Journal(tmp_path / "none", "s")


def test_a_folder_where_the_file_should_be_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / JOURNAL_NAME).mkdir()
    with pytest.raises(ResultsError, match="cannot be written"):
        Journal(tmp_path, "s")


@posix
@pytest.mark.parametrize(
    ("file", "folder"),
    [(None, 0o555), (0o444, 0o555), (0o666, 0o555), (0o444, 0o777)],
    ids=["new", "both", "folder", "file"],
)
def test_a_read_only_file_or_folder_is_one_sentence(file: int | None, folder: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        results = Path(name)
        if file is not None:
            filled(results, 1).chmod(file)
        results.chmod(folder)
        said = within(results, user=65534)
        results.chmod(0o755)
    assert len(said) == 1
    path = results / JOURNAL_NAME
    assert said[0].startswith(f"ResultsError The journal {path} cannot be written: it or its folder is read-only")


@posix
def test_a_folder_inside_one_that_is_closed_to_us_is_one_sentence() -> None:
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "inner").mkdir()
        Path(name).chmod(0o000)
        said = within(Path(name) / "inner", user=65534)
        Path(name).chmod(0o755)
    assert len(said) == 1
    assert said[0].startswith("ResultsError The journal ")
    assert "cannot be written: it or its folder is read-only, or not yours" in said[0]


@posix
def test_a_disk_that_takes_nothing_is_one_sentence(tmp_path: Path) -> None:
    said = within(tmp_path, limit=0)
    assert len(said) == 1
    assert said[0].startswith("ResultsError The journal ")


@posix
def test_a_disk_that_takes_no_more_stops_the_run_and_loses_no_intention(tmp_path: Path) -> None:
    *sent, lost, closing = within(tmp_path, limit=200_000)
    assert lost.startswith("JournalLostError The journal ")
    assert "cannot be written any more" in lost
    assert closing == lost.replace("JournalLostError", "closing:")
    assert len(sent) > 10
    journal = Journal(tmp_path, "s")
    assert journal.products() == [int(number) for number in sent]
    journal.close()


def test_a_full_disk_fails_every_later_call_in_the_same_words(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "s")
    pages = journal._file._database.execute("PRAGMA page_count").fetchone()[0]
    journal._file._database.execute(f"PRAGMA max_page_count = {pages}")  # a full disk, as SQLite sees one
    recorded: list[int] = []

    async def fill() -> None:
        for number in range(1000):
            await journal.intend(number, [URL + "x" * 200], newest_id=0)
            recorded.append(number)

    async def later() -> None:
        with pytest.raises(JournalLostError, match="the disk is full"):
            await journal.intend(5000, [URL], newest_id=0)
        with pytest.raises(JournalLostError, match="the disk is full"):
            await journal.begin(5000, 1)
        with pytest.raises(JournalLostError, match="the disk is full"):
            await journal.intend_variant(5000, 1, URL, "")
        with pytest.raises(JournalLostError, match="the disk is full"):
            await journal.flush()
        journal.settle(1)  # a result has nobody to tell: the next intention does

    with pytest.raises(
        JournalLostError, match=r"\(the disk is full\), so nothing more was sent\. Make room on the disk"
    ):
        asyncio.run(fill())
    assert recorded
    asyncio.run(later())
    with pytest.raises(JournalLostError, match="the disk is full"):
        journal.close()
    again = Journal(tmp_path, "s")
    assert again.products() == recorded
    again.close()


@pytest.mark.parametrize(
    "fault",
    [
        "PRAGMA max_page_count = 1",  # SQLite takes the whole transaction back
        (  # and here it leaves it open
            "CREATE TEMP TRIGGER fault BEFORE INSERT ON old_picture WHEN NEW.image_id = 9000 "
            "BEGIN SELECT RAISE(FAIL, 'a fault'); END"
        ),
    ],
    ids=["taken back", "left open"],
)
def test_what_was_begun_together_is_lost_together(tmp_path: Path, fault: str) -> None:
    journal = Journal(tmp_path, "s")
    journal._file._database.execute(fault)

    async def begin() -> None:
        with pytest.raises(JournalLostError):
            await journal.begin(1, 40, old=range(10_000))
        with pytest.raises(JournalLostError):
            await journal.begin(2, 40)

    asyncio.run(begin())
    with pytest.raises(JournalLostError):
        journal.close()
    again = Journal(tmp_path, "s")
    assert again.products() == []
    again.close()


def test_a_journal_behind_a_link_is_written_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "linked").mkdir()
    real = filled(tmp_path / "real", 3)
    try:
        (tmp_path / "linked" / JOURNAL_NAME).symlink_to(real)
    except OSError:
        pytest.skip("this system does not let us make links")
    assert filled(tmp_path / "linked", 5).is_symlink()
    journal = Journal(tmp_path / "real", "s")
    assert journal.products() == [0, 1, 2, 3, 4]
    journal.close()
