"""One TLS verdict for each host and port, by real handshakes."""

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from importer.models import HostFinding, Problem, ProblemCode
from importer.net import (
    Contexts,
    FailureKind,
    Greetings,
    Handshake,
    NetFailure,
    Resolver,
    SingleFlight,
    Target,
    VerifyCode,
    diagnose,
    greet,
    host_context,
    legacy_context,
    outdated_context,
    speaks_legacy,
    translate,
)
from importer.problems import problem
from importer.settings import RETRY_DELAY, NetworkSettings
from importer.validator.offline import OFFLINE_FIX

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
MAY_PASS = {ProblemCode.TLS_HANDSHAKE_FAILED, ProblemCode.CONNECTION_LOST, ProblemCode.CONNECT_REFUSED}
UNCONNECTED = {FailureKind.REFUSED, FailureKind.CONNECT_TIMEOUT}
_SPOKEN = {"TLSv1": "TLS 1.0", "TLSv1.1": "TLS 1.1", "TLSv1.2": "TLS 1.2", "TLSv1.3": "TLS 1.3"}
_MOST_ADDRESSES = 4
_NOT_YET_VALID_FIX = (
    "See that the date and time of this computer are right; if they are, ask whoever runs the host to install a "
    "certificate that is valid already."
)
_NOT_TOLD_APART = (
    "; whether it speaks only TLS 1.0 or 1.1 could not be told apart, because this computer cannot speak them"
)
_RAN_OUT_FIX = (
    "Close other programs, or allow this one more open files (on Linux and macOS: ulimit -n 1024), and run the same "
    "command again."
)
_NO_IPV6_FIX = (
    "Check from an internet connection with IPv6, or ask whoever runs the host for an IPv4 address as well: the store "
    "may need it."
)


def failure_problem(host: str, failure: NetFailure, addresses: Sequence[tuple[str, int]] = ()) -> Problem:
    """A failed connection as a row's problem; its detail names the host.

    Args:
        host: the host as the person wrote it.
        failure: what went wrong.
        addresses: the (address, port) pairs that were tried, which a failure to connect names as well.
    """
    if failure.kind is FailureKind.COMPUTER:
        words = f"The address was not asked for: {failure.detail}. {host} is not at fault."
        return problem(ProblemCode.CONNECTION_LOST, words, fix=_RAN_OUT_FIX, not_for_host=True)
    fix = OFFLINE_FIX if failure.no_dns else ""
    if failure.kind not in UNCONNECTED or not addresses:
        return problem(_CODES[failure.kind], f"{host}: {failure.detail}.", fix=fix, not_for_host=failure.no_dns)
    tried = ", ".join(address for address, _ in addresses[:_MOST_ADDRESSES])
    more = f" and {len(addresses) - _MOST_ADDRESSES} more" if len(addresses) > _MOST_ADDRESSES else ""
    where = f"{tried}{more} port {addresses[0][1]}"
    if failure.no_route and all(":" in address for address, _ in addresses):
        words = f"{host} has IPv6 addresses only ({where}), and this computer cannot reach IPv6."
        return problem(_CODES[failure.kind], words, fix=_NO_IPV6_FIX)
    return problem(_CODES[failure.kind], f"{host}: {failure.detail} ({where}).")


class Hosts:
    """Judges each (host, port) once, however many URLs it has.

    First a handshake with TLS 1.2 or newer and full verification, which is what BigCommerce itself does. Where that
    fails and it is not the certificate, two more tell an old host from one that speaks TLS 1.2 in an outdated way
    and from a broken one.

    Args:
        resolver: looks the hosts up.
        network: extra authorities to trust.
        seconds: how long a host may take to connect, and how long again to answer.
        contexts: what the greetings are made with, None for the usual ones.
    """

    def __init__(
        self, resolver: Resolver, network: NetworkSettings, seconds: float, contexts: Contexts | None = None
    ) -> None:
        self._resolver = resolver
        self._network = network
        self._seconds = seconds
        self._contexts = contexts or Contexts(host_context(network), outdated_context(), legacy_context())
        self._verdicts = SingleFlight(self._judge)
        self._known: dict[tuple[str, int], HostFinding] = {}

    @property
    def context(self) -> ssl.SSLContext:
        """What the modern greeting is made with, for requests to the same hosts."""
        return self._contexts.modern

    async def judge(self, host: str, port: int) -> HostFinding:
        """The verdict on one host (in lower case) and port.

        Raises:
            OSError: this computer has run out of something.
        """
        try:
            return await self._verdicts.get((host, port))
        except OSError:
            self._verdicts.forget((host, port))
            raise

    def known(self, host: str, port: int) -> HostFinding | None:
        """The verdict on one host and port if it is there already, without any waiting."""
        return self._known.get((host, port))

    def spoken(self, host: str, port: int, version: str) -> HostFinding:
        """The verdict on a host with which a request has agreed on a version: there is no need to greet it apart."""
        return self._known.setdefault((host, port), HostFinding(host, port, version))

    async def close(self) -> None:
        """Cancel handshakes still under way."""
        await self._verdicts.close()

    async def _judge(self, key: tuple[str, int]) -> HostFinding:
        finding = await self._once(*key)
        if finding.problem is not None and finding.problem.code in MAY_PASS:
            # One dropped connection must not condemn every picture of the host.
            await asyncio.sleep(RETRY_DELAY)
            finding = await self._once(*key)
        self._known[key] = finding
        return finding

    async def _once(self, host: str, port: int) -> HostFinding:
        addresses: Sequence[tuple[str, int]] = ()
        try:
            addresses = await self._resolver.lookup(host, port)
            target = Target(host, addresses, self._seconds)
            greetings = await greet(target, self._contexts)
        except OSError as error:
            failure = translate(error)
            if failure.kind is FailureKind.COMPUTER:
                raise
            return HostFinding(host, port, problem=failure_problem(host, failure, addresses))
        for attempt in (greetings.outdated, greetings.legacy):
            if isinstance(attempt, OSError) and translate(attempt).kind is FailureKind.COMPUTER:
                raise attempt
        if isinstance(greetings.modern, Handshake):
            return HostFinding(host, port, greetings.modern.version)
        if isinstance(greetings.modern, ssl.SSLCertVerificationError):
            found = await diagnose(target, greetings.modern, self._resolver, self._network)
            trouble = failure_problem(host, found.failure)
            if greetings.modern.verify_code == VerifyCode.NOT_YET_VALID:
                trouble = replace(trouble, fix=_NOT_YET_VALID_FIX)
            return HostFinding(host, port, found.version, trouble)
        return self._unspoken(host, port, translate(greetings.modern), greetings)

    def _unspoken(self, host: str, port: int, failure: NetFailure, greetings: Greetings) -> HostFinding:
        """The verdict on a host that took the connection but not the modern greeting."""
        if failure.kind == FailureKind.LOST:
            failure = NetFailure(FailureKind.TLS, "the host closed the connection during the TLS handshake")
        elif failure.kind == FailureKind.READ_TIMEOUT:
            failure = replace(failure, detail="the host took the connection, but did not greet back in time")
        if isinstance(greetings.outdated, Handshake):
            version = greetings.outdated.version
            if version == "TLSv1.3":
                # It has no outdated way of speaking, so the first greeting was lost on the way.
                lost = NetFailure(FailureKind.LOST, "the host closed the connection during the TLS handshake")
                return HostFinding(host, port, problem=failure_problem(host, lost))
            words = f"{host} speaks {_SPOKEN[version]}, but only with outdated ciphers or keys: {failure.detail}."
            return HostFinding(host, port, version, problem(ProblemCode.TLS_HANDSHAKE_FAILED, words))
        if isinstance(greetings.legacy, Handshake):
            version = greetings.legacy.version
            words = f"{host} speaks {_SPOKEN[version]} only."
            return HostFinding(host, port, version, problem(ProblemCode.TLS_TOO_OLD, words))
        if not greetings.agreed and not self._speaks_legacy:
            failure = replace(failure, detail=failure.detail + _NOT_TOLD_APART)
        return HostFinding(host, port, problem=failure_problem(host, failure))

    @cached_property
    def _speaks_legacy(self) -> bool:
        return speaks_legacy(self._contexts.legacy)
