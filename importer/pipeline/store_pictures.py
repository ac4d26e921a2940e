"""What products have in the store."""

from collections.abc import Sequence

from importer.models import StoreImage
from importer.settings import NetworkSettings, StoreSettings, UploadSettings
from importer.store import list_images, open_store


async def product_images(
    store: StoreSettings, network: NetworkSettings, product_ids: Sequence[int]
) -> list[tuple[int, tuple[StoreImage, ...] | None]]:
    """The pictures of each product, or None for a product that the store does not have.

    Raises:
        StoreStoppedError: the store refuses the token, cannot be reached, or keeps failing.
    """
    async with open_store(store, network, UploadSettings()) as client:
        return [(number, await list_images(client, number)) for number in product_ids]
