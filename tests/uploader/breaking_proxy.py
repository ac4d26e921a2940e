"""A proxy in front of the pretend store that lets every request through and spoils answers on the TCP level."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

BAD_RECORD = b"\x17\x03\x03\x00\x20" + bytes(32)
"""A TLS record that nobody can decrypt (RFC 8446, 5.1: type, version, length)."""
PLAIN_TEXT = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"
"""What a gateway may say that has lost its way in the middle of an encrypted connection."""


class _Proxy:
    def __init__(self, host: str, port: int, instead: Callable[[], bytes | None]) -> None:
        self._host, self._port, self._instead = host, port, instead

    async def serve(self, client: asyncio.StreamReader, answers: asyncio.StreamWriter) -> None:
        """One connection, until either side ends it."""
        store, requests = await asyncio.open_connection(self._host, self._port)
        ways = [asyncio.create_task(self._pass(client, requests)), asyncio.create_task(self._answer(store, answers))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            requests.close()
            answers.close()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(65_536):
            target.write(data)

    async def _answer(self, store: asyncio.StreamReader, answers: asyncio.StreamWriter) -> None:
        while data := await store.read(65_536):
            spoilt = self._instead()
            answers.write(data if spoilt is None else spoilt)
            if spoilt is not None:
                await answers.drain()
                return


@contextmanager
def breaking_proxy(address: str, instead: Callable[[], bytes | None]) -> Iterator[str]:
    """The address of a proxy to an https address.

    Args:
        address: where the store is.
        instead: asked whenever the store sends something: what to send instead before the connection is closed, or
            None to pass it on.
    """
    parts = urlsplit(address)
    proxy = _Proxy(parts.hostname or "", parts.port or 443, instead)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        started = asyncio.start_server(proxy.serve, "127.0.0.1", 0)
        server = asyncio.run_coroutine_threadsafe(started, loop).result()
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        asyncio.run_coroutine_threadsafe(_stopped(server), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _stopped(server: asyncio.Server) -> None:
    server.close()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
