"""Looking names up: once each, with `--connect-to`, and with private addresses refused where they are."""

import asyncio
import ipaddress
import socket

from aiohttp.abc import AbstractResolver, ResolveResult

from importer.net.failures import PrivateAddressError
from importer.net.once import SingleFlight
from importer.settings import SECOND_LOOK, NetworkSettings


class Resolver(AbstractResolver):
    """Looks names up once each, follows `--connect-to`, and refuses private addresses where it is told to.

    `.invalid` names are answered without asking anybody (RFC 6761, section 6.4).
    """

    def __init__(self, network: NetworkSettings, *, allow_private: bool) -> None:
        self._fixed = {(entry.host, entry.port): (entry.address, entry.to_port) for entry in network.connect_to}
        self._allow_private = allow_private
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
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            if error.errno != socket.EAI_AGAIN:
                raise
            await asyncio.sleep(SECOND_LOOK)
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys((str(info[4][0]), port) for info in found))
        allowed = [pair for pair in addresses if self._allow_private or not is_private(pair[0])]
        if not allowed:
            address = addresses[0][0]
            shown = (
                "this is a private address" if address == host else f"the name leads to the private address {address}"
            )
            raise PrivateAddressError(shown)
        return allowed

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


def is_private(address: str) -> bool:
    """Whether an IP address is one that a store on the public internet cannot reach (RFC 6890)."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return not ip.is_global or ip.is_multicast
