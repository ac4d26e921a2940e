"""What tests of the uploader share: a pretend store, rows for it, and one import from a fresh look to its end."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from importer.models import Checked, ImageRow, Outcome, UploadResult
from importer.sandbox import Sandbox, SandboxSettings
from importer.settings import AccessToken, NetworkSettings, StoreSettings, UploadSettings
from importer.store import StoreClient, find_products, open_store, telling_names
from importer.uploader import Journal, Remainder, upload

PRODUCTS = tuple((number, f"SKU-{number}") for number in range(1, 41))
PATIENCE: dict[str, Any] = {"first_backoff": 0.05, "longest_backoff": 0.2, "settle": 0.3, "timeout": 10.0}


@contextmanager
def running(**settings: Any) -> Iterator[Sandbox]:
    """A store with the products 1 to 40 that fetches from this computer, or with other settings."""
    chosen: dict[str, Any] = {"products": PRODUCTS, "allow_private": True, "quota": 100_000}
    with Sandbox(SandboxSettings(**(chosen | settings))) as sandbox:
        yield sandbox


def rows(pictures: str, *asked: tuple[int, str], **values: Any) -> list[ImageRow]:
    """One row for each (product id, file name)."""
    return [
        ImageRow("", number, product, "", f"{pictures}/{name}", f"{pictures}/{name}", **values)
        for number, (product, name) in enumerate(asked, start=2)
    ]


def settings_of(sandbox: Sandbox) -> StoreSettings:
    return StoreSettings(sandbox.store_hash, AccessToken(sandbox.access_token), sandbox.api_url)


def sent(
    sandbox: Sandbox,
    asked: list[ImageRow],
    folder: Path,
    *,
    watch: Callable[[Outcome], None] = lambda _: None,
    stop_at: int = 0,
    after: float = 0.0,
    remainder: Remainder | None = None,
    before: Callable[[list[Checked]], Awaitable[None]] | None = None,
    **settings: Any,
) -> UploadResult:
    """One import from a fresh look at the store to its end; `stop_at` rows or `after` seconds stop it.

    `before` happens between the look and the first request of the upload.
    """

    async def work() -> UploadResult:
        chosen = UploadSettings(**(PATIENCE | settings))
        stop = asyncio.Event()
        done: list[Outcome] = []
        if after:
            asyncio.get_running_loop().call_later(after, stop.set)

        def count(outcome: Outcome) -> None:
            watch(outcome)
            done.append(outcome)
            if stop_at and len(done) >= stop_at:
                stop.set()

        async with open_store(settings_of(sandbox), NetworkSettings(sandbox.ca_file), chosen, stop=stop) as client:
            checked = await looked_up(asked, client)
            if before is not None:
                await before(checked)
            return await upload(checked, client, journal, chosen, watch=count, stop=stop, remainder=remainder)

    journal = Journal(folder, sandbox.store_hash)
    try:
        return asyncio.run(work())
    finally:
        journal.close()


async def looked_up(asked: list[ImageRow], client: StoreClient) -> list[Checked]:
    """The rows with their products and variants; what the store does not have is left out."""
    ids = {row.product_id: None for row in asked if row.product_id is not None}
    skus = {row.sku: None for row in asked if row.product_id is None}
    found = await find_products(client, ids, skus)
    names = telling_names(row.sent_url for row in asked)
    return [
        Checked(
            row,
            product,
            variant=None if row.product_id else found.variants.get(row.sku),
            file_name=names.get(row.sent_url, ""),
        )
        for row in asked
        for product in ([found.by_id.get(row.product_id)] if row.product_id else found.by_sku.get(row.sku, ()))
        if product is not None
    ]


def written(sandbox: Sandbox, method: str, path: str, body: Any = None) -> None:
    """Somebody else changes the store."""

    async def work() -> None:
        async with open_store(settings_of(sandbox), NetworkSettings(sandbox.ca_file)) as client:
            await client.request(method, path, body=body)

    asyncio.run(work())


def interrupted(folder: Path, sandbox: Sandbox, product: int, url: str, newest_id: int = 0) -> None:
    """As if an earlier process had died between its request and the answer."""
    journal = Journal(folder, sandbox.store_hash)
    asyncio.run(journal.intend(product, (url,), newest_id))
    journal.close()


def statuses(result: UploadResult) -> list[str]:
    return [outcome.status.value for outcome in result.outcomes]


def notes(result: UploadResult) -> list[str]:
    return [outcome.note for outcome in result.outcomes]


def count(sandbox: Sandbox, method: str) -> int:
    """How many requests of a kind the store got."""
    return sum(request.method == method for request in sandbox.requests())


def names(sandbox: Sandbox, product: int) -> list[str]:
    """The stored pictures of a product in the shop's order, without the store's additions to their names."""
    images = sorted(sandbox.images(product), key=lambda image: (image["sort_order"], image["id"]))
    return [image["image_file"].rpartition("/")[2].rpartition("__")[0] for image in images]


def thumbnails(sandbox: Sandbox, product: int) -> list[str]:
    """The names of the pictures that are shown as the product's thumbnail."""
    shown = [image["image_file"] for image in sandbox.images(product) if image["is_thumbnail"]]
    return [file.rpartition("/")[2].rpartition("__")[0] for file in shown]
