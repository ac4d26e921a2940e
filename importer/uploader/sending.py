"""One picture on its way: a request, what its answer means, and a look before it is ever repeated."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from importer.errors import StoreStoppedError, WaitAbandonedError
from importer.models import Outcome, Receipt, Status, StoreImage
from importer.net import NetFailure
from importer.settings import UploadSettings
from importer.store import (
    Accepted,
    Answer,
    NotSent,
    RetryAfter,
    RetryPolicy,
    RowFails,
    RunStops,
    StoreClient,
    Tries,
    Verdict,
    add_image,
    judge,
    list_images,
    parse_image,
    unreadable,
)
from importer.uploader.doubts import Arrivals, Asked
from importer.uploader.ends import both_sides, ended, unclear, unsent, with_image
from importer.uploader.gallery import Gallery
from importer.uploader.journal import Journal
from importer.uploader.wishes import Wish

_FIRST_LOOK = 0.5
"""Seconds until the second look for a picture that may still be on its way into the product."""


@dataclass(frozen=True, slots=True)
class Sender:
    """What all lanes share.

    `say` tells the person something; `uncertain` are the rows, by identity, of which nobody knows at the moment whether
    the store took them.
    """

    client: StoreClient
    journal: Journal
    settings: UploadSettings
    stop: asyncio.Event
    say: Callable[[str], None] = lambda _: None
    uncertain: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Trial:
    """One row on its way.

    Attributes:
        newest_id: the largest picture id that the product had before; ids only grow (BigCommerce docs, productImage:
            "increments sequentially").
        others: further requests for the product that may still bring a picture.
        asked_before: whether an earlier request for the row may still be carried out.
        ended: when the last request ended, on the monotonic clock.
        attempts: requests so far.
        throttled: those of them that the store turned away for its quota, which says nothing about the row.
        doubted: when the last of them ended so that the store may have taken it, 0 for none.
        open: whether it is unknown at this moment whether the store has the picture.
    """

    newest_id: int
    others: Sequence[Asked] = ()
    asked_before: bool = False
    started: float = field(default_factory=time.monotonic)
    ended: float = 0.0
    attempts: int = 0
    throttled: int = 0
    doubted: float = 0.0
    open: bool = False
    request_id: str = ""

    def receipt(self, image: StoreImage | None, route: str = "single") -> Receipt:
        """What the report says of the requests."""
        seconds = time.monotonic() - self.started
        receipt = Receipt(route=route, attempts=self.attempts, seconds=seconds, request_id=self.request_id)
        return with_image(receipt, image) if image else receipt


class Sending:
    """Sends pictures to one product, one after another.

    Args:
        product_id: the product.
        gallery: what it has; kept up to date.
        sender: what all lanes share.
    """

    def __init__(self, product_id: int, gallery: Gallery, sender: Sender) -> None:
        self._product_id = product_id
        self._gallery = gallery
        self._sender = sender

    async def send(self, wish: Wish, trial: Trial) -> Outcome:
        """Send one picture until it is clear what became of it.

        Raises:
            StoreStoppedError: the store refuses everything or cannot be reached.
            UnansweredError: it does not say what the product has, so that it is unclear whether it took the picture.
            JournalLostError: the journal cannot be written; nothing was sent without a record.
            WaitAbandonedError: the run was stopped while it was unclear whether the store took the picture.
        """
        try:
            return await self._send(wish, trial)
        finally:
            if trial.open:
                self._sender.uncertain.add(id(wish.item.row))

    async def _send(self, wish: Wish, trial: Trial) -> Outcome:
        item = wish.item
        while True:
            image, verdict = await self._attempt(wish, trial)
            if image is not None:
                await _others_first()
            if isinstance(verdict, RunStops):
                if not verdict.ambiguous:
                    trial.open = False
                    self._not_taken(wish, trial)
                raise StoreStoppedError(verdict.message, verdict.code, verdict.fix)
            if isinstance(verdict, RetryAfter) and verdict.seconds:
                await self._sender.client.pause(verdict.seconds)
            ambiguous = isinstance(verdict, RetryAfter | RowFails) and verdict.ambiguous
            seen = Arrivals()
            if ambiguous:
                trial.doubted = trial.ended
                self._sender.journal.doubt(self._product_id, wish.row.sent_url)
                seen = await self.look([Asked(wish.row, trial.newest_id)], trial.ended, trial.others)
                image = seen.found.get(0)
            trial.open = False
            if seen.unclear:
                return ended(item, Status.FAILED, unclear(seen.unclear[0]), trial.receipt(None))
            if image is not None:
                self.took(wish, image, proven=not ambiguous)
                return ended(item, Status.UPLOADED, receipt=trial.receipt(image))
            if isinstance(verdict, RetryAfter) and not self._sender.stop.is_set():
                continue
            if not ambiguous:
                self._not_taken(wish, trial)
            if isinstance(verdict, RowFails):
                trouble = both_sides(verdict.problem, item)
                return ended(item, Status.FAILED, trouble, trial.receipt(None))
            return unsent(item)

    def _not_taken(self, wish: Wish, trial: Trial) -> None:
        """The last request was refused: the store does not have the picture, unless an earlier request brings it."""
        if not trial.doubted and not trial.asked_before:
            self._sender.journal.forget(self._product_id, wish.row.sent_url)

    async def look(self, doubts: Sequence[Asked], ended: float, others: Sequence[Asked] = ()) -> Arrivals:
        """Which pictures, whose requests ended without a clear answer, are in the store after all.

        The store may still be downloading them, so "no" counts only some seconds later.

        Args:
            doubts: what was asked for.
            ended: when the last of the requests ended, or, for those of an earlier process, when they were over at the
                latest; on the monotonic clock, which no change of the computer's time moves.
            others: further requests for the product that may still bring a picture.

        Raises:
            WaitAbandonedError: the run was stopped before "no" could count; the journal keeps the question open.
            StoreStoppedError: the store refuses the token or cannot be reached.
            UnansweredError: it keeps failing on the question what the product has.
        """
        deadline = ended + self._sender.settings.settle
        pause = _FIRST_LOOK
        while True:
            # An answer tells what was so when the question was asked.
            left = deadline - time.monotonic()
            self._gallery.refresh(await list_images(self._sender.client, self._product_id) or ())
            seen = self._gallery.arrived(doubts, others)
            if len(seen.found) == len(doubts) or left <= 0:
                return seen
            if self._sender.stop.is_set():
                raise WaitAbandonedError("Stopped before the store's answer was certain.")
            await self._sender.client.pause(min(pause, left))
            pause *= 2

    def took(self, wish: Wish, image: StoreImage, *, proven: bool) -> None:
        """Record that the store has the picture; `proven` is as in `Entry`."""
        self._sender.journal.stored(self._product_id, wish.row.sent_url, image, proven=proven)
        self._gallery.add(image)

    async def _attempt(self, wish: Wish, trial: Trial) -> tuple[StoreImage | None, Verdict]:
        """One request, recorded just before it leaves."""

        async def record() -> None:
            await self._sender.journal.intend(self._product_id, (wish.row.sent_url,), trial.newest_id, (wish.row,))
            trial.open = True

        trial.attempts += 1
        result = await add_image(self._sender.client, self._product_id, wish.row, record)
        trial.ended = time.monotonic()
        trial.request_id = result.request_id if isinstance(result, Answer) else ""
        tries = Tries(trial.attempts - trial.throttled, trial.throttled)
        image, verdict = read(result, tries, self._sender.client.policy)
        if isinstance(verdict, RetryAfter) and verdict.throttled:
            trial.throttled += 1
        return image, verdict


async def _others_first() -> None:
    """Let those who waited for this request's place send before its paperwork: answers often come many at a time.

    One turn of the loop lets the other answers be read, the next one lets those who waited go.
    """
    await asyncio.sleep(0)
    await asyncio.sleep(0)


def read(result: Answer | NetFailure | NotSent, tries: Tries, policy: RetryPolicy) -> tuple[StoreImage | None, Verdict]:
    """The picture that the store says it stored, if it says so, and what to do otherwise."""
    jitter = random.random()  # noqa: S311 - spreads retries, no secret
    verdict = judge(result, tries, policy, jitter)
    if not isinstance(verdict, Accepted) or not isinstance(result, Answer):
        return None, verdict
    image = parse_image(result.data)
    return image, verdict if image else unreadable(result, tries, policy, jitter)
