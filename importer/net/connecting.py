"""Opening a TCP connection: every address of a host gets its chance, and none of them all the time there is."""

import asyncio
import errno
import socket
from collections.abc import Sequence
from pathlib import Path

from aiohappyeyeballs import AddrInfoType, start_connection

from importer.net.failures import ConnectTimeoutError, FailureKind, translate

_HEAD_START = 0.25
"""Seconds that an address has for itself before the next one is tried beside it (RFC 8305, section 5)."""


_FILES_EACH = 4
"""Open files that an address under way may need: idle connections beside its own, a look-up, the file itself."""
_FILES_KEPT = 8
"""Open files left to the rest of the program: its report, its log, the modules it still imports."""


def affordable(wanted: int) -> int:
    """How many of so many addresses this process may have under way at once, by the system's bound on open files."""
    try:
        import resource
    except ImportError:
        # Windows has no such bound.
        return wanted
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        used = sum(1 for _ in Path("/dev/fd").iterdir())
    except OSError:
        used = _FILES_KEPT
    if most == resource.RLIM_INFINITY:
        return wanted
    return max(1, min(wanted, (most - used - _FILES_KEPT) // _FILES_EACH))


async def connect(addresses: Sequence[tuple[str, int]], seconds: float) -> socket.socket:
    """The first connection that any of a host's addresses takes; IPv6 and IPv4 take turns (RFC 8305).

    Args:
        addresses: (address, port) pairs, the one to prefer first.
        seconds: how long all of it may take.

    Returns:
        a connected, non-blocking socket, which is the caller's to close.

    Raises:
        ConnectTimeoutError: at least one address gave no answer, and none took the connection in time.
        OSError: every address refused or cannot be reached.
    """
    try:
        async with asyncio.timeout(seconds):
            targets = [target for address, port in addresses for target in await _targets(address, port)]
            return await start_connection(targets, happy_eyeballs_delay=_HEAD_START)
    except TimeoutError:
        raise ConnectTimeoutError(str(addresses)) from None
    except OSError as error:
        if error.errno is not None or f"[Errno {errno.ECONNREFUSED}]" in str(error):
            raise
        if translate(error).kind is FailureKind.COMPUTER:
            raise
        # The library's "Multiple exceptions" has no number of its own; that none of them refused is what counts.
        raise OSError(errno.EHOSTUNREACH, str(error)) from error


async def _targets(address: str, port: int) -> Sequence[AddrInfoType]:
    try:
        return socket.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        # `--connect-to` may name a host, such as localhost.
        return await asyncio.get_running_loop().getaddrinfo(address, port, type=socket.SOCK_STREAM)
