"""Web pages under a spreadsheet's name: many old shop systems export an HTML table and call it .xls."""

import re
import warnings
from collections import Counter
from collections.abc import Iterator
from functools import partial
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from importer.addresses import PICTURE_ENDINGS
from importer.errors import FileError
from importer.loader.address_lists import marked_up
from importer.loader.encodings import byte_order_mark, detect
from importer.loader.tables import Lines, Piece, Table

if TYPE_CHECKING:
    from pandas import DataFrame

_CELL = re.compile(r"(<t[dh]\b[^<>]*>)((?:[^<]|<(?!/?t[dhr]\b|/?table\b|/?tbody\b))*+)", re.IGNORECASE)
"""A cell of a table with what is in it, up to the next tag of a table."""
_PICTURE_LINK = re.compile(rf"(?:https?:)?//|[^#?\s]*\.(?:{PICTURE_ENDINGS})\b", re.IGNORECASE)
_LARGEST_PAGE = 200 << 20
_MOST_TABLES = 1_000
_MOST_MADE = 4_000_000
"""Cells that no tag stands for: those under cells that reach over rows and columns, and behind short rows."""
_MARKUP = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>\s*)?(?>(?:<!--(?>.*?-->)\s*+)*)"
    rb"<(?:!doctype html|html|head|body|meta|table|style|div)\b",
    re.IGNORECASE | re.DOTALL,
)
_SPREADSHEET_ML = b"urn:schemas-microsoft-com:office:spreadsheet"
_SPAN = re.compile(r"((?:row|col)span\s*=\s*[\"']?\s*)(\d+)", re.IGNORECASE)
_LONGEST_SPAN_DIGITS = 2
_TAG = re.compile(r"<(table|tr|t[dh])\b([^>]*)", re.IGNORECASE)
_EITHER_SPAN = re.compile(r"(row|col)span\s*=\s*[\"']?\s*(\d{1,2})(?!\d)", re.IGNORECASE)
_CHARSET = re.compile(rb"<meta[^>]+charset=[\"']?([A-Za-z0-9_-]+)", re.IGNORECASE)


def is_web_page(head: bytes) -> bool:
    """Whether these first bytes begin a web page."""
    return _MARKUP.match(_plain(head)) is not None


def is_spreadsheet_ml(head: bytes) -> bool:
    """Whether this is the XML that Excel 2003 wrote, which no later program writes."""
    return _SPREADSHEET_ML in _plain(head)


def _plain(head: bytes) -> bytes:
    mark = byte_order_mark(head)
    return head[2:].replace(b"\x00", b"") if mark == "utf-16" else head


def page_tables(path: Path, encoding: str = "") -> list[Table]:
    """The tables of a web page that have more than one row, each with its links.

    Raises:
        FileError: the page has no table, or is far too large.
    """
    if path.stat().st_size > _LARGEST_PAGE:
        raise FileError(f"{path} is a web page of more than {_LARGEST_PAGE >> 20} MB. Export it as .csv or .xlsx.")
    content = path.read_bytes()
    charset = _CHARSET.search(content[:4096])
    named = charset[1].decode("ascii") if charset else ""
    chosen = encoding or byte_order_mark(content) or named or detect(path, content[:65_536])
    try:
        text = content.decode(chosen, "replace")
    except (LookupError, UnicodeError):
        text = content.decode(detect(path, content[:65_536]), "replace")
    _refuse_sprawl(path, text)
    frames = _frames(text)
    if not frames:
        raise FileError(
            f"{path} is a web page without a table that can be read, perhaps a login page saved by mistake. Download "
            "the export again."
        )
    tables = []
    for number, rows in enumerate(frames, 1):
        lines = [[text for text, _ in row] for row in rows]
        links = {
            at: {column: link for column, (_, link) in enumerate(row) if _PICTURE_LINK.match(link)}
            for at, row in enumerate(rows, 1)
        }
        name = "" if len(frames) == 1 else f"Table {number}"
        tables.append(Table(name, partial(_lines, lines), {at: found for at, found in links.items() if found}))
    return tables


def _refuse_sprawl(path: Path, text: str) -> None:
    """Refuse a page whose spans would make far more cells than it has, or that has tables without end."""
    tables = rows = written = widest = width = 0
    reaching = begun = 0  # columns under cells of rows above, and of cells that reach below this row
    ends: Counter[int] = Counter()
    for tag in _TAG.finditer(text):
        name = tag[1].lower()
        if name == "table":
            tables += 1
        elif name == "tr":
            rows += 1
            reaching += begun - ends.pop(rows, 0)
            begun, width = 0, reaching
        else:
            spans = {which.lower(): int(count) for which, count in _EITHER_SPAN.findall(tag[2])}
            written += 1
            width += spans.get("col", 1)
            widest = max(widest, width)
            if spans.get("row", 1) > 1:
                begun += spans.get("col", 1)
                ends[rows + spans["row"]] += spans.get("col", 1)
    if rows * widest - written > _MOST_MADE:
        raise FileError(
            f"{path} is a web page whose cells reach over so many rows and columns that its tables would have "
            f"{rows * widest:,} cells. Export it as .csv or .xlsx."
        )
    if tables > _MOST_TABLES:
        raise FileError(
            f"{path} is a web page of {tables:,} tables. Export the one with the pictures as .csv or .xlsx."
        )


def _lines(lines: Lines) -> Iterator[Piece]:
    yield Piece(1, lines)


def _frames(text: str) -> list[list[list[tuple[str, str]]]]:
    """Every table as rows of (text, link); the link is empty where a cell has none."""
    import pandas as pd

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pandas' advice on malformed markup is not for the person
            # With its links, pandas gives each cell as a pair and so leaves numbers and blanks as the text they are.
            found = pd.read_html(
                StringIO(_CELL.sub(_with_pictures, _SPAN.sub(_bounded_span, text))),
                flavor="lxml",
                header=None,
                extract_links="all",
                displayed_only=False,
            )
    except Exception:  # noqa: BLE001 - over damaged markup, pandas and lxml raise whatever their insides do
        return []
    return [
        [[_pair(cell) for cell in row] for row in [*_header_rows(frame), *frame.itertuples(index=False, name=None)]]
        for frame in found
        if frame.size
    ]


def _with_pictures(found: re.Match[str]) -> str:
    """A cell whose first link is to all the pictures that it shows or leads to: pandas tells the first link alone."""
    pictures = marked_up(found[2])
    if not pictures:
        return found[0]
    target = " ".join(one.address.replace(" ", "%20") for one in pictures)
    return f'{found[1]}<a href="{target.replace(chr(34), "%22")}"></a>{found[2]}'


def _bounded_span(found: re.Match[str]) -> str:
    """A cell over a few rows is a table's; one over a million is an attack, or a slip of the keyboard."""
    return found[0] if len(found[2]) <= _LONGEST_SPAN_DIGITS else f"{found[1]}1"


def _header_rows(frame: "DataFrame") -> list[tuple[object, ...]]:
    """The rows of the table's head, which pandas takes for column names."""
    columns: list[object] = list(frame.columns)
    if all(isinstance(one, int) for one in columns):
        return []
    if all(isinstance(one, tuple) and one and isinstance(one[0], tuple) for one in columns):
        return list(zip(*columns, strict=True))
    return [tuple(columns)]


def _pair(cell: object) -> tuple[str, str]:
    if isinstance(cell, tuple) and len(cell) == 2:
        return str(cell[0] or ""), str(cell[1] or "")
    return ("" if cell is None or isinstance(cell, float) else str(cell)), ""
