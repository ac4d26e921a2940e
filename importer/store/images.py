"""The pictures of one product: GET lists them, POST adds one, and the rule by which the store names their files."""

import re
from collections.abc import Callable
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from importer.models import ImageRow, StoreImage
from importer.net import NetFailure
from importer.store.answers import Answer, parse_image
from importer.store.client import StoreClient

_PAGE = 250
"""BigCommerce docs, Get All Products: at most 250 items on a page."""


async def list_images(client: StoreClient, product_id: int) -> tuple[StoreImage, ...] | None:
    """Every picture that a product has, in the store's order, or None where there is no such product.

    Raises:
        StoreStoppedError: the store refuses the token, cannot be reached, or keeps failing.
    """
    found: list[StoreImage] = []
    page = 1
    while True:
        params = {"limit": str(_PAGE), "page": str(page)}
        answer = await client.read(f"/catalog/products/{product_id}/images", params)
        if answer is None:
            return None
        items = answer.data if isinstance(answer.data, list) else []
        found += [image for item in items if (image := parse_image(item)) is not None]
        if len(items) < _PAGE:
            return tuple(found)
        page += 1


async def add_image(
    client: StoreClient, product_id: int, row: ImageRow, leaving: Callable[[], None]
) -> Answer | NetFailure:
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
