"""How the exports of shop systems are laid out: each is told by its headers and gives the same entries."""

from collections.abc import Iterator
from typing import Protocol

from importer.loader.columns import Columns, Header
from importer.loader.headers import squash
from importer.loader.layouts.bigcommerce import BigCommerceV2, BigCommerceV3
from importer.loader.layouts.entries import Entry, Rows, is_blank
from importer.loader.layouts.google import GoogleMerchant
from importer.loader.layouts.magento import Magento2
from importer.loader.layouts.plain import Plain, could_be_key
from importer.loader.layouts.prestashop import PrestaShop
from importer.loader.layouts.results import Results
from importer.loader.layouts.shopify import Shopify
from importer.loader.layouts.squarespace import Squarespace
from importer.loader.layouts.wix import Wix
from importer.loader.layouts.woocommerce import WooCommerce

__all__ = ["LAYOUTS", "PLAIN", "Layout", "could_be_key", "is_blank", "named_layout"]


class Layout(Protocol):
    """One kind of file.

    Attributes:
        name: what `--layout` calls it.
        title: what a person calls it.
        foreign: whether its own product ids are another shop's, so that only the SKU can be relied on.
        media_path: where the shop keeps pictures that the file names by a path alone.
    """

    name: str
    title: str
    foreign: bool
    media_path: str

    def recognise(self, header: Header) -> str:
        """The columns that tell this layout, in words, or an empty text."""

    def columns(self, header: Header) -> Columns:
        """The columns that mean something."""

    def entries(self, columns: Columns, rows: Rows) -> Iterator[Entry]:
        """The pictures that the data rows name, in their order; every row gives at least one entry."""


PLAIN: Layout = Plain()
LAYOUTS: tuple[Layout, ...] = (
    Results(),
    BigCommerceV3(),
    BigCommerceV2(),
    Shopify(),
    WooCommerce(),
    Magento2(),
    Squarespace(),
    Wix(),
    PrestaShop(),
    GoogleMerchant(),
    PLAIN,
)
"""In the order in which they are tried; the plain sheet fits everything and comes last."""

_SHORT = {
    "bigcommerce": "bigcommerce-v3",
    "bcv3": "bigcommerce-v3",
    "bcv2": "bigcommerce-v2",
    "woo": "woocommerce",
    "magento": "magento2",
    "google": "google-merchant",
    "meta": "google-merchant",
    "facebook": "google-merchant",
}


def named_layout(name: str) -> Layout | None:
    """The layout that a person calls so, or None."""
    wanted = squash(_SHORT.get(squash(name), name))
    return next((layout for layout in LAYOUTS if squash(layout.name) == wanted), None)
