"""What the pretend store holds: products, variants and their pictures, found by id and by SKU. No HTTP here."""

import random
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from importer.sandbox.pictures import (
    CDN,
    NewPicture,
    Picture,
    Whims,
    in_order,
    keep_a_thumbnail,
    push_back,
    unset_thumbnail,
)

MAX_IMAGES = 1000
"""BigCommerce docs, Create a Product Image: "A product can have up to 1000 images"."""


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
        post_status: the status that every picture added gets (423 locked, 503 failing), 0 for the normal course.
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

    Attributes:
        whims: what the store does to pictures that nobody asked for.
    """

    def __init__(self, seed: int = 0) -> None:
        self.whims = Whims()
        self._products: dict[int, Product] = {}
        self._by_sku: dict[str, list[Product]] = {}
        self._variants: dict[int, Variant] = {}
        self._variants_by_sku: dict[str, list[Variant]] = {}
        self._variant_images: dict[int, str] = {}
        self._sorted: list[Product] | None = None
        self._lock = threading.RLock()
        self._random = random.Random(seed)  # noqa: S311 - file names, no secret
        self._next_image = 401
        self._next_variant = 501

    def add_product(self, product: Product, variant_skus: Iterable[str] = ()) -> None:
        """Take a product in, with a variant for each SKU, or with a base variant where there is none."""
        with self._lock:
            skus = tuple(variant_skus)
            product.variants = tuple(
                Variant(self._next_variant + at, product.id, sku, base=not skus)
                for at, sku in enumerate(skus or (product.sku,))
            )
            self._next_variant += len(product.variants)
            self._products[product.id] = product
            self._by_sku.setdefault(product.sku, []).append(product)
            for variant in product.variants:
                self._variants[variant.id] = variant
                self._variants_by_sku.setdefault(variant.sku, []).append(variant)
            self._sorted = None

    def delete_product(self, product_id: int) -> None:
        """There is no such product any more; nothing happens where there was none."""
        with self._lock:
            product = self._products.pop(product_id, None)
            if product is None:
                return
            self._by_sku[product.sku].remove(product)
            for variant in product.variants:
                del self._variants[variant.id]
                self._variants_by_sku[variant.sku].remove(variant)
            self._sorted = None

    def product(self, product_id: int) -> Product | None:
        """The product with this id, or None."""
        return self._products.get(product_id)

    def products(self) -> list[Product]:
        """All products by id."""
        with self._lock:
            if self._sorted is None:
                self._sorted = [self._products[key] for key in sorted(self._products)]
            return self._sorted

    def products_with(self, skus: Iterable[str]) -> list[Product]:
        """The products that have one of these main SKUs, by id."""
        with self._lock:
            return sorted(
                (product for sku in skus for product in self._by_sku.get(sku, ())), key=lambda product: product.id
            )

    def variant(self, variant_id: int) -> Variant | None:
        """The variant with this id, or None."""
        return self._variants.get(variant_id)

    def variants(self) -> list[Variant]:
        """All variants, product by product."""
        return [variant for product in self.products() for variant in product.variants]

    def variants_with(self, skus: Iterable[str]) -> list[Variant]:
        """The variants that have one of these SKUs, product by product."""
        with self._lock:
            return sorted(
                (variant for sku in skus for variant in self._variants_by_sku.get(sku, ())),
                key=lambda variant: (variant.product_id, variant.id),
            )

    def variant_image(self, variant_id: int) -> str:
        """The address of a variant's picture, empty where it has none."""
        return self._variant_images.get(variant_id, "")

    def set_variant_image(self, variant_id: int, address: str) -> None:
        """Give a variant the picture at this address of the store's own CDN, or none where it is empty."""
        self._variant_images[variant_id] = address

    def new_variant_address(self, variant_id: int, ending: str, store_hash: str) -> str:
        """A new address for a variant's picture; nothing of the original's name is in it."""
        with self._lock:
            number = self._random.randrange(10**10)
        return f"{CDN}/s-{store_hash}/product_images/attribute_rule_images/{variant_id}_source_{number:010d}.{ending}"

    def pictures(self, product: Product) -> list[Picture]:
        """A product's pictures in the order that the shop shows them."""
        with self._lock:
            return in_order(product.pictures)

    def add_picture(self, product: Product, new: NewPicture) -> Picture:
        """Store a picture.

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
                sort_order=self.whims.sort_order(product.pictures, new.sort_order, self._random),
                is_thumbnail=new.is_thumbnail,
                modified=datetime.now(UTC),
            )
            self._next_image += 1
            return self.whims.add(product.pictures, picture)

    def change_picture(
        self,
        product: Product,
        picture: Picture,
        *,
        description: str | None = None,
        sort_order: int | None = None,
        is_thumbnail: bool | None = None,
    ) -> Picture:
        """Change what is not None."""
        with self._lock:
            if sort_order is not None:
                push_back(product.pictures, picture, sort_order)
            if is_thumbnail:
                unset_thumbnail(product.pictures)
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
        if not self.whims.lose_thumbnail:
            keep_a_thumbnail(product.pictures)
