"""The results of an earlier run as an input: mend the bad lines in place and run it."""

from collections.abc import Iterator

from importer.loader.columns import Columns, Header, image_column
from importer.loader.layouts.entries import Entry, Rows, cell
from importer.models import ProblemCode, Status

_IN_THE_STORE = frozenset((Status.UPLOADED, Status.ALREADY_THERE))
_GUARDED = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""What `results.csv` writes an apostrophe before, so that no spreadsheet program runs it."""


class Results:
    """`results.csv` or `results.xlsx`, as this tool writes them.

    Args:
        only: where it is not empty, only rows with one of these codes are taken.

    Attributes:
        rehearsal: whether the run was against the pretend store, so that nothing of it is in a real one; known once
            the rows are read.
    """

    name = "results"
    title = "results of an earlier run"
    foreign = False
    media_path = ""

    def __init__(self, only: frozenset[ProblemCode] = frozenset()) -> None:
        self._only = only
        self.rehearsal = False

    def recognise(self, header: Header) -> str:
        """The columns that tell, or an empty text."""
        told = ("product_id", "sku", "image_url", "status", "code", "fix")
        return "the columns status, code and fix" if header.has(*told) else ""

    def columns(self, header: Header) -> Columns:
        """Where the product, the address and the outcome stand."""
        return Columns(
            header.texts,
            header.find("product_id"),
            header.find("sku"),
            image_column(header.find("image_url")),
            header.places(status=("status",), code=("code",), request_id=("request_id",)),
        )

    def entries(self, columns: Columns, rows: Rows) -> Iterator[Entry]:
        """One entry for each row; those whose picture is in the store already are left out."""
        request_id = columns.others.get("request_id")
        self.rehearsal = any(cell(cells, request_id).startswith("sandbox-") for _, cells in rows)
        for number, cells in rows:
            status = cell(cells, columns.others.get("status")).casefold()
            code = cell(cells, columns.others.get("code")).casefold()
            if self.rehearsal and status in _IN_THE_STORE:
                status = ""
            yield Entry(
                number,
                cell(cells, columns.product_id),
                _unguarded(cell(cells, columns.sku)),
                _unguarded(cell(cells, columns.images[0].at)),
                column=columns.header(columns.images[0].at),
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


def _unguarded(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith(_GUARDED) else text
