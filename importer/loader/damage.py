"""Rows that are not what their writer meant: one cell too many, or several rows swallowed by a stray quotation mark."""

import re
from collections.abc import Callable, Sequence
from functools import partial

from importer.loader.columns import Columns
from importer.loader.number_formats import Formatted
from importer.loader.tables import letters
from importer.models import Problem, ProblemCode
from importer.problems import problem

Damage = Callable[[Sequence[str]], Problem | None]
"""What is wrong with a row as such, or None."""

_LINE_END = re.compile(r"\r\n|\r|\n")
_ADDRESS = re.compile(r"//|^/?[\w-]+/|\.(?:jpe?g|png|gif|webp|bmp)\b", re.IGNORECASE)
_TELLING_WIDTH = 6
"""Columns from which the right number of delimiters on every line is no accident."""


def damage_of(columns: Columns, delimiter: str, width: int) -> Damage:
    """How to look at the rows of a sheet.

    Args:
        columns: the sheet's columns.
        delimiter: of a text file; empty for a workbook, whose cells cannot slip.
        width: the cells of the header row, empty ones too.
    """
    if not delimiter:
        return partial(_unclear_sku, columns)

    def look(cells: Sequence[str]) -> Problem | None:
        if len(cells) > width:
            extra = next((at for at in range(width, len(cells)) if cells[at].strip()), None)
            broken = next((at for at, text in enumerate(cells) if _LINE_END.search(text)), None)
            if broken is not None:
                return _run_together(columns.header(broken), cells[broken])
            return None if extra is None else _too_wide(width, extra)
        for at, text in enumerate(cells):
            if ("\n" in text or "\r" in text) and _holds_rows(text, at, columns, (delimiter, width)):
                return _run_together(columns.header(at), text)
        return None

    return look


def _unclear_sku(columns: Columns, cells: Sequence[str]) -> Problem | None:
    """A SKU of which nobody can tell whether it is what the workbook holds or what the spreadsheet program shows."""
    at = columns.sku
    cell = cells[at] if at is not None and at < len(cells) else ""
    if not isinstance(cell, Formatted):
        return None
    header, look = (
        columns.header(at),
        f"“{cell.shown}”" if cell.shown else "it in a format of its own, as it does dates",
    )
    return problem(
        ProblemCode.ROW_MALFORMED,
        f"The cell in the column {header} holds “{cell}”, but the spreadsheet program shows {look}; which of them is "
        "the SKU cannot be told.",
        fix=f"Set the column {header} to the format Text, fill in the SKU again from its source, and run it again.",
        column=header,
    )


def _holds_rows(text: str, at: int, columns: Columns, shape: tuple[str, int]) -> bool:
    """Whether a cell holds the end of its own row, whole rows, and the beginning of another one.

    Each of these has just so many delimiters, and an address where the picture column is. A text of several lines with
    as many commas on every line does not come about by itself, unless the sheet has very few columns.
    """
    delimiter, width = shape
    first, *middle, last = _LINE_END.split(text)
    counts = (first.count(delimiter), last.count(delimiter), {line.count(delimiter) for line in middle})
    if counts[:2] != (width - 1 - at, at) or counts[2] - {width - 1}:
        return False
    swallowed = [("", *[""] * (at - 1), *first.split(delimiter)) if at else tuple(first.split(delimiter))]
    swallowed += [tuple(line.split(delimiter)) for line in (*middle, last)]
    found = any(
        _ADDRESS.search(cells[image.at])
        for cells in swallowed
        for image in columns.images
        if image.at < len(cells) and image.at != at
    )
    return found or width >= _TELLING_WIDTH


def _too_wide(width: int, at: int) -> Problem:
    return problem(
        ProblemCode.ROW_MALFORMED,
        f"The row has a value in column {letters(at)}, but the header ends at column {letters(width - 1)}; its values "
        "may have slipped into the wrong columns.",
        fix="Put quotes around values that hold the separator, or remove the extra cell.",
        column=letters(at),
    )


def _run_together(header: str, text: str) -> Problem:
    """A stray quotation mark makes one cell of several rows; the rows inside it would be lost without a word."""
    lines = len(_LINE_END.split(text))
    return problem(
        ProblemCode.ROW_MALFORMED,
        f"The cell in the column {header} holds {lines} lines that look like rows: a stray quotation mark seems to "
        "have made one cell of several rows.",
        fix="Remove the stray quotation mark in this row; the rows after it come back by themselves.",
        column=header,
    )
