"""The fast lane (`--route batch`): up to 10 products with all their pictures in one request.

BigCommerce docs, Update Products (Batch): at most 10 products. Whether pictures without an id are added, and what
becomes of those not named, is not documented; so pictures that are there are always named, the first batch is a single
product, and after each one the products are read back before anything is believed.
"""

import asyncio
import math
import random
import time
from collections.abc import Callable, Mapping, Sequence

from importer.errors import StoreStoppedError, WaitAbandonedError
from importer.models import Outcome, ProblemCode, Product, Receipt, Status
from importer.net import NetFailure
from importer.store import (
    Accepted,
    Answer,
    NotSent,
    RetryAfter,
    RowFails,
    RunStops,
    Tries,
    Verdict,
    judge,
    read_products,
    update_products,
)
from importer.uploader.doubts import Asked
from importer.uploader.ends import ended, with_image
from importer.uploader.lane import Lane
from importer.uploader.sending import Sender

MOST_PICTURES = 100
"""In one request, which waits for the download of all of them."""
_FULLEST = 50
"""A product that shows so many pictures may have more than a bulk answer shows, so it goes the single way."""
_SECONDS_PER_PICTURE = 2.0
_MOST_REFUSALS = 3
"""Batches refused in a row after which the rest goes the single way."""
_FIRST_LOOK = 0.5
"""Seconds until the second look for pictures that are not there yet; each further pause is twice as long."""
_AFTER_AN_ANSWER = 2.0
"""Seconds; the store has answered, so that what it has taken should be there."""


def may_go(lane: Lane) -> bool:
    """Whether a product can be part of a batch."""
    few = len(lane.gallery) < _FULLEST and len(lane.left) <= MOST_PICTURES
    return bool(lane.left) and few and lane.may_write and not lane.has_variant_pictures


class Batches:
    """Sends batches, as long as the store has shown that it takes them as hoped.

    Args:
        sender: what all lanes share.
        record: told of pictures that have arrived, as soon as that is known.
    """

    def __init__(self, sender: Sender, record: Callable[[Sequence[Outcome]], None]) -> None:
        self._sender = sender
        self._record = record
        self._first = asyncio.Lock()
        self._proven = False
        self._refusals = 0

    @property
    def open(self) -> bool:
        """Whether the route is worth trying."""
        return self._refusals < _MOST_REFUSALS and not self._sender.stop.is_set()

    async def send(self, lanes: Sequence[Lane]) -> dict[int, Product]:
        """Send what is left of some products; what does not arrive stays `left` in its lane.

        Returns:
            the products as read back.

        Raises:
            StoreStoppedError: the store refuses everything, cannot be reached, or has lost pictures of before.
            JournalLostError: the journal cannot be written; nothing was sent without a record.
            WaitAbandonedError: the run was stopped while it was unclear what the store took.
        """
        async with self._first:
            # Whoever waited here may find that the first batch has stopped the run.
            first = [] if self._proven or not self.open else lanes[:1]
            products = await self._send(first) if first else {}
        others = lanes[len(first) :]
        if others and self._proven and self.open:
            products |= await self._send(others)
        return products

    async def _send(self, lanes: Sequence[Lane]) -> dict[int, Product]:
        started = time.monotonic()
        newest = {lane.product_id: lane.gallery.newest_id for lane in lanes}
        await asyncio.gather(*(lane.begin() for lane in lanes))
        result, verdict = await self._request(lanes, newest)
        if isinstance(verdict, RunStops):
            if not verdict.ambiguous:
                self._forget(lanes)
            raise StoreStoppedError(verdict.message, verdict.code, verdict.fix)
        turned_away = isinstance(verdict, RetryAfter) and verdict.throttled and not verdict.ambiguous
        if isinstance(result, NotSent) or turned_away:
            self._forget(lanes)
            return {}
        receipt = Receipt(
            route="batch",
            attempts=1,
            seconds=time.monotonic() - started,
            request_id=result.request_id if isinstance(result, Answer) else "",
        )
        products = await self._read_back(lanes, newest, receipt, verdict, _patience(result, verdict))
        complete = not any(lane.left for lane in lanes)
        self._proven = self._proven or (complete and isinstance(verdict, Accepted))
        self._refusals = 0 if complete else self._refusals + 1
        if not isinstance(verdict, RowFails) or verdict.ambiguous:
            self._doubt(lanes, newest)
        self._forget(lanes)
        return products

    def _doubt(self, lanes: Sequence[Lane], newest: Mapping[int, int]) -> None:
        """What has not arrived may still do so; where a new picture may be it, it is not sent again."""
        for lane in lanes:
            left, newest_id = tuple(lane.left), newest[lane.product_id]
            seen = lane.arrived(newest_id)
            for at, wish in enumerate(left):
                lane.suspect(wish, Asked(wish.row, newest_id))
                if at in seen.unclear:
                    self._record([lane.unclear(wish, seen.unclear[at])])

    async def _read_back(
        self, lanes: Sequence[Lane], newest: Mapping[int, int], receipt: Receipt, verdict: Verdict, patience: float
    ) -> dict[int, Product]:
        """Take in what has arrived, for as long as more may come."""
        before = {lane.product_id: frozenset(image.id for image in lane.gallery.images) for lane in lanes}
        deadline = time.monotonic() + min(self._sender.settings.settle, patience)
        pause = _FIRST_LOOK
        while True:
            # An answer tells what was so when the question was asked.
            asked = time.monotonic()
            products = await read_products(self._sender.client, list(before))
            for lane in lanes:
                product = products.get(lane.product_id)
                lane.gallery.refresh(product.images if product else ())
                self._record(_arrived(lane, newest[lane.product_id], receipt, accepted=isinstance(verdict, Accepted)))
            _compare(before, products)
            if not any(lane.left for lane in lanes) or asked >= deadline:
                return products
            if self._sender.stop.is_set():
                raise WaitAbandonedError("Stopped before the store's answer was certain.")
            await self._sender.client.pause(pause)
            pause *= 2

    async def _request(
        self, lanes: Sequence[Lane], newest: Mapping[int, int]
    ) -> tuple[Answer | NetFailure | NotSent, Verdict]:
        """One request, repeated only where the quota turned it away."""

        async def record() -> None:
            journal = self._sender.journal
            self._sender.uncertain.update(id(wish.item.row) for lane in lanes for wish in lane.left)
            await asyncio.gather(
                *(
                    journal.intend(lane.product_id, [row.sent_url for row in sent], newest[lane.product_id], sent)
                    for lane in lanes
                    for sent in [[wish.row for wish in lane.left]]
                )
            )

        throttled = 0
        timeout = self._sender.settings.timeout + _SECONDS_PER_PICTURE * sum(len(lane.left) for lane in lanes)
        while True:
            updates = [lane.update() for lane in lanes]
            result = await update_products(self._sender.client, updates, record, timeout)
            jitter = random.random()  # noqa: S311 - spreads retries, no secret
            verdict = judge(result, Tries(1, throttled), self._sender.client.policy, jitter)
            if isinstance(result, NotSent) or not isinstance(verdict, RetryAfter) or self._sender.stop.is_set():
                return result, verdict
            if verdict.ambiguous or not verdict.throttled:
                return result, verdict
            throttled += 1
            await self._sender.client.pause(verdict.seconds)

    def _forget(self, lanes: Sequence[Lane]) -> None:
        """What has certainly not arrived is as if it had never been tried."""
        for lane in lanes:
            for wish in lane.left:
                self._sender.uncertain.discard(id(wish.item.row))
                lane.not_taken(wish)


def _patience(result: Answer | NetFailure, verdict: Verdict) -> float:
    """Seconds for which pictures that are not there yet may still come, after this end of the request."""
    if isinstance(verdict, RowFails) and not verdict.ambiguous:
        return 0.0
    if isinstance(result, Answer) and result.status in {200, 207} and isinstance(result.body, dict):
        return _AFTER_AN_ANSWER
    return math.inf


def _arrived(lane: Lane, newest_id: int, receipt: Receipt, *, accepted: bool) -> list[Outcome]:
    """The outcomes of the pictures that are in the product now."""
    left = tuple(lane.left)
    # The store took the rows, and there is a new picture for each and none of anybody else: they are theirs.
    proven = accepted and sum(image.id > newest_id for image in lane.gallery.free) == len(left)
    found = lane.arrived(newest_id, accepted=proven).found
    outcomes: list[Outcome] = []
    for at, image in sorted(found.items()):
        lane.took(left[at], image, proven=proven)
        told = ended(left[at].item, Status.UPLOADED, receipt=with_image(receipt, image), note=lane.note(left[at]))
        outcomes.append(told)
    return outcomes


def _compare(before: Mapping[int, frozenset[int]], products: Mapping[int, Product]) -> None:
    """Stop everything where the store has taken a batch for the whole gallery.

    Raises:
        StoreStoppedError: pictures that a product had before are gone.
    """
    for number, ids in before.items():
        product = products.get(number)
        lost = ids - {image.id for image in product.images} if product else frozenset()
        if lost:
            raise StoreStoppedError(
                f"After a batch, the product {number} no longer has {len(lost):,} of the pictures that it had before. "
                "Somebody may have deleted them, or this store does not take batches as expected.",
                ProblemCode.STORE_REJECTED,
                "Look at the product. Then run the same command again without --route batch.",
            )
