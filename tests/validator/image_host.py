"""A real web server on this computer that answers as a test says, and remembers what it was asked."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from importer.models import Checked, ImageRow
from importer.settings import CheckSettings, ConnectTo, NetworkSettings
from importer.validator import check
from tests.picture_host import PICTURE

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class ImageHost:
    """One host.

    Attributes:
        asked: the (path, User-Agent, Range) of each request, in order.
        times: when each request came in, in seconds of the loop's clock.
        most_at_once: the most requests that were under way at the same time.
        connections: tells the connections that are open.
    """

    def __init__(self, name: str, handler: Handler) -> None:
        self.name = name
        self.port = 0
        self.asked: list[tuple[str, str, str]] = []
        self.times: list[float] = []
        self.most_at_once = 0
        self.connections: Callable[[], Sequence[object]] = list
        self._busy = 0
        self._handler = handler

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.asked.append((request.path_qs, request.headers["User-Agent"], request.headers.get("Range", "")))
        self.times.append(asyncio.get_running_loop().time())
        self._busy += 1
        self.most_at_once = max(self.most_at_once, self._busy)
        try:
            return await self._handler(request)
        finally:
            self._busy -= 1


@asynccontextmanager
async def serving(host: ImageHost, tls: ssl.SSLContext | None = None) -> AsyncIterator[None]:
    server = web.Server(host.handle, access_log=None, handler_cancellation=True)
    host.connections = lambda: server.connections
    runner = web.ServerRunner(server, shutdown_timeout=0.1, handle_signals=False)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    host.port = runner.addresses[0][1]
    try:
        yield
    finally:
        await runner.cleanup()


def checked(
    hosts: Sequence[ImageHost],
    urls: Sequence[str],
    *,
    tls: dict[str, ssl.SSLContext] | None = None,
    ca_file: Path | None = None,
    more: tuple[ConnectTo, ...] = (),
    watch: Callable[[Checked], None] = lambda _: None,
    **settings: Any,
) -> list[Checked]:
    """Check URLs while the hosts are running: by http on port 80, by https on port 443 those that `tls` names."""
    contexts = tls or {}

    async def work() -> list[Checked]:
        async with AsyncExitStack() as stack:
            for host in hosts:
                await stack.enter_async_context(serving(host, contexts.get(host.name)))
            ports = [443 if host.name in contexts else 80 for host in hosts]
            entries = [
                ConnectTo(host.name, port, "127.0.0.1", host.port) for host, port in zip(hosts, ports, strict=True)
            ]
            network = NetworkSettings(ca_file, (*entries, *more))
            rows = [ImageRow("", number, 1, "", url, url) for number, url in enumerate(urls, start=2)]
            return await check(rows, CheckSettings(**({"timeout": 2.0} | settings)), network, watch=watch)

    return asyncio.run(work())


def picture(_request: web.BaseRequest) -> web.Response:
    """A small JPEG, whatever was asked for."""
    return web.Response(body=PICTURE, content_type="image/jpeg")


def code(item: Checked) -> str:
    """The problem's code, `ok` where there is none."""
    return item.problem.code.value if item.problem else "ok"


def detail(item: Checked) -> str:
    """What happened, empty where all is well."""
    return item.problem.detail if item.problem else ""
