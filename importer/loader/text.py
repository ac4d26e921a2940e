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
from itertools import islice, takewhile
from pathlib import Path

from importer.errors import FileError
from importer.loader.encodings import detect, is_binary
from importer.loader.records import OPEN, WRAPPED, EscapedRecords, Records, Rows, unwrapped
from importer.loader.tables import Lines, Piece, Table

_DELIMITERS = ",;\t|"
_SAMPLE_BYTES = 262_144
_BLOCK_BYTES = 1 << 20
_SAMPLE_ROWS = 500
_ROWS_AT_A_TIME = 2_000
"""So many rows of a catalogue stay in the processor's cache from the first look at them to the last."""
_LONGEST_LINE = 16 << 20
"""Characters. Beyond this, the file is no table of rows, and reading on would fill the memory."""
_ESCAPED_MARK = re.compile(rb'\\\x00{0,3}"')
"""A backslash before a quotation mark, in UTF-16 and UTF-32 as well."""
_SEPARATOR_LINE = re.compile(r"\ufeff?\"?sep=([^\r\n\"])\"?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TextFormat:
    """How the rows of a text file are written.

    Attributes:
        encoding: as Python names it.
        delimiter: between the cells.
        skipped_lines: 1 where the first line only names the delimiter (`sep=;`), which Excel does not show.
        wrapped: whether each whole row stands in one pair of quotation marks.
        width: the cells of a usual row; 0 where that is not known.
        escaped: whether a backslash stands before a quotation mark anywhere.
    """

    encoding: str
    delimiter: str
    skipped_lines: int = 0
    wrapped: bool = False
    width: int = 0
    escaped: bool = False


def find_format(path: Path, encoding: str = "", delimiter: str = "") -> TextFormat:
    """How a text file is written, by its content; what the person names is taken as it is.

    Raises:
        FileError: it is no text file, or has nothing in it.
    """
    with path.open("rb") as file:
        head = file.read(_SAMPLE_BYTES)
    if not encoding and is_binary(head):
        raise FileError(f"{path} is neither a text file nor a workbook. Save it as .csv or .xlsx.")
    escaped = _looked_over(path)
    encoding = encoding or detect(path, head)
    with path.open(encoding=encoding, errors="replace", newline="") as text:
        lines = list(_bounded(text, len(head)))
        if len(lines) > 1 and next(text, ""):
            lines.pop()  # it may be cut off
    if not any(line.strip("\ufeff \t\r\n\x00") for line in lines):
        raise FileError(f"{path} is empty.")
    named = _SEPARATOR_LINE.fullmatch(lines[0])
    if named:
        chosen = delimiter or named[1]
        return TextFormat(encoding, chosen, 1, width=_usual_width(lines[1:], chosen), escaped=escaped)
    chosen = delimiter or _delimiter(lines)
    if wrapped := _wrapped(lines, chosen):
        return TextFormat(encoding, delimiter or _delimiter(wrapped), wrapped=True)
    return TextFormat(encoding, chosen, width=_usual_width(lines, chosen), escaped=escaped)


def text_table(path: Path, found: TextFormat) -> Table:
    """The one table of a text file."""
    notes = [WRAPPED] if found.wrapped else []
    return Table("", partial(_read, path, found, notes), notes=notes)


def _read(path: Path, found: TextFormat, notes: list[str]) -> Iterator[Piece]:
    """The rows of the file; what they are read as is added to the notes.

    Raises:
        FileError: a quotation mark is never closed, or a line has no end in sight.
    """
    csv.field_size_limit(_LONGEST_LINE)
    first, read = 1, 0
    with path.open(encoding=found.encoding, errors="replace", newline="") as file:
        for _ in range(found.skipped_lines):
            next(file, "")
        records: Rows = Records(file, found.delimiter)
        if found.escaped and not found.wrapped:
            records = EscapedRecords(file, found.delimiter, found.width)
        rows = (
            _whole_rows(records, found.delimiter)
            if found.wrapped
            else unwrapped(records, found.delimiter, found.width, notes)
        )
        while True:
            lines, error = _some(rows)
            if error:
                raise FileError(_broken(path, first + len(lines), OPEN if "field larger" in error else error))
            breaks = found.wrapped or records.line_num - read > len(lines)
            yield Piece(first, lines, breaks)
            first, read = first + len(lines), records.line_num
            if len(lines) < _ROWS_AT_A_TIME:
                return


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


def _looked_over(path: Path) -> bool:
    """Whether a backslash stands before a quotation mark anywhere.

    Raises:
        FileError: a line has no end in sight, so that no reader could take it in without filling the memory.
    """
    blocks = 0
    escaped, before = False, b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            escaped = escaped or _ESCAPED_MARK.search(before + block) is not None
            before = block[-3:]
            blocks = 0 if b"\n" in block or b"\r" in block else blocks + 1
            if blocks * _BLOCK_BYTES > _LONGEST_LINE:
                raise FileError(
                    f"{path} holds a line of more than {_LONGEST_LINE >> 20} million characters, so it is no table of "
                    "rows. Export it again as .csv or .xlsx."
                )
    return escaped


def _bounded(lines: Iterable[str], characters: int) -> Iterator[str]:
    for line in islice(lines, 20 * _SAMPLE_ROWS):
        yield line[:characters]
        characters -= len(line)
        if characters <= 0:
            return


def _whole_rows(rows: Iterable[list[str]], delimiter: str) -> Iterator[list[str]]:
    """The rows of a file whose rows, header and all, are one cell each."""
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


def _usual_width(lines: list[str], delimiter: str) -> int:
    """The commonest number of cells of the first rows, up to one that can be read in more than one way."""
    clear = list(takewhile(lambda line: '\\"' not in line, lines))
    widths = Counter(width for cells in _sample(clear, delimiter) if (width := len(cells)) > 1)
    return max(widths, key=lambda width: (widths[width], width), default=0)


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
