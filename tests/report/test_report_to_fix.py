"""The sheet of rows that did not make it: what is on it, in which columns, and what it says of each."""

from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from importer.loader import write_template
from importer.models import ImageRow, Outcome, ProblemCode, RejectedRow, Status
from importer.problems import problem
from importer.report import summarize
from importer.report.columns import detail_of
from importer.report.to_fix import needs_fix
from importer.report.workbook import write_workbook
from tests.report.report_samples import RUN, every_kind, image_row, malformed, troubled, uploaded

MISSING = problem(ProblemCode.HTTP_NOT_FOUND)


def to_fix(*outcomes: Outcome) -> Worksheet:
    """The sheet."""
    stream = BytesIO()
    write_workbook(outcomes, summarize(outcomes, RUN), stream)
    return load_workbook(stream)["To fix"]


def asked(source: ImageRow | RejectedRow, product_id: int | None = None) -> tuple[object, ...]:
    """The template's cells of a row that failed."""
    sheet = to_fix(Outcome(source, Status.REJECTED, MISSING, product_id=product_id))
    return next(sheet.iter_rows(min_row=2, max_col=6, values_only=True))


def test_it_begins_with_the_columns_of_the_template(tmp_path: Path) -> None:
    """The two are written in rooms that do not know each other."""
    write_template(tmp_path / "images.xlsx")
    template = load_workbook(tmp_path / "images.xlsx")["Images"]
    names = [cell.value for cell in to_fix(malformed(2))[1]]
    assert names[:6] == [cell.value for cell in template[1]]
    assert names[6:] == ["Sheet", "Row", "Status", "Code", "What happened", "What to do"]


def test_it_holds_the_rows_that_did_not_make_it_and_no_others() -> None:
    """Not what only repeats an earlier row, for which there is nothing to do; what is to be mended comes first."""
    outcomes = every_kind()
    rows = [row[7] for row in to_fix(*outcomes).iter_rows(min_row=2, values_only=True)]
    expected = [
        one.source.row
        for statuses in ({"rejected", "failed"}, {"unsent"}, {"ok"})
        for one in outcomes
        if one.status in statuses and not (one.problem and one.problem.code == "url_duplicate")
    ]
    assert rows == expected
    assert len(rows) == len(ProblemCode) + 2


def test_after_a_check_it_holds_what_is_ready_as_well() -> None:
    """Or whoever mends it and runs it would never send the others, and be told that all is well."""
    ready = Outcome(image_row(3), Status.OK)
    lines = list(
        to_fix(troubled(2, ProblemCode.SKU_UNKNOWN), ready, malformed(4)).iter_rows(min_row=2, values_only=True)
    )
    assert [line[7] for line in lines] == [2, 4, 3]
    assert lines[2][8:] == ("ok", None, None, "There is nothing to mend in this row: it is ready to be sent.")
    stream = BytesIO()
    write_workbook([ready], summarize([ready], RUN), stream)
    assert "To fix" not in load_workbook(stream).sheetnames


def test_each_row_has_beside_it_where_it_stood_what_happened_and_what_to_do() -> None:
    row = troubled(14, ProblemCode.TLS_TOO_OLD, sheet="Mugs")
    assert row.problem is not None
    (line,) = to_fix(row).iter_rows(min_row=2, min_col=7, values_only=True)
    assert line == ("Mugs", 14, "rejected", "tls_too_old", detail_of(row), row.problem.fix)


def test_a_row_that_was_not_reached_needs_no_mending() -> None:
    (line,) = to_fix(Outcome(image_row(5), Status.UNSENT, note="The run stopped first.")).iter_rows(
        min_row=2, min_col=9, values_only=True
    )
    assert line == (
        "unsent",
        None,
        "The run stopped first.",
        "There is nothing to mend in this row: run the file again.",
    )


def test_there_is_no_such_sheet_where_nothing_needs_it() -> None:
    outcomes = [uploaded(2), troubled(3, ProblemCode.URL_DUPLICATE)]
    assert not any(map(needs_fix, outcomes))
    stream = BytesIO()
    write_workbook(outcomes, summarize(outcomes, RUN), stream)
    assert load_workbook(stream).sheetnames == ["Summary", "Results", "Hosts"]


def test_it_is_ready_to_filter_and_to_type_into() -> None:
    """Header in view, filter on, status coloured; what is typed into a product's cell stays as it is typed."""
    sheet = to_fix(troubled(2, ProblemCode.HTTP_NOT_FOUND), malformed(3))
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:L3")
    assert sheet["I2"].fill.fgColor.rgb == "00FFE699"
    assert sheet["B2"].number_format == "@"
    assert [sheet.column_dimensions[letter].number_format for letter in "ABCDE"] == ["@"] * 4 + ["General"]
    assert sheet.column_dimensions["C"].width == 60


def test_a_row_asks_for_what_it_asked_for() -> None:
    """The product as the file names it, not as the store does: a SKU may be a variant's."""
    url = "https://cdn.example.com/1.jpg"
    full = ImageRow("", 2, 7, "00123", url, url, "Blue mug", 0, is_thumbnail=True)
    assert asked(full, 99) == ("7", "00123", url, "Blue mug", 0, "yes")
    assert asked(ImageRow("", 2, None, "00123", url, url, is_thumbnail=False), 99) == (
        None,
        "00123",
        url,
        None,
        None,
        "no",
    )
    assert asked(RejectedRow("", 2, "12a", "A", "x", MISSING, "Alt", "first", "maybe")) == (
        "12a", "A", "x", "Alt", "first", "maybe",
    )  # fmt: skip


def test_a_picture_of_the_gallery_names_the_product_so_that_it_does_not_become_a_variants() -> None:
    url = "https://cdn.example.com/1.jpg"
    assert asked(ImageRow("", 2, None, "A", url, url, in_gallery=True), 99)[:2] == ("99", "A")
    assert asked(ImageRow("", 2, None, "A", url, url, in_gallery=True))[:2] == (None, "A")


@pytest.mark.parametrize(
    ("written", "sent", "shown"),
    [
        ("https://a.example/größe 1.jpg", "https://a.example/gr%C3%B6%C3%9Fe%201.jpg", "written"),
        ("HTTPS://A.example/1.jpg", "https://a.example/1.jpg", "written"),
        ("mugs/1.jpg", "https://a.example/mugs/1.jpg", "sent"),
        ("//a.example/1.jpg", "https://a.example/1.jpg", "sent"),
        ('=HYPERLINK("https://a.example/1.jpg","Photo")', "https://a.example/1.jpg", "sent"),
        ("https://a.example/1.jpg?a=1&amp;b=2", "https://a.example/1.jpg?a=1&b=2", "sent"),
        ("https://a.example/\x851.jpg", "https://a.example/%C2%851.jpg", "sent"),
    ],
)
def test_the_address_is_the_written_one_where_that_says_all_by_itself(written: str, sent: str, shown: str) -> None:
    """Not where it needs a base URL, or was read out of something else."""
    address = asked(ImageRow("", 2, None, "A", written, sent))[2]
    assert address == {"written": written, "sent": sent}[shown]
