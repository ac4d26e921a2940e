"""The rows of a text file, one by one: as Python's csv reader finds them, or as PHP has written them."""

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Protocol

OPEN = "a quotation mark opens a cell and is never closed"
_MOST_CELLS = 16_384
"""Filled cells of a row: the columns of any spreadsheet program. A million names would be looked at for ever."""
_ESCAPED = '\\"'
_MOST_LINES = 200
"""Lines of one row among which a backslash before a quotation mark is looked for in more than one way."""
_MOST_MARKS = 8
"""Such marks in one line that are tried in every combination: that many make 256 of them."""
_ADDRESS = re.compile(r"://|\.(?:jpe?g|png|gif|webp)\b", re.IGNORECASE)


class Rows(Protocol):
    """Rows of cells with the number of lines that they took so far."""

    @property
    def line_num(self) -> int:
        """The lines read so far."""

    def __iter__(self) -> Iterator[list[str]]: ...


class Records:
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
                yield _bounded(cells)
            elif cells:
                raise csv.Error(OPEN)

    def _and_one_more(self, lines: Iterable[str]) -> Iterator[str]:
        yield from lines
        self._over = True
        yield "\n"


class EscapedRecords:
    """The rows of a file in which a backslash stands before a quotation mark somewhere.

    To PHP's `fputcsv` (and so to WooCommerce, whatever the text) such a mark is part of the cell; to everybody else it
    ends the cell or doubles the next one, as behind a Windows path. Each row is read in the way that gives it as many
    cells as the other rows have; of several, in the one that leaves no mark where nobody would have written it, and
    takes the fewest lines.

    Source: PHP manual, `fputcsv`: "If an enclosure character occurs behind the escape character, it is not doubled."

    Args:
        lines: the file's lines.
        delimiter: between the cells.
        width: the cells of a usual row; 0 where that is not known.
    """

    def __init__(self, lines: Iterable[str], delimiter: str, width: int) -> None:
        self._lines = iter(lines)
        self._ahead = deque[str]()
        self._delimiter = delimiter
        self._width = width
        self._at_end = re.compile(rf"\\\"(?=\s*(?:{re.escape(delimiter)}|$))")
        self.line_num = 0

    def __iter__(self) -> Iterator[list[str]]:
        while self._line(0) is not None:
            cells, used = self._next()
            for _ in range(used):
                self._ahead.popleft()
            self.line_num += used
            yield _bounded(cells)

    def _next(self) -> tuple[list[str], int]:
        usual = self._read({}, strict=False)
        if usual is not None and not any(_ESCAPED in (self._line(at) or "") for at in range(usual[1])):
            return usual
        best: tuple[list[str], int] | None = None
        for written in self._ways():
            found = self._read(written, strict=True)
            if found is None or (self._width and len(found[0]) != self._width):
                continue
            if best is None or _oddity(found) < _oddity(best):
                best = found
            if _oddity(best) == (False, 1):
                return best
        if best is None and usual is None:
            raise csv.Error(OPEN)
        return best or usual or ([], 1)

    def _ways(self) -> Iterator[dict[int, str]]:
        """The next lines, by their places, in each way that they may be meant; the likeliest first."""
        there = [(at, line) for at in range(_MOST_LINES) if (line := self._line(at)) is not None and _ESCAPED in line]
        yield {}
        yield {at: self._inner(line) for at, line in there}
        yield {at: line.replace(_ESCAPED, '""') for at, line in there}
        first = self._line(0) or ""
        pieces = first.split(_ESCAPED)
        if len(pieces) - 1 <= _MOST_MARKS:
            rest = {at: self._inner(line) for at, line in there if at}
            for marks in product((_ESCAPED, '""'), repeat=len(pieces) - 1):
                yield {0: "".join(part + mark for part, mark in zip(pieces, [*marks, ""], strict=True)), **rest}

    def _inner(self, line: str) -> str:
        """A line in which each such mark belongs to its cell, but for those where a cell could end."""
        ends = {found.start() for found in self._at_end.finditer(line.rstrip("\r\n"))}
        return re.sub(r"\\\"", lambda found: found[0] if found.start() in ends else '""', line)

    def _read(self, written: dict[int, str], *, strict: bool) -> tuple[list[str], int] | None:
        """The next row and the lines that it takes; None where it cannot be read so, or where it never ends."""
        used = 0
        over = False

        def lines() -> Iterator[str]:
            nonlocal used, over
            while (line := self._line(used)) is not None and (not strict or used < _MOST_LINES):
                used += 1
                yield written.get(used - 1, line)
            over = True
            if not strict:
                yield "\n"

        try:
            cells = next(csv.reader(lines(), delimiter=self._delimiter, strict=strict))
        except csv.Error:
            if not strict:
                raise
            return None
        return None if over else (cells, used)

    def _line(self, at: int) -> str | None:
        while len(self._ahead) <= at:
            line = next(self._lines, None)
            if line is None:
                return None
            self._ahead.append(line)
        return self._ahead[at]


def _oddity(found: tuple[list[str], int]) -> tuple[bool, int]:
    """Whether marks are left in a cell as no writer leaves them, and how many lines the row takes."""
    cells, used = found
    return any(_ESCAPED in cell or '""' in cell for cell in cells), used


def unwrapped(rows: Iterable[list[str]], delimiter: str, width: int, told: list[str]) -> Iterator[list[str]]:
    """The rows, without the quotation marks around those that stand in the first cell as a whole.

    Args:
        rows: the rows.
        delimiter: between the cells.
        width: the cells of a usual row; only a row that has as many inside, and an address among them, is one.
        told: given a sentence for the person when the first such row is met.
    """
    for row in rows:
        inner = row[0] if row else ""
        if delimiter not in inner or any(map(str.strip, row[1:])) or not _ADDRESS.search(inner):
            yield row
            continue
        found = list(csv.reader(inner.splitlines(keepends=True), delimiter=delimiter))
        if len(found) != 1 or len(found[0]) != width:
            yield row
            continue
        if WRAPPED not in told:
            told.append(WRAPPED)
        yield found[0]


WRAPPED = "Rows stood in quotation marks as a whole; these were taken off."


def _bounded(cells: list[str]) -> list[str]:
    """The row, if it has no more cells than a sheet.

    Raises:
        csv.Error: it has.
    """
    if len(cells) > _MOST_CELLS and (filled := sum(map(bool, cells))) > _MOST_CELLS:
        raise csv.Error(f"it has {filled:,} filled cells, and no sheet has more than {_MOST_CELLS:,} columns")
    return cells
