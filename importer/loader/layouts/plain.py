"""The plain sheet: a row for each picture, or for each product with several columns or several addresses in a cell."""

from collections.abc import Iterator, Sequence

from importer.loader.columns import Columns, Header, ImageColumn, find_one
from importer.loader.headers import (
    DESCRIPTION_NAMES,
    IDENTIFIER_NAMES,
    IS_THUMBNAIL_NAMES,
    LOOSE_DESCRIPTION_NAMES,
    LOOSE_SORT_ORDER_NAMES,
    PRODUCT_ID_NAMES,
    SKU_NAMES,
    SORT_ORDER_NAMES,
    ImageHeader,
    companion,
    image_header,
    is_product_sheet,
)
from importer.loader.layouts.entries import Entry, Rows, cell, pictures


class Plain:
    """Whatever has a column for the product and at least one for pictures."""

    name = "plain"
    title = "plain sheet"
    foreign = False
    media_path = ""

    def recognise(self, header: Header) -> str:  # noqa: ARG002 - the others look at it
        """Always: this layout is what is left where no other one fits."""
        return "its own column names"

    def columns(self, header: Header) -> Columns:
        """The columns by their names.

        Raises:
            FileError: two columns could equally well be the product.
        """
        return Columns(
            header.texts,
            find_one(header, PRODUCT_ID_NAMES, "product_id"),
            find_one(header, SKU_NAMES, "sku"),
            image_columns(header),
        )

    def entries(self, columns: Columns, rows: Rows) -> Iterator[Entry]:
        """One entry for each picture, or one for a row that names none."""
        for number, cells in rows:
            common = Entry(number, cell(cells, columns.product_id), cell(cells, columns.sku))
            found = pictures(columns, cells)
            for one in found:
                yield common._replace(
                    image_url=one.image_url,
                    description=one.description,
                    sort_order=one.sort_order,
                    is_thumbnail=one.is_thumbnail,
                    column=one.column,
                )
            if not found:
                yield common._replace(column=columns.header(columns.images[0].at))


def could_be_key(header: Header) -> list[str]:
    """Headers that may name the product, but not in a way to rely on without the person's word."""
    return [text.strip() for text, name in zip(header.texts, header.names, strict=True) if name in IDENTIFIER_NAMES]


def image_columns(header: Header) -> tuple[ImageColumn, ...]:
    """The picture columns in the order of the pictures: the main one, the numbered ones, the further ones."""
    named = {at: found for at, text in enumerate(header.texts) if (found := image_header(text))}
    ordered = _chosen(named)
    about = {
        "description": _companions(header, DESCRIPTION_NAMES, LOOSE_DESCRIPTION_NAMES),
        "sort_order": _companions(header, SORT_ORDER_NAMES, LOOSE_SORT_ORDER_NAMES),
        "is_thumbnail": _companions(header, IS_THUMBNAIL_NAMES, ()),
    }
    columns = []
    for position, at in enumerate(ordered):
        number = named[at].number
        properties = {name: places.get(number, places.get(None)) for name, places in about.items()}
        if position and number is None:
            # One column of positions cannot speak for several pictures; one alt text can.
            properties |= {"sort_order": None, "is_thumbnail": None}
        elif position:
            properties |= {name: about[name].get(number) for name in ("sort_order", "is_thumbnail")}
        columns.append(ImageColumn(at, **properties))
    return tuple(columns)


def _chosen(named: dict[int, ImageHeader]) -> list[int]:
    """One column for each picture: where a file name and an address stand side by side, the address."""
    strong = {at: found for at, found in named.items() if found.rank < 3}
    named = strong or named
    best: dict[tuple[bool, int | None], int] = {}
    for found in named.values():
        kind = (found.extra, found.number)
        best[kind] = min(best.get(kind, found.rank), found.rank)
    kept = [at for at, found in named.items() if found.rank == best[found.extra, found.number]]
    return sorted(kept, key=lambda at: (named[at].extra, named[at].number or 0, at))


def _companions(header: Header, names: Sequence[str], loose: Sequence[str]) -> dict[int | None, int]:
    """Number -> column of what is said of the pictures; None stands for a column without a number."""
    found: dict[int | None, int] = {}
    allowed = [names] if is_product_sheet(header.texts) else [names, loose]
    for group in allowed:
        ranked = sorted(
            (group.index(header.names[at]) if header.names[at] in group else len(group), at)
            for at, text in enumerate(header.texts)
            if companion(text, group)[0]
        )
        for _, at in ranked:
            found.setdefault(companion(header.texts[at], group)[1], at)
        if found:
            break
    return found
