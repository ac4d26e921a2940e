"""Looking names up: once each, with `--connect-to`, and with private addresses refused where they are."""

import asyncio
import ipaddress
import socket
from concurrent.futures import ThreadPoolExecutor

from aiohttp.abc import AbstractResolver, ResolveResult

from importer.net.failures import PrivateAddressError
from importer.net.once import SingleFlight
from importer.settings import SECOND_LOOK, NetworkSettings

_LOOKUPS_AT_ONCE = 32
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""IPv6 addresses that stand for IPv4 ones (RFC 6052, section 2.1)."""


class Resolver(AbstractResolver):
    """Looks names up once each, follows `--connect-to`, and refuses private addresses where it is told to.

    `seconds` bounds each lookup. `.invalid` names are answered without asking anybody (RFC 6761, section 6.4).
    """

    def __init__(self, network: NetworkSettings, *, allow_private: bool, seconds: float = 30.0) -> None:
        self._fixed = {(entry.host, entry.port): (entry.address, entry.to_port) for entry in network.connect_to}
        self._allow_private = allow_private
        self._seconds = seconds
        # Threads of its own: the system's lookup cannot be cut short, and a slow zone must not hold up the others.
        self._threads = ThreadPoolExecutor(_LOOKUPS_AT_ONCE, "lookup")
        self._lookups = SingleFlight(self._ask)

    async def lookup(self, host: str, port: int) -> list[tuple[str, int]]:
        """The (address, port) pairs to connect to, in the order to try them.

        Raises:
            PrivateAddressError: every address is private and that is not allowed.
            OSError: the name does not exist or cannot be looked up.
        """
        key = (host.lower().rstrip("."), port)
        if key in self._fixed:
            return [self._fixed[key]]
        return await self._lookups.get(key)

    async def _ask(self, key: tuple[str, int]) -> list[tuple[str, int]]:
        host, port = key
        if host.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        try:
            async with asyncio.timeout(self._seconds):
                found = await self._getaddrinfo(host)
        except TimeoutError:
            raise socket.gaierror(socket.EAI_AGAIN, "no answer in time") from None
        addresses = [(address, port) for address in dict.fromkeys(found)]
        allowed = [pair for pair in addresses if self._allow_private or not is_private(pair[0])]
        if not allowed:
            address = addresses[0][0]
            shown = (
                "this is a private address" if address == host else f"the name leads to the private address {address}"
            )
            raise PrivateAddressError(shown)
        return allowed

    async def _getaddrinfo(self, host: str) -> list[str]:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, _system_lookup, host)
        except socket.gaierror as error:
            if error.errno != socket.EAI_AGAIN:
                raise
        await asyncio.sleep(SECOND_LOOK)
        return await loop.run_in_executor(self._threads, _system_lookup, host)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """What aiohttp's connector asks for."""
        pairs = await self.lookup(host, port)
        return [
            ResolveResult(hostname=host, host=address, port=to_port, family=family, proto=0, flags=0)
            for address, to_port in pairs
        ]

    async def close(self) -> None:
        """Drop lookups that nobody waits for any more."""
        await self._lookups.close()
        self._threads.shutdown(wait=False, cancel_futures=True)


def _system_lookup(host: str) -> list[str]:
    return [str(info[4][0]) for info in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]


def is_private(address: str) -> bool:
    """Whether an IP address is one that a store on the public internet cannot reach (RFC 6890)."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if inner is None and ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        ip = inner or ip
    return not ip.is_global or ip.is_multicast
