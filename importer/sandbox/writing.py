"""The store's endpoints that change one picture: POST, PUT and DELETE."""

from aiohttp import web

from importer.sandbox.answers import RefusedError, answer
from importer.sandbox.catalog import MAX_IMAGES, Catalog, LimitReachedError, Product
from importer.sandbox.intake import Intake, json_object, wishes_of
from importer.sandbox.reading import Reading
from importer.sandbox.routes import Ids


class Writing:
    """Changes to a product's pictures, one at a time."""

    def __init__(self, catalog: Catalog, reading: Reading, intake: Intake, store_hash: str) -> None:
        self._catalog = catalog
        self._reading = reading
        self._intake = intake
        self._hash = store_hash

    async def add(self, request: web.BaseRequest, ids: Ids) -> web.Response:
        """POST /catalog/products/{product_id}/images, by address (JSON) or with the file itself (multipart)."""
        product = self._reading.product_of(request, ids)
        refuse_unwilling(product)
        if len(product.pictures) >= MAX_IMAGES:
            raise full()
        if request.content_type == "multipart/form-data":
            new = await self._intake.from_form(request)
        else:
            new = await self._intake.by_address(wishes_of(await json_object(request)))
        # Asked for again: it may have been deleted during the download.
        product = self._reading.product_of(request, ids)
        try:
            picture = self._catalog.add_picture(product, new)
        except LimitReachedError as error:
            raise full() from error
        return answer({"data": picture.as_json(self._hash), "meta": {}})

    async def change(self, request: web.BaseRequest, ids: Ids) -> web.Response:
        """PUT …/images/{image_id}. A new `image_url` is taken and ignored (bigcommerce/api issue 102)."""
        picture = self._reading.picture_of(request, ids)
        wishes = wishes_of(await json_object(request))
        changed = self._catalog.change_picture(
            self._reading.product_of(request, ids),
            picture,
            description=wishes.description,
            sort_order=wishes.sort_order,
            is_thumbnail=wishes.is_thumbnail,
        )
        return answer({"data": changed.as_json(self._hash), "meta": {}})

    async def remove(self, request: web.BaseRequest, ids: Ids) -> web.Response:
        """DELETE …/images/{image_id}."""
        picture = self._reading.picture_of(request, ids)
        self._catalog.delete_picture(self._reading.product_of(request, ids), picture)
        return web.Response(status=204)


def refuse_unwilling(product: Product) -> None:
    """Refuse what the product in question never takes.

    Raises:
        RefusedError: it is locked (423), or its writes fail (503).
    """
    if product.post_status == 423:
        raise RefusedError(423, "The resource is currently locked.")
    if product.post_status:
        raise RefusedError(product.post_status, "Service Unavailable")


def full() -> RefusedError:
    """A product that has as many pictures as BigCommerce allows."""
    return RefusedError(422, f"The product has reached the maximum of {MAX_IMAGES} images.", {"errors": {}})
