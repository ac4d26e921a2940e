"""Do the id and the SKU of a row mean the same product? A wrong number must not put a picture on another product."""

import re
from collections.abc import Sequence

from importer.models import ImageRow, Problem, ProblemCode, Product
from importer.problems import problem
from importer.store import FoundProducts, StoreClient, find_products

_NO_SKU = frozenset(("", "-", "--", "n/a", "na", "nan", "none", "null", "#n/a"))
"""Words for nothing: beside an id they are no SKU."""
_WHOLE = re.compile(r"'*0*(\d+?)(?:\.0+)?", re.ASCII)
_LONGEST_SHOWN = 100

Pair = tuple[int, str]
"""The product id and the SKU of a row."""


async def disagreements(rows: Sequence[ImageRow], found: FoundProducts, client: StoreClient) -> dict[Pair, Problem]:
    """The ids and SKUs that stand in one row and are not one product's, with the problem that such a row has.

    A product that was found by its id says its own SKU, so the store is asked again only for those that differ: they
    may be a variant's of that very product.

    Args:
        rows: the rows.
        found: the products with the rows' ids.
        client: the store to ask.

    Raises:
        StoreStoppedError: the store refuses the token, cannot be reached, or keeps failing.
    """
    doubted = [pair for pair in _pairs(rows) if not _own(found.by_id.get(pair[0]), pair[1])]
    if not doubted:
        return {}
    by_sku = (await find_products(client, (), dict.fromkeys(sku for _, sku in doubted))).by_sku
    wrong: dict[Pair, Problem] = {}
    for number, sku in doubted:
        product, owners = found.by_id.get(number), by_sku.get(sku, ())
        if product is None and not owners:
            continue  # a product that the store does not have, whichever way one looks
        agrees = product is not None and (
            any(owner.id == product.id for owner in owners) or _shortened(product, sku, owners)
        )
        if not agrees:
            wrong[number, sku] = _mismatch(number, sku, product, owners)
    return wrong


def _pairs(rows: Sequence[ImageRow]) -> dict[Pair, None]:
    pairs = ((row.product_id, row.sku) for row in rows if row.sku and row.sku.casefold() not in _NO_SKU)
    return {(number, sku): None for number, sku in pairs if number is not None}


def _own(product: Product | None, sku: str) -> bool:
    """Whether this is the product's own SKU. BigCommerce docs: a SKU is unique "regardless of the letter case"."""
    return product is not None and product.sku.strip().casefold() == sku.strip().casefold()


def _shortened(product: Product, sku: str, owners: Sequence[Product]) -> bool:
    """Whether the SKU is the product's own as spreadsheet programs write numbers: `451` or `451.0` for `00451`."""
    written, own = _WHOLE.fullmatch(sku), _WHOLE.fullmatch(product.sku)
    return not owners and written is not None and own is not None and written[1] == own[1]


def _mismatch(number: int, sku: str, product: Product | None, owners: Sequence[Product]) -> Problem:
    sku = sku[:_LONGEST_SHOWN]
    if product is None:
        by_id = f"there is no product {number}"
    elif product.sku:
        by_id = f"the product {number} has the SKU {product.sku[:_LONGEST_SHOWN]}"
    else:
        by_id = f"the product {number} has no SKU"
    ids = ", ".join(str(owner.id) for owner in owners[:10])
    by_sku = f"no product has the SKU {sku}"
    if owners:
        by_sku = f"the SKU {sku} belongs to the product{'' if len(owners) == 1 else 's'} {ids}"
    return problem(
        ProblemCode.PRODUCT_MISMATCH,
        f"The row says product id {number} and SKU {sku}. In the store, {by_id}, and {by_sku}.",
    )
