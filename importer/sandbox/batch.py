"""PUT /catalog/products: up to ten products with all their pictures in one request."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from importer.sandbox.answers import RefusedError, answer, chosen, invalid_field, not_found, product_json
from importer.sandbox.catalog import MAX_IMAGES, Catalog, Product
from importer.sandbox.intake import Intake, Wishes, json_body, wishes_of
from importer.sandbox.pictures import NewPicture, Picture
from importer.sandbox.reading import included
from importer.sandbox.routes import Ids
from importer.sandbox.settings import SandboxSettings
from importer.sandbox.writing import full, refuse_unwilling

_MOST_PRODUCTS = 10
"""BigCommerce docs, Update Products (Batch): "Batches are limited to 10 products"."""


@dataclass(frozen=True, slots=True)
class _Order:
    """What a batch asks for one product: pictures to change by id, and addresses to add; None for no `images`."""

    product_id: int
    changes: tuple[tuple[int, Wishes], ...]
    additions: tuple[Wishes, ...]
    names_images: bool


class Batch:
    """The batch endpoint; of a product, only `id` and `images` matter here.

    Args:
        catalog: what is changed.
        intake: takes pictures in.
        store_hash: the store's hash.
        settings: what becomes of pictures that are not named, and of a batch with a bad picture.
    """

    def __init__(self, catalog: Catalog, intake: Intake, store_hash: str, settings: SandboxSettings) -> None:
        self._catalog = catalog
        self._intake = intake
        self._hash = store_hash
        self._replaces = settings.batch_images == "replace"
        self._partial = settings.batch_failure == "partial"

    async def update(self, request: web.BaseRequest, _ids: Ids) -> web.Response:
        """Take all pictures in first, and only then change anything."""
        items = _items(await json_body(request))
        refused: list[RefusedError] = []
        ready: list[tuple[_Order, list[NewPicture]]] = []
        for item in items:
            try:
                order = _order(item)
                self._product_for(order, request.path)
                ready.append((order, [await self._intake.by_address(wishes) for wishes in order.additions]))
            except RefusedError as error:
                refused.append(self._or_whole(error))
        # Looked at again: much may have changed during the downloads. From here on nothing else comes between.
        fit: list[tuple[Product, _Order, list[NewPicture]]] = []
        for order, new in ready:
            try:
                fit.append((self._product_for(order, request.path), order, new))
            except RefusedError as error:
                refused.append(self._or_whole(error))
        if not fit:
            raise refused[0]
        for product, order, new in fit:
            self._change(product, order, new)
        include = included(request.query)
        data = [chosen(product_json(self._catalog, it, self._hash, include), request.query) for it, _, _ in fit]
        if not refused:
            return answer({"data": data, "meta": {}})
        return answer({"data": data, "errors": refused[0].body, "meta": {}}, 207)

    def _or_whole(self, error: RefusedError) -> RefusedError:
        """The refusal of one product, if it does not refuse the whole batch.

        A picture's own 400 becomes 422, because the documented answers to a batch know no 400.

        Raises:
            RefusedError: it does.
        """
        if error.status == 400:
            more = {key: value for key, value in error.body.items() if key not in {"status", "title"}}
            error = RefusedError(422, error.body["title"], more)
        if not self._partial:
            raise error
        return error

    def _product_for(self, order: _Order, path: str) -> Product:
        """The product, if all that is asked for can be done.

        Raises:
            RefusedError: there is no such product (404) or picture (422), or it takes no more (422, 423, 503).
        """
        product = self._catalog.product(order.product_id)
        if product is None:
            raise not_found("product", order.product_id, path)
        if order.names_images:
            refuse_unwilling(product)
        if any(key not in product.pictures for key, _ in order.changes):
            raise invalid_field("images", "error.image.not_found")
        kept = len(order.changes) if self._replaces else len(product.pictures)
        if kept + len(order.additions) > MAX_IMAGES:
            raise full()
        return product

    def _change(self, product: Product, order: _Order, new: Sequence[NewPicture]) -> None:
        named = {key for key, _ in order.changes}
        if self._replaces and order.names_images:
            for picture in self._catalog.pictures(product):
                if picture.id not in named:
                    self._catalog.delete_picture(product, picture)
        for key, wishes in order.changes:
            self._apply(product, product.pictures[key], wishes)
        for addition in new:
            self._catalog.add_picture(product, addition)

    def _apply(self, product: Product, picture: Picture, wishes: Wishes) -> None:
        wanted = (wishes.description, wishes.sort_order, wishes.is_thumbnail)
        if wanted != (None, None, None):
            self._catalog.change_picture(
                product,
                picture,
                description=wishes.description,
                sort_order=wishes.sort_order,
                is_thumbnail=wishes.is_thumbnail,
            )


def _items(body: Any) -> list[Any]:
    """The products of a batch.

    Raises:
        RefusedError: there are more than ten (413), none, or one twice (422).
    """
    if not isinstance(body, list) or not body:
        raise RefusedError(422, "JSON data is missing or invalid", {"errors": {"": "error.expected.jsarray"}})
    if len(body) > _MOST_PRODUCTS:
        words = f"The request payload is too large. The maximum items allowed in the array is {_MOST_PRODUCTS}."
        raise RefusedError(413, words, {"errors": {}})
    ids = [item.get("id") for item in body if isinstance(item, dict)]
    if any(ids.count(key) > 1 for key in ids if key is not None):
        raise invalid_field("id", "error.duplicate")
    return body


def _order(item: Any) -> _Order:
    """One product of a batch.

    Raises:
        RefusedError: the id is missing or a picture is described wrongly (422).
    """
    if not isinstance(item, dict) or not _is_id(item.get("id")):
        raise invalid_field("id", "error.path.missing")
    images = item.get("images")
    listed = [] if images is None else images
    if not isinstance(listed, list) or not all(isinstance(image, dict) for image in listed):
        raise invalid_field("images", "error.expected.jsarray")
    changes: list[tuple[int, Wishes]] = []
    additions: list[Wishes] = []
    for image in listed:
        if image.get("id") is None:
            additions.append(wishes_of(image))
        elif _is_id(image["id"]):
            changes.append((image["id"], wishes_of(image)))
        else:
            raise invalid_field("images", "error.expected.integer")
    return _Order(item["id"], tuple(changes), tuple(additions), images is not None)


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
