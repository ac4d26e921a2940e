"""What lies behind the values of a sheet, and the sheet-in-progress that the readers of each format fill in."""

import re
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path

from importer.errors import FileError
from importer.loader.number_formats import UNKNOWN

MAX_ROWS = 1_048_576
MAX_COLUMNS = 16_384
MOST_SHEETS = 1_000
"""More than anybody fills by hand or any shop exports; each takes some thousandths of a second."""
_LARGEST_RANGE = 100_000
_MOST_CELLS = 2_000_000
_WORDS = re.compile(r'"[^"]*"|(?<![\w.])(?:_xlfn\.)?(IMAGE|HYPERLINK)(?=\s*\()|_xlfn\.', re.IGNORECASE)

_ONLY_GOOGLE = re.compile(
    r'\s*=?\s*(?:IFERROR\s*\(\s*)?__xludf\.DUMMYFUNCTION\s*\(\s*"((?:[^"]|"")*)"\s*\)', re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class SheetLinks:
    """Links, telling formulas and hidden rows of one sheet.

    Rows are numbered as the spreadsheet shows them, from 1; columns from 0.

    Args:
        links: row -> column -> the http or https address behind the cell.
        formulas: row -> column -> formula text that begins with "=": those that call IMAGE or HYPERLINK, and
            those that were saved without a result.
        hidden_rows: rows with cells that a filter or a person has hidden.
        filtered: a filter hides rows of this sheet.
        area: rows times columns of the box from A1 to the last used cell; 0 if there is none or it is unknown.
        formats: column -> number formats with the row from which on each holds, in order; empty for a plain one.
        merged: merged cells as (first row, first column, last row, last column), where calamine does not tell them.
        repeated: how often the most repeated filled row stands below itself, in formats that write it once.
    """

    links: dict[int, dict[int, str]]
    formulas: dict[int, dict[int, str]]
    hidden_rows: int
    filtered: bool
    area: int
    formats: dict[int, list[tuple[int, str]]] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    repeated: int = 0


@dataclass(slots=True)
class SheetDraft:
    """A sheet while it is read; keeps to a bounded number of cells, whatever the file says."""

    links: dict[int, dict[int, str]] = field(default_factory=dict)
    formulas: dict[int, dict[int, str]] = field(default_factory=dict)
    formats: dict[int, list[tuple[int, str]]] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: int = 0
    repeated: int = 0
    has_filter: bool = False
    criterion: bool = False
    rows: int = 0
    columns: int = 0
    _cells: int = 0

    def use(self, row: int, column: int) -> None:
        """The box of used cells reaches to this cell at least."""
        self.rows = max(self.rows, row)
        if column >= self.columns:
            self.columns = column + 1

    def link(self, rows: range, columns: range, target: str) -> None:
        """Put a link behind every cell of a range, unless it is no web address or the range is absurdly large."""
        address = target.strip()
        count = len(rows) * len(columns)
        if not address.lower().startswith(("http://", "https://")) or not self._room(count):
            return
        for row in rows:
            self.links.setdefault(row, {}).update(dict.fromkeys(columns, address))

    def formula(self, rows: range, columns: range, text: str) -> None:
        """Keep a formula's text, which begins with "="."""
        if self._room(len(rows) * len(columns)):
            for row in rows:
                self.formulas.setdefault(row, {}).update(dict.fromkeys(columns, text))

    def merge(self, *area: int) -> None:
        """Keep the corners of merged cells."""
        if self._room(1):
            top, left, bottom, right = area
            self.merged.append((top, left, bottom, right))

    def format(self, row: int, column: int, code: str) -> None:
        """Keep a filled cell's number format, where it is another one than that of the filled cell above."""
        told = self.formats.get(column)
        if (told[-1][1] if told else "") == code:
            return
        # Without room, nothing is known of the cells below, and none of their numbers is taken for what is shown.
        self.formats.setdefault(column, []).append((row, code if self._room(1) else UNKNOWN))

    def finished(self) -> SheetLinks:
        """The sheet as the loader sees it."""
        filtered = self.criterion or (self.has_filter and self.hidden_rows > 0)
        area = self.rows * self.columns
        formats = {column: sorted(told, key=itemgetter(0)) for column, told in self.formats.items()}
        return SheetLinks(
            self.links, self.formulas, self.hidden_rows, filtered, area, formats, self.merged, self.repeated
        )

    def _room(self, count: int) -> bool:
        if not 0 < count <= _LARGEST_RANGE or self._cells + count > _MOST_CELLS:
            return False
        self._cells += count
        return True


def too_many_sheets(path: Path, count: int) -> FileError:
    """The refusal of a workbook that would keep everybody waiting."""
    return FileError(
        f"{path} has {count:,} sheets, and at most {MOST_SHEETS:,} are read. Copy the sheet with the pictures into "
        "a new file and use that."
    )


def formula_text(source: str) -> str:
    """A formula as a person would type it: "=" in front and no `_xlfn.`, which marks functions newer than 2007.

    Google Sheets hands Excel what only it can calculate as a text: `IFERROR(__xludf.DUMMYFUNCTION("IMAGE(…)"),"")`.
    """
    told = _ONLY_GOOGLE.match(source)
    if told and (inner := told[1].replace('""', '"')) != '"COMPUTED_VALUE"':
        source = inner

    def plain(found: re.Match[str]) -> str:
        return found[0] if found[0].startswith('"') else (found[1] or "").upper()

    return "=" + _WORDS.sub(plain, source.strip().removeprefix("="))


def is_never_empty(text: str) -> bool:
    """Whether a formula puts an address together, and has no empty text to give in its place."""
    return "://" in text and '""' not in text


def called(text: str) -> str:
    """IMAGE or HYPERLINK if a formula calls one of them outside its quoted texts, else an empty text."""
    return next((found[1].upper() for found in _WORDS.finditer(text) if found[1]), "")
