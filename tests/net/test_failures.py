"""Every foreign error becomes one of ours; no kind that aiohttp or ssl exports is forgotten."""

import errno
import inspect
import socket
import ssl
from typing import Any
from unittest.mock import Mock

import aiohttp
import pytest

from importer.net import FailureKind, NetFailure, is_private, translate
from importer.net.failures import ClientCertificateError, ConnectTimeoutError, PrivateAddressError


def certificate_error(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, "words"
    return error


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


KEY = Mock(host="a.example", port=443, ssl=True, is_ssl=True)


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
        (aiohttp.ClientResponseError(Mock(), ()), FailureKind.BAD_ANSWER),
    ],
    ids=lambda value: value.value if isinstance(value, FailureKind) else type(value).__name__,
)
def test_each_error_has_its_kind(error: BaseException, kind: FailureKind) -> None:
    failure = translate(error)
    assert failure.kind is kind
    assert failure.detail


def test_no_exception_class_of_aiohttp_is_forgotten() -> None:
    classes = [
        thing
        for _, thing in inspect.getmembers(aiohttp, inspect.isclass)
        if issubclass(thing, aiohttp.ClientError) and "WS" not in thing.__name__
    ]
    assert len(classes) > 15
    for one in classes:
        error: Any = one.__new__(one)
        error._os_error = OSError("x")  # what the constructors of the connector errors would have set
        error._certificate_error = certificate_error(1)
        assert isinstance(translate(error), NetFailure), one


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
