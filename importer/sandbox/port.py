"""The store's port: open, shut for a while, open again."""

import asyncio
import os
import socket
import ssl

from aiohttp import web

from importer.sandbox.hosts import LOOPBACK

_SHUTDOWN_SECONDS = 0.5
_BACKLOG = 128


class Port:
    """One port of loopback and the server behind it.

    Args:
        server: answers the requests.
        context: the server's certificate.

    Attributes:
        is_shut: whether the store cannot be reached at the moment. A connection that was being made just then may
            still bring a request, which is to be cut.
    """

    def __init__(self, server: web.Server, context: ssl.SSLContext) -> None:
        self._server = server
        self._context = context
        self._runner = web.ServerRunner(server, shutdown_timeout=_SHUTDOWN_SECONDS)
        self._number = 0
        self._listening: asyncio.Server | None = None
        self._outage: asyncio.Task[None] | None = None
        self.is_shut = False

    async def open(self, port: int) -> int:
        """Open the port, 0 for any free one, and tell its number.

        Raises:
            OSError: the port is taken.
        """
        await self._runner.setup()
        sock = _bound(port)
        self._number = int(sock.getsockname()[1])
        await self._listen(sock)
        return self._number

    def shut(self, seconds: float) -> None:
        """Refuse connections from now on, cut the open ones, and open again after so many seconds."""
        if self.is_shut or self._listening is None:
            return
        self.is_shut = True
        self._listening.close()
        # Bound but not listening, it refuses connections, and nobody else can take it meanwhile.
        sock = _bound(self._number)
        self._outage = asyncio.get_running_loop().create_task(self._stay_shut(sock, seconds))

    async def close(self) -> None:
        """Close for good."""
        if self._outage is not None:
            self._outage.cancel()
            await asyncio.gather(self._outage, return_exceptions=True)
        if self._listening is not None:
            self._listening.close()
        await self._runner.cleanup()

    async def _stay_shut(self, sock: socket.socket, seconds: float) -> None:
        try:
            for connection in self._server.connections:
                if connection.transport is not None:
                    connection.transport.abort()
            await asyncio.sleep(seconds)
        except BaseException:
            sock.close()
            raise
        self.is_shut = False
        await self._listen(sock)

    async def _listen(self, sock: socket.socket) -> None:
        try:
            self._listening = await asyncio.get_running_loop().create_server(
                self._server, sock=sock, ssl=self._context, backlog=_BACKLOG
            )
        except BaseException:
            sock.close()
            raise


def _bound(port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            # A port of one's own can be had again at once; on Windows this option would take it from others.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((LOOPBACK, port))
    except BaseException:
        sock.close()
        raise
    return sock
