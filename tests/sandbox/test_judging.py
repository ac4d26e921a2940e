"""What the pretend store takes as a picture: as BigCommerce's documents bound it, and as browsers show it."""

import io
import struct
import zlib

import pytest
from PIL import Image

from importer.sandbox.judging import NotAPictureError, file_ending


def saved(kind: str, size: tuple[int, int] = (40, 30), mode: str = "RGB", **options: object) -> bytes:
    stream = io.BytesIO()
    Image.new(mode, size).save(stream, kind, **options)
    return stream.getvalue()


def gif(frames: int, size: tuple[int, int] = (40, 30)) -> bytes:
    data = saved("GIF", size, "P")
    at = 13 + (3 << (data[10] & 7) + 1)
    return data[:at] + data[at:-1] * frames + b";"


def png_with(kind: bytes, content: bytes) -> bytes:
    data = saved("PNG")
    chunk = struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    return data[:33] + chunk + data[33:]


@pytest.mark.parametrize(
    ("data", "ending"),
    [
        (gif(150), "gif"),
        (gif(1, (5_120, 5_120)), "gif"),
        (saved("PNG") + bytes(9_000), "png"),
        (saved("JPEG") + bytes(9_000), "jpg"),
        (saved("JPEG", (12_000, 9_000), "L", quality=10), "jpg"),
        (saved("JPEG", (16_000, 12_000), "L", quality=10), "jpg"),
        (png_with(b"cICP", bytes([9, 16, 0, 1])), "png"),
        (png_with(b"pHYs", b"1"), "png"),
        (png_with(b"iCCP", b"x\0\x05broken"), "png"),
    ],
    ids=["150 frames", "5,120 pixels", "PNG+", "JPEG+", "108 megapixels", "192 megapixels", "cICP", "pHYs", "iCCP"],
)
def test_what_the_documents_allow_and_browsers_show_is_taken(data: bytes, ending: str) -> None:
    assert file_ending(data) == ending


@pytest.mark.parametrize(
    "data",
    [gif(151), gif(1, (5_121, 30)), gif(1, (30, 5_121)), saved("PNG")[:-40], saved("JPEG", (400, 300))[:-400]],
    ids=["151 frames", "too wide", "too high", "half a PNG", "half a JPEG"],
)
def test_what_is_beyond_the_bounds_or_cut_off_is_not(data: bytes) -> None:
    with pytest.raises(NotAPictureError):
        file_ending(data)
