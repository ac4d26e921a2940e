"""Fanning out over products: so many lanes at once, and a stop that lets rows in flight finish."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import aclosing

from importer.errors import JournalLostError, StoreStoppedError, WaitAbandonedError
from importer.models import Checked, Outcome, ProblemCode, Product, Status, UploadResult
from importer.settings import UploadSettings
from importer.store import StoreClient
from importer.uploader.journal import Journal
from importer.uploader.lane import Lane, Sender, unsent

_FAILURES_IN_A_ROW = 10
"""So many rows that the store left unanswered, with none taken between them, mean that it is down."""


async def upload(
    checked: Sequence[Checked],
    client: StoreClient,
    journal: Journal,
    settings: UploadSettings | None = None,
    *,
    watch: Callable[[Outcome], None] = lambda _: None,
    stop: asyncio.Event | None = None,
) -> UploadResult:
    """Send every row that passed the check.

    Args:
        checked: rows with a product and without a problem.
        client: the store.
        journal: what earlier runs sent.
        settings: how many at once, how often to try.
        watch: told of each row as soon as it ends.
        stop: once set, rows in flight finish and no further one is begun.

    Returns:
        one outcome for each row in order, and why the run stopped early if it did.
    """
    stop = stop or asyncio.Event()
    fan = _Fan(Sender(client, journal, settings or UploadSettings(), stop), watch)
    lanes = deque(_by_product(checked))
    async with asyncio.TaskGroup() as group:
        for _ in range(min(fan.sender.settings.concurrency, len(lanes))):
            group.create_task(fan.work(lanes))
    refused = fan.stopped if isinstance(fan.stopped, StoreStoppedError) else None
    ends = ((item, fan.outcomes.get(id(item.row))) for item in checked)
    outcomes = [unsent(item, refused) if end is None or end.status == Status.UNSENT else end for item, end in ends]
    return UploadResult(tuple(outcomes), str(fan.stopped) if fan.stopped else "")


class _Fan:
    """The workers' shared state: what is done, and whether the store has stopped the run."""

    def __init__(self, sender: Sender, watch: Callable[[Outcome], None]) -> None:
        self.sender = sender
        self.outcomes: dict[int, Outcome] = {}
        self.stopped: StoreStoppedError | JournalLostError | None = None
        self._watch = watch
        self._failures = 0

    async def work(self, lanes: deque[tuple[Product, list[Checked]]]) -> None:
        """Take product after product until there is none, or the run stops."""
        while lanes and not self.sender.stop.is_set():
            try:
                product, items = lanes.popleft()
                async with aclosing(Lane(product, items, self.sender).run()) as outcomes:
                    async for outcome in outcomes:
                        self._record(outcome)
            except (StoreStoppedError, JournalLostError) as error:
                self.stopped = self.stopped or error
                self.sender.stop.set()
            except WaitAbandonedError:
                return

    def _record(self, outcome: Outcome) -> None:
        self.outcomes[id(outcome.source)] = outcome
        self._watch(outcome)
        unavailable = outcome.problem is not None and outcome.problem.code == ProblemCode.STORE_UNAVAILABLE
        self._failures = self._failures + 1 if unavailable else 0
        if self._failures >= _FAILURES_IN_A_ROW:
            raise StoreStoppedError(
                f"The store failed on {self._failures} pictures in a row, so the run was stopped.",
                ProblemCode.STORE_UNAVAILABLE,
            )


def _by_product(checked: Sequence[Checked]) -> list[tuple[Product, list[Checked]]]:
    products: dict[int, tuple[Product, list[Checked]]] = {}
    for item in checked:
        if item.product is None or item.problem is not None:
            raise ValueError(f"row {item.row.row} has not passed the check")
        products.setdefault(item.product.id, (item.product, []))[1].append(item)
    return list(products.values())
