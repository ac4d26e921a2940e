"""A journal of version 1 goes on in today's form, and a migration that is killed leaves it as it was."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from importer.uploader import JOURNAL_NAME, Journal
from importer.uploader.journal import Entry, ProductRecord
from importer.uploader.schema import VERSION

# What version 1 wrote, word for word.
VERSION_1 = """
CREATE TABLE IF NOT EXISTS picture (
    store TEXT NOT NULL,
    product_id INTEGER NOT NULL,
    url TEXT NOT NULL,
    image_id INTEGER,
    image_file TEXT NOT NULL DEFAULT '',
    newest_id INTEGER NOT NULL,
    intended_at REAL NOT NULL,
    PRIMARY KEY (store, product_id, url)
) WITHOUT ROWID
"""
ROWS = [
    ("s", 1, "https://a.example/1.jpg", 501, "a/1/1__9.jpg", 500, 1700000000.5),
    ("s", 1, "https://a.example/2.jpg", None, "", 501, 1700000001.5),
    ("s", 9, "https://a.example/1.jpg", 77, "a/1/1__8.jpg", 0, 1700000002.5),
    ("other", 3, "https://a.example/1.jpg", 5, "a/1/1__7.jpg", 0, 1700000003.5),
]
# Tells the number of the statement of an opening that commits the migration.
COUNTS = """
import sqlite3, sys
from pathlib import Path
made, commits = 0, []
class Counting(sqlite3.Connection):
    def execute(self, *arguments):
        global made
        commits.extend([made] if arguments[0] == "COMMIT" else [])
        made += 1
        return super().execute(*arguments)
connect = sqlite3.connect
sqlite3.connect = lambda *a, **k: connect(*a, factory=Counting, **k)
from importer.uploader import Journal
Journal(Path(sys.argv[1]), "s").close()
print(commits[0])
"""
# A process for each folder, which dies by its own hand right before the statement whose number the folder bears. They
# are forks, so that only one has to load the program.
DIES = """
import os, signal, sqlite3, sys
from pathlib import Path
left = 0
class Dying(sqlite3.Connection):
    def execute(self, *arguments):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().execute(*arguments)
connect = sqlite3.connect
sqlite3.connect = lambda *a, **k: connect(*a, factory=Dying, **k)
from importer.uploader import Journal
for folder in map(Path, sys.argv[1:]):
    left = int(folder.name)
    process = os.fork()
    if process == 0:
        journal = Journal(folder, "s")
        left = 1000
        journal.close()
        os._exit(0)
    _, status = os.waitpid(process, 0)
    print(os.WTERMSIG(status))
"""


def version_1(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    database = sqlite3.connect(folder / JOURNAL_NAME, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute(VERSION_1)
    database.execute("PRAGMA user_version = 1")
    database.executemany("INSERT INTO picture VALUES (?, ?, ?, ?, ?, ?, ?)", ROWS)
    database.close()
    return folder


def test_entries_of_version_1_are_all_there_and_settled(tmp_path: Path) -> None:
    journal = Journal(version_1(tmp_path), "s")
    assert journal.products() == [1, 9]
    assert journal.entries(1) == {
        "https://a.example/1.jpg": Entry(501, "a/1/1__9.jpg", "", 500),
        "https://a.example/2.jpg": Entry(None, "", "", 501),
    }
    assert journal.product(1) == journal.product(9) == ProductRecord(None, settled=True, old_taken=False)
    assert journal.plans() == frozenset()
    journal.close()
    other = Journal(tmp_path, "other")
    assert other.entries(3)["https://a.example/1.jpg"].image_id == 5
    other.close()


def test_a_migrated_journal_takes_new_records_and_is_migrated_once(tmp_path: Path) -> None:
    async def send(journal: Journal) -> None:
        await journal.begin(9, 77, old=[77])
        await journal.intend(9, ["https://a.example/1.jpg"], newest_id=77)
        journal.add_plan("plan-a")

    journal = Journal(version_1(tmp_path), "s")
    asyncio.run(send(journal))
    journal.close()
    again = Journal(tmp_path, "s")
    assert again.product(9) == ProductRecord(None, settled=False, old_taken=True)
    assert again.entries(9)["https://a.example/1.jpg"].newest_id == 77
    assert again.plans() == {"plan-a"}
    assert again.product(1) == ProductRecord(None, settled=True, old_taken=False)
    again.close()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_a_migration_killed_in_the_middle_leaves_version_1_whole_and_the_next_one_finishes_it(
    tmp_path: Path,
) -> None:
    counted = subprocess.run(
        [sys.executable, "-c", COUNTS, str(version_1(tmp_path / "counted"))],
        stdout=subprocess.PIPE,
        timeout=60,
        check=True,
    )
    commit = int(counted.stdout)
    folders = [version_1(tmp_path / str(at)) for at in (7, commit // 2, commit, commit + 1, 10_000)]
    died = subprocess.run(
        [sys.executable, "-c", DIES, *map(str, folders)], capture_output=True, text=True, timeout=60, check=True
    )
    versions = []
    for folder in folders:
        database = sqlite3.connect(folder / JOURNAL_NAME)
        versions.append(database.execute("PRAGMA user_version").fetchone()[0])
        if versions[-1] == 1:
            assert database.execute("SELECT * FROM picture ORDER BY intended_at").fetchall() == ROWS
            assert database.execute("SELECT name FROM sqlite_master").fetchall() == [("picture",)]
        database.close()
        journal = Journal(folder, "s")
        assert journal.products() == [1, 9]
        assert len(journal.entries(1)) == 2
        journal.close()
    assert died.stdout.split() == [str(int(signal.SIGKILL))] * 4 + ["0"]
    assert versions == [1] * 3 + [VERSION] * 2
