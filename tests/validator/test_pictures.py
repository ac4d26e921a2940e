"""Magic bytes decide what a file is, not its name and not what the host calls it."""

import io
import struct
import time
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from importer.models import Problem
from importer.validator.pictures import _MAGIC, Extent, Picture, identify


def drawn(kind: str, size: tuple[int, int] = (40, 30)) -> bytes:
    stream = io.BytesIO()
    Image.new("1" if kind == "XBM" else "RGB", size).save(stream, kind)
    return stream.getvalue()


WBMP = b"\x00\x00\x08\x02\xff\x00"
NOISE = bytes(range(1, 200))
XML = b'<?xml version="1.0" encoding="UTF-8"?>\n'
DOCTYPE = b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd"'


def seen(data: bytes, total: int | None = -1, content_type: str = "image/jpeg") -> Picture | Problem:
    return identify(data, content_type, Extent(len(data) if total == -1 else total, len(data), data[-64:]))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "XBM"])
def test_every_format_that_the_store_takes_passes_with_its_size(kind: str) -> None:
    picture = seen(drawn(kind, (400, 300)), content_type="text/html")
    assert isinstance(picture, Picture)
    assert (picture.format, picture.width, picture.height) == (kind, 400, 300)
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
        (b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avifmiaf" + NOISE, "AVIF"),
        (b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1heicmiaf" + NOISE, "HEIC"),
        (b"\x00\x00\x00\x20ftypheic" + NOISE, "HEIC"),
        (b"\x00\x00\x00\x20ftypisom" + NOISE, "MP4 video"),
        (b"II*\x00" + NOISE, "TIFF"),
        (b"MM\x00*" + NOISE, "TIFF"),
        (b"%PDF-1.7" + NOISE, "PDF"),
        (b"8BPS" + NOISE, "PSD"),
        (b"\x00\x00\x01\x00" + NOISE, "ICO"),
        (b"\x00\x00\x00\x0cjP  \r\n\x87\n" + NOISE, "JPEG 2000"),
        (b"\xff\x4f\xff\x51" + NOISE, "JPEG 2000"),
        (b"\x00\x00\x00\x0cJXL \r\n\x87\n" + NOISE, "JPEG XL"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "EPS"),
        (b"\xc5\xd0\xd3\xc6" + NOISE, "EPS"),
        (b"\xd7\xcd\xc6\x9a" + NOISE, "WMF"),
        (b"\x01\x00\x00\x00" + NOISE[:36] + b" EMF" + NOISE, "EMF"),
        (b"\x1f\x8b\x08" + NOISE, "gzip, perhaps SVGZ"),
        (b"PK\x03\x04" + NOISE, "ZIP"),
        (b'<svg xmlns="http://www.w3.org/2000/svg">', "SVG"),
        (b'<?xml version="1.0"?>\n<!-- x -->\n<svg width="1">', "SVG"),
        (b'\xef\xbb\xbf<svg width="1">', "SVG"),
        (b"\xef\xbb\xbf" + XML + b"<svg\n", "SVG"),
        (XML + b"<!-- one -->\n<!-- <svg> -- > two -->\n" + DOCTYPE + b">\n<svg ", "SVG"),
        (XML + DOCTYPE + b' [\n<!ENTITY ns "http://ns.adobe.com/Extensibility/1.0/">\n]>\n<svg ', "SVG"),
        (XML + DOCTYPE + b">\n<!-- Creator: CorelDRAW X7 -->\n<svg ", "SVG"),
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


def test_absurd_dimensions_are_warned_of_without_opening_them() -> None:
    """BigCommerce's documents name no bound but for GIFs."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    picture = seen(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b""))
    assert isinstance(picture, Picture)
    assert picture.warning.startswith("The picture has 60,000 by 60,000 pixels, far more than a shop shows")


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


@pytest.mark.parametrize(
    "trailer", [bytes(5_000), b"\n\n", b"<!-- served in 12 ms -->", bytes(99) + b"\xff\xda" + bytes(5_000)]
)
def test_a_jpeg_with_something_after_its_end_passes(trailer: bytes) -> None:
    picture = seen(drawn("JPEG") + trailer)
    assert isinstance(picture, Picture)
    assert (picture.width, picture.height) == (40, 30)


@pytest.mark.parametrize(("size", "warned"), [((1, 1), True), ((4, 4), True), ((5, 1), False), ((40, 1), False)])
def test_a_picture_of_a_few_pixels_passes_with_a_warning(size: tuple[int, int], *, warned: bool) -> None:
    picture = seen(drawn("GIF", size))
    assert isinstance(picture, Picture)
    assert picture.warning.startswith(f"The picture is only {size[0]} by {size[1]} pixels;") is warned


@pytest.mark.parametrize("text", [b"BMW 320i, blue, 4 doors, first registered in 2019", b"BM", b"BM" + b" " * 100])
def test_words_that_begin_with_the_letters_of_a_format_are_no_picture(text: bytes) -> None:
    problem = seen(text)
    assert isinstance(problem, Problem)
    assert problem.code == "not_an_image"


SKIPPED = b"\x00\x00\x00\x20ftyp"
FLOODS: dict[str, list[bytes]] = {
    "JPEG": [b"\xff\xd8" + b"\xff" * 70_000, b"\xff\xd8\xff" + b"\xff\x01" * 40_000, b"\xff\xd8\xff\xe0\0\2" * 11_000],
    "PNG": [b"\x89PNG\r\n\x1a\n" * 9_000],
    "GIF": [b"GIF89a" * 11_000, b"GIF8" * 17_000],
    "WEBP": [b"RIFF" * 17_000, b"RIFFxxxxWEBP" * 6_000],
    "BMP": [b"BM" * 33_000],
    "XBM": [
        b"#define a_width 1 " * 4_000,
        b"#define a_width 1 " + b"#define a_heigh" * 5_000,
        b"#define a" + b"_width" * 11_000,
        b"#define" + b" " * 70_000,
        b"/*" + b"*/ " * 22_000,
        b"/*" * 33_000,
        b"/**/" * 17_000,
        b" " * 66_000,
    ],
    "AVIF": [SKIPPED + b"avix" * 17_000],
    "HEIC": [SKIPPED + b"heix" * 17_000, SKIPPED + b"mif" * 22_000],
    "TIFF": [b"II*" * 22_000],
    "PDF": [b"%PDF" * 17_000],
    "PSD": [b"8BP" * 22_000],
    "ICO": [bytes(66_000), b"\0\0" + b"\xff" * 66_000],
    "JPEG 2000": [b"\x00\x00\x00\x0cjP " * 10_000],
    "EPS": [b"%!P" * 22_000],
    "WMF": [b"\xd7\xcd\xc6" * 22_000],
    "EMF": [b"\x01\x00\x00\x00" * 17_000, b"\x01\x00\x00\x00 EMF" * 9_000],
    "gzip, perhaps SVGZ": [b"\x1f\x8b" * 33_000],
    "ZIP": [b"PK\x03" * 22_000],
    "JPEG XL": [b"\xff\x0b" * 33_000],
    "MP4 video": [b"\0\0\0\x20fty" * 10_000],
    "SVG": [
        b"<!--" + b"--><!DOCTYPE svg>" * 5_000,
        b"<!-- -->\n" * 8_000,
        b"<!---->" * 10_000,
        b"<!--" * 17_000,
        b"<?xml" * 14_000,
        b"<?xml ?>" + b"\n" * 66_000,
        b"<!DOCTYPE svg" * 6_000,
        b"<!DOCTYPE svg>" * 6_000,
        b"<!DOCTYPE svg" + b"[]" * 33_000,
        b"<!DOCTYPE svg" + b"[>" * 33_000,
        b"\xef\xbb\xbf" * 22_000,
    ],
}
"""For each format what its pattern almost takes, over and over."""


def quickest(data: bytes) -> float:
    """Seconds of the processor that a verdict takes at best, whatever else the computer does meanwhile."""
    taken = []
    for _ in range(5):
        started = time.thread_time()
        seen(data, total=1_000_000)
        seen(data)
        taken.append(time.thread_time() - started)
    return min(taken)


def test_there_is_a_flood_for_every_format() -> None:
    assert FLOODS.keys() == {"JPEG"} | {name for name, _ in _MAGIC}


@pytest.mark.parametrize("flood", [flood for floods in FLOODS.values() for flood in floods], ids=lambda f: repr(f[:24]))
def test_four_times_as_many_hostile_bytes_take_about_four_times_as_long(flood: bytes) -> None:
    """Not sixteen times, as a pattern that goes back over what it has read would; clocks do not tell 2 ms well."""
    assert len(flood) >= 65_536
    assert quickest(flood[:65_536]) < 8 * quickest(flood[:16_384]) + 0.002
