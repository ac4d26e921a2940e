"""Starting and stopping, what is kept secret, and which products there are."""

import errno
import gc
import socket
import ssl
import threading
import time
from urllib.parse import urlsplit

import pytest

from importer.sandbox import Sandbox, SandboxSettings
from importer.sandbox.builtin import stock
from tests.sandbox.conftest import StoreClient


def test_names_are_random_unless_given() -> None:
    one, other = Sandbox(), Sandbox()
    assert one.store_hash.startswith("sandbox-")
    assert (one.store_hash, one.access_token) != (other.store_hash, other.access_token)
    settings = SandboxSettings(store_hash="mine", access_token="s3cret-token")
    named = Sandbox(settings)
    assert (named.store_hash, named.access_token) == ("mine", "s3cret-token")
    assert "s3cret" not in repr(named) + repr(settings) + str(vars(named)["_settings"])


def test_the_authority_is_one_certificate_and_gone_after_the_stop() -> None:
    """The file holds no key, and its folder is removed."""
    with Sandbox() as sandbox:
        path = sandbox.ca_file
        text = path.read_text(encoding="ascii")
        assert text.count("BEGIN CERTIFICATE") == 1
        assert "PRIVATE KEY" not in text
    assert not path.parent.exists()


def test_the_store_answers_by_both_names_of_this_computer(sandbox: Sandbox) -> None:
    parts = urlsplit(sandbox.api_url)
    context = ssl.create_default_context(cafile=sandbox.ca_file)
    for name in ("127.0.0.1", "localhost"):
        with (
            socket.create_connection(("127.0.0.1", parts.port or 0), timeout=5) as plain,
            context.wrap_socket(plain, server_hostname=name) as secure,
        ):
            assert secure.version() in {"TLSv1.2", "TLSv1.3"}


def test_a_taken_port_is_an_error_and_leaves_nothing_behind() -> None:
    before = set(threading.enumerate())
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        sandbox = Sandbox(SandboxSettings(port=taken.getsockname()[1]))
        with pytest.raises(OSError) as caught:  # noqa: PT011 - each system has its own words; the number is checked below
            sandbox.start()
        assert caught.value.errno in {errno.EADDRINUSE, errno.EACCES, 10013, 10048}
    assert set(threading.enumerate()) <= before


def test_a_given_port_is_used() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with Sandbox(SandboxSettings(port=port)) as sandbox:
        assert sandbox.api_url == f"https://127.0.0.1:{port}"


def test_starts_once_and_stops_as_often_as_asked() -> None:
    sandbox = Sandbox()
    sandbox.stop()
    sandbox.start()
    with pytest.raises(RuntimeError, match="once"):
        sandbox.start()
    sandbox.stop()
    sandbox.stop()
    assert sandbox.requests() == []


def test_stops_quickly_in_the_middle_of_everything() -> None:
    """A download that hangs, a client that waits and half-open connections do not hold the stop up."""
    sandbox = Sandbox(SandboxSettings(fetch_timeout=60))
    sandbox.start()
    store = StoreClient(sandbox)

    def post() -> None:
        with pytest.raises((ConnectionError, OSError)):
            store.post(1101, image_url="https://media.glacier-archive.example/x.jpg")

    thread = threading.Thread(target=post)
    thread.start()
    idle = [socket.create_connection(entry[2:], timeout=5) for entry in sandbox.connect_to if _accepts(entry[0])]
    while not sandbox.host_requests():
        time.sleep(0.01)
    started = time.monotonic()
    sandbox.stop()
    thread.join()
    assert time.monotonic() - started < 4
    for sock in idle:
        sock.close()
    gc.collect()


def _accepts(host: str) -> bool:
    return not host.startswith(("old.", "nas."))


def test_extra_products_are_merged_with_the_built_in_ones() -> None:
    catalog = stock(
        (
            (7001, "MY-CUP"),
            (7002, ""),
            (7003, "MUG-BLK"),
            (1101, "OTHER"),
            (None, "FRESH"),
            (None, "FRESH"),
            (None, "GIFT-SET"),
            (None, "PACK-45-RED"),
            (None, ""),
            (2001, ""),
        ),
        seed=1,
    )
    skus = {product.id: product.sku for product in catalog.products()}
    assert (skus[7001], skus[7002], skus[7003], skus[1101]) == ("MY-CUP", "", "", "MUG-BLK")
    assert [key for key, sku in skus.items() if sku == "FRESH"] == [2002]
    assert not {"GIFT-SET", "PACK-45-RED", "OTHER"} & set(skus.values())
    assert len({variant.id for variant in catalog.variants()}) == len(catalog.variants())


def test_reserved_names_never_exist() -> None:
    """So that a sample can name a product that is surely unknown."""
    catalog = stock(((999_999, "X"), (None, "NO-SUCH-1"), (7001, "NO-SUCH-2"), (0, "Y"), (-4, "Z")), seed=1)
    assert catalog.product(999_999) is None
    assert {product.sku for product in catalog.products()}.isdisjoint({"X", "Y", "Z", "NO-SUCH-1", "NO-SUCH-2"})
    assert catalog.product(7001) is not None
