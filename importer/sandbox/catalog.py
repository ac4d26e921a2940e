"""What the pretend store holds: products, variants and pictures, with BigCommerce's rules for them. No HTTP here."""

import random
import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

MAX_IMAGES = 1000
"""BigCommerce docs, Create a Product Image: "A product can have up to 1000 images"."""
INT32 = range(-(2**31), 2**31)
"""BigCommerce docs, productImage_Base: `sort_order` lies between -2147483648 and 2147483647."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture as the store keeps it (BigCommerce docs: `productImage_Full`)."""

    id: int
    product_id: int
    stem: str
    ending: str
    number: int
    description: str
    sort_order: int
    is_thumbnail: bool
    modified: datetime

    def as_json(self, store_hash: str) -> dict[str, Any]:
        """The picture as the API shows it. As in every example of the docs, `image_url` is left out."""
        name = f"{self.stem}__{self.number:05d}"
        base = f"https://cdn.bigcommerce-sandbox.example/s-{store_hash}/products/{self.product_id}/images/{self.id}"
        sized = f"{base}/{name}.{int(self.modified.timestamp())}"
        letter = chr(ord("a") + self.id % 26)
        return {
            "id": self.id,
            "product_id": self.product_id,
            "is_thumbnail": self.is_thumbnail,
            "sort_order": self.sort_order,
            "description": self.description,
            "image_file": f"{letter}/{self.number % 1000:03d}/{name}.{self.ending}",
            "url_zoom": f"{sized}.1280.1280.{self.ending}?c=2",
            "url_standard": f"{sized}.560.850.{self.ending}?c=2",
            "url_thumbnail": f"{sized}.330.500.{self.ending}?c=2",
            "url_tiny": f"{sized}.66.100.{self.ending}?c=2",
            "date_modified": self.modified.isoformat(timespec="seconds"),
        }


@dataclass(frozen=True, slots=True)
class NewPicture:
    """A picture to be added: its file's name without and its ending without dot, and what the request said of it."""

    stem: str
    ending: str
    description: str = ""
    sort_order: int = 0
    is_thumbnail: bool = False


@dataclass(frozen=True, slots=True)
class Variant:
    """One variant; `base` is the one that every product without options has."""

    id: int
    product_id: int
    sku: str
    base: bool


@dataclass(slots=True)
class Product:
    """One product with its pictures by id.

    Attributes:
        post_status: the status that every POST of a picture gets (423 locked, 503 failing), 0 for the normal course.
        no_content: whether a list of no pictures is answered with 204, which the docs allow besides 200.
    """

    id: int
    sku: str
    name: str
    variants: tuple[Variant, ...] = ()
    pictures: dict[int, Picture] = field(default_factory=dict)
    post_status: int = 0
    no_content: bool = False


class LimitReachedError(Exception):
    """The product has as many pictures as BigCommerce allows."""


class Catalog:
    """All products of one store. Every method may be called from any thread.

    Args:
        seed: what the numbers in file names are drawn from.
    """

    def __init__(self, seed: int = 0) -> None:
        self._products: dict[int, Product] = {}
        self._lock = threading.RLock()
        self._random = random.Random(seed)  # noqa: S311 - file names, no secret
        self._next_image = 401
        self._next_variant = 501

    def add_product(self, product: Product, variant_skus: Iterable[str] = ()) -> None:
        """Take a product in, with a variant for each SKU, or with a base variant where there is none."""
        with self._lock:
            skus = tuple(variant_skus)
            made = tuple(
                Variant(self._next_variant + at, product.id, sku, base=not skus)
                for at, sku in enumerate(skus or (product.sku,))
            )
            self._next_variant += len(made)
            product.variants = made
            self._products[product.id] = product

    def product(self, product_id: int) -> Product | None:
        """The product with this id, or None."""
        return self._products.get(product_id)

    def products(self) -> list[Product]:
        """All products by id."""
        with self._lock:
            return [self._products[key] for key in sorted(self._products)]

    def variants(self) -> list[Variant]:
        """All variants, product by product."""
        return [variant for product in self.products() for variant in product.variants]

    def knows_sku(self, sku: str) -> bool:
        """Whether any product or variant has this SKU, to the letter."""
        return any(product.sku == sku for product in self.products()) or any(
            variant.sku == sku for variant in self.variants()
        )

    def pictures(self, product: Product) -> list[Picture]:
        """A product's pictures in the order that the shop shows them."""
        with self._lock:
            return sorted(product.pictures.values(), key=lambda picture: (picture.sort_order, picture.id))

    def add_picture(self, product: Product, new: NewPicture) -> Picture:
        """Store a picture.

        BigCommerce docs, Adding product images: a product's only picture becomes its thumbnail by itself.

        Raises:
            LimitReachedError: the product is full.
        """
        with self._lock:
            if len(product.pictures) >= MAX_IMAGES:
                raise LimitReachedError
            picture = Picture(
                id=self._next_image,
                product_id=product.id,
                stem=new.stem,
                ending=new.ending,
                number=self._random.randrange(100_000),
                description=new.description,
                sort_order=new.sort_order,
                is_thumbnail=new.is_thumbnail or not product.pictures,
                modified=datetime.now(UTC),
            )
            self._next_image += 1
            if picture.is_thumbnail:
                _unset_thumbnail(product)
            product.pictures[picture.id] = picture
            return picture

    def change_picture(
        self,
        product: Product,
        picture: Picture,
        *,
        description: str | None = None,
        sort_order: int | None = None,
        is_thumbnail: bool | None = None,
    ) -> Picture:
        """Change what is not None.

        BigCommerce docs, productImage_Base: a picture that is given a lower priority (a higher `sort_order`) pushes
        those with the same or a greater `sort_order` back.
        """
        with self._lock:
            if sort_order is not None and sort_order > picture.sort_order:
                _push_back(product, picture, sort_order)
            if is_thumbnail:
                _unset_thumbnail(product)
            changed = replace(
                picture,
                description=picture.description if description is None else description,
                sort_order=picture.sort_order if sort_order is None else sort_order,
                is_thumbnail=picture.is_thumbnail if is_thumbnail is None else is_thumbnail,
                modified=datetime.now(UTC),
            )
            product.pictures[picture.id] = changed
            self._keep_a_thumbnail(product)
            return product.pictures[picture.id]

    def delete_picture(self, product: Product, picture: Picture) -> None:
        """Delete a picture; where it was the thumbnail, the first of the others becomes it."""
        with self._lock:
            product.pictures.pop(picture.id, None)
            self._keep_a_thumbnail(product)

    def _keep_a_thumbnail(self, product: Product) -> None:
        ordered = self.pictures(product)
        if ordered and not any(picture.is_thumbnail for picture in ordered):
            product.pictures[ordered[0].id] = replace(ordered[0], is_thumbnail=True)


def stored_stem(name: str) -> str:
    """A file's name as the store keeps it: what is not a letter, a digit, `.` or `-` becomes `_`.

    Seen in github.com/bigcommerce/api issue 102: `download (2)` became `download__2_`.
    """
    return re.sub(r"[^A-Za-z0-9.-]", "_", name) or "image"


def _unset_thumbnail(product: Product) -> None:
    for key, other in product.pictures.items():
        if other.is_thumbnail:
            product.pictures[key] = replace(other, is_thumbnail=False)


def _push_back(product: Product, moved: Picture, sort_order: int) -> None:
    for key, other in product.pictures.items():
        if key != moved.id and other.sort_order >= sort_order and other.sort_order + 1 in INT32:
            product.pictures[key] = replace(other, sort_order=other.sort_order + 1)
