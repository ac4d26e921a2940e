"""What befalls the store after so many requests: another quota, a product that vanishes, an outage."""

import contextlib
import http.client
import socket
import ssl
import time
from urllib.parse import urlsplit

import pytest

from importer.sandbox import Sandbox, SandboxSettings
from tests.sandbox.conftest import GOOD, StoreClient


def test_the_quota_changes_after_the_nth_request() -> None:
    with Sandbox(SandboxSettings(quota=100, quota_changes=((2, 10), (4, 200)))) as sandbox:
        store = StoreClient(sandbox)
        headers = [store.get("/products?id=1101").headers for _ in range(5)]
        assert [header["X-Rate-Limit-Requests-Quota"] for header in headers] == ["100", "10", "10", "200", "200"]
        assert [header["X-Rate-Limit-Requests-Left"] for header in headers] == ["99", "8", "7", "196", "195"]


def test_a_product_vanishes_after_the_nth_request_with_all_that_is_its() -> None:
    with Sandbox(SandboxSettings(deletes=((3, 1106),))) as sandbox:
        store = StoreClient(sandbox)
        variant = store.get("/variants?sku=PACK-45-RED").body["data"][0]["id"]
        assert store.post(1106, image_url=f"{GOOD}/x.jpg").status == 200
        assert store.get("/products/1106").status == 200
        assert store.get("/products/1106").status == 404
        assert store.post(1106, image_url=f"{GOOD}/x.jpg").status == 404
        assert store.get(f"/products/1106/variants/{variant}").status == 404
        for query in (
            "products?id:in=1106",
            "products?sku=PACK-45",
            "variants?sku=PACK-45-RED",
            f"variants?id={variant}",
        ):
            assert store.get(f"/{query}").body["data"] == []
        assert sandbox.images(1106) == []


def connect(sandbox: Sandbox) -> ssl.SSLSocket:
    parts = urlsplit(sandbox.api_url)
    context = ssl.create_default_context(cafile=sandbox.ca_file)
    plain = socket.create_connection((parts.hostname or "", parts.port or 0), timeout=5)
    try:
        return context.wrap_socket(plain, server_hostname=parts.hostname)
    except BaseException:
        plain.close()
        raise


def test_an_outage_refuses_cuts_and_ends_on_the_same_port() -> None:
    with Sandbox(SandboxSettings(outage=(2, 0.6))) as sandbox:
        store = StoreClient(sandbox)
        with connect(sandbox) as idle:
            store.get("/products?id=1101")
            # The answer to the second request may or may not come through, as with a store that goes down.
            with contextlib.suppress(OSError):
                store.get("/products?id=1101")
            started = time.monotonic()
            with pytest.raises(ConnectionRefusedError):
                connect(sandbox).close()
            # A cut connection ends, with or without a reset.
            with contextlib.suppress(OSError):
                assert idle.recv(1) == b""
        while time.monotonic() - started < 5:
            with contextlib.suppress(OSError):
                assert store.get("/products?id=1101").status == 200
                break
            time.sleep(0.02)
        assert 0.4 < time.monotonic() - started < 4
        assert [record.status for record in sandbox.requests()][-1] == 200
        assert len(sandbox.requests()) == 3


def test_a_write_under_way_is_done_though_an_outage_cuts_its_answer() -> None:
    """The read brings the outage on between the arrival of the write and its storing."""
    with Sandbox(SandboxSettings(outage=(1, 0.2), latency_ms=800)) as sandbox:
        store = StoreClient(sandbox)
        read, write = store.connection(), store.connection()
        headers = {"X-Auth-Token": sandbox.access_token}
        read.request("GET", f"{store.base}/products?id=1101", headers=headers)
        time.sleep(0.5)
        body = f'{{"image_url": "{GOOD}/x.jpg"}}'
        write.request("POST", f"{store.base}/products/1101/images", body, headers)
        with pytest.raises((OSError, http.client.HTTPException)):
            write.getresponse()
        deadline = time.monotonic() + 5
        while not sandbox.images(1101) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert len(sandbox.images(1101)) == 1
        read.close()
        write.close()


def test_a_stop_in_the_middle_of_an_outage_is_quick() -> None:
    sandbox = Sandbox(SandboxSettings(outage=(1, 60.0)))
    sandbox.start()
    with contextlib.suppress(OSError):
        StoreClient(sandbox).get("/products?id=1101")
    started = time.monotonic()
    sandbox.stop()
    assert time.monotonic() - started < 3
