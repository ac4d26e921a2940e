"""Pictures that look like a shop's: drawn by Pillow, the same bytes at each start, and some broken on purpose."""

import io
import random
import struct
import zlib
from functools import lru_cache

from PIL import Image, ImageDraw

_SIDE = 600
_PALETTE = (
    ((236, 228, 214), (176, 96, 58)),
    ((222, 232, 238), (44, 84, 120)),
    ((230, 238, 224), (72, 112, 70)),
    ((244, 234, 226), (140, 44, 48)),
    ((232, 230, 240), (86, 70, 130)),
    ((240, 240, 236), (40, 42, 46)),
    ((226, 240, 240), (20, 124, 128)),
    ((246, 240, 220), (200, 148, 32)),
)
_COMMENT_BYTES = 65_000
_GOOD_PNG_BYTES = 100_000


def variant_of(path: str) -> int:
    """Which of the drawings stands for a path: always the same for the same path."""
    return zlib.crc32(path.encode()) % (len(_PALETTE) * 3)


@lru_cache(maxsize=128)
def drawing(variant: int, picture_format: str = "JPEG") -> bytes:
    """One product-like picture, 600 by 600 pixels: a shape on a shaded ground.

    Args:
        variant: which colours and which shape.
        picture_format: a format that Pillow writes, such as `JPEG` or `WEBP`.
    """
    image = _draw(variant, _SIDE)
    buffer = io.BytesIO()
    if picture_format == "GIF":
        image = image.quantize(colors=64)
    options = {"quality": 85} if picture_format in {"JPEG", "WEBP"} else {}
    image.save(buffer, picture_format, **options)
    return buffer.getvalue()


def _draw(variant: int, side: int) -> Image.Image:
    ground, colour = _PALETTE[variant % len(_PALETTE)]
    shade = Image.linear_gradient("L").resize((side, side))
    darker = tuple(max(0, part - 46) for part in ground)
    image = Image.composite(Image.new("RGB", (side, side), darker), Image.new("RGB", (side, side), ground), shade)
    pen = ImageDraw.Draw(image)
    unit = side // 12
    pen.ellipse((2 * unit, 9 * unit, 10 * unit, 11 * unit), fill=tuple(max(0, part - 70) for part in ground))
    shape = variant // len(_PALETTE) % 3
    if shape == 0:
        pen.ellipse((8 * unit, 4 * unit, 11 * unit, 8 * unit), outline=colour, width=unit // 2)
        pen.rounded_rectangle((3 * unit, 3 * unit, 9 * unit, 10 * unit), radius=unit, fill=colour)
    elif shape == 1:
        pen.polygon(((6 * unit, 2 * unit), (11 * unit, 10 * unit), (unit, 10 * unit)), fill=colour)
        pen.polygon(((6 * unit, 5 * unit), (8 * unit, 10 * unit), (4 * unit, 10 * unit)), fill=ground)
    else:
        pen.ellipse((2 * unit, 2 * unit, 10 * unit, 10 * unit), fill=colour)
        pen.ellipse((4 * unit, 4 * unit, 8 * unit, 8 * unit), fill=darker)
    return image


@lru_cache(maxsize=1)
def oversized(size: int = 9_000_000) -> bytes:
    """A valid JPEG of at least `size` bytes: comment segments fill it up (ITU T.81, B.2.4.5)."""
    picture = drawing(3, "JPEG")
    comment = b"\xff\xfe" + struct.pack(">H", _COMMENT_BYTES + 2) + b" " * _COMMENT_BYTES
    return picture[:2] + comment * (size // len(comment) + 1) + picture[2:]


def cut_off() -> bytes:
    """A JPEG that ends in the middle of the picture, though the host calls it complete."""
    return drawing(5, "JPEG")[:6_000]


@lru_cache(maxsize=1)
def rotten_png() -> bytes:
    """A PNG of more than 200 kB whose first 100 kB are fine and whose later picture data is garbage."""
    noise = random.Random(7)  # noqa: S311 - the same bytes at each start, no secret
    image = Image.frombytes("RGB", (300, 300), noise.randbytes(300 * 300 * 3))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    whole = buffer.getvalue()
    return whole[:_GOOD_PNG_BYTES] + noise.randbytes(len(whole) - _GOOD_PNG_BYTES - 12) + whole[-12:]


@lru_cache(maxsize=1)
def tiff() -> bytes:
    """A TIFF, as a print shop delivers it."""
    buffer = io.BytesIO()
    _draw(6, 240).save(buffer, "TIFF")
    return buffer.getvalue()


def svg() -> bytes:
    """A logo as SVG."""
    return (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">'
        b'<path d="M5 1 9 9H1z" fill="#2c5478"/></svg>\n'
    )


def pdf() -> bytes:
    """A care leaflet as PDF."""
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
        b"trailer<</Root 1 0 R>>\n%%EOF\n"
    )


def iso_media(brand: bytes) -> bytes:
    """The start of an AVIF or HEIC file: `brand` is its four letters (ISO/IEC 14496-12, 4.3)."""
    return struct.pack(">I", 24) + b"ftyp" + brand + b"\x00\x00\x00\x00" + brand + b"mif1" + b"\x00" * 4_000


def web_page(title: str) -> bytes:
    """A web page, as hosts show it where a picture should be."""
    return (
        f"<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'><title>{title}</title></head>"
        f"<body><h1>{title}</h1><p>Please accept cookies to go on.</p></body></html>\n"
    ).encode()
