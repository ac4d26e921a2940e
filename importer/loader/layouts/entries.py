"""What every layout gives: one entry for each picture that a row names, or one that says why it names none."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from importer.loader.address_lists import found_in
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
        of_variant: whether the picture is named for the variant with this SKU, and another entry has it for the gallery
            or for another variant; `skipped` then says so where the row has no other entry.
        main_sku: the product's own SKU, where `product` tells the product; empty where the file tells none.
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
    of_variant: bool = False
    main_sku: str = ""


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
    of_variant: Sequence[bool]
    main_sku: Sequence[str]


class Picture(NamedTuple):
    """One address of a row with what the row says of it."""

    image_url: str
    description: str = ""
    sort_order: str = ""
    is_thumbnail: str = ""
    column: str = ""


def cell(cells: Sequence[str], at: int | None) -> str:
    """The text of a cell without the spaces around it; empty where the row or the column has none."""
    return cells[at].strip() if at is not None and at < len(cells) else ""


def is_blank(cells: Iterable[str]) -> bool:
    """Whether no cell holds anything."""
    return not any(text and not text.isspace() for text in cells)


def pictures(columns: Columns, cells: Sequence[str]) -> list[Picture]:
    """Every picture that a row names, each address once: a main picture is often repeated among the others."""
    found: dict[str, Picture] = {}
    for image in columns.images:
        text = cell(cells, image.at)
        named = found_in(text) if text else []
        alt_texts = _alt_texts(cell(cells, image.description), len(named))
        for number, one in enumerate(named):
            first = not number
            found.setdefault(
                one.address,
                Picture(
                    one.address if len(named) > 1 else text.strip(" ,;|"),
                    alt_texts[number] or one.description,
                    cell(cells, image.sort_order) if first else "",
                    cell(cells, image.is_thumbnail) if first else "",
                    columns.header(image.at),
                ),
            )
    return list(found.values())


def written(columns: Columns, cells: Sequence[str]) -> tuple[str, str]:
    """The first filled picture cell with its header; an empty text with the first header where there is none."""
    filled = ((text, columns.header(image.at)) for image in columns.images if (text := cell(cells, image.at)))
    return next(filled, ("", columns.header(columns.images[0].at)))


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
