"""TLS contexts and the bare handshake."""

import asyncio
import contextlib
import socket
import ssl
import warnings
from collections.abc import Iterable
from dataclasses import dataclass

import certifi

from importer.errors import UsageError
from importer.net.failures import ClientCertificateError
from importer.settings import NetworkSettings

_OP_LEGACY_SERVER_CONNECT = 0x4
"""OpenSSL's SSL_OP_LEGACY_SERVER_CONNECT, which Python names only from 3.12 on."""
_STRICTER = ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
"""What Python 3.13 turned on: it refuses certificates that others take, and trusts an authority in mid-chain."""
_ALL_CIPHERS = "ALL:@SECLEVEL=0"
_BLOCK = 16 * 1024


def host_context(network: NetworkSettings, intermediates: Iterable[bytes] = ()) -> ssl.SSLContext:
    """What image hosts are greeted with: `modern_context` with all of OpenSSL's own default ciphers.

    Python leaves out some of those for its clients, such as RSA without forward secrecy, which older hosts with TLS 1.2
    need and which curl and Ruby take.
    """
    return modern_context(network, intermediates, "DEFAULT:@SECLEVEL=2")


def modern_context(network: NetworkSettings, intermediates: Iterable[bytes] = (), ciphers: str = "") -> ssl.SSLContext:
    """TLS 1.2 or newer with full verification: what BigCommerce itself accepts.

    Args:
        network: names extra authorities to trust.
        intermediates: certificates (DER) that may be used to complete a chain, which must not be self-signed: those
            would be trusted.
        ciphers: an OpenSSL cipher list, Python's own where it is empty.
    """
    context = ssl.create_default_context()
    if ciphers:
        context.set_ciphers(ciphers)
    context.verify_flags &= ~_STRICTER
    paths = ssl.get_default_verify_paths()
    if not (context.get_ca_certs() or paths.cafile or paths.capath):
        # python.org's macOS build ships without authorities: every host would look untrusted.
        context.load_verify_locations(certifi.where())
    if network.ca_file is not None:
        try:
            context.load_verify_locations(network.ca_file)
        except OSError:
            raise UsageError(
                f"SSL_CERT_FILE names {network.ca_file}, which is not a PEM file of certificates."
            ) from None
    for certificate in intermediates:
        context.load_verify_locations(cadata=certificate)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def unverified_context() -> ssl.SSLContext:
    """TLS 1.2 or newer without verification, to read a certificate that is not accepted. Never send anything on it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def outdated_context() -> ssl.SSLContext:
    """TLS 1.2 or newer with every cipher and key there ever was, unverified. Never send anything on it.

    It tells a host that speaks TLS 1.2 in an outdated way from one that does not speak it at all.
    """
    context = unverified_context()
    context.options |= _OP_LEGACY_SERVER_CONNECT
    context.set_ciphers(_ALL_CIPHERS)
    return context


def legacy_context(oldest: ssl.TLSVersion = ssl.TLSVersion.TLSv1) -> ssl.SSLContext | None:
    """TLS 1.0 and 1.1 only, without verification, to name an old host's version. Never send anything on it.

    OpenSSL needs both the lowered minimum and security level 0 to speak these versions at all. None where this Python
    was built without them.
    """
    context = outdated_context()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            context.minimum_version = oldest
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        except ValueError:
            return None
    return context


def speaks_legacy(client: ssl.SSLContext | None) -> bool:
    """Whether a context can shake hands with TLS 1.0 or 1.1 on this computer: tried in memory, without a host.

    A Linux distribution may have taken these versions out of its OpenSSL or forbidden them by a policy. The server
    here needs no certificate, because its ciphers are the anonymous ones.
    """
    if client is None:
        return False
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        server.minimum_version = ssl.TLSVersion.TLSv1
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    try:
        server.set_ciphers("aNULL:@SECLEVEL=0")
        ours = client.wrap_bio(back, there)
        theirs = server.wrap_bio(there, back, server_side=True)
        # Each side speaks twice in a full handshake (RFC 2246, 7.3).
        for side in (ours, theirs, ours, theirs, ours):
            with contextlib.suppress(ssl.SSLWantReadError):
                side.do_handshake()
    except ssl.SSLError:
        return False
    return ours.version() in {"TLSv1", "TLSv1.1"}


@dataclass(frozen=True, slots=True)
class Handshake:
    """A handshake that went well: the version negotiated (`TLSv1.3`) and the host's certificate (DER)."""

    version: str
    certificate: bytes


async def shake_hands(connection: socket.socket, host: str, context: ssl.SSLContext) -> Handshake:
    """One TLS handshake (SNI sent) on a connection, which is closed at once, whatever comes of it.

    Nothing but the handshake is sent. How long it may take is up to the caller.

    Raises:
        ClientCertificateError: the host wants to know who its visitor is.
        OSError: no handshake; mostly an `ssl.SSLError`.
    """
    loop = asyncio.get_running_loop()
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with connection:
        tls = context.wrap_bio(incoming, outgoing, server_hostname=host)
        while True:
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                await loop.sock_sendall(connection, outgoing.read())
            except ssl.SSLError as error:
                with contextlib.suppress(OSError):
                    # The alert tells the host's own log what was wrong.
                    await loop.sock_sendall(connection, outgoing.read())
                if "HANDSHAKE_FAILURE" in (error.reason or "") and tls.cipher() is not None:
                    # A cipher is agreed on, so it is not for want of one (RFC 5246, 7.4.6).
                    raise ClientCertificateError(host) from None
                raise
            else:
                await loop.sock_sendall(connection, outgoing.read())
                return Handshake(tls.version() or "", tls.getpeercert(binary_form=True) or b"")
            received = await loop.sock_recv(connection, _BLOCK)
            if received:
                incoming.write(received)
            else:
                incoming.write_eof()
            # A host that floods is always ready to be read, and its time would never be up.
            await asyncio.sleep(0)
