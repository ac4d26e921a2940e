"""One product on its way to what it should look like: no second copies, the right order, one thumbnail."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from importer.models import Checked, ImageRow, Problem, Product, StoreImage
from importer.store import change_image, delete_image, list_images
from importer.uploader.doubts import Asked, Fit, fit, senders
from importer.uploader.ends import maybe_twice
from importer.uploader.sending import Sender


@dataclass(frozen=True, slots=True)
class Placed:
    """A picture of ours, and the row with the position that it should have."""

    image_id: int
    row: ImageRow
    item: Checked


@dataclass(frozen=True, slots=True)
class Suspect:
    """A row whose picture is there, and which may have been sent twice.

    Attributes:
        item: the row.
        image_id: its picture.
        asked: the first request for it that may still be carried out.
        until: from when on no second copy is expected any more, in seconds of the monotonic clock.
    """

    item: Checked
    image_id: int
    asked: Asked
    until: float


@dataclass(frozen=True, slots=True)
class Finished:
    """What a product should look like, once its rows are done.

    Attributes:
        product_id: the product.
        item: its first row, which carries what is to be said of the product.
        placed: this import's pictures whose order counts, in the file's order.
        ours: all of this import's pictures, in the file's order.
        whole: whether every row of the file for this product is in the store.
        thumbnail: the picture that is to be the thumbnail, or None where the file does not say or it was set before.
        settled: whether there is no row of which nobody knows whether the store took it.
        suspects: rows that may have left a copy.
        others: requests for rows without a picture, and of other files, that may still bring one.
        known: picture ids that are no copies: those of before and those of any row.
        held: why the old pictures stay whatever becomes of these rows, as a sentence; empty where they may go.
        product: the product as just read, or None where it is still to be read.
    """

    product_id: int
    item: Checked
    placed: tuple[Placed, ...]
    ours: tuple[int, ...]
    whole: bool
    settled: bool = True
    thumbnail: int | None = None
    suspects: tuple[Suspect, ...] = ()
    others: tuple[Asked, ...] = ()
    known: frozenset[int] = frozenset()
    held: str = ""
    product: Product | None = None

    @property
    def until(self) -> float:
        """From when on no second copy can arrive any more, in seconds of the monotonic clock; 0 for at once."""
        return max((suspect.until for suspect in self.suspects), default=0.0)


class Mending:
    """Puts one product right. Each step returns sentences on what could not be done, or is worth saying.

    Args:
        wanted: what it should look like.
        images: the pictures that it has, by id.
        sender: what all lanes share.

    Attributes:
        done: whether everything is as it should be.
        doubled: the trouble of rows that may be in the store twice, by the identity of the row.
        swapped: the pictures that rows have in place of the ones sent for them, likewise.
    """

    def __init__(self, wanted: Finished, images: Mapping[int, StoreImage], sender: Sender) -> None:
        self._wanted = wanted
        self._images = dict(images)
        self._sender = sender
        self._placed = [one for one in wanted.placed if one.image_id in images]
        self.done = wanted.settled
        self.doubled: dict[int, Problem] = {}
        self.swapped: dict[int, StoreImage] = {}

    async def remove_copies(self) -> list[str]:
        """Deal with second copies that a request left which was given up too early.

        Nothing proves whose the late one is, so only the picture that an answer of the store named to this import is
        ever deleted, and only where the late one has all that the row sent. Of two such pictures the later one
        stays, so that two imports of the same file never delete both.
        """
        said: list[str] = []
        suspects = dict(enumerate(self._wanted.suspects))
        asked = {at: one.asked for at, one in suspects.items()}
        asked |= dict(enumerate(self._wanted.others, start=len(asked)))
        surplus: dict[int, list[StoreImage]] = {}
        for image in sorted(self._images.values(), key=lambda one: one.id, reverse=True):
            by = senders(image, asked) if image.id not in self._wanted.known else set()
            only = suspects.get(next(iter(by))) if len(by) == 1 else None
            if only is not None and self._is_copy(image, only):
                trouble = await self._keep_later(image, only)
                if not trouble:
                    said.append(
                        f"A second copy of the picture arrived late (id {image.id}) and was kept; the first one was "
                        "deleted."
                    )
                    continue
                said.append(f"The first one could not be deleted. {trouble}")
            for at in by & suspects.keys():
                surplus.setdefault(at, []).append(image)
        for at, one in suspects.items():
            if at in surplus:
                self.done = False
                kept = self.swapped.get(id(one.item.row))
                self.doubled[id(one.item.row)] = maybe_twice(kept.id if kept else one.image_id, surplus[at])
            else:
                self._sender.journal.doubt(self._wanted.product_id, one.asked.row.sent_url, doubted=False)
        if self.swapped:
            await self._refresh()
        return said

    def _is_copy(self, image: StoreImage, one: Suspect) -> bool:
        row = one.asked.row
        # Without an alt text, only a name that tells and the same position speak for the same picture.
        tells = bool(row.description) or bool(one.item.file_name and image.sort_order == row.sort_order)
        alike = tells and fit(image, row) == Fit.YES
        first = one.image_id in self._images and one.image_id < image.id
        return alike and first and self._sender.journal.proves(self._wanted.product_id, one.image_id)

    async def _keep_later(self, image: StoreImage, one: Suspect) -> str:
        """Let a late copy take the place of the picture that the store named; the store's words where it refuses."""
        own = self._images[one.image_id]
        trouble = await self._show(image.id, shown=True) if own.is_thumbnail else ""
        trouble = trouble or await self._delete(own.id)
        if trouble:
            return trouble
        self._sender.journal.stored(self._wanted.product_id, one.asked.row.sent_url, image, proven=False)
        self.swapped[id(one.item.row)] = image
        wanted = self._wanted
        self._wanted = replace(
            wanted,
            placed=tuple(replace(at, image_id=image.id) if at.image_id == own.id else at for at in wanted.placed),
            ours=tuple(image.id if number == own.id else number for number in wanted.ours),
            thumbnail=image.id if wanted.thumbnail == own.id else wanted.thumbnail,
        )
        self._placed = [at for at in self._wanted.placed if at.image_id in self._images]
        return ""

    async def order(self) -> list[str]:
        """Put this import's pictures into the file's order, where they are not."""
        rows = sorted(self._placed, key=lambda one: (one.row.sort_order or 0, self._place(one)))
        # Moving pictures pushes others, and by its position a picture in doubt may still be told.
        if self._wanted.others or self._in_order(rows):
            return []
        # Each one pushes only those behind it, so that one place after the other becomes right.
        trouble = await self._move([(one, one.row.sort_order or 0) for one in rows])
        if not trouble and not self._in_order(rows):
            last = max(image.sort_order for image in self._images.values())
            trouble = await self._move([(one, last + 1 + at) for at, one in enumerate(rows)])
        if trouble or not self._in_order(rows):
            self.done = False
            return [f"The order of the product's pictures could not be put right. {trouble}".strip()]
        return []

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

    async def thumbnail(self) -> list[str]:
        """See to it that the product has exactly one thumbnail, and the right one."""
        shown = self._shown()
        right = self._right_thumbnail(shown)
        if right is None or shown == [right]:
            return []
        trouble = ""
        if right not in shown:
            trouble = await self._show(right, shown=True)
            await self._refresh()
        for other in self._shown():
            if other != right and not trouble:
                trouble = await self._show(other, shown=False)
                await self._refresh()
        if self._shown() == [right]:
            return []
        self.done = False
        return [f"The product's thumbnail could not be set. {trouble}".strip()]

    def _shown(self) -> list[int]:
        return [image.id for image in self._in_shop_order() if image.is_thumbnail]

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

    async def replace(self) -> list[str]:
        """Delete the pictures of before, now that all new ones are there."""
        old = self._sender.journal.old_pictures(self._wanted.product_id)
        if not self._replaces:
            self.done = self.done and not old
            words = self._wanted.held or "The old pictures were kept, because not every new one is in the store."
            return [words] if old else []
        deleted = 0
        for number in sorted(old.difference(self._wanted.ours)):
            trouble = await self._delete(number)
            if trouble:
                self.done = False
                return [f"An old picture (id {number}) could not be deleted. {trouble}"]
            self._sender.journal.old_deleted(self._wanted.product_id, number)
            deleted += 1
        said = (
            [f"The product's pictures took the place of {deleted:,} old one{'s' * (deleted != 1)}."] if deleted else []
        )
        further = len(self._images.keys() - set(self._wanted.ours))
        if further:
            said.append(
                f"The product has {further:,} further picture{'s' * (further != 1)} that came after the old ones were "
                "replaced; nothing was done to them."
            )
        return said

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
