"""Hosts that misbehave on purpose or by accident: a verdict on their own URL, and nobody else is harmed."""

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme

from importer.models import Checked, ImageRow
from importer.settings import CheckSettings, ConnectTo, NetworkSettings
from importer.validator import check
from tests.picture_host import PICTURE

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
AUTHORITY = trustme.CA()
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nConnection: close\r\n"
ANSWER = HEAD + b"Content-Length: %d\r\n\r\n" % len(PICTURE)


@asynccontextmanager
async def serving(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """The port of a server that talks so; every conversation is over when the block is."""
    talks: set[asyncio.Task[Any]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        try:
            await talk(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in talks:
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
        await asyncio.sleep(0.01)


def checked(
    talk: Talk, *urls: str, port: int = 80, tls: ssl.SSLContext | None = None, ca_file: Path | None = None, **more: Any
) -> list[Checked]:
    """Check URLs of host.example against a server that talks so."""

    async def work() -> list[Checked]:
        async with serving(talk, tls) as real_port:
            network = NetworkSettings(ca_file, (ConnectTo("host.example", port, "127.0.0.1", real_port),))
            rows = [ImageRow("", number, 1, "", url, url) for number, url in enumerate(urls, start=2)]
            return await check(rows, CheckSettings(**({"timeout": 1.0} | more)), network)

    return asyncio.run(work())


def saying(answer: bytes) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        await asyncio.sleep(0.05)

    return talk


def code(item: Checked) -> str:
    return item.problem.code.value if item.problem else "ok"


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        (b"http://[bad/x.jpg", {"url_invalid"}),
        (b"/caf\xe9.jpg", {"redirect_loop"}),
        (b"/x.jpg?q=\xe9", {"redirect_loop"}),
        (b"file:///etc/passwd", {"url_scheme"}),
        (b"http://127.0.0.1:9/x.jpg", {"url_private"}),
        (b"//", {"redirect_loop"}),
        (b"http://host.example:99999/", {"url_invalid"}),
        (b"\x01\x02", {"redirect_loop", "http_error", "connection_lost"}),
    ],
)
def test_any_redirect_target_gives_a_verdict(location: bytes, expected: set[str]) -> None:
    talk = saying(b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n")
    (item,) = checked(talk, "http://host.example/x.jpg")
    assert code(item) in expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"", "connection_lost"),
        (b"nonsense\r\n\r\n", "http_error"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nno", "http_error"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n" + PICTURE, "image_truncated"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", "http_error"),
        (b"HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\n\r\n", "http_error"),
        (b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n", "http_error"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50_000, "http_error"),
    ],
)
def test_any_answer_gives_a_verdict(answer: bytes, expected: str) -> None:
    (item,) = checked(saying(answer), "http://host.example/x.jpg")
    assert code(item) == expected


def test_a_body_without_end_is_read_no_further_than_the_store_takes() -> None:
    sent = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + PICTURE)
        while sent < 1_000_000_000:
            writer.write(bytes(65_536))
            await writer.drain()
            sent += 65_536

    (item,) = checked(talk, "http://host.example/x.jpg", timeout=10)
    assert code(item) == "image_too_large"
    assert sent < 20_000_000


def test_a_byte_at_a_time_ends_in_time() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for byte in b"HTTP/1.1 200 OK\r\n" + b"X" * 1000:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.2)

    (item,) = checked(talk, "http://host.example/x.jpg", timeout=0.4)
    assert code(item) == "read_timeout"


def test_one_dropped_connection_does_not_condemn_the_picture_or_the_host(tmp_path: Path) -> None:
    AUTHORITY.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert("host.example").configure_cert(context)
    calls = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            return
        await saying(ANSWER + PICTURE)(reader, writer)

    urls = [f"https://host.example/{number}.jpg" for number in range(5)]
    items = checked(talk, *urls, port=443, tls=context, ca_file=tmp_path / "ca.pem")
    assert {code(item) for item in items} == {"ok"}


def test_an_old_host_that_falls_silent_at_a_modern_greeting_is_still_told_as_old() -> None:
    """Some old servers do not refuse a greeting they do not understand; they never answer it."""
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1
    old.set_ciphers("ALL:@SECLEVEL=0")
    AUTHORITY.issue_cert("host.example").configure_cert(old)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = old.wrap_bio(incoming, outgoing, server_side=True)
        for _ in range(10):
            incoming.write(await reader.read(4096))
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLError:
                await asyncio.sleep(3)
            writer.write(outgoing.read())

    (item,) = checked(talk, "https://host.example/x.jpg", port=443, timeout=0.5)
    assert item.problem is not None
    assert "speaks TLS 1.0 only" in item.problem.detail
