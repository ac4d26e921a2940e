"""Every foreign error becomes one of ours; no kind that aiohttp or ssl exports is forgotten."""

import errno
import inspect
import socket
import ssl
from collections.abc import Callable

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from importer.net import FailureKind, is_private, translate
from importer.net.failures import ClientCertificateError, ConnectTimeoutError, PrivateAddressError


def certificate_error(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, "words"
    return error


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


KEY = ConnectionKey("a.example", 443, is_ssl=True, ssl=True, proxy=None, proxy_auth=None, proxy_headers_hash=None)
ASKED = aiohttp.RequestInfo(URL("https://a.example/x"), "GET", CIMultiDictProxy(CIMultiDict()))


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (socket.gaierror(socket.EAI_NONAME, "x"), FailureKind.DNS),
        (aiohttp.ClientConnectorDNSError(KEY, OSError("x")), FailureKind.DNS),
        (aiohttp.ClientConnectorDNSError(KEY, PrivateAddressError("x")), FailureKind.PRIVATE),
        (ConnectionRefusedError(), FailureKind.REFUSED),
        (aiohttp.ClientConnectorError(KEY, ConnectionRefusedError()), FailureKind.REFUSED),
        (aiohttp.ClientConnectorError(KEY, OSError(errno.ENETUNREACH, "x")), FailureKind.REFUSED),
        (aiohttp.ClientConnectorError(KEY, OSError(errno.ETIMEDOUT, "x")), FailureKind.CONNECT_TIMEOUT),
        (OSError("Multiple exceptions: one, another"), FailureKind.REFUSED),
        (OSError(errno.EAFNOSUPPORT, "x"), FailureKind.REFUSED),
        (ConnectTimeoutError(), FailureKind.CONNECT_TIMEOUT),
        (aiohttp.ConnectionTimeoutError(), FailureKind.CONNECT_TIMEOUT),
        (caused(aiohttp.ConnectionTimeoutError(), TimeoutError()), FailureKind.CONNECT_TIMEOUT),
        (aiohttp.SocketTimeoutError(), FailureKind.READ_TIMEOUT),
        (TimeoutError(), FailureKind.READ_TIMEOUT),
        (ConnectionResetError(), FailureKind.LOST),
        (BrokenPipeError(), FailureKind.LOST),
        (aiohttp.ServerDisconnectedError(), FailureKind.LOST),
        (aiohttp.ClientPayloadError(), FailureKind.LOST),
        (certificate_error(10), FailureKind.CERTIFICATE_EXPIRED),
        (certificate_error(9), FailureKind.CERTIFICATE_EXPIRED),
        (certificate_error(62), FailureKind.CERTIFICATE_HOSTNAME),
        (certificate_error(18), FailureKind.CERTIFICATE_UNTRUSTED),
        (certificate_error(20), FailureKind.CERTIFICATE_UNTRUSTED),
        (aiohttp.ClientConnectorCertificateError(KEY, certificate_error(10)), FailureKind.CERTIFICATE_EXPIRED),
        (ssl.SSLError(1, "x"), FailureKind.TLS),
        (ssl.SSLEOFError(), FailureKind.TLS),
        (ClientCertificateError(), FailureKind.TLS),
        (aiohttp.ClientConnectorSSLError(KEY, ssl.SSLError(1, "x")), FailureKind.TLS),
        (aiohttp.InvalidURL("x"), FailureKind.BAD_URL),
        (aiohttp.ClientResponseError(ASKED, ()), FailureKind.BAD_ANSWER),
    ],
    ids=lambda value: value.value if isinstance(value, FailureKind) else type(value).__name__,
)
def test_each_error_has_its_kind(error: BaseException, kind: FailureKind) -> None:
    failure = translate(error)
    assert failure.kind is kind
    assert failure.detail


LOST_BECAUSE = OSError(errno.ECONNRESET, "x")
OF_AIOHTTP: dict[str, tuple[Callable[[], BaseException], FailureKind]] = {
    "ClientConnectionError": (lambda: aiohttp.ClientConnectionError("x"), FailureKind.LOST),
    "ClientConnectionResetError": (lambda: aiohttp.ClientConnectionResetError("x"), FailureKind.LOST),
    "ClientConnectorCertificateError": (
        lambda: aiohttp.ClientConnectorCertificateError(KEY, certificate_error(62)),
        FailureKind.CERTIFICATE_HOSTNAME,
    ),
    "ClientConnectorDNSError": (lambda: aiohttp.ClientConnectorDNSError(KEY, OSError("x")), FailureKind.DNS),
    "ClientConnectorError": (lambda: aiohttp.ClientConnectorError(KEY, LOST_BECAUSE), FailureKind.LOST),
    "ClientConnectorSSLError": (lambda: aiohttp.ClientConnectorSSLError(KEY, ssl.SSLError(1, "x")), FailureKind.TLS),
    "ClientError": (lambda: aiohttp.ClientError("x"), FailureKind.BAD_ANSWER),
    "ClientHttpProxyError": (lambda: aiohttp.ClientHttpProxyError(ASKED, (), status=407), FailureKind.BAD_ANSWER),
    "ClientOSError": (lambda: aiohttp.ClientOSError(errno.EPIPE, "x"), FailureKind.LOST),
    "ClientPayloadError": (lambda: aiohttp.ClientPayloadError("x"), FailureKind.LOST),
    "ClientProxyConnectionError": (
        lambda: aiohttp.ClientProxyConnectionError(KEY, ConnectionRefusedError()),
        FailureKind.REFUSED,
    ),
    "ClientResponseError": (lambda: aiohttp.ClientResponseError(ASKED, (), status=400), FailureKind.BAD_ANSWER),
    "ClientSSLError": (lambda: aiohttp.ClientSSLError(KEY, ssl.SSLEOFError(8, "x")), FailureKind.TLS),
    "ConnectionTimeoutError": (lambda: aiohttp.ConnectionTimeoutError("x"), FailureKind.CONNECT_TIMEOUT),
    "ContentTypeError": (lambda: aiohttp.ContentTypeError(ASKED, (), message="x"), FailureKind.BAD_ANSWER),
    "InvalidURL": (lambda: aiohttp.InvalidURL("x"), FailureKind.BAD_URL),
    "InvalidUrlClientError": (lambda: aiohttp.InvalidUrlClientError("x"), FailureKind.BAD_URL),
    "InvalidUrlRedirectClientError": (lambda: aiohttp.InvalidUrlRedirectClientError("x"), FailureKind.BAD_URL),
    "NonHttpUrlClientError": (lambda: aiohttp.NonHttpUrlClientError("ftp://x"), FailureKind.BAD_ANSWER),
    "NonHttpUrlRedirectClientError": (lambda: aiohttp.NonHttpUrlRedirectClientError("ftp://x"), FailureKind.BAD_ANSWER),
    "RedirectClientError": (lambda: aiohttp.RedirectClientError("x"), FailureKind.BAD_ANSWER),
    "ServerConnectionError": (lambda: aiohttp.ServerConnectionError("x"), FailureKind.LOST),
    "ServerDisconnectedError": (lambda: aiohttp.ServerDisconnectedError("x"), FailureKind.LOST),
    "ServerFingerprintMismatch": (
        lambda: aiohttp.ServerFingerprintMismatch(b"x", b"y", "a.example", 443),
        FailureKind.LOST,
    ),
    "ServerTimeoutError": (lambda: aiohttp.ServerTimeoutError("x"), FailureKind.READ_TIMEOUT),
    "SocketTimeoutError": (lambda: aiohttp.SocketTimeoutError("x"), FailureKind.READ_TIMEOUT),
    "TooManyRedirects": (lambda: aiohttp.TooManyRedirects(ASKED, ()), FailureKind.BAD_ANSWER),
    "UploadAbortedError": (lambda: aiohttp.UploadAbortedError("x"), FailureKind.BAD_ANSWER),
}
"""Every error that aiohttp exports for its clients, made as it makes them, but for those of web sockets."""
EXPORTED = {
    name
    for name, thing in inspect.getmembers(aiohttp, inspect.isclass)
    if issubclass(thing, aiohttp.ClientError) and not name.startswith("WS")
}


def test_no_exception_class_of_aiohttp_is_forgotten() -> None:
    assert not EXPORTED - OF_AIOHTTP.keys()
    assert OF_AIOHTTP.keys() - EXPORTED <= {"UploadAbortedError"}  # not in aiohttp's older versions


@pytest.mark.parametrize("name", sorted(EXPORTED))
def test_each_error_of_aiohttp_has_its_kind(name: str) -> None:
    make, kind = OF_AIOHTTP[name]
    error = make()
    assert type(error).__name__ == name
    failure = translate(error)
    assert failure.kind is kind
    assert (failure.verify_code == 62) is (kind is FailureKind.CERTIFICATE_HOSTNAME)


def test_the_detail_names_no_class() -> None:
    for error in (TimeoutError(), ConnectionRefusedError(), aiohttp.ServerDisconnectedError(), ssl.SSLError(1, "x")):
        assert "Error" not in translate(error).detail


def test_a_certificate_failure_keeps_the_reason_of_openssl() -> None:
    assert translate(certificate_error(20)).verify_code == 20
    wrapped = aiohttp.ClientConnectorCertificateError(KEY, certificate_error(62))
    assert translate(wrapped).verify_code == 62


def test_no_way_to_a_host_is_told_from_a_refusal() -> None:
    assert translate(OSError(errno.ENETUNREACH, "x")).no_route
    assert not translate(ConnectionRefusedError()).no_route


def test_a_silent_dns_is_told_from_a_name_that_does_not_exist() -> None:
    assert translate(socket.gaierror(socket.EAI_AGAIN, "x")).no_dns
    assert not translate(socket.gaierror(socket.EAI_NONAME, "x")).no_dns


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("WRONG_VERSION_NUMBER", "does not speak TLS on this port"),
        ("UNSAFE_LEGACY_RENEGOTIATION_DISABLED", "secure renegotiation"),
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", "certificate of their own"),
        ("BAD_RECORD_TYPE", "bad record type"),
        (None, "no reason given"),
    ],
)
def test_a_reason_of_openssl_has_plain_words_or_its_own(reason: str | None, words: str) -> None:
    error = ssl.SSLError(1, "x")
    error.reason = reason  # type: ignore[assignment]  # OpenSSL gives none for some
    assert words in translate(error).detail


@pytest.mark.parametrize(
    ("address", "private"),
    [
        ("127.0.0.1", True),
        ("10.1.2.3", True),
        ("192.168.1.20", True),
        ("169.254.169.254", True),
        ("100.64.0.1", True),
        ("0.0.0.0", True),
        ("224.0.0.1", True),
        ("::1", True),
        ("fe80::1%eth0", True),
        ("fd00::1", True),
        ("::ffff:127.0.0.1", True),
        ("8.8.8.8", False),
        ("2606:4700::1", False),
    ],
)
def test_private_addresses(address: str, private: bool) -> None:
    assert is_private(address) is private
