"""A second look at an answer that aiohttp's parser refuses: read as browsers and curl read it, and what is odd told.

One GET over a connection of its own, bounded in bytes and time. Names are looked up, certificates verified and private
addresses refused as everywhere else.
"""

import asyncio
import base64
import re
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from importer.net.connecting import connect
from importer.net.resolver import Resolver

_MOST_HEADER_BYTES = 256 * 1024
"""Of all headers together; Chromium's own bound (`HttpStreamParser::kMaxHeaderBufSize`)."""
_USUAL_LINES = 128
_USUAL_LINE = 65_536
"""Bytes; what aiohttp takes in one header, as `importer.net.sessions` sets it."""
_MOST_ODDITIES = 3
_MOST_INTERIM_ANSWERS = 10
_BLOCK = 65_536
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_STATUS = re.compile(rb"http/1\.\d[ \t]+([1-9]\d\d)(?:[ \t].*)?", re.IGNORECASE | re.DOTALL)
_STRICT_STATUS = re.compile(rb"HTTP/1\.[01] \d{3}(?: .*)?", re.DOTALL)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A header's name (RFC 9110, 5.6.2)."""
_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?", re.DOTALL)


class MalformedAnswerError(ValueError):
    """An answer that even a lenient reader does not understand."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds until the connection is there, then until the answer begins, and for all of it together."""

    step: float
    whole: float


class LenientAnswer:
    """An answer whose head is there; it has what is used of `aiohttp.ClientResponse`.

    Attributes:
        status: the HTTP status code.
        headers: all headers that have a name; text that is not UTF-8 as surrogates.
        content_length: what the host announces in bytes, None where it does not.
        content: the body.
    """

    def __init__(self, status: int, headers: CIMultiDict[str], oddities: list[str], stream: "_Stream") -> None:
        self.status = status
        self.headers = headers
        self._oddities = oddities
        chunked = "chunked" in ",".join(headers.getall("Transfer-Encoding", [])).lower()
        self.content_length = None if chunked else _length(headers, oddities)
        if chunked and "Content-Length" in headers:
            oddities.append("Content-Length beside Transfer-Encoding")
        self.content = LenientBody(stream, self.content_length, chunked=chunked)

    @property
    def oddities(self) -> tuple[str, ...]:
        """What breaks the rules of HTTP, in a few words each; complete only once the body is read."""
        behind = ["bytes behind the end of the file"] if self.content.more_behind else []
        return tuple([*self._oddities, *behind][:_MOST_ODDITIES])


@asynccontextmanager
async def lenient_get(
    url: URL, resolver: Resolver, context: ssl.SSLContext, headers: Mapping[str, str], patience: Patience
) -> AsyncIterator[LenientAnswer]:
    """One GET, whose answer is valid as long as the block lasts. Redirects are not followed.

    Args:
        url: the address as it goes over the wire.
        resolver: looks its host up.
        context: for https.
        headers: of the request, beside Host and Connection.
        patience: how long the host has.

    Raises:
        MalformedAnswerError: this is no HTTP.
        OSError: no connection, no answer, or none in time.
        PrivateAddressError: the host is private, and that is not allowed.
    """
    host, port = url.raw_host or "", url.port or 80
    deadline = asyncio.get_running_loop().time() + patience.whole
    addresses = await resolver.lookup(host, port)
    connection = await connect(addresses, min(patience.step, patience.whole))
    secure = url.scheme == "https"
    async with asyncio.timeout(patience.step):
        reader, writer = await asyncio.open_connection(
            sock=connection,
            ssl=context if secure else None,
            server_hostname=host.rstrip(".") if secure else None,
            limit=_MOST_HEADER_BYTES,
        )
    try:
        writer.write(_request(url, headers))
        stream = _Stream(reader, deadline, patience.step)
        yield await _head(stream)
    finally:
        writer.transport.abort()
        # One turn of the loop, in which the connection is really closed.
        await asyncio.sleep(0)


def _request(url: URL, headers: Mapping[str, str]) -> bytes:
    lines = {"Host": url.host_port_subcomponent or "", "Accept": "*/*", **headers, "Connection": "close"}
    if url.user is not None or url.password is not None:
        secret = base64.b64encode(f"{url.user or ''}:{url.password or ''}".encode())
        lines["Authorization"] = f"Basic {secret.decode()}"
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"GET {url.raw_path_qs} HTTP/1.1\r\n{head}\r\n".encode()


class _Stream:
    """What a host sends, a block at a time."""

    def __init__(self, reader: asyncio.StreamReader, deadline: float, step: float) -> None:
        self.buffer = bytearray()
        self.ended = False
        self._reader = reader
        self._deadline = deadline
        self._step = step

    async def fill(self) -> bool:
        """Wait for more; whether any came before the end.

        Raises:
            TimeoutError: it did not come in time.
        """
        left = min(self._step, self._deadline - asyncio.get_running_loop().time())
        block = await asyncio.wait_for(self._reader.read(_BLOCK), max(0.0, left))
        self.buffer += block
        self.ended = not block
        return bool(block)

    def take(self, count: int) -> bytes:
        """The next bytes, at most so many of those that are there."""
        taken = bytes(self.buffer[:count])
        del self.buffer[: len(taken)]
        return taken

    async def until(self, end: re.Pattern[bytes], most: int) -> bytes | None:
        """What comes before a pattern, which is taken away with it; None where it never comes or lies too far away."""
        searched = 0
        while (found := end.search(self.buffer, searched)) is None:
            searched = max(0, len(self.buffer) - 4)
            if len(self.buffer) > most or not await self.fill():
                return None
        before = self.take(found.start())
        self.take(found.end() - found.start())
        return before


async def _head(stream: _Stream) -> LenientAnswer:
    """The head of the answer itself, behind those of any interim answers (RFC 9110, 15.2)."""
    for _ in range(_MOST_INTERIM_ANSWERS):
        while not stream.buffer.lstrip(b"\r\n"):
            stream.buffer.clear()
            if not await stream.fill():
                raise ConnectionResetError("no answer")
        stream.buffer = stream.buffer.lstrip(b"\r\n")
        raw = await stream.until(_HEAD_END, _MOST_HEADER_BYTES)
        if raw is None:
            raise MalformedAnswerError("an answer without an end of its headers")
        status, headers, oddities = _read_head(raw)
        if status >= 200 or status == 101:
            return LenientAnswer(status, headers, oddities, stream)
    raise MalformedAnswerError("too many interim answers")


def _read_head(raw: bytes) -> tuple[int, CIMultiDict[str], list[str]]:
    if b"\0" in raw or re.search(rb"\r(?!\n|$)", raw):
        # Whoever sends these may want to plant headers of its own.
        raise MalformedAnswerError("control characters in the headers")
    first, *lines = [line.removesuffix(b"\r") for line in raw.split(b"\n")]
    found = _STATUS.fullmatch(first)
    if found is None:
        raise MalformedAnswerError("no HTTP")
    oddities = [] if _STRICT_STATUS.fullmatch(first) else [f"the first line “{_shown(first.decode('latin-1'))}”"]
    headers: CIMultiDict[str] = CIMultiDict()
    if len(lines) > _USUAL_LINES:
        oddities.append(f"{len(lines)} header lines")
    name = ""
    for line in lines:
        text = line.decode("utf-8", "surrogateescape")
        if text[:1] in {" ", "\t"} and name:
            headers[name] += " " + text.strip()
            continue
        before, colon, value = text.partition(":")
        name = before.strip()
        if not colon or not _TOKEN.fullmatch(before):
            oddities.append(f"the header line “{_shown(before)}{colon}{' …' * bool(value)}”")
        elif len(line) > _USUAL_LINE:
            oddities.append(f"the header {name} of {len(line):,} bytes")
        if colon and name:
            headers.add(name, value.strip())
    return int(found[1]), headers, oddities


def _shown(text: str) -> str:
    plain = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)
    return plain if len(plain) <= 40 else f"{plain[:40]}…"


def _length(headers: CIMultiDict[str], oddities: list[str]) -> int | None:
    """The size of the body that is announced.

    Raises:
        MalformedAnswerError: it is announced in several ways that differ, or is negative.
    """
    told = [part.strip() for value in headers.getall("Content-Length", []) for part in value.split(",")]
    if not told:
        return None
    if len(told) > 1:
        oddities.append("Content-Length twice")
    if len(set(told)) > 1 or told[0].startswith("-"):
        raise MalformedAnswerError("no one knows how long the body is")
    if told[0].isascii() and told[0].isdigit() and len(told[0]) <= 15:
        return int(told[0])
    oddities.append(f"Content-Length “{_shown(told[0])}”")
    return None


class LenientBody:
    """The body of an answer, as `aiohttp.StreamReader` has it.

    Attributes:
        more_behind: whether the host sends more behind its end.
    """

    def __init__(self, stream: _Stream, length: int | None, *, chunked: bool) -> None:
        self.more_behind = False
        self._stream = stream
        self._chunked = chunked
        self._left = 0 if chunked else length
        self._over = length == 0 and not chunked
        self._began = False

    def is_eof(self) -> bool:
        """Whether all of it has come."""
        return self._over

    def at_eof(self) -> bool:
        """Whether all of it was read."""
        return self._over

    async def readany(self) -> bytes:
        """The next bytes, empty at the end.

        Raises:
            aiohttp.ClientPayloadError: the host broke off.
            MalformedAnswerError: the body is no body from its very beginning.
            TimeoutError: nothing came in time.
        """
        if self._over:
            return b""
        if self._chunked and not self._left:
            self._left = await self._next_chunk()
            if not self._left:
                self._over = True
                return b""
        if not self._stream.buffer and not await self._stream.fill():
            if self._left is None:
                self._over = True
                return b""
            raise aiohttp.ClientPayloadError("the body ends early")
        taken = self._stream.take(_BLOCK if self._left is None else min(_BLOCK, self._left))
        self._began = True
        if self._left is not None:
            self._left -= len(taken)
            if not self._left and not self._chunked:
                self._over, self.more_behind = True, bool(self._stream.buffer)
        return taken

    async def _next_chunk(self) -> int:
        """The size of the next chunk (RFC 9112, 7.1), 0 for the last one."""
        line: bytes | None = b""
        while line == b"":
            # An empty line ends the chunk before.
            line = await self._stream.until(re.compile(rb"\r?\n"), _USUAL_LINE)
        if line is None and self._began and self._stream.ended:
            raise aiohttp.ClientPayloadError("the last chunk is missing")
        size = _CHUNK_SIZE.fullmatch(line or b"")
        if size is None:
            raise aiohttp.ClientPayloadError("no chunk") if self._began else MalformedAnswerError("no chunk")
        return int(size[1], 16)
