"""The network: sessions, names, TLS, and the translation of foreign errors. Knows neither BigCommerce nor files."""

import ssl

import aiohttp

from importer.net.diagnosis import diagnose
from importer.net.failures import FailureKind, NetFailure, translate
from importer.net.once import SingleFlight
from importer.net.patience import Patience
from importer.net.probing import Contexts, Greetings, Target, greet
from importer.net.resolver import Resolver, is_private
from importer.net.retry_after import retry_after_seconds
from importer.net.tls import Handshake, legacy_context, modern_context, outdated_context, speaks_legacy
from importer.net.waiting import waited

__all__ = [
    "Contexts",
    "FailureKind",
    "Greetings",
    "Handshake",
    "NetFailure",
    "Patience",
    "Resolver",
    "SingleFlight",
    "Target",
    "diagnose",
    "greet",
    "is_private",
    "legacy_context",
    "modern_context",
    "open_session",
    "outdated_context",
    "retry_after_seconds",
    "speaks_legacy",
    "translate",
    "waited",
]


def open_session(
    context: ssl.SSLContext,
    *,
    resolver: Resolver,
    connections: int,
    timeout: aiohttp.ClientTimeout,
    headers: dict[str, str],
    decompress: bool = True,
) -> aiohttp.ClientSession:
    """A session that verifies every host as `context` does, keeps no cookies and connects where `resolver` says.

    Without `decompress`, bodies come as they were sent, so that their reader can bound what becomes of them.
    """
    connector = aiohttp.TCPConnector(
        ssl=context,
        resolver=resolver,
        limit=connections,
        ttl_dns_cache=None,
    )
    return aiohttp.ClientSession(
        connector=connector,
        timeout=timeout,
        headers=headers,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=decompress,
    )
