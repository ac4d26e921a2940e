"""The network: sessions, names, TLS, and the translation of foreign errors. Knows neither BigCommerce nor files."""

import aiohttp
from aiohttp.connector import NEEDS_CLEANUP_CLOSED

from importer.net.failures import FailureKind, NetFailure, translate
from importer.net.once import SingleFlight
from importer.net.resolver import Resolver, is_private
from importer.net.tls import handshake, legacy_context, modern_context
from importer.net.waiting import waited
from importer.settings import NetworkSettings

__all__ = [
    "FailureKind",
    "NetFailure",
    "Resolver",
    "SingleFlight",
    "handshake",
    "is_private",
    "legacy_context",
    "modern_context",
    "open_session",
    "translate",
    "waited",
]


def open_session(
    network: NetworkSettings,
    *,
    resolver: Resolver,
    connections: int,
    timeout: aiohttp.ClientTimeout,
    headers: dict[str, str],
) -> aiohttp.ClientSession:
    """A session that verifies every host, keeps no cookies and connects where `resolver` says."""
    connector = aiohttp.TCPConnector(
        ssl=modern_context(network),
        resolver=resolver,
        limit=connections,
        ttl_dns_cache=None,
        # CPython before 3.12.7 keeps a TLS connection open whose peer does not say goodbye; later ones must not ask.
        enable_cleanup_closed=NEEDS_CLEANUP_CLOSED,
    )
    return aiohttp.ClientSession(
        connector=connector, timeout=timeout, headers=headers, cookie_jar=aiohttp.DummyCookieJar()
    )
