"""POST, PUT and DELETE of pictures: what is stored, what is refused, and who is the thumbnail."""

import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from importer.sandbox import Sandbox, SandboxSettings
from importer.sandbox.drawings import drawing
from tests.sandbox.conftest import GOOD, StoreClient

STUDIO = "https://downloads.studio-berg.example"
FETCH_FAILED = "could not be downloaded and may be invalid."
DECODE_FAILED = "could not be processed and may not be valid image."


def wait_until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not done() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert done()


def thumbnails(store: StoreClient, product: int) -> list[int]:
    return [image["id"] for image in store.sandbox.images(product) if image["is_thumbnail"]]


def test_a_stored_picture_is_answered_as_documented(store: StoreClient, product: int) -> None:
    """`image_url` is left out, as in every example of the docs; the file's name follows the store's pattern."""
    url = "https://cdn.kitchen-and-co.example/Caf%C3%A9%20cr%C3%A8me%201.jpg"
    reply = store.post(product, image_url=url, description="Café ☕", sort_order=3)
    data = reply.body["data"]
    assert reply.body["meta"] == {}
    assert "image_url" not in data
    assert (data["product_id"], data["description"], data["sort_order"]) == (product, "Café ☕", 3)
    assert re.fullmatch(r"[a-z]/\d{3}/Caf__cr_me_1__\d{5}\.jpg", data["image_file"])
    assert all(data[f"url_{size}"].startswith("https://") for size in ("zoom", "standard", "thumbnail", "tiny"))
    assert store.sandbox.images(product) == [data]


def test_ids_go_up_and_defaults_are_documented(store: StoreClient, product: int) -> None:
    first, second = store.added(product), store.added(product, "mug-2.png")
    assert second["id"] > first["id"]
    assert (second["sort_order"], second["description"]) == (0, "")


def test_the_only_picture_becomes_the_thumbnail_and_there_is_never_more_than_one(
    store: StoreClient, product: int
) -> None:
    first = store.added(product, is_thumbnail=False)
    assert thumbnails(store, product) == [first["id"]]
    second = store.added(product, "b.jpg", sort_order=1)
    assert thumbnails(store, product) == [first["id"]]
    third = store.added(product, "c.jpg", sort_order=2, is_thumbnail=True)
    assert thumbnails(store, product) == [third["id"]]
    store.call("PUT", f"/products/{product}/images/{second['id']}", {"is_thumbnail": True})
    assert thumbnails(store, product) == [second["id"]]
    assert store.call("DELETE", f"/products/{product}/images/{second['id']}").status == 204
    assert thumbnails(store, product) == [first["id"]]
    store.call("PUT", f"/products/{product}/images/{first['id']}", {"is_thumbnail": False})
    assert thumbnails(store, product) == [first["id"]]


def test_put_changes_texts_and_order_but_keeps_the_picture(store: StoreClient, product: int) -> None:
    """A lower priority pushes back those at and behind the new place; `image_url` is taken and ignored."""
    pictures = [store.added(product, f"{name}.jpg", sort_order=at) for at, name in enumerate("abc")]
    changed = store.call(
        "PUT",
        f"/products/{product}/images/{pictures[0]['id']}",
        {"description": "new", "sort_order": 2, "image_url": f"{GOOD}/other.jpg"},
    ).body["data"]
    assert (changed["description"], changed["sort_order"]) == ("new", 2)
    assert changed["image_file"] == pictures[0]["image_file"]
    orders = {image["id"]: image["sort_order"] for image in store.sandbox.images(product)}
    assert orders == {pictures[0]["id"]: 2, pictures[1]["id"]: 1, pictures[2]["id"]: 3}


def test_a_deleted_picture_is_gone(store: StoreClient, product: int) -> None:
    path = f"/products/{product}/images/{store.added(product)['id']}"
    assert store.call("DELETE", path).raw == b""
    assert store.get(path).status == 404
    assert store.call("DELETE", path).status == 404


@pytest.mark.parametrize(
    "name", ["https://media.hearth-home.example/products/x.jpg", f"{GOOD}/x.webp", f"{GOOD}/x.gif", f"{GOOD}/x.bmp"]
)
def test_formats_that_are_taken(store: StoreClient, product: int, name: str) -> None:
    url = name.replace("https://media", "http://media")
    assert store.post(product, image_url=url).status == 200


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "image_url must be present if uploading by url"),
        ({"image_url": ""}, "image_url must be present if uploading by url"),
        ({"image_url": 7}, "The field 'image_url' is invalid."),
        ({"image_url": "//images.alpine-outfitters.example/products/x.jpg"}, "The field 'image_url' is invalid."),
        ({"image_url": "products/x.jpg"}, "The field 'image_url' is invalid."),
        ({"image_url": "ftp://images.alpine-outfitters.example/x.jpg"}, "The field 'image_url' is invalid."),
        ({"image_url": f"{GOOD}/with space.jpg"}, "The field 'image_url' is invalid."),
        ({"image_url": f"{GOOD}/Café.jpg"}, "The field 'image_url' is invalid."),
        ({"image_url": f"{GOOD}:x/a.jpg"}, "The field 'image_url' is invalid."),
        ({"image_url": f"{GOOD}/{'x' * 255}.jpg"}, "The field 'image_url' is invalid."),
        ({"image_url": f"{GOOD}/x.jpg", "description": "x" * 256}, "The field 'description' is invalid."),
        ({"image_url": f"{GOOD}/x.jpg", "sort_order": "1"}, "The field 'sort_order' is invalid."),
        ({"image_url": f"{GOOD}/x.jpg", "sort_order": 2**31}, "The field 'sort_order' is invalid."),
        ({"image_url": f"{GOOD}/x.jpg", "is_thumbnail": "yes"}, "The field 'is_thumbnail' is invalid."),
        ({"image_url": f"{GOOD[:30]}.example/archive/x.jpg"}, "The field 'image_file' is invalid."),
        ({"image_url": "https://images.alpine-outfitters.example/archive/x.jpg"}, "The field 'image_url' is invalid."),
        ({"image_url": "https://www.basecamp-journal.example/x.jpg"}, "The field 'image_url' is invalid."),
    ],
)
def test_requests_that_are_refused(store: StoreClient, product: int, fields: dict[str, object], words: str) -> None:
    reply = store.post(product, **fields)
    assert reply.status == (400 if "image_file" in words else 422)
    assert reply.body["title"] == words
    assert store.sandbox.images(product) == []


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'"x"'])
def test_bad_json_is_422(store: StoreClient, product: int, raw: bytes) -> None:
    picture = store.added(product)
    assert store.call("POST", f"/products/{product}/images", raw).status == 422
    assert store.call("PUT", f"/products/{product}/images/{picture['id']}", raw).status == 422


def test_longest_address_and_description_are_taken(store: StoreClient, product: int) -> None:
    """255 characters are allowed; the 256th is not."""
    url = f"{GOOD}/" + "x" * (255 - len(GOOD) - 5) + ".jpg"
    assert len(url) == 255
    assert store.post(product, image_url=url, description="x" * 255).status == 200


@pytest.mark.parametrize(
    "url",
    [
        "https://images.closed-outdoor-shop.invalid/x.jpg",
        "https://nobody-knows-this.example/x.jpg",
        "https://portal.wholesale-partner.example/x.jpg",
        "https://images.nordic-textiles.example/products/x.jpg",
        "https://pictures.old-mill-pottery.example/x.jpg",
        "https://media.glacier-archive.example/x.jpg",
        "http://shop.riverbend-outlet.example/a/x.jpg",
        "http://www.stoneware-shop.example/products/x.jpg",
        "https://legacy.stoneware-archive.example/products/x.jpg",
        "https://images.woolen-mill.example/products/x.jpg",
        "https://img.fjord-ceramics.example/products/x.jpg",
        "https://img.bamboo-basics.example/products/x.jpg",
        "https://photos.village-smithy.example/products/x.jpg",
        "https://cdn.trailmix-foods.example/products/x.jpg",
        "https://old.campfire-crafts.example/products/x.jpg",
        "https://nas.mountain-depot.example/products/x.jpg",
        "https://img.harbor-hosting.example/products/x.jpg",
    ],
)
def test_what_cannot_be_downloaded_is_400_without_a_reason(store: StoreClient, product: int, url: str) -> None:
    """The body is the one that BigCommerce's staff recorded; it tells no cause from another."""
    reply = store.post(product, image_url=url)
    assert reply.status == 400
    assert reply.body["title"] == "The field 'image_file' is invalid."
    assert reply.body["errors"] == {"invalid_reason": f"The resource at '{url}' {FETCH_FAILED}"}


@pytest.mark.parametrize(
    "path",
    [
        "/originals/blank.jpg",
        "/originals/half-uploaded.jpg",
        "/originals/broken-off.jpg",
        "/originals/rope-detail.png",
        "/originals/mug-print.tif",
        "/originals/kettle.avif",
        "/originals/spoon.heic",
        "/brand/logo.svg",
        "/care/skillet-leaflet.pdf",
    ],
)
def test_what_is_no_picture_that_is_taken(store: StoreClient, product: int, path: str) -> None:
    reply = store.post(product, image_url=STUDIO + path)
    assert reply.status == 400
    assert reply.body["errors"]["invalid_reason"].endswith(DECODE_FAILED)


def test_more_than_8_mb_has_a_code_of_its_own(store: StoreClient, product: int) -> None:
    reply = store.post(product, image_url=f"{STUDIO}/originals/cast-iron-poster.jpg")
    assert (reply.status, reply.body["code"]) == (422, 10001)
    assert reply.body["title"] == "The maximum of 8 MB size limit for upload image is exceeded"


def test_products_that_do_not_take_pictures(store: StoreClient) -> None:
    """Unknown, full, locked, and one whose writes always fail."""
    statuses = [store.post(key, image_url=f"{GOOD}/x.jpg").status for key in (999_999, 1115, 1116, 1117)]
    assert statuses == [404, 422, 423, 503]
    assert "1000 images" in store.post(1115, image_url=f"{GOOD}/x.jpg").body["title"]


class _Anything(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """A picture, or a redirect to the same server by another name."""
        port = self.connection.getsockname()[1]
        self.send_response(302 if self.path == "/away" else 200)
        self.send_header("Location", f"http://localhost:{port}/x.jpg") if self.path == "/away" else None
        self.send_header("Content-Length", str(len(drawing(1))))
        self.end_headers()
        self.wfile.write(drawing(1))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Keep quiet."""


@pytest.fixture
def local_port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Anything) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield int(server.server_address[1])
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433"])
def test_private_addresses_are_not_downloaded_from(
    store: StoreClient, product: int, local_port: int, host: str
) -> None:
    """Neither by number nor by name; 2130706433 is 127.0.0.1 written as one number."""
    assert store.post(product, image_url=f"http://{host}:{local_port}/x.jpg").status == 400
    assert store.post(product, image_url="http://169.254.169.254/x.jpg").status == 400
    assert store.post(product, image_url="http://[::1]/x.jpg").status == 400


def test_private_addresses_can_be_allowed(local_port: int) -> None:
    with Sandbox(SandboxSettings(allow_private=True)) as sandbox:
        client = StoreClient(sandbox)
        assert client.post(1101, image_url=f"http://127.0.0.1:{local_port}/x.jpg").status == 200
        assert client.post(1101, image_url=f"http://127.0.0.1:{local_port}/away").status == 200
        assert client.post(1101, image_url=f"http://localhost:{local_port}/photo?id=3").status == 200
        assert [image["image_file"].partition("__")[0][6:] for image in sandbox.images(1101)] == ["x", "away", "photo"]


def test_a_file_can_be_sent_in_a_form(store: StoreClient, product: int) -> None:
    """The rescue path for pictures without a public address."""
    parts = [
        b'Content-Disposition: form-data; name="sort_order"\r\n\r\n4',
        b'Content-Disposition: form-data; name="is_thumbnail"\r\n\r\ntrue',
        b'Content-Disposition: form-data; name="image_file"; filename="my mug.png"\r\n'
        b"Content-Type: image/png\r\n\r\n" + drawing(2, "PNG"),
    ]
    body = b"".join(b"--cut\r\n" + part + b"\r\n" for part in parts) + b"--cut--\r\n"
    form = {"Content-Type": "multipart/form-data; boundary=cut"}
    data = store.call("POST", f"/products/{product}/images", body, form).body["data"]
    assert (data["sort_order"], data["is_thumbnail"]) == (4, True)
    assert re.fullmatch(r"./\d{3}/my_mug__\d{5}\.png", data["image_file"])
    without = b'--cut\r\nContent-Disposition: form-data; name="image_url"\r\n\r\nhttps://x.example/\r\n--cut--\r\n'
    reply = store.call("POST", f"/products/{product}/images", without, form)
    assert (reply.status, reply.body["title"]) == (422, "image_url must be present if uploading by url")


def test_a_picture_is_stored_though_the_client_went_away() -> None:
    """A real store finishes a write whose client gave up; the sandbox must not be kinder."""
    with Sandbox(SandboxSettings(latency_ms=300)) as sandbox:
        connection = StoreClient(sandbox).connection()
        connection.request(
            "POST",
            f"/stores/{sandbox.store_hash}/v3/catalog/products/1101/images",
            f'{{"image_url": "{GOOD}/x.jpg"}}',
            {"X-Auth-Token": sandbox.access_token},
        )
        # A reset throws away what the server has not read yet, so wait until it has read the request.
        wait_until(lambda: bool(sandbox.requests()))
        linger = struct.pack("ii" if hasattr(socket, "AF_UNIX") else "hh", 1, 0)
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        connection.close()
        assert sandbox.images(1101) == []
        wait_until(lambda: bool(sandbox.images(1101)))
        assert len(sandbox.images(1101)) == 1
        assert [record.status for record in sandbox.requests()] == [0]
