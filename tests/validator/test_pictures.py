"""Magic bytes decide what a file is, not its name and not what the host calls it."""

import io
import struct
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from importer.models import Problem
from importer.validator.pictures import Picture, identify


def drawn(kind: str, size: tuple[int, int] = (40, 30)) -> bytes:
    stream = io.BytesIO()
    Image.new("1" if kind == "XBM" else "RGB", size).save(stream, kind)
    return stream.getvalue()


WBMP = b"\x00\x00\x08\x02\xff\x00"
NOISE = bytes(range(1, 200))


def seen(data: bytes, total: int | None = -1, content_type: str = "image/jpeg") -> Picture | Problem:
    return identify(data, len(data) if total == -1 else total, content_type)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "XBM"])
def test_every_format_that_the_store_takes_passes_with_its_size(kind: str) -> None:
    picture = seen(drawn(kind), content_type="text/html")
    assert isinstance(picture, Picture)
    assert (picture.format, picture.width, picture.height) == (kind, 40, 30)
    assert bool(picture.warning) == (kind in {"BMP", "XBM"})


def test_wbmp_has_no_magic_bytes_but_a_size_that_must_fit() -> None:
    picture = seen(WBMP)
    assert isinstance(picture, Picture)
    assert picture.format == "WBMP"
    assert isinstance(seen(WBMP + b"\x00"), Problem)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"\x00\x00\x00\x20ftypavif" + NOISE, "AVIF"),
        (b"\x00\x00\x00\x20ftypheic" + NOISE, "HEIC"),
        (b"\x00\x00\x00\x20ftypisom" + NOISE, "MP4 video"),
        (b"II*\x00" + NOISE, "TIFF"),
        (b"MM\x00*" + NOISE, "TIFF"),
        (b"%PDF-1.7" + NOISE, "PDF"),
        (b"8BPS" + NOISE, "PSD"),
        (b"\x00\x00\x01\x00" + NOISE, "ICO"),
        (b'<svg xmlns="http://www.w3.org/2000/svg">', "SVG"),
        (b'<?xml version="1.0"?>\n<!-- x -->\n<svg width="1">', "SVG"),
    ],
)
def test_other_formats_are_refused_by_name(data: bytes, name: str) -> None:
    problem = seen(data)
    assert isinstance(problem, Problem)
    assert problem.code == "image_format_unsupported"
    assert f"The file is {name}," in problem.detail


def test_something_else_is_told_by_what_the_host_calls_it() -> None:
    problem = seen(b'{"error": "no"}', content_type="application/json")
    assert isinstance(problem, Problem)
    assert problem.code == "not_an_image"
    assert "application/json" in problem.detail


def test_nothing_at_all_is_an_empty_file() -> None:
    problem = seen(b"")
    assert isinstance(problem, Problem)
    assert problem.code == "image_empty"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_whole_file_without_its_end_is_cut_off_but_a_first_part_is_not(kind: str) -> None:
    data = drawn(kind)
    problem = seen(data[:-20])
    assert isinstance(problem, Problem)
    assert problem.code == "image_truncated"
    assert isinstance(seen(data[:-20], total=1_000_000), Picture)


def test_a_damaged_header_is_not_a_picture() -> None:
    problem = seen(b"\x89PNG\r\n\x1a\n" + b"x" * 100 + b"IEND")
    assert isinstance(problem, Problem)
    assert problem.code == "image_truncated"


def test_absurd_dimensions_are_refused_without_opening_them() -> None:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    problem = seen(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b""))
    assert isinstance(problem, Problem)
    assert problem.code == "image_too_large"
    assert problem.detail == "The picture has 60,000 by 60,000 pixels, more than can be opened safely."


def test_a_jpeg_whose_size_lies_far_in_still_passes() -> None:
    start = drawn("JPEG")[:20]
    picture = seen(start, total=1_000_000)
    assert isinstance(picture, Picture)
    assert picture.width is None


@pytest.mark.parametrize(("lossless", "alpha"), [(False, False), (True, False), (False, True), (True, True)])
def test_the_first_part_of_a_webp_file_tells_its_size(*, lossless: bool, alpha: bool) -> None:
    stream = io.BytesIO()
    Image.effect_noise((900, 700), 90).convert("RGBA" if alpha else "RGB").save(stream, "WEBP", lossless=lossless)
    picture = seen(stream.getvalue()[:2_000], total=1_000_000)
    assert isinstance(picture, Picture)
    assert (picture.width, picture.height) == (900, 700)


@pytest.mark.parametrize("start", [b"GIF89a" + bytes(20), b"RIFF\x20\x00\x00\x00WEBPVP8 " + bytes(30)])
def test_a_picture_without_width_is_damaged(start: bytes) -> None:
    problem = seen(start)
    assert isinstance(problem, Problem)
    assert problem.code == "image_truncated"


def saved(kind: str, mode: str = "RGB", size: tuple[int, int] = (613, 47), **options: Any) -> bytes:
    stream = io.BytesIO()
    Image.effect_noise(size, 90).convert(mode).save(stream, kind, **options)
    return stream.getvalue()


def exif() -> bytes:
    tags = Image.Exif()
    tags[0x010E] = "x" * 20_000
    return tags.tobytes()


@pytest.mark.parametrize(
    "data",
    [
        saved("JPEG"),
        saved("JPEG", "CMYK"),
        saved("JPEG", "L", progressive=True),
        saved("JPEG", exif=exif(), comment=b"\xff\xc0" * 500),
        saved("JPEG", size=(1, 1)),
        saved("JPEG")[:20] + bytes(7) + saved("JPEG")[20:],
        saved("PNG"),
        saved("PNG", "P"),
        saved("PNG", "1", size=(1, 9000)),
        saved("GIF", "P"),
        saved("GIF", "P", save_all=True, append_images=[Image.new("P", (613, 47))]),
        saved("WEBP"),
        saved("WEBP", "RGBA"),
        saved("WEBP", lossless=True),
        saved("WEBP", save_all=True, append_images=[Image.new("RGB", (613, 47))]),
        saved("BMP"),
        saved("BMP", "1"),
        saved("XBM", "1"),
    ],
)
def test_width_and_height_are_what_pillow_says(data: bytes) -> None:
    picture = seen(data)
    assert isinstance(picture, Picture)
    with Image.open(io.BytesIO(data)) as image:
        assert (picture.format, picture.width, picture.height) == (image.format, *image.size)


@pytest.mark.parametrize("header", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"RIFF\x20\0\0\0WEBP", b"BM"])
@given(rest=st.binary(max_size=60))
def test_any_bytes_after_the_magic_ones_give_a_verdict(header: bytes, rest: bytes) -> None:
    for verdict in (seen(header + rest), seen(header + rest, total=1_000_000)):
        assert isinstance(verdict, Picture) or verdict.detail
