"""Strangers' text made harmless: file names, cells and servers' answers end up in programs that would obey them.

Each kind of result has its one guard. None of them drops a character without a trace: what cannot be shown is
replaced by a mark, so that two different SKUs never look the same.
"""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from importer.report.columns import Cell

EXCEL_CELL_LIMIT = 32_767
"""The most characters (UTF-16 units) that one Excel cell holds; Excel "repairs" a file with more."""

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

# All C0 and C1 controls but tab and newline, lone surrogates (no UTF-8) and the two code points that XML forbids.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# Direction marks, overrides and isolates, zero-width characters and line separators: they make text look like another.
_DECEPTIVE = re.compile(r"[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")
# Spreadsheet programs run a cell that starts so; the wide forms are folded to the plain ones by some of them.
_FORMULA_START = "[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"
_GUARDED = re.compile(f"'*{_FORMULA_START}")
_LOOKS_GUARDED = re.compile(f"'+{_FORMULA_START}")
# Where a program takes a semicolon or a tab for what parts the cells, as Excel does in half of Europe, quotes in the
# middle of a line mean nothing to it, and each of these begins a cell of its own.
_INNER = re.compile("([;\t\r\n])('*[=+\\-@\uff1d\uff0b\uff0d\uff20])")
_INNER_LOOKS_GUARDED = re.compile("([;\t\r\n])('+[=+\\-@\uff1d\uff0b\uff0d\uff20])")
_SUSPECT_IN_COLUMN = re.compile(f"[|]{_GUARDED.pattern}|{_INNER.pattern}")
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
# Excel reads `_x0041_` in a cell as the letter A; `photo_x1920_.jpg` is a real file name.
_EXCEL_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def plain(text: str) -> str:
    """The text with line ends as newlines and everything that no program can show replaced by a mark."""
    if text.isascii() and text.isprintable():
        return text
    return _UNPRINTABLE.sub(REPLACEMENT, text.replace("\r\n", "\n").replace("\r", "\n"))


def csv_cell(value: Cell, *, numeric: bool = False) -> Cell:
    """The value as a CSV cell that no spreadsheet program takes for a formula: with an apostrophe before it.

    One stands as well behind each separator that another program may see in the text. A text that has apostrophes
    before such a character gets one more, so that whoever loads the file takes one off and has the text as it was.

    Args:
        value: the cell.
        numeric: whether the column holds numbers, where a written-out number such as `-5` is left as it is.
    """
    if not isinstance(value, str):
        return value
    if numeric and _NUMBER.fullmatch(value):
        return value
    text = _INNER.sub(r"\1'\2", plain(value))
    return f"'{text}" if _GUARDED.match(value) else text


def harmless(texts: Sequence[str]) -> bool:
    """Whether `csv_cell` would leave every one of many texts as it is; in doubt it says no, but it is quick."""
    together = "|".join(("", *texts))
    return together.isascii() and together.isprintable() and _SUSPECT_IN_COLUMN.search(together) is None


def loadable(text: str) -> str:
    """The text for a workbook's cell that is loaded back.

    A workbook needs no apostrophe before a formula's first character, but one that was made of a CSV file has it. So
    the loader takes one off in both, and a text of its own that looks so gets one more in both.
    """
    if "'" not in text:
        return text
    inner = _INNER_LOOKS_GUARDED.sub(r"\1'\2", text)
    return f"'{inner}" if _LOOKS_GUARDED.match(text) else inner


def excel_text(text: str) -> str:
    """The text as Excel shows it unchanged, cut with an ellipsis at what one cell holds."""
    if text.isascii() and text.isprintable() and len(text) <= EXCEL_CELL_LIMIT and "_x" not in text:
        return text
    cleaned = plain(text)
    units = cleaned.encode("utf-16-le")
    if len(units) > 2 * EXCEL_CELL_LIMIT:
        cleaned = units[: 2 * (EXCEL_CELL_LIMIT - 1)].decode("utf-16-le", "ignore") + "…"
    return _EXCEL_ESCAPE.sub("_x005F_", cleaned)


def visible(text: str) -> str:
    """The text for a page: characters that would turn or hide other text are written out, such as `[U+202E]`."""
    return _DECEPTIVE.sub(lambda found: f"[U+{ord(found[0]):04X}]", plain(text))


def web_link(address: str) -> str:
    """The address where a link to it is safe and leads to what the reader sees; otherwise empty."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    honest = visible(address) == address and not any(character.isspace() for character in address)
    return address if honest and parts.scheme.lower() in {"http", "https"} and parts.netloc else ""
