"""A session takes long headers, and with it ends every connection that it ever opened, whatever its peer does."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import trustme

from importer.net import FailureKind, Resolver, modern_context, open_session, translate
from importer.settings import ConnectTo, NetworkSettings

NAME = "a.example"
AUTHORITY = trustme.CA()
OK = b"HTTP/1.1 200 OK\r\n"
SMALL = OK + b"Content-Length: 2\r\n\r\nhi"


class Peer:
    """A host that shakes hands and answers, but that never hangs up and never says goodbye.

    Attributes:
        talks: its connections; each is done once the visitor has ended it.
    """

    def __init__(self, answer: bytes, tls: ssl.SSLContext | None) -> None:
        self.talks: list[asyncio.Task[Any]] = []
        self._answer = answer
        self._tls = tls

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.talks.append(task)
        try:
            with suppress(ConnectionError):
                await (self._secret(reader, writer) if self._tls else self._plain(reader, writer))
        finally:
            writer.transport.abort()

    @property
    def still_open(self) -> int:
        """How many connections the visitor has not ended."""
        return sum(not talk.done() for talk in self.talks)

    async def _plain(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            if data.endswith(b"\r\n\r\n"):
                writer.write(self._answer)

    async def _secret(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert self._tls is not None
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        side = self._tls.wrap_bio(incoming, outgoing, server_side=True)
        while data := await reader.read(65_536):
            incoming.write(data)
            # A goodbye is a message like any other here, and is not returned.
            with suppress(ssl.SSLWantReadError, ssl.SSLZeroReturnError):
                side.do_handshake()
                if side.read(65_536).endswith(b"\r\n\r\n"):
                    side.write(self._answer)
            writer.write(outgoing.read())


@asynccontextmanager
async def visited(
    answer: bytes, *, tls: bool = False, dumb: bool = False
) -> AsyncIterator[tuple[Peer, aiohttp.ClientSession, str]]:
    """A peer, a session that trusts it, and the address to ask; when the block ends, so does the session.

    Args:
        answer: what the peer says to every request.
        tls: whether it is asked by https.
        dumb: whether it does not even shake hands.
    """
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert(NAME).configure_cert(server_side)
    peer = Peer(answer, server_side if tls and not dumb else None)
    server = await asyncio.start_server(peer.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    network = NetworkSettings(None, (ConnectTo(NAME, 443, "127.0.0.1", port), ConnectTo(NAME, 80, "127.0.0.1", port)))
    with AUTHORITY.cert_pem.tempfile() as ca_file:
        context = modern_context(NetworkSettings(Path(ca_file)))
    session = open_session(
        context,
        resolver=Resolver(network, allow_private=False),
        connections=10,
        timeout=aiohttp.ClientTimeout(total=5),
        headers={},
    )
    try:
        yield peer, session, f"{'https' if tls else 'http'}://{NAME}/x"
        await session.close()
        await asyncio.wait(peer.talks, timeout=1)
        assert not peer.still_open, "connections are still open after the end of the session"
    finally:
        await session.close()
        server.close()
        for talk in peer.talks:
            talk.cancel()
        await asyncio.gather(*peer.talks, return_exceptions=True)


def run(work: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        await work()

    asyncio.run(main())


@pytest.mark.parametrize("size", [9_000, 60_000])
@pytest.mark.parametrize("name", ["Content-Security-Policy", "Location"])
def test_long_headers_are_taken(name: str, size: int) -> None:
    async def work() -> None:
        answer = OK + f"{name}: {'x' * size}\r\n".encode() + b"Content-Length: 0\r\n\r\n"
        async with visited(answer) as (_, session, url), session.get(url) as response:
            assert len(response.headers[name]) == size

    run(work)


def test_a_header_without_end_is_not_taken() -> None:
    async def work() -> None:
        async with visited(OK + b"X: " + b"x" * 200_000 + b"\r\n\r\n") as (_, session, url):
            with pytest.raises(aiohttp.ClientError) as caught:
                await session.get(url)
            assert translate(caught.value).kind is FailureKind.BAD_ANSWER

    run(work)


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
def test_connections_at_rest_end_with_the_session(*, tls: bool) -> None:
    async def work() -> None:
        async with visited(SMALL, tls=tls) as (peer, session, url):
            for _ in range(3):
                async with session.get(url) as response:
                    assert await response.read() == b"hi"
            assert (len(peer.talks), peer.still_open) == (1, 1)

    run(work)


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
@pytest.mark.parametrize("answer", [b"", OK + b"Content-Length: 500\r\n\r\nand that is all"], ids=["silent", "slow"])
def test_connections_of_requests_that_took_too_long_end_with_the_session(answer: bytes, *, tls: bool) -> None:
    async def work() -> None:
        async with visited(answer, tls=tls) as (peer, session, url):

            async def ask() -> None:
                async with session.get(url, timeout=aiohttp.ClientTimeout(total=0.2)) as response:
                    await response.read()

            results = await asyncio.gather(*(ask() for _ in range(5)), return_exceptions=True)
            assert {translate(error).kind for error in results if error} == {FailureKind.READ_TIMEOUT}
            assert len(peer.talks) == 5

    run(work)


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
def test_connections_still_in_use_end_with_the_session(*, tls: bool) -> None:
    async def work() -> None:
        async with visited(OK + b"Content-Length: 500\r\n\r\nbeginning", tls=tls) as (peer, session, url):
            responses = [await session.get(url) for _ in range(3)]
            assert (len(peer.talks), peer.still_open) == (3, 3)
        for response in responses:
            response.close()

    run(work)


def test_connections_that_never_shook_hands_end_in_time() -> None:
    async def work() -> None:
        async with visited(b"", tls=True, dumb=True) as (peer, session, url):
            with pytest.raises(aiohttp.ClientError) as caught:
                await session.get(url, timeout=aiohttp.ClientTimeout(sock_connect=0.2))
            assert translate(caught.value).kind is FailureKind.CONNECT_TIMEOUT
            assert len(peer.talks) == 1

    run(work)
