"""The one door where a foreign error becomes one of ours: aiohttp, ssl, asyncio and the operating system."""

import errno
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import aiohttp


class FailureKind(StrEnum):
    """Why a host gave no answer, whatever library said so."""

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
    """A failed connection or request in our own terms; `detail` is a clause in plain words."""

    kind: FailureKind
    detail: str


class PrivateAddressError(OSError):
    """A name leads only to loopback, private or reserved addresses, and that is not allowed."""


class ConnectTimeoutError(TimeoutError):
    """A TCP connection was not taken in time."""


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
    for rule in (_address_failure, _tls_failure, _connect_timeout, _read_timeout, _connection_failure):
        for candidate in errors:
            failure = rule(candidate)
            if failure is not None:
                return failure
    return NetFailure(FailureKind.BAD_ANSWER, "the answer was not valid HTTP")


def _address_failure(error: BaseException) -> NetFailure | None:
    if isinstance(error, PrivateAddressError):
        return NetFailure(FailureKind.PRIVATE, str(error))
    if isinstance(error, socket.gaierror):
        if error.errno == socket.EAI_AGAIN:
            return NetFailure(FailureKind.DNS, "the name could not be looked up just now (no answer from DNS)")
        return NetFailure(FailureKind.DNS, "there is no such host name")
    if isinstance(error, (aiohttp.ClientConnectorDNSError, UnicodeError)):
        return NetFailure(FailureKind.DNS, "the name could not be looked up")
    if isinstance(error, aiohttp.InvalidURL):
        return NetFailure(FailureKind.BAD_URL, "the address is not a valid URL")
    return None


_EXPIRY_CODES = {9: "is not valid yet", 10: "has expired"}
_HOSTNAME_CODES = {62, 64}
"""X509_V_ERR_* numbers from OpenSSL's x509_vfy.h."""


def _tls_failure(error: BaseException) -> NetFailure | None:
    if isinstance(error, aiohttp.ClientError):
        return None
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate_failure(error)
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return NetFailure(FailureKind.TLS, "the host closed the connection during the TLS handshake")
    if isinstance(error, ssl.SSLError):
        reason = (getattr(error, "reason", None) or "no reason given").replace("_", " ").lower()
        return NetFailure(FailureKind.TLS, f"the TLS handshake failed ({reason})")
    return None


def _certificate_failure(error: ssl.SSLCertVerificationError) -> NetFailure:
    words = (error.verify_message or "the certificate could not be verified").rstrip(".")
    if error.verify_code in _EXPIRY_CODES:
        return NetFailure(FailureKind.CERTIFICATE_EXPIRED, f"the certificate {_EXPIRY_CODES[error.verify_code]}")
    if error.verify_code in _HOSTNAME_CODES:
        return NetFailure(FailureKind.CERTIFICATE_HOSTNAME, words[:1].lower() + words[1:])
    return NetFailure(FailureKind.CERTIFICATE_UNTRUSTED, words)


def _connect_timeout(error: BaseException) -> NetFailure | None:
    connecting = isinstance(error, ConnectTimeoutError | aiohttp.ConnectionTimeoutError)
    if connecting or getattr(error, "errno", None) == errno.ETIMEDOUT:
        return NetFailure(FailureKind.CONNECT_TIMEOUT, "the connection was not taken in time")
    return None


def _read_timeout(error: BaseException) -> NetFailure | None:
    if isinstance(error, TimeoutError):
        return NetFailure(FailureKind.READ_TIMEOUT, "no complete answer came in time")
    return None


def _connection_failure(error: BaseException) -> NetFailure | None:
    if isinstance(error, ConnectionRefusedError):
        return NetFailure(FailureKind.REFUSED, "the connection was refused")
    if getattr(error, "errno", None) in {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EADDRNOTAVAIL}:
        return NetFailure(FailureKind.REFUSED, "there is no route to the host")
    if isinstance(error, aiohttp.ClientPayloadError):
        return NetFailure(FailureKind.LOST, "the connection was closed before the answer was complete")
    if isinstance(error, aiohttp.ClientResponseError):
        return NetFailure(FailureKind.BAD_ANSWER, "the answer was not valid HTTP")
    if isinstance(error, OSError | aiohttp.ServerDisconnectedError):
        return NetFailure(FailureKind.LOST, "the connection was closed without an answer")
    return None
