"""One TLS verdict for each host and port, by real handshakes."""

import asyncio
import ssl
from dataclasses import dataclass

from importer.models import Problem, ProblemCode
from importer.net import (
    FailureKind,
    NetFailure,
    Resolver,
    SingleFlight,
    handshake,
    legacy_context,
    modern_context,
    translate,
)
from importer.problems import problem
from importer.settings import SECOND_LOOK, NetworkSettings

_CODES: dict[FailureKind, ProblemCode] = {
    FailureKind.DNS: ProblemCode.DNS_NOT_FOUND,
    FailureKind.PRIVATE: ProblemCode.URL_PRIVATE,
    FailureKind.REFUSED: ProblemCode.CONNECT_REFUSED,
    FailureKind.CONNECT_TIMEOUT: ProblemCode.CONNECT_TIMEOUT,
    FailureKind.READ_TIMEOUT: ProblemCode.READ_TIMEOUT,
    FailureKind.LOST: ProblemCode.CONNECTION_LOST,
    FailureKind.CERTIFICATE_EXPIRED: ProblemCode.TLS_CERTIFICATE_EXPIRED,
    FailureKind.CERTIFICATE_HOSTNAME: ProblemCode.TLS_CERTIFICATE_HOSTNAME,
    FailureKind.CERTIFICATE_UNTRUSTED: ProblemCode.TLS_CERTIFICATE_UNTRUSTED,
    FailureKind.TLS: ProblemCode.TLS_HANDSHAKE_FAILED,
    FailureKind.BAD_URL: ProblemCode.URL_INVALID,
    FailureKind.BAD_ANSWER: ProblemCode.HTTP_ERROR,
}
_AFTER_CONNECTING = {FailureKind.TLS, FailureKind.LOST, FailureKind.READ_TIMEOUT}
"""Failures of a host that took the connection: some old ones reset it or fall silent at a modern greeting."""
_MAY_PASS = {ProblemCode.TLS_HANDSHAKE_FAILED, ProblemCode.CONNECTION_LOST, ProblemCode.CONNECT_REFUSED}
_SPOKEN = {"TLSv1": "TLS 1.0", "TLSv1.1": "TLS 1.1"}


@dataclass(frozen=True, slots=True)
class TlsVerdict:
    """The TLS version negotiated with a host (`TLSv1.3`), or why none that the store accepts could be."""

    version: str
    problem: Problem | None = None


def failure_problem(host: str, failure: NetFailure) -> Problem:
    """A failed connection as a row's problem; its detail names the host."""
    return problem(_CODES[failure.kind], f"{host}: {failure.detail}.")


class Hosts:
    """Judges each (host, port) once, however many URLs it has.

    First a handshake with TLS 1.2 or newer and full verification, which is what BigCommerce itself does. Where that
    fails and it is not the certificate, a second one with TLS 1.0 and 1.1 tells an old host from a broken one.
    """

    def __init__(self, resolver: Resolver, network: NetworkSettings, seconds: float) -> None:
        self._resolver = resolver
        self._modern = modern_context(network)
        self._seconds = seconds
        self._verdicts = SingleFlight(self._judge)

    async def judge(self, host: str, port: int) -> TlsVerdict:
        """The verdict on one host and port."""
        return await self._verdicts.get((host, port))

    async def close(self) -> None:
        """Cancel handshakes still under way."""
        await self._verdicts.close()

    async def _judge(self, key: tuple[str, int]) -> TlsVerdict:
        verdict = await self._once(*key)
        if verdict.problem is None or verdict.problem.code not in _MAY_PASS:
            return verdict
        # One dropped connection must not condemn every picture of the host.
        await asyncio.sleep(SECOND_LOOK)
        return await self._once(*key)

    async def _once(self, host: str, port: int) -> TlsVerdict:
        try:
            return TlsVerdict(await handshake(self._resolver, host, port, self._modern, self._seconds))
        except OSError as error:
            failure = translate(error)
        if failure.kind not in _AFTER_CONNECTING:
            return TlsVerdict("", failure_problem(host, failure))
        try:
            version = await handshake(self._resolver, host, port, legacy_context(), self._seconds)
        except OSError as error:
            if failure.kind == FailureKind.READ_TIMEOUT:
                return TlsVerdict("", failure_problem(host, failure))
            return TlsVerdict("", _no_handshake(host, failure, error))
        return TlsVerdict(version, problem(ProblemCode.TLS_TOO_OLD, f"{host} speaks {_SPOKEN[version]} only."))


def _no_handshake(host: str, modern: NetFailure, legacy: OSError) -> Problem:
    words = (
        modern.detail if modern.kind == FailureKind.TLS else "the host closed the connection during the TLS handshake"
    )
    if isinstance(legacy, ssl.SSLError) and legacy.reason == "NO_PROTOCOLS_AVAILABLE":
        words += (
            "; whether it speaks only TLS 1.0 or 1.1 could not be told apart, because this computer's OpenSSL "
            "cannot speak them"
        )
    return problem(ProblemCode.TLS_HANDSHAKE_FAILED, f"{host}: {words}.")
