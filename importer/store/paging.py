"""Collections of the store, page by page."""

from dataclasses import dataclass
from typing import Any

from importer.errors import StoreStoppedError
from importer.models import ProblemCode
from importer.store.client import StoreClient

_PAGE = 250
"""BigCommerce docs, Get All Products: at most 250 items on a page."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a collection; `last` where nothing comes after it, `counted` where the answer says how many come."""

    items: list[dict[str, Any]]
    last: bool
    counted: bool


async def read_page(client: StoreClient, path: str, query: dict[str, str], number: int) -> Page | None:
    """One page of a collection, counted from 1, or None where the store says 404.

    A page shorter than was asked for is not taken for the last one where the answer counts its pages: some stores and
    some `include`s lower the page size, and a picture overlooked would be uploaded again.

    Raises:
        StoreStoppedError: the store refuses the token, cannot be reached, or keeps failing.
    """
    answer = await client.read(path, query | {"limit": str(_PAGE), "page": str(number)})
    if answer is None:
        return None
    found = answer.data if isinstance(answer.data, list) else []
    pages = _total_pages(answer.body)
    last = not found or (number >= pages if pages else len(found) < _PAGE)
    return Page([item for item in found if isinstance(item, dict)], last, pages > 0)


async def collection(client: StoreClient, path: str, query: dict[str, str]) -> list[dict[str, Any]] | None:
    """Every item of a collection, or None where the store says 404.

    Raises:
        StoreStoppedError: the store refuses the token, cannot be reached, or keeps failing.
    """
    items: list[dict[str, Any]] = []
    known: set[object] = set()
    number = 1
    while True:
        page = await read_page(client, path, query, number)
        if page is None:
            return None if number == 1 else items
        ids = {item["id"] for item in page.items if type(item.get("id")) is int}
        # A store that pays no heed to the page number would repeat itself without end.
        if ids <= known and not page.counted:
            return items
        known |= ids
        items += page.items
        if page.last:
            return items
        number += 1


def no_such_collection(path: str) -> StoreStoppedError:
    """What to raise where the store says 404 to a collection that every store has."""
    return StoreStoppedError(
        f"There is no {path} at the store's API address.",
        ProblemCode.STORE_REJECTED,
        "Check the store hash and --api-url, then run the same command again.",
    )


def _total_pages(body: Any) -> int:
    """BigCommerce docs, metaCollection_Full: `meta.pagination.total_pages`; 0 where the answer does not say."""
    try:
        return int(body["meta"]["pagination"]["total_pages"])
    except (KeyError, TypeError, ValueError):
        return 0
