"""A host that speaks raw bytes, good or bad, and a check against it that may harm nobody else."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import trustme

from importer.models import Checked, ImageRow
from importer.settings import CheckSettings, ConnectTo, NetworkSettings
from importer.validator import check
from tests.picture_host import PICTURE

Talks = set[asyncio.Task[Any]]
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
AUTHORITY = trustme.CA()
OK = b"HTTP/1.1 200 OK\r\n"
PART = b"HTTP/1.1 206 Partial Content\r\n"
HEAD = OK + b"Content-Type: image/jpeg\r\nConnection: close\r\n"
GZIP = HEAD + b"Content-Encoding: gzip\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n"
NAMES = ("host.example", *(f"host-{number}.example" for number in range(1, 10)))
"""The names that lead to the host under test."""
GOOD = "http://good.example/x.jpg"
SLACK = 3.0
"""Seconds that a check may take beyond the settings' bound for one URL, on a busy computer."""


def sized(head: bytes, body: bytes) -> bytes:
    """A whole answer with its Content-Length."""
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def chunk(data: bytes) -> bytes:
    """One piece of a chunked body (RFC 9112, section 7.1)."""
    return b"%x\r\n%s\r\n" % (len(data), data)


ANSWER = sized(HEAD, PICTURE)


def modern() -> ssl.SSLContext:
    """A proper server for every one of the names."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert(*NAMES).configure_cert(context)
    return context


def saying(answer: bytes) -> Talk:
    """A conversation of one answer, whatever the question; then the host hangs up."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
            await asyncio.wait_for(reader.read(), 1)
        else:
            await asyncio.sleep(0.05)

    return talk


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take the connection and say nothing."""
    await asyncio.sleep(60)


def code(item: Checked) -> str:
    """The problem's code, or `ok`."""
    return item.problem.code.value if item.problem else "ok"


@asynccontextmanager
async def serving(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncIterator[tuple[int, Talks]]:
    """The port of a server that talks so, and its conversations; each is over when the block is."""
    talks: Talks = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        try:
            await talk(reader, writer)
        except (OSError, EOFError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1], talks
    finally:
        server.close()
        for task in talks:
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)


def checked(talk: Talk, *urls: str, port: int = 80, tls: ssl.SSLContext | None = None, **more: Any) -> list[Checked]:
    """Check URLs of `NAMES` against a server that talks so.

    Whatever it says, the check ends in the time that the settings promise for one URL, a row of a good host beside it
    passes without waiting for it, no word in the report can break a line, and no task or connection outlives the check.
    """
    settings = CheckSettings(**({"timeout": 0.4} | more))
    with ExitStack() as files:
        ca_file = Path(files.enter_context(AUTHORITY.cert_pem.tempfile())) if tls else None
        return asyncio.run(_checked(talk, urls, (port, tls, ca_file), settings))


async def _checked(
    talk: Talk, urls: Sequence[str], way: tuple[int, ssl.SSLContext | None, Path | None], settings: CheckSettings
) -> list[Checked]:
    port, tls, ca_file = way
    ours, files = asyncio.all_tasks(), _open_files()
    async with serving(saying(ANSWER)) as (good_port, good_talks), serving(talk, tls) as (real_port, talks):
        names = [ConnectTo(name, port, "127.0.0.1", real_port) for name in NAMES]
        network = NetworkSettings(ca_file, (*names, ConnectTo("good.example", 80, "127.0.0.1", good_port)))
        rows = [ImageRow("", number, 1, "", url, url) for number, url in enumerate([*urls, GOOD], start=2)]
        known: dict[str, float] = {}
        begin = time.monotonic()
        *items, good = await check(
            rows, settings, network, watch=lambda item: known.update({item.row.image_url: time.monotonic() - begin})
        )
        await _soon(lambda: not (asyncio.all_tasks() - ours - talks - good_talks), "the check leaves tasks behind")
    await _soon(lambda: _open_files() <= files, "the check leaves connections open")
    seconds = max(known.values())
    assert seconds < 3 * settings.timeout + SLACK, f"the check took {seconds:.1f} s"
    assert code(good) == "ok", f"the row beside it is {code(good)}"
    assert known[GOOD] < SLACK, f"the row beside it waited {known[GOOD]:.1f} s"
    for item in items:
        assert item.problem is None or item.problem.detail.isprintable(), repr(item.problem)
    return items


async def _soon(holds: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + 1
    while not holds():
        assert time.monotonic() < deadline, otherwise
        await asyncio.sleep(0.01)


def _open_files() -> int:
    """How many files and sockets this process has open; always 0 where the system does not show it."""
    shown = Path("/dev/fd")
    return len(list(shown.iterdir())) if shown.is_dir() else 0
