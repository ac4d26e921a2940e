"""A workbook of results as an input: the sheet of rows to mend speaks for it, mended or not."""

import csv
from collections.abc import Sequence
from pathlib import Path

import pytest
from openpyxl import load_workbook

from importer.loader import load, preview
from importer.models import ImageRow, Outcome, ProblemCode, Receipt, RejectedRow, RunInfo, Status
from importer.problems import problem
from importer.report import write_report
from importer.settings import LoaderSettings
from tests.loader.sheets import URL, asked, images, rejected, skipped, written

RUN = RunInfo("run", "rows.csv", "abc", sandbox=False, started="2026-01-01T00:00:00+00:00", seconds=1.0)
MISSING = problem(ProblemCode.HTTP_NOT_FOUND)
ALONE = (
    "Only the sheet “To fix” is read, which holds the rows of the earlier run that did not make it. To read the sheet "
    "“Results” instead, add --sheet Results."
)


def row(number: int, sku: str, **changes: object) -> ImageRow:
    """A row of the file of before."""
    url = f"{URL}?{number}"
    values: dict[str, object] = {"product_id": None, "image_url": url, "sent_url": url}
    return ImageRow("", number, sku=sku, **{**values, **changes})  # type: ignore[arg-type]  # the tests pass what fits


def outcomes() -> list[Outcome]:
    """A row of each kind."""
    unknown = problem(ProblemCode.PRODUCT_MISSING)
    return [
        Outcome(row(2, "00123"), Status.UPLOADED, product_id=111, receipt=Receipt(1, "a/1.jpg", request_id="r-1")),
        Outcome(row(3, "B", description="Mug, blue", sort_order=3, is_thumbnail=False), Status.REJECTED, MISSING),
        Outcome(row(4, "C", is_thumbnail=True), Status.FAILED, problem(ProblemCode.STORE_COULD_NOT_FETCH)),
        Outcome(row(5, "00D"), Status.UNSENT, note="The run was stopped before this row."),
        Outcome(RejectedRow("", 6, "", "", f"{URL}?6", unknown, "Alt", "2", "ja"), Status.REJECTED, unknown),
        Outcome(row(7, "B", image_url=f"{URL}?3"), Status.REJECTED, problem(ProblemCode.URL_DUPLICATE)),
    ]


def report(folder: Path, rows: Sequence[Outcome] = (), run: RunInfo = RUN) -> Path:
    """The workbook of a run."""
    return write_report(rows or outcomes(), run, folder).xlsx


def test_only_the_rows_to_mend_are_read_and_the_person_is_told(tmp_path: Path) -> None:
    """With the numbers and in the order of the first file; no note speaks of the sheets that are for people."""
    loaded = load(report(tmp_path))
    assert [(one.sheet, one.row) for one in loaded.rows] == [("", number) for number in (3, 4, 5, 6)]
    assert asked(images(loaded)) == [(3, "B", "x.jpg?3"), (4, "C", "x.jpg?4"), (5, "00D", "x.jpg?5")]
    assert [one.problem.code for one in rejected(loaded)] == ["product_missing"]
    assert loaded.notes == (ALONE,)
    assert (loaded.layout, [sheet.name for sheet in loaded.sheets]) == ("results", ["To fix"])
    assert loaded.sheets[0].reason == "the columns Status, Code and What to do"


def test_every_row_to_mend_asks_for_what_it_asked_for(tmp_path: Path) -> None:
    """Product, address, alt text, position and thumbnail."""
    loaded = load(report(tmp_path))
    before = [one.source for one in outcomes()[1:4]]
    assert [
        (new.product_id, new.sku, new.image_url, new.sent_url, new.description, new.sort_order, new.is_thumbnail)
        for new in images(loaded)
    ] == [
        (old.product_id, old.sku, old.image_url, old.sent_url, old.description, old.sort_order, old.is_thumbnail)
        for old in before
        if isinstance(old, ImageRow)
    ]
    (turned_away,) = rejected(loaded)
    assert (turned_away.description, turned_away.sort_order, turned_away.is_thumbnail) == ("Alt", "2", "ja")


def test_a_file_is_read_mended_and_read_again(tmp_path: Path) -> None:
    """From the person's sheet over the report to the rows of the next run."""
    text = (
        f"sku,image url,alt text,sort order,is thumbnail\n"
        f"00123,{URL}?ü 1,Größe,4,yes\nB,img/2.jpg,,,\n,{URL}?3,Alt,first,maybe\n"
    )
    first = load(written(tmp_path, text), LoaderSettings(base_url="https://a.example/"))
    path = report(
        tmp_path,
        [Outcome(one, Status.REJECTED, one.problem if isinstance(one, RejectedRow) else MISSING) for one in first.rows],
    )
    again = load(path)
    assert [(one.sku, one.sent_url, one.description, one.sort_order, one.is_thumbnail) for one in images(again)] == [
        (one.sku, one.sent_url, one.description, one.sort_order, one.is_thumbnail) for one in images(first)
    ]
    assert [(one.image_url, one.description, one.sort_order, one.problem.code) for one in rejected(again)] == [
        (one.image_url, one.description, one.sort_order, one.problem.code) for one in rejected(first)
    ]
    assert len(rejected(again)) == 1


def test_a_row_mended_in_place_is_taken_as_mended(tmp_path: Path) -> None:
    path = report(tmp_path)
    book = load_workbook(path)
    sheet = book["To fix"]
    sheet["C2"] = f"{URL}?mended"
    sheet["B4"] = "00E"
    sheet["D4"] = "New alt text"
    sheet["F4"] = "no"
    book.save(path)
    loaded = load(path)
    assert asked(images(loaded))[0] == (3, "B", "x.jpg?mended")
    mended = images(loaded)[-1]
    assert (mended.row, mended.sku, mended.description, mended.sort_order, mended.is_thumbnail) == (
        6, "00E", "New alt text", 2, False,
    )  # fmt: skip


def test_only_narrows_it_to_a_code(tmp_path: Path) -> None:
    loaded = load(report(tmp_path), LoaderSettings(only=(ProblemCode.STORE_COULD_NOT_FETCH,)))
    assert [one.row for one in images(loaded)] == [4]
    assert {one.row for one in skipped(loaded)} == {3, 5, 6}


def test_the_results_are_read_instead_where_the_person_says_so(tmp_path: Path) -> None:
    loaded = load(report(tmp_path), LoaderSettings(sheet="Results"))
    assert [one.row for one in images(loaded)] == [3, 4, 5]
    assert [one.row for one in skipped(loaded)] == [2]
    assert any("no alt text" in note for note in loaded.notes)
    assert not any("To fix” is read" in note for note in loaded.notes)


@pytest.mark.parametrize("deleted", ["sheet", "rows"])
def test_a_workbook_without_rows_to_mend_is_read_from_its_results(tmp_path: Path, deleted: str) -> None:
    """Whether the person deleted the sheet, or emptied it."""
    path = report(tmp_path)
    book = load_workbook(path)
    if deleted == "sheet":
        del book["To fix"]
    else:
        for line in book["To fix"].iter_rows(min_row=2):
            for cell in line:
                cell.value = None
    book.save(path)
    loaded = load(path)
    assert [(one.sheet, one.row) for one in images(loaded)] == [("", number) for number in (3, 4, 5)]
    assert any("Results hold no alt text" in note for note in loaded.notes)
    assert any("“To fix” holds no rows" in note for note in loaded.notes) == (deleted == "rows")
    assert not any("usable columns" in note for note in loaded.notes)


def test_rows_to_mend_are_read_where_they_are_all_that_is_left(tmp_path: Path) -> None:
    path = report(tmp_path)
    book = load_workbook(path)
    del book["Results"]
    book.save(path)
    loaded = load(path)
    assert len(images(loaded)) == 3
    assert loaded.notes == ()


def test_a_sheet_tidied_to_the_columns_of_the_template_is_still_the_one_to_read(tmp_path: Path) -> None:
    """The columns beside them are of no use to whoever has mended the rows."""
    path = report(tmp_path)
    book = load_workbook(path)
    book["To fix"].delete_cols(7, 6)
    book.save(path)
    loaded = load(path)
    assert [(one.sheet, one.row) for one in images(loaded)] == [("To fix", number) for number in (2, 3, 5)]
    assert loaded.notes[0] == ALONE


def test_all_went_well_and_the_workbook_asks_for_nothing(tmp_path: Path) -> None:
    loaded = load(report(tmp_path, outcomes()[:1]))
    assert (len(skipped(loaded)), len(loaded.rows)) == (1, 1)


def test_whoever_mends_the_rows_of_a_rehearsal_learns_that_the_others_are_in_no_store(tmp_path: Path) -> None:
    sent = Receipt(1, "a/1.jpg", "single", 1, 0.1, "sandbox-1f")
    path = report(tmp_path, [Outcome(row(2, "A"), Status.UPLOADED, receipt=sent), *outcomes()[1:]])
    alone, rehearsal = load(path).notes
    assert alone == ALONE
    assert "rehearsal" in rehearsal
    assert "--sheet Results takes them all" in rehearsal


def test_a_preview_tells_the_same(tmp_path: Path) -> None:
    seen = preview(report(tmp_path))
    assert (seen.rows, seen.images, seen.notes) == (4, 3, (ALONE,))


def test_the_sheet_saved_as_csv_is_still_an_input(tmp_path: Path) -> None:
    """A spreadsheet program saves one sheet as CSV, with no apostrophe before what it could run."""
    odd = [Outcome(row(2, "=B", description="'-5"), Status.REJECTED, MISSING), *outcomes()[1:]]
    lines = list(load_workbook(report(tmp_path, odd))["To fix"].values)
    path = tmp_path / "to fix.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(["" if value is None else str(value) for value in line] for line in lines)
    loaded = load(path)
    assert [one.sku for one in images(loaded)] == ["B", "C", "00D"]
    assert rejected(loaded)[0].sku == "=B"
    assert loaded.notes == ()
