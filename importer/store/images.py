"""The pictures of one product: GET lists them, POST adds one, and the rule by which the store names their files."""

import re
from collections.abc import Awaitable, Callable
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from importer.models import ImageRow, Problem, StoreImage
from importer.net import NetFailure
from importer.store.answers import Answer, NotSent, parse_image, parse_images
from importer.store.client import StoreClient
from importer.store.paging import collection


async def list_images(client: StoreClient, product_id: int) -> tuple[StoreImage, ...] | None:
    """Every picture that a product has, in the store's order, or None where there is no such product.

    Raises:
        StoreStoppedError: the store refuses the token, cannot be reached, or keeps failing.
    """
    items = await collection(client, _path(product_id), {})
    return None if items is None else parse_images(items)


async def find_image(client: StoreClient, product_id: int, image_id: int) -> StoreImage | None:
    """One picture of a product, or None where the product does not have it.

    Raises:
        StoreStoppedError: the store refuses the token, cannot be reached, or keeps failing.
    """
    answer = await client.read(f"{_path(product_id)}/{image_id}")
    return None if answer is None else parse_image(answer.data)


async def add_image(
    client: StoreClient, product_id: int, row: ImageRow, leaving: Callable[[], Awaitable[None]]
) -> Answer | NetFailure | NotSent:
    """One POST of one picture by its address (BigCommerce docs, Create a Product Image).

    `leaving` is awaited when the quota has let the request go, before it is sent.
    """
    return await client.request("POST", _path(product_id), body=new_image(row), leaving=leaving)


async def change_image(
    client: StoreClient,
    product_id: int,
    image_id: int,
    *,
    sort_order: int | None = None,
    is_thumbnail: bool | None = None,
) -> Answer | Problem:
    """Change what is not None of a picture (BigCommerce docs, Update a Product Image).

    A picture that is given a higher `sort_order` may push others back, so read them again afterwards.

    Returns:
        the store's answer, a 404 where the picture is gone; or why it was not done.

    Raises:
        StoreStoppedError: the store refuses the token, cannot be reached, or keeps failing.
        WaitAbandonedError: the run was stopped while this waited.
    """
    body: dict[str, int | bool] = {}
    if sort_order is not None:
        body["sort_order"] = sort_order
    if is_thumbnail is not None:
        body["is_thumbnail"] = is_thumbnail
    return await client.change("PUT", f"{_path(product_id)}/{image_id}", body)


async def delete_image(client: StoreClient, product_id: int, image_id: int) -> Answer | Problem:
    """Delete a picture (BigCommerce docs, Delete a Product Image).

    Returns:
        the store's answer, a 404 where the picture is gone already; or why it was not done.

    Raises:
        StoreStoppedError: the store refuses the token, cannot be reached, or keeps failing.
        WaitAbandonedError: the run was stopped while this waited.
    """
    return await client.change("DELETE", f"{_path(product_id)}/{image_id}")


def new_image(row: ImageRow) -> dict[str, str | int | bool]:
    """A picture to be added, as the bodies of requests have it (BigCommerce docs: `productImage_Post`)."""
    body: dict[str, str | int | bool] = {"image_url": row.sent_url}
    if row.description:
        body["description"] = row.description
    if row.sort_order is not None:
        body["sort_order"] = row.sort_order
    if row.is_thumbnail is not None:
        body["is_thumbnail"] = row.is_thumbnail
    return body


def stored_name(image_file: str) -> str:
    """The stem of a picture that the store holds: `o/381/my-mug__98178.png` gives `my-mug`.

    The store adds two underscores and five digits (seen in every example of the official OpenAPI file).
    """
    stem = PurePosixPath(image_file.lower()).stem
    return _plain(re.sub(r"__\d{5}$", "", stem))


def expected_name(url: str) -> str:
    """The stem under which the store is expected to keep a picture from this address, empty where it has no name."""
    return _plain(PurePosixPath(unquote(urlsplit(url).path).lower().rpartition("/")[2]).stem)


def _path(product_id: int) -> str:
    return f"/catalog/products/{product_id}/images"


def _plain(stem: str) -> str:
    return re.sub(r"[^a-z0-9.-]", "_", stem)
