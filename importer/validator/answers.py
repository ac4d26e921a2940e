"""One GET for one picture: as much of it as is needed to know what it is and how large, and no more."""

import asyncio
import re
import ssl
import zlib
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

import aiohttp
from yarl import URL

from importer.net import LenientAnswer, LenientPatience, Patience, Resolver, lenient_get
from importer.problems import cleaned
from importer.settings import MAX_IMAGE_BYTES

START_BYTES = 65_536
"""How much of a file is looked at."""
_END_BYTES = 64
"""How much of a file's end is kept: enough to tell whether it is there."""
_KEEP_ALIVE_BYTES = 4 * START_BYTES
"""A rest as short as this is read to its end: that costs the host less than the next connection would."""
RANGE = {"Range": f"bytes=0-{START_BYTES - 1}"}
"""Asks for the start of a file alone (RFC 9110, 14.2)."""
LAST = {"Connection": "close"}
"""Nothing more is wanted of the host for now (RFC 9112, 9.6): of 2,000 hosts, 2,000 idle connections would remain."""
_CONTENT_RANGE = re.compile(r"bytes 0-\d+/(\d{1,15}|\*)", re.IGNORECASE)
_FILE = {200, 201, 202, 203, 206, 226}
"""Ruby's open-uri, which BigCommerce's downloads were seen to use, takes any success; the bytes decide."""
_REDIRECTS = {301, 302, 303, 307, 308}
_INFLATED = {"gzip", "x-gzip", "deflate"}
_SECONDS_FOR_THE_REST = 1.0
"""For the body of an answer whose head has said all."""
_NO_LIMIT = nullcontext()
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32
Response = aiohttp.ClientResponse | LenientAnswer


class Answer(NamedTuple):
    """What a host answered.

    Attributes:
        status: the HTTP status code.
        location: where it redirects to, empty where it does not.
        content_type: the media type that the host claims.
        retry_after: the Retry-After header, empty where there is none.
        cookie: whether it wants a cookie to be kept.
        challenge: whether a guard in front of the host asks for a human first (`cf-mitigated: challenge`).
        start: the first bytes of the file, at most `START_BYTES`, inflated where the host compressed it unasked.
        total: the size of the whole file in bytes, or None where it could not be told.
        more: whether `total` is only as far as was read, because the file is too large already.
        broke_off: whether the host hung up before the end of what it had announced.
        received: the bytes that came, inflated where the host compressed them.
        end: the last of these.
        announced: whether the host said how large the file is, or marked its end.
        packing: a Content-Encoding that nobody asked for and that `start` is still in, empty where there is none.
        oddities: what in it breaks the rules of HTTP, in a few words each.
    """

    status: int
    location: str = ""
    content_type: str = ""
    retry_after: str = ""
    cookie: bool = False
    challenge: bool = False
    start: bytes = b""
    total: int | None = None
    more: bool = False
    broke_off: bool = False
    received: int = 0
    end: bytes = b""
    announced: bool = True
    packing: str = ""
    oddities: tuple[str, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether there is neither a file nor a way to one."""
        return not self.location and (self.status in {204, 205} or not 200 <= self.status < 300)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a host has.

    Attributes:
        timeout: aiohttp's own limits, each of which costs a timer for each request.
        answer: until the answer begins, or None where `timeout` sees to it.
        body: until as much of the body is there as is needed, or None where `timeout` sees to it.
    """

    timeout: aiohttp.ClientTimeout
    answer: Patience | None = None
    body: Patience | None = None


class SlowAnswerError(TimeoutError):
    """A body that began to come, but not as much as was needed in time; sizes in bytes, `total` None if unknown."""

    def __init__(self, received: int, total: int | None) -> None:
        super().__init__(received, total)
        self.received = received
        self.total = total


class RangeUselessError(Exception):
    """The answer to a request with `RANGE` says nothing about the file: it has to be asked for without."""


async def ask(
    session: aiohttp.ClientSession,
    url: str,
    limits: Limits,
    headers: Mapping[str, str],
    file: BinaryIO | None = None,
) -> Answer:
    """One GET.

    Args:
        session: a session that does not decompress (`auto_decompress=False`).
        url: the address, as it goes over the wire.
        limits: how long the host has.
        headers: more headers, `RANGE` among them where the start of the file is enough.
        file: where the whole file is written to, a little more than the store takes at most; None for its start alone.

    Raises:
        RangeUselessError: the host does not know how to answer a request for the start of a file.
        SlowAnswerError: the body stopped coming.
        OSError, aiohttp.ClientError, ValueError: no answer, or none that is HTTP; see `importer.net.translate`.
    """
    with limits.answer.wait() if limits.answer else _NO_LIMIT:
        response = await session.get(
            URL(url, encoded=True), headers=headers, allow_redirects=False, timeout=limits.timeout
        )
    try:
        # Of a small file the whole body is often there already.
        with limits.body.wait() if limits.body and not response.content.is_eof() else _NO_LIMIT:
            if response.status in _FILE:
                return await _file(response, ranged="Range" in headers, file=file)
            return await _no_file(response, ranged="Range" in headers)
    finally:
        if not response.content.is_eof():
            _hang_up(response)
        response.release()


@dataclass(frozen=True, slots=True)
class LenientAsk:
    """What `ask_leniently` needs beside the address.

    Attributes:
        resolver: looks hosts up.
        context: the TLS context for https.
        headers: of every request.
        step: seconds for the connection, and as many until the answer begins.
    """

    resolver: Resolver
    context: ssl.SSLContext
    headers: Mapping[str, str]
    step: float


async def ask_leniently(
    way: LenientAsk, url: str, seconds: float, headers: Mapping[str, str], file: BinaryIO | None = None
) -> Answer:
    """One GET whose answer need not keep all the rules of HTTP; as `ask` but for that.

    Args:
        way: how to connect.
        url: the address, as it goes over the wire.
        seconds: for all of it.
        headers: more headers.
        file: where the whole file is written to, as with `ask`.

    Raises:
        As `ask`.
    """
    patience = LenientPatience(way.step, max(0.1, seconds))
    target = URL(url, encoded=True)
    async with lenient_get(target, way.resolver, way.context, {**way.headers, **headers}, patience) as response:
        if response.status in _FILE:
            answer = await _file(response, ranged="Range" in headers, file=file)
        else:
            answer = await _no_file(response, ranged="Range" in headers)
        return answer._replace(oddities=response.oddities)


async def _file(response: Response, *, ranged: bool, file: BinaryIO | None) -> Answer:
    """An answer that is a file or the start of one."""
    body = _Body(response.headers.get("Content-Encoding", ""), file)
    if ranged and body.compressed and response.status == 206:
        # A part of the compressed file says nothing about the size of the other.
        raise RangeUselessError
    first_part, total = _announced(response)
    if body.compressed:
        total = None
    whole = total is None or (file is not None and total <= MAX_IMAGE_BYTES)
    await body.read(response, MAX_IMAGE_BYTES + 1 if whole else START_BYTES, total)
    if total is None and body.ended and (response.status != 206 or body.counted < START_BYTES):
        total = body.counted
    if ranged and _useless(response.status, body, total, first_part=first_part):
        raise RangeUselessError
    if not body.counted and body.broke_off is not None:
        raise body.broke_off
    more = total is None and body.counted > MAX_IMAGE_BYTES
    short = total is not None and body.counted < min(total, START_BYTES)
    return Answer(
        response.status,
        content_type=_media_type(response),
        start=body.start,
        total=body.counted if more else total,
        more=more,
        broke_off=short or body.broke_off is not None,
        received=body.counted,
        end=body.end,
        announced=response.content_length is not None or "Transfer-Encoding" in response.headers,
        packing=body.packing,
    )


def _announced(response: Response) -> tuple[bool, int | None]:
    """Whether the answer is the first part of a file, and the size of the whole file in bytes where it is told."""
    if response.status != 206:
        return False, response.content_length
    part = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", "").strip())
    return part is not None, int(part[1]) if part is not None and part[1] != "*" else None


async def _no_file(response: Response, *, ranged: bool) -> Answer:
    """An answer that is no file, read as far as is worth it to keep the connection."""
    if response.status == 416 and ranged:
        raise RangeUselessError
    headers = response.headers
    body = _Body(headers.get("Content-Encoding", ""), None)
    with suppress(TimeoutError):
        async with asyncio.timeout(_SECONDS_FOR_THE_REST):
            await body.read(response, START_BYTES, None)
    return Answer(
        response.status,
        location=headers.get("Location", "") if response.status in _REDIRECTS else "",
        content_type=_media_type(response),
        retry_after=headers.get("Retry-After", ""),
        cookie="Set-Cookie" in headers,
        challenge=headers.get("cf-mitigated", "") == "challenge",
        start=body.start,
    )


def _media_type(response: Response) -> str:
    return cleaned(response.headers.get("Content-Type", "").partition(";")[0].strip()[:100])


def _useless(status: int, body: "_Body", total: int | None, *, first_part: bool) -> bool:
    """Whether a ranged answer is empty, another part than asked for, a piece of it, or without a believable size."""
    if not body.counted:
        return body.broke_off is None
    if status != 206:
        return False
    if not first_part:
        return True
    if body.compressed:
        return False
    return total is None or total < len(body.start) or (body.ended and body.counted < min(total, START_BYTES))


class _Body:
    """The part of a body that is kept, and how much of it came.

    Attributes:
        counted: the bytes that came, inflated where the host compressed them.
        end: the last of these.
        compressed: whether it did.
        packing: a compression that is not undone here, empty where there is none.
        ended: whether the body was read to its end.
        broke_off: what ended it too early, or None.
    """

    def __init__(self, encoding: str, file: BinaryIO | None) -> None:
        packing = encoding.strip().lower()
        self.counted = 0
        self.ended = False
        self.broke_off: Exception | None = None
        self.compressed = packing in _INFLATED
        self.packing = "" if self.compressed or packing == "identity" else packing
        self._unread = b""
        self._kept: list[bytes] = []
        self.end = b""
        self._inflate = zlib.decompressobj(_GZIP_OR_ZLIB) if self.compressed else None
        self._file = file

    @property
    def start(self) -> bytes:
        """The first bytes, at most `START_BYTES`."""
        start = self._kept[0] if len(self._kept) == 1 else b"".join(self._kept)
        return start if len(start) <= START_BYTES else start[:START_BYTES]

    async def read(self, response: Response, enough: int, total: int | None) -> None:
        """Read until `enough` bytes are there, and on to the end where little of what was announced is left.

        Args:
            response: the answer.
            enough: bytes.
            total: the size of the whole file in bytes where it is known.

        Raises:
            SlowAnswerError: the rest did not come in time.
        """
        announced = response.content_length
        try:
            while not response.content.at_eof():
                self._take(await response.content.readany())
                if self.counted >= enough and (announced is None or announced - self.counted > _KEEP_ALIVE_BYTES):
                    return
        except TimeoutError:
            if self.counted < enough:
                raise SlowAnswerError(self.counted, total) from None
        except (aiohttp.ClientPayloadError, zlib.error) as error:
            self.broke_off = error
        else:
            self.ended = True

    def _take(self, chunk: bytes) -> None:
        """Keep a piece. Of a small file that inflates without end, no more is inflated than the store would take."""
        if self._inflate is None:
            self._keep(chunk)
            return
        if not self.counted:
            self._unread += chunk
        while chunk and self.counted <= MAX_IMAGE_BYTES:
            try:
                self._keep(self._inflate.decompress(chunk, START_BYTES))
            except zlib.error:
                if self.counted:
                    raise
                # Some hosts claim a compression that they never did.
                self.compressed, self._inflate = False, None
                self._keep(self._unread)
                return
            chunk = self._inflate.unconsumed_tail
            if self._inflate.eof:
                # A gzip file may have several members (RFC 1952, 2.2).
                chunk = self._inflate.unused_data
                self._inflate = zlib.decompressobj(_GZIP_OR_ZLIB)

    def _keep(self, data: bytes) -> None:
        if self.counted < START_BYTES:
            self._kept.append(data)
        self.end = data[-_END_BYTES:] if len(data) >= _END_BYTES else (self.end + data)[-_END_BYTES:]
        self.counted += len(data)
        if self._file is not None:
            self._file.write(data)


def _hang_up(response: aiohttp.ClientResponse) -> None:
    """Give up the rest of a body. A TLS connection that says goodbye first would hold its buffers for seconds."""
    if response.connection is not None and response.connection.transport is not None:
        response.connection.transport.abort()
    response.close()
