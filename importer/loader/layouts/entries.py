"""What every layout gives: one entry for each picture that a row names, or one that says why it names none."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

from importer.loader.columns import Columns
from importer.models import Problem

Rows = Iterable[tuple[int, list[str]]]
"""The data rows of a sheet with their numbers, blank ones left out; a layout may go through them more than once."""

YES, NO = "yes", "no"


class Entry(NamedTuple):
    """One picture that a row asks for, as the texts of its cells.

    Attributes:
        row: the row's number.
        product: what else makes two rows one product (a handle, say), where the id and the SKU do not.
        address: the complete address, where it is not `image_url` itself (as with a platform's own short form).
        column: the header of the cell that holds the address.
        skipped: why there is nothing to do for the row, whether or not it names a product.
        sent_before: whether it is skipped because an earlier run has sent it, so that a later row may repeat it.
        problem: why the row cannot be used.
        in_gallery: whether the file shows the picture in the product's gallery, whatever variant the SKU belongs to.
    """

    row: int
    product_id: str = ""
    sku: str = ""
    image_url: str = ""
    description: str = ""
    sort_order: str = ""
    is_thumbnail: str = ""
    product: str = ""
    address: str = ""
    column: str = ""
    skipped: str = ""
    sent_before: bool = False
    problem: Problem | None = None
    in_gallery: bool = False


class Batch(NamedTuple):
    """Entries column by column: the n-th values of all lists are one entry."""

    row: Sequence[int]
    product_id: Sequence[str]
    sku: Sequence[str]
    image_url: Sequence[str]
    description: Sequence[str]
    sort_order: Sequence[str]
    is_thumbnail: Sequence[str]
    product: Sequence[str]
    address: Sequence[str]
    column: Sequence[str]
    skipped: Sequence[str]
    sent_before: Sequence[bool]
    problem: Sequence[Problem | None]
    in_gallery: Sequence[bool]


class Picture(NamedTuple):
    """One address of a row with what the row says of it."""

    image_url: str
    description: str = ""
    sort_order: str = ""
    is_thumbnail: str = ""
    column: str = ""


_NO_PICTURE = frozenset(("n/a", "na", "nan", "none", "null", "nil", "-", "--", "no_selection", "no image", "#n/a"))
_BETWEEN_ADDRESSES = re.compile(
    r"(?:[\s,;|]++(?:/(?=\s))?+|[\"'>\])}]++(?=[\s,;|]|$)|(?<=[\s,;|])[\"'<\[({]++)++(?=[\"'<\[({]*https?://)",
    re.IGNORECASE,
)
_AROUND_ADDRESS = " \t\r\n,;|"
_GLUED = re.compile(r"(?<=[a-z0-9])(?=https?://)", re.IGNORECASE)
_PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|bmp|svg|avif)\b", re.IGNORECASE)
_BRACKETS = {")": "(", "]": "[", "}": "{"}
_TRAILING_NOTHING = re.compile(r"[\s,;|]+(?:n/a|none|null|nan|-)$", re.IGNORECASE)
_PATHS = re.compile(
    r"[^,;|\n]+\.(?:jpe?g|png|gif|webp|bmp)(?:\s*[,;|\n]\s*[^,;|\n]+\.(?:jpe?g|png|gif|webp|bmp))+", re.IGNORECASE
)


def cell(cells: Sequence[str], at: int | None) -> str:
    """The text of a cell without the spaces around it; empty where the row or the column has none."""
    return cells[at].strip() if at is not None and at < len(cells) else ""


def is_blank(cells: Iterable[str]) -> bool:
    """Whether no cell holds anything."""
    return not any(text and not text.isspace() for text in cells)


def names_no_picture(text: str) -> bool:
    """Whether a cell is empty or holds a word for nothing, such as `no_selection`."""
    return not text or text.casefold() in _NO_PICTURE


def addresses(text: str) -> list[str]:
    """The addresses in one cell, split only where another one begins: an address may hold commas itself."""
    if text.count("://") > 1:
        return [part for part in map(_trimmed, _parts(text)) if not names_no_picture(part)]
    if "://" not in text and _PATHS.fullmatch(text.strip(_AROUND_ADDRESS)):
        return [part.strip() for part in re.split(r"[,;|\n]", text) if part.strip()]
    text = _TRAILING_NOTHING.sub("", text.strip(_AROUND_ADDRESS))
    return [] if names_no_picture(text) else [text]


def listed(text: str, separator: str) -> list[str]:
    """The items of a list in one cell; with addresses in it, only where another address begins."""
    items: list[str] = []
    for part in _parts(text):
        items += [part] if "://" in part else re.split(separator, part)
    return [item for item in map(_trimmed, items) if not names_no_picture(item)]


def labelled(text: str, labels: str) -> list[tuple[str, str]]:
    """Paths of a list with commas, each with the label at its place; none where commas inside make more of them."""
    paths = listed(text, ",")
    if len(paths) == 1:
        return [(paths[0], labels)]
    places = [item.strip() for item in text.split(",")] if "://" not in text else paths
    words = [label.strip() for label in labels.split(",")]
    if len(words) > len(places):
        return [(path, "") for path in paths]
    return [(path, word) for path, word in zip_longest(places, words, fillvalue="") if not names_no_picture(path)]


def _parts(text: str) -> list[str]:
    """The text cut before each further address, also where a careless export has glued it to a picture's ending."""
    parts: list[str] = []
    for part in _BETWEEN_ADDRESSES.split(text):
        start = 0
        for glue in _GLUED.finditer(part):
            if _PICTURE.search(part, start, glue.start()):
                parts.append(part[start : glue.start()])
                start = glue.start()
        parts.append(part[start:])
    return parts


def _trimmed(part: str) -> str:
    """An item without what parts it from others; a closing bracket that was opened inside belongs to the address."""
    part = _TRAILING_NOTHING.sub("", part.strip(_AROUND_ADDRESS + "\"'<>")).lstrip("[({")
    while part and part[-1] in _BRACKETS and part.count(part[-1]) > part.count(_BRACKETS[part[-1]]):
        part = part[:-1].rstrip(_AROUND_ADDRESS + "\"'<>")
    return part


def pictures(columns: Columns, cells: Sequence[str]) -> list[Picture]:
    """Every picture that a row names, each address once: a main picture is often repeated among the others."""
    found: dict[str, Picture] = {}
    for image in columns.images:
        text = cell(cells, image.at)
        urls = addresses(text) if text else []
        alt_texts = _alt_texts(cell(cells, image.description), len(urls))
        for number, url in enumerate(urls):
            first = not number
            found.setdefault(
                url,
                Picture(
                    url,
                    alt_texts[number],
                    cell(cells, image.sort_order) if first else "",
                    cell(cells, image.is_thumbnail) if first else "",
                    columns.header(image.at),
                ),
            )
    return list(found.values())


def _alt_texts(text: str, count: int) -> list[str]:
    """The alt text of each picture of a cell: a list of as many, or the same one for all."""
    parts = [part.strip() for part in re.split(r"\s*[|\n]\s*", text)]
    return parts if len(parts) == count > 1 else [text] * count


def grouped(rows: Rows, at: int | None) -> Iterator[tuple[str, list[tuple[int, list[str]]]]]:
    """Neighbouring rows with the same text in a column; a row without one belongs to the row above it."""
    key: str | None = None
    group: list[tuple[int, list[str]]] = []
    for number, cells in rows:
        here = cell(cells, at)
        if group and here and here != key:
            yield key or "", group
            group = []
        key = here or key
        group.append((number, cells))
    if group:
        yield key or "", group


def first_of(group: Iterable[tuple[int, list[str]]], at: int | None) -> str:
    """The first text in a column of a group of rows."""
    return next((text for _, cells in group if (text := cell(cells, at))), "")
