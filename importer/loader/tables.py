"""A table of text: what every kind of file becomes before anybody asks which column is which."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from importer.errors import FileError

Lines = list[list[str]]
"""Neighbouring rows, blank ones included; each is the texts of its cells, and may be shorter than the header."""


NOT_NAMED = "was left out, because --sheet names another one."


class Piece(NamedTuple):
    """Some neighbouring rows of a sheet.

    Attributes:
        first: the number of the first one; the spreadsheet shows 1 for its first row.
        lines: the rows.
        breaks: whether a cell may hold a line break, under which a stray quotation mark hides whole rows.
    """

    first: int
    lines: Lines
    breaks: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet.

    Attributes:
        name: the worksheet's name, empty for a text file.
        read: gives the rows, from the top each time it is called.
        links: row number -> column index -> the address behind the cell, where it has one.
        merged: merged cells as (first row number, first column index, last row number, last column index).
        notes: what the person should know of the sheet where it is read, such as rows that a filter hides;
            whole once the rows were read.
    """

    name: str
    read: Callable[[], Iterator[Piece]]
    links: Mapping[int, Mapping[int, str]] = field(default_factory=dict)
    merged: tuple[tuple[int, int, int, int], ...] = ()
    notes: Sequence[str] = ()


def place_of(wanted: str, names: Sequence[str], path: Path) -> int:
    """Where the sheet stands that a person calls so: by its exact name, or else whatever its case and outer spaces.

    Raises:
        FileError: there is no such sheet.
    """
    if wanted in names:
        return names.index(wanted)
    alike = [at for at, name in enumerate(names) if name.strip().casefold() == wanted.strip().casefold()]
    if not alike:
        raise FileError(f"{path} has no sheet called {wanted!r}. Its sheets: {', '.join(names)}.")
    return alike[0]


def numbered(pieces: Iterable[Piece]) -> Iterator[tuple[int, list[str]]]:
    """Every row with its number."""
    for piece in pieces:
        yield from enumerate(piece.lines, piece.first)


def letters(position: int) -> str:
    """The spreadsheet's letters for a column: 0 is A, 26 is AA."""
    text = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


@lru_cache(maxsize=1024)
def column_number(letters: str) -> int:
    """A is 1, AA is 27."""
    total = 0
    for letter in letters.upper():
        total = total * 26 + ord(letter) - 64
    return total
