"""Excel's binary .xlsb: the parts of an .xlsx with records in place of XML. What is not understood is passed over.

Records and offsets: [MS-XLSB] 2.4 (BrtBundleSh, BrtName, BrtFmt, BrtXF, BrtBeginCellXFs, BrtRowHdr, BrtFmlaString,
BrtFmlaNum, BrtFmlaBool, BrtFmlaError, BrtHLink, BrtBeginAFilter, BrtBeginFilterColumn) and 2.5.9 (Cell).
"""

import struct
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from importer.loader.hyperlinks.archive import Archive, part_name
from importer.loader.hyperlinks.parts import Relationship, relationships, resolved, workbook_part
from importer.loader.hyperlinks.sheet_links import MAX_ROWS, SheetDraft, SheetLinks
from importer.loader.hyperlinks.styles import codes, styles_part, xf_format
from importer.loader.hyperlinks.tokens import address_formula

_ROW, _BLANK, _LAST_CELL = 0, 1, 11
_SHORT_BLANK, _LAST_SHORT = 12, 18
_FORMULA_STRING, _FORMULA_NUMBER = 8, 9
_NAME, _BUNDLE, _HLINK, _FILTER, _TABLE = 39, 156, 494, 161, 661
_FORMAT, _XF, _STYLES, _STYLES_END = 44, 47, 617, 618
_CRITERIA = {165, 172, 170, 171, 168, 169}
_HIDDEN = 0x10
_SHORTEST = (12, 8, 12, 9, 9, 16, 12, 12, 12, 16, 9, 9)
"""The fewest bytes of a row and of each kind of cell: what comes before its text or formula."""
_HEAD = 6
_LARGEST_RECORD = 1 << 24
_NULL = 0xFFFFFFFF
_UNREADABLE = (struct.error, IndexError, UnicodeDecodeError)


def read_xlsb(path: Path) -> dict[str, SheetLinks]:
    """Every sheet by its name.

    Raises:
        FileError: the file is damaged or dangerous.
    """
    with Archive(path) as archive:
        sheets, names = _workbook(archive)
        formats = _formats(archive)
        wanted = set(sheets.values())
        read: dict[str, _Sheet] = {}
        for member in archive.members:
            pieces = archive.pieces(member)
            if (part := part_name(member.filename)) in wanted:
                read[part] = _Sheet(names, formats)
                if not read[part].read(pieces):
                    # The reader of the values would take leftovers of other cells for the rest.
                    raise archive.damaged(f"cells are cut short in the part {member.filename!r}")
            for _ in pieces:
                pass
        return {
            name: read[part].finished(relationships(archive, part)) for name, part in sheets.items() if part in read
        }


def _workbook(archive: Archive) -> tuple[dict[str, str], list[str]]:
    """Sheet name -> part, and the defined names in order."""
    part = workbook_part(archive, "xl/workbook.bin")
    targets = relationships(archive, part)
    sheets: dict[str, str] = {}
    names: list[str] = []
    for kind, data in _records(archive.part(part)):
        try:
            if kind == _BUNDLE:
                identity, at = _text(data, 8)
                relationship = targets.get(identity)
                if relationship is not None:
                    sheets[_text(data, at)[0]] = resolved(part, relationship.target)
            elif kind == _NAME:
                names.append(_text(data, 9)[0])
        except _UNREADABLE:
            continue
    return sheets, names


def _formats(archive: Archive) -> dict[int, str]:
    """The number format of each style, where that is not a plain one."""
    workbook = workbook_part(archive, "xl/workbook.bin")
    formats: dict[int, str] = {}
    styles: list[int] = []
    inside = False
    for kind, data in _records(archive.part(styles_part(archive, workbook, "xl/styles.bin"))):
        try:
            if kind == _FORMAT:
                formats[struct.unpack_from("<H", data)[0]] = _text(data, 2)[0]
            elif kind in (_STYLES, _STYLES_END):
                inside = kind == _STYLES
            elif kind == _XF and inside:
                styles.append(xf_format(data))
        except _UNREADABLE:
            continue
    return codes(styles, formats)


def _records(pieces: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Kind and contents of each record; ends early at one longer than any program writes."""
    rest = iter(pieces)
    data = b""
    # A record's head has at most six bytes; empty unknown records let the last ones be read like all others.
    for piece in chain(rest, [b"\x7f\0" * (_HEAD // 2)]):
        data += piece
        at, end = 0, len(data)
        while at + _HEAD <= end:
            start = at
            kind = data[at]
            at += 1
            if kind & 0x80:
                kind = (kind & 0x7F) | (data[at] & 0x7F) << 7
                at += 1
            size = shift = 0
            while True:
                byte = data[at]
                at += 1
                size |= (byte & 0x7F) << shift
                shift += 7
                if byte < 0x80 or shift == 28:
                    break
            if at + size > end:
                at = start
                break
            yield kind, data[at : at + size]
            at += size
        data = data[at:]
        if len(data) > _LARGEST_RECORD:
            for _ in rest:
                pass
            return


def _text(data: bytes, at: int) -> tuple[str, int]:
    """A text that begins with its length, and where it ends; a missing one is empty."""
    (count,) = struct.unpack_from("<I", data, at)
    if count == _NULL:
        return "", at + 4
    end = at + 4 + 2 * count
    return data[at + 4 : end].decode("utf-16-le"), end


class _Sheet:
    def __init__(self, names: list[str], formats: dict[int, str]) -> None:
        self._names = names
        self._formats = formats
        self._draft = SheetDraft()
        self._hyperlinks: list[tuple[range, range, str, str]] = []
        self._row = 0
        self._column = -1
        self._hidden = False

    def read(self, pieces: Iterable[bytes]) -> bool:
        """Read the part of a sheet, and tell whether all rows and cells were whole."""
        for kind, data in _records(pieces):
            if kind <= _LAST_CELL and len(data) < _SHORTEST[kind]:
                return False
            try:
                self._record(kind, data)
            except _UNREADABLE:
                continue
        return True

    def finished(self, targets: dict[str, Relationship]) -> SheetLinks:
        """The sheet, with the targets of its links looked up."""
        for rows, columns, identity, place in self._hyperlinks:
            target = targets.get(identity)
            if target is not None and target.kind == "hyperlink":
                self._draft.link(rows, columns, target.target + (f"#{place}" if place else ""))
        return self._draft.finished()

    def _record(self, kind: int, data: bytes) -> None:
        if kind == _ROW:
            row, flags = struct.unpack_from("<I7xB", data)
            self._row = min(row, MAX_ROWS) + 1
            self._column = -1
            self._hidden = bool(flags & _HIDDEN)
        elif kind <= _LAST_CELL:
            (self._column,) = struct.unpack_from("<I", data)
            if kind != _BLANK:
                self._cell(kind, data)
        elif kind <= _LAST_SHORT:
            self._column += 1  # these leave out their column
            if kind != _SHORT_BLANK:
                self._cell(kind, data)
        elif kind == _HLINK:
            first, last, left, right = struct.unpack_from("<4I", data)
            identity, at = _text(data, 16)
            self._hyperlinks.append((range(first + 1, last + 2), range(left, right + 1), identity, _text(data, at)[0]))
        elif kind in (_FILTER, _TABLE):
            self._draft.has_filter = True
        elif kind in _CRITERIA:
            self._draft.criterion = True

    def _cell(self, kind: int, data: bytes) -> None:
        self._draft.use(self._row, self._column)
        style = int.from_bytes(data[:3] if kind > _LAST_CELL else data[4:7], "little")
        self._draft.format(self._row, self._column, self._formats.get(style, ""))
        if self._hidden:
            self._hidden = False  # counted once
            self._draft.hidden_rows += 1
        if _FORMULA_STRING <= kind <= _LAST_CELL:
            at = _text(data, 8)[1] if kind == _FORMULA_STRING else 16 if kind == _FORMULA_NUMBER else 9
            (size,) = struct.unpack_from("<I", data, at + 2)
            text = address_formula(data[at + 6 : at + 6 + size], self._names, wide=True)
            if text:
                self._draft.formula(range(self._row, self._row + 1), range(self._column, self._column + 1), text)
