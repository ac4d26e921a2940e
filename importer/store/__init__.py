"""The store: requests and answers, its quota, and what its answers mean. Nothing else knows BigCommerce's API."""

from importer.store.answers import Answer, parse_image
from importer.store.client import StoreClient, open_store
from importer.store.images import add_image, expected_name, list_images, stored_name
from importer.store.products import FoundProducts, find_products
from importer.store.verdict import Accepted, RetryAfter, RetryPolicy, RowFails, RunStops, Verdict, judge, unreadable

__all__ = [
    "Accepted",
    "Answer",
    "FoundProducts",
    "RetryAfter",
    "RetryPolicy",
    "RowFails",
    "RunStops",
    "StoreClient",
    "Verdict",
    "add_image",
    "expected_name",
    "find_products",
    "judge",
    "list_images",
    "open_store",
    "parse_image",
    "stored_name",
    "unreadable",
]
