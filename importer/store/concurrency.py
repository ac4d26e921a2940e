"""How many requests may be under way at once: more while the store answers well, fewer as soon as it does not."""

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

_START = 8
"""Requests at once to begin with; doubled with each round trip until the first trouble."""
_ROUND = 8
"""Answers after which their quickest is looked at, at least."""
_SLOWER = 4.0
"""An answer's time in terms of the best one, from which on the store counts as overloaded."""
_SLOW = 0.25
"""Seconds; a quicker answer is never a reason to ask less."""
_GENTLE = 0.9
_FORGETTING = 1.02
"""The best time is raised by so much in each round: what was quick an hour ago is no measure for now."""


@dataclass(slots=True)
class _Times:
    """How long one kind of request takes.

    Attributes:
        best: the best time, in seconds.
        round_best: the best of the current round.
        answers: answers in the current round.
        overloaded: whether in the last round not even the quickest answer was quick. One slow picture host makes some
            requests slow, an overloaded store all of them.
    """

    best: float = math.inf
    round_best: float = math.inf
    answers: int = 0
    overloaded: bool = False

    def ends_round(self, seconds: float, at_once: int) -> bool:
        """Take one more time in; whether a round trip of that many requests at once is over with it."""
        self.round_best = min(self.round_best, seconds)
        self.answers += 1
        if self.answers < max(_ROUND, at_once):
            return False
        self.best = min(self.best * _FORGETTING, self.round_best)
        self.overloaded = self.round_best > max(_SLOWER * self.best, _SLOW)
        self.round_best, self.answers = math.inf, 0
        return True


class Concurrency:
    """Requests under way at once: additive increase, multiplicative decrease, as TCP does (RFC 5681, 3.1).

    Args:
        most: never more than this.
        stop: once set, nobody waits for a turn any more.
        clock: seconds from any start, never going back.
    """

    def __init__(self, most: int, stop: asyncio.Event, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._stop = stop
        self._clock = clock
        self._limit = float(min(_START, most))
        self._starting = True
        self._reduced_at = -math.inf
        self._under_way = 0
        self._turns: deque[asyncio.Future[bool]] = deque()
        self._watching: asyncio.Task[None] | None = None
        self._times: dict[str, _Times] = {}

    @property
    def limit(self) -> int:
        """Requests that may be under way at the moment."""
        return int(self._limit)

    async def enter(self) -> bool:
        """Wait for a turn, first come, first served; False where the stop was set before."""
        if self._under_way < self.limit and not self._turns:
            self._under_way += 1
            return True
        if self._stop.is_set():
            return False
        self.watch()
        turn: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._turns.append(turn)
        try:
            entered = await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.result():
                self.leave()
            raise
        if entered and self._stop.is_set():
            # Whoever left just before may have been told to stop everything.
            self.leave()
            return False
        return entered

    def watch(self) -> None:
        """From now on whoever waits is let go when the stop is set."""
        if self._watching is None:
            self._watching = asyncio.create_task(self._let_go())

    async def _let_go(self) -> None:
        """Once the stop is set, nobody waits any more."""
        await self._stop.wait()
        while self._turns:
            turn = self._turns.popleft()
            if not turn.done():
                turn.set_result(False)

    async def close(self) -> None:
        """Nobody enters any more."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)

    def leave(self) -> None:
        """A request is over, whatever came of it."""
        self._under_way -= 1
        self._let_in()

    def went_well(self, kind: str, begun: float) -> None:
        """A request of this kind, begun at this moment of the clock, got a proper answer just now."""
        times = self._times.get(kind)
        if times is None:
            times = self._times[kind] = _Times()
        ended = times.ends_round(self._clock() - begun, self.limit)
        if times.overloaded:
            if ended:
                # The store downloads pictures inside the request: where all of them are slow, it is not its fault.
                self._reduce(max(self._limit * _GENTLE, min(self._limit, self._most / 2)))
        elif self._limit < self._most:
            step = 1.0 if self._starting else 1 / self._limit
            self._limit = min(float(self._most), self._limit + step)
            self._let_in()

    def went_badly(self, begun: float) -> None:
        """A request begun at this moment met a store in trouble; those begun before the last reduction are the same."""
        if begun >= self._reduced_at:
            self._reduce(self._limit / 2)

    def _reduce(self, limit: float) -> None:
        self._limit = max(1.0, limit)
        self._starting = False
        self._reduced_at = self._clock()

    def _let_in(self) -> None:
        while self._turns and self._under_way < self.limit:
            turn = self._turns.popleft()
            if not turn.done():
                self._under_way += 1
                turn.set_result(True)
