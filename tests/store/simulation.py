"""A clock that stands still while anybody can run, and a store whose quota runs on it."""

import asyncio
import heapq
import itertools
import math
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from importer.settings import Reserve
from importer.store.quota import Quota

START = 1000.0


class Clock:
    """Time that passes only when everybody sleeps."""

    def __init__(self) -> None:
        self.now = START
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._order), future))
        await future

    async def run(self, *work: Coroutine[Any, Any, None]) -> None:
        loop: Any = asyncio.get_running_loop()
        tasks = [asyncio.create_task(one) for one in work]
        while True:
            await asyncio.sleep(0)
            while loop._ready:  # noqa: ASYNC110 - until nobody else can run
                await asyncio.sleep(0)
            if all(task.done() for task in tasks):
                break
            while self._sleepers and self._sleepers[0][2].done():
                heapq.heappop(self._sleepers)
            assert self._sleepers, "everybody waits for somebody else"
            moment, _, future = heapq.heappop(self._sleepers)
            self.now = max(self.now, moment)
            future.set_result(None)
        for task in tasks:
            task.result()


def limit_headers(window: float, reset: float, quota: int, left: int) -> dict[str, str]:
    """The four headers, from seconds and requests."""
    names = ("Time-Window-Ms", "Time-Reset-Ms", "Requests-Quota", "Requests-Left")
    values = (round(window * 1000), math.ceil(reset * 1000), quota, left)
    return {f"X-Rate-Limit-{name}": str(value) for name, value in zip(names, values, strict=True)}


@dataclass
class Counted:
    """What a store counted in one window."""

    opened: float
    ours: int = 0
    others: int = 0
    refused: int = 0


class FakeStore:
    """Windows that begin with the first request after the last one, of ours or of another client.

    The other client comes at random moments, with one to three requests at a time.
    """

    def __init__(self, clock: Clock, quota: int, window: float, *, share: float = 0.0, seed: int = 0) -> None:
        self.clock, self.quota, self.window = clock, quota, window
        self.windows: list[Counted] = []
        self._random = random.Random(seed)
        self._gap = 2 * window / (share * quota) if share else 0.0
        self._next_other = START + self._random.expovariate(1 / self._gap) if share else float("inf")

    def count(self) -> int:
        """One request of ours arrives; the status that it gets."""
        self._look()
        self._open(self.clock.now)
        if self._left:
            self.windows[-1].ours += 1
            return 200
        self.windows[-1].refused += 1
        return 429

    def headers(self, status: int) -> dict[str, str]:
        """What is told at this moment."""
        self._look()
        reset = max(0.0, self.windows[-1].opened + self.window - self.clock.now)
        headers = limit_headers(self.window, reset, self.quota, self._left)
        return headers | ({"X-Retry-After": str(max(1, math.ceil(reset)))} if status == 429 else {})

    def _look(self) -> None:
        """The other client's requests until now."""
        while self._next_other <= self.clock.now:
            self._open(self._next_other)
            self.windows[-1].others += min(self._random.randint(1, 3), self._left)
            self._next_other += self._random.expovariate(1 / self._gap)

    @property
    def _left(self) -> int:
        return max(0, self.quota - self.windows[-1].ours - self.windows[-1].others)

    def _open(self, moment: float) -> None:
        if not self.windows or moment >= self.windows[-1].opened + self.window:
            self.windows.append(Counted(moment))


@dataclass(frozen=True)
class Route:
    """How long a request is on its way to the store, is worked on, and is on its way back, in seconds.

    A store may tell its limit as the request came in (`told_early`) or as the answer leaves.
    """

    there: Callable[[], float] = lambda: 0.025
    work: Callable[[], float] = lambda: 0.0
    back: Callable[[], float] = lambda: 0.025
    told_early: bool = False


async def worker(quota: Quota, store: FakeStore, until: float, route: Route) -> None:
    """Ask again and again."""
    while store.clock.now < until:
        ticket = await quota.take()
        await store.clock.sleep(route.there())
        status = store.count()
        headers = store.headers(status)
        await store.clock.sleep(route.work())
        headers = headers if route.told_early else store.headers(status)
        await store.clock.sleep(route.back())
        quota.answered(ticket, status, headers)


def simulate(
    store: FakeStore,
    *,
    workers: int = 16,
    windows: float = 20,
    route: Route | None = None,
    reserve: Reserve | None = None,
) -> list[Counted]:
    """Let so many workers ask for so many windows; what the store counted in all but the first and the last."""
    clock = store.clock
    quota = Quota(clock, clock.sleep, reserve=reserve)
    until = clock.now + windows * store.window
    asyncio.run(clock.run(*(worker(quota, store, until, route or Route()) for _ in range(workers))))
    return store.windows[1:-1]
