"""How a host answers a modern, an outdated and a legacy greeting, all within the time that one of them has."""

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass

from importer.net.connecting import connect
from importer.net.failures import ClientCertificateError
from importer.net.reasons import VERSION_REASONS
from importer.net.tls import Handshake, shake_hands


@dataclass(frozen=True, slots=True)
class Target:
    """A host, the (address, port) pairs of it, and the seconds it has to connect and again to answer."""

    host: str
    addresses: Sequence[tuple[str, int]]
    seconds: float


@dataclass(frozen=True, slots=True)
class Contexts:
    """The contexts of the three greetings; `legacy` is None where this Python cannot speak TLS 1.0 at all."""

    modern: ssl.SSLContext
    outdated: ssl.SSLContext
    legacy: ssl.SSLContext | None


@dataclass(frozen=True, slots=True)
class Greetings:
    """What came of each greeting; None for one that there was no need for."""

    modern: Handshake | OSError
    outdated: Handshake | OSError | None = None
    legacy: Handshake | OSError | None = None

    @property
    def agreed(self) -> bool:
        """Whether TLS 1.2 or newer was agreed on, even if the handshake failed over something else."""
        return isinstance(self.modern, Handshake | ssl.SSLCertVerificationError | ClientCertificateError)


_Attempt = asyncio.Task[Handshake]


async def handshake(target: Target, context: ssl.SSLContext) -> Handshake:
    """Connect and shake hands once.

    Raises:
        OSError: no connection or no handshake.
    """
    connection = await connect(target.addresses, target.seconds)
    with connection:
        async with asyncio.timeout(target.seconds):
            return await shake_hands(connection, target.host, context)


async def greet(target: Target, contexts: Contexts) -> Greetings:
    """Greet a host in the modern way, and where that fails in the outdated and the legacy way as well.

    A host may also fail by falling silent. So the other two begin once half of the time is over, while the modern
    greeting still waits, and all end together.

    Raises:
        OSError: the host did not take the connection.
    """
    connection = await connect(target.addresses, target.seconds)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + target.seconds
    with connection:
        modern = asyncio.create_task(shake_hands(connection, target.host, contexts.modern))
        others: dict[str, _Attempt] = {}
        try:
            await asyncio.wait({modern}, timeout=target.seconds / 2)
            if not _settled(modern):
                rest = Target(target.host, target.addresses, deadline - loop.time())
                if not _about_version(modern):
                    others["outdated"] = asyncio.create_task(handshake(rest, contexts.outdated))
                if contexts.legacy is not None:
                    others["legacy"] = asyncio.create_task(handshake(rest, contexts.legacy))
                await _until_told(modern, others, deadline)
        finally:
            attempts = [modern, *others.values()]
            for attempt in attempts:
                attempt.cancel()
            await asyncio.gather(*attempts, return_exceptions=True)
    return Greetings(_result(modern), **{name: _result(attempt) for name, attempt in others.items()})


async def _until_told(modern: _Attempt, others: dict[str, _Attempt], deadline: float) -> None:
    """Wait until no attempt still under way could change the verdict."""
    pending = {modern, *others.values()}
    while pending and not _settled(modern):
        left = deadline - asyncio.get_running_loop().time()
        done, pending = await asyncio.wait(pending, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        outdated = others.get("outdated")
        if not done or (modern.done() and outdated is not None and isinstance(_result(outdated), Handshake)):
            return


def _settled(modern: _Attempt) -> bool:
    """Whether the modern greeting needs no other beside it."""
    return modern.done() and Greetings(_result(modern)).agreed


def _about_version(modern: _Attempt) -> bool:
    result = _result(modern)
    return isinstance(result, ssl.SSLError) and result.reason in VERSION_REASONS


def _result(attempt: _Attempt) -> Handshake | OSError:
    if not attempt.done() or attempt.cancelled():
        return TimeoutError()
    error = attempt.exception()
    if error is None:
        return attempt.result()
    if isinstance(error, OSError):
        return error
    raise error
