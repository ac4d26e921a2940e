"""The mass of a workbook: rows written as SpreadsheetML straight into a sheet that openpyxl has made.

openpyxl makes an object of every cell, which takes ten times as long as all the rest of a report of 200,000 rows, and
one of every link, which it keeps.
"""

import posixpath
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, BinaryIO, NamedTuple
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl.utils import get_column_letter

from importer.report.columns import Cell
from importer.report.guard import excel_text
from importer.report.hyperlinks import Hyperlink

StyledCell = tuple[Cell, int]
"""A value and the index of its style in the workbook, 0 for none. A text stays a text whatever it looks like."""


class Line(NamedTuple):
    """One row: its cells from the first column on, and the links behind them."""

    cells: Sequence[StyledCell]
    links: Sequence[Hyperlink] = ()


_END = b"</sheetData>"
_AFTER_LINKS = b"<pageMargins"
"""What openpyxl writes next behind the place of the links (ECMA-376 part 1, 18.3.1.99: CT_Worksheet is a sequence)."""
_RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_LINKS_START = f'<hyperlinks xmlns:r="{_RELATIONSHIPS}">'.encode()
_LINKS_END = b"</hyperlinks>"
_TARGETS_START = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
)
_TARGETS_END = b"</Relationships>"
_IN_MEMORY = 1 << 22
"""Bytes of a part that need no temporary file."""
_COPIED = 1 << 20
"""Bytes that are copied at a time."""


def fill(template: IO[bytes], rows: Mapping[str, Iterable[Line]], stream: BinaryIO) -> None:
    """Write the workbook with rows behind those that its sheets have.

    Args:
        template: a saved workbook of openpyxl's.
        rows: for sheets of it, by the name of their file in the workbook, the lines to add; each sheet has one row and
            no link. They are taken sheet by sheet in the order of the files, each once.
        stream: takes the workbook; must be seekable.

    Raises:
        OSError: the disk said no.
    """
    with ZipFile(template) as made, ZipFile(stream, "w", ZIP_DEFLATED) as book:
        for member in made.infolist():
            content = made.read(member)
            if member.filename in rows:
                # Beside the workbook: of a disk that is full, the person is told by the folder that they know.
                _Sheet(member.filename, content, _folder(stream)).write(rows[member.filename], book)
            else:
                book.writestr(member.filename, content)


def _folder(stream: BinaryIO) -> str | None:
    name = getattr(stream, "name", None)
    return str(Path(name).parent) if isinstance(name, str) else None


class _Sheet:
    """A sheet on its way into a workbook: its cells, its links and where these lead, each a file of its own till then.

    The size of a part must be known beforehand: Excel opens no ZIP64 member that need not be one.
    """

    def __init__(self, name: str, content: bytes, folder: str | None) -> None:
        self._name = name
        self._folder = folder
        self._before, end, after = content.rpartition(_END)
        between, mark, rest = after.partition(_AFTER_LINKS)
        self._between, self._after = end + between, mark + rest
        self._links = 0

    def write(self, rows: Iterable[Line], book: ZipFile) -> None:
        with self._file() as sheet, self._file() as links, self._file() as targets:
            sheet.write(self._before)
            self._write_rows(rows, sheet, links, targets)
            sheet.write(self._between)
            if self._links:
                sheet.write(_LINKS_START)
                links.seek(0)
                shutil.copyfileobj(links, sheet, _COPIED)
                sheet.write(_LINKS_END)
            sheet.write(self._after)
            _add(book, self._name, sheet)
            if self._links:
                folder, name = posixpath.split(self._name)
                targets.write(_TARGETS_END)
                _add(book, f"{folder}/_rels/{name}.rels", targets)

    def _file(self) -> IO[bytes]:
        return tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=self._folder)

    def _write_rows(self, rows: Iterable[Line], sheet: IO[bytes], links: IO[bytes], targets: IO[bytes]) -> None:
        letters: list[str] = []
        targets.write(_TARGETS_START)
        for number, line in enumerate(rows, start=2):
            letters += (get_column_letter(index) for index in range(len(letters) + 1, len(line.cells) + 1))
            found = "".join(
                _cell(f'"{letter}{number}"', value, style)
                for letter, (value, style) in zip(letters, line.cells, strict=False)
                if value is not None and value != ""
            )
            # One by one: writelines would look only at the end whether it has become too much for memory.
            sheet.write(f'<row r="{number}">{found}</row>'.encode())
            for link in line.links:
                self._links += 1
                links.write(f'<hyperlink ref="{link.reference(number)}" r:id="rId{self._links}"/>'.encode())
                targets.write(
                    f'<Relationship Id="rId{self._links}" Type="{_RELATIONSHIPS}/hyperlink" '
                    f'Target="{escape(link.target)}" TargetMode="External"/>'.encode()
                )


def _add(book: ZipFile, name: str, whole: IO[bytes]) -> None:
    member = ZipInfo(name)
    member.compress_type = ZIP_DEFLATED
    member.file_size = whole.tell()
    whole.seek(0)
    with book.open(member, "w") as target:
        shutil.copyfileobj(whole, target, _COPIED)


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
