"""Answers that break the rules of HTTP, or bend them: a verdict in time, and nobody else harmed."""

import asyncio
import gzip
import zlib

import pytest

from tests.picture_host import PICTURE
from tests.validator.raw_host import ANSWER, CHUNKED, GZIP, HEAD, OK, PART, Talk, checked, chunk, code, saying, sized

URL = "http://host.example/x.jpg"
SIZE = len(PICTURE)


def part(content_range: bytes, body: bytes) -> bytes:
    """An answer that gives a part of a file (RFC 9110, section 14.4)."""
    return sized(PART + b"Content-Range: " + content_range + b"\r\n", body)


BROKEN = {
    "nothing": (b"", {"connection_lost"}),
    "a line": (b"nonsense\r\n\r\n", {"http_error"}),
    "HTTP/0.9": (PICTURE, {"http_error"}),
    "HTTP/0.9 after empty lines": (b"\r\n\r\n\r\n" + PICTURE, {"http_error"}),
    # RFC 9113, section 3.4: a server that speaks HTTP/2 alone begins with a SETTINGS frame.
    "HTTP/2": (b"\0\0\x06\x04\0\0\0\0\0\0\x03\0\0\0\x64", {"http_error"}),
    "HTTP/2 preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {"http_error"}),
    "HTTP/9.9": (b"HTTP/9.9 200 OK\r\n\r\n" + PICTURE, {"http_error"}),
    "status 999": (b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n", {"http_error"}),
    "status 99999": (b"HTTP/1.1 99999 Odd\r\n\r\n", {"http_error"}),
    "101": (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: tea\r\nConnection: upgrade\r\n\r\n", {"http_error"}),
    "204": (b"HTTP/1.1 204 No Content\r\n\r\n", {"image_empty"}),
    "304": (b"HTTP/1.1 304 Not Modified\r\n\r\n", {"http_error"}),
    "416 always": (sized(b"HTTP/1.1 416 Range Not Satisfiable\r\n", b""), {"http_error"}),
    "302 to nowhere": (sized(b"HTTP/1.1 302 Found\r\n", b""), {"http_error"}),
    "coloured 503": (sized(b"HTTP/1.1 503 \xff\x1b[31m\r\nRetry-After: -1\r\n", b""), {"http_error"}),
    "429 until doomsday": (sized(b"HTTP/1.1 429 Too Many\r\nRetry-After: 999999999999\r\n", b""), {"http_error"}),
    "50,000 headers": (OK + b"X: y\r\n" * 50_000, {"http_error"}),
    "negative length": (OK + b"Content-Length: -5\r\n\r\n", {"http_error"}),
    "two lengths": (OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n", {"http_error"}),
    "length of 40 digits": (
        OK + b"Content-Length: " + b"9" * 40 + b"\r\n\r\n" + PICTURE,
        {"ok", "image_too_large"},
    ),
    "too short": (OK + b"Content-Length: 99999\r\n\r\n" + PICTURE[:-9], {"image_truncated"}),
    "length and nothing": (OK + b"Content-Length: 99999\r\n\r\n", {"connection_lost", "image_truncated"}),
    "part that is cut off": (part(b"bytes 0-%d/%d" % (SIZE - 1, SIZE), PICTURE[:300]), {"image_truncated"}),
    "more than announced": (ANSWER + b"and something that nobody asked for", {"ok", "http_error"}),
    "chunk of no number": (CHUNKED + b"\r\nZZ\r\nno", {"http_error"}),
    "chunk of -1": (CHUNKED + b"\r\n-1\r\n" + PICTURE, {"http_error"}),
    "endless chunk": (CHUNKED + b"\r\nfffffffffffffffff\r\n" + PICTURE, {"http_error", "image_truncated"}),
    "chunk without its end": (CHUNKED + b"\r\n" + chunk(PICTURE)[:-2] + b"oops", {"ok"}),
    "no last chunk": (CHUNKED + b"\r\n" + chunk(PICTURE[:300]), {"image_truncated"}),
    "unknown packing": (sized(HEAD + b"Content-Encoding: br\r\n", b"\xff" * 500), {"http_error", "not_an_image"}),
    "no gzip": (sized(GZIP, b"this is no gzip"), {"http_error", "not_an_image", "image_truncated"}),
    "gzip cut off": (sized(GZIP, gzip.compress(PICTURE)[:200]), {"http_error", "image_truncated"}),
    "gzip of nothing": (sized(GZIP, gzip.compress(b"")), {"image_empty"}),
}
"""What the host says, and the verdicts that fit."""


@pytest.mark.parametrize("name", BROKEN)
def test_an_answer_that_breaks_the_rules_gives_a_verdict(name: str) -> None:
    answer, expected = BROKEN[name]
    (item,) = checked(saying(answer), URL)
    assert code(item) in expected


@pytest.mark.parametrize(
    "answer",
    [
        sized(GZIP, gzip.compress(PICTURE)),
        sized(HEAD + b"Content-Encoding: deflate\r\n", zlib.compress(PICTURE)),
        sized(HEAD + b"Content-Encoding: identity\r\n", PICTURE),
        CHUNKED + b"\r\n" + b"".join(chunk(PICTURE[at : at + 1]) for at in range(len(PICTURE))) + b"0\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n" + ANSWER,
        b"HTTP/1.1 100 Continue\r\n\r\n" + ANSWER,
        HEAD + b"\r\n" + PICTURE,
        b"HTTP/1.0 200 OK\r\n\r\n" + PICTURE,
    ],
    ids=["gzip", "deflate", "identity", "tiny chunks", "103", "100", "no length", "HTTP/1.0"],
)
def test_a_picture_in_an_unusual_wrapping_passes(answer: bytes) -> None:
    (item,) = checked(saying(answer), URL)
    assert code(item) == "ok"
    assert item.finding is not None
    assert item.finding.width == 320


@pytest.mark.parametrize(
    "ranged",
    [
        sized(OK, b""),
        part(b"bytes 0-0/%d" % SIZE, b""),
        part(b"bytes 500-%d/%d" % (SIZE - 1, SIZE), PICTURE[500:]),
        part(b"bytes 0-65535/0", PICTURE),
        part(b"bytes 0-65535/99", PICTURE),
        part(b"bytes 0-65535/1" + b"0" * 30, PICTURE),
        part(b"lines 1-2/3", PICTURE[:20]),
        sized(PART, PICTURE[300:]),
        sized(
            PART + b"Content-Type: multipart/byteranges; boundary=cut\r\n",
            b"--cut\r\nContent-Range: bytes 0-%d/%d\r\n\r\n" % (SIZE - 1, SIZE) + PICTURE + b"\r\n--cut--\r\n",
        ),
        sized(b"HTTP/1.1 416 Range Not Satisfiable\r\n", b""),
        sized(b"HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */%d\r\n" % SIZE, b"no such range"),
    ],
    ids=[
        "empty",
        "empty part",
        "later part",
        "of 0",
        "of 99",
        "of 10^30",
        "lines",
        "no range",
        "multipart",
        "416",
        "416 with size",
    ],
)
def test_a_host_that_cannot_give_a_part_is_asked_for_the_whole(ranged: bytes) -> None:
    heads: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            heads.append((await reader.readuntil(b"\r\n\r\n")).lower())
            writer.write(ranged if b"\r\nrange:" in heads[-1] else ANSWER)
            await writer.drain()

    (item,) = checked(talk, URL)
    assert code(item) == "ok"
    assert item.finding is not None
    assert (item.finding.size, item.finding.width) == (SIZE, 320)
    assert [b"\r\nrange: bytes=0-" in head for head in heads] == [True, False]


def dribbling(begin: bytes, pause: float) -> Talk:
    """An answer that begins at once and goes on with a byte at a time."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(begin)
        while True:
            await writer.drain()
            await asyncio.sleep(pause)
            writer.write(b"a")

    return talk


@pytest.mark.parametrize("pause", [0.05, 60], ids=["twenty bytes a second", "a byte a minute"])
@pytest.mark.parametrize(
    "begin",
    [b"HTTP/1.1 200 ", OK + b"X: ", HEAD + b"\r\n", HEAD + b"\r\n" + PICTURE[:100], sized(OK, PICTURE)[:-100]],
    ids=["status", "header", "body", "picture", "end"],
)
def test_a_byte_at_a_time_ends_in_time(begin: bytes, pause: float) -> None:
    (item,) = checked(dribbling(begin, pause), URL, timeout=0.3)
    assert code(item) == "read_timeout"


@pytest.mark.parametrize("status", [b"416 Range Not Satisfiable", b"403 Forbidden"])
def test_a_second_request_has_no_time_of_its_own(status: bytes) -> None:
    """The first answer takes nearly all the time of a URL and asks for another request, which is never answered."""
    timeout, asked = 0.8, 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        while True:
            await reader.readuntil(b"\r\n\r\n")
            asked += 1
            writer.write(b"HTTP/1.1 " + status + b"\r\nX: ")
            for _ in range(22 if asked == 1 else 1_000):
                await asyncio.sleep(timeout / 10)
                writer.write(b"y")
                await writer.drain()
            writer.write(b"\r\nContent-Length: 0\r\n\r\n")

    (item,) = checked(talk, URL, timeout=timeout)
    assert code(item) in {"read_timeout", "http_forbidden"}
    assert asked == 2
