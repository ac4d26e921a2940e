"""Several questions to the store under way at once; the client bounds how many of them really are."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

_Answer = TypeVar("_Answer")


async def at_once(questions: Iterable[Coroutine[Any, Any, _Answer]]) -> list[_Answer]:
    """Ask everything at the same time.

    The first that fails ends the others, and its error comes out as it is, not in an `ExceptionGroup`: whoever asks
    one question and whoever asks a hundred catches the same `StoreStoppedError`. A cancellation ends them all.

    Returns:
        the answers, in the order of the questions.
    """
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(question) for question in questions]
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]
