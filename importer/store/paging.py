"""Collections of the store, page by page."""

from collections.abc import AsyncGenerator
from typing import Any

from importer.errors import StoreStoppedError
from importer.models import ProblemCode
from importer.store.answers import whole_number
from importer.store.client import StoreClient

_PAGE = 250
"""BigCommerce docs, Get All Products: at most 250 items on a page."""
_MOST_PAGES = 2_000
"""Half a million items. The fullest list that is asked for in full is that of a product's 1,000 pictures."""
_MOST_DIGITS = 15


async def pages(
    client: StoreClient, path: str, query: dict[str, str]
) -> AsyncGenerator[list[dict[str, Any]] | None, None]:
    """The pages of a collection, or None alone where the store says 404 to the first.

    A page shorter than was asked for is not taken for the last one where the answer counts its pages: some stores and
    some `include`s lower the page size, and a picture overlooked would be uploaded again. A page that brings nothing
    new is the last, whatever the answer counts: a store that pays no heed to the page number would repeat itself
    without end.

    Raises:
        StoreStoppedError: the store refuses the token, cannot be reached, or keeps failing.
    """
    known: set[int] = set()
    for number in range(1, _MOST_PAGES + 1):
        answer = await client.read(path, query | {"limit": str(_PAGE), "page": str(number)})
        if answer is None:
            if number == 1:
                yield None
            return
        found = answer.data if isinstance(answer.data, list) else []
        items = [item for item in found if isinstance(item, dict)]
        ids = {whole_number(item.get("id")) for item in items}
        if ids <= known:
            return
        known |= ids
        yield items
        total = _total_pages(answer.body)
        if number >= total if total else len(found) < _PAGE:
            return
    raise StoreStoppedError(
        f"The store's list {path} has no end: {_MOST_PAGES:,} pages came, each with something new.",
        ProblemCode.STORE_UNAVAILABLE,
        "Check --api-url, then run the same command again.",
    )


async def collection(client: StoreClient, path: str, query: dict[str, str]) -> list[dict[str, Any]] | None:
    """Every item of a collection, or None where the store says 404.

    Raises:
        StoreStoppedError: the store refuses the token, cannot be reached, or keeps failing.
    """
    items: list[dict[str, Any]] = []
    async for page in pages(client, path, query):
        if page is None:
            return None
        items += page
    return items


def no_such_collection(path: str) -> StoreStoppedError:
    """What to raise where the store says 404 to a collection that every store has."""
    return StoreStoppedError(
        f"There is no {path} at the store's API address.",
        ProblemCode.STORE_REJECTED,
        "Check the store hash and --api-url, then run the same command again.",
    )


def _total_pages(body: Any) -> int:
    """BigCommerce docs, metaCollection_Full: `meta.pagination.total_pages`; 0 where the answer does not say."""
    for name in ("meta", "pagination", "total_pages"):
        body = body.get(name) if isinstance(body, dict) else None
    if isinstance(body, str) and body.isascii() and body.isdigit() and len(body) <= _MOST_DIGITS:
        return int(body)
    return max(0, whole_number(body))
