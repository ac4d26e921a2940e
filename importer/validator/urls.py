"""One stretch of a URL's way: its host is judged, it is asked for, and the answer says how to go on."""

import asyncio
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from typing import BinaryIO
from urllib.parse import urljoin

import aiohttp

from importer.addresses import Address, parse_address
from importer.models import HostFinding, Problem, ProblemCode, UrlFinding
from importer.net import FailureKind, NetFailure, Patience, Resolver, negotiated, retry_after_seconds, translate
from importer.problems import problem
from importer.settings import BROWSER_AGENT, LONGEST_URL, RETRY_DELAY, CheckSettings
from importer.validator.answers import (
    LAST,
    RANGE,
    Answer,
    LenientAsk,
    Limits,
    RangeUselessError,
    SlowAnswerError,
    ask,
    ask_leniently,
)
from importer.validator.chains import RedirectChain, Retry, Step
from importer.validator.findings import end, judge, shown, status_words
from importer.validator.host_queue import HostQueue
from importer.validator.hosts import MAY_PASS, UNCONNECTED, Hosts, failure_problem
from importer.validator.pictures import Picture

_MAX_REDIRECTS = 5
_PASSING = {408, 425, 429, 500, 502, 503, 504}
_TIMED_OUT = {ProblemCode.CONNECT_TIMEOUT, ProblemCode.READ_TIMEOUT}
_THE_HOSTS = {FailureKind.DNS, FailureKind.PRIVATE, *UNCONNECTED}
"""Failures before anything was asked: they say nothing about this address in particular."""
_MOST_PAUSES_FOR_ONE = 2
"""Of a whole host, for one of its addresses."""
_MOST_PAUSES_OF_ONE = 4
"""Of an address, alone or with its host."""
_MOST_VAIN_PAUSES = 3
_SHORTEST_PAUSE = 1.0
_LONGEST_PAUSE = 60.0
"""Seconds; a host that wants more time than this is named in the report instead."""
_MOST_RETRIES = 4
_MOST_LACKS = 12
_LONGEST_LACK = 5.0
"""Seconds; connections that this process keeps without use are closed by then."""
_FORBIDDEN_TO_ALL = 3
"""After so many refusals to a browser as well, a host's further 403s are taken at their word."""
_MOST_VAIN_WHOLES = 20
"""After so many refusals of whole files as well, a host's further refusals of their starts are taken at their word."""
_WHOLES_ALONE = 3
"""After so many whole files in a row that it gave where it had refused their starts, a host is asked for them alone."""
_DECODERS = 2
Found = Picture | Problem | Address | UrlFinding
"""What an answer comes to: a picture, a trouble, or the next address of the chain (or the end of it there)."""
_DEEP_PATIENCE = 12
"""Times the patience for a whole file: 8 MB in two minutes; a file that stops coming is given up long before."""


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
            # A little earlier than the answer's own time, so that a connection that is not taken is told as such.
            aiohttp.ClientTimeout(total=None, sock_connect=0.9 * settings.timeout),
            Patience(settings.timeout),
            Patience(settings.whole_timeout - settings.timeout),
        )
        self._deep = _limits(_DEEP_PATIENCE * settings.timeout, settings.timeout)
        self._plain: dict[tuple[str, int], HostFinding] = {}
        self._alive: set[tuple[str, int]] = set()
        self._block_tools: set[str] = set()
        self._forbid_browsers: Counter[str] = Counter()
        self._lenient: set[tuple[str, int]] = set()
        self._way = LenientAsk(resolver, hosts.context, dict(session.headers), settings.timeout)
        self._wholes: Counter[tuple[str, int]] = Counter()
        self._vain_wholes: Counter[tuple[str, int]] = Counter()
        self._decoding = asyncio.Semaphore(_DECODERS)

    def begin(self, url: str) -> RedirectChain | UrlFinding:
        """A URL at the start of its way, or why it has none."""
        address = parse_address(url, LONGEST_URL)
        if isinstance(address, Problem):
            return UrlFinding(address)
        return RedirectChain(url, address, self._settings.whole_timeout)

    async def hop(self, chain: RedirectChain, queue: HostQueue) -> Step:
        """Ask a chain's present address, or end it there because its host was put aside."""
        address = chain.address
        host = self._known(address)
        if not chain.visited or chain.visited[-1] != address.url:
            chain.visited.append(address.url)
            chain.hosts.append(host or HostFinding(address.host, address.port))
        chain.answered = None
        if queue.aside is not None:
            chain.hosts[-1] = replace(chain.hosts[-1], problem=queue.aside)
            return end(chain, chain.problem or queue.aside)
        if host is not None and host.problem is not None:
            return end(chain, host.problem)
        chain.answered, chain.refusal = True, None
        started = time.monotonic()
        try:
            if host is None:
                # aiohttp asks the resolver nothing where the host is an IP address, which may be a private one.
                await self._resolver.lookup(address.host, address.port)
            step = await self._look(chain, queue, started)
        except (OSError, aiohttp.ClientError, ValueError) as error:
            failure = translate(error)
            try:
                lacking = failure.kind is FailureKind.COMPUTER
                step = _lacking(chain, failure) if lacking else await self._failed(chain, started, error)
            except OSError as lack:
                step = _lacking(chain, translate(lack))
        chain.seconds_left -= time.monotonic() - started
        return step

    async def _look(self, chain: RedirectChain, queue: HostQueue, started: float) -> Step:
        headers = {} if queue.chains else LAST
        if self._settings.deep:
            answer, found = await self._whole(chain, headers)
        else:
            answer = await self._ask(chain, headers, started)
            found = self._found(chain, answer)
            if isinstance(found, Picture) and found.uncounted:
                found = await self._counted(chain, found)
        if isinstance(found, Picture):
            queue.vain_pauses = 0 if chain.pauses else queue.vain_pauses
            return end(chain, None, answer, found)
        if not isinstance(found, Problem):
            return found
        if answer.status == 403 and not answer.challenge and await self._lets_browsers_in(chain, started):
            return end(chain, _blocks_tools(chain.address.host), answer)
        if answer.status in _PASSING:
            return _pause(chain, queue, answer, found) or end(chain, found, answer)
        return end(chain, found, answer)

    async def _ask(self, chain: RedirectChain, headers: dict[str, str], started: float) -> Answer:
        """Ask for the start of a file; where that is refused, for the file, of which no more is read than is needed."""
        key = chain.address.host, chain.address.port
        usual = key in self._alive and not chain.retries and len(chain.visited) == 1
        refused = chain.whole
        if not refused and self._wholes[key] < _WHOLES_ALONE:
            try:
                limits = self._usual if usual else self._left(chain, started)
                answer = await self._get(chain, limits, headers | RANGE)
            except RangeUselessError:
                return await self._get(chain, self._left(chain, started), headers)
            if not answer.refused:
                self._wholes[key] = 0
                return answer
            chain.whole = refused = answer.status != 429
            # Those that may pass are asked for once more in any case, a little later.
            if answer.status in _PASSING or answer.challenge or self._vain_wholes[key] >= _MOST_VAIN_WHOLES:
                return answer
        answer = await self._get(chain, self._left(chain, started), headers)
        if refused and answer.refused:
            self._vain_wholes[key] += 1
        elif refused:
            self._wholes[key], self._vain_wholes[key] = self._wholes[key] + 1, 0
        return answer

    async def _get(
        self, chain: RedirectChain, limits: Limits, headers: dict[str, str], file: BinaryIO | None = None
    ) -> Answer:
        """One GET; where its answer does not keep the rules of HTTP, a second look as browsers take it."""
        url, key = chain.address.url, (chain.address.host, chain.address.port)
        strict = key not in self._lenient
        if strict:
            try:
                return await ask(self._session, url, limits, headers, file)
            except (aiohttp.ClientError, ValueError) as error:
                if translate(error).kind is not FailureKind.BAD_ANSWER:
                    raise
            if file is not None:
                file.seek(0)
                file.truncate()
        seconds = limits.timeout.total or self._settings.whole_timeout
        answer = await ask_leniently(self._way, url, seconds, headers, file)
        self._lenient.add(key)
        chain.oddities += answer.oddities or (("something that a strict reader refuses",) if strict else ())
        return answer

    def _found(self, chain: RedirectChain, answer: Answer) -> Found:
        key = chain.address.host, chain.address.port
        if key not in self._alive:
            self._alive.add(key)
            chain.hosts[-1] = self._answering(chain.address)
        return _target(chain, answer) if answer.location else judge(chain, answer)

    def _known(self, address: Address) -> HostFinding | None:
        if address.scheme == "https":
            return self._hosts.known(address.host, address.port)
        return self._plain.get((address.host, address.port))

    def _answering(self, address: Address) -> HostFinding:
        """The verdict on a host that has answered: it speaks TLS 1.2 or newer, or none is asked for."""
        key = address.host, address.port
        if address.scheme == "https":
            return self._hosts.spoken(*key, negotiated(self._session, *key))
        return self._plain.setdefault(key, HostFinding(*key))

    async def _whole(self, chain: RedirectChain, headers: dict[str, str]) -> tuple[Answer, Found]:
        """A whole file, or a little more than the store takes of a larger one, and what it comes to."""
        with tempfile.TemporaryFile() as file:
            answer = await self._get(chain, self._deep, headers, file)
            found = self._found(chain, answer)
            if isinstance(found, Picture):
                async with self._decoding:
                    found = await asyncio.to_thread(self._opened, chain, answer, file)
            return answer, found

    def _opened(self, chain: RedirectChain, answer: Answer, file: BinaryIO) -> Picture | Problem:
        file.seek(0)
        picture = judge(chain, answer, file.read())
        if isinstance(picture, Problem) or not self._settings.deep:
            return picture
        # Pillow takes a while to import, and most checks never need it.
        from importer.validator.whole import examine

        return examine(file, picture.format) or picture

    async def _counted(self, chain: RedirectChain, picture: Picture) -> Picture | Problem:
        """A GIF that moves, with all its frames counted; where it does not come again, as it was seen before."""
        with suppress(OSError, aiohttp.ClientError, ValueError):
            answer, found = await self._whole(chain, {})
            if not answer.refused and isinstance(found, Picture | Problem):
                return found
        return replace(picture, warning=f"{picture.warning} Its frames could not be counted.".strip())

    async def _lets_browsers_in(self, chain: RedirectChain, started: float) -> bool:
        """Whether a host that refused us opens for a browser: then it blocks programs rather than everybody."""
        host = chain.address.host
        if host in self._block_tools:
            return True
        if self._settings.user_agent.startswith("Mozilla/") or self._forbid_browsers[host] >= _FORBIDDEN_TO_ALL:
            return False
        try:
            limits = self._left(chain, started)
            answer = await self._get(chain, limits, {"User-Agent": BROWSER_AGENT})
        except (OSError, aiohttp.ClientError, ValueError):
            return False
        if not isinstance(judge(chain, answer), Picture):
            self._forbid_browsers[host] += 1
            return False
        self._block_tools.add(host)
        return True

    def _left(self, chain: RedirectChain, started: float) -> Limits:
        left = chain.seconds_left - (time.monotonic() - started)
        # It may be the modern greeting that a host leaves unanswered: half of the time is for the others.
        part = 0.5 if chain.address.scheme == "https" and self._known(chain.address) is None else 1.0
        return _limits(left, self._settings.timeout, part)

    async def _failed(self, chain: RedirectChain, started: float, error: Exception) -> Step:
        address = chain.address
        strange = address.scheme == "https" and self._known(address) is None
        if strange:
            host = chain.hosts[-1] = await self._hosts.judge(address.host, address.port)
            if host.problem is not None:
                chain.answered = host.problem.code not in _TIMED_OUT
                return end(chain, host.problem)
        failure = translate(error)
        trouble = await self._trouble(address, error, failure)
        alive = (address.host, address.port) in self._alive
        # A host that greets well, though the request before did not get through, is asked once more.
        worth_it = strange or trouble.code in MAY_PASS or (trouble.code in _TIMED_OUT and alive)
        # A living host that drops connections may be getting too many at once, which takes a while to find out.
        most = _MOST_RETRIES if alive and trouble.code in MAY_PASS else 1
        chain.answered = trouble.code not in _TIMED_OUT or isinstance(error, SlowAnswerError)
        left = chain.seconds_left - (time.monotonic() - started)
        if worth_it and chain.retries < most and left > self._settings.timeout:
            chain.retries += 1
            # Some hosts hang up on whoever asks for the start of a file alone.
            chain.whole = True
            return Retry(RETRY_DELAY * 2 ** (chain.retries - 1), trouble)
        if failure.kind in _THE_HOSTS:
            chain.hosts[-1] = replace(chain.hosts[-1], problem=trouble)
        return end(chain, trouble)

    async def _trouble(self, address: Address, error: Exception, failure: NetFailure) -> Problem:
        """A failed request in words, with what came of the answer or with the addresses that were tried."""
        if isinstance(error, SlowAnswerError):
            of_all = f"the {error.total:,}" if error.total else "all the"
            words = f"{address.host} sent only {error.received:,} of {of_all} bytes of the picture in time."
            return problem(ProblemCode.READ_TIMEOUT, words)
        if failure.kind is FailureKind.READ_TIMEOUT:
            words = f"{address.host} took the connection, but sent no answer in time ({self._settings.timeout:g} s)."
            return problem(ProblemCode.READ_TIMEOUT, words)
        unconnected = failure.kind in UNCONNECTED
        addresses = await self._resolver.lookup(address.host, address.port) if unconnected else []
        return failure_problem(address.host, failure, addresses)


def _lacking(chain: RedirectChain, failure: NetFailure) -> Step:
    """Ask again when fewer addresses are under way; of the host nothing was learnt."""
    chain.answered, trouble = None, failure_problem(chain.address.host, failure)
    if chain.lacks >= _MOST_LACKS:
        return end(chain, trouble)
    chain.lacks += 1
    return Retry(min(_LONGEST_LACK, RETRY_DELAY * 2.0 ** (chain.lacks - 1)), trouble, fewer=True)


def _limits(whole: float, patience: float, part: float = 1.0) -> Limits:
    """Limits in seconds; `part` of the patience is for the connection."""
    return Limits(aiohttp.ClientTimeout(total=max(0.1, whole), sock_connect=part * patience, sock_read=patience))


def _pause(chain: RedirectChain, queue: HostQueue, answer: Answer, trouble: Problem) -> Retry | None:
    """When to ask again after an answer that may pass, or None where that is no use any more.

    A host that asks to be left alone (429, 503 with Retry-After) is, as a whole, while that may help. An address that
    is refused again and again is given up alone; its host only where it refuses others as well.
    """
    wait = retry_after_seconds(answer.retry_after) if answer.status in {429, 503} else None
    if answer.status != 429 and wait is None:
        return _try_again(chain, queue, answer, trouble)
    chain.refusal = trouble
    wait = max(_SHORTEST_PAUSE, _SHORTEST_PAUSE * 2.0**chain.pauses if wait is None else wait)
    if wait > _LONGEST_PAUSE or chain.pauses >= _MOST_PAUSES_OF_ONE or not queue.bears_pauses:
        return None
    chain.pauses += 1
    return Retry(wait, trouble, whole_host=chain.pauses <= _MOST_PAUSES_FOR_ONE)


def _try_again(chain: RedirectChain, queue: HostQueue, answer: Answer, trouble: Problem) -> Retry | None:
    """After an error without a word on when to come back. A 503 may be of one address, or a limit (nginx's)."""
    if answer.status == 503 and queue.healthy and queue.vain_pauses < _MOST_VAIN_PAUSES:
        if queue.bears_pauses and chain.pauses < _MOST_PAUSES_FOR_ONE:
            chain.pauses += 1
            return Retry(_SHORTEST_PAUSE * 2.0 ** (chain.pauses - 1), trouble, whole_host=True)
        queue.vain_pauses += 1
    chain.retries += 1
    return Retry(RETRY_DELAY, trouble) if chain.retries == 1 else None


def _target(chain: RedirectChain, answer: Answer) -> Address | UrlFinding:
    """Where a redirect leads, or the end of the chain where it leads nowhere."""
    present = chain.address
    try:
        target = parse_address(urljoin(present.url, answer.location), LONGEST_URL)
    except ValueError:
        words = f"{present.host} redirects to something that is not a web address."
        return end(chain, problem(ProblemCode.URL_INVALID, words))
    if isinstance(target, Problem):
        words = f"{present.host} redirects to an address that cannot be used: {target.detail}"
        return end(chain, replace(target, detail=words))
    if target.url in chain.visited:
        circle = chain.visited[chain.visited.index(target.url) + 1 :]
        words = f"{shown(target.url)} redirects back to itself"
        words += f", by way of {', then '.join(map(shown, circle))}" if circle else ""
        words += "; it wants a cookie to be kept, as a browser does" if answer.cookie else ""
        return UrlFinding(problem(ProblemCode.REDIRECT_LOOP, f"{words}."), hosts=tuple(chain.hosts))
    if len(chain.visited) > _MAX_REDIRECTS:
        words = f"More than {_MAX_REDIRECTS} redirects; the last one leads to {shown(target.url)}."
        return UrlFinding(problem(ProblemCode.REDIRECT_LOOP, words), hosts=tuple(chain.hosts))
    return target


def _blocks_tools(host: str) -> Problem:
    return problem(
        ProblemCode.HTTP_FORBIDDEN,
        f"{status_words(host, 403)} to this tool, but it lets browsers in: it blocks programs, and the store may be "
        "refused too.",
        fix="Ask whoever runs the host to let BigCommerce's servers download pictures.",
    )
