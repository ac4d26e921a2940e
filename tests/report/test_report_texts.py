"""Any text at all goes through the three renderers and comes out harmless, one line per row."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from io import BytesIO, StringIO
from zipfile import ZipFile

from hypothesis import given
from openpyxl import load_workbook
from openpyxl.cell import Cell as ExcelCell
from python_calamine import CalamineWorkbook

from importer.models import (
    HostFinding,
    Outcome,
    Problem,
    ProblemCode,
    Receipt,
    RejectedRow,
    RunInfo,
    SkippedRow,
    Status,
    UrlFinding,
)
from importer.report import RESULT_COLUMNS, result_line, summarize
from importer.report.csv_lines import csv_lines
from importer.report.guard import csv_cell, loadable, visible
from importer.report.page import write_page
from importer.report.to_fix import TO_FIX_COLUMNS, is_left, to_fix_cells
from importer.report.workbook import write_workbook
from tests.report.report_page_reader import read_page
from tests.report.report_samples import RUN, image_row
from tests.report.report_texts import LONG, MANY_TEXTS, QUICK, TEXTS, in_cell, unescaped

LOADED = ("product_id", "sku", "image_url")


def outcomes_of(text: str) -> list[Outcome]:
    """The text in every place that strangers write to: the file, the host and the store."""
    trouble = Problem(ProblemCode.STORE_REJECTED, text, text, text)
    finding = UrlFinding(trouble, 200, text, text, warning=text, hosts=(HostFinding(text, 443, "", trouble),))
    receipt = Receipt(7, text, text, 1, 0.5, text, text, text)
    source = image_row(2, sheet=text, sku=text, image_url=text, sent_url=text, description=text, warning=text)
    return [
        Outcome(source, Status.UPLOADED, None, text, 9, finding, receipt),
        Outcome(replace(source, row=3, sent_url=f"https://{text}"), Status.FAILED, trouble, text, 9, finding, receipt),
        Outcome(RejectedRow(text, 4, text, text, text, trouble, text, text, text), Status.REJECTED, trouble),
        Outcome(SkippedRow(text, 5, text, text, text, text), Status.SKIPPED, note=text),
    ]


def every_outcome(texts: Sequence[str]) -> list[Outcome]:
    """The same of many texts."""
    return [outcome for text in texts for outcome in outcomes_of(text)]


def run_of(text: str) -> RunInfo:
    """The text where the run itself is told of."""
    return replace(RUN, file=text, store=text, stopped=text)


def written(outcomes: Sequence[Outcome], run: RunInfo) -> BytesIO:
    """The finished workbook."""
    stream = BytesIO()
    write_workbook(outcomes, summarize(outcomes, run), stream)
    stream.seek(0)
    return stream


def as_text(value: object) -> str:
    """A value of ours, or a cell of calamine's, which reads every number as a float."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def check_csv(texts: Sequence[str]) -> None:
    """One record of all columns for each row; no cell can be run; every text is there up to its guard."""
    outcomes = every_outcome(texts)
    content = "".join(csv_lines(outcomes))
    content.encode("utf-8")
    header, *records = csv.reader(StringIO(content, newline=""))
    assert tuple(header) == RESULT_COLUMNS
    assert records == [
        [as_text(csv_cell(value, numeric=name == "product_id")) for name, value in result_line(one).items()]
        for one in outcomes
    ]
    assert not [cell for record in records for cell in record if re.match(r"[=+@\t\r\n\uff1d]|-(?!\d+$)", cell)]


def expected_results(outcomes: Sequence[Outcome]) -> Iterator[list[str]]:
    """What the cells of each row hold."""
    for one in outcomes:
        yield [
            in_cell(loadable(as_text(value)) if name in LOADED else as_text(value))
            for name, value in result_line(one).items()
        ]


def expected_to_fix(outcomes: Sequence[Outcome]) -> Iterator[list[str]]:
    """What the cells of each row to mend hold."""
    return ([in_cell(as_text(value)) for value in to_fix_cells(one)] for one in outcomes if is_left(one))


def check_workbook(texts: Sequence[str]) -> None:
    """Two programs that did not write it find every text up to its guard, on the sheets that are loaded back."""
    outcomes = every_outcome(texts)
    stream = written(outcomes, run_of(texts[0]))
    expected = {"Results": list(expected_results(outcomes)), "To fix": list(expected_to_fix(outcomes))}
    fast = CalamineWorkbook.from_filelike(stream)
    book = load_workbook(stream, read_only=True)
    for name, lines in expected.items():
        width = len(RESULT_COLUMNS if name == "Results" else TO_FIX_COLUMNS)
        read = [[as_text(cell) for cell in row] for row in fast.get_sheet_by_name(name).to_python()[1:]]
        assert [row + [""] * (width - len(row)) for row in read] == lines
        rows = book[name].iter_rows(min_row=2, max_col=width, values_only=True)
        assert [[unescaped(as_text(cell)) for cell in row] for row in rows] == lines


@QUICK
@given(MANY_TEXTS)
def test_the_csv_reads_back(texts: list[str]) -> None:
    check_csv(texts)


@QUICK
@given(MANY_TEXTS)
def test_the_workbook_reads_back(texts: list[str]) -> None:
    check_workbook(texts)


def test_texts_too_long_for_a_cell_are_whole_in_the_csv_and_cut_in_the_workbook() -> None:
    check_csv(LONG)
    check_workbook(LONG)
    assert [len(in_cell(text)) for text in LONG] == [32_767, 16_384, 32_767]


def formulas(stream: BytesIO) -> list[ExcelCell]:
    """Cells of any sheet that a program would compute, or show as an error."""
    book = load_workbook(stream)
    return [
        cell
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell, ExcelCell) and cell.data_type not in {"s", "n", "inlineStr"}
    ]


@QUICK
@given(MANY_TEXTS)
def test_no_cell_of_the_workbook_is_a_formula(texts: list[str]) -> None:
    """Not on the sheets for people either; no part of the file knows one."""
    stream = written(every_outcome(texts), run_of(texts[0]))
    assert formulas(stream) == []
    with ZipFile(stream) as book:
        sheets = [book.read(name) for name in book.namelist() if "worksheets/sheet" in name and name.endswith(".xml")]
    assert len(sheets) >= 3
    assert not [sheet for sheet in sheets if re.search(rb"<f[\s/>]", sheet)]


@QUICK
@given(TEXTS)
def test_the_page_reads_back(text: str) -> None:
    """Three rows of six cells, one script, and the text as it may be shown."""
    outcomes = outcomes_of(text)[:3]
    stream = BytesIO()
    write_page(outcomes, summarize(outcomes, run_of(text)), stream)
    found = read_page(stream.getvalue().decode("utf-8"))
    assert [len(row) for row in found.rows] == [6, 6, 6]
    assert found.rows[0][2] == visible(text)
    assert sum(tag == "script" for tag, _ in found.tags) == 1
