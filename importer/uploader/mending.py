"""One product on its way to what it should look like: no second copies, the right order, one thumbnail."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from importer.models import Checked, ImageRow, Problem, Product, StoreImage
from importer.store import change_image, delete_image, list_images
from importer.uploader.gallery import likeness
from importer.uploader.sending import Sender


@dataclass(frozen=True, slots=True)
class Placed:
    """A picture of ours, and the row with the position that it should have."""

    image_id: int
    row: ImageRow
    item: Checked


@dataclass(frozen=True, slots=True)
class Suspect:
    """A row of which a request may have been done twice.

    A picture newer than `newest_id` may be its copy; it comes before `until`, in seconds of the monotonic clock.
    """

    row: ImageRow
    newest_id: int
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
    """

    def __init__(self, wanted: Finished, images: Mapping[int, StoreImage], sender: Sender) -> None:
        self._wanted = wanted
        self._images = dict(images)
        self._sender = sender
        self._placed = [one for one in wanted.placed if one.image_id in images]
        self.done = wanted.settled

    async def remove_copies(self) -> list[str]:
        """Delete second copies that a request left which was given up too early."""
        said: list[str] = []
        deleted = False
        for suspect in self._wanted.suspects:
            for image in tuple(self._images.values()):
                likely = likeness(image, suspect.row)
                if image.id <= suspect.newest_id or image.id in self._wanted.known or likely < 2:
                    continue
                name = f"{image.image_file}, id {image.id}"
                if likely < (3 if suspect.row.description else 4):
                    said.append(f"The product has another new picture of this name ({name}); it may be a copy.")
                    continue
                trouble = await self._delete(image.id)
                self.done = self.done and not trouble
                deleted = True
                said.append(
                    f"A second copy of the picture ({name}) could not be deleted. {trouble}"
                    if trouble
                    else f"A second copy of the picture ({name}) arrived late and was deleted."
                )
        if deleted:
            await self._refresh()
        return said

    async def order(self) -> list[str]:
        """Put this import's pictures into the file's order, where they are not."""
        rows = sorted(self._placed, key=lambda one: (one.row.sort_order or 0, self._place(one)))
        if self._in_order(rows):
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
