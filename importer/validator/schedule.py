"""Whose turn it is: one queue for each host, so that no host is pressed and none holds up the others."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable

from importer.addresses import Address
from importer.models import Problem, ProblemCode, UrlFinding
from importer.problems import problem
from importer.validator.journeys import Again, Journey, Step

TIMEOUTS_IN_A_ROW = 3
"""After so many a host is put aside: 500 addresses of a dead host would otherwise take 500 times the patience."""
_TIMED_OUT = {ProblemCode.CONNECT_TIMEOUT, ProblemCode.READ_TIMEOUT}


class _Lane:
    """The addresses of one host that wait for their turn.

    A host that has answered nothing yet is asked one address at a time; each answer to a host that pleaded for mercy
    (429, 503) lets one more in at a time.
    """

    def __init__(self, host: str, per_host: int) -> None:
        self.host = host
        self.queue: deque[Journey] = deque()
        self.busy = 0
        self.proven = False
        self.hungry = False
        self.listed = False
        self.paused_until = 0.0
        self.timeouts = 0
        self.aside: Problem | None = None
        self._per_host = per_host
        self._limit = 1

    def open(self, share: int) -> bool:
        """Whether another of its addresses may be asked right now; `share` is a host's fair part of all places."""
        limit = min(share, self._limit)
        return bool(self.queue) and not self.paused_until and self.busy < (limit if self.proven else 1)

    def learn(self, step: Step) -> None:
        """Draw the conclusions of a step for the host as a whole."""
        trouble = None if isinstance(step, Address) else step.problem
        if trouble is not None and trouble.code in _TIMED_OUT:
            self.timeouts += 1
            if self.timeouts >= TIMEOUTS_IN_A_ROW:
                words = f"{self.host} did not answer {TIMEOUTS_IN_A_ROW} times in a row, so this address was not tried."
                self.aside = problem(trouble.code, words)
            return
        self.timeouts = 0
        self.proven = True
        if isinstance(step, Again) and step.whole_host:
            self._limit = max(1, self._limit // 2)
        else:
            self._limit = min(self._per_host, self._limit + 1)


class Schedule:
    """Leads journeys to their ends: at most `concurrency` requests at once, and `per_host` at one host.

    Hosts that have not answered yet take at most half of the places, so that dead ones never hold up the living. The
    places are shared evenly among the hosts, which keeps the number of connections low: a new one costs both sides
    more than a request does.

    Args:
        hop: asks the present address of a journey, or ends it there with the problem of a host that was put aside.
        settle: told the finding at the end of each journey.
        stop: once set, no further request is begun; journeys not at their end get no finding.
    """

    def __init__(
        self,
        concurrency: int,
        per_host: int,
        hop: Callable[[Journey, Problem | None], Awaitable[Step]],
        settle: Callable[[Journey, UrlFinding], None],
        stop: asyncio.Event,
    ) -> None:
        self._concurrency = concurrency
        self._per_host = per_host
        self._hop = hop
        self._settle = settle
        self._stop = stop
        self._most_trials = max(1, concurrency // 2)
        self._trials = 0
        self._lanes: dict[tuple[str, int], _Lane] = {}
        self._proven: deque[_Lane] = deque()
        self._unproven: deque[_Lane] = deque()
        self._hungry = 0
        self._share = concurrency
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._left = 0

    async def run(self, journeys: Iterable[Journey]) -> None:
        """Go on until every journey has its finding, or until the stop."""
        for journey in journeys:
            self._left += 1
            self._enqueue(journey)
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
        while (turn := await self._turn()) is not None:
            lane, journey = turn
            trial = not lane.proven
            self._trials += trial
            step = await self._hop(journey, lane.aside)
            self._trials -= trial
            lane.busy -= 1
            if journey.tried:
                lane.learn(step)
            self._go_on(lane, journey, step)
            self._list(lane)

    def _go_on(self, lane: _Lane, journey: Journey, step: Step) -> None:
        match step:
            case UrlFinding():
                self._left -= 1
                self._settle(journey, step)
                if not self._left:
                    self._wake_all()
            case Again():
                journey.problem = step.problem
                loop = asyncio.get_running_loop()
                until = loop.time() + step.seconds
                if step.whole_host:
                    lane.paused_until = max(lane.paused_until, until)
                    loop.call_at(until, self._resume, lane, until)
                    lane.queue.appendleft(journey)
                else:
                    loop.call_at(until, self._enqueue, journey)
            case _:
                journey.address, journey.looks, journey.pauses, journey.problem = step, 0, 0, None
                self._enqueue(journey)

    def _resume(self, lane: _Lane, until: float) -> None:
        """A pause is over, unless another that the host asked for meanwhile lasts longer."""
        if until >= lane.paused_until:
            lane.paused_until = 0.0
            self._list(lane)

    def _enqueue(self, journey: Journey) -> None:
        key = journey.address.host, journey.address.port
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = _Lane(key[0], self._per_host)
        lane.queue.append(journey)
        self._list(lane)

    def _list(self, lane: _Lane) -> None:
        """Have a lane wait for the next free place, unless it does already."""
        hungry = lane.proven and not lane.paused_until and bool(lane.queue)
        if hungry is not lane.hungry:
            lane.hungry = hungry
            self._hungry += 1 if hungry else -1
            self._share = -(-self._concurrency // max(1, self._hungry))
        if not lane.listed and lane.open(self._share):
            lane.listed = True
            (self._proven if lane.proven else self._unproven).append(lane)
            self._wake_one()

    async def _turn(self) -> tuple[_Lane, Journey] | None:
        while self._left and not self._stop.is_set():
            lane = self._next()
            if lane is not None:
                journey = lane.queue.popleft()
                self._list(lane)
                return lane, journey
            future = asyncio.get_running_loop().create_future()
            self._waiting.append(future)
            await future
        return None

    def _next(self) -> _Lane | None:
        """The lane that has waited longest for a place, hosts on trial first while they have places left."""
        for lanes in (self._unproven, self._proven) if self._trials < self._most_trials else (self._proven,):
            while lanes:
                lane = lanes.popleft()
                lane.listed = False
                if lane.open(self._share):
                    lane.busy += 1
                    return lane
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
