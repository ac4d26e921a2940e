"""`--deep` downloads a file whole and opens it: what is rotten inside is found, and the first bytes do not tell."""

import io
import random
import struct
import time
import warnings

import pytest
from aiohttp import web
from PIL import Image

from importer.models import Checked
from importer.validator import whole
from tests.validator.image_host import ImageHost, checked, code, detail, picture


def noise(kind: str, side: int = 400, **options: object) -> bytes:
    stream = io.BytesIO()
    Image.frombytes("RGB", (side, side), random.Random(5).randbytes(side * side * 3)).save(stream, kind, **options)
    return stream.getvalue()


def rotten(data: bytes) -> bytes:
    """The same file with the second half of it, but for its very end, replaced by other bytes."""
    half = len(data) // 2
    return data[:half] + random.Random(6).randbytes(len(data) - half - 64) + data[-64:]


def animated() -> bytes:
    pictures = [Image.frombytes("P", (300, 300), random.Random(number).randbytes(90_000)) for number in range(6)]
    stream = io.BytesIO()
    pictures[0].save(stream, "GIF", save_all=True, append_images=pictures[1:])
    return stream.getvalue()


def frames(count: int) -> bytes:
    """An animated GIF of so many frames of one pixel each."""
    stream = io.BytesIO()
    Image.new("P", (1, 1)).save(stream, "GIF")
    data = stream.getvalue()
    start = data.index(b",")
    return data[:start] + data[start:-1] * count + b";"


def oddly_broken(second: bytes) -> bytes:
    """A sound GIF, but for what follows its first frame."""
    return frames(1)[:-1] + second + frames(1)[-18:]


SHORT_BLOCK = oddly_broken(b"!\xf9\x01\x00\x00")
"""A graphic control block of one byte instead of four (GIF89a, 23)."""
VAST_FRAME = oddly_broken(b",\x00\x00\x00\x00\xff\xff\xff\xff\x00\x02\x02L\x01\x00")
"""A frame of 65,535 by 65,535 pixels on a canvas of one."""


def hidden(side: int) -> bytes:
    """A JPEG that tells of its width and height only behind 70 kB of comments, in which no decoder looks for them."""
    data = bytearray(noise("JPEG", side=16))
    struct.pack_into(">HH", data, data.index(b"\xff\xc0") + 5, side, side)
    comment = b"\xff\xfe" + struct.pack(">H", 35_000) + b"x" * 34_998
    return bytes(data[:2]) + comment * 2 + bytes(data[2:])


def phone_photo() -> bytes:
    """What phones write: a JPEG with a second, hidden picture behind it, which the first part has an index of."""
    stream = io.BytesIO()
    pictures = [Image.open(io.BytesIO(noise("PNG", side))) for side in (64, 32)]
    pictures[0].save(stream, "MPO", save_all=True, append_images=pictures[1:])
    return stream.getvalue()


def stripped(data: bytes) -> bytes:
    """The first picture of such a file with its index, as many programs leave it behind."""
    return data[: data.index(b"\xff\xd9\xff\xd8") + 2]


def with_bad_exif() -> bytes:
    """A sound JPEG whose Exif block promises more tags than it has."""
    return noise("JPEG", side=64, exif=b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x09\x00\x0e\x01")


def shortened_webp() -> bytes:
    """A WebP file whose outer length fits what is left of it, but whose picture is longer."""
    data = noise("WEBP")[:-9000]
    return data[:4] + struct.pack("<I", len(data) - 8) + data[8:]


def look(data: bytes, *, deep: bool) -> tuple[Checked, ImageHost]:
    async def serve(_request: web.BaseRequest) -> web.Response:
        return web.Response(body=data, content_type="image/jpeg")

    host = ImageHost("a.example", serve)
    (item,) = checked([host], ["http://a.example/x"], deep=deep, timeout=5.0)
    return item, host


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP"])
def test_a_sound_picture_passes_and_is_downloaded_once_and_whole(kind: str) -> None:
    data = noise(kind)
    item, host = look(data, deep=True)
    assert code(item) == "ok", detail(item)
    assert [wanted for _, _, wanted in host.asked] == [""]
    assert item.finding is not None
    assert item.finding.size == len(data)
    assert item.finding.format == kind


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (rotten(noise("PNG")), "is damaged inside"),
        (shortened_webp(), "is damaged inside"),
        (noise("JPEG", side=600)[:-9000], "ends in the middle"),
        (animated()[: len(animated()) * 5 // 6] + b";", "ends in the middle"),
        (SHORT_BLOCK, "is damaged inside"),
        (VAST_FRAME, "is damaged inside"),
        (noise("BMP")[:-5000], "ends in the middle"),
    ],
    ids=["PNG", "WEBP", "JPEG", "GIF", "GIF with a short block", "GIF with a vast frame", "BMP"],
)
def test_damage_inside_is_found_by_the_deep_check_alone(data: bytes, words: str) -> None:
    item, _ = look(data, deep=False)
    assert code(item) == "ok"
    item, _ = look(data, deep=True)
    assert code(item) == "image_truncated"
    assert words in detail(item)


def test_no_more_is_downloaded_than_the_store_takes() -> None:
    sent = 0

    async def endless(request: web.BaseRequest) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(noise("JPEG"))
        while True:
            await response.write(bytes(65_536))
            sent += 65_536

    (item,) = checked([ImageHost("a.example", endless)], ["http://a.example/x"], deep=True, timeout=10.0)
    assert code(item) == "image_too_large"
    assert sent < 20_000_000


def test_a_redirect_and_an_error_are_told_as_without_it() -> None:
    async def serve(request: web.BaseRequest) -> web.StreamResponse:
        if request.path == "/moved":
            return web.Response(status=301, headers={"Location": "/here"})
        return picture(request) if request.path == "/here" else web.Response(status=404)

    items = checked([ImageHost("a.example", serve)], ["http://a.example/moved", "http://a.example/gone"], deep=True)
    assert [code(item) for item in items] == ["ok", "http_not_found"]


@pytest.mark.parametrize("data", [SHORT_BLOCK, VAST_FRAME])
def test_pillow_raises_more_on_broken_files_than_it_says(data: bytes) -> None:
    """The reason why `examine` catches whatever comes; none of these is of the kinds that Pillow's manual names."""
    with pytest.raises(Exception, match=r".") as caught, Image.open(io.BytesIO(data)) as image:
        image.seek(1)
    assert not isinstance(caught.value, OSError | ValueError | SyntaxError | EOFError)


@pytest.mark.parametrize("size", [(1, 1), (7, 7), (5, 200), (200, 5)])
def test_a_sound_jpeg_of_a_few_pixels_passes(size: tuple[int, int]) -> None:
    stream = io.BytesIO()
    Image.new("RGB", size).save(stream, "JPEG")
    assert whole.examine(stream, "JPEG") is None


@pytest.mark.parametrize("data", [phone_photo(), stripped(phone_photo())], ids=["whole", "stripped"])
def test_a_photo_of_a_phone_passes_whatever_became_of_the_hidden_picture(data: bytes) -> None:
    assert whole.examine(io.BytesIO(data), "JPEG") is None


def test_bad_metadata_is_no_damage_and_prints_no_warning() -> None:
    with warnings.catch_warnings(record=True) as printed:
        warnings.simplefilter("always")
        assert whole.examine(io.BytesIO(with_bad_exif()), "JPEG") is None
    assert not [str(warning.message) for warning in printed]


@pytest.mark.parametrize("side", [10_000, 20_000])
def test_a_vast_picture_hidden_behind_its_metadata_is_warned_of(side: int) -> None:
    """Above Pillow's bound it warns, and above twice that it refuses; neither must come to the user."""
    with warnings.catch_warnings(record=True) as printed:
        warnings.simplefilter("always")
        item, _ = look(hidden(side), deep=True)
    assert code(item) == "ok"
    assert item.finding is not None
    assert f"{side:,} by {side:,} pixels" in item.finding.warning
    assert not printed
    item, _ = look(hidden(side), deep=False)
    assert code(item) == "ok"


def test_many_frames_are_looked_at_for_a_few_seconds_only(monkeypatch: pytest.MonkeyPatch) -> None:
    assert whole._SECONDS_FOR_FRAMES <= 5
    monkeypatch.setattr(whole, "_SECONDS_FOR_FRAMES", 0.2)
    data = io.BytesIO(frames(200_000))
    started = time.monotonic()
    assert whole.examine(data, "GIF") is None
    assert time.monotonic() - started < 1.0
