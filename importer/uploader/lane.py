"""One product's rows, one after another: what is there already, what is sent, and what came of it."""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace

from importer.errors import StoreStoppedError, WaitAbandonedError
from importer.models import (
    Checked,
    Outcome,
    Problem,
    ProblemCode,
    Product,
    Receipt,
    Status,
    StoreImage,
)
from importer.net import NetFailure
from importer.problems import problem
from importer.settings import MAX_IMAGES_PER_PRODUCT, UploadSettings
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
    find_image,
    judge,
    list_images,
    parse_image,
    unreadable,
)
from importer.uploader.gallery import Gallery
from importer.uploader.journal import Journal

_FIRST_LOOK = 0.5
"""Seconds until the second look for a picture that may still be on its way into the product."""
_AGAIN = "Run the same command again: it carries on with the rows that are left."


@dataclass(frozen=True, slots=True)
class Sender:
    """What all lanes share."""

    client: StoreClient
    journal: Journal
    settings: UploadSettings
    stop: asyncio.Event


@dataclass(slots=True)
class _Try:
    """One row on its way: how often it was tried, since when, and the last request's id.

    `throttled` counts the tries that the store turned away for its quota; they say nothing about the row.
    """

    started: float
    newest_id: int
    intended_at: float = 0.0
    attempts: int = 0
    throttled: int = 0
    request_id: str = ""

    def receipt(self, image: StoreImage | None) -> Receipt:
        return Receipt(
            image_id=image.id if image else None,
            image_file=image.image_file if image else "",
            route="single",
            attempts=self.attempts,
            seconds=time.monotonic() - self.started,
            request_id=self.request_id,
        )


class Lane:
    """The rows of one product. Never two writes under way at once, because a new picture moves its siblings.

    BigCommerce docs, productImage_Base: setting a `sort_order` reorders the pictures behind it, and only one picture
    is the thumbnail.
    """

    def __init__(self, product: Product, items: Sequence[Checked], sender: Sender) -> None:
        self._product = product
        self._items = items
        self._sender = sender
        self._entries = sender.journal.entries(product.id)
        self._gallery = Gallery(product.images, self._entries.values())

    async def run(self) -> AsyncGenerator[Outcome, None]:
        """One outcome for each row, in order, until the stop is set.

        Raises:
            StoreStoppedError: the store refuses everything or cannot be reached.
            JournalLostError: the journal cannot be written.
        """
        order = self._gallery.last_sort_order
        for item in self._items:
            if self._sender.stop.is_set():
                return
            order = order + 1 if item.row.sort_order is None else item.row.sort_order
            numbered = replace(item, row=replace(item.row, sort_order=order))
            yield replace(await self._settle(numbered), source=item.row)

    async def _settle(self, item: Checked) -> Outcome:
        """Look before sending: in the journal, and among the pictures that the product has."""
        found = await self._recorded(item) or self._same_name(item)
        if found is not None:
            image, note = found
            return replace(
                self._outcome(item, Status.ALREADY_THERE),
                note=note,
                receipt=Receipt(image_id=image.id, image_file=image.image_file),
            )
        if len(self._gallery) >= MAX_IMAGES_PER_PRODUCT:
            words = f"The product has {len(self._gallery):,} pictures, as many as BigCommerce allows."
            return self._outcome(item, Status.REJECTED, problem(ProblemCode.IMAGE_LIMIT_REACHED, words))
        return await self._send(item)

    async def _recorded(self, item: Checked) -> tuple[StoreImage, str] | None:
        """The picture that the journal knows of, if the store still has it."""
        url = item.row.sent_url
        entry = self._entries.get(url)
        if entry is None:
            return None
        if entry.image_id is None:
            image = await self._look_again(item, entry.newest_id, entry.intended_at)
            if image is None:
                return None
            self._stored(url, image)
            return image, "An earlier run was interrupted while sending it; the store has it."
        if entry.image_id not in self._gallery:
            image = await find_image(self._sender.client, self._product.id, entry.image_id)
            if image is None:
                self._sender.journal.forget(self._product.id, url)
                return None
            self._gallery.add(image)
        return self._gallery[entry.image_id], "An earlier run of this import uploaded it."

    def _same_name(self, item: Checked) -> tuple[StoreImage, str] | None:
        if self._sender.settings.existing != "skip" or item.row.sent_url in self._entries:
            return None
        image = self._gallery.take_same_name(item.row.sent_url)
        if image is None:
            return None
        note = (
            f"The product has a picture with this file name already ({image.image_file}), most likely the same one. "
            "To upload it all the same, add --existing add."
        )
        return image, note

    async def _send(self, item: Checked) -> Outcome:
        journal, stop = self._sender.journal, self._sender.stop
        trial = _Try(time.monotonic(), self._gallery.newest_id)
        while True:
            image, verdict = await self._attempt(item, trial)
            if isinstance(verdict, RetryAfter):
                await self._sender.client.pause(verdict.seconds)
            ambiguous = isinstance(verdict, RetryAfter | RowFails) and verdict.ambiguous
            if ambiguous:
                image = await self._look_again(item, trial.newest_id, trial.intended_at)
            if image is not None:
                self._stored(item.row.sent_url, image)
                return self._outcome(item, Status.UPLOADED, receipt=trial.receipt(image))
            if isinstance(verdict, RetryAfter) and not stop.is_set():
                continue
            if not ambiguous:
                journal.forget(self._product.id, item.row.sent_url)
            if isinstance(verdict, RunStops):
                raise StoreStoppedError(verdict.message, verdict.code, verdict.fix)
            if isinstance(verdict, RowFails):
                trouble = _both_sides(verdict.problem, item)
                return self._outcome(item, Status.FAILED, trouble, trial.receipt(None))
            return unsent(item)

    async def _attempt(self, item: Checked, trial: _Try) -> tuple[StoreImage | None, Verdict]:
        """One request, recorded just before it leaves: after a crash, the time since then tells what may still come."""

        def record() -> None:
            url = item.row.sent_url
            trial.intended_at = self._sender.journal.intend(self._product.id, url, trial.newest_id)

        trial.attempts += 1
        result = await add_image(self._sender.client, self._product.id, item.row, record)
        trial.request_id = result.request_id if isinstance(result, Answer) else ""
        tries = Tries(trial.attempts - trial.throttled, trial.throttled)
        image, verdict = _read(result, tries, self._sender.client.policy)
        if isinstance(verdict, RetryAfter) and verdict.throttled:
            trial.throttled += 1
        return image, verdict

    async def _look_again(self, item: Checked, newest_id: int, intended_at: float) -> StoreImage | None:
        """Whether a picture whose request ended without a clear answer is in the store after all.

        The store may still be downloading it, so "no" counts only some seconds after the request was begun.

        Raises:
            WaitAbandonedError: the run was stopped before "no" could count; the journal keeps the question open.
        """
        settle = self._sender.settings.settle
        deadline = time.monotonic() + min(settle, max(0.0, intended_at + settle - time.time()))
        pause = _FIRST_LOOK
        while True:
            self._gallery.refresh(await list_images(self._sender.client, self._product.id) or ())
            image = self._gallery.arrived(item, newest_id)
            left = deadline - time.monotonic()
            if image is not None or left <= 0:
                return image
            if self._sender.stop.is_set():
                raise WaitAbandonedError("Stopped before the store's answer was certain.")
            await self._sender.client.pause(min(pause, left))
            pause *= 2

    def _stored(self, url: str, image: StoreImage) -> None:
        self._sender.journal.stored(self._product.id, url, image)
        self._gallery.add(image)

    def _outcome(
        self, item: Checked, status: Status, trouble: Problem | None = None, receipt: Receipt | None = None
    ) -> Outcome:
        return Outcome(
            source=item.row,
            status=status,
            problem=trouble,
            product_id=self._product.id,
            finding=item.finding,
            receipt=receipt,
        )


def unsent(item: Checked, stopped: StoreStoppedError | None = None) -> Outcome:
    """The outcome of a row that the run stopped before, or in the middle of."""
    trouble = problem(stopped.code, f"Not sent. {stopped}", fix=stopped.fix or _AGAIN) if stopped else None
    return Outcome(
        source=item.row,
        status=Status.UNSENT,
        problem=trouble,
        note="" if trouble else f"The run was stopped before this row was done. {_AGAIN}",
        product_id=item.product.id if item.product else None,
        finding=item.finding,
    )


def _read(
    result: Answer | NetFailure | NotSent, tries: Tries, policy: RetryPolicy
) -> tuple[StoreImage | None, Verdict]:
    """The picture that the store says it stored, if it says so, and what to do otherwise."""
    jitter = random.random()  # noqa: S311 - spreads retries, no secret
    verdict = judge(result, tries, policy, jitter)
    if not isinstance(verdict, Accepted) or not isinstance(result, Answer):
        return None, verdict
    image = parse_image(result.data)
    return image, verdict if image else unreadable(result, tries, policy, jitter)


def _both_sides(trouble: Problem, item: Checked) -> Problem:
    """Where the store could not fetch what we could, show both findings: together they point at the host."""
    finding = item.finding
    if trouble.code != ProblemCode.STORE_COULD_NOT_FETCH or finding is None or finding.http_status is None:
        return trouble
    parts = [f"status {finding.http_status}", finding.tls_version, finding.content_type]
    seen = ", ".join(part for part in parts if part)
    return replace(trouble, detail=f"{trouble.detail} Our own check could open it ({seen}).")
