"""The results of an earlier run as an input: what is in the store is left out, what was mended is taken."""

import csv
from pathlib import Path

import pytest
from openpyxl import load_workbook

from importer.errors import UsageError
from importer.loader import load
from importer.models import ImageRow, Outcome, ProblemCode, Receipt, RejectedRow, RunInfo, SkippedRow, Status
from importer.problems import problem
from importer.report import write_report
from importer.settings import LoaderSettings
from tests.loader.sheets import URL, asked, images, rejected, skipped, written

RESULTS = LoaderSettings(sheet="Results")
RUN = RunInfo("run", "rows.csv", "abc", sandbox=False, started="2026-01-01T00:00:00+00:00", seconds=1.0)


def image(row: int, sku: str, url: str) -> ImageRow:
    return ImageRow("", row, None, sku, url, url)


def results(folder: Path) -> Path:
    """A report with one row of each kind."""
    missing = problem(ProblemCode.HTTP_NOT_FOUND)
    outcomes = [
        Outcome(image(2, "00123", f"{URL}?1"), Status.UPLOADED, product_id=111),
        Outcome(image(3, "=B", f"{URL}?2"), Status.ALREADY_THERE, product_id=112),
        Outcome(image(4, "@C", f"{URL}?3"), Status.REJECTED, missing, product_id=113),
        Outcome(image(5, "D", f"{URL}?4"), Status.FAILED, problem(ProblemCode.STORE_COULD_NOT_FETCH), product_id=114),
        Outcome(image(6, "E", f"{URL}?5"), Status.UNSENT, product_id=115),
        Outcome(
            RejectedRow("", 7, "", "F", f"{URL}?1", problem(ProblemCode.PRODUCT_MISSING)),
            Status.REJECTED,
            problem(ProblemCode.PRODUCT_MISSING),
        ),
        Outcome(SkippedRow("", 8, "", "G", "", "No picture."), Status.SKIPPED, note="No picture."),
    ]
    write_report(outcomes, RUN, folder)
    return folder


@pytest.mark.parametrize(("name", "sheet"), [("results.csv", ""), ("results.xlsx", "Results")])
def test_what_is_in_the_store_is_left_out(tmp_path: Path, name: str, sheet: str) -> None:
    loaded = load(results(tmp_path) / name, LoaderSettings(sheet=sheet))
    assert loaded.layout == "results"
    assert [(row.row, row.product_id, row.sku) for row in images(loaded)] == [
        (4, 113, "@C"),
        (5, 114, "D"),
        (6, 115, "E"),
        (7, None, "F"),
    ]
    assert [row.row for row in skipped(loaded)] == [2, 3, 8]
    assert rejected(loaded) == []
    assert any("no alt text" in note for note in loaded.notes)


def test_a_line_mended_in_place_is_taken_with_its_new_address(tmp_path: Path) -> None:
    path = results(tmp_path) / "results.xlsx"
    book = load_workbook(path)
    sheet = book["Results"]
    column = [cell.value for cell in sheet[1]].index("image_url") + 1
    sheet.cell(row=4, column=column).value = f"{URL}?mended"
    book.save(path)
    assert asked(images(load(path, RESULTS)))[0] == (4, 113, "x.jpg?mended")


def test_the_text_of_an_address_wins_over_the_link_behind_it(tmp_path: Path) -> None:
    """Who mends an address types over it; the old link stays behind the new text, even one that is no whole address."""
    path = results(tmp_path) / "results.xlsx"
    book = load_workbook(path)
    for row, text in ((4, f"{URL}?mended"), (5, "a.example/y.jpg")):
        cell = book["Results"].cell(row=row, column=5)
        assert cell.hyperlink is not None
        cell.value = text
        assert cell.hyperlink.target != text
    book.save(path)
    loaded = load(path, RESULTS)
    assert asked(images(loaded))[0] == (4, 113, "x.jpg?mended")
    assert [(row.row, row.image_url, row.problem.code) for row in rejected(loaded)] == [
        (5, "a.example/y.jpg", "url_invalid")
    ]


@pytest.mark.parametrize("name", ["results.csv", "results.xlsx"])
@pytest.mark.parametrize("text", ["=B", "'=B", "''=B", "-5", "'-5", "'", "''B", "@'", "'\uff1dB", "'+", "+1 2"])
def test_text_that_a_spreadsheet_program_could_run_comes_back_as_it_was(tmp_path: Path, name: str, text: str) -> None:
    """Whatever apostrophes it had of its own: as a SKU, and as the product id of a row that was turned away."""
    missing = problem(ProblemCode.HTTP_NOT_FOUND)
    turned_away = RejectedRow("", 3, text, text, text, missing)
    write_report(
        [Outcome(image(2, text, URL), Status.REJECTED, missing), Outcome(turned_away, Status.REJECTED, missing)],
        RUN,
        tmp_path,
    )
    for sheet in ("Results", "To fix") if name.endswith("xlsx") else ("",):
        first, second = load(tmp_path / name, LoaderSettings(sheet=sheet)).rows
        assert first.sku == text
        if isinstance(second, RejectedRow):
            assert (second.product_id, second.sku, second.image_url) == (text, text, text)
        else:
            assert text == "'"  # it is no product id, and the loader reads it as none


def test_a_row_that_repeats_an_uploaded_one_is_no_new_picture(tmp_path: Path) -> None:
    path = results(tmp_path) / "results.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    again = list(lines[1])
    again[lines[0].index("status")], again[lines[0].index("code")] = "rejected", "url_duplicate"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([*lines, again])
    repeated = rejected(load(path))
    assert [(row.row, row.problem.code) for row in repeated] == [(2, "url_duplicate")]
    assert "row 2" in repeated[0].problem.detail


def test_only_narrows_it_to_a_code(tmp_path: Path) -> None:
    only = LoaderSettings(only=(ProblemCode.HTTP_NOT_FOUND, ProblemCode.PRODUCT_MISSING))
    loaded = load(results(tmp_path) / "results.csv", only)
    assert [row.row for row in images(loaded)] == [4, 7]
    assert {row.row: row.reason[:8] for row in skipped(loaded)}[5] == "Left out"


def test_only_needs_results(tmp_path: Path) -> None:
    path = written(tmp_path, f"sku,image url\nA,{URL}\n")
    with pytest.raises(UsageError, match="--only narrows the results of an earlier run"):
        load(path, LoaderSettings(only=(ProblemCode.HTTP_NOT_FOUND,)))


def test_results_of_a_rehearsal_are_not_taken_for_a_real_stores(tmp_path: Path) -> None:
    """Nothing of them is in a real store, whatever they say."""
    sent = Outcome(
        image(2, "00123", f"{URL}?1"), Status.UPLOADED, receipt=Receipt(1, "a/1.jpg", "single", 1, 0.1, "sandbox-1f")
    )
    write_report([sent, Outcome(image(3, "B", f"{URL}?2"), Status.ALREADY_THERE)], RUN, tmp_path)
    loaded = load(tmp_path / "results.csv")
    assert [(row.product_id, row.sku) for row in images(loaded)] == [(None, "00123"), (None, "B")]
    assert any("rehearsal" in note for note in loaded.notes)


def test_a_rehearsal_is_known_by_any_of_its_rows(tmp_path: Path) -> None:
    missing = problem(ProblemCode.HTTP_NOT_FOUND)
    rows = [Outcome(image(row, "A", f"{URL}?{row}"), Status.REJECTED, missing) for row in range(2, 3_000)]
    sent = Receipt(1, "a/1.jpg", "single", 1, 0.1, "sandbox-1f")
    write_report([*rows, Outcome(image(3_000, "B", URL), Status.UPLOADED, receipt=sent)], RUN, tmp_path)
    assert images(load(tmp_path / "results.csv"))[-1].sku == "B"
