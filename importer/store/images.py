"""The pictures of one product: GET lists them, POST adds one, and the rule by which the store names their files."""

import re
from collections.abc import Callable
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from importer.models import ImageRow, StoreImage
from importer.net import NetFailure
from importer.store.answers import Answer, NotSent, parse_image, parse_images
from importer.store.client import StoreClient
from importer.store.paging import collection


async def list_images(client: StoreClient, product_id: int) -> tuple[StoreImage, ...] | None:
    """Every picture that a product has, in the store's order, or None where there is no such product.

    Raises:
        StoreStoppedError: the store refuses the token, cannot be reached, or keeps failing.
    """
    items = await collection(client, f"/catalog/products/{product_id}/images", {})
    return None if items is None else parse_images(items)


async def find_image(client: StoreClient, product_id: int, image_id: int) -> StoreImage | None:
    """One picture of a product, or None where the product does not have it.

    Raises:
        StoreStoppedError: the store refuses the token, cannot be reached, or keeps failing.
    """
    answer = await client.read(f"/catalog/products/{product_id}/images/{image_id}")
    return None if answer is None else parse_image(answer.data)


async def add_image(
    client: StoreClient, product_id: int, row: ImageRow, leaving: Callable[[], None]
) -> Answer | NetFailure | NotSent:
    """One POST of one picture by its address (BigCommerce docs, Create a Product Image).

    `leaving` is called just before the request is sent.
    """
    body: dict[str, str | int | bool] = {"image_url": row.sent_url}
    if row.description:
        body["description"] = row.description
    if row.sort_order is not None:
        body["sort_order"] = row.sort_order
    if row.is_thumbnail is not None:
        body["is_thumbnail"] = row.is_thumbnail
    return await client.request("POST", f"/catalog/products/{product_id}/images", body=body, leaving=leaving)


def stored_name(image_file: str) -> str:
    """The stem of a picture that the store holds: `o/381/my-mug__98178.png` gives `my-mug`.

    The store adds two underscores and five digits (seen in every example of the official OpenAPI file).
    """
    stem = PurePosixPath(image_file.lower()).stem
    return _plain(re.sub(r"__\d{5}$", "", stem))


def expected_name(url: str) -> str:
    """The stem under which the store is expected to keep a picture from this address, empty where it has no name."""
    return _plain(PurePosixPath(unquote(urlsplit(url).path).lower()).stem)


def _plain(stem: str) -> str:
    return re.sub(r"[^a-z0-9.-]", "_", stem)
