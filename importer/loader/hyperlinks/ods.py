"""LibreOffice's .ods: one part holds all sheets, and equal neighbours are written once with a repeat count."""

import re
from collections.abc import Iterable
from pathlib import Path
from xml.parsers import expat

from importer.loader.hyperlinks.archive import Archive, part_name
from importer.loader.hyperlinks.markup import number, parse
from importer.loader.hyperlinks.sheet_links import MAX_COLUMNS, MAX_ROWS, SheetDraft, SheetLinks, called, formula_text
from importer.loader.number_formats import literal

_MOST_TEXT = 1 << 30
_HEAVY = 1_000
_LONGEST_NUMBER = 100
_NUMBERS = ("float", "percentage", "currency")
_RESULTS = (
    "office:value",
    "office:string-value",
    "office:date-value",
    "office:time-value",
    "office:boolean-value",
)
_CELLS = ("table:table-cell", "table:covered-table-cell")
_PARTS = re.compile(r'("(?:[^"]|"")*")|\[([^\]]*)\]|(;)')


def read_ods(path: Path) -> dict[str, SheetLinks]:
    """Every sheet by its name.

    Raises:
        FileError: the file is damaged, dangerous or locked.
    """
    with Archive(path) as archive:
        # A locked file looks intact but for its content, which is no XML.
        locked = any(b"encryption-data" in piece for piece in archive.part("META-INF/manifest.xml"))
        reader, whole = _Reader(), True
        for member in archive.members:
            pieces = archive.pieces(member)
            if part_name(member.filename) == "content.xml" and not locked:
                reader = _Reader()
                whole = reader.feed(pieces)
            for _ in pieces:
                pass
        if locked:
            raise archive.locked()
        if not whole:
            # The reader of the values would wait for ever for the end of a table.
            raise archive.damaged("its content is cut off or garbled")
        if reader.text_size > _MOST_TEXT:
            raise archive.absurd()
    return {name: draft.finished() for name, draft in reader.sheets.items()}


def _count(text: str | None) -> int:
    """How often a row or cell is repeated; a number beyond any sheet is as many as a sheet has."""
    return number(text, MAX_ROWS if text and text.isdecimal() else 1)


def _typed(formula: str) -> str:
    """`of:=HYPERLINK([.A1];"b")` as a person would type it: `=HYPERLINK(A1,"b")`."""

    def plain(found: re.Match[str]) -> str:
        if found[1]:
            return found[1]
        return "," if found[3] else found[2].replace(":.", ":").removeprefix(".")

    return formula_text(_PARTS.sub(plain, re.sub(r"^\w+:(?==)", "", formula)))


class _Reader:
    """Walks content.xml; repeats are multiplied, never counted out."""

    def __init__(self) -> None:
        self.sheets: dict[str, SheetDraft] = {}
        self.text_size = 0
        self._draft = SheetDraft()
        self._filtered = self._draft
        self._rows = self._columns = range(0)
        self._hidden = self._counted = False
        self._notes = 0
        self._held = self._seen = ""
        self._is_number = self._heavy = False
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start

    def feed(self, pieces: Iterable[bytes]) -> bool:
        """Read content.xml, and tell whether it was whole."""
        return parse(self._parser, pieces)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name in _CELLS:
            self._start_cell(attributes)
        elif name == "table:table-row":
            self._start_row(attributes)
        elif name == "text:a":
            self._draft.link(self._rows, self._columns, attributes.get("xlink:href", ""))
        elif name == "text:s":
            self._weigh(number(attributes.get("text:c"), 1))
        elif name == "table:table":
            self._draft = self.sheets.setdefault(attributes.get("table:name", ""), SheetDraft())
            self._rows = range(1, 1)
        elif name == "office:annotation":
            # A comment's links and words are not the cell's.
            self._text = self._parser.CharacterDataHandler
            self._parser.CharacterDataHandler = None
            self._parser.StartElementHandler = self._start_in_note
            self._parser.EndElementHandler = self._end_in_note
            self._notes = 1
        elif name == "table:database-range":
            sheet = attributes.get("table:target-range-address", "").rpartition(":")[2].rpartition(".")[0]
            self._filtered = self.sheets.get(sheet.strip("$'").replace("''", "'"), SheetDraft())
            self._filtered.has_filter |= attributes.get("table:display-filter-buttons") == "true"
        elif name == "table:filter-condition":
            self._filtered.criterion = True

    def _start_in_note(self, _name: str, _attributes: dict[str, str]) -> None:
        self._notes += 1

    def _end_in_note(self, _name: str) -> None:
        self._notes -= 1
        if not self._notes:
            self._parser.StartElementHandler = self._start
            self._parser.EndElementHandler = self._end_number if self._is_number else None
            self._parser.CharacterDataHandler = self._text

    def _start_row(self, attributes: dict[str, str]) -> None:
        count = _count(attributes.get("table:number-rows-repeated"))
        first = self._rows.stop
        self._rows = range(first, min(first + count, MAX_ROWS + 1))
        self._columns = range(0)
        state = attributes.get("table:visibility")
        self._hidden = state in ("collapse", "filter")
        self._draft.criterion |= state == "filter"
        self._counted = False

    def _start_cell(self, attributes: dict[str, str]) -> None:
        count = _count(attributes.get("table:number-columns-repeated"))
        first = self._columns.stop
        self._columns = range(first, min(first + count, MAX_COLUMNS))
        self._parser.CharacterDataHandler = self._parser.EndElementHandler = None
        formula = attributes.get("table:formula", "")
        saved = "office:value-type" in attributes or any(name in attributes for name in _RESULTS)
        if not (formula or saved) or not self._rows or not self._columns:
            return
        self._draft.use(self._rows[-1], self._columns[-1])
        self._draft.repeated = max(self._draft.repeated, len(self._rows))
        self._heavy = len(self._rows) * len(self._columns) > _HEAVY
        self._is_number = attributes.get("office:value-type") in _NUMBERS
        self._held, self._seen = attributes.get("office:value", ""), ""
        if self._heavy:
            self._weigh(len(attributes.get("office:string-value", "")))
        if self._heavy or self._is_number:
            self._parser.CharacterDataHandler = self._see
        if self._is_number:
            self._parser.EndElementHandler = self._end_number
        self._merge(attributes)
        if self._hidden and not self._counted:
            self._counted = True
            self._draft.hidden_rows += len(self._rows)
        if formula and ((text := _typed(formula)) and (called(text) or not saved)):
            self._draft.formula(self._rows, self._columns, text)

    def _see(self, text: str) -> None:
        if self._heavy:
            self._weigh(len(text))
        if self._is_number and len(self._seen) < _LONGEST_NUMBER:
            self._seen += text

    def _end_number(self, name: str) -> None:
        """A number is written twice, as its value and as it is shown: 7 and SKU-0007."""
        if name not in _CELLS:
            return
        self._is_number = False
        self._parser.CharacterDataHandler = self._parser.EndElementHandler = None
        seen = self._seen.strip()
        code = "" if seen in ("", self._held) else literal(seen)
        for column in self._columns[:_HEAVY]:
            self._draft.format(self._rows[0], column, code)

    def _merge(self, attributes: dict[str, str]) -> None:
        rows = number(attributes.get("table:number-rows-spanned"), 1)
        columns = number(attributes.get("table:number-columns-spanned"), 1)
        if rows * columns > 1:
            first, left = self._rows[0], self._columns[0]
            self._draft.merge(first, left, min(first + rows - 1, MAX_ROWS), min(left + columns - 1, MAX_COLUMNS))

    def _weigh(self, characters: int) -> None:
        """Repeated texts are copied out by the next reader: a short file could fill the memory."""
        self.text_size += characters * max(len(self._rows) * len(self._columns), 1)
