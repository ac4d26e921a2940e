"""Scripted and random failures: which request meets one, and what the store answers then."""

import random
from collections import Counter
from collections.abc import Callable

from aiohttp import web

from importer.sandbox.answers import RefusedError, answer
from importer.sandbox.settings import FAULT_KINDS, LASTING_KINDS, SandboxSettings


class Faults:
    """Decides which request fails. A scripted failure comes before a random one.

    Args:
        settings: the script, and the share, seed and kinds of random failures.
    """

    def __init__(self, settings: SandboxSettings) -> None:
        self._script = {(fault.method, fault.nth): fault.kind for fault in settings.faults}
        self._seen: Counter[str] = Counter()
        self._share = settings.fault_share
        self._kinds = settings.fault_kinds or tuple(sorted(FAULT_KINDS - LASTING_KINDS))
        self._random = random.Random(settings.fault_seed)  # noqa: S311 - a rehearsal that can be repeated, no secret

    def next(self, method: str) -> str:
        """What befalls the next request with this method: one of `FAULT_KINDS`, or empty."""
        self._seen[method] += 1
        kind = self._script.get((method, self._seen[method]), "")
        if not kind and self._share and self._random.random() < self._share:
            kind = self._random.choice(self._kinds)
        return kind


def unauthorized() -> web.Response:
    """A wrong, missing or revoked token."""
    return RefusedError(401, "X-Auth-Token header is required and must be valid", {"errors": {}}).response()


def over_quota(seconds: str) -> web.Response:
    """The window's quota is used up; BigCommerce docs: `X-Retry-After` tells the whole seconds to wait."""
    response = RefusedError(429, "You have exceeded the request quota of this store").response()
    response.headers["X-Retry-After"] = seconds
    return response


def truncated(response: web.StreamResponse) -> web.Response:
    """The first two thirds of an answer's body."""
    body = response.body if isinstance(response, web.Response) else b""
    whole = body if isinstance(body, bytes) else b""
    return web.Response(body=whole[: len(whole) * 2 // 3], content_type="application/json")


def _bad_gateway() -> web.Response:
    page = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
    return web.Response(text=page, status=502, content_type="text/html")


def _limit() -> web.Response:
    """BigCommerce docs, migration errors: "you may occasionally receive a 500 for similar scenarios"."""
    return RefusedError(500, "The rate limit of the API was exceeded. Please try again later.").response()


INSTEAD: dict[str, Callable[[], web.Response]] = {
    "500": lambda: RefusedError(500, "Internal Server Error").response(),
    "500_limit": _limit,
    "502_html": _bad_gateway,
    "503": lambda: RefusedError(503, "Service Unavailable").response(),
    "504": lambda: RefusedError(504, "", {"errors": {}}).response(),
    "429_bare": lambda: answer({"status": 429, "title": "Too Many Requests", "type": ""}, 429),
    "401": unauthorized,
    "403": lambda: RefusedError(403, "You don't have a required scope to access the endpoint").response(),
}
"""Answers given instead of doing anything. The 504 is as in bigcommerce-for-wordpress issue 303."""
