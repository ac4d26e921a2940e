"""The one door where a foreign error becomes one of ours: aiohttp, ssl, asyncio and the operating system."""

import errno
import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import aiohttp

from importer.net.certificates import VerifyCode
from importer.net.reasons import CLIENT_CERTIFICATE, reason_words


class FailureKind(StrEnum):
    """Why a host gave no answer, whatever library said so."""

    COMPUTER = "computer"
    DNS = "dns"
    PRIVATE = "private"
    REFUSED = "refused"
    CONNECT_TIMEOUT = "connect_timeout"
    READ_TIMEOUT = "read_timeout"
    LOST = "lost"
    CERTIFICATE_EXPIRED = "certificate_expired"
    CERTIFICATE_HOSTNAME = "certificate_hostname"
    CERTIFICATE_UNTRUSTED = "certificate_untrusted"
    TLS = "tls"
    BAD_URL = "bad_url"
    BAD_ANSWER = "bad_answer"


@dataclass(frozen=True, slots=True)
class NetFailure:
    """A failed connection or request in our own terms.

    Attributes:
        kind: what failed.
        detail: a clause in plain words.
        verify_code: why OpenSSL does not accept the certificate (see `VerifyCode`), 0 for any other failure.
        no_route: whether this computer has no way to any of the host's addresses.
        no_dns: whether DNS gave no answer, so that nobody knows whether there is such a host.
    """

    kind: FailureKind
    detail: str
    verify_code: int = 0
    no_route: bool = False
    no_dns: bool = False


class PrivateAddressError(OSError):
    """A name leads only to loopback, private or reserved addresses, and that is not allowed."""


class ConnectTimeoutError(TimeoutError):
    """A TCP connection was not taken in time."""


class ClientCertificateError(ConnectionError):
    """A host broke the handshake off once all was agreed on but who its visitor is."""


def chain(error: BaseException) -> Iterator[BaseException]:
    """`error` and everything that it wraps, outermost first."""
    seen: set[int] = set()
    queue: list[BaseException | None] = [error]
    while queue:
        current = queue.pop(0)
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        if isinstance(current, aiohttp.ClientConnectorError):
            queue.append(current.os_error)
        if isinstance(current, aiohttp.ClientConnectorCertificateError):
            queue.append(current.certificate_error)
        queue.append(current.__cause__ or (None if current.__suppress_context__ else current.__context__))


def translate(error: BaseException) -> NetFailure:
    """Any error of aiohttp, ssl, asyncio or the operating system, in our own terms.

    The innermost telling error of the whole chain wins, because aiohttp's classes overlap: its certificate error is
    at once a ClientError, an OSError and a ValueError, and passes for one of ssl's own without having its fields.
    """
    errors = list(chain(error))[::-1]
    for rule in _RULES:
        for candidate in errors:
            failure = rule(candidate)
            if failure is not None:
                return failure
    return NetFailure(FailureKind.BAD_ANSWER, "the answer was not valid HTTP")


_RAN_OUT = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL})
"""What a computer lacks when it cannot open a connection: open files, memory for one, or a port of its own."""
_NUMBERS = re.compile(r"\[Errno (\d+)\]")


def _computer_failure(error: BaseException) -> NetFailure | None:
    if not isinstance(error, OSError) or isinstance(error, socket.gaierror):
        return None
    # aiohappyeyeballs gives several failures as one without a number.
    several = _NUMBERS.findall(str(error)) if error.errno is None else ()
    if error.errno in _RAN_OUT or any(int(number) in _RAN_OUT for number in several):
        return NetFailure(FailureKind.COMPUTER, "this computer has run out of open files or connections")
    return None


def _address_failure(error: BaseException) -> NetFailure | None:
    if isinstance(error, PrivateAddressError):
        return NetFailure(FailureKind.PRIVATE, str(error))
    if isinstance(error, socket.gaierror):
        if error.errno == socket.EAI_AGAIN:
            words = "the name could not be looked up just now (no answer from DNS)"
            return NetFailure(FailureKind.DNS, words, no_dns=True)
        return NetFailure(FailureKind.DNS, "there is no such host name")
    if isinstance(error, (aiohttp.ClientConnectorDNSError, UnicodeError)):
        return NetFailure(FailureKind.DNS, "the name could not be looked up")
    if isinstance(error, aiohttp.InvalidURL):
        return NetFailure(FailureKind.BAD_URL, "the address is not a valid URL")
    return None


_CERTIFICATE_KINDS: dict[int, tuple[FailureKind, str]] = {
    VerifyCode.NOT_YET_VALID: (FailureKind.CERTIFICATE_EXPIRED, "the certificate is not valid yet"),
    VerifyCode.EXPIRED: (FailureKind.CERTIFICATE_EXPIRED, "the certificate has expired"),
    VerifyCode.WRONG_HOST: (FailureKind.CERTIFICATE_HOSTNAME, ""),
    VerifyCode.WRONG_IP: (FailureKind.CERTIFICATE_HOSTNAME, ""),
}
"""Any other code means a certificate that is not trusted; without words here, OpenSSL's own are used."""


def _tls_failure(error: BaseException) -> NetFailure | None:
    if isinstance(error, aiohttp.ClientError):
        return None
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate_failure(error)
    if isinstance(error, ClientCertificateError):
        words = f"the TLS handshake failed: {CLIENT_CERTIFICATE}"
    elif isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        words = "the host closed the connection during the TLS handshake"
    elif isinstance(error, ssl.SSLError):
        words = f"the TLS handshake failed: {reason_words(getattr(error, 'reason', None) or '')}"
    else:
        return None
    return NetFailure(FailureKind.TLS, words)


def _certificate_failure(error: ssl.SSLCertVerificationError) -> NetFailure:
    words = (error.verify_message or "the certificate could not be verified").rstrip(".")
    kind, ours = _CERTIFICATE_KINDS.get(error.verify_code, (FailureKind.CERTIFICATE_UNTRUSTED, ""))
    return NetFailure(kind, ours or words[:1].lower() + words[1:], error.verify_code)


def _connect_timeout(error: BaseException) -> NetFailure | None:
    connecting = isinstance(error, ConnectTimeoutError | aiohttp.ConnectionTimeoutError)
    if connecting or getattr(error, "errno", None) == errno.ETIMEDOUT:
        return NetFailure(FailureKind.CONNECT_TIMEOUT, "the connection was not taken in time")
    return None


def _read_timeout(error: BaseException) -> NetFailure | None:
    if isinstance(error, TimeoutError):
        return NetFailure(FailureKind.READ_TIMEOUT, "no complete answer came in time")
    return None


_NO_ROUTE = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EAFNOSUPPORT}


def _connection_failure(error: BaseException) -> NetFailure | None:
    # aiohappyeyeballs says so where the addresses failed in different ways: one refused, one out of reach.
    several = isinstance(error, OSError) and str(error).startswith("Multiple exceptions: ")
    if several or isinstance(error, ConnectionRefusedError):
        return NetFailure(FailureKind.REFUSED, "the connection was refused")
    if getattr(error, "errno", None) in _NO_ROUTE:
        return NetFailure(FailureKind.REFUSED, "there is no route to the host", no_route=True)
    if isinstance(error, aiohttp.ClientPayloadError):
        return NetFailure(FailureKind.LOST, "the connection was closed before the answer was complete")
    if isinstance(error, aiohttp.ClientResponseError):
        return NetFailure(FailureKind.BAD_ANSWER, "the answer was not valid HTTP")
    if isinstance(error, OSError | aiohttp.ClientConnectionError):
        return NetFailure(FailureKind.LOST, "the connection was closed without an answer")
    return None


_RULES = (
    _computer_failure,
    _address_failure,
    _tls_failure,
    _connect_timeout,
    _read_timeout,
    _connection_failure,
)
"""The kinds of failure in the order in which they are looked for."""
