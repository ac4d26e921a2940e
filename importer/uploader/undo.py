"""Undo: exactly the pictures that an import added are deleted, and the thumbnails that they displaced come back.

The journal's records are the only list of what may be deleted. A record is forgotten as soon as its picture is gone,
so an undo that was stopped, or killed, is taken up by the next one.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from importer.errors import JournalLostError, StoreStoppedError, WaitAbandonedError
from importer.models import Problem, ProblemCode, Product
from importer.settings import UploadSettings
from importer.store import StoreClient, change_image, delete_image, list_images, read_products
from importer.uploader.ends import MAY_ARRIVE
from importer.uploader.journal import Journal
from importer.uploader.undo_plan import UndoLine, UndoPlan, UndoStatus, one_thumbnail, plan_undo
from importer.uploader.undo_variants import restore_variant, unreached_variants

_TOGETHER = 250
"""Products that are read, undone and read back together: as many as one request reads."""
_FAILURES_IN_A_ROW = 10
"""So many requests that the store left unanswered, with none done between them, mean that it is down."""
_AGAIN = "Run the same command again: it carries on with what is left."


@dataclass(frozen=True, slots=True)
class UndoSurvey:
    """What an undo would do, counted before anything is done.

    Attributes:
        records: pictures of products and variants that the journal has.
        products: products from which pictures would be deleted.
        pictures: pictures to delete.
        variants: variants that may get their picture of before.
        changed: pictures that stay, because someone has changed them since.
        doubtful: pictures that an interrupted import was about to send.
        pictures_lost: products that had pictures before the import, of which the thumbnail at least is gone.
    """

    records: int = 0
    products: int = 0
    pictures: int = 0
    variants: int = 0
    changed: int = 0
    doubtful: int = 0
    pictures_lost: int = 0


async def survey_undo(
    client: StoreClient, journal: Journal, progress: Callable[[int], None] = lambda _: None
) -> UndoSurvey:
    """Read every product of the journal and count; nothing is written.

    Args:
        client: the store.
        journal: what the import did.
        progress: told the number of products that were read.

    Raises:
        StoreStoppedError: the store refuses the token, cannot be reached, or keeps failing.
        WaitAbandonedError: the run was stopped while a request waited for its turn.
    """
    found = UndoSurvey()
    for ids in _parts(journal.products()):
        products = await read_products(client, ids)
        for number in ids:
            entries, variants = journal.entries(number), journal.variants(number)
            plan = plan_undo(number, products.get(number), entries, journal.product(number))
            unanswered = sum(not record.image_url for record in variants.values())
            found = UndoSurvey(
                records=found.records + len(entries) + len(variants),
                products=found.products + bool(plan.delete),
                pictures=found.pictures + len(plan.delete),
                variants=found.variants + len(variants) - unanswered,
                changed=found.changed + sum(line.status == UndoStatus.CHANGED for line in plan.left),
                doubtful=found.doubtful + sum(line.status == UndoStatus.UNKNOWN for line in plan.left) + unanswered,
                pictures_lost=found.pictures_lost + plan.pictures_lost,
            )
        progress(len(ids))
    return found


@dataclass(slots=True)
class Undo:
    """One undo under way.

    Args:
        client: the store.
        journal: what the import did; what has been undone is forgotten in it.
        settings: products worked on at once, and how long an interrupted request may still be under way.
        stop: once set, the requests under way finish and no further one is begun.
        watch: told of each line as soon as it is certain.

    Attributes:
        lines: what became of each record so far.
        stopped: why the store or the journal ended it early; None where neither did.
    """

    client: StoreClient
    journal: Journal
    settings: UploadSettings
    stop: asyncio.Event
    watch: Callable[[UndoLine], None] = lambda _: None
    lines: list[UndoLine] = field(default_factory=list)
    stopped: StoreStoppedError | JournalLostError | None = None
    _failures: int = 0
    _to_read_back: set[int] = field(default_factory=set)

    async def run(self) -> None:
        """Undo product after product, so many at once, until all are done or the run stops."""
        ids = self.journal.products()
        doubtful = {number for number in ids if self._is_doubtful(number)}
        for part in _parts([number for number in ids if number not in doubtful]):
            await self._guarded(self._part(part, certain=False))
        if doubtful and not self.stop.is_set():
            # What an interrupted import sent last may still be on its way into the store.
            left = self.journal.opened + self.settings.settle - time.monotonic()
            await self.client.pause(max(0.0, left), MAY_ARRIVE)
            for part in _parts(sorted(doubtful)):
                await self._guarded(self._part(part, certain=True))

    def unreached(self) -> list[UndoLine]:
        """A line for each record that was not reached, once the run has ended early."""
        done = {(line.product_id, line.variant_id, line.url) for line in self.lines}
        left: list[UndoLine] = []
        for number in self.journal.products():
            left += [
                UndoLine(number, entry.image_id, url, UndoStatus.NOT_REACHED, _AGAIN)
                for url, entry in self.journal.entries(number).items()
            ]
            left += unreached_variants(number, self.journal.variants(number), _AGAIN)
        return [line for line in left if (line.product_id, line.variant_id, line.url) not in done]

    async def _guarded(self, work: Awaitable[None]) -> None:
        """Remember what stops the run, and stop it: requests under way are not cut off."""
        try:
            await work
        except (StoreStoppedError, JournalLostError) as error:
            self.stopped = self.stopped or error
            self.stop.set()
        except WaitAbandonedError:
            return

    def _is_doubtful(self, number: int) -> bool:
        pictures, variants = self.journal.entries(number).values(), self.journal.variants(number).values()
        return any(one.image_id is None for one in pictures) or any(not one.image_url for one in variants)

    async def _part(self, ids: Sequence[int], *, certain: bool) -> None:
        if self.stop.is_set():
            return
        products = await read_products(self.client, ids)
        waiting = deque(ids)
        async with asyncio.TaskGroup() as group:
            for _ in range(min(self.settings.concurrency, len(ids))):
                group.create_task(self._guarded(self._work(waiting, products, certain=certain)))
        if not self.stop.is_set():
            await self._read_back([number for number in ids if number in self._to_read_back])
        await self.journal.flush()

    async def _work(self, waiting: deque[int], products: Mapping[int, Product], *, certain: bool) -> None:
        while waiting and not self.stop.is_set():
            number = waiting.popleft()
            await self._product(number, products.get(number), certain=certain)

    async def _product(self, number: int, product: Product | None, *, certain: bool) -> None:
        """Undo one product, one write at a time."""
        journal = self.journal
        entries, record = journal.entries(number), journal.product(number)
        plan = plan_undo(number, product, entries, record, certain=certain)
        if plan.gone:
            # A list of many products may leave something out; only the product's own list lets a record be forgotten.
            images = await list_images(self.client, number)
            product = None if images is None else Product(number, "", images)
            plan = plan_undo(number, product, entries, record, certain=certain)
        for image_id in journal.old_pictures(number):
            # They stay: an import that is run again must not go on deleting them.
            journal.old_deleted(number, image_id)
        for line in plan.gone:
            journal.forget(number, line.url)
        for line in (*plan.gone, *plan.left):
            self._report(line)
        if plan.delete:
            self._to_read_back.add(number)
            await self._delete(number, plan)
        for variant_id, variant in journal.variants(number).items():
            if self.stop.is_set():
                return
            self._report(await restore_variant(self.client, journal, variant_id, variant))
        if plan.delete or not one_thumbnail(product.images if product is not None else ()):
            self._to_read_back.add(number)
        else:
            self._close(number)

    async def _delete(self, number: int, plan: UndoPlan) -> None:
        """The thumbnail first, so that the product is never without one; then the pictures, the last one first."""
        trouble = await self._hand_over(number, plan.thumbnails)
        note = plan.note
        for url, image in reversed(plan.delete):
            if self.stop.is_set():
                return
            line = UndoLine(number, image.id, url, UndoStatus.DELETED, note)
            if trouble and image.is_thumbnail:
                words = f"It is the thumbnail, and no other picture could be made the thumbnail. {trouble}"
                self._report(replace(line, status=UndoStatus.FAILED, detail=words))
                continue
            answer = await delete_image(self.client, number, image.id)
            if isinstance(answer, Problem):
                self._report(replace(line, status=UndoStatus.FAILED, detail=answer.detail), answer)
                continue
            self.journal.forget(number, url)
            gone = answer.status == 404
            words = "The store does not have it any more." if gone else note
            self._report(replace(line, status=UndoStatus.GONE if gone else UndoStatus.DELETED, detail=words))
            note = ""

    async def _hand_over(self, number: int, candidates: Sequence[int]) -> str:
        """Make the first of the pictures that is still there the thumbnail; the store's words where it refuses."""
        for image_id in candidates:
            answer = await change_image(self.client, number, image_id, is_thumbnail=True)
            if isinstance(answer, Problem):
                return answer.detail
            if answer.status != 404:
                break
        return ""

    async def _read_back(self, ids: Sequence[int]) -> None:
        """See that every product has its one thumbnail; only then is it done with."""
        if not ids:
            return
        products = await read_products(self.client, ids)
        for number in ids:
            product = products.get(number)
            if product is None or await self._has_one_thumbnail(product):
                self._to_read_back.discard(number)
                self._close(number)

    async def _has_one_thumbnail(self, product: Product) -> bool:
        if one_thumbnail(product.images):
            return True
        record = self.journal.product(product.id)
        before = record.thumbnail_id if record is not None else None
        # The one of before, else one that is shown as it already, else the first in the shop's order.
        best = min(product.images, key=lambda one: (one.id != before, not one.is_thumbnail, one.sort_order, one.id))
        await self._hand_over(product.id, (best.id,))
        if one_thumbnail(await list_images(self.client, product.id) or ()):
            return True
        words = "The product does not have exactly one thumbnail. Choose it in the control panel."
        self._report(UndoLine(product.id, best.id, "", UndoStatus.FAILED, words))
        return False

    def _close(self, number: int) -> None:
        if not self.journal.entries(number) and not self.journal.variants(number):
            self.journal.forget_product(number)

    def _report(self, line: UndoLine, trouble: Problem | None = None) -> None:
        """Take a line in.

        Raises:
            StoreStoppedError: the store has failed too often in a row.
        """
        self.lines.append(line)
        self.watch(line)
        unavailable = trouble is not None and trouble.code == ProblemCode.STORE_UNAVAILABLE
        self._failures = self._failures + 1 if unavailable else 0
        if self._failures >= _FAILURES_IN_A_ROW:
            words = f"The store failed {self._failures} times in a row, so the undo was stopped."
            raise StoreStoppedError(words, ProblemCode.STORE_UNAVAILABLE)


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + _TOGETHER] for start in range(0, len(ids), _TOGETHER))
