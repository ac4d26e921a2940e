"""The results of an earlier run as an input: mend the bad lines in place and run it."""

import re
from collections.abc import Iterator, Sequence

from importer.loader.columns import Columns, Header, image_column
from importer.loader.layouts.entries import Entry, Rows, cell
from importer.models import ProblemCode, Status

_IN_THE_STORE = frozenset((Status.UPLOADED, Status.ALREADY_THERE))
_GUARDED = re.compile("'+[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""A text that has got an apostrophe, so that no spreadsheet program runs it, or because it looked as if it had one."""
_GUARDED_INSIDE = re.compile("([;\t\n])'('*[=+\\-@\uff1d\uff0b\uff0d\uff20])")
"""The same behind what another program may take for the end of a cell."""
_TOLD = ("product_id", "sku", "image_url", "status", "code")


class Results:
    """`results.csv` or `results.xlsx`, as this tool writes them: a sheet with all results, and one of rows to mend.

    Args:
        only: where it is not empty, only rows with one of these codes are taken.

    Attributes:
        rehearsal: whether the run was against the pretend store, so that nothing of it is in a real one; known once
            the rows are read.
        places: the sheet and row of the first file by the row here, where the results tell it; known likewise.
    """

    name = "results"
    title = "results of an earlier run"
    foreign = False
    media_path = ""

    def __init__(self, only: frozenset[ProblemCode] = frozenset()) -> None:
        self._only = only
        self.rehearsal = False
        self.places: dict[int, tuple[str, int]] = {}

    def recognise(self, header: Header) -> str:
        """The columns that tell, or an empty text."""
        if header.has(*_TOLD, "fix"):
            return "the columns status, code and fix"
        return "the columns Status, Code and What to do" if header.has(*_TOLD, "what to do") else ""

    def columns(self, header: Header) -> Columns:
        """Where the product, the address and the outcome stand; on a sheet to mend, also what it says of pictures."""
        about = {name: header.find(name) for name in ("description", "sort_order", "is_thumbnail")}
        return Columns(
            header.texts,
            header.find("product_id"),
            header.find("sku"),
            image_column(header.find("image_url"), **about),
            header.places(
                status=("status",),
                code=("code",),
                request_id=("request_id",),
                to_do=("what to do",),
                sheet=("sheet",),
                row=("row",),
                route=("route",),
            ),
        )

    def entries(self, columns: Columns, rows: Rows) -> Iterator[Entry]:
        """One entry for each row; those whose picture is in the store already are left out."""
        image = columns.images[0]
        self.rehearsal = any(number.startswith("sandbox-") for number in request_ids(columns, rows))
        self.places = _places(columns, rows)
        # What is to be mended comes first on the sheet to mend; positions follow the order of the first file.
        if is_to_fix(columns):
            rows = sorted(rows, key=lambda row: self.places.get(row[0], ("", row[0]))[1])
        for number, cells in rows:
            status = cell(cells, columns.others.get("status")).casefold()
            code = cell(cells, columns.others.get("code")).casefold()
            if self.rehearsal and status in _IN_THE_STORE:
                status = ""
            # With its product's id, a picture of a variant would go to the gallery.
            of_variant = cell(cells, columns.others.get("route")).casefold() == "variant"
            yield Entry(
                number,
                "" if of_variant else _loaded(cells, columns.product_id),
                _loaded(cells, columns.sku),
                _loaded(cells, image.at),
                _loaded(cells, image.description),
                _loaded(cells, image.sort_order),
                _loaded(cells, image.is_thumbnail),
                column=columns.header(image.at),
                skipped=self._left_out(status, code),
                sent_before=status in _IN_THE_STORE,
            )

    def _left_out(self, status: str, code: str) -> str:
        if status in _IN_THE_STORE:
            return "The earlier run had this picture in the store."
        if status == Status.SKIPPED:
            return "The earlier run had nothing to do for this row."
        if self._only and code not in self._only:
            return "Left out, because only rows with another code were asked for (--only)."
        return ""


def is_to_fix(columns: Columns) -> bool:
    """Whether these are the columns of the sheet of rows to mend, rather than of the one with all results."""
    return "to_do" in columns.others


def request_ids(columns: Columns, rows: Rows) -> Iterator[str]:
    """The store's names of the requests that sent the rows, of those rows that were sent."""
    at = columns.others.get("request_id")
    return filter(None, (cell(cells, at) for _, cells in rows)) if at is not None else iter(())


def _places(columns: Columns, rows: Rows) -> dict[int, tuple[str, int]]:
    at_sheet, at_row = columns.others.get("sheet"), columns.others.get("row")
    return {
        number: (_loaded(cells, at_sheet), int(text))
        for number, cells in rows
        if (text := cell(cells, at_row)).isascii() and text.isdecimal() and 0 < len(text) < 10
    }


def _loaded(cells: Sequence[str], at: int | None) -> str:
    return unguarded(cells[at]) if at is not None and at < len(cells) else ""


def unguarded(text: str) -> str:
    """The text of a cell as it was before it was written, without the spaces around it."""
    text = _GUARDED_INSIDE.sub(r"\1\2", text) if "'" in text else text
    return (text[1:] if _GUARDED.match(text) else text).strip()
