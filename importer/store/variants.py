"""Variants of products: which has a SKU, what its own picture is, and how that is set and put back."""

from collections.abc import Awaitable, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from importer.models import Problem, Variant
from importer.net import NetFailure
from importer.store.answers import Answer, NotSent, whole_number
from importer.store.client import StoreClient
from importer.store.fan_out import at_once
from importer.store.lists import SkuList, matches, possible_id, possible_sku, sku_lists
from importer.store.paging import no_such_collection, pages


@dataclass(frozen=True, slots=True)
class ListedVariant:
    """A variant of the store's list; a product without options has one alone, and that has no `options` either."""

    variant: Variant
    options: bool


async def find_variant(client: StoreClient, product_id: int, variant_id: int) -> Variant | None:
    """One variant of a product, or None where the product does not have it.

    Raises:
        StoreStoppedError: the store refuses the token, cannot be reached, or keeps failing.
    """
    answer = await client.read(_path(product_id, variant_id))
    listed = None if answer is None else _parse(answer.data)
    return None if listed is None else listed.variant


async def set_variant_image(
    client: StoreClient, variant: Variant, url: str, leaving: Callable[[], Awaitable[None]]
) -> Answer | NetFailure | NotSent:
    """One POST that makes the picture at an address the variant's own, in place of the one that it had.

    BigCommerce docs, Create Variant Image: the answer's `data` is `{"image_url": …}`, an address on the store's CDN.

    Args:
        client: the store.
        variant: the variant.
        url: where the store downloads the picture from.
        leaving: awaited when the quota has let the request go, before it is sent.
    """
    path = _path(variant.product_id, variant.id) + "/image"
    return await client.request("POST", path, body={"image_url": url}, leaving=leaving)


async def restore_variant_image(
    client: StoreClient, product_id: int, variant_id: int, image_url: str
) -> Answer | Problem:
    """Give a variant the picture back that it had before, by its address on the store's CDN; empty for none.

    Returns:
        the store's answer, a 404 where the variant is gone; or why it was not done.

    Raises:
        StoreStoppedError: the store refuses the token, cannot be reached, or keeps failing.
        WaitAbandonedError: the run was stopped while this waited.
    """
    return await client.change("PUT", _path(product_id, variant_id), {"image_url": image_url})


async def variants_by_sku(
    client: StoreClient, skus: Iterable[str], progress: Callable[[int], None]
) -> dict[str, tuple[ListedVariant, ...]]:
    """The variants that have each SKU, base variants included; SKUs that no variant has are left out.

    Args:
        client: the store.
        skus: SKUs without repetition.
        progress: told how many SKUs turned out to be no variant's.

    Raises:
        StoreStoppedError: the store refuses the token, cannot be reached, or keeps failing.
    """
    asked = list(skus)
    found: dict[str, tuple[ListedVariant, ...]] = {}

    async def ask(part: SkuList) -> None:
        listed = await _listed(client, part)
        if listed is None:
            await at_once(ask(one) for one in part.single())
            return
        own = matches(part.skus, ((item.variant.sku, item) for item in listed))
        found.update((sku, tuple(items)) for sku, items in own.items())
        progress(len(part.skus) - len(own))

    progress(sum(not possible_sku(sku) for sku in asked))
    await at_once(ask(part) for part in sku_lists(asked))
    return found


async def _listed(client: StoreClient, part: SkuList) -> list[ListedVariant] | None:
    """The variants with these SKUs, or None where the store pays no heed to the list.

    `sku` is the documented filter here (BigCommerce docs, Get All Variants), `sku:in` is not, though it is in wide use:
    a store that does not know it answers with all that it has.
    """
    wanted = {sku.casefold() for sku in part.skus}
    listed: list[ListedVariant] = []
    async with aclosing(pages(client, "/catalog/variants", part.query)) as found:
        async for page in found:
            if page is None:
                raise no_such_collection("/catalog/variants")
            fresh = [item for data in page if (item := _parse(data)) is not None]
            own = [item for item in fresh if item.variant.sku.casefold() in wanted]
            if len(own) < len(fresh) and len(part.skus) > 1:
                return None
            listed += own
    return listed


def _path(product_id: int, variant_id: int) -> str:
    return f"/catalog/products/{product_id}/variants/{variant_id}"


def _parse(data: Any) -> ListedVariant | None:
    """One `productVariant_Full` of BigCommerce's docs, or None where it has no usable ids."""
    if not isinstance(data, dict) or not all(
        possible_id(whole_number(data.get(name))) for name in ("id", "product_id")
    ):
        return None
    variant = Variant(
        id=data["id"],
        product_id=data["product_id"],
        sku=str(data.get("sku") or ""),
        image_url=str(data.get("image_url") or ""),
    )
    return ListedVariant(variant, options=bool(data.get("option_values")))
