"""TLS contexts and the bare handshake."""

import asyncio
import ssl
import warnings

import certifi

from importer.errors import UsageError
from importer.net.failures import ConnectTimeoutError
from importer.net.resolver import Resolver
from importer.settings import NetworkSettings

_OP_LEGACY_SERVER_CONNECT = 0x4
"""OpenSSL's SSL_OP_LEGACY_SERVER_CONNECT, which Python names only from 3.12 on."""


def modern_context(network: NetworkSettings) -> ssl.SSLContext:
    """TLS 1.2 or newer with full verification: what BigCommerce itself accepts."""
    context = ssl.create_default_context()
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
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def legacy_context() -> ssl.SSLContext:
    """TLS 1.0 and 1.1 only, without verification, to name an old host's version. Never send anything on it.

    OpenSSL needs both the lowered minimum and security level 0 to speak these versions at all.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.options |= _OP_LEGACY_SERVER_CONNECT
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


async def handshake(resolver: Resolver, host: str, port: int, context: ssl.SSLContext, seconds: float) -> str:
    """One TLS handshake with `host` (SNI sent), closed again at once.

    `seconds` bounds the connection, and again the handshake.

    Returns:
        the version negotiated, such as `TLSv1.3`.

    Raises:
        OSError: no connection, no handshake (`ssl.SSLError`), or none in time (`TimeoutError`).
    """
    failure: OSError | None = None
    for address, to_port in await resolver.lookup(host, port):
        try:
            transport, protocol = await _connect(address, to_port, seconds)
        except OSError as error:
            failure = error
            continue
        try:
            return await _greet(transport, protocol, host, context, seconds)
        finally:
            # The transport would otherwise wait for the peer's goodbye; one turn of the loop closes the socket.
            transport.abort()
            await asyncio.sleep(0)
    raise failure or OSError(f"{host} has no address")


async def _connect(address: str, port: int, seconds: float) -> tuple[asyncio.Transport, asyncio.Protocol]:
    try:
        async with asyncio.timeout(seconds):
            return await asyncio.get_running_loop().create_connection(asyncio.Protocol, address, port)
    except TimeoutError:
        raise ConnectTimeoutError(f"{address}:{port}") from None


async def _greet(
    transport: asyncio.Transport, protocol: asyncio.Protocol, host: str, context: ssl.SSLContext, seconds: float
) -> str:
    async with asyncio.timeout(seconds):
        tls = await asyncio.get_running_loop().start_tls(transport, protocol, context, server_hostname=host)
    if tls is None:
        raise ConnectionResetError(f"{host} closed the connection")
    return str(tls.get_extra_info("ssl_object").version())
