"""Magento 2's product export: relative media paths, the main picture apart from the list of further ones."""

from collections.abc import Iterator

from importer.loader.address_lists import labelled, listed
from importer.loader.columns import Columns, Header, image_column
from importer.loader.layouts.entries import NO, YES, Entry, Rows, cell

_TRANSLATION = "The row is the product's translation for the store view “{view}”; its pictures are in the main row."
_NONE = "The product has no picture in this export."
_HIDDEN = "The old shop hides this picture from the product's page."


class Magento2:
    """One row for each SKU, and further rows for translations.

    Source: Magento 2's product export. Paths lie under `media/catalog/product` of the old shop; `additional_images`
    usually repeats the base image; its labels stand at the same positions in `additional_image_labels`.
    """

    name = "magento2"
    title = "Magento 2 product export"
    foreign = True
    media_path = "media/catalog/product"

    def recognise(self, header: Header) -> str:
        """The columns that tell, or an empty text."""
        if header.has("sku", "base_image"):
            for more in ("product_type", "store_view_code", "attribute_set_code", "additional_images"):
                if header.has(more):
                    return f"the columns sku, base_image and {more}"
        return ""

    def columns(self, header: Header) -> Columns:
        """Where the SKU, the pictures and their labels stand."""
        base = image_column(header.find("base_image"), description=header.find("base_image_label"))
        more = image_column(header.find("additional_images"), description=header.find("additional_image_labels"))
        return Columns(
            header.texts,
            sku=header.find("sku"),
            images=base + more if base else (),
            others=header.places(
                view=("store_view_code",), hidden=("hide_from_product_page",), visibility=("visibility",)
            ),
        )

    def entries(self, columns: Columns, rows: Rows) -> Iterator[Entry]:
        """One entry for each picture, the base image first."""
        view_at = columns.others.get("view")
        main = {cell(cells, columns.sku) for _, cells in rows if not cell(cells, view_at)}
        for number, cells in rows:
            common = Entry(number, cell(cells, columns.product_id), cell(cells, columns.sku))
            view = cell(cells, view_at)
            if view and common.sku not in main:
                main.add(common.sku)  # an export of one store view alone: its first row stands for the product
            elif view:
                yield common._replace(skipped=_TRANSLATION.format(view=view))
                continue
            yield from _product(columns, cells, common)


def _product(columns: Columns, cells: list[str], common: Entry) -> Iterator[Entry]:
    hidden = set(listed(cell(cells, columns.others.get("hidden")), ","))
    # A picture of a variant is not the thumbnail of the product that the variant belongs to.
    variant = cell(cells, columns.others.get("visibility")).casefold() == "not visible individually"
    found: dict[str, Entry] = {}
    for image in columns.images:
        for path, label in labelled(cell(cells, image.at), cell(cells, image.description)):
            main = not found and not variant and image is columns.images[0]
            one = common._replace(
                image_url=path,
                description=label,
                is_thumbnail=YES if main else NO,
                column=columns.header(image.at),
            )
            hide = path in hidden and image is not columns.images[0]
            found.setdefault(path, one._replace(skipped=_HIDDEN) if hide else one)
    yield from found.values() or [common._replace(skipped=_NONE)]
