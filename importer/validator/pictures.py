"""What the bytes at an address are: magic bytes decide, not the Content-Type and not the ending."""

import re
import struct
from dataclasses import dataclass

from importer.models import Problem, ProblemCode
from importer.problems import problem
from importer.validator.animations import LARGEST_GIF_SIDE, MOST_GIF_FRAMES, gif_frames, moves
from importer.validator.dimensions import colour_channels, dimensions, first_scan

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
_MANY_PIXELS = 50_000_000
_SMALL = 250
"""Pixels. Google Merchant Center, Image link: 250 by 250 for clothes, 100 by 100 for the rest; themes show more."""
_PNG_END = b"IEND\xaeB`\x82"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that the store takes.

    Attributes:
        format: its format, such as `JPEG`.
        width: in pixels, or None where the first bytes do not tell it.
        height: likewise.
        warning: what may go wrong with it all the same, as sentences; empty where there is nothing.
        uncounted: whether it is a GIF that moves, and more of it is needed to count its frames.
    """

    format: str
    width: int | None
    height: int | None
    warning: str
    uncounted: bool = False


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of a file there is.

    Attributes:
        total: the size of the whole file in bytes, or None where it is not known.
        received: the bytes that came.
        end: the last of these, some ten at least.
        announced: whether the host said how large the file is, or marked its end.
        broke_off: whether less came than was announced.
    """

    total: int | None
    received: int
    end: bytes
    announced: bool = True
    broke_off: bool = False


def identify(start: bytes, content_type: str, extent: Extent) -> Picture | Problem:
    """Tell what a file is.

    Args:
        start: the first bytes of the file, or all of it.
        content_type: what the host claims, quoted where the bytes are something else.
        extent: how much of it there is.
    """
    if not start:
        return problem(ProblemCode.IMAGE_EMPTY)
    name = _format_of(start, extent.total)
    if not name:
        return _no_picture(content_type)
    if name not in _TAKEN:
        return problem(ProblemCode.IMAGE_FORMAT_UNSUPPORTED, f"The file is {name}, which BigCommerce does not take.")
    return _judged(name, start, extent)


def _judged(name: str, start: bytes, extent: Extent) -> Picture | Problem:
    """The verdict on a file of a format that the store takes."""
    whole = len(start) >= extent.received and (extent.broke_off or extent.received == extent.total)
    if (whole or extent.broke_off) and _cut_off(name, start, extent):
        return _ends_early(name, start, extent)
    size = _pixels(name, start, whole=whole)
    if isinstance(size, Problem):
        return size
    trouble = _gif_problem(start, size) if name == "GIF" else None
    if trouble is not None:
        return trouble
    sentences = _oddities(name, start, extent) if whole or extent.broke_off else []
    width, height = size or (None, None)
    warning = " ".join(sentences + _warnings(name, start, size))
    frames = gif_frames(start) if name == "GIF" and not whole else None
    return Picture(name, width, height, warning, frames is not None and frames.moves and not frames.ended)


def _oddities(name: str, start: bytes, extent: Extent) -> list[str]:
    """What a host does wrong in sending a picture that is whole."""
    if extent.broke_off:
        announced = f"announces {extent.total:,} bytes and" if extent.total else "breaks the connection off: it"
        words = f"The host {announced} sends {extent.received:,}. The picture is whole, but the store may wait for the "
        return [f"{words}rest and give up: ask whoever runs the host to mend that."]
    behind = extent.received - _png_end(start) if name == "PNG" else 0
    if behind > 0:
        return [f"{behind:,} bytes that do not belong to the picture come behind its end; its host may add them."]
    return []


def _gif_problem(start: bytes, size: tuple[int, int] | None) -> Problem | None:
    """Why BigCommerce does not take a GIF that is well."""
    if size is not None and max(size) > LARGEST_GIF_SIDE:
        words = (
            f"The GIF has {size[0]:,} by {size[1]:,} pixels; BigCommerce takes GIFs of at most "
            f"{LARGEST_GIF_SIDE:,} by {LARGEST_GIF_SIDE:,}."
        )
        return problem(ProblemCode.IMAGE_TOO_LARGE, words)
    frames = gif_frames(start)
    if frames.count > MOST_GIF_FRAMES:
        many = f"{frames.count:,}" if frames.ended else f"more than {MOST_GIF_FRAMES}"
        words = f"The GIF is an animation of {many} frames; BigCommerce takes at most {MOST_GIF_FRAMES}."
        return problem(
            ProblemCode.IMAGE_TOO_LARGE, words, fix="Save it with fewer frames, or as a still picture (JPEG or PNG)."
        )
    return None


def _warnings(name: str, start: bytes, size: tuple[int, int] | None) -> list[str]:
    """What may go wrong in the store or look bad in the shop, though the store takes the picture."""
    found = []
    if name not in _SHOWN_EVERYWHERE:
        found.append(f"{name}: the store takes it, but some browsers and themes do not show it.")
    if moves(name, start):
        found.append("The picture is animated: the store may show its first frame alone.")
    if name == "JPEG" and colour_channels(start) == 4:
        found.append(
            "The JPEG is in CMYK, the colours of print, and a shop may show it in wrong ones: better save it in RGB."
        )
    if size is None:
        return found
    if max(size) <= _SMALLEST_SENSIBLE:
        found.append(
            f"The picture is only {size[0]} by {size[1]} pixels; some hosts send such a one in place of the real one."
        )
    elif min(size) < _SMALL:
        found.append(
            f"The picture is only {size[0]:,} by {size[1]:,} pixels: too small to look sharp in most shops, and for "
            "many marketplaces."
        )
    if size[0] * size[1] > _MANY_PIXELS:
        found.append(
            f"The picture has {size[0]:,} by {size[1]:,} pixels, far more than a shop shows: the store may take long "
            "over it, or fail."
        )
    return found


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


def _cut_off(name: str, start: bytes, extent: Extent) -> bool:
    """Whether a file of which no more comes lacks its end, by the cheapest certain sign of its format.

    A file larger than `start` is judged by its last bytes. What stands behind a picture's end never counts against it.
    """
    if name == "JPEG":
        # Some cameras and programs leave more after the picture's end.
        ended = extent.end.rstrip(b"\0").endswith(b"\xff\xd9") or b"\xff\xd9" in extent.end
        return not ended and b"\xff\xd9" not in start[first_scan(start) :]
    if name == "PNG":
        return _PNG_END not in extent.end and not _png_end(start)
    if name == "WEBP":
        return extent.received < _webp_length(start)
    # A file that was cut off by its host has to show its end; another is the affair of the deep check.
    if name == "GIF":
        return extent.broke_off and not extent.end.rstrip(b"\0").endswith(b";")
    if name == "XBM":
        return extent.broke_off and b"}" not in extent.end
    return extent.broke_off


def _png_end(data: bytes) -> int:
    """The place behind the last chunk of a PNG, 0 where that is not there (PNG specification, 5.3)."""
    at = 8
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        at += 12 + int(length)
        if kind == b"IEND":
            return at if at <= len(data) else 0
    return 0


def _webp_length(start: bytes) -> int:
    """How long a WebP file says it is, in bytes (RFC 9649, 2.4)."""
    return int(struct.unpack("<I", start[4:8])[0]) + 8


def _ends_early(name: str, start: bytes, extent: Extent) -> Problem:
    """A picture without its end, with what tells whether its host or its file is to blame."""
    received = f"{extent.received:,}"
    if extent.broke_off:
        words = f"The host broke off after {received} bytes"
        words += f" of {extent.total:,}" if extent.total is not None else ""
        fix = "Try again later; if it stays so, ask whoever runs the host why it does not send the file to its end."
        return problem(ProblemCode.IMAGE_TRUNCATED, f"{words}. The file itself may be well.", fix=fix)
    words = f"The {name} file ends in the middle of the picture"
    if name == "WEBP":
        words += f": it says that it has {_webp_length(start):,} bytes, and {received} came"
    elif extent.announced:
        words += f": the host sent all of its {received} bytes, so it is the file that is cut off"
    else:
        words += f", after {received} bytes; the host does not say how many there are, so it may have broken off"
    return problem(ProblemCode.IMAGE_TRUNCATED, f"{words}.")


def _pixels(name: str, start: bytes, *, whole: bool) -> tuple[int, int] | Problem | None:
    """Width and height; None where the first bytes do not tell them."""
    try:
        size = dimensions(name, start)
    except ValueError:
        return _damaged(name)
    if size is None:
        return _damaged(name) if whole else None
    return size if min(size) > 0 else _damaged(name)


def _damaged(name: str) -> Problem:
    return problem(ProblemCode.IMAGE_TRUNCATED, f"The file starts like {name}, but it is damaged.")
