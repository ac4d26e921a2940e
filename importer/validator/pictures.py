"""What the bytes at an address are: magic bytes decide, not the Content-Type and not the ending."""

import re
import struct
from dataclasses import dataclass

from importer.models import Problem, ProblemCode
from importer.problems import problem
from importer.validator.dimensions import dimensions, first_scan

_MAGIC: tuple[tuple[str, re.Pattern[bytes]], ...] = tuple(
    (name, re.compile(pattern, re.DOTALL))
    for name, pattern in (
        ("PNG", rb"\x89PNG\r\n\x1a\n"),
        ("GIF", rb"GIF8[79]a"),
        ("WEBP", rb"RIFF....WEBP"),
        ("BMP", rb"BM.{12}[\x0c\x10\x28\x34\x38\x40\x6c\x7c]\x00\x00\x00"),
        ("XBM", rb"(?:/\*(?:(?!\*/).)*+\*/)?+\s*+#define\s++\S{0,200}?_width\s"),
        ("AVIF", rb"....ftyp(?:.{4}){0,12}?avi[fs]"),
        ("HEIC", rb"....ftyp(?:hei[cxms]|hevc|hevx|mif1|msf1|miaf)"),
        ("TIFF", rb"(II\*\x00|MM\x00\*|II\+\x00|MM\x00\+)"),
        ("PDF", rb"%PDF-"),
        ("PSD", rb"8BPS"),
        ("ICO", rb"\x00\x00\x01\x00"),
        ("JPEG 2000", rb"(?:\x00\x00\x00\x0cjP  |\xff\x4f\xff\x51)"),
        ("EPS", rb"(?:%!PS|\xc5\xd0\xd3\xc6)"),
        ("WMF", rb"\xd7\xcd\xc6\x9a"),
        ("EMF", rb"\x01\x00\x00\x00.{36} EMF"),
        ("gzip, perhaps SVGZ", rb"\x1f\x8b\x08"),
        ("ZIP", rb"PK\x03\x04"),
        ("JPEG XL", rb"(\xff\x0a|\x00\x00\x00\x0cJXL )"),
        ("MP4 video", rb"....ftyp"),
        (
            "SVG",
            (
                rb"(?:\xef\xbb\xbf)?+(?:\s++|<\?[^>]*+>|<!--(?:(?!-->).)*+-->"
                rb"|<!DOCTYPE svg[^>\[]*+(?:\[[^\]]*+\])?+[^>]*+>)*+<svg[\s>]"
            ),
        ),
    )
)
_TAKEN = {"BMP", "GIF", "JPEG", "PNG", "WBMP", "XBM", "WEBP"}
"""BigCommerce docs, Create a Product Image: "Supported image file types are BMP, GIF, JPEG, PNG, WBMP, XBM, and
WEBP"."""
_SMALLEST_SENSIBLE = 4
_SHOWN_EVERYWHERE = {"GIF", "JPEG", "PNG", "WEBP"}
MOST_PIXELS = 89_478_485
"""Pillow's own bound (`Image.MAX_IMAGE_PIXELS`): more, and a picture cannot be opened safely on a small computer."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that the store takes: its format, and its size in pixels where the first bytes tell it."""

    format: str
    width: int | None
    height: int | None
    warning: str


def identify(start: bytes, total: int | None, content_type: str) -> Picture | Problem:
    """Tell what a file is.

    Args:
        start: the first bytes of the file, or all of it.
        total: the size of the whole file in bytes, or None where it is not known.
        content_type: what the host claims, quoted where the bytes are something else.
    """
    if not start:
        return problem(ProblemCode.IMAGE_EMPTY)
    name = _format_of(start, total)
    if not name:
        return _no_picture(content_type)
    if name not in _TAKEN:
        return problem(ProblemCode.IMAGE_FORMAT_UNSUPPORTED, f"The file is {name}, which BigCommerce does not take.")
    whole = total is not None and len(start) >= total
    if whole and _cut_off(name, start):
        return problem(ProblemCode.IMAGE_TRUNCATED, f"The {name} file ends in the middle of the picture.")
    size = _pixels(name, start, whole=whole)
    if isinstance(size, Problem):
        return size
    width, height = size or (None, None)
    warning = ""
    if name not in _SHOWN_EVERYWHERE:
        warning = f"{name}: the store takes it, but some browsers and themes do not show it."
    elif size is not None and max(size) <= _SMALLEST_SENSIBLE:
        warning = (
            f"The picture is only {width} by {height} pixels; some hosts send such a one in place of the real one."
        )
    return Picture(name, width, height, warning)


def _format_of(start: bytes, total: int | None) -> str:
    """The format's name, empty where it is none that we know."""
    if start.startswith(b"\xff\xd8\xff"):
        # Most pictures are JPEGs, and need no further look.
        return "JPEG"
    name = next((name for name, magic in _MAGIC if magic.match(start)), "")
    return "WBMP" if not name and _is_wbmp(start, total) else name


def _no_picture(content_type: str) -> Problem:
    claimed = f" The host calls it {content_type}." if content_type else ""
    return problem(ProblemCode.NOT_AN_IMAGE, f"The file at this address is not a picture.{claimed}")


def _is_wbmp(start: bytes, total: int | None) -> bool:
    """WBMP has no magic bytes; its size must fit its width and height exactly (WAP-237, section 4.5)."""
    if total is None or start[:2] != b"\x00\x00":
        return False
    size = dimensions("WBMP", start[:12])
    if size is None or min(size) == 0:
        return False
    groups = sum(max(1, -(-side.bit_length() // 7)) for side in size)
    return total == 2 + groups + (size[0] + 7) // 8 * size[1]


def _cut_off(name: str, data: bytes) -> bool:
    """Whether a whole file lacks its end, by the cheapest certain sign of its format."""
    if name == "JPEG":
        # Some cameras and programs leave more after the picture's end.
        return not data.endswith(b"\xff\xd9") and b"\xff\xd9" not in data[first_scan(data) :]
    if name == "PNG":
        return b"IEND" not in data[-4096:]
    if name == "WEBP":
        return len(data) < int(struct.unpack("<I", data[4:8])[0]) + 8
    return False


def _pixels(name: str, start: bytes, *, whole: bool) -> tuple[int, int] | Problem | None:
    """Width and height; None where the first bytes do not tell them."""
    try:
        size = dimensions(name, start)
    except ValueError:
        return _damaged(name)
    if size is None:
        return _damaged(name) if whole else None
    if size[0] * size[1] > MOST_PIXELS:
        words = f"The picture has {size[0]:,} by {size[1]:,} pixels, more than can be opened safely."
        return problem(ProblemCode.IMAGE_TOO_LARGE, words)
    return size if min(size) > 0 else _damaged(name)


def _damaged(name: str) -> Problem:
    return problem(ProblemCode.IMAGE_TRUNCATED, f"The file starts like {name}, but it is damaged.")
