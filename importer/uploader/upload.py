"""Fanning out over products: so many lanes at once, and a stop that lets rows in flight finish."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from importer.errors import JournalLostError, StoreStoppedError, WaitAbandonedError
from importer.models import Checked, Outcome, Product, Status, UploadResult
from importer.settings import UploadSettings
from importer.store import MAX_PRODUCTS_PER_UPDATE, StoreClient
from importer.uploader.batches import Batches, may_go
from importer.uploader.breaker import Breaker
from importer.uploader.ends import unsent
from importer.uploader.finishing import Finishing
from importer.uploader.journal import Journal
from importer.uploader.lane import Lane
from importer.uploader.sending import Sender
from importer.uploader.supply import Supply
from importer.uploader.wishes import Remainder


async def upload(  # noqa: PLR0913 - the front door of the room
    checked: Sequence[Checked],
    client: StoreClient,
    journal: Journal,
    settings: UploadSettings | None = None,
    *,
    watch: Callable[[Outcome], None] = lambda _: None,
    say: Callable[[str], None] = lambda _: None,
    stop: asyncio.Event | None = None,
    remainder: Remainder | None = None,
) -> UploadResult:
    """Send every row that passed the check.

    Args:
        checked: rows with a product and without a problem.
        client: the store.
        journal: what earlier runs sent.
        settings: how many at once, how often to try.
        watch: told of each row as soon as it ends.
        say: told of what takes long, as sentences for the person.
        stop: once set, rows in flight finish and no further one is begun.
        remainder: what the file says besides these rows; it decides which old pictures are replaced.

    Returns:
        one outcome for each row in order, and why the run stopped early if it did.
    """
    stop = stop or asyncio.Event()
    fan = _Fan(Sender(client, journal, settings or UploadSettings(), stop, say), watch, remainder)
    await fan.run(by_product(checked))
    refused = fan.stopped if isinstance(fan.stopped, StoreStoppedError) else None
    return UploadResult(
        tuple(fan.final(item, refused) for item in checked),
        str(fan.stopped) if fan.stopped else "",
        refused.fix if refused else "",
    )


class _Fan:
    """The workers' shared state: what is done, and whether the store has stopped the run."""

    def __init__(self, sender: Sender, watch: Callable[[Outcome], None], remainder: Remainder | None) -> None:
        self.stopped: StoreStoppedError | JournalLostError | None = None
        self._sender = sender
        self._outcomes: dict[int, Outcome] = {}
        self._finishing = Finishing(sender)
        self._remainder = remainder
        self._watch = watch
        self._breaker = Breaker(sender.settings.stop_after)
        self._batches = Batches(sender, self._record)

    async def run(self, products: Iterable[tuple[Product, Sequence[Checked]]]) -> None:
        """Take every product to its end, so many at once, or as far as the run gets."""
        supply = Supply(products, self._sender, self._lane, self._record)
        try:
            async with asyncio.TaskGroup() as group:
                # More than requests may be under way, so that none waits for another product's paperwork.
                for _ in range(min(2 * self._sender.settings.concurrency, len(supply))):
                    group.create_task(self._work(supply))
        finally:
            await supply.close()
        if not self._sender.stop.is_set():
            await self._guarded(self._finishing.finish(last=True))
        self._finishing.leave()
        await self._guarded(self._sender.journal.flush())

    def final(self, item: Checked, refused: StoreStoppedError | None) -> Outcome:
        """The one outcome of a row."""
        end = self._outcomes.get(id(item.row))
        if end is None or end.status == Status.UNSENT:
            return unsent(item, refused, uncertain=id(item.row) in self._sender.uncertain)
        return self._finishing.final(end)

    async def _work(self, supply: Supply) -> None:
        while not self._sender.stop.is_set():
            await self._guarded(self._step(supply))
            if not supply.more:
                return

    async def _step(self, supply: Supply) -> None:
        lanes = await supply.take(MAX_PRODUCTS_PER_UPDATE if self._by_batch else 1)
        if lanes:
            await self._carry(lanes)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except (StoreStoppedError, JournalLostError) as error:
            self.stopped = self.stopped or error
            self._sender.stop.set()
        except WaitAbandonedError:
            self._sender.stop.set()

    @property
    def _by_batch(self) -> bool:
        return self._sender.settings.route == "batch" and self._batches.open

    def _lane(self, product: Product, items: Sequence[Checked]) -> Lane:
        return Lane(product, items, self._sender, self._remainder)

    async def _carry(self, lanes: Sequence[Lane]) -> None:
        for lane in lanes:
            async for outcome in lane.prepare():
                self._record([outcome])
        products: dict[int, Product] = {}
        if self._by_batch and (batch := [lane for lane in lanes if may_go(lane)]):
            products = await self._batches.send(batch)
        for lane in lanes:
            if lane.left or lane.has_variant_pictures:
                products.pop(lane.product_id, None)
                async with aclosing(lane.send()) as outcomes:
                    async for outcome in outcomes:
                        self._record([outcome])
            if (finished := lane.finished()) is not None:
                # What a batch has brought whole has been read back already.
                product = products.get(lane.product_id)
                self._finishing.add(replace(finished, product=product) if product else finished)
        await self._finishing.finish()

    def _record(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            self._outcomes[id(outcome.source)] = outcome
            self._sender.uncertain.discard(id(outcome.source))
            if outcome.status is Status.UPLOADED:
                self._sender.client.arrived()
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
