"""The rows below a header as the layouts get them: with what lies behind a cell, or over several, put into it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from importer.loader.columns import Columns
from importer.loader.number_formats import Formatted
from importer.loader.tables import Lines, Piece, Table

_MOST_MERGED_ROWS = 100_000


class DataRows:
    """The rows of a sheet below its header, each time from the top: links put in their places, merged cells spread.

    Args:
        table: the sheet.
        header_row: the number of the header's last row, 0 where there is none.
        columns: the sheet's columns.

    Attributes:
        rows: those that are not blank, once they were gone through.
    """

    def __init__(self, table: Table, header_row: int, columns: Columns) -> None:
        self._table = table
        self._header_row = header_row
        self._columns = columns
        self._merged = _below(table, header_row, columns)
        self.rows = 0

    def __iter__(self) -> Iterator[Piece]:
        self.rows = 0
        for first, lines, breaks in self._table.read():
            skip = max(0, self._header_row + 1 - first)
            if skip < len(lines):
                here = lines[skip:] if skip else lines
                _put_shown(here, self._columns)
                if self._table.links:
                    _put_links(here, first + skip, self._columns, self._table.links)
                if self._merged:
                    self._spread(here, first + skip)
                self.rows += sum(map(bool, map(str.strip, map("".join, here))))
                yield Piece(first + skip, here, breaks)

    def _spread(self, lines: Lines, first: int) -> None:
        """A product's cell that is merged over several rows speaks for all of them."""
        for number, cells in enumerate(lines, first):
            for merged in self._merged.get(number, ()):
                if number == merged.top:
                    merged.text = cells[merged.column] if merged.column < len(cells) else ""
                elif merged.column < len(cells) and not cells[merged.column].strip():
                    cells[merged.column] = merged.text


@dataclass(slots=True)
class _Merged:
    """One column of merged cells, with the text of its first cell once that was read."""

    top: int
    column: int
    text: str = ""


def _below(table: Table, header_row: int, columns: Columns) -> dict[int, list[_Merged]]:
    """Row number -> the merged cells that reach over it, in the columns that name the product."""
    keys = {at for at in (columns.product_id, columns.sku, *columns.others.values()) if at is not None}
    by_row: dict[int, list[_Merged]] = {}
    room = _MOST_MERGED_ROWS
    for top, left, bottom, right in table.merged:
        if top > header_row and 0 < bottom - top <= room:
            room -= bottom - top
            for column in (at for at in keys if left <= at <= right):
                merged = _Merged(top, column)
                for number in range(top, bottom + 1):
                    by_row.setdefault(number, []).append(merged)
    return by_row


def _put_shown(lines: Lines, columns: Columns) -> None:
    """What a person reads in a cell is what they mean: `SKU-0007`, though the file holds 7 and a number format.

    Ids and sort orders are numbers, however they are shown; and what looks like several things stays as it is.
    """
    texts = {
        columns.sku,
        *columns.others.values(),
        *(at for image in columns.images for at in (image.at, image.description)),
    }
    for at in (at for at in texts if at is not None):
        for cells in lines:
            if at < len(cells) and isinstance(cell := cells[at], Formatted) and cell.is_clear:
                cells[at] = cell.shown


def _put_links(lines: Lines, first: int, columns: Columns, links: Mapping[int, Mapping[int, str]]) -> None:
    """A cell that shows other words than the address behind it, or the address cut short, means that address."""
    images = {image.at for image in columns.images}
    for number, cells in enumerate(lines, first):
        for at, target in links.get(number, {}).items():
            text = cells[at].strip() if at < len(cells) else ""
            if at in images and ("://" not in text or text.endswith(("...", "…"))):
                cells.extend([""] * (at + 1 - len(cells)))
                cells[at] = target
