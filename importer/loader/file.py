"""From a path to a `LoadedFile`: every sheet that has usable columns, every data row accounted for."""

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

from importer.errors import FileError
from importer.loader.columns import Columns, find_columns, what_would_do
from importer.loader.rows import RowReader
from importer.loader.tables import Table, read_tables
from importer.models import ImageRow, LoadedFile, RejectedRow, Sheet
from importer.settings import LoaderSettings

_HEADER_SEARCH_ROWS = 20
_ROWS_BETWEEN_TELLS = 1_000


def load(
    path: Path, settings: LoaderSettings | None = None, *, watch: Callable[[int], None] = lambda _: None
) -> LoadedFile:
    """Read a CSV file or workbook.

    Args:
        path: the spreadsheet.
        settings: what is accepted.
        watch: told now and then how many more rows have been read.

    Raises:
        FileError: the file cannot be read, has no usable columns, or has no data rows.
    """
    tables, notes = read_tables(path)
    reader = RowReader(settings or LoaderSettings())
    sheets: list[Sheet] = []
    rows: list[ImageRow | RejectedRow] = []
    seen: list[str] = []
    for table in tables:
        found = _header(table, seen)
        if found is None:
            if len(tables) > 1:
                notes.append(f"The sheet {table.name!r} has no usable columns and was left out.")
            continue
        header_row, columns, rest = found
        before = len(rows)
        for row in reader.read(table.name, columns, rest):
            rows.append(row)
            if len(rows) % _ROWS_BETWEEN_TELLS == 0:
                watch(_ROWS_BETWEEN_TELLS)
        sheets.append(Sheet(table.name, header_row, len(rows) - before, columns.named()))
    watch(len(rows) % _ROWS_BETWEEN_TELLS)
    if not sheets:
        headers = ", ".join(seen) or "none"
        raise FileError(f"{path} has no usable columns. Headers seen: {headers}. {what_would_do()}")
    if not rows:
        raise FileError(f"{path} has a header but no rows under it.")
    return LoadedFile(path.name, "plain", tuple(sheets), tuple(rows), tuple(notes))


def _header(table: Table, seen: list[str]) -> tuple[int, Columns, Iterator[tuple[int, list[str]]]] | None:
    """The header's row number, its columns and the lines below it; adds the first row's headers to `seen`."""
    skipped = 0
    for number, cells in table.lines:
        if not any(cell.strip() for cell in cells):
            continue
        headers = _trimmed(cells)
        columns = find_columns(headers)
        if columns is not None:
            return number, columns, chain(table.lines)
        if not skipped:
            seen += [header.strip() for header in headers if header.strip()][:40]
        skipped += 1
        if skipped == _HEADER_SEARCH_ROWS:
            break
    return None


def _trimmed(cells: list[str]) -> list[str]:
    """The cells up to the last one that holds something."""
    end = max((at for at, cell in enumerate(cells) if cell.strip()), default=-1) + 1
    return cells[:end]
