"""Any text at all goes through the three renderers and comes out harmless, one line per row."""

import csv
from io import BytesIO, StringIO

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from importer.models import Outcome, Problem, ProblemCode, Status
from importer.report import RESULT_COLUMNS, summarize
from importer.report.csv_lines import csv_lines
from importer.report.guard import csv_cell, plain, visible
from importer.report.page import write_page
from importer.report.workbook import write_workbook
from tests.report.report_page_reader import read_page
from tests.report.report_samples import RUN, image_row, malformed, uploaded

SNIPPETS = [
    "=1+1",
    "<b>",
    "</td>",
    "{{ 7*7 }}",
    "{% raw %}",
    '"',
    "'",
    "\x00",
    "\r\n",
    "\u202e",
    "_x000D_",
    "#N/A",
    ";",
]
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=())),
    st.lists(st.sampled_from(SNIPPETS), max_size=4).map("".join),
)
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def outcomes_of(text: str) -> list[Outcome]:
    """The text in every place that strangers write to."""
    trouble = Problem(ProblemCode.STORE_REJECTED, text, text)
    return [
        uploaded(2, sku=text, image_url=text, sent_url=text, warning=text),
        malformed(3, product_id=text, sku=text, image_url=text),
        Outcome(image_row(4, sent_url=f"https://{text}"), Status.FAILED, trouble, note=text),
    ]


@QUICK
@given(TEXTS)
def test_the_csv_reads_back(text: str) -> None:
    """Three records of all columns; no cell can be run; the text is there up to its guard."""
    content = "".join(csv_lines(outcomes_of(text)))
    content.encode("utf-8")
    records = list(csv.reader(StringIO(content, newline="")))
    assert [len(record) for record in records] == [len(RESULT_COLUMNS)] * 4
    assert records[1][3] == csv_cell(text)
    assert not [cell for record in records for cell in record if cell.startswith(("=", "+", "@", "\t", "\r"))]


@QUICK
@given(TEXTS)
def test_the_workbook_reads_back(text: str) -> None:
    """Every cell is a string or a number, never a formula or an error."""
    outcomes = outcomes_of(text)
    stream = BytesIO()
    write_workbook(outcomes, summarize(outcomes, RUN), stream)
    book = load_workbook(stream)
    assert book["Results"].max_row == 4
    assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}
    assert (book["Results"]["D2"].value or "").replace("_x005F_", "_") == plain(text)


@QUICK
@given(TEXTS)
def test_the_page_reads_back(text: str) -> None:
    """Three rows of six cells, one script, and the text as it may be shown."""
    outcomes = outcomes_of(text)
    stream = BytesIO()
    write_page(outcomes, summarize(outcomes, RUN), stream)
    found = read_page(stream.getvalue().decode("utf-8"))
    assert [len(row) for row in found.rows] == [6, 6, 6]
    assert found.rows[0][2] == visible(text)
    assert sum(tag == "script" for tag, _ in found.tags) == 1
