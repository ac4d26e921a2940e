"""Workbooks: calamine reads the values of .xlsx, .xlsm, .xls, .xlsb and .ods; links and formulas lie behind them."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeVar

import python_calamine

from importer.errors import FileError
from importer.loaded import SheetLeftOut
from importer.loader.hyperlinks import SheetLinks, read_links
from importer.loader.hyperlinks.sheet_links import MOST_SHEETS, too_many_sheets
from importer.loader.number_formats import UNKNOWN, Formatted, is_for_texts
from importer.loader.tables import NOT_NAMED, Piece, Table, column_number, place_of

FORMATS = {
    "xlsx": "Excel workbook (.xlsx)",
    "xlsb": "Excel binary workbook (.xlsb)",
    "xls": "Excel 97-2003 workbook (.xls)",
    "ods": "OpenDocument spreadsheet (.ods)",
}
_ROWS_AT_A_TIME = 2_000
_DIGITS_KEPT = 1e15
_READ_WHEN_OPENED = ("xls", "ods")
"""Formats of which calamine reads every sheet as soon as the file is opened."""
_LARGEST_AREA = 40_000_000
"""Cells of a sheet's bounding box. calamine keeps a place for each, about 30 bytes, whether it is filled or not."""
_MOST_REPEATED = 100_000
_LITERAL_LINK = re.compile(r'=\s*(?:HYPERLINK|IMAGE)\s*\(\s*"[^"]*"\s*[,;)]', re.IGNORECASE)
_LINK_BESIDE = re.compile(r"=\s*(?:HYPERLINK|IMAGE)\s*\(\s*\$?([A-Z]{1,3})\$?(\d{1,7})\s*[,;)]", re.IGNORECASE)
"""A link or picture whose address stands in another cell."""


def workbook_tables(path: Path, file_format: str, wanted: str = "") -> tuple[list[Table], list[SheetLeftOut]]:
    """The sheets of a workbook.

    Args:
        path: the workbook.
        file_format: one of `FORMATS`.
        wanted: the one sheet to read, hidden or not.

    Returns:
        the tables, and the sheets that were left out.

    Raises:
        FileError: it is damaged or locked, or there is no such sheet.
    """
    links = read_links(path, file_format)
    if file_format in _READ_WHEN_OPENED:
        for name, behind in links.items():
            _refuse_sprawl(path, name, behind)
    workbook = _opened(path, lambda: python_calamine.load_workbook(path))
    sheets = [one for one in workbook.sheets_metadata if one.typ == python_calamine.SheetTypeEnum.WorkSheet]
    if len(sheets) > MOST_SHEETS:
        raise too_many_sheets(path, len(sheets))
    chosen = sheets[place_of(wanted, [one.name for one in sheets], path)] if wanted else None
    tables, left_out = [], []
    for sheet in sheets:
        if chosen is not None and sheet is not chosen:
            left_out.append(SheetLeftOut(sheet.name, NOT_NAMED))
            continue
        if not wanted and sheet.visible != python_calamine.SheetVisibleEnum.Visible:
            reason = f"is hidden and was left out; --sheet {_quoted(sheet.name)} reads it."
            left_out.append(SheetLeftOut(sheet.name, reason))
            continue
        tables.append(_table(path, workbook, sheet.name, links.get(sheet.name), file_format))
    return tables, left_out


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"[\w.-]+", name) else f'"{name}"'


@contextmanager
def _no_panic_on_screen() -> Iterator[None]:
    """Calamine prints its panics to standard error itself; to a person they look like a crash.

    What other threads print meanwhile is lost, which is why this lasts for one call of calamine's only.
    """
    try:
        kept = os.dup(2)
    except OSError:  # a program without a terminal may have closed it
        yield
        return
    try:
        with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - the null device is no file
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


Opened = TypeVar("Opened")


def _opened(path: Path, opening: Callable[[], Opened]) -> Opened:
    """What calamine gives; where it does not, one sentence.

    Raises:
        FileError: the workbook is damaged or locked with a password.
    """
    try:
        with _no_panic_on_screen():
            return opening()
    except python_calamine.PasswordError:
        raise FileError(f"{path} is locked with a password. Save a copy without the password.") from None
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001 - its panics over damaged files are no Exception
        raise FileError(
            f"{path} cannot be opened as a workbook ({error}). It may be damaged or locked with a password: open it in "
            "your spreadsheet program and save it anew as .xlsx or .csv."
        ) from None


def _refuse_sprawl(path: Path, name: str, behind: SheetLinks) -> None:
    if behind.area > _LARGEST_AREA:
        raise FileError(
            f"The sheet {name!r} of {path} reaches over {behind.area:,} cells, because something stands far outside "
            "the table. Delete the empty rows and columns beyond your data, or save the sheet as .csv."
        )


def _table(
    path: Path, workbook: python_calamine.CalamineWorkbook, name: str, behind: SheetLinks | None, file_format: str
) -> Table:
    behind = behind or SheetLinks({}, {}, 0, filtered=False, area=0)
    _refuse_sprawl(path, name, behind)
    sheet = _opened(path, lambda: workbook.get_sheet_by_name(name))
    if file_format == "xlsb" and behind.area > (sheet.total_height + 1) * (sheet.total_width + 1):
        raise FileError(
            f"The sheet {name!r} of {path} is written in a way that cannot be read completely. Open it in your "
            "spreadsheet program and save it as .xlsx."
        )
    notes = []
    if behind.hidden_rows:
        why = "hidden by a filter" if behind.filtered else "hidden"
        rows = "1 row is" if behind.hidden_rows == 1 else f"{behind.hidden_rows:,} rows are"
        notes.append(f"On the sheet {name!r}, {rows} {why}, and read like all others.")
    told = ((top + 1, left, bottom + 1, right) for (top, left), (bottom, right) in sheet.merged_cell_ranges or ())
    merged = (*told, *behind.merged)
    return Table(name, partial(_read, path, sheet, behind), behind.links, merged, tuple(notes))


def _read(path: Path, sheet: python_calamine.CalamineSheet, behind: SheetLinks) -> Iterator[Piece]:
    """The rows as text; columns before the first used one are given back, which calamine leaves out."""
    before = [""] * (sheet.start[1] if sheet.start else 0)
    rows = _opened(path, sheet.iter_rows)
    first = 1
    while cells := _opened(path, lambda: list(islice(rows, _ROWS_AT_A_TIME))):
        if first > 1 and behind.repeated > _MOST_REPEATED:
            raise FileError(
                f"On the sheet {sheet.name!r} of {path}, one filled row is repeated {behind.repeated:,} times, as if "
                "it had been filled down to the end of the sheet. Delete the rows below your data, or save it as .csv."
            )
        lines = [before + [cell if type(cell) is str else _text(cell) for cell in row] for row in cells]
        for column, formats in behind.formats.items():
            for place, code in _formatted(formats, first, len(lines)):
                at = column - len(before)
                if 0 <= at < len(cells[place]):
                    lines[place][column] = _as_formatted(cells[place][at], lines[place][column], code)
        if behind.formulas:
            for number, line in enumerate(lines, first):
                _put_formulas(line, number, behind.formulas.get(number, {}))
        yield Piece(first, lines)
        first += len(lines)


def _formatted(formats: list[tuple[int, str]], first: int, count: int) -> Iterator[tuple[int, str]]:
    """The places of the rows, counted from the first one, where a column has a format, and that format."""
    ends = [row for row, _ in formats[1:]] + [first + count]
    for (start, code), end in zip(formats, ends, strict=True):
        if code:
            yield from ((row - first, code) for row in range(max(start, first), min(end, first + count)))


def _as_formatted(cell: object, held: str, code: str) -> str:
    if isinstance(cell, str):
        return Formatted(held, code, is_text=True) if is_for_texts(code) else held
    return Formatted(held, code) if isinstance(cell, float | int) and not isinstance(cell, bool) else held


def _put_formulas(line: list[str], number: int, formulas: dict[int, str]) -> None:
    """A formula's text where the file holds no result, or where the formula itself names the address."""
    for at, formula in formulas.items():
        line.extend([""] * (at + 1 - len(line)))
        beside = _LINK_BESIDE.match(formula)
        if beside and int(beside[2]) == number and column_number(beside[1]) <= len(line):
            target = line[column_number(beside[1]) - 1].strip()
            if "://" in target and "://" not in line[at]:
                line[at] = target
                continue
        if not line[at] or _LITERAL_LINK.match(formula) or line[at].startswith("#"):
            line[at] = formula


def _text(value: object) -> str:
    """A cell as its text: whole numbers without `.0`, since a workbook stores every number as a fraction."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        if not value.is_integer():
            return repr(value)
        # Excel keeps fifteen digits: of a longer number, the rest is lost, and it is shown as such.
        return str(int(value)) if abs(value) < _DIGITS_KEPT else f"{value:.14E}"
    if isinstance(value, date | datetime | time):
        return Formatted(value.isoformat(), UNKNOWN)
    if isinstance(value, timedelta):
        return Formatted(str(value), UNKNOWN)
    return str(value) if isinstance(value, int | str) else ""
