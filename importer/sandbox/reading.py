"""The store's GET endpoints: products, variants and pictures."""

from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

from aiohttp import web

from importer.sandbox.answers import RefusedError, answer, chosen, invalid_field, not_found, page
from importer.sandbox.answers import product_json as show_product
from importer.sandbox.answers import variant_json as show_variant
from importer.sandbox.catalog import Catalog, Picture, Product

_SHAPE = {"page", "limit", "include_fields", "exclude_fields"}
_INCLUDES = {"images", "primary_image", "variants"}
_Item = TypeVar("_Item")


class Reading:
    """Answers about what the catalog holds; nothing here changes it."""

    def __init__(self, catalog: Catalog, store_hash: str) -> None:
        self._catalog = catalog
        self._hash = store_hash

    async def products(self, request: web.Request) -> web.Response:
        """GET /catalog/products. `sku` and `sku:in` look at main SKUs only (BigCommerce docs)."""
        query = request.query
        _only(query, _SHAPE | {"id", "id:in", "sku", "sku:in", "include"})
        found = self._catalog.products()
        found = _filtered(found, _numbers(query, "id", "id:in"), lambda product: product.id)
        found = _filtered(found, _texts(query, "sku", "sku:in"), lambda product: product.sku)
        part, meta = page(query, found)
        include = _include(query)
        data = [chosen(show_product(self._catalog, product, self._hash, include), query) for product in part]
        return answer({"data": data, "meta": meta})

    async def product(self, request: web.Request) -> web.Response:
        """GET /catalog/products/{product_id}."""
        _only(request.query, {"include", "include_fields", "exclude_fields"})
        shown = show_product(self._catalog, self.product_of(request), self._hash, _include(request.query))
        return answer({"data": chosen(shown, request.query), "meta": {}})

    async def variants(self, request: web.Request) -> web.Response:
        """GET /catalog/variants. `sku:in` is used in the wild, though the docs name `sku` only."""
        query = request.query
        _only(query, _SHAPE | {"id", "id:in", "sku", "sku:in", "product_id", "product_id:in"})
        found = self._catalog.variants()
        found = _filtered(found, _numbers(query, "id", "id:in"), lambda variant: variant.id)
        found = _filtered(found, _numbers(query, "product_id", "product_id:in"), lambda variant: variant.product_id)
        found = _filtered(found, _texts(query, "sku", "sku:in"), lambda variant: variant.sku)
        part, meta = page(query, found)
        return answer({"data": [chosen(show_variant(variant), query) for variant in part], "meta": meta})

    async def images(self, request: web.Request) -> web.Response:
        """GET /catalog/products/{product_id}/images."""
        _only(request.query, _SHAPE)
        product = self.product_of(request)
        part, meta = page(request.query, self._catalog.pictures(product))
        if product.no_content and not product.pictures:
            return web.Response(status=204)
        data = [chosen(picture.as_json(self._hash), request.query) for picture in part]
        return answer({"data": data, "meta": meta})

    async def image(self, request: web.Request) -> web.Response:
        """GET /catalog/products/{product_id}/images/{image_id}."""
        _only(request.query, {"include_fields", "exclude_fields"})
        picture = self.picture_of(request)
        return answer({"data": chosen(picture.as_json(self._hash), request.query), "meta": {}})

    def product_of(self, request: web.Request) -> Product:
        """The product in the path.

        Raises:
            RefusedError: there is none with this id (404).
        """
        key = int(request.match_info["product_id"])
        product = self._catalog.product(key)
        if product is None:
            raise not_found("product", key, request.path)
        return product

    def picture_of(self, request: web.Request) -> Picture:
        """The picture in the path.

        Raises:
            RefusedError: there is no such product, or no such picture of it (404).
        """
        key = int(request.match_info["image_id"])
        picture = self.product_of(request).pictures.get(key)
        if picture is None:
            raise not_found("product image", key, request.path)
        return picture


def _only(query: Collection[str], allowed: set[str]) -> None:
    """Refuse filters that are unknown here, in the words seen from the real store."""
    unknown = [name for name in dict.fromkeys(query) if name not in allowed]
    if unknown:
        words = f"The filter(s): {','.join(unknown)} are not valid filter parameter(s)."
        raise RefusedError(422, words, {"errors": {}})


def _include(query: Mapping[str, str]) -> set[str]:
    return set(query.get("include", "").split(",")) & _INCLUDES


def _numbers(query: Mapping[str, str], one: str, many: str) -> set[int] | None:
    texts = _texts(query, one, many)
    if texts is None:
        return None
    if not all(text.isascii() and text.isdigit() and len(text) < 19 for text in texts):
        raise invalid_field(one, "error.expected.integer")
    return {int(text) for text in texts}


def _texts(query: Mapping[str, str], one: str, many: str) -> set[str] | None:
    """The values that a filter allows, or None where it is not given."""
    allowed: set[str] | None = None
    if one in query:
        allowed = {query[one]}
    if many in query:
        listed = set(query[many].split(","))
        allowed = listed if allowed is None else allowed & listed
    return allowed


def _filtered(items: list[_Item], allowed: Collection[object] | None, key: Callable[[_Item], object]) -> list[_Item]:
    return items if allowed is None else [item for item in items if key(item) in allowed]
