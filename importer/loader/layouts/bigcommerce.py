"""BigCommerce's own export and import files, the modern (v3) and the legacy (v2) one."""

from collections.abc import Iterator
from typing import NamedTuple

from importer.loader.address_lists import names_no_picture
from importer.loader.columns import Columns, Header, ImageColumn, image_column
from importer.loader.layouts.entries import Entry, Picture, Rows, cell

_REPEATS = "The variant's picture is among the product's pictures already."
_NO_PICTURES_OF_ITS_OWN = "The row names no picture; its product's pictures are in other rows."


class BigCommerceV3:
    """One row for each picture below its product's row; an Image row's ID is the picture's, not the product's.

    Source: BigCommerce's v3 product import template. An export fills `Internal Image URL (Export)`, an import
    `Image URL (Import)`.
    """

    name = "bigcommerce-v3"
    title = "BigCommerce export or import file (v3)"
    foreign = False
    media_path = ""

    def recognise(self, header: Header) -> str:
        """The columns that tell, or an empty text."""
        for told in ("Image URL (Import)", "Internal Image URL (Export)"):
            if header.has("Item", told):
                return f"the columns Item and {told}"
        return ""

    def columns(self, header: Header) -> Columns:
        """Where the product, the picture and its properties stand."""
        about = {
            "description": header.find("Image Description"),
            "sort_order": header.find("Image Sort Order"),
            "is_thumbnail": header.find("Image is Thumbnail"),
        }
        images = [header.find("Image URL (Import)"), header.find("Internal Image URL (Export)")]
        variant = header.find("Variant Image URL")
        return Columns(
            header.texts,
            header.find("ID"),
            header.find("SKU"),
            (
                *(one for at in images for one in image_column(at, **about)),
                *image_column(variant),
            ),
            header.places(item=("Item",), variant=("Variant Image URL",)),
        )

    def entries(self, columns: Columns, rows: Rows) -> Iterator[Entry]:
        """One entry for each picture, with the product carried down from the row above."""
        kind = columns.others.get("item")
        group: list[tuple[int, list[str]]] = []
        for number, cells in rows:
            if group and cell(cells, kind).casefold() in {"product", ""}:
                yield from self._product(columns, group)
                group = []
            group.append((number, cells))
        yield from self._product(columns, group)

    def _product(self, columns: Columns, group: list[tuple[int, list[str]]]) -> Iterator[Entry]:
        """A product's row and what stands below it."""
        kind_at, variant = columns.others.get("item"), columns.others.get("variant")
        gallery = [image for image in columns.images if image.at != variant]
        pictures = {number: _first_picture(columns, cells, gallery) for number, cells in group}
        shown = {picture.image_url for picture in pictures.values() if picture}
        product_id = sku = product = ""
        for number, cells in group:
            kind, own_sku = cell(cells, kind_at).casefold(), ""
            if kind in {"product", ""}:
                product_id, sku = cell(cells, columns.product_id), cell(cells, columns.sku)
                product = sku
            elif kind == "variant":
                own_sku = cell(cells, columns.sku)
            key = _Key(product_id, own_sku or sku, product)
            picture, address = pictures[number], cell(cells, variant)
            if picture:
                yield _entry(number, key, picture)
            if not names_no_picture(address):
                one = Picture(address, column=columns.header(variant))
                yield _entry(number, key, one, repeats=address in shown, alone=not picture)
                shown.add(address)
            elif not picture:
                yield _without_picture(number, key)


class BigCommerceV2:
    """The Bulk Edit template: numbered picture columns on the product's row; SKU and Rule rows belong to it.

    Source: BigCommerce's bulk edit template and its article on complex attributes. An export holds the header
    `Product Image File - 1` twice: the bare name first, then the stored path.
    """

    name = "bigcommerce-v2"
    title = "BigCommerce Bulk Edit file (v2)"
    foreign = False
    media_path = "product_images"

    def recognise(self, header: Header) -> str:
        """The columns that tell, or an empty text."""
        told = header.family(r"productimage(?:file|url|path)(\d+)")
        if header.has("Item Type") and told and (header.has("Product Code/SKU") or header.has("Product ID")):
            return f"the columns Item Type and {header.texts[next(iter(told.values()))[0]].strip()}"
        return ""

    def columns(self, header: Header) -> Columns:
        """Where the product, the pictures and their properties stand."""
        urls = header.family(r"productimage(?:url|path)(\d+)")
        files = header.family(r"productimagefile(\d+)")
        about = {
            "description": header.family(r"productimagedescription(\d+)"),
            "sort_order": header.family(r"productimagesort(\d+)"),
            "is_thumbnail": header.family(r"productimageisthumbnail(\d+)"),
        }
        images = [
            ImageColumn(at, **{name: family[number][0] if number in family else None for name, family in about.items()})
            for number in sorted(urls.keys() | files.keys())
            # The usable address comes first: the URL, the stored path, the bare name.
            for at in [*urls.get(number, []), *reversed(files.get(number, []))]
        ]
        numbers = {f"image {at}": number for family in (urls, files) for number, ats in family.items() for at in ats}
        return Columns(
            header.texts,
            header.find("Product ID"),
            header.find("Product Code/SKU"),
            tuple(images),
            header.places(kind=("Item Type",)) | numbers,
        )

    def entries(self, columns: Columns, rows: Rows) -> Iterator[Entry]:
        """One entry for each picture of a Product row, and for the variant's picture of a Rule row."""
        families: dict[int, list[ImageColumn]] = {}
        for image in columns.images:
            families.setdefault(columns.others.get(f"image {image.at}", -image.at), []).append(image)
        kind_at = columns.others.get("kind")
        product_id = sku = ""
        shown: set[str] = set()
        for number, cells in rows:
            kind = cell(cells, kind_at).casefold()
            own_sku, below = cell(cells, columns.sku), kind in {"sku", "rule"}
            if not below:
                product_id, sku, shown = cell(cells, columns.product_id), own_sku, set()
            key = _Key(product_id, own_sku or sku, sku)
            picked = [_first_picture(columns, cells, family) for family in families.values()]
            found = {one.image_url: one for one in reversed(picked) if one}
            for one in reversed(found.values()):
                yield _entry(number, key, one, repeats=below and one.image_url in shown, alone=len(found) == 1)
            shown |= found.keys()
            if not found:
                yield _without_picture(number, key)


class _Key(NamedTuple):
    """Which product or variant a row means: the product's id, the row's SKU and the product's own."""

    product_id: str
    sku: str
    main_sku: str


def _without_picture(row: int, key: _Key) -> Entry:
    """There is nothing to do for a row without a picture; one that does not even name a product is a mistake."""
    skipped = _NO_PICTURES_OF_ITS_OWN if key.product_id or key.sku else ""
    return Entry(row, key.product_id, key.sku, skipped=skipped, product=key.main_sku, main_sku=key.main_sku)


def _first_picture(columns: Columns, cells: list[str], images: list[ImageColumn]) -> Picture | None:
    """The first of several columns that all name the same picture."""
    for image in images:
        address = cell(cells, image.at)
        if not names_no_picture(address):
            return Picture(
                address,
                cell(cells, image.description),
                cell(cells, image.sort_order),
                cell(cells, image.is_thumbnail),
                columns.header(image.at),
            )
    return None


def _entry(row: int, key: _Key, one: Picture, *, repeats: bool = False, alone: bool = False) -> Entry:
    """The entry of a picture; `repeats`: its product has it by an earlier one, `alone`: its row has no other."""
    of_variant = repeats and key.sku != key.main_sku
    return Entry(
        row,
        key.product_id,
        key.sku,
        one.image_url,
        one.description,
        one.sort_order,
        one.is_thumbnail,
        product=key.main_sku if not key.product_id else "",
        column=one.column,
        of_variant=of_variant,
        skipped=_REPEATS if of_variant and alone else "",
        main_sku=key.main_sku,
    )
