"""Which endpoint a request is for. A table and no router: the store is measured against, so it must cost little."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from aiohttp import web

from importer.sandbox.answers import RefusedError

Ids: TypeAlias = tuple[int, ...]
"""The numbers in a path, from the left."""
Endpoint: TypeAlias = Callable[[web.BaseRequest, Ids], Awaitable[web.Response]]

_LONGEST_ID = 18
"""Digits; more than any 64-bit number has are no id."""


@dataclass(frozen=True, slots=True)
class Route:
    """What a path names: the endpoint and the ids in it, of which the first is the product's where there is one."""

    endpoint: Endpoint
    ids: Ids


class Routes:
    """The endpoints by path and method.

    Args:
        table: path below /catalog, such as `products/{}/images`, to method to endpoint; `{}` stands for an id.
        base: everything before, such as `/stores/HASH/v3/catalog/`.
    """

    def __init__(self, table: Mapping[str, Mapping[str, Endpoint]], base: str) -> None:
        self._table = {
            tuple(None if part == "{}" else part for part in path.split("/")): methods
            for path, methods in table.items()
        }
        self._base = base

    def find(self, method: str, raw_path: str) -> Route:
        """The endpoint for a method and a path as sent; where there is none, one that answers 404 or 405."""
        path = raw_path.partition("?")[0]
        if not path.startswith(self._base):
            return Route(_unknown, ())
        shape: list[str | None] = []
        ids: list[int] = []
        for part in path[len(self._base) :].split("/"):
            if part.isascii() and part.isdigit() and len(part) <= _LONGEST_ID:
                ids.append(int(part))
                shape.append(None)
            else:
                shape.append(part)
        methods = self._table.get(tuple(shape))
        if methods is None:
            return Route(_unknown, ())
        return Route(methods.get(method, _not_allowed), tuple(ids))


async def _unknown(request: web.BaseRequest, _ids: Ids) -> web.Response:
    raise RefusedError(404, "The route is not found", {"instance": request.path})


async def _not_allowed(request: web.BaseRequest, _ids: Ids) -> web.Response:
    raise RefusedError(405, "Method Not Allowed", {"detail": f"{request.method} is not allowed here"})
