"""Rows that are not what their writer meant: one cell too many, or several rows swallowed by a stray quotation mark."""

import re
from collections.abc import Callable, Sequence

from importer.loader.columns import Columns
from importer.loader.tables import letters
from importer.models import Problem, ProblemCode
from importer.problems import problem

Damage = Callable[[Sequence[str]], Problem | None]
"""What is wrong with a row as such, or None."""


def damage_of(columns: Columns, delimiter: str) -> Damage:
    """How to look at the rows of a sheet.

    Args:
        columns: the sheet's columns.
        delimiter: of a text file; empty where rows cannot run together.
    """
    width = len(columns.headers)
    inside = (
        re.compile(rf'{re.escape(delimiter)}\s?"?https?://|https?://[^\s"]*{re.escape(delimiter)}')
        if delimiter
        else None
    )

    def look(cells: Sequence[str]) -> Problem | None:
        if len(cells) > width and (extra := [at for at in range(width, len(cells)) if cells[at].strip()]):
            return _too_wide(width, extra[0])
        if inside is None:
            return None
        for at, text in enumerate(cells):
            # What a stray mark swallows holds as many delimiters as a row has, and an address beside one of them.
            if "\n" in text and text.count(delimiter) >= width - 1 and inside.search(text):
                return _run_together(columns.header(at), text.count("\n") + 1)
        return None

    return look


def _too_wide(width: int, at: int) -> Problem:
    return problem(
        ProblemCode.ROW_MALFORMED,
        f"The row has a value in column {letters(at)}, but the header ends at column {letters(width - 1)}; its values "
        "may have slipped into the wrong columns.",
        fix="Put quotes around values that hold the separator, or remove the extra cell.",
        column=letters(at),
    )


def _run_together(header: str, lines: int) -> Problem:
    """A stray quotation mark makes one cell of several rows; the rows inside it would be lost without a word."""
    return problem(
        ProblemCode.ROW_MALFORMED,
        f"The cell in the column {header} holds {lines} lines with an address among them: a stray quotation mark seems "
        "to have made one cell of several rows.",
        fix="Remove the stray quotation mark in this row; the rows after it come back by themselves.",
        column=header,
    )
