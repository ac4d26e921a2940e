"""Pictures that move, are vast, tiny or made for print: what BigCommerce takes passes, with a warning."""

import io
import struct

import pytest
from aiohttp import web
from PIL import Image

from importer.models import Checked
from importer.validator.animations import gif_frames
from tests.validator.image_host import ImageHost, checked, code, detail


def images_at(data: bytes) -> int:
    """Where the first block behind the colour table begins."""
    return 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)


def gif(frames: int, size: tuple[int, int] = (300, 300), *, looping: bool = True, noise: bool = False) -> bytes:
    """An animated GIF; with `noise`, its first frame alone is longer than what the check looks at first."""
    stream = io.BytesIO()
    image = Image.effect_noise(size, 90).convert("P") if noise else Image.new("P", size)
    image.save(stream, "GIF")
    data = stream.getvalue()
    at = images_at(data)
    loop = b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0" if looping else b""
    return data[:at] + loop + data[at:-1] * frames + b";"


def look(data: bytes, *, deep: bool = False) -> tuple[Checked, ImageHost]:
    async def serve(request: web.BaseRequest) -> web.Response:
        wanted = request.headers.get("Range", "")
        if not wanted:
            return web.Response(body=data)
        last = min(int(wanted.rpartition("-")[2]), len(data) - 1)
        head = {"Content-Range": f"bytes 0-{last}/{len(data)}"}
        return web.Response(status=206, body=data[: last + 1], headers=head)

    host = ImageHost("a.example", serve)
    (item,) = checked([host], ["http://a.example/x"], timeout=5.0, deep=deep)
    return item, host


def warning(item: Checked) -> str:
    assert code(item) == "ok", detail(item)
    assert item.finding is not None
    return item.finding.warning


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize(
    ("noise", "looping"), [(False, True), (False, False), (True, True)], ids=["short", "short, once", "long"]
)
def test_a_gif_of_more_than_150_frames_is_too_large(*, noise: bool, looping: bool, deep: bool) -> None:
    data = gif(151, (120, 120) if noise else (300, 300), looping=looping, noise=noise)
    item, _ = look(data, deep=deep)
    assert code(item) == "image_too_large"
    assert "151 frames; BigCommerce takes at most 150" in detail(item)
    item, _ = look(gif(150, (120, 120) if noise else (300, 300), looping=looping, noise=noise), deep=deep)
    assert "animated" in warning(item)


def test_a_gif_that_does_not_move_is_not_read_on() -> None:
    item, host = look(gif(1, (600, 600), looping=False, noise=True))
    assert warning(item) == ""
    assert len(host.asked) == 1


def test_a_gif_that_moves_is_read_on_once() -> None:
    item, host = look(gif(20, (300, 300), noise=True))
    assert "animated" in warning(item)
    assert [bool(wanted) for _, _, wanted in host.asked] == [True, False]


def test_a_gif_whose_rest_does_not_come_passes_with_its_first_bytes() -> None:
    data = gif(20, (300, 300), noise=True)

    async def serve(request: web.BaseRequest) -> web.Response:
        if "Range" not in request.headers:
            return web.Response(status=503)
        return web.Response(status=206, body=data[:65_536], headers={"Content-Range": f"bytes 0-65535/{len(data)}"})

    (item,) = checked([ImageHost("a.example", serve)], ["http://a.example/x"])
    assert "could not be counted" in warning(item)


@pytest.mark.parametrize("size", [(5_121, 300), (300, 5_121)])
def test_a_gif_with_a_longer_side_than_5120_is_too_large(size: tuple[int, int]) -> None:
    item, _ = look(gif(1, size))
    assert code(item) == "image_too_large"
    assert f"{size[0]:,} by {size[1]:,} pixels" in detail(item)
    assert code(look(gif(1, (5_120, 5_120)))[0]) == "ok"


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_other_animations_pass_with_a_warning(kind: str) -> None:
    frames = [Image.new("RGB", (300, 300), colour) for colour in ("red", "blue")]
    stream = io.BytesIO()
    frames[0].save(stream, kind, save_all=True, append_images=frames[1:])
    assert "animated" in warning(look(stream.getvalue())[0])
    stream = io.BytesIO()
    frames[0].save(stream, kind)
    assert warning(look(stream.getvalue())[0]) == ""


@pytest.mark.parametrize(("mode", "warned"), [("RGB", False), ("L", False), ("CMYK", True)])
def test_a_picture_for_print_passes_with_a_warning(mode: str, *, warned: bool) -> None:
    stream = io.BytesIO()
    Image.new(mode, (300, 300)).save(stream, "JPEG")
    assert ("CMYK" in warning(look(stream.getvalue())[0])) is warned


@pytest.mark.parametrize(("size", "warned"), [((249, 300), True), ((250, 250), False), ((100, 80), True)])
def test_a_small_picture_passes_with_a_warning(size: tuple[int, int], *, warned: bool) -> None:
    stream = io.BytesIO()
    Image.new("RGB", size).save(stream, "JPEG")
    assert ("too small" in warning(look(stream.getvalue())[0])) is warned


@pytest.mark.parametrize("deep", [False, True])
def test_a_jpeg_of_108_megapixels_passes_with_a_warning(*, deep: bool) -> None:
    stream = io.BytesIO()
    Image.new("L", (12_000, 9_000), 128).save(stream, "JPEG", quality=30)
    data = stream.getvalue()
    assert len(data) < 2_000_000
    item, _ = look(data, deep=deep)
    assert "12,000 by 9,000 pixels" in warning(item)


def test_frames_are_counted_as_far_as_they_are_seen() -> None:
    data = gif(7)
    assert (gif_frames(data).count, gif_frames(data).ended) == (7, True)
    assert (gif_frames(data + bytes(5_000)).count, gif_frames(data + bytes(5_000)).ended) == (7, True)
    for length in range(len(data)):
        seen = gif_frames(data[:length])
        assert seen.count <= 7
    delayed = data.replace(b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0", b"!\xf9\x04\0" + struct.pack("<H", 10) + b"\0\0")
    assert gif_frames(delayed[: images_at(data) + 40]).moves
