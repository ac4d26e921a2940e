"""How long the quota holds requests up, as the person at the terminal is told it."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from importer.settings import Reserve
from importer.store.quota import Quota
from tests.store.simulation import Clock, limit_headers

Told = list[tuple[float, str]]


def scripted(script: Callable[[Quota, Clock], Coroutine[Any, Any, None]], reserve: Reserve | None = None) -> Told:
    """Run it on a clock of its own; what was told of waits."""
    clock, told = Clock(), Told()

    async def run() -> None:
        quota = Quota(
            clock, clock.sleep, reserve=reserve, waits=lambda seconds, what: told.append((round(seconds, 2), what))
        )
        await clock.run(script(quota, clock))

    asyncio.run(run())
    return told


async def answered(quota: Quota, left: int, reset: float = 20.0, status: int = 200, **more: str) -> None:
    headers = limit_headers(30, reset, 150, left) | more
    quota.answered(await quota.take(), status, headers)


def test_a_wait_for_the_next_window_is_told_once_however_many_wait() -> None:
    async def script(quota: Quota, clock: Clock) -> None:
        await answered(quota, 0, reset=12)
        await asyncio.gather(*(quota.take() for _ in range(5)))

    assert scripted(script) == [(12.05, "the store's quota")]


def test_a_429_is_told_as_a_wait_for_the_store() -> None:
    async def script(quota: Quota, clock: Clock) -> None:
        quota.answered(await quota.take(), 429, {"X-Retry-After": "7"})
        await quota.take()

    assert scripted(script) == [(7.05, "the store")]


def test_a_wait_of_less_than_a_second_is_not_worth_a_word() -> None:
    async def script(quota: Quota, clock: Clock) -> None:
        await answered(quota, 0, reset=0.5)
        await quota.take()

    assert scripted(script) == []


@pytest.mark.parametrize(
    ("requests", "seconds"), [(0, 0), (100, 0), (101, 20), (250, 20), (251, 50), (1000, 170), (1001, 200)]
)
def test_the_last_request_leaves_in_the_window_that_has_room_for_it(requests: int, seconds: float) -> None:
    """100 are left in this window, which ends in 20 seconds; each later one has 150 in 30 seconds."""

    async def script(quota: Quota, clock: Clock) -> None:
        await answered(quota, 100)
        assert quota.seconds_for(requests) == seconds

    scripted(script)


def test_the_reserve_and_what_is_under_way_are_not_ours_to_use() -> None:
    async def script(quota: Quota, clock: Clock) -> None:
        await answered(quota, 100)
        await quota.take()
        assert quota.seconds_for(84) == 0
        assert quota.seconds_for(85) == 20
        assert quota.seconds_for(84 + 135) == 20
        assert quota.seconds_for(84 + 136) == 50

    scripted(script, Reserve(15))


def test_a_window_that_is_over_counts_as_a_fresh_one() -> None:
    async def script(quota: Quota, clock: Clock) -> None:
        await answered(quota, 0)
        await clock.sleep(25)
        assert quota.seconds_for(150) == 0
        assert quota.seconds_for(151) == 30

    scripted(script)


def test_where_no_quota_is_known_only_a_pause_holds_requests_up() -> None:
    async def script(quota: Quota, clock: Clock) -> None:
        assert quota.seconds_for(10_000) == 0
        quota.answered(await quota.take(), 429, {"X-Retry-After": "9"})
        assert quota.seconds_for(10_000) == pytest.approx(9.05)

    scripted(script)


def test_every_request_that_leaves_is_counted_and_every_429() -> None:
    async def script(quota: Quota, clock: Clock) -> None:
        await answered(quota, 100)
        await answered(quota, 99, 20, 429, **{"X-Retry-After": "2"})
        await answered(quota, 98)
        traffic = quota.log.traffic(quota.pace)
        assert traffic is not None
        assert (sum(traffic.requests), traffic.refused, traffic.quota) == (3, 1, 150)

    scripted(script)
