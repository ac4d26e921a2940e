"""Any file becomes tables of text: pandas reads CSV, calamine reads workbooks. The only place that knows either."""

import codecs
import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO

import pandas as pd
import python_calamine

from importer.errors import FileError

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DELIMITERS = ",;\t|"
_SAMPLE_BYTES = 262_144
_CHUNK_ROWS = 50_000
_PANDAS_WIDTH = 500


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet as text. `lines` yields each row's number as the spreadsheet shows it, and its cells."""

    name: str
    lines: Iterator[tuple[int, list[str]]]


def read_tables(path: Path) -> tuple[list[Table], list[str]]:
    """The tables of a file, told apart by its first bytes rather than by its ending.

    Returns:
        the tables, and sentences about what was left out.

    Raises:
        FileError: the file cannot be read, is empty, locked by a password, or is neither text nor a workbook.
    """
    if path.is_dir():
        raise FileError(f"{path} is a folder. Name the spreadsheet file in it.")
    try:
        with path.open("rb") as file:
            head = file.read(_SAMPLE_BYTES)
    except FileNotFoundError:
        raise FileError(f"There is no file {path}. Check the spelling and the folder.") from None
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}.") from None
    if not head.strip():
        raise FileError(f"{path} is empty.")
    if head.startswith((_ZIP, _OLE)):
        return _workbook(path)
    return [_text(path, head)], []


def _workbook(path: Path) -> tuple[list[Table], list[str]]:
    try:
        workbook = python_calamine.load_workbook(path)
    except python_calamine.PasswordError:
        raise FileError(f"{path} is locked with a password. Save a copy without the password.") from None
    except (python_calamine.CalamineError, OSError) as error:
        raise FileError(
            f"{path} cannot be opened as a workbook ({error}). It may be damaged or locked with a password: open it in "
            "your spreadsheet program and save it anew as .xlsx or .csv."
        ) from None
    tables, notes = [], []
    for sheet in workbook.sheets_metadata:
        if sheet.typ != python_calamine.SheetTypeEnum.WorkSheet:
            continue
        if sheet.visible != python_calamine.SheetVisibleEnum.Visible:
            notes.append(f"The sheet {sheet.name!r} is hidden and was left out.")
            continue
        tables.append(Table(sheet.name, _workbook_lines(workbook, sheet.name, path)))
    return tables, notes


def _workbook_lines(
    workbook: python_calamine.CalamineWorkbook, name: str, path: Path
) -> Iterator[tuple[int, list[str]]]:
    try:
        for number, cells in enumerate(workbook.get_sheet_by_name(name).iter_rows(), start=1):
            yield number, [_cell_text(cell) for cell in cells]
    except python_calamine.CalamineError as error:
        raise FileError(f"The sheet {name!r} of {path} is damaged ({error}). Save the file anew.") from None


def _cell_text(value: object) -> str:
    """A cell as its text: whole numbers without `.0`, since a workbook stores every number as a fraction."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)


def _text(path: Path, head: bytes) -> Table:
    encoding = _encoding(path, head)
    sample = codecs.getincrementaldecoder(encoding)("replace").decode(head)
    return Table("", _csv_lines(path, encoding, _delimiter(sample)))


def _encoding(path: Path, head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\x00" in head:
        raise FileError(f"{path} is neither a text file nor a workbook. Save it as .csv or .xlsx.")
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        # What Excel writes on a Western European or American Windows when it saves "CSV".
        return "cp1252"
    return "utf-8-sig"


def _delimiter(sample: str) -> str:
    """The delimiter under which most rows have the same number of cells; csv.Sniffer is fooled by URLs."""
    lines = sample.splitlines(keepends=True)
    if len(lines) > 1:
        lines.pop()  # the sample may end in the middle of a row

    def consistency(delimiter: str) -> tuple[int, int]:
        try:
            widths = Counter(len(cells) for cells in csv.reader(lines, delimiter=delimiter) if cells)
        except csv.Error:
            return (0, 0)
        wide = {width: count for width, count in widths.items() if width > 1}
        best = max(wide, key=lambda width: (wide[width], width), default=0)
        return (wide.get(best, 0), best)

    return max(_DELIMITERS, key=consistency)


def _csv_lines(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    width = _widest(path, encoding, delimiter)
    number = 0
    try:
        with path.open(encoding=encoding, errors="replace", newline="") as file:
            if width > _PANDAS_WIDTH:
                # pandas pads every row to the widest: one damaged line would fill the memory.
                yield from enumerate(csv.reader(file, delimiter=delimiter), start=1)
                return
            for chunk in _chunks(file, delimiter, width):
                for cells in chunk.itertuples(index=False, name=None):
                    number += 1
                    yield number, list(cells)
    except pd.errors.EmptyDataError:
        raise FileError(f"{path} is empty.") from None
    except pd.errors.ParserError as error:
        words = str(error).strip()
        if "EOF inside string" in words:
            words = "a quotation mark opens a cell and is never closed"
        raise FileError(f"{path} cannot be read as CSV: {words}.") from None


def _chunks(file: IO[str], delimiter: str, width: int) -> Iterator[pd.DataFrame]:
    """Every cell as the text it is: no numbers, no missing values, no skipped blank lines, no shifted columns."""
    with pd.read_csv(
        file,
        sep=delimiter,
        header=None,
        names=range(width),
        index_col=False,
        dtype=str,
        keep_default_na=False,
        na_filter=False,
        skip_blank_lines=False,
        chunksize=_CHUNK_ROWS,
    ) as chunks:
        yield from chunks


def _widest(path: Path, encoding: str, delimiter: str) -> int:
    """The largest number of cells in a row: pandas must be told, or it fails on the first longer row."""
    csv.field_size_limit(1 << 30)
    try:
        with path.open(encoding=encoding, errors="replace", newline="") as file:
            return max((len(cells) for cells in csv.reader(file, delimiter=delimiter)), default=0)
    except csv.Error as error:
        raise FileError(f"{path} cannot be read as CSV: {error}.") from None
