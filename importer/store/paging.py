"""Collections of the store, page by page."""

from typing import Any

from importer.store.client import StoreClient

_PAGE = 250
"""BigCommerce docs, Get All Products: at most 250 items on a page."""


async def collection(client: StoreClient, path: str, query: dict[str, str]) -> list[dict[str, Any]] | None:
    """Every item of a collection, or None where the store says 404.

    A page shorter than was asked for is not taken for the last one where the answer counts its pages: some stores and
    some `include`s lower the page size, and a picture overlooked would be uploaded again.

    Raises:
        StoreStoppedError: the store refuses the token, cannot be reached, or keeps failing.
    """
    items: list[dict[str, Any]] = []
    page = 1
    while True:
        answer = await client.read(path, query | {"limit": str(_PAGE), "page": str(page)})
        if answer is None:
            return None if page == 1 else items
        found = answer.data if isinstance(answer.data, list) else []
        items += [item for item in found if isinstance(item, dict)]
        pages = _total_pages(answer.body)
        if not found or (page >= pages if pages else len(found) < _PAGE):
            return items
        page += 1


def _total_pages(body: Any) -> int:
    """BigCommerce docs, metaCollection_Full: `meta.pagination.total_pages`; 0 where the answer does not say."""
    try:
        return int(body["meta"]["pagination"]["total_pages"])
    except (KeyError, TypeError, ValueError):
        return 0
