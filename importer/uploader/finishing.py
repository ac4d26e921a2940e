"""After the last picture of a product: it is read back, and order, thumbnail, copies and old pictures are put right.

Many products are read back in one request. What is right already costs nothing more.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from importer.models import Checked, ImageRow, Outcome, Problem, ProblemCode, Product, Status, StoreImage
from importer.problems import problem
from importer.store import change_image, delete_image, list_images, read_products
from importer.uploader.gallery import copies
from importer.uploader.sending import Sender

_SECOND_LOOK = 1.0
"""Seconds until a product is read again that lacks a picture which the store has confirmed."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A picture of ours, and the row with the position and the thumbnail that it should have."""

    image_id: int
    row: ImageRow
    item: Checked


@dataclass(frozen=True, slots=True)
class Suspect:
    """A row whose request may have been done twice: any picture newer than `newest_id` may be its copy."""

    row: ImageRow
    newest_id: int


@dataclass(frozen=True, slots=True)
class Finished:
    """What a product should look like, once its rows are done.

    Attributes:
        placed: this import's pictures whose order counts, in the file's order.
        thumbnail: the picture that is to be the thumbnail, or None where the file does not say or it was set before.
        ours: all of this import's pictures, in the file's order.
        whole: whether every row of the file for this product is in the store.
        suspects: rows that may have left a copy.
        known: picture ids that are no copies: those of before and those of any row.
        product: the product as just read, or None where it is still to be read.
    """

    product_id: int
    placed: tuple[Placed, ...]
    ours: tuple[int, ...]
    whole: bool
    thumbnail: int | None = None
    suspects: tuple[Suspect, ...] = ()
    known: frozenset[int] = frozenset()
    product: Product | None = None


class Finishing:
    """Puts products right. `outcomes` are the rows about which there is something else to say than at first."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self.notes: dict[int, str] = {}
        self.failed: dict[int, Outcome] = {}

    async def finish(self, products: Sequence[Finished]) -> None:
        """Read products back and mend what is not as it should be.

        Raises:
            StoreStoppedError, JournalLostError, WaitAbandonedError: the first that ended one of them; the others are
                carried to their end first, because a request that is cut off leaves a question behind.
        """
        unread = [one.product_id for one in products if one.product is None]
        read = await read_products(self._sender.client, unread) if unread else {}
        mending = (self._mend(one, (one.product or read.get(one.product_id))) for one in products)
        ends = await asyncio.gather(*mending, return_exceptions=True)
        for end in ends:
            if isinstance(end, BaseException):
                raise end

    async def _mend(self, wanted: Finished, product: Product | None) -> None:
        images = {image.id: image for image in product.images} if product else {}
        if any(one.image_id not in images for one in wanted.placed):
            await self._sender.client.pause(_SECOND_LOOK)
            images = await self._read(wanted.product_id)
        self._tell_lost(wanted, images)
        mended = _Mended(wanted, images, self._sender)
        await mended.remove_copies()
        words = [await mended.order(), await mended.thumbnail()]
        if self._sender.settings.existing == "replace" and not any(words):
            words.append(await mended.replace())
        for note in filter(None, words):
            self._say(wanted, note)
        if mended.done:
            self._sender.journal.settle(wanted.product_id)

    async def _read(self, product_id: int) -> dict[int, StoreImage]:
        return {image.id: image for image in await list_images(self._sender.client, product_id) or ()}

    def _tell_lost(self, wanted: Finished, images: dict[int, StoreImage]) -> None:
        """A picture that the store took and has no more: somebody deleted it, or the product."""
        for one in wanted.placed:
            if one.image_id in images:
                continue
            self._sender.journal.forget(wanted.product_id, one.row.sent_url)
            words = f"The store took the picture (id {one.image_id}), but when read back it was gone."
            fix = "If nobody deleted it on purpose, run the same command again: it sends what is missing."
            self.failed[id(one.item.row)] = Outcome(
                source=one.item.row,
                status=Status.FAILED,
                problem=problem(ProblemCode.STORE_REJECTED, words, fix=fix),
                product_id=wanted.product_id,
                finding=one.item.finding,
            )

    def _say(self, wanted: Finished, note: str) -> None:
        if wanted.placed:
            row = id(wanted.placed[0].item.row)
            self.notes[row] = " ".join(filter(None, (self.notes.get(row), note)))

    def final(self, outcome: Outcome) -> Outcome:
        """The outcome with what was found when its product was read back."""
        failed = self.failed.get(id(outcome.source))
        if failed is not None:
            return failed
        note = self.notes.get(id(outcome.source))
        return replace(outcome, note=" ".join(filter(None, (outcome.note, note)))) if note else outcome


class _Mended:
    """One product on its way to what it should look like; each step says what could not be done, or nothing."""

    def __init__(self, wanted: Finished, images: dict[int, StoreImage], sender: Sender) -> None:
        self._wanted = wanted
        self._images = images
        self._sender = sender
        self._placed = [one for one in wanted.placed if one.image_id in images]
        self._deleted = False
        self.done = True

    async def remove_copies(self) -> None:
        """Delete second copies that a request left which was given up too early."""
        for suspect in self._wanted.suspects:
            for image in copies(self._images.values(), suspect.row, suspect.newest_id, self._wanted.known):
                await self._delete(image.id)
                self._deleted = True
        if self._deleted:
            await self._refresh()

    async def order(self) -> str:
        """Put this import's pictures into the file's order, where they are not."""
        rows = sorted(self._placed, key=lambda one: (one.row.sort_order or 0, self._place(one)))
        if self._in_order(rows):
            return ""
        # Each one pushes only those behind it, so that one place after the other becomes right.
        trouble = await self._move([(one, one.row.sort_order or 0) for one in rows])
        if not trouble and not self._in_order(rows):
            last = max(image.sort_order for image in self._images.values())
            trouble = await self._move([(one, last + 1 + at) for at, one in enumerate(rows)])
        if trouble or not self._in_order(rows):
            self.done = False
            return f"The order of the product's pictures could not be put right. {trouble}".strip()
        return ""

    def _place(self, one: Placed) -> tuple[int, int]:
        return self._images[one.image_id].sort_order, one.image_id

    def _in_order(self, rows: Sequence[Placed]) -> bool:
        places = [self._place(one) for one in rows if one.image_id in self._images]
        return all(before < after for before, after in pairwise(places))

    async def _move(self, places: Iterable[tuple[Placed, int]]) -> str:
        for one, place in places:
            answer = await change_image(self._sender.client, self._wanted.product_id, one.image_id, sort_order=place)
            if isinstance(answer, Problem):
                return answer.detail
        await self._refresh()
        return ""

    async def thumbnail(self) -> str:
        """See to it that the product has exactly one thumbnail, and the right one."""
        shown = [image.id for image in self._in_shop_order() if image.is_thumbnail]
        right = self._right_thumbnail(shown)
        if right is None or shown == [right]:
            return ""
        trouble = ""
        if right not in shown:
            trouble = await self._show(right, shown=True)
            await self._refresh()
            shown = [image.id for image in self._in_shop_order() if image.is_thumbnail]
        for other in shown:
            if other != right and not trouble:
                trouble = await self._show(other, shown=False)
        if len(shown) > 1:
            await self._refresh()
        if [image.id for image in self._images.values() if image.is_thumbnail] == [right]:
            return ""
        self.done = False
        return f"The product's thumbnail could not be set. {trouble}".strip()

    def _right_thumbnail(self, shown: Sequence[int]) -> int | None:
        if self._wanted.thumbnail in self._images:
            return self._wanted.thumbnail
        ours = [number for number in self._wanted.ours if number in self._images]
        if self._replaces and ours:
            return next((number for number in shown if number in ours), ours[0])
        if shown:
            return shown[0]
        return next((image.id for image in self._in_shop_order()), None)

    @property
    def _replaces(self) -> bool:
        """Whether old pictures are to make room: only where every new one is in, and there is one at all."""
        ours = self._wanted.ours
        whole = self._wanted.whole and bool(ours) and all(number in self._images for number in ours)
        return self._sender.settings.existing == "replace" and whole

    async def _show(self, image_id: int, *, shown: bool) -> str:
        answer = await change_image(self._sender.client, self._wanted.product_id, image_id, is_thumbnail=shown)
        return answer.detail if isinstance(answer, Problem) else ""

    async def replace(self) -> str:
        """Delete the pictures of before, now that all new ones are there."""
        old = self._sender.journal.old_pictures(self._wanted.product_id)
        if not self._replaces:
            self.done = not old
            return "The old pictures were kept, because not every new one is in the store." if old else ""
        deleted = 0
        for number in sorted(old):
            trouble = await self._delete(number)
            if trouble:
                self.done = False
                return f"An old picture (id {number}) could not be deleted. {trouble}"
            self._sender.journal.old_deleted(self._wanted.product_id, number)
            deleted += 1
        return f"It took the place of {deleted:,} old picture{'s' * (deleted != 1)}." if deleted else ""

    async def _delete(self, image_id: int) -> str:
        answer = await delete_image(self._sender.client, self._wanted.product_id, image_id)
        if isinstance(answer, Problem):
            return answer.detail
        self._images.pop(image_id, None)
        return ""

    async def _refresh(self) -> None:
        images = await list_images(self._sender.client, self._wanted.product_id)
        self._images = {image.id: image for image in images or ()}
        self._placed = [one for one in self._placed if one.image_id in self._images]

    def _in_shop_order(self) -> list[StoreImage]:
        return sorted(self._images.values(), key=lambda image: (image.sort_order, image.id))
