"""What a results folder's journal says before it is opened, and that asking changes nothing in it."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from importer.errors import ResultsError
from importer.uploader import JOURNAL_NAME, Journal, plans_of, recorded_stores

# Dies with its last records in the log alone.
DIES = """
import asyncio, os, signal, sys
from pathlib import Path
from importer.uploader import Journal
journal = Journal(Path(sys.argv[1]), "s")
journal.add_plan("plan-b")
asyncio.run(journal.flush())
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose name means something in an address, with a journal of two stores."""
    made = tmp_path / "50% of #1?"
    made.mkdir()
    for store in ("s", "other"):
        journal = Journal(made, store)
        journal.add_plan(f"plan-{store}")
        asyncio.run(journal.begin(1, None))
        journal.close()
    return made


def content(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_each_store_has_its_own_plans_and_its_records(folder: Path) -> None:
    assert plans_of(folder, "s") == {"plan-s"}
    assert plans_of(folder, "other") == {"plan-other"}
    assert plans_of(folder, "none") == frozenset()
    assert recorded_stores(folder) == ["other", "s"]


def test_asking_for_plans_changes_nothing_and_leaves_no_file_behind(folder: Path) -> None:
    before = content(folder)
    assert list(before) == [JOURNAL_NAME]
    changed = folder.stat().st_mtime_ns
    assert plans_of(folder, "s")
    assert content(folder) == before
    assert folder.stat().st_mtime_ns == changed  # not even for a moment


def test_a_journal_that_is_held_is_said_to_be_in_use_and_is_not_disturbed(folder: Path) -> None:
    journal = Journal(folder, "s")
    journal.add_plan("plan-b")
    asyncio.run(journal.flush())
    before = content(folder)
    with pytest.raises(ResultsError, match="Another import is using"):
        plans_of(folder, "s")
    assert content(folder) == before
    journal.close()
    assert plans_of(folder, "s") == {"plan-s", "plan-b"}


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_a_killed_imports_plan_is_found(folder: Path) -> None:
    died = subprocess.run([sys.executable, "-c", DIES, str(folder)], timeout=60, check=False)
    assert died.returncode == -signal.SIGKILL
    assert b"plan-b" not in (folder / JOURNAL_NAME).read_bytes()
    assert plans_of(folder, "s") == {"plan-s", "plan-b"}
    assert plans_of(folder, "s") == {"plan-s", "plan-b"}
    journal = Journal(folder, "s")  # nothing holds it
    assert journal.plans() == {"plan-s", "plan-b"}
    journal.close()


@pytest.mark.parametrize("version", [1, 99])
def test_a_journal_of_another_version_has_no_plans_and_stays_as_it_is(folder: Path, version: int) -> None:
    database = sqlite3.connect(folder / JOURNAL_NAME)
    database.execute(f"PRAGMA user_version = {version}")
    database.close()
    before = content(folder)
    assert plans_of(folder, "s") == frozenset()
    assert content(folder) == before


def test_where_no_journal_can_be_read_there_are_no_plans_and_none_is_made(folder: Path, tmp_path: Path) -> None:
    assert plans_of(tmp_path / "missing", "s") == plans_of(tmp_path, "s") == frozenset()
    assert not (tmp_path / JOURNAL_NAME).exists()
    journal = folder / JOURNAL_NAME
    journal.write_bytes(b"not a database, but long enough to be read as one" * 100)
    assert plans_of(folder, "s") == frozenset()
    journal.write_bytes(b"")
    assert plans_of(folder, "s") == frozenset()
    journal.unlink()
    journal.mkdir()
    assert plans_of(folder, "s") == frozenset()
