"""Answers without an end, sent as fast as they are taken: a verdict in time and bounded memory."""

import asyncio
import gzip
import sys
import zlib
from pathlib import Path

import pytest

from tests.picture_host import PICTURE
from tests.validator.raw_host import ANSWER, CHUNKED, GZIP, HEAD, OK, Talk, checked, chunk, code, saying, serving, sized

ROOT = Path(__file__).resolve().parents[2]
URL = "http://host.example/x.jpg"
MEGABYTE = 1_000_000
MOST_KEPT = 20 * MEGABYTE
"""Bytes; between two and three times the largest picture that the store takes."""


def bomb() -> tuple[bytes, bytes]:
    """A gzip stream, and what can be added to it for ever: each 10 KB of that become 10 MB of zeros."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    begin = packer.compress(PICTURE) + packer.flush(zlib.Z_FULL_FLUSH)
    return GZIP + b"\r\n" + begin, packer.compress(bytes(10 * MEGABYTE)) + packer.flush(zlib.Z_FULL_FLUSH)


def nested(times: int) -> bytes:
    """10 MB of zeros after a picture, packed again and again."""
    packed = PICTURE + bytes(10 * MEGABYTE)
    for _ in range(times):
        packed = gzip.compress(packed)
    return sized(HEAD + b"Content-Encoding: " + b", ".join([b"gzip"] * times) + b"\r\n", packed)


FLOODS = {
    "headers": (OK, b"X: y\r\n", {"http_error"}),
    "one header": (OK + b"X: ", b"y", {"http_error"}),
    "one status line": (b"HTTP/1.1 200 ", b"O", {"http_error"}),
    "empty lines": (b"", b"\r\n", {"http_error", "read_timeout"}),
    "100 Continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n", {"http_error", "read_timeout"}),
    "103 Early Hints": (b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", {"http_error", "read_timeout"}),
    "body": (HEAD + b"\r\n" + PICTURE, bytes(1000), {"image_too_large"}),
    "long body": (HEAD + b"Content-Length: 1000000000000\r\n\r\n" + PICTURE, bytes(1000), {"image_too_large"}),
    "no picture": (HEAD + b"\r\n", bytes(1000), {"not_an_image"}),
    "chunks": (CHUNKED + b"\r\n" + chunk(PICTURE), chunk(b"\0"), {"image_too_large", "read_timeout"}),
    "chunk extension": (CHUNKED + b"\r\n1;", b"a", {"http_error", "read_timeout"}),
    "trailers": (CHUNKED + b"\r\n" + chunk(PICTURE) + b"0\r\n", b"X: y\r\n", {"ok"}),
    "gzip bomb": (*bomb(), {"image_too_large"}),
}
"""How the answer begins, what follows without an end, and the verdicts that fit."""


def flooding(begin: bytes, again: bytes) -> Talk:
    """Answer so until the connection is closed."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(begin)
        block = again * (65_536 // len(again) + 1)
        while True:
            writer.write(block)
            await writer.drain()

    return talk


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_gives_a_verdict_in_time(name: str) -> None:
    begin, again, expected = FLOODS[name]
    (item,) = checked(flooding(begin, again), URL, timeout=0.5)
    assert code(item) in expected


@pytest.mark.parametrize("name", ["body", "long body", "gzip bomb", "trailers"])
def test_a_flood_gives_the_same_verdict_where_whole_files_are_taken(name: str) -> None:
    begin, again, expected = FLOODS[name]
    (item,) = checked(flooding(begin, again), URL, timeout=0.5, deep=True)
    assert code(item) in expected


async def measured(talk: Talk) -> tuple[str, int]:
    """The verdict of another process on a host that talks so, and the bytes that this cost it at its peak."""
    async with serving(saying(ANSWER)) as (good_port, _), serving(talk) as (port, _):
        arguments = ("-m", "tests.validator.peak_memory", str(good_port), str(port), URL)
        process = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, cwd=ROOT, stdout=asyncio.subprocess.PIPE
        )
        out, _ = await asyncio.wait_for(process.communicate(), 30)
    verdict, grown = out.decode().split()
    return verdict, int(grown)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells a process its peak memory")
@pytest.mark.parametrize("name", ["headers", "one header", "103 Early Hints", "body", "chunk extension", "gzip bomb"])
def test_a_flood_is_not_kept_in_memory(name: str) -> None:
    begin, again, expected = FLOODS[name]
    verdict, grown = asyncio.run(measured(flooding(begin, again)))
    assert verdict in expected
    assert grown < MOST_KEPT


@pytest.mark.parametrize("times", [1, 2, 10])
def test_a_picture_packed_many_times_over_is_not_unpacked_without_end(times: int) -> None:
    (item,) = checked(saying(nested(times)), URL, timeout=1.0)
    assert code(item) in ({"image_too_large"} if times == 1 else {"image_too_large", "http_error", "not_an_image"})


def test_a_body_without_end_is_read_no_further_than_the_store_takes() -> None:
    sent = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD + b"\r\n" + PICTURE)
        while True:
            writer.write(bytes(65_536))
            await writer.drain()
            sent += 65_536

    (item,) = checked(talk, URL, timeout=10)
    assert code(item) == "image_too_large"
    assert sent < 20 * MEGABYTE
