"""A table of text: what every kind of file becomes before anybody asks which column is which."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

Lines = list[list[str]]
"""Neighbouring rows, blank ones included; each is the texts of its cells, and may be shorter than the header."""


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet.

    Attributes:
        name: the worksheet's name, empty for a text file.
        read: starts from the top each time it is called, and gives the number of the first row (the spreadsheet shows
            1 for the first one) with so many rows at a time.
        links: row number -> column index -> the address behind the cell, where it has one.
        merged: merged cells as (first row number, first column index, last row number, last column index).
        notes: what the person should know of the sheet where it is read, such as rows that a filter hides.
    """

    name: str
    read: Callable[[], Iterator[tuple[int, Lines]]]
    links: Mapping[int, Mapping[int, str]] = field(default_factory=dict)
    merged: tuple[tuple[int, int, int, int], ...] = ()
    notes: tuple[str, ...] = ()


def numbered(pieces: Iterator[tuple[int, Lines]]) -> Iterator[tuple[int, list[str]]]:
    """Every row with its number."""
    for first, lines in pieces:
        yield from enumerate(lines, first)


def letters(position: int) -> str:
    """The spreadsheet's letters for a column: 0 is A, 26 is AA."""
    text = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        text = chr(ord("A") + rest) + text
    return text
