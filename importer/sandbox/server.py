"""The sandbox as a whole: a thread with its own event loop, in which the store and the image hosts run."""

import asyncio
import secrets
import ssl
import string
import tempfile
import threading
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from aiohttp import StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_parser import RawRequestMessage

from importer.sandbox.authority import Authority
from importer.sandbox.batch import Batch
from importer.sandbox.builtin import stock
from importer.sandbox.fetching import Fetcher
from importer.sandbox.gate import Gate
from importer.sandbox.hosts import LOOPBACK, Hosts
from importer.sandbox.intake import Intake
from importer.sandbox.pictures import Whims
from importer.sandbox.port import Port
from importer.sandbox.reading import Reading
from importer.sandbox.records import HostRequest, RequestRecord, WindowRecord
from importer.sandbox.routes import Routes
from importer.sandbox.settings import SandboxSettings
from importer.sandbox.variants import Variants
from importer.sandbox.writing import Writing

_BODY_BYTES = 32 * 1024 * 1024
"""Larger than the 8 MB of a picture, so that the store's own refusal is seen and not the web server's."""


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
        self._catalog = stock(self._settings.products, seed=2024, families=self._settings.families)
        self._catalog.whims = Whims(
            self._settings.shuffle, self._settings.lose_thumbnail, self._settings.two_thumbnails
        )
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

    def variant_image(self, variant_id: int) -> str:
        """The address of a variant's picture at this moment, empty where it has none."""
        return self._catalog.variant_image(variant_id)

    def requests(self) -> list[RequestRecord]:
        """Every request that the store got so far, in order."""
        return self._gate.records()

    def windows(self) -> list[WindowRecord]:
        """Every window of the quota so far, in order."""
        return self._gate.window.records()

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
            fetcher: Fetcher | None = None
            if self._settings.fetch:
                fetcher = await stack.enter_async_context(
                    Fetcher(
                        authority.client(),
                        self._hosts.listening,
                        seconds=self._settings.fetch_timeout,
                        allow_private=self._settings.allow_private,
                    )
                )
            port = self._port(self._routes(Intake(fetcher)), authority.good(LOOPBACK, "localhost"))
            stack.push_async_callback(port.close)
            self.api_url = f"https://{LOOPBACK}:{await port.open(self._settings.port)}"
            self.connect_to = tuple((*name, *real) for name, real in self._hosts.listening.items())
            self.ca_file = folder / "ca.pem"
            self._plan(port)
            self._ready.set()
            await self._stopping.wait()
        await _settled()

    def _port(self, routes: Routes, context: ssl.SSLContext) -> Port:
        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            if port.is_shut and request.transport is not None:
                request.transport.abort()
                return web.Response(status=503)
            return await self._gate.handle(request, routes)

        server = web.Server(handle, request_factory=_request, access_log=None)
        port = Port(server, context)
        return port

    def _plan(self, port: Port) -> None:
        """What is to happen after so many requests."""
        for nth, quota in self._settings.quota_changes:
            self._gate.after(nth, partial(self._gate.window.change, quota))
        for nth, product_id in self._settings.deletes:
            self._gate.after(nth, partial(self._catalog.delete_product, product_id))
        if self._settings.outage is not None:
            nth, seconds = self._settings.outage
            self._gate.after(nth, partial(port.shut, seconds))

    def _routes(self, intake: Intake) -> Routes:
        catalog, reading = self._catalog, Reading(self._catalog, self.store_hash)
        writing = Writing(catalog, reading, intake, self.store_hash)
        variants = Variants(catalog, reading, intake, self.store_hash)
        batch = Batch(catalog, intake, self.store_hash, self._settings)
        return Routes(
            {
                "products": {"GET": reading.products, "PUT": batch.update},
                "products/{}": {"GET": reading.product},
                "products/{}/images": {"GET": reading.images, "POST": writing.add},
                "products/{}/images/{}": {"GET": reading.image, "PUT": writing.change, "DELETE": writing.remove},
                "products/{}/variants": {"GET": reading.variants_of_product},
                "products/{}/variants/{}": {"GET": reading.variant, "PUT": variants.change},
                "products/{}/variants/{}/image": {"POST": variants.set_image},
                "variants": {"GET": reading.variants},
            },
            f"/stores/{self.store_hash}/v3/catalog/",
        )


def _request(
    message: RawRequestMessage,
    payload: StreamReader,
    protocol: web.RequestHandler,
    writer: AbstractStreamWriter,
    task: "asyncio.Task[None]",
) -> web.BaseRequest:
    """A request as aiohttp makes it, but with room for a picture."""
    loop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=_BODY_BYTES)


async def _settled() -> None:
    """Let connections that were being taken when the stop came be closed, which the end of the loop would not do."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    for _ in range(3):
        await asyncio.sleep(0)
