"""A cell's text becomes a value, or a problem that names the cell's column."""

import re

from importer.models import Problem, ProblemCode
from importer.problems import problem
from importer.settings import MAX_DESCRIPTION_LENGTH

_YES = {"yes", "y", "true", "1", "x"}
_NO = {"no", "n", "false", "0"}
_INT32 = range(-(2**31), 2**31)
"""BigCommerce docs, productImage_Base: `sort_order` lies between -2147483648 and 2147483647."""


def product_id(text: str, column: str) -> int | Problem | None:
    """A BigCommerce product id: a whole number from 1 up. Empty text gives None."""
    if not text:
        return None
    if re.fullmatch(r"\d{1,18}(\.0+)?", text, re.ASCII) and int(text.partition(".")[0]) > 0:
        return int(text.partition(".")[0])
    words = f"“{text[:60]}” in the column {column} is not a product id."
    if re.fullmatch(r"\d+([.,]\d+)?[eE][+-]?\d+", text):
        words += " The spreadsheet program has shortened a long number; its digits cannot be recovered from this."
    return problem(ProblemCode.PRODUCT_ID_INVALID, words, column=column)


def sort_order(text: str, column: str) -> int | Problem | None:
    """A whole number; empty text gives None."""
    if not text:
        return None
    if re.fullmatch(r"[+-]?\d{1,10}(\.0+)?", text, re.ASCII) and (number := int(text.partition(".")[0])) in _INT32:
        return number
    return problem(
        ProblemCode.ROW_MALFORMED,
        f"“{text[:60]}” in the column {column} is not a whole number.",
        fix=f"Write a whole number such as 0, 1 or 2 into {column}, or leave the cell empty.",
        column=column,
    )


def is_thumbnail(text: str, column: str) -> bool | Problem | None:
    """Yes or no in the usual words; empty text gives None."""
    word = text.casefold()
    if not word:
        return None
    if word in _YES or word in _NO:
        return word in _YES
    return problem(
        ProblemCode.ROW_MALFORMED,
        f"“{text[:60]}” in the column {column} is neither yes nor no.",
        fix=f"Write yes or no into {column}, or leave the cell empty.",
        column=column,
    )


def description(text: str) -> tuple[str, str]:
    """The alt text that will be sent, and a warning where it had to be cut at a word to fit."""
    if len(text) <= MAX_DESCRIPTION_LENGTH:
        return text, ""
    cut = text[: MAX_DESCRIPTION_LENGTH + 1].rpartition(" ")[0].rstrip() or text[:MAX_DESCRIPTION_LENGTH]
    return cut, (
        f"The description was cut from {len(text)} to {len(cut)} characters; "
        f"BigCommerce takes at most {MAX_DESCRIPTION_LENGTH}."
    )
