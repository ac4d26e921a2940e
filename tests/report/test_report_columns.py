"""One outcome is one line: the values, their order and the CSV file that holds them."""

import csv
from dataclasses import replace
from io import BytesIO, StringIO

import pytest

from importer.models import Outcome, ProblemCode, Receipt, Status, UrlFinding
from importer.report import RESULT_COLUMNS, result_line
from importer.report.columns import NUMERIC_COLUMNS
from importer.report.csv_lines import csv_lines, write_csv
from importer.report.guard import csv_cell, loadable
from tests.report.report_samples import every_kind, image_row, malformed, troubled, uploaded


def read_csv(outcomes: list[Outcome]) -> list[dict[str, str]]:
    """The lines as another program reads them."""
    return list(csv.DictReader(StringIO("".join(csv_lines(outcomes)), newline="")))


def test_the_columns_are_the_published_ones_in_their_order() -> None:
    """Scripts rely on these names; every line has each of them."""
    assert ",".join(RESULT_COLUMNS) == (
        "sheet,row,product_id,sku,image_url,sent_url,status,code,detail,fix,image_id,image_file,http_status,"
        "tls_version,content_type,bytes,width,height,route,attempts,seconds,request_id"
    )
    assert all(tuple(result_line(outcome)) == RESULT_COLUMNS for outcome in every_kind())
    assert set(RESULT_COLUMNS) >= NUMERIC_COLUMNS


def test_an_uploaded_row_has_all_its_facts() -> None:
    """The resolved product id, what the check learnt and what the store answered."""
    line = result_line(uploaded(2))
    assert line == {
        "sheet": "",
        "row": 2,
        "product_id": 1002,
        "sku": "002",
        "image_url": "https://cdn.example.com/img/2.jpg",
        "sent_url": "https://cdn.example.com/img/2.jpg",
        "status": "uploaded",
        "code": "",
        "detail": "",
        "fix": "",
        "image_id": 5002,
        "image_file": "a/2__01.jpg",
        "http_status": 200,
        "tls_version": "TLSv1.3",
        "content_type": "image/jpeg",
        "bytes": 181_233,
        "width": 1200,
        "height": 900,
        "route": "single",
        "attempts": 1,
        "seconds": 0.732,
        "request_id": "req-2",
    }


def test_a_rejected_row_keeps_what_the_person_wrote() -> None:
    """A row that the loader turned away has no sent address, and nothing was tried."""
    line = result_line(malformed(7, product_id="12a"))
    assert (line["product_id"], line["sent_url"], line["code"]) == ("12a", "", "product_id_invalid")
    assert (line["attempts"], line["seconds"], line["image_id"]) == (None, None, None)


def test_the_product_id_falls_back_to_the_rows_own() -> None:
    """Before the store is asked, the id is the spreadsheet's."""
    assert result_line(Outcome(image_row(2, product_id=12), Status.OK))["product_id"] == 12
    assert result_line(Outcome(image_row(2, product_id=12), Status.OK, product_id=13))["product_id"] == 13


def test_a_failed_request_says_how_often_it_was_tried() -> None:
    """A receipt without a picture still counts its attempts."""
    failed = replace(troubled(2, ProblemCode.STORE_UNAVAILABLE), receipt=Receipt(attempts=5, seconds=12.34567))
    line = result_line(failed)
    assert (line["attempts"], line["seconds"], line["image_id"]) == (5, 12.346, None)


@pytest.mark.parametrize(
    ("outcome", "detail"),
    [
        (Outcome(image_row(2), Status.OK, note="A note"), "A note."),
        (Outcome(image_row(2, warning="SKU trimmed"), Status.OK, note="A note."), "A note. SKU trimmed."),
        (Outcome(image_row(2, warning="Same!"), Status.OK, finding=UrlFinding(warning="Same!")), "Same!"),
        (Outcome(image_row(2, warning="One"), Status.OK, finding=UrlFinding(warning="Two")), "One. Two."),
        (Outcome(image_row(2), Status.OK), ""),
    ],
)
def test_the_detail_ends_with_the_warnings(outcome: Outcome, detail: str) -> None:
    """Problem or note first, then each warning once, as sentences."""
    assert result_line(outcome)["detail"] == detail


def test_the_csv_adds_up_to_the_outcomes_in_their_order() -> None:
    """One line per outcome, whatever became of it."""
    outcomes = every_kind()
    lines = read_csv(outcomes)
    assert [line["row"] for line in lines] == [str(outcome.source.row) for outcome in outcomes]
    assert [line["status"] for line in lines] == [outcome.status.value for outcome in outcomes]
    assert {line["code"] for line in lines} == {code.value for code in ProblemCode} | {""}


def test_the_csv_starts_with_a_byte_order_mark_and_ends_lines_as_excel_does() -> None:
    """UTF-8 that Excel recognises."""
    stream = BytesIO()
    write_csv([uploaded(2, sku="Grün")], stream)
    content = stream.getvalue()
    assert content.startswith(b"\xef\xbb\xbfsheet,row,product_id,")
    assert content.count(b"\r\n") == 2
    assert content.endswith(b"\r\n")
    assert "Grün".encode() in content


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d"])
def test_text_that_a_spreadsheet_program_would_run_gets_an_apostrophe(start: str) -> None:
    """A formula from a stranger stays text."""
    hostile = f'{start}HYPERLINK("http://evil.example")'
    line = read_csv([uploaded(2, sku=hostile), malformed(3, product_id=hostile)])
    assert line[0]["sku"][:2] == "'" + start.replace("\r", "\n")
    assert line[1]["product_id"].startswith("'")


@pytest.mark.parametrize("separator", [";", "\t", "\n", "\r\n"])
def test_a_formula_behind_another_programs_separator_is_no_formula_either(separator: str) -> None:
    """Excel parts cells at semicolons in half of Europe, and then takes no notice of quotes in the middle of a line."""
    text = f"a{separator}=2*21;''=b; -c"
    assert csv_cell(text) == f"a{separator.strip(chr(13))}'=2*21;'''=b; -c"
    assert loadable(text) == f"a{separator}=2*21;'''=b; -c"
    assert "'=2*21" in read_csv([uploaded(2, sku=text)])[0]["sku"]


def test_a_text_stays_in_one_piece_where_semicolons_part_cells_as_well_as_commas() -> None:
    assert '"x;y"' in "".join(csv_lines([uploaded(2, sku="x;y")]))


def test_numbers_are_never_touched() -> None:
    """A minus sign makes a number no formula."""
    assert csv_cell(-5) == -5
    assert csv_cell("-5", numeric=True) == "-5"
    assert csv_cell("-5+cmd", numeric=True) == "'-5+cmd"
    assert csv_cell("-5") == "'-5"


def test_control_characters_are_replaced_and_line_breaks_kept() -> None:
    """Two different SKUs do not become the same one, and no terminal obeys a cell."""
    assert csv_cell("a\x00b\x1b[31m\x7f\x85\ud800\uffff") == "a\ufffdb\ufffd[31m\ufffd\ufffd\ufffd\ufffd"
    assert csv_cell("a\tb\nc\r\nd") == "a\tb\nc\nd"
