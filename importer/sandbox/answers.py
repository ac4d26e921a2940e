"""The store's JSON: error bodies, pages of a collection, products and variants as the API shows them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from importer.sandbox.catalog import Catalog, Product, Variant

STATUS_CODES_PAGE = "https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes"
_DEFAULT_LIMIT = 50
_MAX_LIMIT = 250
"""BigCommerce docs, LimitParam: 50 unless told, at most 250."""
_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode


class RefusedError(Exception):
    """A request that the store answers with an error.

    Args:
        status: the HTTP status.
        title: the body's title.
        more: further members of the body, such as `errors` or `code`.
    """

    def __init__(self, status: int, title: str, more: Mapping[str, Any] | None = None) -> None:
        super().__init__(status, title)
        self.status = status
        self.body: dict[str, Any] = {"status": status, "title": title, "type": STATUS_CODES_PAGE} | dict(more or {})

    def response(self) -> web.Response:
        """The answer."""
        return answer(self.body, self.status)


def answer(body: Any, status: int = 200) -> web.Response:
    """A JSON answer."""
    return web.Response(body=_encode(body).encode(), status=status, headers={"Content-Type": "application/json"})


def not_found(what: str, key: int, path: str) -> RefusedError:
    """BigCommerce docs, images: 404 with `status`, `title`, `type` and `instance`."""
    return RefusedError(404, f"A {what} was not found with an id of {key}.", {"instance": path})


def invalid_field(field: str, reason: str) -> RefusedError:
    """A field that the store does not take; the title is as third-party logs show it."""
    return RefusedError(422, f"The field '{field}' is invalid.", {"errors": {field: reason}})


def page(query: Mapping[str, str], items: Sequence[Any]) -> tuple[Sequence[Any], dict[str, Any]]:
    """One page of a collection and its `meta`. BigCommerce docs: `pagination_Full`.

    Raises:
        RefusedError: `page` or `limit` is not a whole number from 1 up.
    """
    number, limit = _positive(query, "page", 1), min(_positive(query, "limit", _DEFAULT_LIMIT), _MAX_LIMIT)
    pages = -(-len(items) // limit)
    part = items[(number - 1) * limit : number * limit]
    others = {key: value for key, value in query.items() if key not in {"page", "limit"}}

    def link(to: int) -> str:
        return "?" + urlencode(others | {"page": str(to), "limit": str(limit)}, safe=":,")

    links = {"current": link(number)}
    if number > 1:
        links["previous"] = link(number - 1)
    if number < pages:
        links["next"] = link(number + 1)
    meta = {
        "pagination": {
            "total": len(items),
            "count": len(part),
            "per_page": limit,
            "current_page": number,
            "total_pages": pages,
            "links": links,
        }
    }
    return part, meta


def _positive(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0):
        raise invalid_field(name, "error.expected.integer")
    return int(text)


def chosen(item: dict[str, Any], query: Mapping[str, str]) -> dict[str, Any]:
    """`include_fields` and `exclude_fields`, comma lists; the id is always shown (BigCommerce docs)."""
    kept, dropped = query.get("include_fields", ""), query.get("exclude_fields", "")
    names = set(kept.split(",")) | {"id", "images", "primary_image", "variants"} if kept else set(item)
    names -= set(dropped.split(",")) - {"id"} if dropped else set()
    return {name: value for name, value in item.items() if name in names}


def product_json(catalog: Catalog, product: Product, store_hash: str, include: set[str]) -> dict[str, Any]:
    """A product as `product_Full` (BigCommerce docs), with the sub-resources asked for."""
    base = next((variant.id for variant in product.variants if variant.base), None)
    shown: dict[str, Any] = {
        "id": product.id,
        "name": product.name,
        "type": "physical",
        "sku": product.sku,
        "description": f"<p>{product.name}</p>",
        "weight": 1,
        "price": 19.9,
        "calculated_price": 19.9,
        "categories": [],
        "is_visible": True,
        "availability": "available",
        "condition": "New",
        "inventory_level": 25,
        "inventory_tracking": "none",
        "date_created": "2024-03-01T09:00:00+00:00",
        "date_modified": "2024-03-01T09:00:00+00:00",
    }
    if base is not None:
        shown["base_variant_id"] = base
    pictures = catalog.pictures(product)
    if "images" in include:
        shown["images"] = [picture.as_json(store_hash) for picture in pictures]
    if "primary_image" in include:
        first = next((picture for picture in pictures if picture.is_thumbnail), None)
        shown |= {"primary_image": first.as_json(store_hash)} if first else {}
    if "variants" in include:
        shown["variants"] = [variant_json(catalog, variant) for variant in product.variants]
    return shown


def variant_json(catalog: Catalog, variant: Variant) -> dict[str, Any]:
    """A variant as `productVariant_Full` (BigCommerce docs)."""
    options = [{"id": variant.id + 9_000, "option_id": 77, "label": variant.sku, "option_display_name": "Choice"}]
    return ({} if variant.base else {"sku_id": variant.id + 4_000}) | {
        "id": variant.id,
        "product_id": variant.product_id,
        "sku": variant.sku,
        "price": None,
        "calculated_price": 19.9,
        "weight": None,
        "purchasing_disabled": False,
        "image_url": catalog.variant_image(variant.id),
        "upc": "",
        "inventory_level": 25,
        "option_values": [] if variant.base else options,
    }
