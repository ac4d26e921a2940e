"""Whether bytes are a picture that the store takes: decided by the bytes, and by decoding them whole."""

import hashlib
import io
import re
import struct
import warnings
from functools import lru_cache

from PIL import Image

MAX_BYTES = 8 * 1024 * 1024
"""BigCommerce docs: "up to 8 MB". Whether MB or MiB is not documented; third-party code reckons in MiB."""

_ENDINGS = {"BMP": "bmp", "GIF": "gif", "JPEG": "jpg", "PNG": "png", "WBMP": "wbmp", "XBM": "xbm", "WEBP": "webp"}
"""BigCommerce docs: "Supported image file types are BMP, GIF, JPEG, PNG, WBMP, XBM, and WEBP"."""
KNOWN_ENDINGS = frozenset({*_ENDINGS.values(), "jpeg"})
"""File endings that the store keeps as they are; any other gives way to the picture's usual one."""
_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
)
_XBM = re.compile(rb"\s*(/\*.*?\*/\s*)?#define\s+\w+_width\s+\d+", re.DOTALL)
_MOST_DECODED = 40_000_000
"""Pixels; the documents name no bound, but the pretend store has no more memory than the computer it runs on."""
_MOST_GIF_FRAMES, _LARGEST_GIF_SIDE = 150, 5_120
"""BigCommerce's support article "Platform Limits"."""
_PNG_KEPT = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}


class NotAPictureError(Exception):
    """The bytes are no picture that the store takes, or a damaged one."""


def file_ending(data: bytes) -> str:
    """The usual file ending of a picture that the store takes, after decoding it whole.

    Raises:
        NotAPictureError: the bytes are nothing that the store takes.
    """
    return _judged(_Digest(data))


class _Digest:
    """Bytes that compare by their digest, so that remembering a verdict does not keep the bytes."""

    def __init__(self, data: bytes) -> None:
        self.key = hashlib.sha256(data).digest()
        self.data: bytes | None = data

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Digest) and self.key == other.key


@lru_cache(maxsize=512)
def _judged(digest: _Digest) -> str:
    data, digest.data = digest.data or b"", None
    name = _format_of(data)
    if not name:
        raise NotAPictureError
    if name != "WBMP":
        _decode(data, name)
    return _ENDINGS[name]


def _format_of(data: bytes) -> str:
    for start, name in _STARTS:
        if data.startswith(start):
            return name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if _XBM.match(data[:2_000]):
        return "XBM"
    return "WBMP" if _is_wbmp(data) else ""


def _is_wbmp(data: bytes) -> bool:
    """Type 0, fixed header 0, width and height as multi-byte integers, then just the rows (WAP-237, 4.5)."""
    sizes: list[int] = []
    at = 2
    value = 0
    while data[:2] == b"\x00\x00" and len(sizes) < 2 and at < min(len(data), 12):
        value = value << 7 | data[at] & 0x7F
        if not data[at] & 0x80:
            sizes.append(value)
            value = 0
        at += 1
    return len(sizes) == 2 and all(sizes) and len(data) == at + (sizes[0] + 7) // 8 * sizes[1]


def _decode(data: bytes, name: str) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = _without_metadata(data) if name == "PNG" else data
            with Image.open(io.BytesIO(picture), formats=[name]) as image:
                if name == "GIF" and (max(image.size) > _LARGEST_GIF_SIDE or _moves_for_long(image)):
                    raise NotAPictureError
                if image.width * image.height <= _MOST_DECODED:
                    image.load()
    except Image.DecompressionBombError:
        # Far above what is decoded here in any case.
        return
    except (OSError, SyntaxError, ValueError, EOFError, struct.error) as error:
        raise NotAPictureError from error


def _moves_for_long(image: Image.Image) -> bool:
    try:
        image.seek(_MOST_GIF_FRAMES)
    except EOFError:
        image.seek(0)
        return False
    return True


def _without_metadata(data: bytes) -> bytes:
    """A PNG with what its pixels need alone: Pillow refuses some metadata that the web's own decoder passes over."""
    kept, at = [data[:8]], 8
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind in _PNG_KEPT or not kind[0] & 0x20:
            kept.append(data[at : at + 12 + length])
        at += 12 + length
    return b"".join(kept)
