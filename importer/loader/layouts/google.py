"""Google Merchant Center feeds, and Meta's catalogue files, which are made like them."""

from collections.abc import Iterator

from importer.loader.columns import Columns, Header, ImageColumn
from importer.loader.layouts.entries import NO, YES, Entry, Rows, cell, pictures, written

_COMPANIONS = ("link", "availability", "additional_image_link", "google_product_category", "gtin", "condition")
"""Columns of a feed. An id beside a title and a price may be anybody's."""


class GoogleMerchant:
    """One row for each offer; its `id` is the merchant's own, which Google advises to be the SKU.

    Source: Google Merchant Center help, product data specification: `id`, `image_link`, `additional_image_link`.
    """

    name = "google-merchant"
    title = "Google Merchant feed"
    foreign = True
    media_path = ""

    def recognise(self, header: Header) -> str:
        """The columns that tell, or an empty text."""
        more = [name for name in _COMPANIONS if header.find(name, f"g:{name}") is not None]
        if header.find("id", "g:id") is None or header.find("image_link", "g:image_link") is None or not more:
            return ""
        return f"the columns id, image_link and {more[0]}"

    def columns(self, header: Header) -> Columns:
        """Where the offer's id and the pictures stand."""
        names = ("image_link", "g:image_link"), ("additional_image_link", "g:additional_image_link")
        sku = header.find("id", "g:id") if header.find("sku") is None else header.find("sku")
        return Columns(
            header.texts,
            sku=sku,
            images=tuple(ImageColumn(at) for kind in names for at in header.all(*kind)),
            others=header.places(group=("item_group_id", "g:item_group_id")),
        )

    def entries(self, columns: Columns, rows: Rows) -> Iterator[Entry]:
        """One entry for each picture; of offers in one group, the first one's main picture is the thumbnail."""
        seen: set[str] = set()
        for number, cells in rows:
            common = Entry(number, cell(cells, columns.product_id), cell(cells, columns.sku))
            group = cell(cells, columns.others.get("group")) or common.sku
            found = pictures(columns, cells)
            for position, one in enumerate(found):
                main = not position and group not in seen
                yield common._replace(
                    image_url=one.image_url,
                    description=one.description,
                    is_thumbnail=YES if main else NO,
                    column=one.column,
                )
            seen.add(group)
            if not found:
                text, header = written(columns, cells)
                yield common._replace(image_url=text, column=header)
