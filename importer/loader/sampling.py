"""What the rows say against the names of their columns: an empty key, an address for a yes, HTML for alt text."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from importer.errors import FileError
from importer.loader import values
from importer.loader.columns import Columns, Header
from importer.loader.headers import (
    DESCRIPTION_NAMES,
    IS_THUMBNAIL_NAMES,
    LOOSE_DESCRIPTION_NAMES,
    LOOSE_SORT_ORDER_NAMES,
    PRODUCT_ID_NAMES,
    SKU_NAMES,
    SORT_ORDER_NAMES,
    companion,
    image_header,
    spellings,
)
from importer.loader.tables import Lines, Table, numbered
from importer.models import Problem
from importer.settings import LARGEST_PRODUCT_ID

_ENOUGH = 3
_SHORT = 20
_KEYS = (*PRODUCT_ID_NAMES, *SKU_NAMES)

_ADDRESS = re.compile(r"://|/\w|\.(?:jpe?g|png|gif|webp)\b", re.IGNORECASE)
_MARKUP = re.compile(r"<(?:p|br|div|span|ul|li|b|strong|h\d)\b[^>]*>", re.IGNORECASE)


def telling_rows(table: Table, header_row: int, first: Lines, header: Header) -> Lines:
    """The first rows below a header, and every later one that says something new of a column that may matter.

    So the whole file is judged: a column may be empty for a thousand rows, and full of addresses from there on.
    """
    places = [at for at, text in enumerate(header.texts) if text.strip() and _may_matter(text)]
    seen: dict[int, set[str]] = {at: {_kind(cells[at]) for cells in first if at < len(cells)} for at in places}
    linked = {number: behind for number, behind in table.links.items() if number > header_row}
    rows = list(first)
    for number, cells in numbered(table.read()):
        if number <= header_row + len(first):
            continue
        new = False
        for at in places:
            if at < len(cells) and (text := cells[at]) and (kind := _kind(text)) not in seen[at]:
                seen[at].add(kind)
                new = True
        if new:
            rows.append(cells)
    for behind in linked.values():
        for at, target in behind.items():
            if at in seen and "://" in target and "://" not in seen[at]:
                seen[at].add("://")
                rows.append([target if place == at else "" for place in range(at + 1)])
    return rows


@lru_cache(maxsize=4096)
def _may_matter(header: str) -> bool:
    """Whether what stands below a header can decide what the header means."""
    if image_header(header) or any(name in equals for name in spellings(header) for equals in _KEYS):
        return True
    names = (*DESCRIPTION_NAMES, *LOOSE_DESCRIPTION_NAMES, *SORT_ORDER_NAMES, *LOOSE_SORT_ORDER_NAMES)
    return companion(header, (*names, *IS_THUMBNAIL_NAMES))[0]


def _kind(text: str) -> str:
    """A rough kind of a cell's text, in which everything alike counts once."""
    if not text or text.isspace():
        return ""
    if "://" in text:
        return "://"
    short = values.clean(text) if len(text) <= _SHORT else ""
    if short and not isinstance(values.is_thumbnail(short, ""), Problem):
        return f"yes {short.isdigit()}"
    if short and not isinstance(values.sort_order(short, ""), Problem):
        return "1"
    marks = (_MARKUP.search(text), _ADDRESS.search(text), "." in text or "/" in text)
    return "".join("-+"[bool(mark)] for mark in marks)


def without_empty_keys(header: Header, sample: Lines) -> Header:
    """The header without those columns for an id or a SKU that are empty in every row, where another one is filled."""
    texts = list(header.texts)
    for names in (PRODUCT_ID_NAMES, SKU_NAMES):
        places = [at for at, name in enumerate(header.names) if any(name in equals for equals in names)]
        filled = {at for at in places if any(at < len(cells) and cells[at].strip() for cells in sample)}
        for at in places:
            if filled and at not in filled:
                texts[at] = ""
    return Header(texts)


def without_contradictions(columns: Columns, sample: Lines) -> Columns:
    """The columns without those companions whose cells hold something else than their names say."""

    def holds(at: int | None, told: re.Pattern[str]) -> bool:
        return at is not None and any(told.search(cells[at]) for cells in sample if at < len(cells))

    images = columns.images
    flag = next((image.is_thumbnail for image in images if image.is_thumbnail is not None), None)
    if holds(flag, _ADDRESS):
        # `Thumbnail` is a small picture's address here, not a yes or no.
        images = tuple(replace(image, is_thumbnail=None) for image in images)
    if any(holds(image.description, _MARKUP) for image in images):
        # A product's description in HTML is no alt text.
        images = tuple(replace(image, description=None) for image in images)
    if _all_unfit([image.is_thumbnail for image in images], sample, values.is_thumbnail):
        images = tuple(replace(image, is_thumbnail=None) for image in images)
    if _all_unfit([image.sort_order for image in images], sample, values.sort_order):
        images = tuple(replace(image, sort_order=None) for image in images)
    return replace(columns, images=images)


def _all_unfit(columns: list[int | None], sample: Lines, read: Callable[[str, str], object]) -> bool:
    """Whether no cell holds such a value: `Cover` says how a book is bound, `Position` where a part is mounted."""
    places = [at for at in columns if at is not None]
    texts = [text for cells in sample for at in places if at < len(cells) and (text := values.clean(cells[at]))]
    return len(texts) >= _ENOUGH and all(isinstance(read(text, ""), Problem) for text in texts)


def refuse_foreign_ids(columns: Columns, sample: Lines) -> None:
    """Ask what the ids are where most of them are numbers that BigCommerce cannot have given to a product.

    Raises:
        FileError: they are bar codes, or another shop's ids.
    """
    at = columns.product_id
    if at is None:
        return
    texts = [text for cells in sample if at < len(cells) and (text := values.key(cells[at]))]
    foreign = [text for text in texts if _beyond_ids(text)]
    if 2 * len(foreign) <= len(texts):
        return
    header, other = columns.header(at), columns.header(columns.sku)
    column = other or header
    raise FileError(
        f"The column {header!r} holds numbers such as {foreign[0]}, which BigCommerce cannot have given to a product: "
        f"its ids go up to {LARGEST_PRODUCT_ID:,}. Are these your own, or another shop's? Then match by SKU: "
        f'--map sku="{column}". If they are right all the same: --map product_id="{header}".'
    )


def _beyond_ids(text: str) -> bool:
    number = values.product_id(text, "")
    if isinstance(number, Problem):
        # A number of so many digits that the spreadsheet program has shortened it, `4.00638E+12`.
        return values.digits_lost(text)
    return number is not None and number > LARGEST_PRODUCT_ID
