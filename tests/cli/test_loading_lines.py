"""What is said while a file is loaded: its rows are rows and its pictures are pictures, and nothing is no news."""

import pytest

from tests.conftest import Program


def told(err: str) -> list[str]:
    """The lines of the first two stages."""
    return [line for line in err.splitlines() if line.startswith(("Loading", "Checking"))]


def test_a_row_with_several_pictures_is_one_row(program: Program, pictures: str) -> None:
    sheet = program.sheet([["A", f"{pictures}/a.jpg, {pictures}/b.jpg"]], header="SKU,Images")
    done = program.run("check", sheet, "--allow-private")
    assert done.returncode == 0, done.stderr
    assert told(done.stderr) == ["Loading: 1 row", "Checking: 2/2 pictures, 2 ok"]


def test_one_picture_is_named_as_one(program: Program, pictures: str) -> None:
    done = program.run("check", program.sheet([[1, f"{pictures}/a.jpg"]]), "--allow-private")
    assert told(done.stderr) == ["Loading: 1 row", "Checking: 1/1 picture, 1 ok"]


@pytest.mark.parametrize("content", [None, "", "colour,size\nred,L\n", "SKU,Image URL\n"])
def test_of_a_file_that_cannot_be_used_only_the_reason_is_told(program: Program, content: str | None) -> None:
    if content is not None:
        (program.folder / "rows.csv").write_text(content, encoding="utf-8")
    done = program.run("check", "rows.csv")
    assert done.returncode == 2
    assert done.stderr.startswith("Error: ")
    assert "Loading" not in done.stderr


def test_where_nothing_can_be_checked_the_check_is_silent(program: Program) -> None:
    done = program.run("check", program.sheet([["", "x"]]))
    assert told(done.stderr) == ["Loading: 1 row"]
