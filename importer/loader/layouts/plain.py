"""The plain sheet: a row for each picture, or for each product with several columns or several addresses in a cell."""

from collections.abc import Iterator, Sequence
from enum import IntEnum

from importer.addresses import shown
from importer.loader.address_lists import names_no_picture
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
    image_header,
)
from importer.loader.layouts.companions import companions_of
from importer.loader.layouts.entries import Entry, Rows, cell, pictures, written
from importer.models import Problem, ProblemCode
from importer.problems import problem

_WEAK_RANK = 3


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
                text, header = written(columns, cells)
                yield common._replace(image_url=text, column=header, problem=None if text else _unread(columns, cells))


def _unread(columns: Columns, cells: Sequence[str]) -> Problem | None:
    """The trouble with a row that has no address where the others have theirs, but something in a column like it."""
    read = {image.at for image in columns.images}
    for at, name in enumerate(columns.headers):
        text = cell(cells, at)
        if text and at not in read and image_header(name) and not names_no_picture(text):
            own = columns.header(columns.images[0].at)
            return problem(
                ProblemCode.URL_INVALID,
                f"The cell in the column {own} is empty; {shown(text)} in the column {columns.header(at)} is not read.",
                fix=f'Write the whole address into {own}, or add --map image_url="{columns.header(at)}".',
                column=columns.header(at),
            )
    return None


def could_be_key(header: Header) -> list[str]:
    """Headers that may name the product, but not in a way to rely on without the person's word."""
    return [text.strip() for text, name in zip(header.texts, header.names, strict=True) if name in IDENTIFIER_NAMES]


def image_columns(header: Header, sample: Sequence[Sequence[str]] = ()) -> tuple[ImageColumn, ...]:
    """The picture columns in the order of the pictures: the main one, the numbered ones, the further ones.

    Args:
        header: the header row.
        sample: rows below it; where names leave a doubt, what stands in the cells decides.
    """
    named = {at: found for at, text in enumerate(header.texts) if (found := image_header(text))}
    ordered = _chosen(named, {at: _kind(sample, at) for at in named})
    images = [(at, named[at]) for at in ordered]
    columns = zip(
        ordered,
        companions_of(header, images, DESCRIPTION_NAMES, LOOSE_DESCRIPTION_NAMES, shared=True),
        companions_of(header, images, SORT_ORDER_NAMES, LOOSE_SORT_ORDER_NAMES, shared=False),
        companions_of(header, images, IS_THUMBNAIL_NAMES, (), shared=False),
        strict=True,
    )
    return tuple(ImageColumn(*one) for one in columns)


class _Kind(IntEnum):
    """What the cells of a column hold, the best first."""

    ADDRESSES = 0
    UNKNOWN = 1
    PATHS = 2
    OTHER = 3


def _kind(sample: Sequence[Sequence[str]], at: int) -> _Kind:
    texts = [text for cells in sample if not names_no_picture(text := cell(cells, at))]
    if any("://" in text or text.startswith(("//", "=")) for text in texts):
        return _Kind.ADDRESSES
    if not texts:
        return _Kind.UNKNOWN
    return _Kind.PATHS if any("/" in text or "." in text for text in texts) else _Kind.OTHER


def _chosen(named: dict[int, ImageHeader], kinds: dict[int, _Kind]) -> list[int]:
    """Every column with addresses; of others that name the same picture (file, path), the one that says most.

    Equally good names are all kept where some of their columns are empty in the sample: what stands in the others would
    not be seen.
    """
    best: dict[tuple[bool, int | None], tuple[int, int]] = {}
    for at, found in named.items():
        kind = (found.extra, found.number)
        best[kind] = min(best.get(kind, (9, 9)), (kinds[at], found.rank))
    certain = any(kind is _Kind.ADDRESSES for kind in kinds.values())
    strong = any(found.rank < _WEAK_RANK for found in named.values())
    kept = [
        at
        for at, found in named.items()
        if kinds[at] is _Kind.ADDRESSES
        or (
            best[found.extra, found.number] in {(kinds[at], found.rank), (_Kind.UNKNOWN, found.rank)}
            and not (certain and kinds[at] is _Kind.OTHER)
            and not (strong and found.rank >= _WEAK_RANK)
        )
    ]
    return sorted(kept, key=lambda at: (named[at].extra, named[at].number or 0, at))
