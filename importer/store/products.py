"""Finding products by id and by SKU, with the pictures they have, in few requests."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from importer.models import Product, Variant
from importer.store.answers import parse_images, whole_number
from importer.store.client import StoreClient
from importer.store.fan_out import at_once
from importer.store.images import list_images
from importer.store.lists import IdList, SkuList, id_lists, matches, possible_id, sku_lists
from importer.store.paging import collection, no_such_collection
from importer.store.variants import ListedVariant, variants_by_sku

_PATH = "/catalog/products"
_SHAPE = {"include": "images", "exclude_fields": "description"}
"""Descriptions are whole web pages in some shops, and nothing here looks at them."""
_INLINED_IMAGES_TRUSTED = 50
"""How many pictures `include=images` shows at most is not documented; a fuller product is read again by itself."""


@dataclass(frozen=True, slots=True)
class FoundProducts:
    """What was found.

    Attributes:
        by_id: products by id.
        by_sku: the products for each SKU asked for; an ambiguous SKU has several.
        variants: for each of these SKUs that is a variant's of exactly one product, that variant. The base variant of
            a product without options is none: its SKU and its picture are the product's.
    """

    by_id: dict[int, Product] = field(default_factory=dict)
    by_sku: dict[str, tuple[Product, ...]] = field(default_factory=dict)
    variants: dict[str, Variant] = field(default_factory=dict)


def lookup_requests(ids: Iterable[int], skus: Iterable[str]) -> tuple[int, int]:
    """How many requests `find_products` makes: for the ids and main SKUs, and again where every SKU is a variant's."""
    names = len(sku_lists(skus))
    return len(id_lists(ids)) + names, names


async def find_products(
    client: StoreClient, ids: Iterable[int], skus: Iterable[str], progress: Callable[[int], None] = lambda _: None
) -> FoundProducts:
    """Look products up: ids and main SKUs by the list, then the variants of the SKUs that are left.

    Args:
        client: the store to ask.
        ids: product ids, without repetition.
        skus: SKUs as the spreadsheet has them, without repetition.
        progress: told with each answer how many more ids and SKUs it settles; together, all of them.

    Raises:
        StoreStoppedError: the store refuses the token, cannot be reached, or keeps failing.
    """
    found = FoundProducts()
    wanted, names = list(ids), list(skus)

    async def by_id(part: IdList) -> None:
        found.by_id.update(await _products_by_id(client, part))
        progress(len(part.ids))

    async def by_main_sku(part: SkuList) -> None:
        products = await _products(client, part.query)
        own = matches(part.skus, ((product.sku, product) for product in products))
        found.by_sku.update((sku, _distinct(several)) for sku, several in own.items())
        progress(len(own))

    progress(sum(not possible_id(number) for number in wanted))
    await at_once([*map(by_id, id_lists(wanted)), *map(by_main_sku, sku_lists(names))])
    # The filter of products sees main SKUs alone (BigCommerce docs), so the others may still be variants'.
    await _find_by_variants(client, [sku for sku in names if sku not in found.by_sku], found, progress)
    return found


async def read_products(client: StoreClient, ids: Sequence[int]) -> dict[int, Product]:
    """Products by id with all their pictures, many in one request; those that the store does not have are left out.

    Raises:
        StoreStoppedError: the store refuses the token, cannot be reached, or keeps failing.
    """
    parts = await at_once(_products_by_id(client, part) for part in id_lists(dict.fromkeys(ids)))
    return {number: product for part in parts for number, product in part.items()}


async def _find_by_variants(
    client: StoreClient, skus: list[str], found: FoundProducts, progress: Callable[[int], None]
) -> None:
    """Add the products, and the variants, whose variants have these SKUs."""
    listed = await variants_by_sku(client, skus, progress)
    # A SKU counts as settled with the product of the first of its variants.
    settles = Counter(variants[0].variant.product_id for variants in listed.values())
    parents = {item.variant.product_id for variants in listed.values() for item in variants}
    products = {number: found.by_id[number] for number in parents if number in found.by_id}
    progress(sum(settles[number] for number in products))

    async def read(part: IdList) -> None:
        products.update(await _products_by_id(client, part))
        progress(sum(settles[number] for number in part.ids))

    await at_once(map(read, id_lists(sorted(parents - products.keys()))))
    for sku, variants in listed.items():
        there = [item for item in variants if item.variant.product_id in products]
        owners = _distinct(products[item.variant.product_id] for item in there)
        if owners:
            found.by_sku[sku] = owners
        if len(there) == 1 and _own(there[0], owners[0]):
            found.variants[sku] = there[0].variant


def _own(item: ListedVariant, product: Product) -> bool:
    """Whether this is a variant to choose in the shop, and not the base variant of a product without options."""
    return item.options or item.variant.sku != product.sku


def _distinct(products: Iterable[Product]) -> tuple[Product, ...]:
    return tuple({product.id: product for product in products}.values())


async def _products_by_id(client: StoreClient, part: IdList) -> dict[int, Product]:
    return {product.id: product for product in await _products(client, part.query)}


async def _products(client: StoreClient, query: dict[str, str]) -> list[Product]:
    items = await collection(client, _PATH, query | _SHAPE)
    if items is None:
        raise no_such_collection(_PATH)
    products: list[Product] = []
    partly_shown: list[Product] = []
    for item in items:
        if possible_id(whole_number(item.get("id"))):
            inlined = item.get("images")
            product = Product(item["id"], str(item.get("sku") or ""), parse_images(inlined))
            whole = isinstance(inlined, list) and len(product.images) < _INLINED_IMAGES_TRUSTED
            (products if whole else partly_shown).append(product)
    read = await at_once(_with_all_images(client, product) for product in partly_shown)
    return products + [product for product in read if product is not None]


async def _with_all_images(client: StoreClient, product: Product) -> Product | None:
    """A product with all its pictures, or None where it was deleted meanwhile."""
    images = await list_images(client, product.id)
    return None if images is None else replace(product, images=images)
