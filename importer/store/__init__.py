"""The store: requests and answers, its quota, and what its answers mean. Nothing else knows BigCommerce's API."""

from importer.store.answers import Answer, NotSent, parse_image
from importer.store.batch import MAX_PRODUCTS_PER_UPDATE, ProductUpdate, update_products
from importer.store.client import StoreClient
from importer.store.images import (
    add_image,
    change_image,
    delete_image,
    expected_name,
    find_image,
    list_images,
    stored_name,
)
from importer.store.opening import open_store
from importer.store.products import FoundProducts, find_products, lookup_requests, read_products
from importer.store.rate_limits import Pace
from importer.store.telling_names import telling_names
from importer.store.variants import find_variant, restore_variant_image, set_variant_image
from importer.store.verdict import (
    Accepted,
    RetryAfter,
    RetryPolicy,
    RowFails,
    RunStops,
    Tries,
    Verdict,
    judge,
    unreadable,
)

__all__ = [
    "MAX_PRODUCTS_PER_UPDATE",
    "Accepted",
    "Answer",
    "FoundProducts",
    "NotSent",
    "Pace",
    "ProductUpdate",
    "RetryAfter",
    "RetryPolicy",
    "RowFails",
    "RunStops",
    "StoreClient",
    "Tries",
    "Verdict",
    "add_image",
    "change_image",
    "delete_image",
    "expected_name",
    "find_image",
    "find_products",
    "find_variant",
    "judge",
    "list_images",
    "lookup_requests",
    "open_store",
    "parse_image",
    "read_products",
    "restore_variant_image",
    "set_variant_image",
    "stored_name",
    "telling_names",
    "unreadable",
    "update_products",
]
