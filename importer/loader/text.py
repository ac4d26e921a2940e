"""Text files: the delimiter is found by what makes rows of equal length, and every cell stays the text it is.

The standard library's csv reader, not pandas: here it is as fast, and it takes rows of any width as they come, where
pandas must know the widest row before it starts.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from importer.errors import FileError
from importer.loader.encodings import detect, is_binary
from importer.loader.tables import Lines, Piece, Table

_DELIMITERS = ",;\t|"
_SAMPLE_BYTES = 262_144
_BLOCK_BYTES = 1 << 20
_SAMPLE_ROWS = 500
_ROWS_AT_A_TIME = 2_000
"""So many rows of a catalogue stay in the processor's cache from the first look at them to the last."""
_LONGEST_LINE = 16 << 20
"""Characters. Beyond this, the file is no table of rows, and reading on would fill the memory."""
_MOST_CELLS = 16_384
"""Filled cells of a row: the columns of any spreadsheet program. A million names would be looked at for ever."""
_OPEN = "a quotation mark opens a cell and is never closed"
_SEPARATOR_LINE = re.compile(r"\ufeff?\"?sep=([^\r\n\"])\"?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TextFormat:
    """How the rows of a text file are written.

    Attributes:
        encoding: as Python names it.
        delimiter: between the cells.
        skipped_lines: 1 where the first line only names the delimiter (`sep=;`), which Excel does not show.
        wrapped: whether each whole row stands in one pair of quotation marks.
    """

    encoding: str
    delimiter: str
    skipped_lines: int = 0
    wrapped: bool = False


def find_format(path: Path, encoding: str = "", delimiter: str = "") -> TextFormat:
    """How a text file is written, by its content; what the person names is taken as it is.

    Raises:
        FileError: it is no text file, or has nothing in it.
    """
    with path.open("rb") as file:
        head = file.read(_SAMPLE_BYTES)
    if not encoding and is_binary(head):
        raise FileError(f"{path} is neither a text file nor a workbook. Save it as .csv or .xlsx.")
    _check_lines(path)
    encoding = encoding or detect(path, head)
    with path.open(encoding=encoding, errors="replace", newline="") as text:
        lines = list(_bounded(text, len(head)))
        if len(lines) > 1 and next(text, ""):
            lines.pop()  # it may be cut off
    if not any(line.strip("\ufeff \t\r\n\x00") for line in lines):
        raise FileError(f"{path} is empty.")
    named = _SEPARATOR_LINE.fullmatch(lines[0])
    if named:
        return TextFormat(encoding, delimiter or named[1], skipped_lines=1)
    chosen = delimiter or _delimiter(lines)
    if wrapped := _wrapped(lines, chosen):
        return TextFormat(encoding, delimiter or _delimiter(wrapped), wrapped=True)
    return TextFormat(encoding, chosen)


def text_table(path: Path, found: TextFormat) -> Table:
    """The one table of a text file."""
    notes = ("The rows stood in quotation marks as a whole; these were taken off.",) if found.wrapped else ()
    return Table("", partial(_read, path, found), notes=notes)


def _read(path: Path, found: TextFormat) -> Iterator[Piece]:
    """The rows of the file.

    Raises:
        FileError: a quotation mark is never closed, or a line has no end in sight.
    """
    csv.field_size_limit(_LONGEST_LINE)
    first, read = 1, 0
    with path.open(encoding=found.encoding, errors="replace", newline="") as file:
        for _ in range(found.skipped_lines):
            next(file, "")
        records = _Records(file, found.delimiter)
        rows = _unwrapped(records, found.delimiter) if found.wrapped else iter(records)
        while True:
            lines, error = _some(rows)
            if error:
                raise FileError(_broken(path, first + len(lines), _OPEN if "field larger" in error else error))
            breaks = found.wrapped or records.line_num - read > len(lines)
            yield Piece(first, lines, breaks)
            first, read = first + len(lines), records.line_num
            if len(lines) < _ROWS_AT_A_TIME:
                return


class _Records:
    """The rows as the csv reader tells them, which at the end of a file closes an open cell without a word.

    So it is given one empty line more: with no cell open, that is a row without cells, and else it is part of a cell.
    """

    def __init__(self, lines: Iterable[str], delimiter: str) -> None:
        self._reader = csv.reader(self._and_one_more(lines), delimiter=delimiter)
        self._over = False

    @property
    def line_num(self) -> int:
        """The lines read so far."""
        return self._reader.line_num - self._over

    def __iter__(self) -> Iterator[list[str]]:
        for cells in self._reader:
            if not self._over:
                if len(cells) > _MOST_CELLS and (filled := sum(map(bool, cells))) > _MOST_CELLS:
                    raise csv.Error(
                        f"it has {filled:,} filled cells, and no sheet has more than {_MOST_CELLS:,} columns"
                    )
                yield cells
            elif cells:
                raise csv.Error(_OPEN)

    def _and_one_more(self, lines: Iterable[str]) -> Iterator[str]:
        yield from lines
        self._over = True
        yield "\n"


def _some(rows: Iterator[list[str]]) -> tuple[Lines, str]:
    """The next rows, and what the csv reader says against the one after them."""
    lines: Lines = []
    try:
        lines.extend(islice(rows, _ROWS_AT_A_TIME))
    except csv.Error as error:
        return lines, str(error)
    return lines, ""


def _broken(path: Path, row: int, reason: str) -> str:
    return f"{path} cannot be read as CSV from row {row:,} on: {reason}. Open it in a text editor and correct that row."


def _check_lines(path: Path) -> None:
    """Refuse a line without an end in sight, which no reader could take in without filling the memory."""
    blocks = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            blocks = 0 if b"\n" in block or b"\r" in block else blocks + 1
            if blocks * _BLOCK_BYTES > _LONGEST_LINE:
                raise FileError(
                    f"{path} holds a line of more than {_LONGEST_LINE >> 20} million characters, so it is no table of "
                    "rows. Export it again as .csv or .xlsx."
                )


def _bounded(lines: Iterable[str], characters: int) -> Iterator[str]:
    for line in islice(lines, 20 * _SAMPLE_ROWS):
        yield line[:characters]
        characters -= len(line)
        if characters <= 0:
            return


def _unwrapped(rows: Iterable[list[str]], delimiter: str) -> Iterator[list[str]]:
    for row in rows:
        if len(row) == 1:
            yield from csv.reader(row[0].splitlines(keepends=True), delimiter=delimiter)
        else:
            yield row


def _delimiter(lines: list[str]) -> str:
    """The delimiter under which most rows have the same number of cells; csv.Sniffer is fooled by URLs."""
    return max(_DELIMITERS, key=lambda delimiter: _consistency(lines, delimiter))


def _consistency(lines: list[str], delimiter: str) -> tuple[float, int, int]:
    """Which part of the rows has the commonest width, how few addresses begin inside a cell, and that width."""
    rows = _sample(lines, delimiter)
    widths = Counter(map(len, rows))
    wide = {width: count for width, count in widths.items() if width > 1}
    best = max(wide, key=lambda width: (wide[width], width), default=0)
    inside = sum(1 for cells in rows for text in cells if text.lstrip("\"' ").find("http") > 0)
    return (round(wide.get(best, 0) / max(len(rows), 1), 2), -inside, best)


def _sample(lines: list[str], delimiter: str) -> Lines:
    """The first rows under a delimiter; none where they cannot be read."""
    csv.field_size_limit(_LONGEST_LINE)
    try:
        return [cells for cells in islice(csv.reader(lines, delimiter=delimiter), _SAMPLE_ROWS) if cells]
    except csv.Error:
        return []


def _wrapped(lines: list[str], delimiter: str) -> list[str]:
    """The rows without the quotation marks around each whole row, where that is how the file is written."""
    rows = _sample(lines, delimiter)
    inner = [row[0] for row in rows if len(row) == 1 and any(mark in row[0] for mark in _DELIMITERS)]
    quoted = lines[0].lstrip("\ufeff").startswith('"')
    return (
        [line for text in inner for line in text.splitlines()]
        if rows and quoted and len(inner) >= 0.9 * len(rows)
        else []
    )
