"""The mass of a workbook: rows written as SpreadsheetML straight into a sheet that openpyxl has made.

openpyxl makes an object of every cell, which takes ten times as long as all the rest of a report of 200,000 rows.
"""

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import IO, BinaryIO
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl.utils import get_column_letter

from importer.report.columns import Cell
from importer.report.guard import excel_text

StyledCell = tuple[Cell, int]
"""A value and the index of its style in the workbook, 0 for none. A text stays a text whatever it looks like."""

_END = b"</sheetData>"
_IN_MEMORY = 1 << 22
"""Bytes of a sheet that need no temporary file."""


def fill(template: IO[bytes], rows: Mapping[str, Iterable[Sequence[StyledCell]]], stream: BinaryIO) -> None:
    """Write the workbook with rows behind those that its sheets have.

    Args:
        template: a saved workbook.
        rows: for sheets of it, by the name of their file in the workbook, the lines to add; each sheet has one row.
        stream: takes the workbook; must be seekable.

    Raises:
        OSError: the disk said no.
    """
    with ZipFile(template) as made, ZipFile(stream, "w", ZIP_DEFLATED) as book:
        for member in made.infolist():
            content = made.read(member)
            if member.filename not in rows:
                book.writestr(member.filename, content)
                continue
            before, end, after = content.rpartition(_END)
            pieces = chain((before,), _encoded(rows[member.filename]), (end + after,))
            # Beside the workbook: of a disk that is full, the person is told by the folder that they know.
            with tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=_folder(stream)) as whole:
                _write(book, member.filename, pieces, whole)


def _folder(stream: BinaryIO) -> str | None:
    name = getattr(stream, "name", None)
    return str(Path(name).parent) if isinstance(name, str) else None


def _write(book: ZipFile, name: str, pieces: Iterable[bytes], whole: IO[bytes]) -> None:
    # The size must be known beforehand: Excel opens no ZIP64 member that need not be one. And one by one: writelines
    # would look only at the end whether it has become too much for memory.
    for piece in pieces:
        whole.write(piece)
    member = ZipInfo(name)
    member.compress_type = ZIP_DEFLATED
    member.file_size = whole.tell()
    whole.seek(0)
    with book.open(member, "w") as target:
        shutil.copyfileobj(whole, target, 1 << 20)


def _encoded(rows: Iterable[Sequence[StyledCell]]) -> Iterator[bytes]:
    letters: list[str] = []
    for number, cells in enumerate(rows, start=2):
        letters += (get_column_letter(index) for index in range(len(letters) + 1, len(cells) + 1))
        found = "".join(
            _cell(f'"{letter}{number}"', value, style)
            for letter, (value, style) in zip(letters, cells, strict=False)
            if value is not None and value != ""
        )
        yield f'<row r="{number}">{found}</row>'.encode()


def _cell(place: str, value: str | int | float, style: int) -> str:
    """ECMA-376 part 1, 18.3.1.4 (`c`) and 18.18.11: numbers are as they are, texts inline strings."""
    look = f' s="{style}"' if style else ""
    if not isinstance(value, str):
        return f"<c r={place}{look}><v>{value}</v></c>"
    text = excel_text(value)
    if "&" in text or "<" in text or ">" in text:
        text = escape(text)
    space = ' xml:space="preserve"' if text != text.strip() else ""
    return f'<c r={place}{look} t="inlineStr"><is><t{space}>{text}</t></is></c>'
