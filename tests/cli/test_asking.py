"""A question is broken between words at the terminal's edge, and asked again in plain words."""

import os
import re

import pytest

from importer.sandbox import Sandbox
from tests.cli.test_terminal import on_terminal
from tests.cli.undoing import imported
from tests.conftest import Program

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals are a Unix thing"),
    pytest.mark.long,
]


def rows_from(shown: str, beginning: str) -> list[str]:
    """The rows of the screen from the one that begins so."""
    rows = shown.replace("\r", "").splitlines()
    return rows[next(at for at, row in enumerate(rows) if row.startswith(beginning)) :]


@pytest.mark.parametrize("columns", [40, 80])
def test_the_question_of_an_import(program: Program, store: Sandbox, pictures: str, columns: int) -> None:
    sheet = program.sheet([*([1, f"{pictures}/{name}.jpg"] for name in "abcdef"), ["", "x"]])
    code, shown = on_terminal(program, ["run", sheet, "--no-check"], store, "ja\ny\n", columns)
    assert code == 3, shown
    rows = rows_from(shown, "1 of 7 rows")
    asked = next(at for at, row in enumerate(rows) if "[Y/n]: " in row)
    assert max(len(row.partition(": ")[0]) for row in rows[: asked + 1]) < columns
    question = f"1 of 7 rows is rejected. Send 6 pictures to the store {store.store_hash}? [Y/n]: "
    assert " ".join(rows[: asked + 1]).startswith(question)
    again = rows.index("Please answer y or n.")
    assert " ".join(rows[again + 1 :]).startswith(question), "whoever answers has the whole question before them"
    assert len(re.findall(re.escape("[Y/n]: "), shown)) == 2


def test_the_question_of_an_undo_and_what_stands_before_it(program: Program, store: Sandbox, pictures: str) -> None:
    folder = imported(program, store, pictures)
    with_variants = "everything that imports with this results folder added, 4 pictures of 2 products, from the store"
    for columns in (40, 80):
        code, shown = on_terminal(program, ["undo", folder], store, "\n", columns)
        assert code == 2, shown
        rows = rows_from(shown, "Delete ")
        asked = next(at for at, row in enumerate(rows) if "[y/N]: " in row)
        assert max(len(row.rstrip()) for row in rows[: asked + 1]) < columns
        whole = f"Delete {with_variants} {store.store_hash}? [y/N]: "
        assert " ".join(rows[: asked + 1]).startswith(whole)
