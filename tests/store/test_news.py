"""Whoever waits for the quota hears of every answer, whenever it comes."""

import asyncio

from importer.store.quota import Quota

HEADERS = {
    "X-Rate-Limit-Time-Window-Ms": "30000",
    "X-Rate-Limit-Time-Reset-Ms": "20000",
    "X-Rate-Limit-Requests-Quota": "150",
    "X-Rate-Limit-Requests-Left": "100",
}


def test_an_answer_in_the_very_moment_that_somebody_begins_to_wait_is_heard() -> None:
    async def work() -> None:
        quota = Quota()
        first = await quota.take()
        second = asyncio.create_task(quota.take())  # waits for the answer to the first one
        asyncio.get_running_loop().call_soon(quota.answered, first, 200, HEADERS)
        async with asyncio.timeout(1):
            assert await second == 2

    asyncio.run(work())
