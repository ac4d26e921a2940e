"""The shared budget, on a clock of our own: used to the last request, never beyond it."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from importer.store.quota import Quota, retry_after


class Clock:
    """Time that passes only when somebody sleeps and nobody else can run."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.now + seconds, future))
        await future

    async def run(self, *work: Coroutine[Any, Any, None]) -> None:
        tasks = [asyncio.create_task(one) for one in work]
        while not all(task.done() for task in tasks):
            for _ in range(200):
                await asyncio.sleep(0)
            self._sleepers.sort(key=lambda sleeper: sleeper[0])
            if self._sleepers:
                self.now, future = max(self.now, self._sleepers[0][0]), self._sleepers.pop(0)[1]
                future.set_result(None)
        await asyncio.gather(*tasks)


class FakeStore:
    """A fixed window of requests, and what it said to each."""

    def __init__(self, clock: Clock, quota: int, window: float) -> None:
        self.clock, self.quota, self.window = clock, quota, window
        self.start, self.used = -1e9, 0
        self.statuses: list[int] = []
        self.times: list[float] = []

    def answer(self) -> tuple[int, dict[str, str]]:
        if self.clock.now >= self.start + self.window:
            self.start, self.used = self.clock.now, 0
        self.used += 1
        status = 200 if self.used <= self.quota else 429
        self.statuses.append(status)
        self.times.append(self.clock.now)
        return status, {
            "X-Rate-Limit-Time-Window-Ms": str(round(self.window * 1000)),
            "X-Rate-Limit-Time-Reset-Ms": str(round((self.start + self.window - self.clock.now) * 1000)),
            "X-Rate-Limit-Requests-Quota": str(self.quota),
            "X-Rate-Limit-Requests-Left": str(max(0, self.quota - self.used)),
        }


async def worker(quota: Quota, store: FakeStore, requests: int, latency: float) -> None:
    for _ in range(requests):
        await quota.take()
        await store.clock.sleep(latency / 2)
        status, headers = store.answer()
        await store.clock.sleep(latency / 2)
        quota.answered(status, headers)


def simulate(workers: int, requests: int, *, quota: int, window: float) -> FakeStore:
    clock = Clock()
    store = FakeStore(clock, quota, window)
    budget = Quota(lambda: clock.now, clock.sleep)
    asyncio.run(clock.run(*(worker(budget, store, requests, 0.05) for _ in range(workers))))
    return store


def test_every_window_is_used_up_without_a_single_429() -> None:
    store = simulate(8, 25, quota=50, window=2.0)
    assert store.statuses == [200] * 200
    # 200 requests in windows of 50: four windows, so the last request leaves in the fourth.
    assert store.times[-1] - store.times[0] < 4 * 2.0 + 0.5


def test_another_client_on_the_same_quota_costs_at_most_one_429_for_each_worker_in_a_window() -> None:
    clock = Clock()
    store = FakeStore(clock, 50, 2.0)
    budget = Quota(lambda: clock.now, clock.sleep)

    async def other() -> None:
        for _ in range(60):
            store.used += 1
            await clock.sleep(0.1)

    asyncio.run(clock.run(*(worker(budget, store, 20, 0.05) for _ in range(8)), other()))
    assert store.statuses.count(429) <= 8 * 4


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"X-Retry-After": "15"}, 15),
        ({"Retry-After": "7"}, 7),
        ({"X-Retry-After": "2", "X-Rate-Limit-Time-Reset-Ms": "9500"}, 9.5),
        ({"X-Retry-After": "20", "X-Rate-Limit-Time-Reset-Ms": "9500"}, 20),
        ({"Retry-After": "nonsense"}, None),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0),
    ],
)
def test_the_longest_wait_that_the_headers_name(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def scripted(script: Callable[[Quota, Clock], Coroutine[Any, Any, None]]) -> Clock:
    clock = Clock()
    asyncio.run(clock.run(script(Quota(lambda: clock.now, clock.sleep), clock)))
    return clock


def test_a_429_holds_everybody_until_the_store_may_be_asked_again() -> None:
    async def script(quota: Quota, clock: Clock) -> None:
        await quota.take()
        quota.answered(429, {"X-Retry-After": "12"})
        await quota.take()
        assert 1012 <= clock.now < 1013

    scripted(script)


def test_until_the_quota_is_known_one_request_goes_out_at_a_time() -> None:
    order: list[str] = []

    async def script(quota: Quota, clock: Clock) -> None:
        await quota.take()
        order.append("first out")
        second = asyncio.create_task(quota.take())
        await clock.sleep(1)
        assert not second.done()
        quota.unanswered()
        await second

    scripted(script)


def test_a_store_without_rate_limit_headers_is_not_slowed_down() -> None:
    async def script(quota: Quota, clock: Clock) -> None:
        await quota.take()
        quota.answered(200, {})
        for _ in range(1000):
            await quota.take()
        assert clock.now == 1000

    scripted(script)


def test_a_late_answer_from_the_window_before_does_not_stop_the_new_one() -> None:
    def headers(reset: int, left: int) -> dict[str, str]:
        names = ("Time-Window-Ms", "Time-Reset-Ms", "Requests-Quota", "Requests-Left")
        return {f"X-Rate-Limit-{name}": str(value) for name, value in zip(names, (30000, reset, 2, left), strict=True)}

    async def script(quota: Quota, clock: Clock) -> None:
        await quota.take()
        quota.answered(200, headers(1000, 1))
        await quota.take()
        await quota.take()  # waits for the new window
        woken = clock.now
        quota.answered(200, headers(1, 0))
        await quota.take()
        assert clock.now == woken

    scripted(script)
