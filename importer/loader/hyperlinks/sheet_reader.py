"""One worksheet's XML, element by element: links, filters and, where asked, the formulas and the cells in use."""

import re
from collections.abc import Iterable, Mapping
from xml.parsers import expat

from importer.loader.hyperlinks.markup import attribute, local, number, parse
from importer.loader.hyperlinks.sheet_links import (
    MAX_COLUMNS,
    MAX_ROWS,
    SheetDraft,
    called,
    formula_text,
    is_never_empty,
)
from importer.loader.tables import column_number

_REFERENCE = re.compile(r"\$?([A-Za-z]{1,7})\$?(\d{1,10})\Z", re.ASCII)
_CRITERIA = {"filters", "customFilters", "top10", "dynamicFilter", "colorFilter", "iconFilter"}
_LONGEST_FORMULA = 32_768


def position(reference: str) -> tuple[int, int] | None:
    """Row from 1 and column from 0 of a reference such as B7."""
    found = _REFERENCE.match(reference)
    return None if found is None else (int(found[2]), column_number(found[1]) - 1)


def area(reference: str) -> tuple[range, range] | None:
    """The rows and columns of a reference such as B7 or B2:B9, cut to the size of a sheet."""
    first, _, last = reference.partition(":")
    start, end = position(first), position(last or first)
    if start is None or end is None:
        return None
    rows, columns = sorted((start[0], end[0])), sorted((start[1], end[1]))
    return (
        range(max(rows[0], 1), min(rows[1], MAX_ROWS) + 1),
        range(columns[0], min(columns[1] + 1, MAX_COLUMNS)),
    )


class SheetReader:
    """Collects what `feed` shows it.

    Args:
        draft: what is found goes here.
        with_cells: also look at the cells: formulas, rows hidden, and the box of cells that hold something.
        formats: the number format of each style, where that is not a plain one.
    """

    def __init__(self, draft: SheetDraft, *, with_cells: bool, formats: Mapping[str, str] | None = None) -> None:
        self.hyperlinks: list[tuple[str, str, str]] = []
        self._draft = draft
        self._formats = formats or {}
        self._code = ""
        self._row = 0
        self._column = -1
        self._hidden = self._counted = False
        self._formula: str | None = None
        self._shared = ""
        self._text_result = self._saved = False
        self._callers: dict[str, str] = {}
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start_cells if with_cells else self._start

    def feed(self, pieces: Iterable[bytes]) -> None:
        """Read the sheet; where it stops being XML, what was seen so far stands."""
        parse(self._parser, pieces)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = local(name)
        if name == "hyperlink":
            self.hyperlinks.append(
                (attributes.get("ref", ""), attribute(attributes, "id"), attributes.get("location", ""))
            )
        elif name in ("autoFilter", "tablePart"):  # a table brings its own filter buttons
            self._draft.has_filter = True
        elif name in _CRITERIA:
            self._draft.criterion = True

    def _start_cells(self, name: str, attributes: dict[str, str]) -> None:
        if ":" in name:
            name = local(name)
        if name == "c":
            self._start_cell(attributes)
        elif name in ("v", "is"):
            self._use()
            if self._formats:
                self._draft.format(self._row, self._column, self._code)
            if name == "v" and self._formula is not None:
                self._parser.CharacterDataHandler = self._value_text
        elif name == "f":
            self._formula = ""
            self._shared = attributes.get("si", "") if attributes.get("t") == "shared" else ""
            # Only formulas are followed to their end, which halves the time of a long sheet.
            self._parser.CharacterDataHandler = self._formula_piece
            self._parser.EndElementHandler = self._end_cells
        elif name == "row":
            self._row = number(attributes.get("r"), self._row + 1)
            self._column = -1
            self._hidden = attributes.get("hidden") in ("1", "true")
            self._counted = False
        else:
            self._start(name, attributes)

    def _start_cell(self, attributes: dict[str, str]) -> None:
        place = position(attributes.get("r", ""))
        if place is None:
            self._column += 1
        else:
            self._row, self._column = place
        self._formula = None
        self._saved = False
        self._text_result = attributes.get("t") == "str"
        self._code = self._formats.get(attributes.get("s", ""), "")

    def _use(self) -> None:
        self._draft.use(self._row, self._column)
        if self._hidden and not self._counted:
            self._counted = True
            self._draft.hidden_rows += 1

    def _formula_piece(self, text: str) -> None:
        if self._formula is not None and len(self._formula) < _LONGEST_FORMULA:
            self._formula += text

    def _value_text(self, text: str) -> None:
        self._saved = self._saved or not text.isspace()

    def _end_cells(self, name: str) -> None:
        name = local(name)
        if name in ("f", "v"):
            self._parser.CharacterDataHandler = None
        elif name == "c":
            if self._formula is not None:
                self._end_formula(self._formula)
            self._formula = None
            self._parser.EndElementHandler = None

    def _end_formula(self, source: str) -> None:
        self._use()
        text = formula_text(source)
        function = called(text)
        if self._shared:
            # Only the first cell of a shared formula holds its text.
            function = self._callers.setdefault(self._shared, function)
            text = f"={function}()" if function and text == "=" else text
        # An empty text is a result, too, and is saved as `t="str"` with an empty value.
        if function or not (self._saved or (self._text_result and not is_never_empty(text))):
            self._draft.formula(
                range(self._row, self._row + 1), range(self._column, self._column + 1), text[:_LONGEST_FORMULA]
            )
