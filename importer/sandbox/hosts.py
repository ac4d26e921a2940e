"""The pretend image hosts, running: one port of loopback for each of `sites.SITES`."""

import asyncio
import re
import socket
import ssl

from aiohttp import web

from importer.sandbox.authority import Authority
from importer.sandbox.broken_hosts import BrokenHosts
from importer.sandbox.records import HostRequest
from importer.sandbox.sites import SITES, Door, Manner, Page, Site

LOOPBACK = "127.0.0.1"
_SHUTDOWN_SECONDS = 0.2
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


class Hosts:
    """Starts and stops all hosts.

    Attributes:
        listening: (host name, port) of each host to the address and port where it really listens.
    """

    def __init__(self) -> None:
        self.listening: dict[tuple[str, int], tuple[str, int]] = {}
        self._requests: list[HostRequest] = []
        self._runners: list[web.ServerRunner] = []
        self._broken = BrokenHosts()
        self._closing = asyncio.Event()

    def requests(self) -> list[HostRequest]:
        """What the hosts were asked for so far, in order."""
        return list(self._requests)

    async def start(self, authority: Authority) -> None:
        """Open every host's port.

        Raises:
            OSError: a port cannot be opened.
        """
        for site in SITES:
            self.listening[site.host, site.port] = (LOOPBACK, await self._open(site, authority))

    async def close(self) -> None:
        """Close everything; answers that were never to come are given up."""
        self._closing.set()
        await asyncio.gather(*(runner.cleanup() for runner in self._runners))
        await self._broken.close()

    async def _open(self, site: Site, authority: Authority) -> int:
        match site.door:
            case Door.REFUSED:
                return self._broken.refused()
            case Door.UNANSWERED:
                return await self._broken.unanswered()
            case Door.NOT_TLS:
                return await self._broken.not_tls()
            case Door.LOST:
                return await self._broken.lost(authority.good(site.host))
            case Door.PLAIN:
                return await self._serve(site, None)
        context = _context(site, authority)
        return await self._serve(site, context) if context else await self._broken.shut()

    async def _serve(self, site: Site, context: ssl.SSLContext | None) -> int:
        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            return await self._handle(site, request)

        runner = web.ServerRunner(
            web.Server(handle, access_log=None, handler_cancellation=True), shutdown_timeout=_SHUTDOWN_SECONDS
        )
        await runner.setup()
        self._runners.append(runner)
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            sock.bind((LOOPBACK, 0))
            await web.SockSite(runner, sock, ssl_context=context).start()
        except BaseException:
            sock.close()
            raise
        return int(sock.getsockname()[1])

    async def _handle(self, site: Site, request: web.BaseRequest) -> web.StreamResponse:
        wanted = request.headers.get("Range", "")
        self._requests.append(HostRequest(site.host, request.raw_path, wanted))
        page = site.serve(request.path, request.headers.get("User-Agent", ""))
        if page.manner is Manner.NEVER:
            await self._closing.wait()
        if page.manner is Manner.HALF:
            return await _half(request, page)
        return _whole(page, wanted)


def _context(site: Site, authority: Authority) -> ssl.SSLContext | None:
    match site.door:
        case Door.TLS_1_0:
            return authority.old(site.host, ssl.TLSVersion.TLSv1)
        case Door.TLS_1_1:
            return authority.old(site.host, ssl.TLSVersion.TLSv1_1)
        case Door.EXPIRED:
            return authority.expired(site.host)
        case Door.WRONG_NAME:
            return authority.wrong_name()
        case Door.UNTRUSTED:
            return authority.untrusted(site.host)
    return authority.good(site.host)


def _whole(page: Page, wanted: str) -> web.Response:
    headers = {"Content-Type": page.content_type}
    if page.location:
        headers["Location"] = page.location
    if page.status != 200 or not page.ranges or not page.body:
        return web.Response(body=page.body, status=page.status, headers=headers)
    headers["Accept-Ranges"] = "bytes"
    match = _RANGE.fullmatch(wanted)
    if match is None or match.groups() == ("", ""):
        return web.Response(body=page.body, headers=headers)
    total = len(page.body)
    first, last = _bounds(match[1], match[2], total)
    if first > last:
        return web.Response(status=416, headers={"Content-Range": f"bytes */{total}"})
    headers["Content-Range"] = f"bytes {first}-{last}/{total}"
    return web.Response(body=page.body[first : last + 1], status=206, headers=headers)


def _bounds(first: str, last: str, total: int) -> tuple[int, int]:
    """The first and the last byte of a range (RFC 9110, 14.1.2); `-500` means the last 500 bytes."""
    if not first:
        return max(0, total - int(last)), total - 1
    return int(first), min(int(last or total), total - 1)


async def _half(request: web.BaseRequest, page: Page) -> web.StreamResponse:
    """Promise the whole file, send half of it and hang up."""
    response = web.StreamResponse(headers={"Content-Type": page.content_type})
    response.content_length = len(page.body)
    await response.prepare(request)
    await response.write(page.body[: len(page.body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response
