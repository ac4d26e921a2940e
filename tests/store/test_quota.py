"""The shared budget, on a clock of our own: used to the last request, never beyond it."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from importer.settings import Reserve
from importer.store.quota import Quota
from importer.store.rate_limits import Pace
from tests.store.simulation import START, Clock, FakeStore, Route, limit_headers, simulate


def test_alone_every_window_is_used_up_without_a_single_429() -> None:
    store = FakeStore(Clock(), 50, 2.0)
    windows = simulate(store)
    assert len(windows) >= 18
    assert sum(window.ours for window in windows) >= 0.99 * 50 * len(windows)
    assert sum(window.refused for window in store.windows) == 0
    # A window begins with its first request: no time is lost between two of them either.
    assert windows[-1].opened - windows[0].opened < (len(windows) - 1) * 2.15


@pytest.mark.parametrize("seed", [0, 1, 16])  # 0 and 16 have two 429s in a window where the tail is too short
def test_what_another_client_leaves_is_used_up_with_at_most_one_429_in_a_window(seed: int) -> None:
    store = FakeStore(Clock(), 50, 2.0, share=0.3, seed=seed)
    windows = simulate(store)
    assert sum(window.others for window in windows) > 20
    assert sum(window.ours for window in windows) >= 0.97 * sum(50 - window.others for window in windows)
    assert max(window.refused for window in store.windows) <= 1


@pytest.mark.parametrize("quota", [32, 34, 50, 500])
def test_where_the_latency_is_the_limit_the_last_requests_are_not_slowed_down(quota: int) -> None:
    windows = simulate(FakeStore(Clock(), quota, 2.0), route=Route(work=lambda: 0.95))
    slowest = 2 * 16 / 2.1  # two round trips of 16 in each window, which begins a moment after the last one
    assert sum(window.ours for window in windows) / len(windows) >= slowest * 2


@pytest.mark.parametrize("told_early", [True, False])
def test_slow_pictures_and_answers_out_of_order_waste_nothing(told_early: bool) -> None:
    chance = random.Random(7)
    route = Route(work=lambda: chance.choice([0.05, 0.3, 4.0]), told_early=told_early)
    store = FakeStore(Clock(), 150, 30.0)
    windows = simulate(store, windows=6, route=route)
    assert [window.ours for window in windows] == [150] * len(windows)
    assert sum(window.refused for window in store.windows) == 0


@pytest.mark.parametrize(("before", "after"), [(150, 15), (15, 150)])
def test_another_quota_in_the_middle_of_the_run_is_kept_to(before: int, after: int) -> None:
    clock = Clock()
    store, quota = FakeStore(clock, before, 2.0), Quota(clock, clock.sleep)

    async def work() -> None:
        while clock.now < START + 20:
            ticket = await quota.take()
            await clock.sleep(0.05)
            status = store.count()
            quota.answered(ticket, status, store.headers(status))

    async def change() -> None:
        await clock.sleep(7.1)
        store.quota = after

    asyncio.run(clock.run(*(work() for _ in range(16)), change()))
    assert sum(window.refused for window in store.windows) <= 16
    later = [window for window in store.windows[:-1] if window.opened > START + 12]
    assert [(window.ours, window.refused) for window in later] == [(after, 0)] * len(later)
    assert len(later) >= 3


def test_the_reserve_is_left_alone() -> None:
    windows = simulate(FakeStore(Clock(), 50, 2.0), reserve=Reserve(share=0.1))
    assert {window.ours for window in windows} == {45}


def scripted(script: Callable[[Quota, Clock], Coroutine[Any, Any, None]], stop: asyncio.Event | None = None) -> Clock:
    clock = Clock()

    async def run() -> None:
        await clock.run(script(Quota(clock, clock.sleep, stop), clock))

    asyncio.run(run())
    return clock


async def answered(quota: Quota, left: int, *, of: int = 150, window: float = 30, reset: float = 20) -> int:
    ticket = await quota.take()
    quota.answered(ticket, 200, limit_headers(window, reset, of, left))
    return ticket


def test_an_unlimited_plan_is_never_waited_for() -> None:
    async def script(quota: Quota, clock: Clock) -> None:
        await answered(quota, 16_101_494, of=16_101_495)
        for _ in range(1000):
            await quota.take()
        assert clock.now == START
        assert quota.pace == Pace(16_101_495, 30.0, 0)

    scripted(script)


def test_a_429_holds_everybody_until_the_store_may_be_asked_again() -> None:
    async def script(quota: Quota, clock: Clock) -> None:
        quota.answered(await quota.take(), 429, {"X-Retry-After": "12"})
        await asyncio.gather(quota.take(), quota.take())
        assert START + 12 <= clock.now < START + 13

    scripted(script)


def test_a_later_429_is_waited_for_by_those_who_were_waiting_already() -> None:
    async def script(quota: Quota, clock: Clock) -> None:
        await answered(quota, 100)
        slow = await quota.take()
        quota.answered(await quota.take(), 429, {"X-Retry-After": "5"})
        waiting = asyncio.create_task(quota.take())
        await clock.sleep(2)
        quota.answered(slow, 429, {"X-Retry-After": "12"})
        await waiting
        assert START + 14 <= clock.now < START + 15

    scripted(script)


def test_a_429_that_names_no_wait_holds_everybody_for_a_second() -> None:
    async def script(quota: Quota, clock: Clock) -> None:
        await answered(quota, 100)
        quota.answered(await quota.take(), 429, {})
        await quota.take()
        assert START + 1 <= clock.now < START + 1.5

    scripted(script)


def test_until_the_quota_is_known_one_request_goes_out_at_a_time() -> None:
    async def script(quota: Quota, clock: Clock) -> None:
        first = await quota.take()
        second = asyncio.create_task(quota.take())
        await clock.sleep(1)
        assert not second.done()
        quota.unanswered(first)
        assert await second == first + 1

    scripted(script)


def test_a_store_without_rate_limit_headers_is_not_slowed_down() -> None:
    async def script(quota: Quota, clock: Clock) -> None:
        quota.answered(await quota.take(), 200, {})
        for _ in range(1000):
            await quota.take()
        assert clock.now == START
        assert quota.pace is None

    scripted(script)


def test_a_late_answer_from_the_window_before_does_not_stop_the_new_one() -> None:
    async def script(quota: Quota, clock: Clock) -> None:
        await answered(quota, 12, reset=1)
        late = await quota.take()
        await clock.sleep(2)
        for _ in range(20):
            await quota.take()
        quota.answered(late, 200, limit_headers(30, 0, 150, 0))
        woken = clock.now
        await quota.take()
        assert clock.now == woken

    scripted(script)


def test_an_answer_to_an_older_request_never_raises_the_budget() -> None:
    async def script(quota: Quota, clock: Clock) -> None:
        await answered(quota, 100)
        older, newer = await quota.take(), await quota.take()
        quota.answered(newer, 200, limit_headers(30, 20, 150, 0))
        quota.answered(older, 200, limit_headers(30, 20, 150, 99))
        await quota.take()
        assert clock.now >= START + 20

    scripted(script)


def test_a_smaller_quota_counts_at_once() -> None:
    async def script(quota: Quota, clock: Clock) -> None:
        await answered(quota, 149)
        await answered(quota, 140, of=3)  # more than the quota itself: not believed
        for _ in range(3):
            assert clock.now == START
            quota.unanswered(await quota.take())
        await quota.take()
        assert clock.now >= START + 20

    scripted(script)


def test_a_request_that_got_no_answer_counts_as_used_unless_it_never_arrived() -> None:
    async def script(quota: Quota, clock: Clock) -> None:
        await answered(quota, 2)
        for _ in range(5):
            quota.unanswered(await quota.take(), arrived=False)
        assert clock.now == START
        for _ in range(3):
            quota.unanswered(await quota.take())
        assert clock.now >= START + 20

    scripted(script)


@pytest.mark.parametrize(
    "told",
    [
        limit_headers(36_000, 36_000, 150, 0),  # ten hours
        limit_headers(30, 36_000, 150, 0),
        limit_headers(0, 0, 150, 0),
        limit_headers(30, 20, 150, 0) | {"X-Rate-Limit-Time-Reset-Ms": "-5000"},
        limit_headers(30, 20, 150, 0) | {"X-Rate-Limit-Requests-Left": "none"},
    ],
)
def test_numbers_that_cannot_be_true_stop_nobody_for_longer_than_a_window(told: dict[str, str]) -> None:
    async def script(quota: Quota, clock: Clock) -> None:
        quota.answered(await quota.take(), 200, told)
        for _ in range(5):
            quota.answered(await quota.take(), 200, told)
        assert clock.now <= START + 5 * 31

    scripted(script)


def test_a_429_that_asks_for_hours_holds_for_ten_minutes_at_most() -> None:
    async def script(quota: Quota, clock: Clock) -> None:
        quota.answered(await quota.take(), 429, {"Retry-After": "86400"})
        await quota.take()
        assert START + 600 <= clock.now < START + 601

    scripted(script)


def test_the_stop_ends_every_wait_and_gives_no_ticket() -> None:
    async def run() -> None:
        clock, stop = Clock(), asyncio.Event()
        quota = Quota(clock, clock.sleep, stop)
        await answered(quota, 0)
        waiting = [asyncio.create_task(quota.take()) for _ in range(3)]
        await asyncio.sleep(0.01)
        stop.set()
        assert await asyncio.gather(*waiting) == [0, 0, 0]

    asyncio.run(run())
