"""Requests to a store over real sockets: the token goes to its host alone, and silence becomes one clear sentence."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest

from importer.errors import StoreStoppedError, UsageError, WaitAbandonedError
from importer.net import FailureKind, NetFailure
from importer.sandbox import Fault, Sandbox, SandboxSettings
from importer.settings import AccessToken, NetworkSettings, StoreSettings, UploadSettings
from importer.store import Answer, StoreClient, find_products, list_images, open_store

QUICK = UploadSettings(attempts=3, first_backoff=0.01, longest_backoff=0.02, timeout=2.0)
TOKEN = "secret-token-4711"


def asked(
    api_url: str,
    *,
    work: Any,
    ca_file: Any = None,
    store_hash: str = "abc",
    token: str = TOKEN,
    stop: asyncio.Event | None = None,
) -> Any:
    async def run() -> Any:
        settings = StoreSettings(store_hash, AccessToken(token), api_url)
        async with open_store(settings, NetworkSettings(ca_file), QUICK, stop=stop) as client:
            return await work(client)

    return asyncio.run(run())


class Scripted(BaseHTTPRequestHandler):
    """Answers everything alike, and remembers what it was asked."""

    status: ClassVar[int] = 200
    body: ClassVar[bytes] = b"{}"
    location: ClassVar[str] = ""
    heard: ClassVar[list[str]] = []
    more: ClassVar[dict[str, str]] = {}

    def do_GET(self) -> None:
        self.heard.append(f"{self.path} {dict(self.headers)}")
        self.send_response(self.status)
        if self.location:
            self.send_header("Location", self.location)
        for name, value in self.more.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        with suppress(OSError):  # a client that has seen enough goes away
            self.wfile.write(self.body)

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Keep quiet."""


@contextmanager
def scripted(
    status: int, body: bytes = b"{}", location: str = "", headers: dict[str, str] | None = None
) -> Iterator[tuple[str, list[str]]]:
    heard: list[str] = []
    script = {"status": status, "body": body, "location": location, "heard": heard, "more": headers or {}}
    handler = type("Handler", (Scripted,), script)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", heard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_redirect_is_not_followed_and_the_token_stays(pictures: str) -> None:
    with scripted(200) as (elsewhere, heard), scripted(302, location=elsewhere + "/steal") as (api, asked_api):
        with pytest.raises(StoreStoppedError, match="redirects elsewhere"):
            asked(api, work=lambda client: client.read("/catalog/products"))
        assert heard == []
        assert TOKEN in asked_api[0]


def test_an_answer_that_repeats_the_token_is_quoted_without_it() -> None:
    with scripted(422, b'{"title": "bad token %s"}' % TOKEN.encode()) as (api, _):
        answer: Answer = asked(api, work=lambda client: client.request("GET", "/x"))
    assert TOKEN not in repr(answer)
    assert "hidden" in answer.text


def test_a_store_that_cannot_be_reached_is_one_sentence() -> None:
    with pytest.raises(StoreStoppedError, match="The store cannot be reached: the connection was refused"):
        asked("http://127.0.0.1:1", work=lambda client: client.read("/catalog/products"))


@pytest.mark.parametrize("body", [b"<html>not an API</html>", b'{"data":', b"[]", b""])
def test_answers_that_are_no_json_stop_the_run_with_a_hint(body: bytes) -> None:
    with scripted(200, body) as (api, heard), pytest.raises(StoreStoppedError, match="cannot be read") as raised:
        asked(api, work=lambda client: client.read("/catalog/products"))
    assert len(heard) == QUICK.attempts
    assert "--api-url" in raised.value.fix


def test_an_address_without_a_catalog_is_told_as_such_and_not_as_missing_products() -> None:
    with scripted(404) as (api, _), pytest.raises(StoreStoppedError, match="There is no /catalog/products"):
        asked(api, work=lambda client: find_products(client, [1], []))


def test_a_store_that_answers_429_for_good_stops_the_run() -> None:
    with scripted(429, headers={"X-Retry-After": "0"}) as (api, heard), pytest.raises(StoreStoppedError, match="429"):
        asked(api, work=lambda client: client.read("/catalog/products"))
    assert len(heard) == 21


def test_a_stop_ends_a_wait_for_the_quota() -> None:
    stop = asyncio.Event()

    async def work(client: StoreClient) -> None:
        asyncio.get_running_loop().call_later(0.3, stop.set)
        await client.read("/catalog/products")

    with scripted(429, headers={"X-Retry-After": "300"}) as (api, heard), pytest.raises(WaitAbandonedError):
        asked(api, stop=stop, work=work)
    assert len(heard) == 1


def test_an_answer_without_end_is_cut_off() -> None:
    with scripted(200, b"x" * (33 * 1024 * 1024)) as (api, _):
        answer: Answer = asked(api, work=lambda client: client.request("GET", "/x"))
    assert answer.body is None
    assert len(answer.text) == 2000


def test_a_file_that_is_no_certificate_is_told_as_such(tmp_path: Path) -> None:
    junk = tmp_path / "junk.pem"
    junk.write_text("not a certificate")
    with pytest.raises(UsageError, match="not a PEM file"):
        asked("https://127.0.0.1:1", ca_file=junk, work=lambda client: client.read("/x"))


def test_an_untrusted_store_is_not_spoken_to() -> None:
    with Sandbox(SandboxSettings()) as sandbox:
        failure: NetFailure = asked(sandbox.api_url, work=lambda client: client.request("GET", "/catalog/products"))
        assert failure.kind is FailureKind.CERTIFICATE_UNTRUSTED
        with pytest.raises(StoreStoppedError, match="No secure connection"):
            asked(sandbox.api_url, work=lambda client: client.read("/catalog/products"))
        assert sandbox.requests() == []


def test_reads_are_tried_again_and_every_page_is_read() -> None:
    products = tuple((number, f"S-{number}") for number in range(5001, 5351))
    faults = (Fault(1, "503", "GET"), Fault(3, "429_bare", "GET"))
    with Sandbox(SandboxSettings(products=products, faults=faults)) as sandbox:

        async def work(client: StoreClient) -> Any:
            found = await find_products(client, [number for number, _ in products], ["S-5001", "S-5350", "LAMP-SOL"])
            return (
                found,
                await list_images(client, 1115),
                await list_images(client, 424242),
                await list_images(client, 1104),
            )

        found, many, unknown, none = asked(
            sandbox.api_url,
            ca_file=sandbox.ca_file,
            store_hash=sandbox.store_hash,
            token=sandbox.access_token,
            work=work,
        )
    assert len(found.by_id) == 350
    assert [product.id for sku in ("S-5001", "S-5350") for product in found.by_sku[sku]] == [5001, 5350]
    assert len(found.by_sku["LAMP-SOL"][0].images) == 2
    assert len(many) == 1000
    assert unknown is None
    assert none == ()


def test_a_store_that_repeats_its_first_page_for_ever_is_asked_twice() -> None:
    page = b'{"data": [%s]}' % b",".join(b'{"id": %d, "product_id": 7}' % number for number in range(1, 251))
    with scripted(200, page) as (api, heard):
        images = asked(api, work=lambda client: list_images(client, 7))
    assert (len(images), len(heard)) == (250, 2)
