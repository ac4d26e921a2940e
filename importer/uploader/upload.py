"""Fanning out over products: so many lanes at once, and a stop that lets rows in flight finish."""

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Coroutine, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from importer.errors import JournalLostError, StoreStoppedError, WaitAbandonedError
from importer.models import Checked, Outcome, Product, Status, UploadResult
from importer.settings import UploadSettings
from importer.store import MAX_PRODUCTS_PER_UPDATE, StoreClient
from importer.uploader.batches import MOST_PICTURES, Batches, may_go
from importer.uploader.breaker import Breaker
from importer.uploader.ends import unsent
from importer.uploader.finishing import Finished, Finishing
from importer.uploader.journal import Journal
from importer.uploader.lane import Lane
from importer.uploader.sending import Sender

READ_BACK = 100
"""Products that are read back at once."""


async def upload(  # noqa: PLR0913 - the front door of the room
    checked: Sequence[Checked],
    client: StoreClient,
    journal: Journal,
    settings: UploadSettings | None = None,
    *,
    watch: Callable[[Outcome], None] = lambda _: None,
    stop: asyncio.Event | None = None,
    incomplete: Collection[int] = (),
) -> UploadResult:
    """Send every row that passed the check.

    Args:
        checked: rows with a product and without a problem.
        client: the store.
        journal: what earlier runs sent.
        settings: how many at once, how often to try.
        watch: told of each row as soon as it ends.
        stop: once set, rows in flight finish and no further one is begun.
        incomplete: ids of products of which the file has further rows that were rejected; their old pictures are
            not replaced.

    Returns:
        one outcome for each row in order, and why the run stopped early if it did.
    """
    stop = stop or asyncio.Event()
    fan = _Fan(Sender(client, journal, settings or UploadSettings(), stop), watch, incomplete)
    lanes = deque(by_product(checked))
    async with asyncio.TaskGroup() as group:
        for _ in range(min(fan.sender.settings.concurrency, len(lanes))):
            group.create_task(fan.work(lanes))
    await fan.close()
    refused = fan.stopped if isinstance(fan.stopped, StoreStoppedError) else None
    ends = ((item, fan.outcomes.get(id(item.row))) for item in checked)
    outcomes = [
        unsent(item, refused) if end is None or end.status == Status.UNSENT else fan.finishing.final(end)
        for item, end in ends
    ]
    return UploadResult(tuple(outcomes), str(fan.stopped) if fan.stopped else "")


class _Fan:
    """The workers' shared state: what is done, and whether the store has stopped the run."""

    def __init__(self, sender: Sender, watch: Callable[[Outcome], None], incomplete: Collection[int]) -> None:
        self.sender = sender
        self.outcomes: dict[int, Outcome] = {}
        self.stopped: StoreStoppedError | JournalLostError | None = None
        self.finishing = Finishing(sender)
        self._incomplete = incomplete
        self._watch = watch
        self._breaker = Breaker(sender.settings.stop_after)
        self._batches = Batches(sender)
        self._finished: list[Finished] = []

    async def work(self, lanes: "deque[tuple[Product, list[Checked]]]") -> None:
        """Take product after product until there is none, or the run stops."""
        while lanes and not self.sender.stop.is_set():
            await self._guarded(self._next(lanes))

    async def close(self) -> None:
        """Put the last products right."""
        if not self.sender.stop.is_set():
            await self._guarded(self._read_back(0))
        await self._guarded(self.sender.journal.flush())

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except (StoreStoppedError, JournalLostError) as error:
            self.stopped = self.stopped or error
            self.sender.stop.set()
        except WaitAbandonedError:
            self.sender.stop.set()

    async def _next(self, lanes: "deque[tuple[Product, list[Checked]]]") -> None:
        if self.sender.settings.route == "batch" and self._batches.open:
            for lane in await self._batch(lanes):
                await self._single(lane)
        else:
            lane = self._lane(*lanes.popleft())
            self._record(await lane.prepare())
            await self._single(lane)
        await self._read_back(READ_BACK)

    def _lane(self, product: Product, items: Sequence[Checked]) -> Lane:
        return Lane(product, items, self.sender, whole=product.id not in self._incomplete)

    async def _single(self, lane: Lane) -> None:
        async with aclosing(lane.send()) as outcomes:
            async for outcome in outcomes:
                self._record([outcome])
        if (finished := lane.finished()) is not None:
            self._finished.append(finished)

    async def _batch(self, lanes: "deque[tuple[Product, list[Checked]]]") -> list[Lane]:
        """Send a batch of the next products; the lanes that have something left to do."""
        batch: list[Lane] = []
        others: list[Lane] = []
        pictures = 0
        while lanes and len(batch) < MAX_PRODUCTS_PER_UPDATE and pictures < MOST_PICTURES:
            lane = self._lane(*lanes.popleft())
            self._record(await lane.prepare())
            if may_go(lane):
                batch.append(lane)
                pictures += len(lane.left)
            else:
                others.append(lane)
        if batch:
            outcomes, products = await self._batches.send(batch)
            self._record(outcomes)
            done = [lane for lane in batch if not lane.left]
            self._finished += [
                replace(finished, product=products.get(finished.product_id))
                for lane in done
                if (finished := lane.finished()) is not None
            ]
            others += [lane for lane in batch if lane.left]
        return others

    async def _read_back(self, least: int) -> None:
        """Put the finished products right, once there are more than so many."""
        if len(self._finished) > least:
            finished, self._finished = self._finished, []
            await self.finishing.finish(finished)

    def _record(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            self.outcomes[id(outcome.source)] = outcome
            self._watch(outcome)
        for outcome in outcomes:
            self._breaker.note(outcome)


def by_product(checked: Sequence[Checked]) -> list[tuple[Product, list[Checked]]]:
    """The products with their rows, both in the file's order.

    Raises:
        ValueError: a row has a problem or no product.
    """
    products: dict[int, tuple[Product, list[Checked]]] = {}
    for item in checked:
        if item.product is None or item.problem is not None:
            raise ValueError(f"row {item.row.row} has not passed the check")
        products.setdefault(item.product.id, (item.product, []))[1].append(item)
    return list(products.values())
