"""Workbooks: calamine reads the values of .xlsx, .xlsm, .xls, .xlsb and .ods; links and formulas lie behind them."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path

import python_calamine

from importer.errors import FileError
from importer.loader.hyperlinks import SheetLinks, read_links
from importer.loader.tables import Lines, Table

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
FORMATS = {
    "xlsx": "Excel workbook (.xlsx)",
    "xlsb": "Excel binary workbook (.xlsb)",
    "xls": "Excel 97-2003 workbook (.xls)",
    "ods": "OpenDocument spreadsheet (.ods)",
}
_ROWS_AT_A_TIME = 4_000
_LARGEST_AREA = 60_000_000
"""Cells of a sheet's bounding box. calamine keeps a place for each, about 30 bytes, whether it is filled or not."""
_LITERAL_LINK = re.compile(r'=\s*(?:HYPERLINK|IMAGE)\s*\(\s*"[^"]*"\s*[,;)]', re.IGNORECASE)


def workbook_tables(path: Path, file_format: str, wanted: str = "") -> tuple[list[Table], list[str]]:
    """The sheets of a workbook.

    Args:
        path: the workbook.
        file_format: one of `FORMATS`.
        wanted: the one sheet to read, hidden or not.

    Returns:
        the tables, and sentences about sheets that were left out.

    Raises:
        FileError: it is damaged or locked, or there is no such sheet.
    """
    links = read_links(path, file_format)
    try:
        workbook = python_calamine.load_workbook(path)
    except python_calamine.PasswordError:
        raise FileError(f"{path} is locked with a password. Save a copy without the password.") from None
    except (python_calamine.CalamineError, OSError) as error:
        raise FileError(
            f"{path} cannot be opened as a workbook ({error}). It may be damaged or locked with a password: open it in "
            "your spreadsheet program and save it anew as .xlsx or .csv."
        ) from None
    sheets = [one for one in workbook.sheets_metadata if one.typ == python_calamine.SheetTypeEnum.WorkSheet]
    chosen = [one for one in sheets if one.name == wanted] or [
        one for one in sheets if wanted and one.name.strip().casefold() == wanted.strip().casefold()
    ]
    if wanted and not chosen:
        names = ", ".join(one.name for one in sheets)
        raise FileError(f"{path} has no sheet called {wanted!r}. Its sheets: {names}.")
    tables, notes = [], []
    for sheet in chosen or sheets:
        if not wanted and sheet.visible != python_calamine.SheetVisibleEnum.Visible:
            notes.append(
                f"The sheet {sheet.name!r} is hidden and was left out; --sheet {_quoted(sheet.name)} reads it."
            )
            continue
        tables.append(_table(path, workbook, sheet.name, links.get(sheet.name)))
    return tables, notes


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"[\w.-]+", name) else f'"{name}"'


def _table(path: Path, workbook: python_calamine.CalamineWorkbook, name: str, behind: SheetLinks | None) -> Table:
    behind = behind or SheetLinks({}, {}, 0, filtered=False, area=0)
    if behind.area > _LARGEST_AREA:
        raise FileError(
            f"The sheet {name!r} of {path} reaches over {behind.area:,} cells, because something stands far outside "
            "the table. Delete the empty rows and columns beyond your data, or save the sheet as .csv."
        )
    try:
        sheet = workbook.get_sheet_by_name(name)
    except python_calamine.CalamineError as error:
        raise FileError(f"The sheet {name!r} of {path} is damaged ({error}). Save the file anew.") from None
    notes = []
    if behind.hidden_rows:
        why = "a filter hides" if behind.filtered else "are hidden on"
        notes.append(
            f"{behind.hidden_rows:,} rows {why} the sheet {name!r} are read like all others."
            if not behind.filtered
            else f"The {behind.hidden_rows:,} rows that a filter hides on the sheet {name!r} are read like all others."
        )
    merged = tuple(
        (top + 1, left, bottom + 1, right) for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
    )
    return Table(name, partial(_read, path, sheet, behind.formulas), behind.links, merged, tuple(notes))


def _read(
    path: Path, sheet: python_calamine.CalamineSheet, formulas: dict[int, dict[int, str]]
) -> Iterator[tuple[int, Lines]]:
    """The rows as text; columns before the first used one are given back, which calamine leaves out."""
    before = [""] * (sheet.start[1] if sheet.start else 0)
    lines: Lines = []
    first = 1
    try:
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            line = [cell if type(cell) is str else _text(cell) for cell in cells]
            if before:
                line = before + line
            if number in formulas:
                _put_formulas(line, formulas[number])
            lines.append(line)
            if len(lines) == _ROWS_AT_A_TIME:
                yield first, lines
                first, lines = number + 1, []
    except python_calamine.CalamineError as error:
        raise FileError(f"The sheet {sheet.name!r} of {path} is damaged ({error}). Save the file anew.") from None
    yield first, lines


def _put_formulas(line: list[str], formulas: dict[int, str]) -> None:
    """A formula's text where the file holds no result, or where the formula itself names the address."""
    for at, formula in formulas.items():
        line.extend([""] * (at + 1 - len(line)))
        if not line[at] or _LITERAL_LINK.match(formula) or line[at].startswith("#"):
            line[at] = formula


def _text(value: object) -> str:
    """A cell as its text: whole numbers without `.0`, since a workbook stores every number as a fraction."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return str(value) if isinstance(value, timedelta | int | str) else ""
