"""Wix's product export, with the old headers and the new ones."""

import re
from collections.abc import Iterator

from importer.loader.columns import Columns, Header, image_column
from importer.loader.layouts.entries import Entry, Rows
from importer.loader.layouts.families import families

_MEDIA = "https://static.wixstatic.com/media/"
_WIX_IMAGE = re.compile(r"wix:image://v1/([^/#\s]+)")
_MEDIA_ID = re.compile(r"[A-Za-z0-9_.-]+~mv2[A-Za-z0-9_.]*\.\w+|[0-9a-f]{6}_[0-9a-f]{32}[\w~.-]*")


class Wix:
    """Rows of a product share its handle; pictures are media ids, `wix:image:` addresses or whole URLs.

    Source: Wix's catalog_products.csv; media ids are served from static.wixstatic.com/media.
    """

    name = "wix"
    title = "Wix product export"
    foreign = True
    media_path = ""

    def recognise(self, header: Header) -> str:
        """The columns that tell, or an empty text."""
        for told in (("handleId", "productImageUrl"), ("handle", "fieldType", "media")):
            if header.has(*told):
                return f"the columns {', '.join(told)}"
        return ""

    def columns(self, header: Header) -> Columns:
        """Where the handle, the SKU and the pictures stand."""
        return Columns(
            header.texts,
            sku=header.find("sku"),
            images=image_column(header.find("productImageUrl", "media"), description=header.find("mediaAltText")),
            others=header.places(family=("handleId", "handle")),
        )

    def entries(self, columns: Columns, rows: Rows) -> Iterator[Entry]:
        """One entry for each picture."""
        return families(columns, rows, r"\s*;\s*", media_address)


def media_address(text: str) -> str:
    """The address of a Wix media id or `wix:image:` reference; empty where the text is neither."""
    if reference := _WIX_IMAGE.match(text):
        return _MEDIA + reference[1]
    return _MEDIA + text if _MEDIA_ID.fullmatch(text) else ""
