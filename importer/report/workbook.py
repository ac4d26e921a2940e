"""`results.xlsx`: a sheet to read and a sheet to filter. Written row by row, so a large file fits into memory."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import chain
from typing import BinaryIO, cast

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import Cell as ExcelCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from importer.models import Outcome, Status
from importer.report.columns import RESULT_COLUMNS, Cell, result_line
from importer.report.guard import excel_text
from importer.report.sheet_rows import StyledCell, fill
from importer.report.summary import Summary
from importer.report.verdict import STATUS_WORDS

ROWS_PER_SHEET = 1_000_000
"""Data rows on one results sheet; Excel takes 1,048,576 with the header."""

_WIDTHS = {
    "sheet": 12, "row": 7, "product_id": 12, "sku": 18, "image_url": 48, "sent_url": 24, "status": 14, "code": 24,
    "detail": 60, "fix": 60, "image_file": 28, "content_type": 16, "request_id": 24,
}  # fmt: skip
_IDS = frozenset({"product_id", "sku", "image_id"})
_FILLS = {
    Status.UPLOADED: PatternFill("solid", fgColor="C6EFCE"),
    Status.OK: PatternFill("solid", fgColor="C6EFCE"),
    Status.ALREADY_THERE: PatternFill("solid", fgColor="DDEBF7"),
    Status.REJECTED: PatternFill("solid", fgColor="FFE699"),
    Status.FAILED: PatternFill("solid", fgColor="F8CBAD"),
    Status.UNSENT: PatternFill("solid", fgColor="D9D9D9"),
    Status.SKIPPED: PatternFill("solid", fgColor="EDEDED"),
}
_BOLD = Font(bold=True)
_HEADING = Font(bold=True, size=14)
_HEADER_FILL = PatternFill("solid", fgColor="E7E6E6")
_WRAPPED = Alignment(wrap_text=True, vertical="top")


def write_workbook(outcomes: Sequence[Outcome], summary: Summary, stream: BinaryIO) -> None:
    """The whole workbook: "Summary", then "Results" with one line per outcome in the given order.

    Raises:
        OSError: the disk said no.
    """
    book = Workbook(write_only=True)
    _write_summary(book, summary)
    parts = [outcomes[start : start + ROWS_PER_SHEET] for start in range(0, max(len(outcomes), 1), ROWS_PER_SHEET)]
    sheets = [
        _results_sheet(book, "Results" if number == 1 else f"Results {number}", len(part))
        for number, part in enumerate(parts, start=1)
    ]
    styles = _Styles.of(sheets[0])
    template = BytesIO()
    book.save(template)
    fill(
        template,
        {sheet.path.lstrip("/"): _lines(part, styles) for sheet, part in zip(sheets, parts, strict=True)},
        stream,
    )


def _results_sheet(book: Workbook, title: str, rows: int) -> Worksheet:
    """One sheet of results with its header, which also filters."""
    sheet = _sheet(book, title)
    for index, name in enumerate(RESULT_COLUMNS, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = _WIDTHS.get(name, 11)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(RESULT_COLUMNS))}{rows + 1}"
    sheet.append(_header(sheet, RESULT_COLUMNS))
    return sheet


@dataclass(frozen=True, slots=True)
class _Styles:
    """Indices of styles in one workbook: of a cell that is text, as ids are, and of each status."""

    text: int
    statuses: dict[Status, int]

    @classmethod
    def of(cls, sheet: Worksheet) -> "_Styles":
        cell = WriteOnlyCell(sheet)
        cell.number_format = "@"
        text, statuses = cell.style_id, dict[Status, int]()
        for status, fill_ in _FILLS.items():
            cell = WriteOnlyCell(sheet)
            cell.fill = fill_
            statuses[status] = cell.style_id
        return cls(text, statuses)


def _lines(outcomes: Iterable[Outcome], styles: _Styles) -> Iterator[list[StyledCell]]:
    """The cells of each outcome; ids are text, so that no zero is lost and no long id is rounded."""
    status_at = RESULT_COLUMNS.index("status")
    ids_at = [at for at, name in enumerate(RESULT_COLUMNS) if name in _IDS]
    for outcome in outcomes:
        cells = [(value, 0) for value in result_line(outcome).values()]
        cells[status_at] = (cells[status_at][0], styles.statuses[outcome.status])
        for at in ids_at:
            value = cells[at][0]
            cells[at] = ("" if value is None else str(value), styles.text)
        yield cells


def _cell(sheet: Worksheet, value: Cell) -> object:
    """The value itself, unless openpyxl would take the text for a formula (`=...`) or an error (`#N/A`)."""
    if not isinstance(value, str):
        return value
    if value.startswith(("=", "#")):
        return _text_cell(sheet, value)
    return excel_text(value) or None


def _text_cell(sheet: Worksheet, text: str) -> ExcelCell:
    """A cell that is text whatever it looks like."""
    cell = WriteOnlyCell(sheet, value=excel_text(text))
    cell.data_type = "s"
    return cell


def _header(sheet: Worksheet, names: Iterable[str]) -> list[ExcelCell]:
    """A table's first line."""
    cells = [_text_cell(sheet, name) for name in names]
    for cell in cells:
        cell.font = _BOLD
        cell.fill = _HEADER_FILL
    return cells


def _write_summary(book: Workbook, summary: Summary) -> None:
    """The sheet that opens first: the verdict, the facts, the counts, what to mend and the hosts."""
    sheet = _sheet(book, "Summary")
    for letter, width in zip("ABCDE", (26, 14, 50, 60, 40), strict=True):
        sheet.column_dimensions[letter].width = width
    verdict = _text_cell(sheet, summary.verdict)
    verdict.font = _HEADING
    sheet.append([verdict])
    for line in chain(_facts(summary), [()]):
        sheet.append([_cell(sheet, value) for value in line])
    sheet.append(_header(sheet, ("Result", "Rows", "Meaning")))
    for status, count in summary.counts.items():
        words = STATUS_WORDS[status]
        label = _text_cell(sheet, words.label)
        label.fill = _FILLS[status]
        sheet.append([label, count, words.meaning])
    if summary.groups:
        _write_table(
            sheet,
            ("What to do next", "Rows", "Meaning", "What to do", "Row numbers"),
            ((group.code.value, group.count, group.meaning, group.fix, group.rows) for group in summary.groups),
        )
    if summary.hosts:
        _write_table(
            sheet,
            ("Host", "Rows", "Verdict", "Encryption", "Addresses"),
            ((line.host, line.rows, line.verdict, line.encryption, line.urls) for line in summary.hosts),
        )


def _write_table(sheet: Worksheet, names: Sequence[str], lines: Iterable[Sequence[Cell]]) -> None:
    """A table below an empty line, long text wrapped."""
    sheet.append([])
    sheet.append(_header(sheet, names))
    for line in lines:
        cells = [_text_cell(sheet, value) if isinstance(value, str) else value for value in line]
        for cell in cells:
            if isinstance(cell, ExcelCell):
                cell.alignment = _WRAPPED
        sheet.append(cells)


def _facts(summary: Summary) -> Iterator[tuple[Cell, ...]]:
    """What was run, as lines of a label and a value."""
    run = summary.run
    yield ("File", run.file)
    if run.store:
        yield ("Store", run.store)
    if run.sandbox:
        yield ("Pretend store", "This was a rehearsal: nothing reached a real store.")
    yield ("Started", run.started)
    yield ("Seconds", round(run.seconds, 3))
    if run.stopped:
        yield ("Stopped early", run.stopped)


def _sheet(book: Workbook, title: str) -> Worksheet:
    """A new sheet of a write-only workbook."""
    # The stubs do not know that a write-only sheet has columns and a filter like any other.
    return cast("Worksheet", book.create_sheet(title))
