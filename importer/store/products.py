"""Finding products by id and by SKU, with the pictures they have, in few requests."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from importer.errors import StoreStoppedError
from importer.models import ProblemCode, Product
from importer.store.answers import parse_images
from importer.store.client import StoreClient
from importer.store.images import list_images
from importer.store.paging import collection

_IDS_PER_REQUEST = 100
_SKU_CHARACTERS_PER_REQUEST = 3_000
_SKUS_PER_REQUEST = 100
_INLINED_IMAGES_TRUSTED = 50
"""How many pictures `include=images` shows at most is not documented; a fuller product is read again by itself."""


@dataclass(frozen=True, slots=True)
class FoundProducts:
    """Products by id, and by each SKU asked for; an ambiguous SKU has several."""

    by_id: dict[int, Product] = field(default_factory=dict)
    by_sku: dict[str, tuple[Product, ...]] = field(default_factory=dict)


async def find_products(
    client: StoreClient, ids: Iterable[int], skus: Iterable[str], progress: Callable[[int], None] = lambda _: None
) -> FoundProducts:
    """Look products up: ids and main SKUs by the hundred, then the variants of the SKUs that are left.

    Args:
        client: the store to ask.
        ids: product ids, without repetition.
        skus: SKUs as the spreadsheet has them, without repetition.
        progress: told the number of ids and SKUs settled by each request.

    Raises:
        StoreStoppedError: the store refuses the token, cannot be reached, or keeps failing.
    """
    found = FoundProducts()
    for chunk in _chunks([str(number) for number in ids], _IDS_PER_REQUEST):
        for product in await _products(client, {"id:in": ",".join(chunk)}):
            found.by_id[product.id] = product
        progress(len(chunk))
    missing = list(skus)
    for chunk in _chunks(missing, _SKUS_PER_REQUEST):
        products: list[Product] = []
        for query in _sku_queries(chunk):
            products += await _products(client, query)
        found.by_sku.update(_matches(chunk, [(product.sku, product) for product in products]))
        progress(sum(sku in found.by_sku for sku in chunk))
    missing = [sku for sku in missing if sku not in found.by_sku]
    for chunk in _chunks(missing, _SKUS_PER_REQUEST):
        found.by_sku.update(await _by_variants(client, chunk, found.by_id))
        progress(len(chunk))
    return found


async def _by_variants(
    client: StoreClient, skus: list[str], known: dict[int, Product]
) -> dict[str, tuple[Product, ...]]:
    """The products whose variants have these SKUs. A product's own `sku` filter sees only main SKUs."""
    variants = [variant for query in _sku_queries(skus) for variant in await _variants(client, query)]
    wanted = {sku.casefold() for sku in skus}
    if any(sku.casefold() not in wanted for sku, _ in variants):
        # `sku` is the documented filter here, `sku:in` is not: a store that ignores it answers with everything.
        variants = [variant for sku in skus for variant in await _variants(client, {"sku": sku})]
    parents = {number for _, number in variants} - known.keys()
    products = {number: known[number] for _, number in variants if number in known}
    for chunk in _chunks(sorted(map(str, parents)), _IDS_PER_REQUEST):
        for product in await _products(client, {"id:in": ",".join(chunk)}):
            products[product.id] = product
    return _matches(skus, [(sku, products[number]) for sku, number in variants if number in products])


def _matches(skus: list[str], found: list[tuple[str, Product]]) -> dict[str, tuple[Product, ...]]:
    """For each SKU the products that have it: to the letter where there is one, else whatever the case."""
    exact: dict[str, dict[int, Product]] = {}
    folded: dict[str, dict[int, Product]] = {}
    for sku, product in found:
        exact.setdefault(sku, {})[product.id] = product
        folded.setdefault(sku.casefold(), {})[product.id] = product
    matches = {sku: exact.get(sku) or folded.get(sku.casefold()) for sku in skus}
    return {sku: tuple(products.values()) for sku, products in matches.items() if products}


def _sku_queries(skus: list[str]) -> list[dict[str, str]]:
    """Filters that together ask for all the SKUs; one with a comma in it cannot be part of a comma list."""
    queries = [{"sku": sku} for sku in skus if "," in sku]
    part: list[str] = []
    length = 0
    for sku in (sku for sku in skus if "," not in sku):
        if part and length + len(sku) > _SKU_CHARACTERS_PER_REQUEST:
            queries.append({"sku:in": ",".join(part)})
            part, length = [], 0
        part.append(sku)
        length += len(sku) + 1
    return queries + ([{"sku:in": ",".join(part)}] if part else [])


async def _products(client: StoreClient, query: dict[str, str]) -> list[Product]:
    products: list[Product] = []
    for item in await _items(client, "/catalog/products", query | {"include": "images"}):
        product = Product(item["id"], str(item.get("sku") or ""), parse_images(item.get("images")))
        if len(product.images) >= _INLINED_IMAGES_TRUSTED:
            product = replace(product, images=await list_images(client, product.id) or ())
        products.append(product)
    return products


async def _variants(client: StoreClient, query: dict[str, str]) -> list[tuple[str, int]]:
    """(SKU, product id) of each variant."""
    items = await _items(client, "/catalog/variants", query)
    return [
        (str(item.get("sku") or ""), item["product_id"]) for item in items if isinstance(item.get("product_id"), int)
    ]


async def _items(client: StoreClient, path: str, query: dict[str, str]) -> list[dict[str, Any]]:
    items = await collection(client, path, query)
    if items is None:
        raise StoreStoppedError(
            f"There is no {path} at the store's API address.",
            ProblemCode.STORE_REJECTED,
            "Check the store hash and --api-url, then run the same command again.",
        )
    return [item for item in items if isinstance(item.get("id"), int)]


def _chunks(items: list[str], size: int) -> list[list[str]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
