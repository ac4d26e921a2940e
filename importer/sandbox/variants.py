"""The store's endpoints that change a variant's picture. It has one, and a new one takes its place."""

from aiohttp import web

from importer.sandbox.answers import answer, variant_json
from importer.sandbox.catalog import Catalog, Variant
from importer.sandbox.intake import Intake, Wishes, json_object, wishes_of
from importer.sandbox.pictures import CDN
from importer.sandbox.reading import Reading
from importer.sandbox.routes import Ids
from importer.sandbox.writing import refuse_unwilling

_ENDINGS = frozenset({"gif", "jpg", "png"})
"""BigCommerce docs, Create a Variant Image: "GIF, JPEG, or PNG"."""


class Variants:
    """Changes to variants."""

    def __init__(self, catalog: Catalog, reading: Reading, intake: Intake, store_hash: str) -> None:
        self._catalog = catalog
        self._reading = reading
        self._intake = intake
        self._hash = store_hash

    async def set_image(self, request: web.BaseRequest, ids: Ids) -> web.Response:
        """POST /catalog/products/{product_id}/variants/{variant_id}/image, by address."""
        variant = self._reading.variant_of(request, ids)
        refuse_unwilling(self._reading.product_of(request, ids))
        address = await self._taken(variant, wishes_of(await json_object(request)))
        self._catalog.set_variant_image(self._reading.variant_of(request, ids).id, address)
        return answer({"data": {"image_url": address}, "meta": {}})

    async def change(self, request: web.BaseRequest, ids: Ids) -> web.Response:
        """PUT /catalog/products/{product_id}/variants/{variant_id}: `image_url` alone matters here.

        An empty one takes the picture away, and one of this store's own is set as it is.
        """
        variant = self._reading.variant_of(request, ids)
        wishes = wishes_of(await json_object(request))
        address = wishes.image_url
        if address and not address.startswith(f"{CDN}/s-{self._hash}/"):
            address = await self._taken(variant, wishes)
            variant = self._reading.variant_of(request, ids)
        if address is not None:
            self._catalog.set_variant_image(variant.id, address)
        return answer({"data": variant_json(self._catalog, variant), "meta": {}})

    async def _taken(self, variant: Variant, wishes: Wishes) -> str:
        new = await self._intake.by_address(wishes, _ENDINGS)
        return self._catalog.new_variant_address(variant.id, new.ending, self._hash)
