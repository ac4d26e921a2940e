"""Shopify's product export, with the old headers and the new ones."""

from collections.abc import Iterator

from importer.loader.address_lists import names_no_picture
from importer.loader.columns import Columns, Header, image_column
from importer.loader.layouts.entries import NO, YES, Entry, Rows, cell

_NONE = "The row is a variant without a picture of its own; the product's pictures are in other rows."
_REPEATS = "The variant's picture is among the product's pictures already."


class Shopify:
    """One row for each variant or further picture of a handle; rows with only a picture have no SKU.

    Source: Shopify's product CSV templates. `Variant Image` picks one of the product's pictures for a variant, so it is
    a further picture only where the gallery lacks it. A handle with one SKU is a product without options.
    """

    name = "shopify"
    title = "Shopify product export"
    foreign = True
    media_path = ""

    def recognise(self, header: Header) -> str:
        """The columns that tell, or an empty text."""
        for handle, image, sku in (
            ("Handle", "Image Src", "Variant SKU"),
            ("URL handle", "Product image URL", "SKU"),
            ("Handle", "Image Src", "Image Position"),
        ):
            if header.has(handle, image, sku):
                return f"the columns {handle}, {image} and {sku}"
        return ""

    def columns(self, header: Header) -> Columns:
        """Where the handle, the SKU and the pictures stand."""
        image = header.find("Image Src", "Product image URL")
        variant = header.find("Variant Image", "Variant image URL")
        position = header.find("Image Position")
        return Columns(
            header.texts,
            sku=header.find("Variant SKU", "SKU"),
            images=(
                *image_column(image, description=header.find("Image Alt Text"), sort_order=position),
                *image_column(variant),
            ),
            others=header.places(handle=("Handle", "URL handle"), variant=("Variant Image", "Variant image URL")),
        )

    def entries(self, columns: Columns, rows: Rows) -> Iterator[Entry]:
        """One entry for each picture; a row without a SKU takes the first one of its handle.

        People sort and append, so that rows of a handle need not be neighbours: the SKUs are gathered first.
        """
        image = columns.images[0]
        variant_at = next((one.at for one in columns.images[1:] if one.at == columns.others.get("variant")), None)
        skus: dict[str, str] = {}
        several: set[str] = set()
        gallery: set[int] = set()
        for _, handle, cells in _with_handles(columns, rows):
            sku = cell(cells, columns.sku)
            skus[handle] = skus.get(handle) or sku
            if sku and sku != skus[handle]:
                several.add(handle)
            gallery.add(hash((handle, cell(cells, image.at))))
        shown: set[str] = set()
        for number, handle, cells in _with_handles(columns, rows):
            common = Entry(number, cell(cells, columns.product_id), cell(cells, columns.sku) or skus[handle])
            common = common._replace(product=handle, main_sku="" if handle in several else skus[handle])
            source, variant = cell(cells, image.at), cell(cells, variant_at)
            found = not names_no_picture(source)
            if found:
                position = cell(cells, image.sort_order)
                main = position in {"1", "1.0"} or (not position and handle not in shown)
                shown.add(handle)
                yield common._replace(
                    image_url=source,
                    description=cell(cells, image.description),
                    sort_order=position,
                    is_thumbnail=YES if main else NO,
                    column=columns.header(image.at),
                    in_gallery=True,
                )
            if not names_no_picture(variant):
                repeats = hash((handle, variant)) in gallery
                gallery.add(hash((handle, variant)))
                yield common._replace(
                    image_url=variant,
                    column=columns.header(variant_at),
                    of_variant=repeats,
                    skipped=_REPEATS if repeats and not found else "",
                )
            elif not found:
                yield common._replace(skipped=_NONE)


def _with_handles(columns: Columns, rows: Rows) -> Iterator[tuple[int, str, list[str]]]:
    """Each row with its handle; a row without one belongs to the row above it."""
    handle = ""
    for number, cells in rows:
        handle = cell(cells, columns.others.get("handle")) or handle
        yield number, handle, cells
