"""Hops of a schedule that need no network and no time: what each URL comes to is scripted, and all is recorded."""

import asyncio
import selectors
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from importer.addresses import Address, parse_address
from importer.models import ProblemCode, UrlFinding
from importer.problems import problem
from importer.validator.chains import RedirectChain, Retry, Step
from importer.validator.host_queue import HostQueue
from importer.validator.schedule import Schedule

OK = UrlFinding()
Answer = Callable[[RedirectChain, HostQueue], Awaitable[Step]]


class _SkippedWaits(selectors.SelectSelector):
    """Where everybody waits for the time, it is that time at once; where nobody does, nothing will ever happen."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise AssertionError("everybody waits, and nothing is left that could wake anybody")
        if not ready and timeout is not None:
            self.now += timeout
        return ready


class SkippingLoop(asyncio.SelectorEventLoop):
    """An event loop with a clock of its own that starts at 0 and takes no time."""

    def __init__(self) -> None:
        self._waits = _SkippedWaits()
        super().__init__(self._waits)

    def time(self) -> float:
        return self._waits.now


@dataclass
class Visit:
    """One hop: what was asked, and from when to when in seconds of the loop's clock; None while it lasts."""

    url: str
    host: str
    began: float
    ended: float | None = None


class Record:
    """What a schedule did.

    Attributes:
        visits: every hop in the order in which they began.
        settled: the chains that came to their end, in that order.
        findings: what each URL came to.
        most: the most hops at once, of each host and (under the name "") of all.
        seconds: how long all of it took by the loop's clock.
    """

    def __init__(self, answer: Answer) -> None:
        self.visits: list[Visit] = []
        self.settled: list[str] = []
        self.findings: dict[str, UrlFinding] = {}
        self.most: Counter[str] = Counter()
        self.seconds = 0.0
        self.stop = asyncio.Event()
        self.busy: Counter[str] = Counter()
        self._answer = answer

    async def hop(self, chain: RedirectChain, queue: HostQueue) -> Step:
        now = asyncio.get_running_loop().time
        visit = Visit(chain.address.url, chain.address.host, now())
        self.visits.append(visit)
        for name in (visit.host, ""):
            self.busy[name] += 1
            self.most[name] = max(self.most[name], self.busy[name])
        chain.answered = True
        step = await self._answer(chain, queue)
        for name in (visit.host, ""):
            self.busy[name] -= 1
        visit.ended = now()
        return step

    def settle(self, chain: RedirectChain, finding: UrlFinding) -> None:
        self.settled.append(chain.url)
        self.findings[chain.url] = finding

    def of(self, host: str) -> list[Visit]:
        return [visit for visit in self.visits if visit.host == host]

    def at(self, seconds: float, host: str) -> int:
        """How many hops of a host were under way at a time."""
        return sum(visit.began <= seconds < (visit.ended or self.seconds + 1) for visit in self.of(host))


def address(url: str) -> Address:
    parsed = parse_address(url, 1000)
    assert isinstance(parsed, Address)
    return parsed


def urls(host: str, count: int) -> list[str]:
    return [f"http://{host}/{number}.jpg" for number in range(count)]


def busy_host(words: str = "") -> Retry:
    """A pause of five seconds for the whole host."""
    return Retry(5.0, problem(ProblemCode.HTTP_ERROR, words), whole_host=True)


def scheduled(
    wanted: Iterable[str],
    answer: Answer,
    *,
    concurrency: int = 8,
    per_host: int = 8,
    beside: Callable[[Record], Awaitable[None]] | None = None,
) -> Record:
    """Lead chains to their ends on a clock that takes no time, with another task beside it where one is given."""
    record = Record(answer)
    chains = [RedirectChain(url, address(url), 60.0) for url in wanted]

    async def work() -> None:
        loop = asyncio.get_running_loop()
        schedule = Schedule(concurrency, per_host, record.hop, record.settle, record.stop)
        other = asyncio.ensure_future(beside(record)) if beside else None
        await schedule.run(chains)
        record.seconds = loop.time()
        if other is not None:
            other.cancel()
            await asyncio.gather(other, return_exceptions=True)

    with asyncio.Runner(loop_factory=SkippingLoop) as runner:
        runner.run(work())
    assert len(record.settled) == len(set(record.settled)), "a chain came to its end twice"
    return record


def taking(seconds: float | dict[str, float]) -> Answer:
    """Every address is a picture, after so many seconds (of each host)."""

    async def answer(chain: RedirectChain, queue: HostQueue) -> Step:
        await asyncio.sleep(seconds[chain.address.host] if isinstance(seconds, dict) else seconds)
        return OK

    return answer
