"""The store's own download of a picture, as BigCommerce does it inside the request."""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from importer.sandbox.judging import MAX_BYTES

_MAX_REDIRECTS = 5
_REDIRECTS = {301, 302, 303, 307, 308}
_CHUNK = 65_536
USER_AGENT = "Ruby"
"""github.com/bigcommerce/api-specs pull request 398: hosts saw BigCommerce's downloads come from a Ruby agent."""


class NotDownloadedError(Exception):
    """The host was not reached, or did not hand the file over."""


class NotThereError(Exception):
    """The host answered that there is nothing, or with a web page."""


class TooLargeError(Exception):
    """The file is larger than the store takes."""


class _Resolver(AbstractResolver):
    """Pretend hosts lead to their servers; other names are looked up, and private addresses refused."""

    def __init__(self, pretend: Mapping[tuple[str, int], tuple[str, int]], *, allow_private: bool) -> None:
        self._pretend = pretend
        self._allow_private = allow_private

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """What aiohttp's connector asks for.

        Raises:
            OSError: the name does not exist, or leads to private addresses only.
        """
        name = host.lower().rstrip(".")
        pairs = [self._pretend[name, port]] if (name, port) in self._pretend else await self._ask(name, port)
        return [
            ResolveResult(hostname=host, host=address, port=to, family=family, proto=0, flags=socket.AI_NUMERICHOST)
            for address, to in pairs
        ]

    async def _ask(self, name: str, port: int) -> list[tuple[str, int]]:
        if name.rpartition(".")[2] in {"invalid", "example", "test"}:
            # RFC 2606: these never exist, so nobody outside need be asked.
            raise OSError(f"There is no host {name}.")
        found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
        addresses = dict.fromkeys(str(info[4][0]) for info in found)
        allowed = [(address, port) for address in addresses if self._allow_private or not _is_private(address)]
        if not allowed:
            raise OSError(f"{name} leads to a private network.")
        return allowed

    async def close(self) -> None:
        """Nothing is held open."""


class Fetcher:
    """Downloads pictures for the store. Use it in an `async with` block.

    Args:
        context: the TLS settings and authorities of the store.
        pretend: (host, port) of the pretend hosts to where they really listen; these count as public.
        seconds: for one whole download, redirects included.
        allow_private: whether loopback and private addresses may be downloaded from.
    """

    def __init__(
        self,
        context: ssl.SSLContext,
        pretend: Mapping[tuple[str, int], tuple[str, int]],
        *,
        seconds: float,
        allow_private: bool,
    ) -> None:
        self._allow_private = allow_private
        self._seconds = seconds
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=_Resolver(pretend, allow_private=allow_private), ssl=context, use_dns_cache=False, limit=0
            ),
            timeout=aiohttp.ClientTimeout(total=None),
            headers={"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "identity"},
        )

    async def __aenter__(self) -> "Fetcher":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def fetch(self, url: str) -> bytes:
        """The bytes at an address.

        Raises:
            NotDownloadedError: no connection, no TLS, refused, failed, too many redirects, or too slow.
            NotThereError: 404, 410 or a web page.
            TooLargeError: more than 8 MB.
        """
        try:
            async with asyncio.timeout(self._seconds):
                for _ in range(_MAX_REDIRECTS + 1):
                    result = await self._hop(url)
                    if isinstance(result, bytes):
                        return result
                    url = urljoin(url, result)
        except (OSError, aiohttp.ClientError, ValueError) as error:
            raise NotDownloadedError(url) from error
        raise NotDownloadedError(url)

    async def _hop(self, url: str) -> bytes | str:
        """The file at one address, or where it redirects to."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not self._may_connect(parts.hostname or ""):
            raise NotDownloadedError(url)
        async with self._session.get(URL(url, encoded=True), allow_redirects=False) as response:
            if response.status in _REDIRECTS and "Location" in response.headers:
                return response.headers["Location"]
            if response.status in {404, 410} or (response.status == 200 and response.content_type == "text/html"):
                raise NotThereError(url)
            if not 200 <= response.status < 300:
                # Ruby's open-uri takes any success.
                raise NotDownloadedError(url)
            return await _read(response)

    def _may_connect(self, host: str) -> bool:
        """Addresses written as numbers never reach the resolver, so they are judged here."""
        try:
            ipaddress.ip_address(host.partition("%")[0])
        except ValueError:
            return bool(host)
        return self._allow_private or not _is_private(host)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    if (response.content_length or 0) > MAX_BYTES:
        raise TooLargeError
    data = bytearray()
    # Ruby's Net::HTTP takes what came where less came than was announced (`ignore_eof`); the picture decides.
    with suppress(aiohttp.ClientPayloadError):
        async for chunk in response.content.iter_chunked(_CHUNK):
            data += chunk
            if len(data) > MAX_BYTES:
                raise TooLargeError
    return bytes(data)


def _is_private(address: str) -> bool:
    """Loopback, private, link-local, reserved or multicast (IANA special-purpose registries, as Python knows them)."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        ip = ip.ipv4_mapped or ip
    return not ip.is_global or ip.is_multicast
