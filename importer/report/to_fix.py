"""The rows that did not make it, in the template's columns: mended in place, they are the next file to import.

After a check that means all rows: those that are ready have not been sent either.
"""

from collections.abc import Iterable, Iterator

from importer.addresses import parse_address
from importer.models import ImageRow, LoadedRow, Outcome, Problem, ProblemCode, SkippedRow, Status
from importer.report.columns import Cell, detail_of
from importer.report.guard import EXCEL_CELL_LIMIT, loadable, plain
from importer.report.sheet_rows import Line
from importer.report.styles import Styles

TO_FIX = "To fix"
TO_FIX_COLUMNS = {
    "Product ID": 12,
    "SKU": 20,
    "Image URL": 60,
    "Description": 40,
    "Sort Order": 12,
    "Is Thumbnail": 14,
    "Sheet": 12,
    "Row": 7,
    "Status": 12,
    "Code": 24,
    "What happened": 70,
    "What to do": 70,
}
"""The headers, first those of the template, and the widths of their columns in characters."""
TEXT_COLUMNS = frozenset({"Product ID", "SKU", "Image URL", "Description"})

_LEFT = frozenset({Status.REJECTED, Status.FAILED, Status.UNSENT})
_NOTHING_TO_MEND = {
    Status.OK: "There is nothing to mend in this row: it is ready to be sent.",
    Status.UNSENT: "There is nothing to mend in this row: run the file again.",
}
_TEXTS_AT = tuple(at for at, name in enumerate(TO_FIX_COLUMNS) if name in TEXT_COLUMNS)
_STATUS_AT = tuple(TO_FIX_COLUMNS).index("Status")


def needs_fix(outcome: Outcome) -> bool:
    """Whether the row's picture is still to come. One that only repeats an earlier row asks for nothing."""
    repeats = outcome.problem is not None and outcome.problem.code is ProblemCode.URL_DUPLICATE
    return outcome.status in _LEFT and not repeats


def is_left(outcome: Outcome) -> bool:
    """Whether the row belongs on the sheet: what needs a fix, and what was only checked, or it would never be sent."""
    return outcome.status is Status.OK or needs_fix(outcome)


def urgency(outcome: Outcome) -> int:
    """Where the row belongs on the sheet, the file's order aside: what is to be mended comes first."""
    return {Status.UNSENT: 1, Status.OK: 2}.get(outcome.status, 0)


def to_fix_lines(outcomes: Iterable[Outcome], styles: Styles) -> Iterator[Line]:
    """The line of each outcome."""
    for outcome in outcomes:
        cells = [(value, 0) for value in to_fix_cells(outcome)]
        for at in _TEXTS_AT:
            cells[at] = (cells[at][0], styles.text)
        cells[_STATUS_AT] = (cells[_STATUS_AT][0], styles.statuses[outcome.status])
        yield Line(cells)


def to_fix_cells(outcome: Outcome) -> tuple[Cell, ...]:
    """The values by column: what the row asks for, so that it loads back the same, and what became of it."""
    source, problem = outcome.source, outcome.problem
    return (
        *(loadable(value) if isinstance(value, str) else value for value in _asked(source, outcome.product_id)),
        source.sheet,
        source.row,
        outcome.status.value,
        problem.code.value if problem else "",
        detail_of(outcome),
        problem.fix if problem else _NOTHING_TO_MEND.get(outcome.status, ""),
    )


def _asked(source: LoadedRow, found_id: int | None) -> tuple[Cell, ...]:
    if isinstance(source, ImageRow):
        # A SKU of a variant would make the picture the variant's own, so the product's id stands in for "gallery".
        number = None if source.of_variant else source.product_id or (found_id if source.in_gallery else None)
        thumbnail = {True: "yes", False: "no", None: ""}[source.is_thumbnail]
        order = source.sort_order
        return (
            "" if number is None else str(number),
            source.sku,
            _address(source),
            source.description,
            order,
            thumbnail,
        )
    written = (source.product_id, source.sku, source.image_url)
    if isinstance(source, SkippedRow):
        return (*written, "", "", "")
    return (*written, source.description, source.sort_order, source.is_thumbnail)


def _address(source: ImageRow) -> str:
    """The address as the person wrote it, where it says all by itself: without a base URL, or a link behind it."""
    written, sent = source.image_url, source.sent_url
    if written == sent:
        return sent
    read = parse_address(written, len(sent))
    whole = len(written) <= EXCEL_CELL_LIMIT and plain(written) == written
    return written if whole and not isinstance(read, Problem) and read.url == sent else sent
