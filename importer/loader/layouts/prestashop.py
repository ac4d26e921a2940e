"""PrestaShop's product import file: lists with commas inside a file with semicolons."""

import re
from collections.abc import Iterator

from importer.loader.address_lists import labelled
from importer.loader.columns import Columns, Header, image_column
from importer.loader.layouts.entries import NO, YES, Entry, Rows, cell

_IMAGES = re.compile(r"(?:imageurls?|urls?(?:de)?(?:l)?images?|urldesimages)xyz")
_ALTS = re.compile(r"(?:imagealttexts?|alttexts?|textes?alternatifs?(?:desimages)?)xyz")
_NONE = "The product has no picture in this file."


class PrestaShop:
    """One row for each product, with a list of pictures and a list of their alt texts.

    Source: PrestaShop's products_import.csv. `Delete existing images` is a wish that this tool does not follow.
    """

    name = "prestashop"
    title = "PrestaShop product file"
    foreign = True
    media_path = ""

    def recognise(self, header: Header) -> str:
        """The columns that tell, or an empty text."""
        image, sku = _matching(header, _IMAGES), _sku(header)
        if image is None or sku is None:
            return ""
        return f"the columns {header.texts[sku].strip()} and {header.texts[image].strip()}"

    def columns(self, header: Header) -> Columns:
        """Where the reference, the pictures and their alt texts stand."""
        images = image_column(_matching(header, _IMAGES), description=_matching(header, _ALTS))
        return Columns(header.texts, sku=_sku(header), images=images)

    def entries(self, columns: Columns, rows: Rows) -> Iterator[Entry]:
        """One entry for each picture; alt texts go by position."""
        for number, cells in rows:
            common = Entry(number, cell(cells, columns.product_id), cell(cells, columns.sku))
            found: dict[str, Entry] = {}
            for image in columns.images:
                for address, text in labelled(cell(cells, image.at), cell(cells, image.description)):
                    one = common._replace(
                        image_url=address,
                        description=text,
                        is_thumbnail=NO if found else YES,
                        column=columns.header(image.at),
                    )
                    found.setdefault(address, one)
            yield from found.values() or [common._replace(skipped=_NONE)]


def _matching(header: Header, pattern: re.Pattern[str]) -> int | None:
    return next((at for at, name in enumerate(header.names) if pattern.fullmatch(name)), None)


def _sku(header: Header) -> int | None:
    return header.find("Reference #", "Reference", "Référence #", "Référence", "Référence interne")
