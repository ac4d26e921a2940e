"""Excel's .xlsx and .xlsm: one quick look at every part, and a slow one at the sheets that turn out to need it."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from importer.loader.hyperlinks.archive import Archive, part_name
from importer.loader.hyperlinks.markup import whole_tags
from importer.loader.hyperlinks.parts import relationships, sheet_parts, workbook_part
from importer.loader.hyperlinks.sheet_links import MOST_SHEETS, SheetDraft, SheetLinks, too_many_sheets
from importer.loader.hyperlinks.sheet_reader import SheetReader, area
from importer.loader.hyperlinks.styles import cell_formats
from importer.loader.tables import column_number
from importer.loader.tables import letters as column_letters

_EXACT_FROM = 20_000_000
"""The quick look also counts cells that are only coloured in; a box this large is measured again without them."""
_WINDOW = 1 << 16
_LONGEST_REFERENCE = 24
_MOST_STYLES = 500
_LONGEST_HEAD = 4 << 20
_OPENING = re.compile(rb"<(?:([\w.-]+):)?sheetData\s*>")
_CLOSING = re.compile(rb"</(?:[\w.-]+:)?sheetData\s*>")
_SHARED_TEXTS = re.compile(rb"""<(?:[\w.-]+:)?sst\s[^>]*?uniqueCount\s*=\s*["'](\d{1,24})""")
_REFERENCE = re.compile(rb' r="([A-Za-z]{0,7})(\d{1,10})"')


def read_xlsx(path: Path) -> dict[str, SheetLinks]:
    """Every sheet by its name.

    Raises:
        FileError: the file is damaged or dangerous.
    """
    with Archive(path) as archive:
        sheets = sheet_parts(archive)
        if len(sheets) > MOST_SHEETS:
            raise too_many_sheets(path, len(sheets))
        wanted = set(sheets.values())
        formats = cell_formats(archive, workbook_part(archive, "xl/workbook.xml"))
        looks: dict[str, QuickLook] = {}
        for member in archive.members:
            pieces = archive.pieces(member)
            if (name := part_name(member.filename)) in wanted:
                looks[name] = QuickLook(formats)
                looks[name].look(pieces)
            elif name.endswith("sharedstrings.xml"):
                # The reader of the values makes room for as many texts as are declared, at once.
                declared = _SHARED_TEXTS.search(next(pieces, b""))
                if declared is not None and int(declared[1]) > member.file_size:
                    raise archive.damaged(f"the part {member.filename!r} declares more texts than it holds")
            for _ in pieces:
                pass
        return {name: _sheet(archive, part, looks[part], formats) for name, part in sheets.items() if part in looks}


def _sheet(archive: Archive, part: str, quick: "QuickLook", formats: dict[str, str]) -> SheetLinks:
    draft = quick.draft
    slow = quick.needs_cells or draft.rows * draft.columns > _EXACT_FROM
    if slow:
        draft = SheetDraft()
    reader = SheetReader(draft, with_cells=slow, formats=formats)
    reader.feed(archive.part(part) if slow else quick.outside)
    if reader.hyperlinks:
        targets = relationships(archive, part)
        for reference, identity, place in reader.hyperlinks:
            box, relationship = area(reference), targets.get(identity)
            if box is not None and relationship is not None and relationship.kind == "hyperlink":
                draft.link(*box, relationship.target + (f"#{place}" if place else ""))
    return draft.finished()


class QuickLook:
    """Plain byte searches over a sheet: what surrounds the cells, how far they reach, and whether any is a formula.

    A sheet of 100,000 rows passes in about a tenth of a second, a tenth of what reading its XML would take. What is
    written in an unusual way is left to the slow look.
    """

    def __init__(self, styles: Iterable[str] = ()) -> None:
        self.draft = SheetDraft()
        told = list(styles)
        any_of = "|".join(told).encode() if len(told) <= _MOST_STYLES else rb"\d+"
        self._formatted = re.compile(rb'\ss="(?:' + any_of + rb')"') if told else None
        self.outside: list[bytes] = []
        self.needs_cells = False
        self._prefix = b""
        self._row_open = False

    def look(self, pieces: Iterable[bytes]) -> None:
        """Read a whole sheet."""
        tagged = whole_tags(pieces)
        body = self._head(tagged)
        for piece in body:
            end = _CLOSING.search(piece) if piece.rfind(b"sheetData") >= 0 else None
            self._cells(piece if end is None else piece[: end.start()])
            if end is not None:
                self.outside.append(piece[end.start() :])
                break
        self._tail(tagged)

    def _head(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Keep what comes before the cells; yield the pieces with cells."""
        head = b""
        for piece in pieces:
            head += piece
            found = _OPENING.search(head)
            if found is not None:
                self.outside.append(head[: found.end()])
                self._prefix = found[1] + b":" if found[1] else b""
                yield head[found.end() :]
                yield from pieces
                return
            if len(head) > _LONGEST_HEAD:
                break
        # No cells, or an encoding other than UTF-8: the slow look is short or knows.
        self.needs_cells = True

    def _tail(self, pieces: Iterator[bytes]) -> None:
        """Keep what comes after the cells: filters and links, a few MB at most in a real sheet."""
        room = 64 << 20
        for piece in pieces:
            if room > 0:
                self.outside.append(piece)
                room -= len(piece)

    def _cells(self, piece: bytes) -> None:
        if self.needs_cells:
            return
        cell, formula, hidden_row = _patterns(self._prefix)
        first = cell.search(piece)
        formatted = self._formatted is not None and self._formatted.search(piece) is not None
        if (first is not None and b' r="' not in first[0]) or formatted or formula.search(piece):
            self.needs_cells = True
            return
        if self._row_open and cell.match(piece):
            self.draft.hidden_rows += 1
        self._row_open = False
        if b'hidden="' in piece:
            for row in hidden_row.finditer(piece):
                self._row_open = row[1] is None and row.end() == len(piece)
                self.draft.hidden_rows += row[1] is not None
        self._measure(piece)

    def _measure(self, piece: bytes) -> None:
        """Stretch the box of used cells: to the last row of the piece, and to whatever lies outside it so far."""
        last = _REFERENCE.match(piece, max(piece.rfind(b' r="'), 0))
        rows, columns = max(self.draft.rows, int(last[2]) if last else 0), self.draft.columns
        at = 0
        while found := _outside(columns, len(str(rows))).search(piece, at):
            window = _REFERENCE.findall(piece, found.start(), found.start() + _WINDOW)
            columns = max(columns, *(column_number(letters.decode()) for letters, _ in window), 0)
            rows = max(rows, *(int(row) for _, row in window), 0)
            at = max(found.end(), found.start() + _WINDOW - _LONGEST_REFERENCE)
        self.draft.rows, self.draft.columns = rows, columns


@lru_cache(maxsize=16)
def _patterns(prefix: bytes) -> tuple[re.Pattern[bytes], re.Pattern[bytes], re.Pattern[bytes]]:
    """A cell, a formula, and a hidden row with what follows it."""
    name = re.escape(prefix)
    cell = rb"<" + name + rb"c[\s/>]"
    return (
        re.compile(cell + rb"[^>]*"),
        re.compile(rb"<" + name + rb"f[\s/>]"),
        re.compile(rb"<" + name + rb'row(?=\s)[^>]*\shidden="(?:1|true)"[^>]*(?<!/)>\s*(' + cell + rb")?"),
    )


@lru_cache(maxsize=256)
def _outside(columns: int, digits: int) -> re.Pattern[bytes]:
    """A reference that lies right of the first so many columns, or whose row has more digits."""
    letters = column_letters(columns - 1).encode()
    inside = [rb"[A-Z]{1,%d}" % (len(letters) - 1)] if len(letters) > 1 else []
    for place, letter in enumerate(letters):
        rest = len(letters) - place - 1
        # In front of the last letter, only a smaller one leaves the rest free.
        highest = letter - 1 if rest else letter
        if highest >= ord("A"):
            inside.append(letters[:place] + b"[A-%c]" % highest + (b"[A-Z]{%d}" % rest if rest else b""))
    known = b"(?:" + b"|".join(inside) + b")" if len(inside) > 1 else b"".join(inside)
    return re.compile(rb' r="(?!' + known + (b"?" if known else b"") + rb'\d{1,%d}")' % digits)
