"""Writing Excel 97's .xls for tests: just the records that a sheet of texts and formatted numbers needs.

Sources: [MS-CFB] for the container, [MS-XLS] 2.4 for the records.
"""

import struct
from collections.abc import Sequence
from pathlib import Path

Cell = str | tuple[float, str]
"""A text, or a number with its number format."""

_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_FIRST_FORMAT = 164


def record(kind: int, data: bytes = b"") -> bytes:
    """One record of the stream."""
    return struct.pack("<HH", kind, len(data)) + data


def old_excel(
    path: Path, rows: Sequence[Sequence[Cell]], merged: Sequence[tuple[int, int, int, int]] = (), *, version: int = 8
) -> Path:
    """A workbook with one sheet.

    Args:
        path: where it is written.
        rows: its cells; an empty text is no cell.
        merged: merged cells as (first row, last row, first column, last column), from 0.
        version: 8 as Excel writes since 1997, or 5 as some PHP programs still do, with one byte for each character.
    """
    biff = 0x0600 if version == 8 else 0x0500
    formats = list(dict.fromkeys(cell[1] for row in rows for cell in row if not isinstance(cell, str)))
    cells = b""
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            if isinstance(cell, str):
                text = struct.pack("<H", len(cell)) + _text(cell, version)
                cells += record(0x0204, struct.pack("<HHH", y, x, 0) + text) if cell else b""
            else:
                cells += record(0x0203, struct.pack("<HHHd", y, x, 1 + formats.index(cell[1]), cell[0]))
    size = struct.pack("<IIHHH", 0, len(rows), 0, max(map(len, rows)), 0)
    areas = record(0x00E5, struct.pack("<H", len(merged)) + b"".join(struct.pack("<4H", *area) for area in merged))
    sheet = record(0x0809, struct.pack("<HHHHII", biff, 0x0010, 0, 0, 0, 0))
    sheet += record(0x0200, size) + cells + (areas if merged else b"") + record(0x000A)
    told = b"".join(
        record(
            0x041E, struct.pack("<HH" if version == 8 else "<HB", _FIRST_FORMAT + at, len(text)) + _text(text, version)
        )
        for at, text in enumerate(formats)
    )
    styles = b"".join(
        record(0x00E0, struct.pack("<HH16x", 0, number))
        for number in (0, *range(_FIRST_FORMAT, _FIRST_FORMAT + len(formats)))
    )
    begin = record(0x0809, struct.pack("<HHHHII", biff, 0x0005, 0, 0, 0, 0)) + told + styles
    name = b"\x01\x00S" if version == 8 else b"\x01S"
    at = len(begin) + len(record(0x0085, bytes(6) + name)) + 4
    book = begin + record(0x0085, struct.pack("<IBB", at, 0, 0) + name) + record(0x000A) + sheet
    path.write_bytes(_container(book.ljust(4096, b"\0")))
    return path


def _text(text: str, version: int) -> bytes:
    return b"\x01" + text.encode("utf-16-le") if version == 8 else text.encode("cp1252")


def _container(stream: bytes) -> bytes:
    """The stream `Workbook`, in sectors after one for the table of sectors and one for the directory."""
    count = -(-len(stream) // _SECTOR)
    fat = [_FAT, _END, *range(3, count + 2), _END]
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + struct.pack("<16xHHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0,
        4096, _END, 0, _END, 0)  # fmt: skip
    head += struct.pack("<109I", 0, *[_FREE] * 108)
    table = struct.pack("<128I", *fat, *[_FREE] * (128 - len(fat)))
    entries = _entry("Root Entry", 5, 1, _END, 0) + _entry("Workbook", 2, _FREE, 2, len(stream))
    return head + table + entries.ljust(_SECTOR, b"\0") + stream.ljust(count * _SECTOR, b"\0")


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le")
    return text.ljust(64, b"\0") + struct.pack(
        "<HBBIII16xI16xIII", len(text) + 2, kind, 1, _FREE, _FREE, child, 0, start, size, 0
    )
