"""Which folder `importer undo` takes, what it says of the others, and that no list of before is lost."""

import csv
import sqlite3
from pathlib import Path

import pytest

from importer.errors import ResultsError
from importer.pipeline import UndoEnd
from importer.sandbox import Fault, Sandbox, SandboxSettings
from importer.uploader import JOURNAL_NAME, Journal
from tests.cli.undoing import edit, imported, sent, undo_here, undone
from tests.conftest import Program


def refused(folder: Path, sandbox: Sandbox) -> str:
    """What an undo of a folder says that takes nothing back; it never names an option that it has not."""
    with pytest.raises(ResultsError) as raised:
        undo_here(folder, sandbox)
    assert "--results" not in str(raised.value)
    return str(raised.value)


@pytest.mark.long
@pytest.mark.parametrize("header", ["product_id,image_url", "sku,image_url"])
def test_a_renamed_import_is_told_which_folder_holds_its_journal(
    program: Program, store: Sandbox, pictures: str, header: str
) -> None:
    products = [1, 2] if header.startswith("product_id") else ["SKU-1", "SKU-2"]
    rows = [[product, f"{pictures}/{name}.jpg"] for product in products for name in "ab"]
    first = sent(program.sheet(rows, "spring.csv", header=header), store)
    other = sent(program.sheet([[3, f"{pictures}/c.jpg"]], "other.csv"), store)
    renamed = program.sheet(rows[::-1], "spring final.csv", header=header)
    done = program.run("run", renamed, "--no-check", sandbox=store)
    assert "carried on with its journal in" in done.stderr
    done = program.run("undo", "spring final-results", "--yes", sandbox=store)
    assert done.returncode == 2
    assert (
        "The folder spring final-results has no journal of its own: the same import was run before under another "
        f"name, and what it added is recorded in {first.name}. Name that folder instead." in done.stderr
    )
    assert "--results" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert str(other.name) not in done.stderr
    assert undo_here(first, store).complete
    assert [len(store.images(number)) for number in (1, 2, 3)] == [0, 0, 1]


def test_a_folder_without_a_journal_is_told_which_folders_beside_it_have_one(
    program: Program, store: Sandbox, pictures: str
) -> None:
    empty = program.folder / "checked-results"
    empty.mkdir()
    assert "beside it" not in refused(empty, store)
    (empty / "results.csv").write_bytes(b"\xff\xfe not,a\0report")
    names = [sent(program.sheet([[1, f"{pictures}/{name}.jpg"]], f"{name}.csv"), store).name for name in "ab"]
    (program.folder / "broken").mkdir()
    (program.folder / "broken" / JOURNAL_NAME).write_bytes(b"no database at all")
    assert [path.name in refused(empty, store) for path in sorted(program.folder.iterdir()) if path.is_dir()] == [
        True,  # a-results
        True,  # b-results
        False,  # broken
        True,  # checked-results, the one that was named
    ]
    assert refused(empty, store).endswith(
        f"Folders beside it with a journal of this store: {program.folder / names[0]}, {program.folder / names[1]}."
    )


def test_a_journal_in_use_and_one_of_a_newer_version_are_told_without_an_option_that_undo_has_not(
    program: Program, store: Sandbox, pictures: str
) -> None:
    folder = imported(program, store, pictures)
    beside = program.folder / "beside-results"
    beside.mkdir()
    journal = Journal(folder, "https://other.example")
    try:
        assert refused(folder, store) == f"Another import is using {folder} at this moment. Wait for it to end."
        assert refused(beside, store).endswith(f"Folders beside it with a journal of this store: {folder}.")
    finally:
        journal.close()
    with sqlite3.connect(folder / JOURNAL_NAME) as database:
        database.execute("PRAGMA user_version = 999")
    database.close()
    assert refused(folder, store).endswith("was written by a newer version of this tool. Update the tool.")


def listed(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [line["result"] for line in csv.DictReader(file)]


def test_no_list_of_what_was_deleted_is_lost_to_a_later_one(program: Program, pictures: str) -> None:
    products = tuple((number, "") for number in range(1, 5))
    faults = (Fault(2, "403", "DELETE"), Fault(4, "403", "DELETE"))
    with Sandbox(SandboxSettings(products=products, allow_private=True, faults=faults)) as sandbox:
        folder = imported(program, sandbox, pictures, 4, "a")
        edit(sandbox, sandbox.images(1)[0]["id"])
        ends = [undo_here(folder, sandbox) for _ in range(3)]
        assert [end.file for end in ends] == [folder / "undo.csv"] * 3
        lists = [listed(folder / f"undo-{number}.csv") for number in (1, 2)]
        assert sum(results.count("deleted") for results in (*lists, listed(folder / "undo.csv"))) == 3
        assert [line["result"] for line in undone(folder)] == [str(line.status) for line in ends[2].lines]
        assert lists == [[str(line.status) for line in end.lines] for end in ends[:2]]


@pytest.mark.long
def test_an_empty_journal_is_no_proof_that_nothing_is_left(program: Program, store: Sandbox, pictures: str) -> None:
    """What a sync program or a full disk makes of a file."""
    sheet = program.sheet([[1, f"{pictures}/a.jpg"]])
    assert program.run("run", sheet, "--allow-private", sandbox=store).returncode == 0
    (program.folder / "rows-results" / "journal.sqlite3").write_bytes(b"")
    done = program.run("undo", "rows-results", "--yes", sandbox=store)
    assert done.returncode == 2, done.stdout
    assert "journal.sqlite3 is empty and does not tell what the import has added." in done.stderr
    assert len(store.images(1)) == 1


def test_an_undo_with_nothing_to_do_leaves_the_list_alone(program: Program, store: Sandbox, pictures: str) -> None:
    folder = imported(program, store, pictures, names="a")
    undo_here(folder, store)
    before = (folder / "undo.csv").read_bytes()
    assert undo_here(folder, store) == UndoEnd()
    assert (folder / "undo.csv").read_bytes() == before
    assert not (folder / "undo-1.csv").exists()
