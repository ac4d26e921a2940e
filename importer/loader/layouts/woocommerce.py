"""WooCommerce's product export: all pictures of a product in one cell, variations below with one of their own."""

from collections.abc import Iterator

from importer.loader.address_lists import Found, found_in
from importer.loader.columns import Columns, Header, ImageColumn, image_column
from importer.loader.layouts.entries import NO, YES, Entry, Rows, cell

_TYPE = ("Type", "Typ", "Tipo", "Тип")
_SKU = ("SKU", "Artikelnummer", "UGS", "SKU (UGS)", "Артикул")
_IMAGES = (
    "Images", "Bilder", "Imágenes", "Immagini", "Afbeeldingen", "Imagens", "Obrazki", "Изображения", "Зображення",
)  # fmt: skip
_PARENT = (
    "Parent", "Übergeordnet", "Übergeordnetes Produkt", "Superior", "Principal", "Produit parent", "Genitore",
    "Hoofdproduct", "Ascendente", "Nadrzędny", "Родительский", "Батьківський",
)  # fmt: skip
_MORE = (
    "Regular price", "Parent", "Published", "Visibility in catalog", "Attribute 1 name", "Veröffentlicht",
    "Regulärer Preis", "Publié", "Tarif régulier", "Publicado", "Precio normal", "Pubblicato", "Gepubliceerd",
    "Опубликован", "Базовая цена", "Опубліковано", "Звичайна ціна", "Opublikowano",
)  # fmt: skip
"""WooCommerce writes its headers in the language of the shop."""
_NONE = "The product has no picture in this export."
_REPEATS = "The variation's picture is among its product's pictures already."
_NONE_OF_ITS_OWN = "The variation has no picture of its own; its product's pictures are in another row."


_PROTECTED = ("'=", "'+", "'-", "'@")


class _Unprotected:
    """The rows without the apostrophe that keeps a spreadsheet program from taking a text for a formula.

    Source: WooCommerce's `WC_CSV_Exporter::escape_data`, and `unescape_data` of its importer.
    """

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        for number, cells in self._rows:
            yield number, [text[1:] if text.startswith(_PROTECTED) else text for text in cells]


def _literal(sku: str) -> str:
    """A SKU that is no formula though it begins like one, as a spreadsheet program would write it."""
    quoted = sku.replace('"', '""')
    return f'="{quoted}"' if sku.startswith("=") else sku


class WooCommerce:
    """One row for each product and variation.

    Source: WooCommerce's sample_products.csv. `Parent` is a SKU or `id:` and the parent's `ID`. Some plugins join the
    pictures with `|`, and write their alt text behind them as `! alt : text`.
    """

    name = "woocommerce"
    title = "WooCommerce product export"
    foreign = True
    media_path = ""

    def recognise(self, header: Header) -> str:
        """The columns that tell, or an empty text."""
        if header.find(*_SKU) is None or header.find(*_IMAGES) is None:
            return ""
        more = [name for name in _MORE if header.has(name)]
        if header.find(*_TYPE) is not None:
            return f"the columns of a product's type, SKU and images, and {more[0]}" if more else ""
        # Somebody has renamed or emptied the header of the type: the others must tell all the more.
        enough = header.has("ID") and header.find(*_PARENT) is not None and len(set(more) - {"Parent"}) > 1
        return f"the columns of a product's SKU, images and parent, {more[0]} and {more[1]}" if enough else ""

    def columns(self, header: Header) -> Columns:
        """Where the SKU, the pictures and the parent stand."""
        return Columns(
            header.texts,
            sku=header.find(*_SKU),
            images=image_column(header.find(*_IMAGES)),
            others=header.places(id=("ID",), type=_TYPE, parent=_PARENT),
        )

    def entries(self, columns: Columns, rows: Rows) -> Iterator[Entry]:
        """One entry for each picture; those of the products' galleries are gathered first."""
        rows = _Unprotected(rows)
        shown = {
            hash((common.product, one.address))
            for common, cells, variation in self._products(columns, rows)
            if not variation
            for _, one in _addresses(columns, cells)
        }
        for common, cells, variation in self._products(columns, rows):
            yield from _pictures(columns, cells, common, shown if variation else None)

    def _products(self, columns: Columns, rows: Rows) -> Iterator[tuple[Entry, list[str], bool]]:
        """What the entries of each row have in common, its cells, and whether it is a variation.

        A variation may stand before its parent, so that a SKU is looked up in the whole sheet first.
        """
        others = columns.others
        ids = {cell(cells, others.get("id")): cell(cells, columns.sku) for _, cells in rows}
        skus = {sku: number for number, sku in ids.items() if sku}
        of_variations: dict[str, str] = {}
        for _, cells in rows:
            parent, sku = cell(cells, others.get("parent")), cell(cells, columns.sku)
            if parent and sku:
                of_variations.setdefault(parent.removeprefix("id:").strip(), sku)
        for number, cells in rows:
            parent = cell(cells, others.get("parent"))
            parent_id = parent[3:].strip() if parent.startswith("id:") else skus.get(parent, "")
            parent_sku = ids.get(parent_id, "") if parent.startswith("id:") else parent
            kind = cell(cells, others.get("type")).casefold()
            variation = kind.endswith("variation") if "type" in others else bool(parent)
            own_sku = cell(cells, columns.sku)
            own_id = cell(cells, others.get("id"))
            if variation:
                product = f"id {parent_id}" if parent_id else parent_sku
            else:
                product = f"id {own_id}" if own_id else own_sku
            common = Entry(
                number,
                cell(cells, columns.product_id),
                _literal(
                    own_sku
                    or (parent_sku or of_variations.get(parent_id, "") if variation else of_variations.get(own_id, ""))
                ),
                product=product,
                main_sku=parent_sku if variation else own_sku,
            )
            yield common, cells, variation


def _addresses(columns: Columns, cells: list[str]) -> list[tuple[ImageColumn, Found]]:
    """The pictures of a row, each with its column."""
    return [
        (image, one)
        for image in columns.images
        for one in dict.fromkeys(found_in(cell(cells, image.at), r"\s*[,|]\s*"))
    ]


def _pictures(columns: Columns, cells: list[str], common: Entry, shown: set[int] | None) -> Iterator[Entry]:
    """The entries of a row; of a variation, `shown` are the pictures of galleries and of the variations above.

    A variation has one picture. Others that a plugin writes behind it can only go to the gallery.
    """
    found = _addresses(columns, cells)
    for at, (image, one) in enumerate(found):
        key = hash((common.product, one.address))
        repeats = shown is not None and not at and key in shown and common.sku != common.main_sku
        if shown is not None:
            shown.add(key)
        yield common._replace(
            image_url=one.address,
            description=one.description or cell(cells, image.description),
            is_thumbnail=NO if shown is not None or at else YES,
            column=columns.header(image.at),
            in_gallery=shown is None,
            of_variant=repeats,
            skipped=_REPEATS if repeats and len(found) == 1 else "",
        )
    if not found:
        yield common._replace(skipped=_NONE if shown is None else _NONE_OF_ITS_OWN)
