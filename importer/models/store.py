"""What the store holds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoreImage:
    """One picture that a product has in the store (BigCommerce docs: `productImage_Full`)."""

    id: int
    product_id: int
    image_file: str
    description: str
    sort_order: int
    is_thumbnail: bool
    url_standard: str
    date_modified: str
    url_thumbnail: str = ""


@dataclass(frozen=True, slots=True)
class Product:
    """A product of the store with the pictures it had when it was looked up."""

    id: int
    sku: str
    images: tuple[StoreImage, ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """A variant of a product that has options (BigCommerce docs: `productVariant_Full`).

    `image_url` is the address of the variant's own picture on the store's CDN, empty where it has none.
    """

    id: int
    product_id: int
    sku: str
    image_url: str
