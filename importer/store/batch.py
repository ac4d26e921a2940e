"""Pictures of several products in one request."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from importer.models import ImageRow, StoreImage
from importer.net import NetFailure
from importer.store.answers import Answer, NotSent
from importer.store.client import StoreClient
from importer.store.images import new_image

MAX_PRODUCTS_PER_UPDATE = 10
"""BigCommerce docs, Update Products (Batch): 413 "The maximum items allowed in the array is 10"."""


@dataclass(frozen=True, slots=True)
class ProductUpdate:
    """The pictures that one product is to have.

    Attributes:
        product_id: the product.
        kept: every picture that it has and keeps.
        rows: the pictures to add.
    """

    product_id: int
    kept: tuple[StoreImage, ...]
    rows: tuple[ImageRow, ...]


async def update_products(
    client: StoreClient,
    updates: Sequence[ProductUpdate],
    leaving: Callable[[], Awaitable[None]],
    timeout: float,  # noqa: ASYNC109 - the client's own, told once for the whole request
) -> Answer | NetFailure | NotSent:
    """One PUT for up to 10 products (BigCommerce docs, Update Products (Batch)).

    Whether the pictures of such a request are added to those that a product has or take their place is not documented.
    So those that stay are named by their ids: either way none is lost.

    Args:
        client: the store.
        updates: the products, each once.
        leaving: awaited when the quota has let the request go, before it is sent.
        timeout: seconds for the answer, before which the store downloads every picture.

    Raises:
        ValueError: there are more than 10 products.
    """
    if len(updates) > MAX_PRODUCTS_PER_UPDATE:
        raise ValueError(f"one request takes {MAX_PRODUCTS_PER_UPDATE} products, not {len(updates)}")
    body = [_body(update) for update in updates]
    return await client.request("PUT", "/catalog/products", body=body, leaving=leaving, timeout=timeout)


def _body(update: ProductUpdate) -> dict[str, Any]:
    kept: list[dict[str, Any]] = [{"id": image.id} for image in update.kept]
    return {"id": update.product_id, "images": kept + [new_image(row) for row in update.rows]}
