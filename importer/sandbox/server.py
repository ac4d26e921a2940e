"""The sandbox as a whole: a thread with its own event loop, in which the store and the image hosts run."""

import asyncio
import os
import secrets
import socket
import ssl
import string
import tempfile
import threading
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from aiohttp import web

from importer.sandbox.authority import Authority
from importer.sandbox.builtin import stock
from importer.sandbox.catalog import Catalog
from importer.sandbox.fetching import Fetcher
from importer.sandbox.gate import Gate
from importer.sandbox.hosts import LOOPBACK, Hosts
from importer.sandbox.reading import Reading
from importer.sandbox.settings import HostRequest, RequestRecord, SandboxSettings
from importer.sandbox.writing import Writing

_BODY_BYTES = 32 * 1024 * 1024
"""Larger than the 8 MB of a picture, so that the store's own refusal is seen and not the web server's."""
_SHUTDOWN_SECONDS = 0.5


class Sandbox:
    """A pretend BigCommerce store and pretend image hosts on loopback, as a context manager.

    Args:
        settings: products, quota, faults and the rest.

    Attributes:
        api_url: `https://127.0.0.1:PORT`; the certificate also holds for `localhost`.
        store_hash: the store's hash.
        access_token: the token that the store accepts.
        ca_file: the throw-away authority's certificate (PEM), in a folder that is removed at the stop.
        connect_to: (host, port, address, real port) of each pretend host, as for curl's --connect-to.
    """

    def __init__(self, settings: SandboxSettings | None = None) -> None:
        self._settings = settings or SandboxSettings()
        letters = string.ascii_lowercase + string.digits
        name = "".join(secrets.choice(letters) for _ in range(6))
        self.store_hash = self._settings.store_hash or f"sandbox-{name}"
        self.access_token = self._settings.access_token or secrets.token_hex(16)
        self.api_url = ""
        self.connect_to: tuple[tuple[str, int, str, int], ...] = ()
        self.ca_file = Path()
        self._catalog = stock(self._settings.products, seed=2024)
        self._gate = Gate(self._settings, self.store_hash, self.access_token)
        self._hosts: Hosts | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._thread: threading.Thread | None = None
        self._ready = threading.Event()
        self._failure: BaseException | None = None

    def __repr__(self) -> str:
        return f"Sandbox({self.store_hash} at {self.api_url or 'rest'})"

    def __enter__(self) -> "Sandbox":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start everything, and return once every port is open.

        Raises:
            OSError: a port or the temporary folder cannot be had.
            RuntimeError: it was started before.
        """
        if self._thread is not None:
            raise RuntimeError("A sandbox can be started only once.")
        self._thread = threading.Thread(target=self._run, name="sandbox", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            self._thread.join()
            raise self._failure

    def stop(self) -> None:
        """Stop everything and remove the temporary folder; a second call does nothing."""
        if self._thread is None or self._loop is None or self._stopping is None or not self._thread.is_alive():
            return
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    def images(self, product_id: int) -> list[dict[str, Any]]:
        """What the store holds for a product at this moment, in the shop's order, as the API would show it."""
        product = self._catalog.product(product_id)
        if product is None:
            return []
        return [picture.as_json(self.store_hash) for picture in self._catalog.pictures(product)]

    def requests(self) -> list[RequestRecord]:
        """Every request that the store got so far, in order."""
        return self._gate.records()

    def host_requests(self) -> list[HostRequest]:
        """Every request that an image host got so far, in order."""
        return self._hosts.requests() if self._hosts is not None else []

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - handed over to the thread that called start()
            self._failure = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        async with AsyncExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="importer-sandbox-")))
            authority = Authority()
            authority.write(folder / "ca.pem")
            self._hosts = Hosts()
            stack.push_async_callback(self._hosts.close)
            await self._hosts.start(authority)
            fetcher = await stack.enter_async_context(
                Fetcher(
                    authority.client(),
                    self._hosts.listening,
                    seconds=self._settings.fetch_timeout,
                    allow_private=self._settings.allow_private,
                )
            )
            runner = web.AppRunner(
                _store(self._catalog, self._gate, fetcher, self.store_hash),
                access_log=None,
                shutdown_timeout=_SHUTDOWN_SECONDS,
            )
            stack.push_async_callback(runner.cleanup)
            port = await _listen(runner, self._settings.port, authority.good(LOOPBACK, "localhost"))
            self.api_url = f"https://{LOOPBACK}:{port}"
            self.connect_to = tuple((*name, *real) for name, real in self._hosts.listening.items())
            self.ca_file = folder / "ca.pem"
            self._ready.set()
            await self._stopping.wait()


def _store(catalog: Catalog, gate: Gate, fetcher: Fetcher, store_hash: str) -> web.Application:
    reading = Reading(catalog, store_hash)
    writing = Writing(catalog, reading, fetcher, store_hash)
    app = web.Application(middlewares=[gate.middleware()], client_max_size=_BODY_BYTES)
    base = f"/stores/{store_hash}/v3/catalog"
    product = base + r"/products/{product_id:\d{1,18}}"
    image = product + r"/images/{image_id:\d{1,18}}"
    app.router.add_routes(
        [
            web.get(f"{base}/products", reading.products, allow_head=False),
            web.get(f"{base}/variants", reading.variants, allow_head=False),
            web.get(product, reading.product, allow_head=False),
            web.get(f"{product}/images", reading.images, allow_head=False),
            web.post(f"{product}/images", writing.add),
            web.get(image, reading.image, allow_head=False),
            web.put(image, writing.change),
            web.delete(image, writing.remove),
        ]
    )
    return app


async def _listen(runner: web.AppRunner, port: int, context: ssl.SSLContext) -> int:
    """Open the store's port and tell its number.

    Raises:
        OSError: the port is taken.
    """
    await runner.setup()
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            # A port of one's own can be had again at once; on Windows this option would take it from others.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((LOOPBACK, port))
        await web.SockSite(runner, sock, ssl_context=context).start()
    except BaseException:
        sock.close()
        raise
    return int(sock.getsockname()[1])
