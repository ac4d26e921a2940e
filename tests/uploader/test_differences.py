"""A picture that is there with another alt text, position or thumbnail than its row asks for: said, and not changed."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from importer.models import ImageRow, UploadResult
from importer.pipeline import check_file, load_file
from importer.sandbox import Sandbox
from tests.conftest import Program, results
from tests.job_runs import job, run
from tests.uploader.uploading import count, notes, rows, running, sent, statuses, written

HEADER = "sku,image_url,sort_order,is_thumbnail,description"
SAME_NAME = "most likely the same one"


def asked(pictures: str, *wanted: tuple[str, int | None, bool | None, str], product: int = 1) -> list[ImageRow]:
    """Rows of one product: file name, position, thumbnail and alt text."""
    made = rows(pictures, *((product, name) for name, *_ in wanted))
    return [
        replace(row, sort_order=order, is_thumbnail=shown, description=text)
        for row, (_, order, shown, text) in zip(made, wanted, strict=True)
    ]


def differing(result: UploadResult) -> list[bool]:
    assert [outcome.differs for outcome in result.outcomes] == ["It differs: " in note for note in notes(result)]
    return [outcome.differs for outcome in result.outcomes]


@pytest.mark.parametrize("again", ["same", "other"], ids=["certain", "probable"])
def test_an_alt_text_a_position_and_a_thumbnail_that_differ_are_told(pictures: str, tmp_path: Path, again: str) -> None:
    """`alt_text_changed.csv`, with the record of the first import or by file name alone."""
    for folder in ("same", "other"):
        (tmp_path / folder).mkdir()
    before = asked(pictures, ("c.jpg", 3, False, "Third"), ("a.jpg", 1, True, "First"), ("b.jpg", 2, False, "Second"))
    now = asked(pictures, ("c.jpg", 1, True, "Third"), ("a.jpg", 2, False, "First changed"), ("b.jpg", 3, False, ""))
    with running() as sandbox:
        sent(sandbox, before, tmp_path / "same")
        requests = len(sandbox.requests())
        result = sent(sandbox, now, tmp_path / again)
        assert len(sandbox.requests()) == requests + 1
        assert differing(result) == [True] * 3
    assert set(statuses(result)) == {"already_there" if again == "same" else "probably_there"}
    third, first, second = notes(result)
    assert "its position is 3 in the store and 1 here; it is to be the thumbnail here" in third
    assert "the alt text is “First” in the store and “First changed” here; its position is 1" in first
    # That an empty cell takes a text away is certain only where an earlier run of ours has given it.
    assert ("the alt text is “Second” in the store and empty here" in second) == (again == "same")
    assert all(note.endswith("Nothing was changed.") for note in notes(result))


@pytest.mark.parametrize("whims", [{}, {"shuffle": True}, {"lose_thumbnail": True}, {"two_thumbnails": True}])
@pytest.mark.parametrize(("route", "held"), [("single", 3), ("batch", 0)])
@pytest.mark.parametrize(
    "wanted",
    [
        [("c.jpg", 3, False, "Third"), ("a.jpg", 1, True, "First & best"), ("b.jpg", 2, False, "")],
        [("d.jpg", None, True, ""), ("e.jpg", None, True, ""), ("f.jpg", None, None, "")],
        [("a.jpg", 1, None, ""), ("b.jpg", 1, None, ""), ("c.jpg", 1, None, "")],
        [("a.jpg", 0, False, "  two  spaces "), ("b.jpg", None, False, ""), ("c.jpg", 0, False, "x" * 255)],
        [("a.jpg", 900, True, "")],
    ],
)
def test_a_second_run_of_the_same_file_has_nothing_to_remark(
    pictures: str, tmp_path: Path, whims: dict[str, Any], route: str, held: int, wanted: Sequence[Any]
) -> None:
    """Whatever the store makes of positions and thumbnails."""
    with running(**whims) as sandbox:
        for number in range(held):
            body = {"image_url": f"{pictures}/old-{number}.jpg", "sort_order": number}
            written(sandbox, "POST", "/catalog/products/1/images", body)
        sent(sandbox, asked(pictures, *wanted), tmp_path, route=route)
        posts = count(sandbox, "POST")
        result = sent(sandbox, asked(pictures, *wanted), tmp_path, route=route)
        assert set(statuses(result)) == {"already_there"}
        assert differing(result) == [False] * len(wanted)
        assert count(sandbox, "POST") == posts


def test_what_a_store_does_to_make_room_is_no_difference(pictures: str, tmp_path: Path) -> None:
    """The last position goes from 3 to 9, which the store cannot have done; pushing back, it can."""
    wanted = [("a.jpg", 1, None, ""), ("b.jpg", 2, None, ""), ("c.jpg", 3, None, "")]
    with running() as sandbox:
        sent(sandbox, asked(pictures, *wanted), tmp_path)
        moved = asked(pictures, *wanted[:2], ("c.jpg", 9, None, ""))
        assert differing(sent(sandbox, moved, tmp_path)) == [False, False, True]
        last = max(sandbox.images(1), key=lambda image: int(image["sort_order"]))
        written(sandbox, "PUT", f"/catalog/products/1/images/{last['id']}", {"sort_order": 7})
        assert differing(sent(sandbox, asked(pictures, *wanted), tmp_path)) == [False] * 3


@pytest.mark.long
def test_the_report_the_summary_and_a_check_count_them(program: Program, store: Sandbox, pictures: str) -> None:
    mug, lamp = f"{pictures}/mug.jpg", f"{pictures}/lamp.jpg"
    run(program, [["SKU-1", mug, 1, "", "Mug"], ["SKU-2", lamp, "", "", "Lamp"]], job(program, store), header=HEADER)
    changed: list[list[object]] = [["SKU-1", mug, 1, "", "Red mug"], ["SKU-2", lamp, "", "", "Lamp"]]
    remark = "1 picture that is there differs from the file in alt text, position or thumbnail; its row says in what."
    for command in ("run", "check"):
        program.sheet(changed, header=HEADER)
        arguments = [command, "rows.csv", "--allow-private", "--results", "results"]
        done = program.run(*arguments, *(["--yes"] if command == "run" else []), sandbox=store)
        assert done.returncode == 0, done.stderr
        assert f"{remark} Nothing was changed." in done.stdout
        first, second = results(program.folder / "results")
        assert "the alt text is “Mug” in the store and “Red mug” here" in first["detail"]
        assert "differs" not in second["detail"]
        assert remark in (program.folder / "results" / "results.html").read_text("utf-8")
    told = check_file(load_file(program.folder / "rows.csv"), job(program, store))
    assert told.summary.differing == 1
