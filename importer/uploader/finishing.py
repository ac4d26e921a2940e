"""After the last picture of a product: it is read back, and what is not as it should be is put right.

Many products are read back in one request. What is right already costs nothing more.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

from importer.errors import JournalLostError, StoreStoppedError, UnansweredError, WaitAbandonedError
from importer.models import Outcome, Problem, ProblemCode, Product, Status, StoreImage
from importer.problems import problem
from importer.store import list_images, read_products
from importer.uploader.ends import MAY_ARRIVE, ended, with_image
from importer.uploader.mending import Finished, Mending
from importer.uploader.sending import Sender

READ_BACK = 250
"""Products that are read back at once: as many as one answer shows."""
_SECOND_LOOK = 1.0
"""Seconds until a product is read again that lacks a picture which the store has confirmed."""


class Finishing:
    """Collects products whose rows are done, and puts them right.

    Args:
        sender: what all lanes share.
    """

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._ready: list[Finished] = []
        self._late: list[Finished] = []
        self._notes: dict[int, str] = {}
        self._lost: dict[int, Outcome] = {}
        self._doubled: dict[int, Problem] = {}
        self._swapped: dict[int, StoreImage] = {}

    def add(self, finished: Finished) -> None:
        """Take a product in."""
        (self._late if finished.until > time.monotonic() else self._ready).append(finished)

    async def finish(self, *, last: bool = False) -> None:
        """Read products back once there are many, or, with `last`, all of them.

        A product that may still get a second copy waits for that until the end.

        Raises:
            StoreStoppedError, JournalLostError, WaitAbandonedError: the first that ended one of them; the others are
                carried to their end first, because a request that is cut off leaves a question behind.
        """
        if self._ready and (last or len(self._ready) >= READ_BACK):
            ready, self._ready = self._ready, []
            await self._finish(ready)
        if last and self._late:
            left = max(one.until for one in self._late) - time.monotonic()
            if left > 0:
                many = f"{len(self._late):,} product{'s' * (len(self._late) != 1)}"
                self._sender.say(
                    f"Requests for {many} ended without an answer, and what they sent may still arrive a second time. "
                    "Nothing else is left to do; Ctrl-C leaves this to the next run."
                )
                await self._sender.client.pause(left, MAY_ARRIVE)
            if not self._sender.stop.is_set():
                late, self._late = self._late, []
                await self._finish(late)

    def leave(self) -> None:
        """The run was stopped: say what is left undone."""
        for one in (*self._ready, *self._late):
            if self._sender.settings.existing == "replace":
                self._say(one, ["The run was stopped before the old pictures were deleted; the next run does it."])

    async def _finish(self, products: Sequence[Finished]) -> None:
        unread = [one.product_id for one in products if one.product is None]
        try:
            read = await read_products(self._sender.client, unread) if unread else {}
        except (StoreStoppedError, WaitAbandonedError):
            self._ready += products
            raise
        mending = (self._guarded(one, one.product or read.get(one.product_id)) for one in products)
        ends = await asyncio.gather(*mending, return_exceptions=True)
        errors = [end for end in ends if isinstance(end, BaseException)]
        for kind in (JournalLostError, StoreStoppedError, BaseException):
            for error in errors:
                if isinstance(error, kind):
                    raise error

    async def _guarded(self, wanted: Finished, product: Product | None) -> None:
        """Mend one product; what stops the run keeps the others from asking for anything more."""
        try:
            await self._mend(wanted, product)
        except UnansweredError as error:
            self._say(wanted, [f"The product could not be read back; the next run looks again. {error}"])
        except (StoreStoppedError, JournalLostError):
            self._sender.stop.set()
            raise

    async def _mend(self, wanted: Finished, product: Product | None) -> None:
        images = {image.id: image for image in product.images} if product else {}
        if any(one.image_id not in images for one in wanted.placed):
            await self._sender.client.pause(_SECOND_LOOK)
            images = await self._read(wanted.product_id)
        self._tell_lost(wanted, images)
        mending = Mending(wanted, images, self._sender)
        said = await mending.remove_copies() + await mending.order() + await mending.thumbnail()
        if self._sender.settings.existing == "replace" and (mending.done or not wanted.settled):
            said += await mending.replace()
        self._say(wanted, said)
        self._doubled |= mending.doubled
        self._swapped |= mending.swapped
        if mending.done:
            self._sender.journal.settle(wanted.product_id)

    async def _read(self, product_id: int) -> dict[int, StoreImage]:
        return {image.id: image for image in await list_images(self._sender.client, product_id) or ()}

    def _tell_lost(self, wanted: Finished, images: dict[int, StoreImage]) -> None:
        """A picture that the store took and has no more: somebody deleted it, or the product.

        Its record stays, so that the next run asks for it by its id before it sends it again.
        """
        for one in wanted.placed:
            if one.image_id not in images:
                words = f"The store took the picture (id {one.image_id}), but when read back it was gone."
                fix = "If nobody deleted it on purpose, run the same command again: it sends what is missing."
                trouble = problem(ProblemCode.STORE_REJECTED, words, fix=fix)
                self._lost[id(one.item.row)] = ended(one.item, Status.FAILED, trouble)

    def _say(self, wanted: Finished, sentences: Sequence[str]) -> None:
        row = id(wanted.item.row)
        said = " ".join(filter(None, (self._notes.get(row), *sentences)))
        if said:
            self._notes[row] = said

    def final(self, outcome: Outcome) -> Outcome:
        """The outcome with what was found when its product was read back."""
        row = id(outcome.source)
        outcome = self._lost.get(row, outcome)
        if (image := self._swapped.get(row)) is not None and outcome.receipt is not None:
            outcome = replace(outcome, receipt=with_image(outcome.receipt, image))
        if row in self._doubled and outcome.problem is None:
            outcome = replace(outcome, status=Status.FAILED, problem=self._doubled[row], note="")
        note = self._notes.get(row)
        if not note:
            return outcome
        if outcome.problem is not None:
            return replace(outcome, problem=replace(outcome.problem, detail=f"{outcome.problem.detail} {note}"))
        return replace(outcome, note=" ".join(filter(None, (outcome.note, note))))
