"""Looking names up: once each, with `--connect-to`, and with private addresses refused where they are."""

import asyncio
import ipaddress
import socket
import threading
from contextlib import suppress

from aiohttp.abc import AbstractResolver, ResolveResult

from importer.errors import UsageError
from importer.net.failures import FailureKind, PrivateAddressError, translate
from importer.net.once import SingleFlight
from importer.settings import RETRY_DELAY, NetworkSettings

_LOOKUPS_AT_ONCE = 32
_WITH_IPV4 = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "::/96", "::ffff:0:0:0/96")))
"""IPv6 addresses that stand for IPv4 ones (RFC 6052, section 2.1; RFC 4291, section 2.5.5.1; RFC 2765)."""
_LOCAL_NAT64 = ipaddress.ip_network("64:ff9b:1::/48")
"""RFC 8215."""


class Resolver(AbstractResolver):
    """Looks names up once each, follows `--connect-to`, and refuses private addresses where it is told to.

    `seconds` bounds each lookup. `.invalid` names are answered without asking anybody (RFC 6761, section 6.4).

    Args:
        network: names redirected connections.
        allow_private: whether private addresses are connected to.
        loopback_only: whether only this computer is, since what is sent is secret and not encrypted.
        seconds: the most that a lookup takes.

    Raises:
        UsageError: with `loopback_only`, a connection is redirected to another computer.
    """

    def __init__(
        self, network: NetworkSettings, *, allow_private: bool, loopback_only: bool = False, seconds: float = 30.0
    ) -> None:
        self._loopback_only = loopback_only
        elsewhere = [entry for entry in network.connect_to if not _is_loopback(entry.address)]
        if loopback_only and (away := next((entry for entry in elsewhere if _is_loopback(entry.host)), None)):
            raise UsageError(
                f"--connect-to {away} would send the access token unencrypted to {away.address}. Use an API address "
                "with https://."
            )
        self._fixed = {(entry.host, entry.port): (entry.address, entry.to_port) for entry in network.connect_to}
        self._allow_private = allow_private
        self._seconds = seconds
        self._places = asyncio.Semaphore(_LOOKUPS_AT_ONCE)
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
        try:
            return await self._lookups.get(key)
        except OSError as error:
            if translate(error).kind is FailureKind.COMPUTER:
                self._lookups.forget(key)
            raise

    async def _ask(self, key: tuple[str, int]) -> list[tuple[str, int]]:
        host, port = key
        if host.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        async with self._places:
            try:
                async with asyncio.timeout(self._seconds):
                    found = await _getaddrinfo(host)
            except TimeoutError:
                raise socket.gaierror(socket.EAI_AGAIN, "no answer in time") from None
        addresses = [(address, port) for address in dict.fromkeys(found)]
        if self._loopback_only:
            addresses = [pair for pair in addresses if _is_loopback(pair[0])]
            if not addresses:
                raise socket.gaierror(socket.EAI_NONAME, f"{host} is not this computer")
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


async def _getaddrinfo(host: str) -> list[str]:
    """The addresses of a name, asked for twice where DNS has no answer just now."""
    try:
        return await _looked_up(host)
    except socket.gaierror as error:
        if error.errno != socket.EAI_AGAIN:
            raise
    await asyncio.sleep(RETRY_DELAY)
    return await _looked_up(host)


async def _looked_up(host: str) -> list[str]:
    """The system's own lookup, in a thread that nobody waits for at the end: it cannot be cut short."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[list[str]] = loop.create_future()

    def settle(found: list[str] | OSError | UnicodeError) -> None:
        if future.done():
            return
        if isinstance(found, list):
            future.set_result(found)
        else:
            future.set_exception(found)

    def look() -> None:
        found: list[str] | OSError | UnicodeError
        try:
            found = [str(info[4][0]) for info in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]
        except (OSError, UnicodeError) as error:
            found = _ran_out() or error
        with suppress(RuntimeError):  # the loop is closed: the run is over
            loop.call_soon_threadsafe(settle, found)

    threading.Thread(target=look, name=f"lookup of {host}", daemon=True).start()
    return await future


def _is_loopback(host: str) -> bool:
    """Whether a host name or IP address stands for this computer (RFC 6761, section 6.3; RFC 6890)."""
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"


def _ran_out() -> OSError | None:
    """Why this computer cannot open a socket, None where it can: without, DNS seems to know no name."""
    try:
        socket.socket().close()
    except OSError as error:
        return error
    return None


def is_private(address: str) -> bool:
    """Whether an IP address is one that a store on the public internet cannot reach (RFC 6890)."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.is_site_local or ip in _LOCAL_NAT64:
            return True
        inner = ip.ipv4_mapped or ip.sixtofour
        if inner is None and any(ip in prefix for prefix in _WITH_IPV4):
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        ip = inner or ip
    return not ip.is_global or ip.is_multicast
