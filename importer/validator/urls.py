"""One stretch of a URL's way: its host is judged, it is asked for, and the answer says how to go on."""

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import BinaryIO
from urllib.parse import urljoin

import aiohttp

from importer.addresses import Address, parse_address
from importer.models import HostFinding, Problem, ProblemCode, UrlFinding
from importer.net import FailureKind, Patience, Resolver, retry_after_seconds, translate
from importer.problems import problem
from importer.settings import BROWSER_AGENT, SECOND_LOOK, CheckSettings
from importer.validator.answers import RANGE, Answer, Limits, RangeUselessError, SlowAnswerError, ask
from importer.validator.findings import end, judge, status_words
from importer.validator.hosts import Hosts, failure_problem
from importer.validator.journeys import Again, Journey, Step
from importer.validator.pictures import Picture

_MAX_REDIRECTS = 5
_MAX_REDIRECT_URL = 8_192
"""Characters; the limit of the store counts for the address that it is sent, not for where that leads."""
_PASSING = {408, 425, 429, 500, 502, 503, 504}
_MAY_PASS = {ProblemCode.CONNECTION_LOST, ProblemCode.CONNECT_REFUSED, ProblemCode.TLS_HANDSHAKE_FAILED}
_TIMED_OUT = {ProblemCode.CONNECT_TIMEOUT, ProblemCode.READ_TIMEOUT}
_UNCONNECTED = {FailureKind.REFUSED, FailureKind.CONNECT_TIMEOUT}
_THE_HOSTS = {FailureKind.DNS, FailureKind.PRIVATE, *_UNCONNECTED}
"""Failures before anything was asked: they say nothing about this address in particular."""
_MOST_PAUSES = 3
_LONGEST_PAUSE = 60.0
"""Seconds; a host that wants more time than this is named in the report instead."""
_FORBIDDEN_TO_ALL = 3
"""After so many refusals to a browser as well, a host's further 403s are taken at their word."""
_DECODERS = 2


class UrlChecker:
    """Asks for URLs over one session; `hosts` and `resolver` are shared by all of them."""

    def __init__(
        self, session: aiohttp.ClientSession, resolver: Resolver, hosts: Hosts, settings: CheckSettings
    ) -> None:
        self._session = session
        self._resolver = resolver
        self._hosts = hosts
        self._settings = settings
        # Of a host that has answered before, the first answer to a URL is by far the usual case.
        self._usual = Limits(
            aiohttp.ClientTimeout(total=None, sock_connect=0.9 * settings.timeout),
            Patience(settings.timeout),
            Patience(settings.whole_timeout - settings.timeout),
        )
        self._plain: dict[tuple[str, int], HostFinding] = {}
        self._alive: set[tuple[str, int]] = set()
        self._block_tools: set[str] = set()
        self._forbid_browsers: Counter[str] = Counter()
        self._decoding = asyncio.Semaphore(_DECODERS)

    def begin(self, url: str) -> Journey | UrlFinding:
        """A URL at the start of its way, or why it has none."""
        address = parse_address(url, _MAX_REDIRECT_URL)
        if isinstance(address, Problem):
            return UrlFinding(address)
        return Journey(url, address, self._settings.whole_timeout)

    async def hop(self, journey: Journey, aside: Problem | None) -> Step:
        """Ask a journey's present address, or end it there because its host was put `aside`."""
        address = journey.address
        host = self._known(address)
        if not journey.visited or journey.visited[-1] != address.url:
            journey.visited.append(address.url)
            journey.hosts.append(host or HostFinding(address.host, address.port))
        journey.tried = aside is None and (host is None or host.problem is None)
        if aside is not None:
            journey.hosts[-1] = replace(journey.hosts[-1], problem=aside)
            return end(journey, journey.problem or aside)
        started = time.monotonic()
        try:
            if host is None:
                host = journey.hosts[-1] = await self._judged(address)
            step = end(journey, host.problem) if host.problem else await self._look(journey, started)
        except (OSError, aiohttp.ClientError, ValueError) as error:
            step = await self._failed(journey, error)
        journey.seconds_left -= time.monotonic() - started
        return step

    async def _look(self, journey: Journey, started: float) -> Step:
        url = journey.address.url
        if self._settings.deep:
            with tempfile.TemporaryFile() as file:
                answer = await ask(self._session, url, self._left(journey, started), {}, file)
                return await self._answered(journey, answer, started, file)
        key = journey.address.host, journey.address.port
        usual = key in self._alive and not journey.looks and len(journey.visited) == 1
        try:
            answer = await ask(self._session, url, self._usual if usual else self._left(journey, started), RANGE)
        except RangeUselessError:
            answer = await ask(self._session, url, self._left(journey, started), {})
        return await self._answered(journey, answer, started, None)

    def _known(self, address: Address) -> HostFinding | None:
        if address.scheme == "https":
            return self._hosts.known(address.host, address.port)
        return self._plain.get((address.host, address.port))

    async def _judged(self, address: Address) -> HostFinding:
        key = address.host, address.port
        if address.scheme == "https":
            return await self._hosts.judge(*key)
        await self._resolver.lookup(*key)
        self._plain[key] = HostFinding(*key)
        return self._plain[key]

    async def _answered(self, journey: Journey, answer: Answer, started: float, file: BinaryIO | None) -> Step:
        address = journey.address
        self._alive.add((address.host, address.port))
        if answer.location:
            return _target(journey, answer.location)
        found = judge(journey, answer)
        if isinstance(found, Picture):
            damage = None if file is None else await self._damage(found, file)
            return end(journey, damage, answer, found)
        if answer.status == 403 and not answer.challenge and await self._let_a_browser_in(journey, started):
            return end(journey, _blocks_tools(address.host), answer)
        if answer.status in _PASSING:
            return _pause(journey, answer, found) or end(journey, found, answer)
        return end(journey, found, answer)

    async def _damage(self, picture: Picture, file: BinaryIO) -> Problem | None:
        # Pillow takes a while to import, and most checks never need it.
        from importer.validator.whole import examine

        async with self._decoding:
            return await asyncio.to_thread(examine, file, picture.format)

    async def _let_a_browser_in(self, journey: Journey, started: float) -> bool:
        """Whether a host that refused us opens for a browser: then it blocks programs rather than everybody."""
        host = journey.address.host
        if host in self._block_tools:
            return True
        if self._settings.user_agent.startswith("Mozilla/") or self._forbid_browsers[host] >= _FORBIDDEN_TO_ALL:
            return False
        try:
            limits = self._left(journey, started)
            headers = RANGE | {"User-Agent": BROWSER_AGENT}
            answer = await ask(self._session, journey.address.url, limits, headers)
        except RangeUselessError:
            # It let the browser in, even if it does not know how to answer.
            answer = Answer(200)
        except (OSError, aiohttp.ClientError, ValueError):
            return False
        if answer.status not in {200, 206}:
            self._forbid_browsers[host] += 1
            return False
        self._block_tools.add(host)
        return True

    def _left(self, journey: Journey, started: float) -> Limits:
        left = max(0.1, journey.seconds_left - (time.monotonic() - started))
        patience = self._settings.timeout
        return Limits(aiohttp.ClientTimeout(total=left, sock_connect=patience, sock_read=patience))

    async def _failed(self, journey: Journey, error: Exception) -> Step:
        address = journey.address
        failure = translate(error)
        if isinstance(error, SlowAnswerError):
            of_all = f" of {error.total:,}" if error.total else ""
            words = f"{address.host} sent only {error.received:,}{of_all} bytes of the picture in time."
            trouble = problem(ProblemCode.READ_TIMEOUT, words)
        elif failure.kind is FailureKind.READ_TIMEOUT:
            words = f"{address.host} took the connection, but sent no answer in time ({self._settings.timeout:g} s)."
            trouble = problem(ProblemCode.READ_TIMEOUT, words)
        else:
            addresses: Sequence[tuple[str, int]] = ()
            if failure.kind in _UNCONNECTED:
                addresses = await self._resolver.lookup(address.host, address.port)
            trouble = failure_problem(address.host, failure, addresses)
        worth_it = trouble.code in _MAY_PASS or (
            trouble.code in _TIMED_OUT and (address.host, address.port) in self._alive
        )
        if worth_it and not journey.looks and journey.seconds_left > self._settings.timeout:
            journey.looks += 1
            return Again(SECOND_LOOK, trouble)
        host = journey.hosts[-1]
        if failure.kind in _THE_HOSTS:
            journey.hosts[-1] = replace(host, problem=trouble)
        return end(journey, trouble)


def _pause(journey: Journey, answer: Answer, trouble: Problem) -> Again | None:
    """When to ask again after an answer that may pass, or None where that is no use any more."""
    seconds = retry_after_seconds(answer.retry_after) if answer.status in {429, 503} else None
    if seconds is None and answer.status != 429:
        journey.looks += 1
        return Again(SECOND_LOOK, trouble) if journey.looks == 1 else None
    wait = 2.0**journey.pauses if seconds is None else seconds
    if wait > _LONGEST_PAUSE or journey.pauses == _MOST_PAUSES:
        return None
    journey.pauses += 1
    return Again(wait, trouble, whole_host=True)


def _target(journey: Journey, location: str) -> Address | UrlFinding:
    """Where a redirect leads, or the end of the way where it leads nowhere."""
    present = journey.address
    try:
        target = parse_address(urljoin(present.url, location), _MAX_REDIRECT_URL)
    except ValueError:
        words = f"{present.host} redirects to something that is not a web address."
        return end(journey, problem(ProblemCode.URL_INVALID, words))
    if isinstance(target, Problem):
        words = f"{present.host} redirects to an address that cannot be used: {target.detail}"
        return end(journey, replace(target, detail=words))
    if target.url in journey.visited:
        circle = journey.visited[journey.visited.index(target.url) :]
        words = f"{target.url} redirects back to itself"
        words += f", by way of {', then '.join(circle[1:])}." if len(circle) > 1 else "."
        return UrlFinding(problem(ProblemCode.REDIRECT_LOOP, words), hosts=tuple(journey.hosts))
    if len(journey.visited) > _MAX_REDIRECTS:
        words = f"More than {_MAX_REDIRECTS} redirects; the last one leads to {target.url}."
        return UrlFinding(problem(ProblemCode.REDIRECT_LOOP, words), hosts=tuple(journey.hosts))
    return target


def _blocks_tools(host: str) -> Problem:
    return problem(
        ProblemCode.HTTP_FORBIDDEN,
        f"{status_words(host, 403)} to this tool, but let a browser in: it blocks programs, and the store may be "
        "refused too.",
        fix="Ask whoever runs the host to let BigCommerce's servers download pictures.",
    )
