"""Whose turn it is: one queue for each host, so that no host is pressed and none holds up the others."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable

from importer.addresses import Address
from importer.models import UrlFinding
from importer.validator.chains import RedirectChain, Retry, Step
from importer.validator.host_queue import HostQueue

_HOSTS_PER_PLACE = 4
"""Of 500 hosts taking turns, 500 connections would be open, and some systems allow a process no more than 256."""
_ENDED_AT_ONCE = 256
"""After so many chains that ended without a request, others get a turn: there may be 50,000 of them."""


class Schedule:
    """Leads redirect chains to their ends: at most `concurrency` requests at once, and `per_host` at one host.

    Hosts that have not answered yet take at most half of the places, so that dead ones never hold up the living. The
    places are shared evenly among the hosts, which keeps the number of connections low: a new one costs both sides
    more than a request does.

    Args:
        hop: asks the present address of a chain, or ends it there where its host was put aside.
        settle: told the finding at the end of each chain.
        stop: once set, no further request is begun; chains not at their end get no finding.
        say: told once, in a sentence for the person, where this computer bears no more at once.
    """

    def __init__(
        self,
        concurrency: int,
        per_host: int,
        hop: Callable[[RedirectChain, HostQueue], Awaitable[Step]],
        settle: Callable[[RedirectChain, UrlFinding], None],
        stop: asyncio.Event,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._concurrency = concurrency
        self._say = say
        self._busy = 0
        self._last_cut = -1.0
        self._per_host = per_host
        self._hop = hop
        self._settle = settle
        self._stop = stop
        self._trials = 0
        self._queues: dict[tuple[str, int], HostQueue] = {}
        self._ports: dict[str, list[HostQueue]] = defaultdict(list)
        self._proven: deque[HostQueue] = deque()
        self._unproven: deque[HostQueue] = deque()
        self._active = 0
        self._share = concurrency
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._left = 0
        self._ended_at_once = 0

    async def run(self, chains: Iterable[RedirectChain]) -> None:
        """Go on until every chain has its finding, or until the stop."""
        for chain in chains:
            self._left += 1
            self._enqueue(chain)
        stopped = asyncio.create_task(self._stopped())
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self._concurrency, self._left)):
                    group.create_task(self._work())
        finally:
            stopped.cancel()
            await asyncio.gather(stopped, return_exceptions=True)

    async def _stopped(self) -> None:
        await self._stop.wait()
        self._wake_all()

    async def _work(self) -> None:
        now = asyncio.get_running_loop().time
        while (turn := await self._turn()) is not None:
            queue, chain = turn
            trial, began = not queue.proven, now()
            self._trials += trial
            step = await self._hop(chain, queue)
            self._trials -= trial
            queue.busy -= 1
            self._busy -= 1
            if chain.answered is not None:
                queue.learn(chain, step, began, now())
            else:
                await self._breathe()
            self._go_on(queue, chain, step, began)
            for port in queue.ports:
                self._list(port)

    async def _breathe(self) -> None:
        self._ended_at_once += 1
        if self._ended_at_once % _ENDED_AT_ONCE == 0:
            await asyncio.sleep(0)

    def _go_on(self, queue: HostQueue, chain: RedirectChain, step: Step, began: float) -> None:
        match step:
            case UrlFinding():
                self._left -= 1
                self._settle(chain, step)
                if not self._left:
                    self._wake_all()
            case Retry():
                chain.problem = step.problem
                loop = asyncio.get_running_loop()
                if step.fewer:
                    self._ask_fewer(began, loop.time())
                if step.whole_host:
                    until = queue.pause(began, loop.time(), step.seconds)
                    loop.call_at(until, self._resume, queue, until)
                    if chain.refusal is None:
                        # The host has not asked for it: whether the pause helps shows soonest in the same address.
                        queue.chains.appendleft(chain)
                    else:
                        queue.chains.append(chain)
                else:
                    loop.call_later(step.seconds, self._enqueue, chain)
            case Address():
                chain.address, chain.retries, chain.pauses, chain.problem, chain.whole = step, 0, 0, None, False
                self._enqueue(chain)

    def _ask_fewer(self, began: float, now: float) -> None:
        """Have half as many addresses under way, unless that was done since this one began."""
        if self._last_cut < 0:
            self._say("This computer has run out of open files or connections, so fewer addresses are checked at once.")
        if began >= self._last_cut:
            self._concurrency, self._last_cut = max(1, self._concurrency // 2), now

    def _resume(self, queue: HostQueue, until: float) -> None:
        if queue.resume(until):
            self._list(queue)

    def _enqueue(self, chain: RedirectChain) -> None:
        key = chain.address.host, chain.address.port
        queue = self._queues.get(key)
        if queue is None:
            queue = self._queues[key] = HostQueue(key[0], self._per_host, self._ports[key[0]])
        queue.chains.append(chain)
        self._list(queue)

    def _list(self, queue: HostQueue) -> None:
        """Have a host wait for the next free place, unless it does already."""
        active = queue.proven and not queue.paused_until and bool(queue.chains)
        if active is not queue.active:
            queue.active = active
            self._active += 1 if active else -1
            self._share = -(-self._concurrency // max(1, self._active))
        if not queue.listed and self._open(queue):
            queue.listed = True
            (self._proven if queue.proven else self._unproven).append(queue)
            self._wake_one()

    def _open(self, queue: HostQueue) -> bool:
        """Whether another address of a host may be asked right now; all its ports together have `per_host` places."""
        return queue.open(self._share) and (
            len(queue.ports) == 1 or sum(port.busy for port in queue.ports) < self._per_host
        )

    async def _turn(self) -> tuple[HostQueue, RedirectChain] | None:
        while self._left and not self._stop.is_set():
            queue = self._next()
            if queue is not None:
                chain = queue.chains.popleft()
                self._list(queue)
                if self._waiting and (self._proven or self._unproven):
                    # Whatever has made room for this one may have made room for more.
                    self._wake_one()
                return queue, chain
            future = asyncio.get_running_loop().create_future()
            self._waiting.append(future)
            await future
        return None

    def _next(self) -> HostQueue | None:
        """The host that has waited longest for a place, hosts on trial first while they have places left."""
        if self._busy >= self._concurrency:
            return None
        trial = self._trials < max(1, self._concurrency // 2) and self._active < _HOSTS_PER_PLACE * self._concurrency
        for queues in (self._unproven, self._proven) if trial else (self._proven,):
            while queues:
                queue = queues.popleft()
                queue.listed = False
                if self._open(queue):
                    queue.busy += 1
                    self._busy += 1
                    return queue
        return None

    def _wake_one(self) -> None:
        while self._waiting:
            future = self._waiting.popleft()
            if not future.done():
                future.set_result(None)
                return

    def _wake_all(self) -> None:
        while self._waiting:
            self._wake_one()
