"""What stands behind a picture, what is missing of it, and whether its host or its file is to blame."""

import io
import struct
import zlib
from collections.abc import Sequence

import pytest
from aiohttp import web
from PIL import Image

from importer.models import Checked
from importer.validator import whole
from tests.validator.image_host import ImageHost, checked, code, detail
from tests.validator.raw_host import OK, saying
from tests.validator.raw_host import checked as checked_raw

Chunk = tuple[bytes, bytes]
URL = "http://host.example/x.jpg"


def saved(kind: str, size: tuple[int, int] = (150, 120), mode: str = "RGB", **options: object) -> bytes:
    stream = io.BytesIO()
    noise = Image.effect_noise(size, 90)
    noise.convert(mode).save(stream, kind, **options)
    return stream.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(before: Sequence[Chunk] = (), between: Sequence[Chunk] = (), after: Sequence[Chunk] = (), **more: str) -> bytes:
    """A PNG of two IDAT chunks with other chunks before, between and after them."""
    data = saved("PNG", **more)  # type: ignore[arg-type]  # the mode alone
    found: list[Chunk] = []
    at = 8
    while at < len(data):
        length = struct.unpack_from(">I", data, at)[0]
        found.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    pixels = b"".join(part for kind, part in found if kind == b"IDAT")
    head = [one for one in found if one[0] in {b"IHDR", b"PLTE", b"tRNS"}]
    halves = (b"IDAT", pixels[: len(pixels) // 2]), (b"IDAT", pixels[len(pixels) // 2 :])
    order = [head[0], *before, *head[1:], halves[0], *between, halves[1], *after, (b"IEND", b"")]
    return data[:8] + b"".join(chunk(*one) for one in order)


CHUNKS: dict[str, bytes] = {
    "cICP": png([(b"cICP", bytes([9, 16, 0, 1]))]),
    "cICP behind the pixels": png(after=[(b"cICP", bytes([9, 16, 0, 1]))]),
    "cICP and mastering of HDR": png(
        [(b"cICP", bytes([9, 16, 0, 1])), (b"mDCV", bytes(24)), (b"cLLI", bytes(8))],
        after=[(b"eXIf", b"MM\0*\0\0\0\x08")],
    ),
    "text behind the pixels": png(after=[(b"tEXt", b"Software\0x"), (b"tIME", b"\x07\xe0\1\1\1\1\1")]),
    "an empty IDAT": png(between=[(b"IDAT", b"")]),
    "a palette for true colours": png([(b"PLTE", bytes(range(30)))]),
    "a private chunk": png([(b"prVt", b"x" * 100)], after=[(b"prVt", b"y")]),
    "a broken profile": png([(b"iCCP", b"x\0\x05broken")]),
    "short metadata": png([(b"pHYs", b"1"), (b"gAMA", b""), (b"cHRM", b""), (b"sRGB", b"")]),
    "long text": png([(b"zTXt", b"a\0\0" + zlib.compress(bytes(3_000_000)))]),
    "much text": png([(b"tEXt", b"a\0" + b"b" * 90_000)] * 20),
    "an animation without frames": png([(b"acTL", struct.pack(">II", 3, 0))]),
    "an odd frame": png([(b"acTL", struct.pack(">II", 1, 0))], after=[(b"fdAT", b"\0\0\0\x09x")]),
    "a wrong checksum of text": png([(b"tEXt", b"Title\0x")]).replace(b"Title\0x", b"Title\0y"),
    "grey": png(mode="L"),
    "indexed": png(mode="P"),
    "black and white": png(mode="1"),
    "with transparency": png(mode="RGBA"),
    "deep colours": png(mode="I;16"),
    "something behind the end": png() + bytes(9_000),
}


def look(data: bytes, *, deep: bool = False, kind: str = "image/png") -> Checked:
    async def serve(_request: web.BaseRequest) -> web.Response:
        return web.Response(body=data, content_type=kind)

    (item,) = checked([ImageHost("a.example", serve)], ["http://a.example/x"], deep=deep, timeout=5.0)
    return item


@pytest.mark.parametrize("name", CHUNKS)
def test_a_png_that_browsers_show_is_not_called_damaged(name: str) -> None:
    for deep in (False, True):
        item = look(CHUNKS[name], deep=deep)
        assert code(item) == "ok", detail(item)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (png()[:-12], "ends in the middle"),
        (png()[: len(png()) // 2], "ends in the middle"),
        (png(before=[(b"CgBI", b"1234")]), "damaged"),
        (png().replace(b"IDAT", b"IDAX", 1), "damaged"),
        (png(between=[(b"tEXt", b"a\0b")]), "ends in the middle"),
        (png(mode="P").replace(b"PLTE", b"pLTE"), "damaged"),
        (bytes(bytearray(png())[:-200]) + bytes(180) + png()[-12:], "damaged"),
    ],
    ids=["no end", "half", "Apple's own", "unknown and critical", "interrupted", "no palette", "zeros"],
)
def test_a_png_that_no_browser_shows_whole_is_found_by_the_deep_check(data: bytes, words: str) -> None:
    problem = whole.examine(io.BytesIO(data), "PNG")
    assert problem is not None
    assert words in problem.detail


def test_a_png_with_all_ways_to_store_pixels_is_read_whole() -> None:
    """Interlaced ones have seven small pictures of rows, whose sizes must be reckoned right to the byte."""
    for width in (*range(1, 18), 100):
        for height in (1, 2, 3, 5, 8, 9):
            rows = 0
            for left, top, across, down in whole_passes():
                columns, lines = -(-(width - left) // across), -(-(height - top) // down)
                rows += lines * (1 + (columns * 3)) if columns > 0 and lines > 0 else 0
            header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 1)
            for missing in (0, 1):
                parts = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows - missing))), (b"IEND", b"")]
                data = b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)
                assert bool(whole.examine(io.BytesIO(data), "PNG")) is bool(missing), (width, height)


def whole_passes() -> list[tuple[int, int, int, int]]:
    """Adam7 as the PNG specification prints it, not as the code does."""
    pattern = ["16462646", "77777777", "56565656", "77777777", "36463646", "77777777", "56565656", "77777777"]
    found = []
    for number in "1234567":
        places = [(x, y) for y, row in enumerate(pattern) for x, sign in enumerate(row) if sign == number]
        columns, rows = sorted({x for x, _ in places}), sorted({y for _, y in places})
        steps = [later[1] - later[0] if len(later) > 1 else 8 for later in (columns, rows)]
        found.append((columns[0], rows[0], steps[0], steps[1]))
    return found


@pytest.mark.parametrize("behind", [b"\n", bytes(4_097), b"<!-- served in 12 ms -->" * 500, saved("JPEG")])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP"])
@pytest.mark.parametrize("deep", [False, True])
def test_bytes_behind_a_picture_never_reject_it(kind: str, behind: bytes, *, deep: bool) -> None:
    item = look(saved(kind) + behind, deep=deep)
    assert code(item) == "ok", detail(item)
    assert item.finding is not None
    if kind == "PNG":
        assert f"{len(behind):,} bytes that do not belong to the picture" in item.finding.warning


@pytest.mark.parametrize("size", [(150, 120), (400, 300)], ids=["small", "longer than what is looked at"])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
@pytest.mark.parametrize("deep", [False, True])
def test_a_whole_picture_passes_though_its_host_announces_more(kind: str, size: tuple[int, int], *, deep: bool) -> None:
    data = saved(kind, size)
    answer = OK + b"Content-Length: %d\r\n\r\n" % (len(data) + 5_000) + data
    (item,) = checked_raw(saying(answer), URL, deep=deep)
    assert code(item) == "ok", detail(item)
    assert item.finding is not None
    assert item.finding.size == len(data)
    assert f"The host announces {len(data) + 5_000:,} bytes and sends {len(data):,}." in item.finding.warning


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP"])
@pytest.mark.parametrize("deep", [False, True])
def test_a_picture_that_its_host_breaks_off_is_rejected_and_says_how_much_came(kind: str, *, deep: bool) -> None:
    data = saved(kind)
    answer = OK + b"Content-Length: %d\r\n\r\n" % len(data) + data[:-3_000]
    (item,) = checked_raw(saying(answer), URL, deep=deep)
    assert code(item) == "image_truncated"
    assert f"The host broke off after {len(data) - 3_000:,} bytes of {len(data):,}." in detail(item)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_file_that_is_cut_off_is_told_from_a_host_that_breaks_off(kind: str) -> None:
    data = saved(kind)[:-3_000]
    item = look(data)
    assert code(item) == "image_truncated"
    assert f"{len(data):,}" in detail(item)
    if kind == "WEBP":
        assert f"it says that it has {len(data) + 3_000:,} bytes, and {len(data):,} came" in detail(item)
    else:
        assert "it is the file that is cut off" in detail(item)


def test_a_host_that_does_not_say_how_much_there_is_may_be_to_blame() -> None:
    (item,) = checked_raw(saying(b"HTTP/1.0 200 OK\r\n\r\n" + saved("PNG")[:-3_000]), URL)
    assert code(item) == "image_truncated"
    assert "the host does not say how many there are" in detail(item)
