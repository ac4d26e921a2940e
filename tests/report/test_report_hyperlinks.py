"""Links in the results: where they lead, which rows have none, and that a workbook with them is a sound one."""

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.xml.functions import fromstring

from importer.models import Outcome, ProblemCode, RunInfo, Status
from importer.report import hyperlinks, summarize
from importer.report.workbook import write_workbook
from tests.report.report_samples import RUN, every_kind, image_row, malformed, troubled, uploaded

PICTURE = "https://cdn11.bigcommerce.com/s-abc/products/1/images/2/mug__1.386.513.jpg?c=1&v=2"
SEQUENCE = [
    "sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr", "sheetProtection",
    "protectedRanges", "scenarios", "autoFilter", "sortState", "dataConsolidate", "customSheetViews", "mergeCells",
    "phoneticPr", "conditionalFormatting", "dataValidations", "hyperlinks", "printOptions", "pageMargins",
    "pageSetup", "headerFooter", "rowBreaks", "colBreaks", "customProperties", "cellWatches", "ignoredErrors",
    "smartTags", "drawing", "legacyDrawing",
]  # fmt: skip
"""The order that ECMA-376 part 1, 18.3.1.99 demands of a worksheet's parts."""


def shown(row: int, picture: str = PICTURE, **changes: object) -> Outcome:
    """A row whose picture the store shows."""
    outcome = uploaded(row, **changes)
    assert outcome.receipt is not None
    return replace(outcome, receipt=replace(outcome.receipt, image_url=picture))


def written(outcomes: Sequence[Outcome], run: RunInfo = RUN) -> BytesIO:
    """The finished file."""
    stream = BytesIO()
    write_workbook(outcomes, summarize(outcomes, run), stream)
    stream.seek(0)
    return stream


def targets(sheet: Worksheet) -> dict[str, str]:
    """The address behind each cell that has one."""
    cells = (cell for row in sheet.iter_rows() for cell in row)
    return {cell.coordinate: cell.hyperlink.target or "" for cell in cells if cell.hyperlink}


def results(outcomes: Sequence[Outcome], run: RunInfo = RUN) -> dict[str, str]:
    """The links of the results."""
    return targets(load_workbook(written(outcomes, run))["Results"])


def test_the_address_leads_where_it_is_sent_and_the_picture_to_the_store() -> None:
    """Both cells that name the picture lead there."""
    row = shown(
        2, image_url="HTTPS://CDN.example.com/größe 1.jpg", sent_url="https://cdn.example.com/gr%C3%B6%C3%9Fe%201.jpg"
    )
    book = load_workbook(written([row]))
    assert targets(book["Results"]) == {
        "E2": "https://cdn.example.com/gr%C3%B6%C3%9Fe%201.jpg",
        "K2": PICTURE,
        "L2": PICTURE,
    }
    sheet = book["Results"]
    assert [sheet[name].font.underline for name in ("E2", "K2", "L2", "F2")] == ["single"] * 3 + [None]
    assert sheet["K2"].number_format == "@"


def test_no_link_leads_to_a_store_that_is_gone() -> None:
    """The pretend store ends with its run; the hosts of the pictures may well be real."""
    assert list(results([shown(2)], replace(RUN, sandbox=True))) == ["E2"]


def test_a_row_without_a_picture_in_the_store_has_one_link() -> None:
    assert list(results([uploaded(2), troubled(3, ProblemCode.HTTP_NOT_FOUND)])) == ["E2", "E3"]


def test_a_row_that_was_turned_away_leads_to_what_it_says_where_that_is_an_address() -> None:
    """Whoever mends it wants to look at it."""
    address = "https://cdn.example.com/1.jpg"
    assert results([malformed(2, image_url=address), malformed(3, image_url="mugs/1.jpg"), malformed(4)]) == {
        "E2": address
    }


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "ftp://example.com/1.jpg",
        "//example.com/1.jpg",
        "https://bank.example@evil.example/1.jpg",
        "https://example.com/a b.jpg",
        "https://example.com/\u202egpj.exe",
        "https://example.com/größe.jpg",
        'https://example.com/"onclick.jpg',
        "https://example.com/<b>.jpg",
        "https://example.com/100%.jpg",
        "https://example.com/1.jpg#top",
        "https://example.com/?" + "x" * 2_080,
        "https://",
    ],
)
def test_an_address_that_deceives_or_that_excel_would_call_damaged_has_no_link(address: str) -> None:
    """Its text is there all the same."""
    book = load_workbook(written([shown(2, address), malformed(3, image_url=address)]))
    assert list(targets(book["Results"])) == ["E2"]
    assert book["Results"]["E3"].value == address


@pytest.mark.parametrize(
    "address",
    [
        "https://example.com/a_(1)%20b.jpg?x=1&y='2'",
        "http://example.com:8080/1.jpg",
        "https://127.0.0.1:8443/1.jpg",
        "https://example.com/?" + "x" * 2_057,
    ],
)
def test_an_honest_address_is_linked_as_it_is(address: str) -> None:
    assert results([uploaded(2, image_url=address, sent_url=address)]) == {"E2": address}


def test_of_more_links_than_excel_takes_those_of_rows_with_a_problem_come_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two cells with one link count once."""
    rows = [
        shown(2),
        shown(3),
        troubled(4, ProblemCode.HTTP_NOT_FOUND),
        shown(5),
        troubled(6, ProblemCode.DNS_NOT_FOUND),
    ]
    monkeypatch.setattr(hyperlinks, "MOST_HYPERLINKS", 5)
    assert list(results(rows)) == ["E2", "K2", "L2", "E3", "E4", "E6"]
    monkeypatch.setattr(hyperlinks, "MOST_HYPERLINKS", 1)
    assert list(results(rows)) == ["E4"]


def test_no_cell_to_mend_has_a_link() -> None:
    """Who types over it would leave the old address behind the new text."""
    book = load_workbook(written(every_kind()))
    assert targets(book["To fix"]) == {}
    assert targets(book["Results"])


def test_the_parts_of_every_sheet_stand_in_the_order_that_the_standard_demands() -> None:
    """Excel "repairs" a workbook in which they do not. Each link has its target, and nothing else has one."""
    with ZipFile(written([shown(2), *every_kind()])) as book:
        names = book.namelist()
        assert len(names) == len(set(names))
        for name in (one for one in names if one.startswith("xl/worksheets/sheet")):
            parts = [part.tag.rpartition("}")[2] for part in fromstring(book.read(name))]
            assert parts == sorted(parts, key=SEQUENCE.index)
            assert ("hyperlinks" in parts) == (name.endswith("sheet3.xml"))
        sheet, rels = (
            fromstring(book.read(f"xl/worksheets/{name}")) for name in ("sheet3.xml", "_rels/sheet3.xml.rels")
        )
    identity = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
    links = [one.get(identity) for one in sheet.iter() if one.tag.endswith("}hyperlink")]
    assert links == [one.get("Id") for one in rels]
    assert {one.get("TargetMode") for one in rels} == {"External"}
    assert [one for one in names if one.endswith(".rels") and "worksheets" in one] == [
        "xl/worksheets/_rels/sheet3.xml.rels"
    ]


def test_a_workbook_without_any_link_has_no_part_for_them() -> None:
    outcomes = [Outcome(image_row(2, image_url="1.jpg", sent_url=""), Status.OK)]
    with ZipFile(written(outcomes)) as book:
        assert not [name for name in book.namelist() if "worksheets/_rels" in name]
        assert b"hyperlink" not in book.read("xl/worksheets/sheet2.xml")
