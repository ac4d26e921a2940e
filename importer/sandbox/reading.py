"""The store's GET endpoints: products, variants and pictures."""

from collections.abc import Collection, Mapping

from aiohttp import web

from importer.sandbox.answers import RefusedError, answer, chosen, invalid_field, not_found, page
from importer.sandbox.answers import product_json as show_product
from importer.sandbox.answers import variant_json as show_variant
from importer.sandbox.catalog import Catalog, Product, Variant
from importer.sandbox.pictures import Picture
from importer.sandbox.routes import Ids

_SHAPE = {"page", "limit", "include_fields", "exclude_fields"}
_INCLUDES = {"images", "primary_image", "variants"}


class Reading:
    """Answers about what the catalog holds; nothing here changes it."""

    def __init__(self, catalog: Catalog, store_hash: str) -> None:
        self._catalog = catalog
        self._hash = store_hash

    async def products(self, request: web.BaseRequest, _ids: Ids) -> web.Response:
        """GET /catalog/products. `sku` and `sku:in` look at main SKUs only (BigCommerce docs)."""
        query = request.query
        _only(query, _SHAPE | {"id", "id:in", "sku", "sku:in", "include"})
        part, meta = page(query, self._found_products(query))
        include = included(query)
        data = [chosen(show_product(self._catalog, product, self._hash, include), query) for product in part]
        return answer({"data": data, "meta": meta})

    async def product(self, request: web.BaseRequest, ids: Ids) -> web.Response:
        """GET /catalog/products/{product_id}."""
        _only(request.query, {"include", "include_fields", "exclude_fields"})
        shown = show_product(self._catalog, self.product_of(request, ids), self._hash, included(request.query))
        return answer({"data": chosen(shown, request.query), "meta": {}})

    async def variants(self, request: web.BaseRequest, _ids: Ids) -> web.Response:
        """GET /catalog/variants. `sku:in` is used in the wild, though the docs name `sku` only."""
        query = request.query
        _only(query, _SHAPE | {"id", "id:in", "sku", "sku:in", "product_id", "product_id:in"})
        part, meta = page(query, self._found_variants(query))
        data = [chosen(show_variant(self._catalog, variant), query) for variant in part]
        return answer({"data": data, "meta": meta})

    async def variants_of_product(self, request: web.BaseRequest, ids: Ids) -> web.Response:
        """GET /catalog/products/{product_id}/variants."""
        _only(request.query, _SHAPE)
        part, meta = page(request.query, self.product_of(request, ids).variants)
        data = [chosen(show_variant(self._catalog, variant), request.query) for variant in part]
        return answer({"data": data, "meta": meta})

    async def variant(self, request: web.BaseRequest, ids: Ids) -> web.Response:
        """GET /catalog/products/{product_id}/variants/{variant_id}."""
        _only(request.query, {"include_fields", "exclude_fields"})
        shown = show_variant(self._catalog, self.variant_of(request, ids))
        return answer({"data": chosen(shown, request.query), "meta": {}})

    async def images(self, request: web.BaseRequest, ids: Ids) -> web.Response:
        """GET /catalog/products/{product_id}/images."""
        _only(request.query, _SHAPE)
        product = self.product_of(request, ids)
        part, meta = page(request.query, self._catalog.pictures(product))
        if product.no_content and not product.pictures:
            return web.Response(status=204)
        data = [chosen(picture.as_json(self._hash), request.query) for picture in part]
        return answer({"data": data, "meta": meta})

    async def image(self, request: web.BaseRequest, ids: Ids) -> web.Response:
        """GET /catalog/products/{product_id}/images/{image_id}."""
        _only(request.query, {"include_fields", "exclude_fields"})
        picture = self.picture_of(request, ids)
        return answer({"data": chosen(picture.as_json(self._hash), request.query), "meta": {}})

    def product_of(self, request: web.BaseRequest, ids: Ids) -> Product:
        """The product in the path.

        Raises:
            RefusedError: there is none with this id (404).
        """
        product = self._catalog.product(ids[0])
        if product is None:
            raise not_found("product", ids[0], request.path)
        return product

    def picture_of(self, request: web.BaseRequest, ids: Ids) -> Picture:
        """The picture in the path.

        Raises:
            RefusedError: there is no such product, or no such picture of it (404).
        """
        picture = self.product_of(request, ids).pictures.get(ids[1])
        if picture is None:
            raise not_found("product image", ids[1], request.path)
        return picture

    def variant_of(self, request: web.BaseRequest, ids: Ids) -> Variant:
        """The variant in the path.

        Raises:
            RefusedError: there is no such product, or no such variant of it (404).
        """
        product, variant = self.product_of(request, ids), self._catalog.variant(ids[1])
        if variant is None or variant.product_id != product.id:
            raise not_found("product variant", ids[1], request.path)
        return variant

    def _found_products(self, query: Mapping[str, str]) -> list[Product]:
        """By the index that the filters allow, so that the work is for what is asked and not for what there is."""
        ids, skus = _numbers(query, "id", "id:in"), _texts(query, "sku", "sku:in")
        if ids is not None:
            found = [product for key in sorted(ids) if (product := self._catalog.product(key)) is not None]
            return [product for product in found if skus is None or product.sku in skus]
        return self._catalog.products() if skus is None else self._catalog.products_with(skus)

    def _found_variants(self, query: Mapping[str, str]) -> list[Variant]:
        ids, skus = _numbers(query, "id", "id:in"), _texts(query, "sku", "sku:in")
        owners = _numbers(query, "product_id", "product_id:in")
        if ids is not None:
            found = [variant for key in sorted(ids) if (variant := self._catalog.variant(key)) is not None]
        elif skus is not None:
            found = self._catalog.variants_with(skus)
        elif owners is not None:
            products = [self._catalog.product(key) for key in sorted(owners)]
            return [variant for product in products if product is not None for variant in product.variants]
        else:
            return self._catalog.variants()
        return [
            variant
            for variant in found
            if (skus is None or variant.sku in skus) and (owners is None or variant.product_id in owners)
        ]


def included(query: Mapping[str, str]) -> set[str]:
    """The sub-resources that `include` asks for (BigCommerce docs)."""
    return set(query.get("include", "").split(",")) & _INCLUDES


def _only(query: Collection[str], allowed: set[str]) -> None:
    """Refuse filters that are unknown here, in the words seen from the real store."""
    unknown = [name for name in dict.fromkeys(query) if name not in allowed]
    if unknown:
        words = f"The filter(s): {','.join(unknown)} are not valid filter parameter(s)."
        raise RefusedError(422, words, {"errors": {}})


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
