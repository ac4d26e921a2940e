"""One row of the page's table: what an outcome says there."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from importer.models import ImageRow, Outcome, Status
from importer.report.columns import detail_of
from importer.report.guard import web_link
from importer.report.hosts import blamed_host, hosts_on_way

MOST_CHARACTERS = 600
"""Of one cell; a spreadsheet's cell may hold 32,767, and ten thousand such rows open in no browser."""

_WAYS = {
    "batch": ("in a batch", "in batches"),
    "single": ("by itself", "one by one"),
    "variant": ("as a variant's picture", "as pictures of variants"),
}
"""How a row was sent (`Receipt.route`), in words: of one row, and of several."""
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-]+(:[0-9]{1,5})?")
"""What a Content-Security-Policy may name: nothing in it can end a directive (CSP Level 3, 2.3.1)."""


@dataclass(frozen=True, slots=True)
class PageRow:
    """One row of the table, as text.

    Attributes:
        sheet: the worksheet's name.
        number: the row's number there.
        product: the product's id, empty where it is not known.
        sku: the SKU.
        address: where the picture comes from, as the person wrote it.
        link: where a click on it leads, empty where that would not be safe.
        status: what became of it.
        code: the problem's code, empty where there is none.
        detail: what happened.
        fix: what to do.
        way: how it was sent, empty where that is not worth saying.
        hosts: the places of its hosts in the summary's list, apart by spaces; the last is where its way ended.
        blamed: the place of the host where its trouble happened, empty where it has none or not there.
        picture: the picture's address at the store, empty where it cannot be opened.
        thumbnail: the same of the small one.
    """

    sheet: str
    number: int
    product: str
    sku: str
    address: str
    link: str
    status: Status
    code: str
    detail: str
    fix: str
    way: str
    hosts: str
    blamed: str
    picture: str
    thumbnail: str


@dataclass(frozen=True, slots=True)
class RowView:
    """What all rows of a page have in common.

    Attributes:
        ways: whether to say how each row was sent.
        pictures: whether the store's pictures can be opened.
        hosts: the place of each host and port in the summary's list.
    """

    ways: bool
    pictures: bool
    hosts: Mapping[tuple[str, int], int]


def page_row(outcome: Outcome, view: RowView) -> PageRow:
    """The outcome as the table shows it; the link leads where the request went."""
    source, problem = outcome.source, outcome.problem
    product = source.product_id if outcome.product_id is None else outcome.product_id
    picture, thumbnail = _stored(outcome) if view.pictures else ("", "")
    link = web_link(source.sent_url if isinstance(source, ImageRow) else source.image_url)
    return PageRow(
        sheet=source.sheet,
        number=source.row,
        product="" if product is None else _shortened(str(product)),
        sku=_shortened(source.sku),
        address=_shortened(source.image_url),
        link=link if len(link) <= MOST_CHARACTERS else "",
        status=outcome.status,
        code=problem.code.value if problem else "",
        detail=_shortened(detail_of(outcome)),
        fix=_shortened(problem.fix) if problem else "",
        way=_way(route(outcome), 1) if view.ways else "",
        blamed=str(view.hosts.get(blamed, "")) if (blamed := blamed_host(outcome)) else "",
        hosts=" ".join(str(view.hosts[key]) for key in hosts_on_way(outcome) if key in view.hosts),
        picture=picture,
        thumbnail=thumbnail,
    )


def route(outcome: Outcome) -> str:
    """How the outcome's row was sent; empty where it was not."""
    return outcome.receipt.route if outcome.receipt else ""


def ways_of(outcomes: Sequence[Outcome]) -> str:
    """How many of the uploaded rows went in which way, in words; empty where all went singly."""
    if {route(outcome) for outcome in outcomes} <= {"", "single"}:
        return ""
    routes = Counter(route(outcome) for outcome in outcomes if outcome.status is Status.UPLOADED)
    return ", ".join(f"{count:,} {_way(way, count)}" for way in _WAYS if (count := routes[way]))


def picture_origins(outcomes: Sequence[Outcome]) -> list[str]:
    """Where the thumbnails of these outcomes lie, as a Content-Security-Policy names it: scheme, host and port."""
    found = {_origin(_stored(outcome)[1]) for outcome in outcomes if outcome.receipt}
    return sorted(found - {""})


def _stored(outcome: Outcome) -> tuple[str, str]:
    """The addresses of the picture and of its thumbnail at the store, both or none."""
    receipt = outcome.receipt
    if receipt is None or not receipt.thumbnail_url:
        return "", ""
    thumbnail = web_link(receipt.thumbnail_url)
    return (web_link(receipt.image_url) or thumbnail, thumbnail) if _origin(thumbnail) else ("", "")


def _origin(address: str) -> str:
    parts = urlsplit(address)
    origin = f"{parts.scheme}://{parts.netloc}"
    return origin if _ORIGIN.fullmatch(origin) else ""


def _shortened(text: str) -> str:
    """The text, or its beginning and how much is missing."""
    left = len(text) - MOST_CHARACTERS
    return f"{text[:MOST_CHARACTERS]}… (and {left:,} more characters)" if left > 0 else text


def _way(route: str, count: int) -> str:
    one, several = _WAYS.get(route, ("", ""))
    return one if count == 1 else several
