"""One request to the store, as it is to be sent."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

_LONGEST_CONNECT = 30.0


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be sent.

    Attributes:
        method: the HTTP method.
        path: what comes after `/v3`.
        params: the query.
        body: sent as JSON.
        leaving: awaited before a byte is sent.
        timeout: seconds for the whole answer, None for the session's own.
    """

    method: str
    path: str
    params: Mapping[str, str] | None = None
    body: Any = None
    leaving: Callable[[], Awaitable[None]] | None = None
    timeout: float | None = None


def answer_in(seconds: float) -> aiohttp.ClientTimeout:
    """Patience of so many seconds with a whole answer, and of at most 30 with the connection."""
    return aiohttp.ClientTimeout(total=seconds, sock_connect=min(_LONGEST_CONNECT, seconds))
