"""What is wrong with a certificate that was not accepted, from a second look at the certificate itself."""

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass, replace

import aiohttp
from yarl import URL

from importer.net.certificates import (
    UNFINISHED,
    UNTRUSTED,
    CertificateFacts,
    explain,
    read_certificate,
)
from importer.net.failures import NetFailure, translate
from importer.net.probing import Target, handshake
from importer.net.resolver import Resolver
from importer.net.tls import host_context, unverified_context
from importer.settings import USER_AGENT, NetworkSettings

_LARGEST_CERTIFICATE = 64 * 1024
"""Bytes; real ones have one or two thousand."""
_MOST_INTERMEDIATES = 3


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Why a certificate was not accepted, and the TLS version of the second look, empty if that failed."""

    failure: NetFailure
    version: str = ""


async def diagnose(
    target: Target, error: ssl.SSLCertVerificationError, resolver: Resolver, network: NetworkSettings
) -> Diagnosis:
    """Look at a certificate that OpenSSL has refused, and say what is wrong with it.

    The second look verifies nothing and sends nothing. Where the chain breaks off and the certificate says where its
    issuer's certificate lies, that is fetched: only if the chain is whole with it, the host fails to send it. Where
    the certificate cannot be had or read, the words are OpenSSL's.
    """
    failure = translate(error)
    try:
        seen = await handshake(target, unverified_context())
    except OSError:
        return Diagnosis(failure)
    facts = read_certificate(seen.certificate)
    if facts is None:
        return Diagnosis(failure, seen.version)
    missing = ""
    if failure.verify_code in UNFINISHED:
        with suppress(OSError, ValueError, aiohttp.ClientError):
            async with asyncio.timeout(target.seconds):
                missing = await _missing_intermediate(target, facts, resolver, network)
    words = explain(failure.verify_code, facts, missing)
    return Diagnosis(replace(failure, detail=words or failure.detail), seen.version)


async def _missing_intermediate(
    target: Target, facts: CertificateFacts, resolver: Resolver, network: NetworkSettings
) -> str:
    """The name of the intermediate certificate that the host should send but does not, empty if it is not that."""
    found: list[bytes] = []
    last = facts
    while last.issuer_url and len(found) < _MOST_INTERMEDIATES:
        issuer = read_certificate(await _fetch(last.issuer_url, resolver))
        if issuer is None or issuer.self_issued:
            # This is a root. Loaded into a context it would be trusted, but nobody has said that it may be.
            return ""
        found.append(issuer.der)
        try:
            await handshake(target, host_context(network, found))
        except ssl.SSLCertVerificationError as error:
            if error.verify_code not in UNTRUSTED:
                return issuer.subject
        else:
            return issuer.subject
        last = issuer
    return ""


async def _fetch(address: str, resolver: Resolver) -> bytes:
    """The issuer's certificate, or as much of a larger file as is taken; redirects are not followed.

    Raises:
        OSError: there is no such host, or it is private.
        ValueError: the address is not one.
        aiohttp.ClientError: there is no answer.
    """
    url = URL(address)
    # aiohttp asks the resolver nothing where the host is an IP address, which may be a private one.
    await resolver.lookup(url.host or "", url.port or 80)
    connector = aiohttp.TCPConnector(resolver=resolver, force_close=True)
    async with (
        aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            headers={"User-Agent": USER_AGENT},
        ) as session,
        session.get(url, allow_redirects=False) as answer,
    ):
        received = bytearray()
        async for block in answer.content.iter_any():
            received += block
            if len(received) >= _LARGEST_CERTIFICATE:
                break
        return bytes(received[:_LARGEST_CERTIFICATE])
