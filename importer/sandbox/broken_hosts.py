"""Hosts that do not get as far as an answer: nobody listens, nobody accepts, no TLS, no reply."""

import asyncio
import socket
import ssl
from collections.abc import Callable

_LOOPBACK = "127.0.0.1"
_MOST_FILLERS = 16
_FILL_SECONDS = 0.1


class BrokenHosts:
    """Opens the broken hosts' ports and closes them all again."""

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []
        self._servers: list[asyncio.Server] = []
        self._open: set[asyncio.BaseTransport] = set()

    def refused(self) -> int:
        """A port that is taken but not listened on, so that every connection to it is refused."""
        return self._bound().getsockname()[1]  # type: ignore[no-any-return]  # socket addresses are untyped

    async def unanswered(self) -> int:
        """A port whose queue of waiting connections is full and never emptied.

        Linux drops further connections, so they time out; where the system refuses them instead, so be it.
        """
        listener = self._bound()
        # One waiting connection, not none: macOS takes 0 to mean its longest queue.
        listener.listen(1)
        loop = asyncio.get_running_loop()
        for _ in range(_MOST_FILLERS):
            filler = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            filler.setblocking(False)
            self._sockets.append(filler)
            try:
                async with asyncio.timeout(_FILL_SECONDS):
                    await loop.sock_connect(filler, listener.getsockname())
            except OSError:
                # TimeoutError is an OSError: either way the queue is full now.
                break
        return listener.getsockname()[1]  # type: ignore[no-any-return]  # socket addresses are untyped

    async def not_tls(self) -> int:
        """A port that answers in plain HTTP, whatever it is told."""
        return await self._serve(lambda: _PlainHttp(self._open), None)

    async def lost(self, context: ssl.SSLContext) -> int:
        """A port that reads a request and hangs up without an answer."""
        return await self._serve(lambda: _HangUp(self._open), context)

    async def shut(self) -> int:
        """A port that closes every connection at once."""
        return await self._serve(lambda: _Shut(self._open), None)

    async def close(self) -> None:
        """Close every socket and every connection."""
        for server in self._servers:
            server.close()
        for transport in tuple(self._open):
            if isinstance(transport, asyncio.Transport):
                transport.abort()
        for sock in self._sockets:
            sock.close()
        # One turn of the loop, so that aborted connections are really closed.
        await asyncio.sleep(0)

    def _bound(self) -> socket.socket:
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._sockets.append(sock)
        sock.bind((_LOOPBACK, 0))
        return sock

    async def _serve(self, factory: Callable[[], asyncio.Protocol], context: ssl.SSLContext | None) -> int:
        server = await asyncio.get_running_loop().create_server(factory, _LOOPBACK, 0, ssl=context)
        self._servers.append(server)
        return server.sockets[0].getsockname()[1]  # type: ignore[no-any-return]  # socket addresses are untyped


class _Shut(asyncio.Protocol):
    """Hangs up at once."""

    def __init__(self, connections: set[asyncio.BaseTransport]) -> None:
        self._connections = connections
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._connections.add(transport)
        if isinstance(transport, asyncio.Transport):
            self._transport = transport
            self.greet(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if self._transport is not None:
            self._connections.discard(self._transport)

    def greet(self, transport: asyncio.Transport) -> None:
        """What happens to a new connection."""
        transport.close()


class _HangUp(_Shut):
    """Hangs up once a request was read."""

    def greet(self, transport: asyncio.Transport) -> None:
        """Wait for the request."""

    def data_received(self, data: bytes) -> None:
        if b"\r\n\r\n" in data and self._transport is not None:
            self._transport.close()


class _PlainHttp(_HangUp):
    """Answers in plain HTTP, as a server does whose TLS is not switched on."""

    def data_received(self, data: bytes) -> None:
        del data
        if self._transport is not None:
            self._transport.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
            self._transport.close()
