"""`results.xlsx`: a sheet to read, one to mend, one to filter and the hosts.

Written row by row, so that a large file fits into memory.
"""

from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from itertools import islice
from typing import BinaryIO

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from importer.models import Outcome
from importer.report.columns import RESULT_COLUMNS, result_cells
from importer.report.guard import loadable
from importer.report.hosts_sheet import HOST_COLUMNS, HOSTS, host_sheet_lines
from importer.report.hyperlinks import ADDRESS_AT, Hyperlinks
from importer.report.rendering import Watch, ignored, told
from importer.report.sheet_rows import Line, StyledCell, fill
from importer.report.sheets import table_sheet
from importer.report.styles import Styles
from importer.report.summary import Summary
from importer.report.summary_sheet import write_summary
from importer.report.to_fix import TEXT_COLUMNS, TO_FIX, TO_FIX_COLUMNS, is_left, needs_fix, to_fix_lines, urgency

ROWS_PER_SHEET = 1_000_000
"""Data rows on one sheet; Excel takes 1,048,576 with the header."""

RESULTS = "Results"
_WIDTHS = {
    "sheet": 12, "row": 7, "product_id": 12, "sku": 18, "image_url": 48, "sent_url": 24, "status": 14, "code": 24,
    "detail": 60, "fix": 60, "image_file": 28, "content_type": 16, "request_id": 24,
}  # fmt: skip
_COLUMNS = {name: _WIDTHS.get(name, 11) for name in RESULT_COLUMNS}
_STATUS_AT = RESULT_COLUMNS.index("status")
_IDS_AT = tuple(RESULT_COLUMNS.index(name) for name in ("product_id", "sku", "image_id"))
_LOADED_AT = (*_IDS_AT[:2], ADDRESS_AT)

_Table = tuple[Worksheet, Iterable[Line]]


def workbook_rows(outcomes: Sequence[Outcome], summary: Summary) -> int:
    """How many rows of tables the workbook has, of which `write_workbook` tells."""
    return _to_fix(outcomes) + len(outcomes) + len(summary.hosts)


def write_workbook(outcomes: Sequence[Outcome], summary: Summary, stream: BinaryIO, watch: Watch = ignored) -> None:
    """The whole workbook: "Summary", "To fix" where a row needs it, "Results" with every outcome in order, "Hosts".

    Raises:
        OSError: the disk said no.
    """
    book = Workbook(write_only=True)
    styles = Styles.of(write_summary(book, summary))
    tables: list[_Table] = []
    left = to_fix_lines(sorted(filter(is_left, outcomes), key=urgency), styles)
    for title, part in _parts(TO_FIX, _to_fix(outcomes)):
        tables.append((table_sheet(book, title, TO_FIX_COLUMNS, len(part), TEXT_COLUMNS), islice(left, len(part))))
    for title, part in _parts(RESULTS, len(outcomes)) or [(RESULTS, range(0))]:
        links = Hyperlinks(islice(outcomes, part.start, part.stop), pictures=not summary.run.sandbox)
        lines = _result_lines(islice(outcomes, part.start, part.stop), links, styles)
        tables.append((table_sheet(book, title, _COLUMNS, len(part)), lines))
    hosts = host_sheet_lines(summary.hosts, styles)
    for title, part in _parts(HOSTS, len(summary.hosts)):
        tables.append((table_sheet(book, title, HOST_COLUMNS, len(part)), islice(hosts, len(part))))
    template = BytesIO()
    book.save(template)
    fill(template, {sheet.path.lstrip("/"): told(lines, watch) for sheet, lines in tables}, stream)


def _to_fix(outcomes: Sequence[Outcome]) -> int:
    """The rows of "To fix", which is there where one needs it."""
    return sum(map(is_left, outcomes)) if any(map(needs_fix, outcomes)) else 0


def _parts(title: str, count: int) -> list[tuple[str, range]]:
    """The sheets that so many rows need: the name of each, and which rows it takes."""
    return [
        (title if number == 1 else f"{title} {number}", range(start, min(start + ROWS_PER_SHEET, count)))
        for number, start in enumerate(range(0, count, ROWS_PER_SHEET), start=1)
    ]


def _result_lines(outcomes: Iterable[Outcome], links: Hyperlinks, styles: Styles) -> Iterator[Line]:
    """The line of each outcome; ids are text, so that no zero is lost and no long id is rounded."""
    for outcome in outcomes:
        values = list(result_cells(outcome))
        for at in _LOADED_AT:
            value = values[at]
            values[at] = loadable(value) if isinstance(value, str) else value
        cells: list[StyledCell] = [(value, 0) for value in values]
        cells[_STATUS_AT] = (values[_STATUS_AT], styles.statuses[outcome.status])
        for at in _IDS_AT:
            cells[at] = ("" if values[at] is None else str(values[at]), styles.text)
        found = links.of(outcome)
        for link in found:
            for at in range(link.first, link.last + 1):
                cells[at] = (cells[at][0], styles.text_link if cells[at][1] == styles.text else styles.link)
        yield Line(cells, found)
