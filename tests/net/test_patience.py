"""One timer for many waits: each is interrupted at its own time, and nobody else's cancellation is swallowed."""

import asyncio
import time

import pytest

from importer.net import Patience


def test_each_wait_ends_at_its_own_time() -> None:
    async def one(patience: Patience, delay: float) -> float:
        await asyncio.sleep(delay)
        started = time.monotonic()
        with pytest.raises(TimeoutError), patience.wait():
            await asyncio.sleep(10)
        return time.monotonic() - started

    async def work() -> list[float]:
        patience = Patience(0.3)
        return await asyncio.gather(*(one(patience, number * 0.05) for number in range(6)))

    assert all(0.29 < seconds < 1.0 for seconds in asyncio.run(work()))


def test_what_comes_in_time_is_not_interrupted_later() -> None:
    async def work() -> str:
        patience = Patience(0.05)
        with patience.wait():
            await asyncio.sleep(0)
        with Patience(10).wait():
            await asyncio.sleep(0.15)
        return "well"

    assert asyncio.run(work()) == "well"


def test_a_failure_inside_is_passed_on() -> None:
    async def work() -> None:
        with Patience(1).wait():
            raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        asyncio.run(work())


def test_a_cancelled_task_is_cancelled_and_not_late() -> None:
    async def slow(patience: Patience) -> None:
        with patience.wait():
            await asyncio.sleep(10)

    async def work(delay: float) -> bool:
        task = asyncio.create_task(slow(Patience(0.1)))
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_later(delay, task.cancel)
        try:
            await task
        except asyncio.CancelledError:
            return task.cancelled()
        return False

    assert asyncio.run(work(0.0))
    assert asyncio.run(work(0.1))


def test_a_task_that_was_late_once_can_go_on_and_be_late_again() -> None:
    async def work() -> tuple[int, int]:
        task = asyncio.current_task()
        assert task is not None
        late = 0
        for _ in range(3):
            try:
                with Patience(0.02).wait():
                    await asyncio.sleep(10)
            except TimeoutError:
                late += 1
        return late, task.cancelling()

    assert asyncio.run(work()) == (3, 0)
