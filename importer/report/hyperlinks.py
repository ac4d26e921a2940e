"""Which cells of the results lead somewhere: to the address as it is sent, and to the picture in the store."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from openpyxl.utils import get_column_letter

from importer.addresses import STRAY_PERCENT, WIRE_FORM
from importer.models import ImageRow, Outcome
from importer.report.columns import RESULT_COLUMNS
from importer.report.guard import web_link

MOST_HYPERLINKS = 65_530
"""On one sheet; Excel takes the others for damage (Microsoft: Excel specifications and limits)."""
LONGEST_HYPERLINK = 2_079
"""Characters. Excel takes a longer one for damage (XlsxWriter's documentation, Worksheet.write_url)."""

ADDRESS_AT = RESULT_COLUMNS.index("image_url")
PICTURE_AT = (RESULT_COLUMNS.index("image_id"), RESULT_COLUMNS.index("image_file"))
_ADDRESS = (ADDRESS_AT, ADDRESS_AT)
# No user, which would pass for a host's name, no fragment, which Excel keeps apart, and nothing but what RFC 3986 has.
_PLAIN_LINK = re.compile(
    r"https?://[a-z0-9.-]+(?::\d{1,5})?(?:[/?][\w.~/?!$&'()*+,;=:@%-]*)?", re.ASCII | re.IGNORECASE
)


class Hyperlink(NamedTuple):
    """One link behind the cells from a column to another one, both by index; XML and Excel take the address as it is.

    One for two neighbouring cells counts as one.
    """

    first: int
    last: int
    target: str

    def reference(self, row: int) -> str:
        """The cells in a row, such as `E2` or `K2:L2`."""
        start = f"{get_column_letter(self.first + 1)}{row}"
        return start if self.first == self.last else f"{start}:{get_column_letter(self.last + 1)}{row}"


class Hyperlinks:
    """Deals out the links of one sheet, those of rows with a problem first where Excel does not take them all.

    Args:
        outcomes: the sheet's rows.
        pictures: whether the store that holds the pictures is still there to be looked at.
    """

    def __init__(self, outcomes: Iterable[Outcome], *, pictures: bool) -> None:
        self._pictures = pictures
        wanted = sum(len(_links(outcome, pictures=pictures)) for outcome in outcomes if outcome.problem)
        self._troubled = min(wanted, MOST_HYPERLINKS)
        self._others = MOST_HYPERLINKS - self._troubled

    def of(self, outcome: Outcome) -> Sequence[Hyperlink]:
        """The links of a row, to be asked for once for each row of the sheet in turn."""
        found = _links(outcome, pictures=self._pictures)
        if outcome.problem:
            found = found[: self._troubled]
            self._troubled -= len(found)
        else:
            found = found[: self._others]
            self._others -= len(found)
        return found


def _links(outcome: Outcome, *, pictures: bool) -> list[Hyperlink]:
    source = outcome.source
    address = _target(source.sent_url if isinstance(source, ImageRow) else source.image_url)
    picture = _target(outcome.receipt.image_url) if pictures and outcome.receipt else ""
    found = [Hyperlink(*_ADDRESS, address)] if address else []
    return [*found, Hyperlink(*PICTURE_AT, picture)] if picture else found


def _target(address: str) -> str:
    """The address where a link to it is honest and no program calls it damaged; otherwise empty."""
    if len(address) > LONGEST_HYPERLINK or STRAY_PERCENT.search(address):
        return ""
    if WIRE_FORM.fullmatch(address):
        return address
    return address if _PLAIN_LINK.fullmatch(address) and web_link(address) else ""
