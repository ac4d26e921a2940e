"""Each kind of pretend image host, met with plain sockets and the standard library's TLS."""

import http.client
import io
import socket
import ssl
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
from PIL import Image

from importer.sandbox import Sandbox

GOOD = "images.alpine-outfitters.example"
STUDIO = "downloads.studio-berg.example"


def real(sandbox: Sandbox, host: str, port: int) -> tuple[str, int]:
    """Where a pretend host really listens."""
    return next((at, to) for name, given, at, to in sandbox.connect_to if (name, given) == (host, port))


def trusting(sandbox: Sandbox) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=sandbox.ca_file)


@contextmanager
def talking(sandbox: Sandbox, host: str, port: int = 443, timeout: float = 5) -> Iterator[socket.socket]:
    """A connection to a host, with TLS and full verification on port 443."""
    with socket.create_connection(real(sandbox, host, port), timeout=timeout) as plain:
        if port == 80:
            yield plain
        else:
            with trusting(sandbox).wrap_socket(plain, server_hostname=host) as secure:
                yield secure


def get(
    sandbox: Sandbox, host: str, path: str, port: int = 443, headers: Mapping[str, str] | None = None
) -> tuple[int, Mapping[str, str], bytes]:
    """One GET: status, headers and body."""
    with talking(sandbox, host, port) as sock:
        lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        with http.client.HTTPResponse(sock) as answer:
            answer.begin()
            return answer.status, answer.headers, answer.read()  # type: ignore[return-value]  # Message is a mapping


@pytest.mark.parametrize(
    ("ending", "name"),
    [("jpg", "JPEG"), ("jpeg", "JPEG"), ("png", "PNG"), ("gif", "GIF"), ("webp", "WEBP"), ("bmp", "BMP")],
)
def test_every_product_path_is_a_real_picture(sandbox: Sandbox, ending: str, name: str) -> None:
    status, headers, body = get(sandbox, GOOD, f"/products/any-{ending}.{ending}")
    assert (status, headers["Content-Type"]) == (200, f"image/{name.lower()}")
    with Image.open(io.BytesIO(body)) as image:
        image.load()
        assert (image.format, image.size) == (name, (600, 600))
    assert get(sandbox, GOOD, f"/products/any-{ending}.{ending}")[2] == body


def test_parts_of_a_file(sandbox: Sandbox) -> None:
    whole = get(sandbox, GOOD, "/products/mug.jpg")[2]
    for wanted, part in (("0-9", whole[:10]), ("100-", whole[100:]), ("-7", whole[-7:])):
        status, headers, body = get(sandbox, GOOD, "/products/mug.jpg", headers={"Range": f"bytes={wanted}"})
        assert (status, body) == (206, part)
        assert headers["Content-Range"].endswith(f"/{len(whole)}")
    assert get(sandbox, GOOD, "/products/mug.jpg", headers={"Range": f"bytes={len(whole)}-"})[0] == 416
    assert get(sandbox, GOOD, "/products/mug.jpg", headers={"Range": "lines=1-2"})[0] == 200
    host = "static.trailhead-gear.example"
    status, headers, body = get(sandbox, host, "/products/mug.jpg", headers={"Range": "bytes=0-9"})
    assert (status, body, headers.get("Accept-Ranges")) == (200, whole, None)


def test_hosts_count_what_they_are_asked(sandbox: Sandbox) -> None:
    get(sandbox, GOOD, "/products/counted.jpg", headers={"Range": "bytes=0-9"})
    get(sandbox, GOOD, "/products/counted.jpg")
    asked = [(item.host, item.range_header) for item in sandbox.host_requests() if item.path == "/products/counted.jpg"]
    assert asked == [(GOOD, "bytes=0-9"), (GOOD, "")]


@pytest.mark.parametrize(
    ("host", "port", "path", "status"),
    [
        ("media.hearth-home.example", 80, "/products/x.jpg", 200),
        ("www.summit-supply.example", 443, "/products/x.jpg", 200),
        ("cdn.kitchen-and-co.example", 443, "/Caf%C3%A9%20cr%C3%A8me%201.jpg", 200),
        ("cdn.kitchen-and-co.example", 443, "/Caf%E9%20cr%E8me%201.jpg", 404),
        (GOOD, 443, "/archive/2019/x.jpg", 404),
        (GOOD, 443, "/products/x.exe", 404),
        ("portal.wholesale-partner.example", 443, "/x.jpg", 403),
        ("images.nordic-textiles.example", 443, "/products/x.jpg", 200),
        ("pictures.old-mill-pottery.example", 443, "/x.jpg", 503),
        ("pictures.old-mill-pottery.example", 443, "/cgi-bin/x.jpg", 500),
    ],
)
def test_statuses(sandbox: Sandbox, host: str, port: int, path: str, status: int) -> None:
    assert get(sandbox, host, path, port)[0] == status


def test_one_host_turns_the_store_away(sandbox: Sandbox) -> None:
    host = "images.nordic-textiles.example"
    assert get(sandbox, host, "/products/x.jpg", headers={"User-Agent": "Ruby"})[0] == 403


@pytest.mark.parametrize(
    ("host", "path", "to"),
    [
        ("www.summit-supply.example", "/products/x.jpg", "https://www.summit-supply.example/products/x.jpg"),
        ("www.stoneware-shop.example", "/products/x.jpg", "https://legacy.stoneware-archive.example/products/x.jpg"),
        ("shop.riverbend-outlet.example", "/a/x.jpg", "http://shop.riverbend-outlet.example/b/x.jpg"),
        ("shop.riverbend-outlet.example", "/b/x.jpg", "http://shop.riverbend-outlet.example/a/x.jpg"),
    ],
)
def test_redirects(sandbox: Sandbox, host: str, path: str, to: str) -> None:
    status, headers, _ = get(sandbox, host, path, 80)
    assert status in {301, 302}
    assert headers["Location"] == to


def test_a_web_page_instead_of_a_picture(sandbox: Sandbox) -> None:
    status, headers, body = get(sandbox, "www.basecamp-journal.example", "/2023/steel-bottle.jpg")
    assert (status, headers["Content-Type"][:9]) == (200, "text/html")
    assert b"<title>" in body


def test_odd_files(sandbox: Sandbox) -> None:
    """Each is broken in just the way its name says."""
    large = get(sandbox, STUDIO, "/originals/cast-iron-poster.jpg")[2]
    assert len(large) > 9_000_000
    with Image.open(io.BytesIO(large)) as image:
        image.load()
    assert get(sandbox, STUDIO, "/originals/blank.jpg")[2] == b""
    cut = get(sandbox, STUDIO, "/originals/half-uploaded.jpg")[2]
    assert cut.startswith(b"\xff\xd8\xff")
    assert b"\xff\xd9" not in cut
    for path, magic in (
        ("/originals/mug-print.tif", b"II*\x00"),
        ("/originals/kettle.avif", b"\x00\x00\x00\x18ftypavif"),
        ("/originals/spoon.heic", b"\x00\x00\x00\x18ftypheic"),
        ("/brand/logo.svg", b"<?xml"),
        ("/care/skillet-leaflet.pdf", b"%PDF-"),
    ):
        assert get(sandbox, STUDIO, path)[2].startswith(magic)


def test_a_picture_that_is_fine_at_its_start_only(sandbox: Sandbox) -> None:
    """Its header opens and its first 64 kB look well; only decoding all of it tells."""
    body = get(sandbox, STUDIO, "/originals/rope-detail.png")[2]
    assert len(body) > 200_000
    with Image.open(io.BytesIO(body[:65_536])) as image:
        assert image.size == (300, 300)
    assert b"IEND" in body[-12:]
    with Image.open(io.BytesIO(body)) as image, pytest.raises(OSError, match="broken"):
        image.load()


def test_a_host_that_breaks_off(sandbox: Sandbox) -> None:
    with pytest.raises(http.client.IncompleteRead):
        get(sandbox, STUDIO, "/originals/broken-off.jpg")


def test_a_host_that_never_answers(sandbox: Sandbox) -> None:
    with talking(sandbox, "media.glacier-archive.example", timeout=0.5) as sock:
        sock.sendall(b"GET /x.jpg HTTP/1.1\r\nHost: media.glacier-archive.example\r\n\r\n")
        with pytest.raises(TimeoutError):
            sock.recv(1)


def test_a_host_that_hangs_up(sandbox: Sandbox) -> None:
    with talking(sandbox, "img.harbor-hosting.example") as sock:
        sock.sendall(b"GET /x.jpg HTTP/1.1\r\nHost: img.harbor-hosting.example\r\n\r\n")
        assert sock.recv(1) == b""


def test_a_host_that_refuses_and_one_that_does_not_take_the_connection(sandbox: Sandbox) -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(real(sandbox, "old.campfire-crafts.example", 443), timeout=5)
    with pytest.raises((TimeoutError, ConnectionRefusedError)):
        socket.create_connection(real(sandbox, "nas.mountain-depot.example", 443), timeout=0.5)


@pytest.mark.parametrize(
    ("host", "code"),
    [
        ("img.fjord-ceramics.example", {10}),
        ("img.bamboo-basics.example", {62}),
        ("photos.village-smithy.example", {18, 19, 20, 21}),
    ],
)
def test_certificates_fail_for_the_right_reason(sandbox: Sandbox, host: str, code: set[int]) -> None:
    """The codes are OpenSSL's X509_V_ERR_*: has expired, hostname mismatch, no trusted issuer."""
    with pytest.raises(ssl.SSLCertVerificationError) as caught, talking(sandbox, host):
        pass
    assert caught.value.verify_code in code


def test_a_host_without_tls_on_443(sandbox: Sandbox) -> None:
    with pytest.raises(ssl.SSLError), talking(sandbox, "cdn.trailmix-foods.example"):
        pass


def old_client(version: ssl.TLSVersion) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


@pytest.mark.parametrize(
    ("host", "version", "name"),
    [
        ("legacy.stoneware-archive.example", ssl.TLSVersion.TLSv1, "TLSv1"),
        ("images.woolen-mill.example", ssl.TLSVersion.TLSv1_1, "TLSv1.1"),
    ],
)
def test_old_hosts_speak_one_old_version_only(sandbox: Sandbox, host: str, version: ssl.TLSVersion, name: str) -> None:
    with pytest.raises((ssl.SSLError, ConnectionError)), talking(sandbox, host):
        pass
    with socket.create_connection(real(sandbox, host, 443), timeout=5) as plain:
        try:
            secure = old_client(version).wrap_socket(plain, server_hostname=host)
        except (ssl.SSLError, ConnectionError) as error:
            pytest.skip(f"This Python's OpenSSL cannot speak {name}: {error}")
        with secure:
            assert secure.version() == name


def test_good_hosts_do_not_speak_old_versions(sandbox: Sandbox) -> None:
    for address in (real(sandbox, GOOD, 443), ("127.0.0.1", int(sandbox.api_url.rpartition(":")[2]))):
        with socket.create_connection(address, timeout=5) as plain, pytest.raises((ssl.SSLError, ConnectionError)):
            old_client(ssl.TLSVersion.TLSv1_1).wrap_socket(plain, server_hostname=GOOD)
