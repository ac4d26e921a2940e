"""The store: requests and answers, its quota, and what its answers mean. Nothing else knows BigCommerce's API."""

from importer.store.answers import Answer, NotSent, parse_image
from importer.store.client import StoreClient, open_store
from importer.store.images import add_image, expected_name, find_image, list_images, stored_name
from importer.store.products import FoundProducts, find_products
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
    "Accepted",
    "Answer",
    "FoundProducts",
    "NotSent",
    "RetryAfter",
    "RetryPolicy",
    "RowFails",
    "RunStops",
    "StoreClient",
    "Tries",
    "Verdict",
    "add_image",
    "expected_name",
    "find_image",
    "find_products",
    "judge",
    "list_images",
    "open_store",
    "parse_image",
    "stored_name",
    "unreadable",
]
