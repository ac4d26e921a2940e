"""A running sandbox, and a client of the standard library that shares nothing with the importer's own."""

import http.client
import itertools
import json
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from importer.sandbox import Sandbox, SandboxSettings

GOOD = "https://images.alpine-outfitters.example/products"
MINE = range(5001, 5101)


@dataclass(frozen=True)
class Reply:
    """One answer of the store."""

    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        """The body as JSON."""
        return json.loads(self.raw)


class StoreClient:
    """Asks one sandbox's store, over TLS that is really verified."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.base = f"/stores/{sandbox.store_hash}/v3/catalog"
        self.context = ssl.create_default_context(cafile=sandbox.ca_file)

    def connection(self) -> http.client.HTTPSConnection:
        """A connection of its own, to be closed by the caller."""
        parts = urlsplit(self.sandbox.api_url)
        return http.client.HTTPSConnection(parts.hostname or "", parts.port, context=self.context, timeout=10)

    def call(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None, base: str = ""
    ) -> Reply:
        """One request below /catalog; bytes go as they are, anything else as JSON."""
        sent = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        given = {"X-Auth-Token": self.sandbox.access_token, "Content-Type": "application/json"} | dict(headers or {})
        connection = self.connection()
        try:
            connection.request(method, (base or self.base) + path, sent, given)
            answer = connection.getresponse()
            return Reply(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def get(self, path: str) -> Reply:
        """A GET."""
        return self.call("GET", path)

    def post(self, product: int, **fields: object) -> Reply:
        """Add a picture by its address."""
        return self.call("POST", f"/products/{product}/images", fields)

    def added(self, product: int, name: str = "mug.jpg", **fields: object) -> dict[str, Any]:
        """Add a good picture and give what the store says of it."""
        reply = self.post(product, image_url=f"{GOOD}/{name}", **fields)
        assert reply.status == 200, reply.raw
        data = reply.body["data"]
        assert isinstance(data, dict)
        return data


@pytest.fixture(scope="package")
def sandbox() -> Iterator[Sandbox]:
    """One sandbox for all tests that need nothing special; its downloads give up after a second."""
    products = tuple((number, f"MINE-{number}") for number in MINE)
    with Sandbox(SandboxSettings(products=products, quota=100_000, fetch_timeout=1.0)) as running:
        yield running


@pytest.fixture
def store(sandbox: Sandbox) -> StoreClient:
    """A client of that sandbox."""
    return StoreClient(sandbox)


@pytest.fixture(scope="package")
def numbers() -> Iterator[int]:
    """Product ids, none of them twice."""
    return itertools.chain(MINE)


@pytest.fixture
def product(numbers: Iterator[int]) -> int:
    """A product that no other test uses."""
    return next(numbers)
