"""HTTP sessions: connections that verify every host, keep no cookies and leave nothing behind."""

import asyncio
import ssl
from weakref import ref

import aiohttp
from aiohttp.client_reqrep import ClientRequest
from aiohttp.connector import Connection
from aiohttp.tracing import Trace

from importer.net.resolver import Resolver

_LONGEST_HEADER = 65_536
"""Bytes. aiohttp's own 8 kB are too little for some security headers."""
_KEEP_ALIVE = 3.0
"""Seconds that a connection is kept without use; some systems allow a process no more than 256."""


class _Connector(aiohttp.TCPConnector):
    """Ends every connection together with the session.

    A TLS connection that was given up, after a timeout say, would otherwise wait for its peer's goodbye for up to 30
    seconds. aiohttp's own remedy (`enable_cleanup_closed`) holds the buffers of all such connections for two seconds,
    which comes to hundreds of megabytes where hosts ignore Range.
    """

    def __init__(self, context: ssl.SSLContext, resolver: Resolver, connections: int) -> None:
        super().__init__(
            ssl=context, resolver=resolver, limit=connections, ttl_dns_cache=None, keepalive_timeout=_KEEP_ALIVE
        )
        self._opened: dict[int, ref[asyncio.Transport]] = {}
        self.versions: dict[tuple[str, int], str] = {}

    async def connect(
        self,
        req: ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - aiohttp's own signature
    ) -> Connection:
        connection = await super().connect(req, traces, timeout)
        transport = connection.transport
        if transport is not None:
            known = self._opened.get(id(transport))
            if known is None or known() is not transport:
                self._opened[id(transport)] = ref(transport)
                tls = transport.get_extra_info("ssl_object")
                if tls is not None:
                    self.versions[req.url.raw_host or "", req.url.port or 443] = tls.version() or ""
        return connection

    async def close(self, *, abort_ssl: bool = False) -> None:
        await super().close(abort_ssl=abort_ssl)
        for opened in self._opened.values():
            transport = opened()
            if transport is not None:
                transport.abort()
        # One turn of the loop, in which aborted connections are really closed.
        await asyncio.sleep(0)


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
    return aiohttp.ClientSession(
        connector=_Connector(context, resolver, connections),
        timeout=timeout,
        headers=headers,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=decompress,
        max_line_size=_LONGEST_HEADER,
        max_field_size=_LONGEST_HEADER,
    )


def negotiated(session: aiohttp.ClientSession, host: str, port: int) -> str:
    """The TLS version (`TLSv1.3`) of the last connection that a session of `open_session` made, empty if there is none.

    Args:
        session: the session.
        host: the host's name as it stands in URLs, in lower case.
        port: the port.
    """
    connector = session.connector
    return connector.versions.get((host, port), "") if isinstance(connector, _Connector) else ""
