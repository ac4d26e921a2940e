"""Excel 97's .xls: a stream of small records in a container. What is not understood is passed over.

Records and offsets: [MS-XLS] 2.4 (BoundSheet8, Row, Formula, Format, XF, MulRk, HLink, Lbl, Dimensions, AutoFilter)
and, for what an HLink holds, [MS-OSHARED] 2.3.7.
"""

import struct
from collections.abc import Iterator
from pathlib import Path

from importer.errors import FileError
from importer.loader.hyperlinks import ole
from importer.loader.hyperlinks.sheet_links import SheetDraft, SheetLinks
from importer.loader.hyperlinks.styles import codes, xf_format
from importer.loader.hyperlinks.tokens import address_formula, plain_string, short_string

_LARGEST_FILE = 1 << 30
_BOF, _EOF, _FILE_PASS, _BOUND_SHEET, _LABEL = 0x0809, 0x000A, 0x002F, 0x0085, 0x0018
_DIMENSIONS, _ROW, _FORMULA, _STRING, _MUL_RK, _HLINK = 0x0200, 0x0208, 0x0006, 0x0207, 0x00BD, 0x01B8
_FILTER_INFO, _FILTER, _FORMAT, _XF = 0x009D, 0x009E, 0x041E, 0x00E0
_SINGLE_CELLS = {0x0203, 0x0204, 0x0205, 0x027E, 0x00D6, 0x00FD, _FORMULA}
_BIFF5, _BIFF8 = 0x0500, 0x0600
_HIDDEN = 0x20
_MOST_CELLS = 65_536 * 256
_URL_MONIKER = bytes.fromhex("e0c9ea79f9bace118c8200aa004ba90b")
_UNREADABLE = (struct.error, IndexError, UnicodeDecodeError)


def read_xls(path: Path) -> dict[str, SheetLinks]:
    """Every sheet by its name; none where the file is not understood.

    Raises:
        FileError: the file is damaged in a way that would keep the reader of its values busy for ever.
    """
    try:
        if path.stat().st_size > _LARGEST_FILE:
            return {}
        book = ole.stream(path.read_bytes(), "Workbook", "Book", "WORKBOOK", "BOOK")
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}.") from None
    except ole.LoopError:
        raise FileError(
            f"{path} is damaged: its parts lead in a circle. Copy or download the file again, or open it in your "
            "spreadsheet program and save it anew as .xlsx."
        ) from None
    sheets: dict[str, int] = {}
    names: list[str] = []
    formats: dict[int, str] = {}
    styles: list[int] = []
    old = False  # Excel 5 and 95, and programs that still write so: no links, and texts of one byte a character
    for kind, data in _records(book, 0):
        try:
            if kind == _BOF:
                (version,) = struct.unpack_from("<H", data)
                old = version == _BIFF5
            if kind == _FILE_PASS or (kind == _BOF and version not in (_BIFF5, _BIFF8)):
                return {}
            if kind == _BOUND_SHEET:
                name = data[7 : 7 + data[6]].decode("cp1252", "replace") if old else short_string(data, 6)[0]
                sheets[name] = struct.unpack_from("<I", data)[0]
            elif kind == _LABEL and not old:
                names.append(plain_string(data, 14, data[3])[0])
            elif kind == _FORMAT:
                (place,) = struct.unpack_from("<H", data)
                told = data[3 : 3 + data[2]].decode("cp1252", "replace")
                formats[place] = told if old else plain_string(data, 4, struct.unpack_from("<H", data, 2)[0])[0]
            elif kind == _XF:
                styles.append(xf_format(data))
        except _UNREADABLE:
            continue
    shown = codes(styles, formats)
    return {name: _Sheet(names, shown, with_formulas=not old).read(book, at) for name, at in sheets.items()}


def _records(book: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Kind and contents of each record up to the end of its part; embedded charts are skipped."""
    depth = 0
    while at + 4 <= len(book):
        kind, size = struct.unpack_from("<HH", book, at)
        if kind == _BOF:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                return
        if depth <= 1:
            yield kind, book[at + 4 : at + 4 + size]
        at += 4 + size


class _Sheet:
    def __init__(self, names: list[str], formats: dict[int, str], *, with_formulas: bool) -> None:
        self._names = names
        self._with_formulas = with_formulas
        self._formats = formats
        self._draft = SheetDraft()
        self._hidden: set[int] = set()
        self._used: set[int] = set()

    def read(self, book: bytes, at: int) -> SheetLinks:
        """Read the sheet whose records begin at a place of the stream."""
        for kind, data in _records(book, at):
            try:
                self._record(kind, data)
            except _UNREADABLE:
                continue
        self._draft.hidden_rows = len(self._hidden & self._used)
        return self._draft.finished()

    def _record(self, kind: int, data: bytes) -> None:
        if kind in _SINGLE_CELLS:
            row, column, style = struct.unpack_from("<HHH", data)
            self._cell(row, column)
            self._draft.format(row + 1, column, self._formats.get(style, ""))
            if kind == _FORMULA and self._with_formulas:
                (size,) = struct.unpack_from("<H", data, 20)
                text = address_formula(data[22 : 22 + size], self._names, wide=False)
                if text:
                    self._draft.formula(range(row + 1, row + 2), range(column, column + 1), text)
        elif kind == _MUL_RK:
            (row,), (column,) = struct.unpack_from("<H", data), struct.unpack("<H", data[-2:])
            self._cell(row, column)
            for at in range(4, len(data) - 2, 6):  # a style and a number for each column
                first, style = struct.unpack_from("<H", data, 2)[0], struct.unpack_from("<H", data, at)[0]
                self._draft.format(row + 1, first + (at - 4) // 6, self._formats.get(style, ""))
        elif kind == _ROW:
            row, flags = struct.unpack_from("<H10xH", data)
            if flags & _HIDDEN:
                self._hidden.add(row)
        elif kind == _HLINK:
            first, last, left, right = struct.unpack_from("<4H", data)
            self._draft.link(range(first + 1, last + 2), range(left, right + 1), _target(data))
        elif kind == _DIMENSIONS:
            self._dimensions(data)
        self._draft.has_filter |= kind == _FILTER_INFO
        self._draft.criterion |= kind == _FILTER

    def _cell(self, row: int, column: int) -> None:
        self._used.add(row)
        self._draft.use(row + 1, column)

    def _dimensions(self, data: bytes) -> None:
        """The reader of the values makes room for what this record declares: a lie must count as area."""
        first, last, left, right = struct.unpack_from("<IIHH", data)
        rows = (last - first) % (1 << 32) if last and right else 1
        columns = right - (left if left <= min(right - 1, 255) else 0) if last and right else 1
        if rows * columns > _MOST_CELLS:
            self._draft.use(rows, columns - 1)


def _target(data: bytes) -> str:
    """The address in an HLink record; empty if it is a file or a place in the workbook."""
    version, flags = struct.unpack_from("<II", data, 24)
    at = 32
    if version != 2 or not flags & 0x001:
        return ""
    for present in (flags & 0x010, flags & 0x080):  # the shown text, the frame
        if present:
            at = _hyperlink_string(data, at)[1]
    if flags & 0x100:
        target, at = _hyperlink_string(data, at)
    else:
        if data[at : at + 16] != _URL_MONIKER:
            return ""
        (size,) = struct.unpack_from("<I", data, at + 16)
        at += 20
        target = data[at : at + size // 2 * 2].decode("utf-16-le", "replace").partition("\0")[0]
        at += size
    place = _hyperlink_string(data, at)[0] if flags & 0x008 and at < len(data) else ""
    return target + (f"#{place}" if place else "")


def _hyperlink_string(data: bytes, at: int) -> tuple[str, int]:
    (count,) = struct.unpack_from("<I", data, at)
    end = at + 4 + 2 * count
    return data[at + 4 : end].decode("utf-16-le").partition("\0")[0], end
