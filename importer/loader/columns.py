"""Which column is which: headers are compared without case, spaces and punctuation."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from importer.errors import FileError

SYNONYMS: dict[str, tuple[str, ...]] = {
    "product_id": ("product id", "bigcommerce product id", "bigcommerce id", "bc product id"),
    "sku": ("sku", "product sku", "product code sku", "product code", "variant sku", "item sku", "code sku"),
    "image_url": (
        "image url",
        "image link",
        "image address",
        "image src",
        "img url",
        "picture url",
        "photo url",
        "product image url",
        "image",
        "picture",
        "photo",
    ),
    "description": ("image description", "image alt text", "alt text", "image alt", "alt", "description"),
    "sort_order": ("image sort order", "image position", "sort order", "position", "sort"),
    "is_thumbnail": ("is thumbnail", "image is thumbnail", "thumbnail"),
}
"""Field -> header names, the most telling first: a column that matches an earlier name wins over a later one."""

_KEYS = ("product_id", "sku", "image_url")


@dataclass(frozen=True, slots=True)
class Columns:
    """Field name -> index of its column, with the header texts as written."""

    index: dict[str, int]
    headers: tuple[str, ...]

    def header(self, field: str) -> str:
        """The header text of a field's column, or the field's own name where it has none."""
        return self.headers[self.index[field]].strip() if field in self.index else field

    def named(self) -> dict[str, str]:
        """Field name -> header text, for the columns that were found."""
        return {field: self.header(field) for field in self.index}


def normalise(header: str) -> str:
    """`  Image_URL `, `image-url` and `ImageUrl` are the same name: lower case, no spaces, no punctuation."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", header).casefold())


_RANKS = {field: {normalise(name): rank for rank, name in enumerate(names)} for field, names in SYNONYMS.items()}


def find_columns(headers: Sequence[str]) -> Columns | None:
    """The columns of a header row, or None where it names no product or no picture.

    Raises:
        FileError: two columns could equally well be the product or the picture; a guess could put pictures on
            the wrong products.
    """
    index: dict[str, int] = {}
    for field, ranks in _RANKS.items():
        found = sorted(
            (ranks[name], position) for position, header in enumerate(headers) if (name := normalise(header)) in ranks
        )
        if not found:
            continue
        if field in _KEYS and len(found) > 1 and found[0][0] == found[1][0]:
            twins = " and ".join(f"{headers[position].strip()!r} (column {letters(position)})" for _, position in found)
            raise FileError(f"Two columns could be the {field}: {twins}. Rename or delete the one that is not meant.")
        index[field] = found[0][1]
    if "image_url" not in index or not ({"product_id", "sku"} & index.keys()):
        return None
    return Columns(index, tuple(headers))


def letters(position: int) -> str:
    """The spreadsheet's letters for a column: 0 is A, 26 is AA."""
    text = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def what_would_do() -> str:
    """One sentence that names the headers the loader understands."""
    return (
        "A usable sheet has a column named Product ID or SKU and a column named Image URL "
        "(also: Image Link, Image Src, Image, Picture URL); Description, Sort Order and Is Thumbnail are optional. "
        "`importer template FILE` writes one to fill in."
    )
