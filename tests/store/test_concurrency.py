"""How many requests are under way at once, on a clock of our own."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from importer.store.concurrency import Concurrency
from tests.store.simulation import START, Clock


def run(most: int, script: Callable[[Concurrency, Clock], Coroutine[Any, Any, None]]) -> None:
    async def main() -> None:
        clock = Clock()
        concurrency = Concurrency(most, asyncio.Event(), clock)
        await clock.run(script(concurrency, clock))

    asyncio.run(main())


def grown(concurrency: Concurrency, clock: Clock, answers: int = 50) -> None:
    for _ in range(answers):
        concurrency.went_well("POST", clock.now)


def test_sixteen_are_reached_within_three_round_trips() -> None:
    async def script(concurrency: Concurrency, clock: Clock) -> None:
        async def ask() -> None:
            while clock.now < START + 0.15:
                assert await concurrency.enter()
                begun = clock.now
                await clock.sleep(0.05)
                concurrency.went_well("POST", begun)
                concurrency.leave()

        await asyncio.gather(*(ask() for _ in range(40)))
        assert concurrency.limit == 16

    run(16, script)


def test_never_more_are_under_way_than_allowed_and_all_get_their_turn_in_order() -> None:
    async def script(concurrency: Concurrency, clock: Clock) -> None:
        under_way, most, order = 0, 0, list[int]()

        async def ask(number: int) -> None:
            nonlocal under_way, most
            assert await concurrency.enter()
            order.append(number)
            under_way += 1
            most = max(most, under_way)
            await clock.sleep(1)
            under_way -= 1
            concurrency.leave()

        await asyncio.gather(*(ask(number) for number in range(30)))
        assert (most, order) == (3, list(range(30)))

    run(3, script)


def test_trouble_halves_once_in_a_round_trip_and_never_below_one() -> None:
    async def script(concurrency: Concurrency, clock: Clock) -> None:
        grown(concurrency, clock)
        for expected in (8, 4, 2, 1, 1):
            begun = clock.now
            await clock.sleep(1)
            for _ in range(10):
                concurrency.went_badly(begun)
            assert concurrency.limit == expected
            await clock.sleep(1)

    run(16, script)


def test_after_trouble_it_grows_by_one_in_each_round_trip() -> None:
    async def script(concurrency: Concurrency, clock: Clock) -> None:
        grown(concurrency, clock)
        concurrency.went_badly(clock.now)
        assert concurrency.limit == 8
        grown(concurrency, clock, 9)
        assert concurrency.limit == 9
        grown(concurrency, clock, 200)
        assert concurrency.limit == 16

    run(16, script)


@pytest.mark.parametrize(
    ("seconds", "least", "most"),
    [
        ([0.05], 16, 16),
        ([0.2], 16, 16),  # four times as slow, but quick
        ([0.05, 3.0, 3.0, 3.0], 16, 16),  # some picture hosts are slow
        ([3.0], 8, 8),  # everything is slow: gently down, but not far: it may be the pictures
    ],
)
def test_only_a_store_that_is_slow_throughout_is_asked_less(seconds: list[float], least: int, most: int) -> None:
    async def script(concurrency: Concurrency, clock: Clock) -> None:
        for _ in range(50):
            begun = clock.now
            await clock.sleep(0.04)
            concurrency.went_well("POST", begun)
        assert concurrency.limit == 16
        for number in range(400):
            concurrency.went_well("POST", clock.now - seconds[number % len(seconds)])
            if number == 40:
                assert concurrency.limit >= 12
        assert least <= concurrency.limit <= most

    run(16, script)


def test_the_stop_sends_those_away_who_wait_and_gives_their_turns_to_nobody() -> None:
    async def main() -> None:
        stop = asyncio.Event()
        concurrency = Concurrency(1, stop)
        assert await concurrency.enter()
        waiting = asyncio.create_task(concurrency.enter())
        await asyncio.sleep(0.01)
        stop.set()
        assert not await waiting
        concurrency.leave()
        assert await concurrency.enter()

    asyncio.run(main())


def test_a_turn_that_is_given_to_somebody_who_is_cancelled_is_not_lost() -> None:
    async def main() -> None:
        concurrency = Concurrency(1, asyncio.Event())
        assert await concurrency.enter()
        waiting = asyncio.create_task(concurrency.enter())
        await asyncio.sleep(0.01)
        concurrency.leave()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert await asyncio.wait_for(concurrency.enter(), 1)

    asyncio.run(main())
