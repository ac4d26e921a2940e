"""`--deep` downloads a file whole and opens it: what is rotten inside is found, and the first bytes do not tell."""

import io
import random
import struct

import pytest
from aiohttp import web
from PIL import Image

from importer.models import Checked
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
    frames = [Image.effect_noise((300, 300), 60 + number).convert("P") for number in range(6)]
    stream = io.BytesIO()
    frames[0].save(stream, "GIF", save_all=True, append_images=frames[1:])
    return stream.getvalue()


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


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (rotten(noise("PNG")), "is damaged inside"),
        (shortened_webp(), "is damaged inside"),
        (noise("JPEG", side=600)[:-9000], "ends in the middle"),
        (animated()[: len(animated()) * 5 // 6] + b";", "is damaged inside"),
        (noise("BMP")[:-5000], "ends in the middle"),
    ],
    ids=["PNG", "WEBP", "JPEG", "GIF", "BMP"],
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
