"""Squarespace's product export: all pictures in one cell, parted by spaces, and variants below their product."""

from collections.abc import Iterator

from importer.loader.columns import Columns, Header, image_column
from importer.loader.layouts.entries import Entry, Rows
from importer.loader.layouts.families import families

_FAMILY = ("Product ID [Non Editable]", "Product ID", "Product URL", "Title")
"""What the rows of one product share; the first of these that there is."""


class Squarespace:
    """A product's row with its pictures, then a row without product id for each further variant.

    Source: Squarespace's product export CSV.
    """

    name = "squarespace"
    title = "Squarespace product export"
    foreign = True
    media_path = ""

    def recognise(self, header: Header) -> str:
        """The columns that tell, or an empty text."""
        family = header.find(*_FAMILY)
        if family is None or not header.has("Hosted Image URLs", "SKU"):
            return ""
        return f"the columns SKU, Hosted Image URLs and {header.texts[family].strip()}"

    def columns(self, header: Header) -> Columns:
        """Where the product, the SKU and the pictures stand."""
        return Columns(
            header.texts,
            sku=header.find("SKU"),
            images=image_column(header.find("Hosted Image URLs")),
            others=header.places(family=_FAMILY),
        )

    def entries(self, columns: Columns, rows: Rows) -> Iterator[Entry]:
        """One entry for each picture."""
        return families(columns, rows, r"[\s,]+")
