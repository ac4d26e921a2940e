"""The same import under another name: it is carried on with the journal of before, and waits where that is in use."""

import os

import pytest

from importer.sandbox import Sandbox
from tests.cli.test_exit_codes import stored, wait_for_posts
from tests.conftest import Program, halted

NAMES = ["a", "b", "c"]


@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="only Unix can halt a process for a while")
def test_2_the_same_import_under_another_name_while_it_runs_stops(
    program: Program, store: Sandbox, pictures: str
) -> None:
    rows = [[number, f"{pictures}/{name}.jpg?delay=1"] for number in (1, 2) for name in NAMES]
    sheet, renamed = program.sheet(rows), program.sheet(rows, name="renamed.csv")
    flags = ("--allow-private", "--no-check")
    with program.start("run", sheet, *flags, sandbox=store) as first:
        wait_for_posts(store, 2)
        with halted(first):
            second = program.run("run", renamed, *flags, sandbox=store)
        first.communicate(timeout=30)
    assert [stored(store, number) for number in (1, 2)] == [NAMES] * 2
    assert (first.returncode, second.returncode) == (0, 2), second.stderr


@pytest.mark.long
def test_0_a_mistyped_store_hash_in_between_does_not_hide_the_journal_of_before(
    program: Program, store: Sandbox, pictures: str
) -> None:
    rows = [[number, f"{pictures}/{name}.jpg"] for number in (1, 2) for name in NAMES]
    sheet, renamed = program.sheet(rows), program.sheet(rows, name="renamed.csv")
    flags = ("--allow-private", "--no-check", "--existing", "add")
    assert program.run("run", sheet, *flags, sandbox=store).returncode == 0
    mistyped = program.run("run", renamed, *flags, "--store-hash", "mistyped", sandbox=store)
    assert mistyped.returncode == 4
    assert (program.folder / "renamed-results" / "journal.sqlite3").exists()
    done = program.run("run", renamed, *flags, sandbox=store)
    assert done.returncode == 0
    assert "6 already there" in done.stdout
    assert "carried on with its journal in" in done.stderr
    assert [stored(store, number) for number in (1, 2)] == [NAMES] * 2
