"""The next products to work on, read anew shortly before: since they were looked up, others may have changed them."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace

from importer.errors import UnansweredError
from importer.models import Checked, Outcome, Product
from importer.store import read_products
from importer.uploader.lane import Lane
from importer.uploader.sending import Sender

Rows = tuple[Product, Sequence[Checked]]
READ_ANEW = 100
"""Products that are read at once; more would be older by the time that it is their turn."""
_TURN = 20
"""Products without anything to do after which others get a turn."""


class Supply:
    """Hands out lanes; while some are left, the next ones are being read already.

    Args:
        products: the products with their rows.
        sender: what all lanes share.
        lane: makes a lane.
        record: told of rows for which nothing need be asked, because everything is there already.
    """

    def __init__(
        self,
        products: Iterable[Rows],
        sender: Sender,
        lane: Callable[[Product, Sequence[Checked]], Lane],
        record: Callable[[Sequence[Outcome]], None],
    ) -> None:
        self._products = deque(products)
        self._sender = sender
        self._lane = lane
        self._record = record
        self._ready: deque[Rows] = deque()
        self._reading: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._products) + len(self._ready)

    @property
    def more(self) -> bool:
        """Whether there is, or may be, another product."""
        return bool(self._products or self._ready or self._reading)

    async def take(self, most: int) -> list[Lane]:
        """The next lanes, at most so many; none at the end.

        Raises:
            StoreStoppedError: the store refuses the token or cannot be reached.
            WaitAbandonedError: the run was stopped.
        """
        while True:
            if self._reading is not None and self._reading.done():
                done, self._reading = self._reading, None
                done.result()
            if len(self._ready) < READ_ANEW / 2 and self._products and self._reading is None:
                self._reading = asyncio.create_task(self._read())
            if self._ready:
                return [self._lane(*self._ready.popleft()) for _ in range(min(most, len(self._ready)))]
            if self._reading is None:
                return []
            # Not awaited itself: a worker that is cancelled must not cancel it for all.
            await asyncio.wait({self._reading})

    async def close(self) -> None:
        """Nobody takes any more."""
        if self._reading is not None:
            self._reading.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await self._reading

    async def _read(self) -> None:
        unread: list[Rows] = []
        idle = 0
        while self._products and len(unread) < READ_ANEW and not self._sender.stop.is_set():
            product, items = self._products.popleft()
            lane = self._lane(product, items) if product.images else None
            if lane is None or not lane.idle:
                unread.append((product, items))
                continue
            self._record([outcome async for outcome in lane.prepare()])
            idle += 1
            if idle % _TURN == 0:
                await asyncio.sleep(0)
        if not unread:
            return
        try:
            fresh = await read_products(self._sender.client, [product.id for product, _ in unread])
        except UnansweredError:
            fresh = {product.id: product for product, _ in unread}
        self._ready.extend((fresh.get(product.id) or replace(product, images=()), items) for product, items in unread)
