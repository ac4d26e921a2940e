"""One product's rows, one after another: what is there already, what is sent, and what came of it."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import replace

from importer.models import Checked, Outcome, Problem, ProblemCode, Product, Status, StoreImage
from importer.problems import problem
from importer.settings import MAX_IMAGES_PER_PRODUCT
from importer.store import ProductUpdate, find_image
from importer.uploader.ends import already_there, ended
from importer.uploader.finishing import Finished, Placed, Suspect
from importer.uploader.gallery import Gallery
from importer.uploader.journal import Entry
from importer.uploader.sending import Sender, Sending, Trial
from importer.uploader.variant_pictures import send_variant_picture
from importer.uploader.wishes import (
    RECORDED,
    Doubt,
    Missing,
    There,
    ToSend,
    Wish,
    own_entries,
    standing,
    variant_wishes,
    wishes,
)

_INTERRUPTED = "An earlier run was interrupted while sending it; the store has it."
_OF_VARIANT = "The SKU belongs to a variant; the picture was added to its product."
_ONE_ONLY = "The variant has its one picture from an earlier row; this one was added to its product."


class Lane:
    """The rows of one product. Never two writes under way at once, because a new picture moves its siblings.

    BigCommerce docs, productImage_Base: setting a `sort_order` reorders the pictures behind it, and only one picture
    is the thumbnail.

    Args:
        product: the product as it was looked up.
        items: its rows, in the file's order.
        sender: what all lanes share.
        whole: whether these are all rows of the file for this product, none of them rejected.
    """

    def __init__(self, product: Product, items: Sequence[Checked], sender: Sender, *, whole: bool = True) -> None:
        self.product_id = product.id
        self._sender = sender
        self._whole = whole
        self._for_variants, items = variant_wishes(items, sender.settings)
        self._entries = own_entries(items, sender.journal.entries(product.id), sender.settings)
        self.gallery = Gallery(product.images, self._entries)
        self._wishes = wishes(items, self.gallery.last_sort_order)
        self._thumbnail = next((image.id for image in product.images if image.is_thumbnail), None)
        self._sending = Sending(product.id, self.gallery, sender)
        self._ours: dict[int, StoreImage] = {}
        self._sent: set[int] = set()
        record = sender.journal.product(product.id)
        self._unsettled = record is not None and not record.settled
        self._failed = not whole
        self._suspects: list[Suspect] = []
        self.left: list[Wish] = []
        self._begun = False

    @property
    def has_variant_pictures(self) -> bool:
        """Whether pictures go to variants, which takes requests of their own."""
        return bool(self._for_variants)

    async def prepare(self) -> list[Outcome]:
        """The outcomes of the rows whose picture is there already; the others are `left`.

        Raises:
            StoreStoppedError, JournalLostError, WaitAbandonedError: as `Sending.send`.
        """
        found = {id(wish): standing(wish, self.gallery, self._entries, self._sender.settings) for wish in self._wishes}
        doubts = [(wish, known.entry) for wish in self._wishes if isinstance(known := found[id(wish)], Doubt)]
        if doubts:
            found |= await self._resolved(doubts)
        outcomes: list[Outcome] = []
        for wish in self._wishes:
            known = found[id(wish)]
            if isinstance(known, Missing):
                known = await self._looked_up(wish, known)
            if not isinstance(known, There):
                self.left.append(wish)
                continue
            if known.certain:
                self._ours[id(wish)] = known.image
            outcomes.append(already_there(wish.item, known.image, known.note))
        return outcomes

    async def _resolved(self, doubts: Sequence[tuple[Wish, Entry]]) -> dict[int, There]:
        """Of the rows that an earlier run was about to send: those whose picture the store has."""
        asked = [(wish, entry.newest_id) for wish, entry in doubts]
        found = await self._sending.look(asked, self._sender.journal.opened)
        there: dict[int, There] = {}
        for at, (wish, newest_id) in enumerate(asked):
            if at in found:
                self._sending.took(wish, found[at])
                there[id(wish)] = There(found[at], _INTERRUPTED, certain=True)
            else:
                self._suspects.append(Suspect(wish.row, newest_id))
        return there

    async def _looked_up(self, wish: Wish, known: Missing) -> There | ToSend:
        image = await find_image(self._sender.client, self.product_id, known.image_id)
        if image is not None:
            self.gallery.add(image)
            return There(image, RECORDED, certain=True)
        self._sender.journal.forget(self.product_id, wish.row.sent_url)
        return ToSend()

    async def begin(self) -> None:
        """Record what the product looked like before the first write."""
        if self._begun:
            return
        self._begun = True
        old: Iterable[int] = ()
        if self._sender.settings.existing == "replace" and self._wishes and not self._unsettled:
            old = [image.id for image in self.gallery.before]
        await self._sender.journal.begin(self.product_id, self._thumbnail, tuple(old))

    async def send(self) -> AsyncGenerator[Outcome, None]:
        """Send what is `left`, in order, until the stop is set.

        Raises:
            StoreStoppedError, JournalLostError, WaitAbandonedError: as `Sending.send`.
        """
        for item in self._for_variants:
            if self._sender.stop.is_set():
                return
            if item.variant is not None:
                await self.begin()
                yield await send_variant_picture(item, item.variant, self._sender)
        gone: Problem | None = None
        for wish in self.left:
            if self._sender.stop.is_set():
                self._failed = True
                return
            outcome = ended(wish.item, Status.FAILED, gone) if gone else await self._send(wish)
            if outcome.problem is not None and outcome.problem.code == ProblemCode.PRODUCT_UNKNOWN:
                # Deleted in the meantime: its other rows need no request to learn that.
                gone = outcome.problem
            yield outcome

    async def _send(self, wish: Wish) -> Outcome:
        if len(self.gallery) >= MAX_IMAGES_PER_PRODUCT:
            self._failed = True
            words = f"The product has {len(self.gallery):,} pictures, as many as BigCommerce allows."
            return ended(wish.item, Status.REJECTED, problem(ProblemCode.IMAGE_LIMIT_REACHED, words))
        await self.begin()
        trial = Trial(self.gallery.newest_id)
        outcome = await self._sending.send(wish, trial)
        if trial.doubted:
            self._suspects.append(Suspect(wish.row, trial.newest_id))
        if outcome.status == Status.UPLOADED and outcome.receipt is not None and outcome.receipt.image_id:
            self._place(wish, self.gallery[outcome.receipt.image_id])
            return replace(outcome, note=self.note(wish))
        self._failed = True
        return outcome

    def note(self, wish: Wish) -> str:
        """What is worth saying of a row that was uploaded."""
        if wish.item.variant is None or wish.row.in_gallery:
            return ""
        own = any(item.variant == wish.item.variant for item in self._for_variants)
        return _ONE_ONLY if own else _OF_VARIANT

    def took(self, wish: Wish, image: StoreImage) -> None:
        """A picture that reached the product by another way than `send`."""
        self._sending.took(wish, image)
        self._place(wish, image)
        self.left.remove(wish)

    def _place(self, wish: Wish, image: StoreImage) -> None:
        self._ours[id(wish)] = image
        self._sent.add(id(wish))

    def update(self) -> ProductUpdate:
        """The product with all its pictures, those that it has and those that are left, for a batch."""
        return ProductUpdate(self.product_id, self.gallery.images, tuple(wish.row for wish in self.left))

    def finished(self) -> Finished | None:
        """What the product should look like now; None where nothing was or is to be done to it.

        What an earlier run put right and somebody has changed since is left as it is.
        """
        if not self._begun and not self._unsettled:
            return None
        ours = [wish for wish in self._wishes if id(wish) in self._ours]
        new = ours if self._unsettled else [wish for wish in ours if id(wish) in self._sent]
        concerned = ours if self._unsettled or self._untouched(ours) else new
        return Finished(
            product_id=self.product_id,
            placed=tuple(Placed(self._ours[id(wish)].id, wish.row, wish.item) for wish in concerned),
            thumbnail=next((self._ours[id(wish)].id for wish in new if wish.row.is_thumbnail), None),
            ours=tuple(self._ours[id(wish)].id for wish in ours),
            whole=not self._failed and len(self._ours) == len(self._wishes),
            suspects=tuple(self._suspects),
            known=frozenset(self._known()),
        )

    def _untouched(self, ours: Sequence[Wish]) -> bool:
        """Whether the pictures that earlier runs sent were still in the file's order when they were looked up."""
        before = [(wish.row, self._ours[id(wish)]) for wish in ours if id(wish) not in self._sent]
        places = [(row.sort_order or 0, image.sort_order, image.id) for row, image in before]
        shown = [place[1:] for place in sorted(places)]
        return shown == sorted(shown)

    def _known(self) -> Iterable[int]:
        yield from (image.id for image in self.gallery.before)
        yield from (image.id for image in self._ours.values())
        yield from (entry.image_id for entry in self._entries.values() if entry.image_id is not None)
