"""One product's rows, one after another: what is there already, what is sent, and what came of it."""

import time
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import replace

from importer.errors import UnansweredError
from importer.models import Checked, ImageRow, Outcome, Problem, ProblemCode, Product, Status, StoreImage
from importer.problems import problem
from importer.settings import MAX_IMAGES_PER_PRODUCT
from importer.store import ProductUpdate, find_image
from importer.uploader.doubts import Arrivals, Asked, asked_for
from importer.uploader.ends import already_there, ended, unclear, unknown, unlisted
from importer.uploader.gallery import Gallery
from importer.uploader.mending import Finished, Placed, Suspect
from importer.uploader.sending import Sender, Sending, Trial
from importer.uploader.variant_pictures import send_variant_picture
from importer.uploader.wishes import (
    RECORDED,
    Doubt,
    Missing,
    Remainder,
    There,
    ToSend,
    Wish,
    addresses_asked,
    own_entries,
    standings,
    takes_old,
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
        product: the product as it was just read.
        items: its rows, in the file's order.
        sender: what all lanes share.
        remainder: what the file says besides these rows.
    """

    def __init__(
        self, product: Product, items: Sequence[Checked], sender: Sender, remainder: Remainder | None = None
    ) -> None:
        remainder = remainder or Remainder()
        self.product_id = product.id
        self._sender = sender
        self._first = items[0]
        self._for_variants, items = variant_wishes(items, sender.settings)
        self._addresses = remainder.of(product.id, items)
        self._entries = own_entries(self._addresses, sender.journal.entries(product.id), sender.settings)
        self.gallery = Gallery(product.images, self._entries)
        self._wishes = wishes(items, self.gallery.last_sort_order(self._addresses))
        self._thumbnail = next((image.id for image in product.images if image.is_thumbnail), None)
        self._sending = Sending(product.id, self.gallery, sender)
        self._ours: dict[int, StoreImage] = {}
        self._sent: set[int] = set()
        record = sender.journal.product(product.id)
        found = standings(self._wishes, self.gallery, self._entries, sender.settings, record)
        self._found = {id(wish): known for wish, known in zip(self._wishes, found, strict=True)}
        self._unsettled = record is not None and not record.settled
        self._takes_old = takes_old(record, self._wishes, self._addresses, sender.settings)
        self._held = remainder.held.get(product.id, "")
        self._failed = bool(self._held)
        self._suspects: dict[int, tuple[Wish, Asked, float]] = {}
        for wish in self._wishes:
            entry = self._entries.get(wish.row.sent_url)
            if entry is not None and entry.image_id is not None and entry.doubted:
                self.suspect(wish, asked_for(wish.row, entry), sender.journal.opened)
        self._elsewhere = list(self._asked_elsewhere())
        self._open = False
        self._blocked: Problem | None = None
        self.left: list[Wish] = []
        self._begun = False

    def _asked_elsewhere(self) -> Iterable[Asked]:
        """What was asked for addresses that the file does not have any more."""
        here = {wish.row.sent_url for wish in self._wishes}
        for url, entry in self._entries.items():
            if url not in here and (entry.image_id is None or entry.doubted):
                yield Asked(
                    ImageRow("", 0, self.product_id, "", url, url, entry.description, entry.sort_order), entry.newest_id
                )

    @property
    def has_variant_pictures(self) -> bool:
        """Whether pictures go to variants, which takes requests of their own."""
        return bool(self._for_variants)

    @property
    def may_write(self) -> bool:
        """Whether it is certain enough what the product has to send it anything."""
        return self._blocked is None

    @property
    def idle(self) -> bool:
        """Whether everything is there already and right, so that the store need not be asked for anything."""
        replaces = self._takes_old and bool(self.gallery.before)
        done = not (self._for_variants or self._unsettled or replaces or self._suspects)
        return done and all(isinstance(known, There) for known in self._found.values())

    async def prepare(self) -> AsyncGenerator[Outcome, None]:
        """The outcomes of the rows whose picture is there already; the others are `left`.

        Raises:
            StoreStoppedError, JournalLostError, WaitAbandonedError: as `Sending.send`.
        """
        for wish in self._wishes:
            known = self._found[id(wish)]
            if isinstance(known, There):
                yield self._there(wish, known)
        doubts = [(wish, known) for wish in self._wishes if isinstance(known := self._found[id(wish)], Doubt)]
        if doubts:
            for outcome in await self._resolve(doubts):
                yield outcome
        for wish in self._wishes:
            known = self._found[id(wish)]
            if isinstance(known, Missing):
                if (end := await self._look_up(wish, known)) is not None:
                    yield end
            elif isinstance(known, ToSend):
                self.left.append(wish)
        places = {id(wish): at for at, wish in enumerate(self._wishes)}
        self.left.sort(key=lambda wish: places[id(wish)])
        if self._takes_old and not self.left and self.gallery.before:
            await self.begin()

    def _there(self, wish: Wish, known: There) -> Outcome:
        if known.certain:
            self._ours[id(wish)] = known.image
        return already_there(wish.item, known.image, known.note, certain=known.certain, differs=known.differs)

    async def _resolve(self, doubts: Sequence[tuple[Wish, Doubt]]) -> list[Outcome]:
        """Find out about the rows that an earlier run was about to send."""
        opened = self._sender.journal.opened
        rows = {id(wish.item.row) for wish, _ in doubts}
        self._sender.uncertain.update(rows)
        asked = [asked_for(wish.row, known.entry) for wish, known in doubts]
        try:
            seen = await self._sending.look(asked, opened, self.others([wish for wish, _ in doubts]))
        except UnansweredError as error:
            self._failed, self._blocked = True, unlisted(error)
            return [ended(wish.item, Status.FAILED, unknown(error)) for wish, _ in doubts]
        self._sender.uncertain.difference_update(rows)
        outcomes: list[Outcome] = []
        for at, (wish, known) in enumerate(doubts):
            image = seen.found.get(at)
            if image is None or known.entry.doubted:
                self.suspect(wish, asked[at], opened)
            if image is not None:
                self._sending.took(wish, image, proven=False)
                self._place(wish, image)
                outcomes.append(already_there(wish.item, image, _INTERRUPTED))
            elif at in seen.unclear:
                outcomes.append(self.unclear(wish, seen.unclear[at]))
            else:
                self.left.append(wish)
        return outcomes

    def unclear(self, wish: Wish, images: Sequence[StoreImage]) -> Outcome:
        """The end of a row of which one of these pictures may be the one that was sent."""
        self._failed = self._open = True
        self.left = [other for other in self.left if other is not wish]
        return ended(wish.item, Status.FAILED, unclear(images))

    def others(self, wishes: Iterable[Wish] = ()) -> list[Asked]:
        """The requests, except those for these rows, that may still bring a picture."""
        own = {id(wish) for wish in wishes}
        return [*self._elsewhere, *(asked for key, (_, asked, _) in self._suspects.items() if key not in own)]

    async def _look_up(self, wish: Wish, known: Missing) -> Outcome | None:
        try:
            image = await find_image(self._sender.client, self.product_id, known.image_id)
        except UnansweredError as error:
            self._failed = True
            return ended(wish.item, Status.FAILED, unknown(error))
        if image is not None:
            self.gallery.add(image)
            return self._there(wish, There(image, RECORDED, certain=True))
        entry = self._entries[wish.row.sent_url]
        if entry.doubted:
            return next(iter(await self._resolve([(wish, Doubt(entry))])), None)
        self._sender.journal.forget(self.product_id, wish.row.sent_url)
        self.left.append(wish)
        return None

    async def begin(self) -> None:
        """Record what the product looked like before the first write."""
        if self._begun:
            return
        self._begun = True
        old = tuple(image.id for image in self.gallery.before) if self._takes_old else None
        # The first picture's intention, which is waited for, brings it to the disk.
        asked = addresses_asked(self._addresses)
        await self._sender.journal.begin(self.product_id, self._thumbnail, old, asked, wait=False)

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
        for wish in self.left:
            if self._sender.stop.is_set():
                self._failed = True
                return
            if self._blocked is not None:
                self._failed = True
                yield ended(wish.item, Status.FAILED, self._blocked)
                continue
            outcome = await self._send(wish)
            if outcome.problem is not None and outcome.problem.code == ProblemCode.PRODUCT_UNKNOWN:
                # Deleted in the meantime: its other rows need no request to learn that.
                self._blocked = outcome.problem
            yield outcome

    async def _send(self, wish: Wish) -> Outcome:
        if len(self.gallery) >= MAX_IMAGES_PER_PRODUCT:
            self._failed = True
            words = f"The product has {len(self.gallery):,} pictures, as many as BigCommerce allows."
            return ended(wish.item, Status.REJECTED, problem(ProblemCode.IMAGE_LIMIT_REACHED, words))
        await self.begin()
        newest_id, asked_before = self.gallery.newest_id, id(wish) in self._suspects
        if asked_before:
            newest_id = min(newest_id, self._suspects[id(wish)][1].newest_id)
        trial = Trial(newest_id, self.others([wish]), asked_before)
        try:
            outcome = await self._sending.send(wish, trial)
        except UnansweredError as error:
            self._blocked = unlisted(error)
            outcome = ended(wish.item, Status.FAILED, unknown(error), trial.receipt(None))
        if trial.doubted:
            self.suspect(wish, Asked(wish.row, trial.newest_id), trial.doubted)
        if outcome.status == Status.UPLOADED and outcome.receipt is not None and outcome.receipt.image_id:
            self._place(wish, self.gallery[outcome.receipt.image_id])
            note = self.note(wish)
            return replace(outcome, note=note) if note else outcome
        self._failed = True
        self._open = self._open or bool(trial.doubted)
        return outcome

    def suspect(self, wish: Wish, asked: Asked, ended: float | None = None) -> None:
        """A request for this row, which ended at that moment (or just now), may still be carried out."""
        until = (time.monotonic() if ended is None else ended) + self._sender.settings.late
        if id(wish) in self._suspects:
            _, first, longest = self._suspects[id(wish)]
            asked, until = first, max(until, longest)
        self._suspects[id(wish)] = (wish, asked, until)
        self._sender.journal.doubt(self.product_id, wish.row.sent_url)

    def arrived(self, newest_id: int, *, accepted: bool = False) -> Arrivals:
        """What the product's new pictures say of the rows that are left."""
        asked = [Asked(wish.row, newest_id) for wish in self.left]
        return self.gallery.arrived(asked, self.others(self.left), accepted=accepted)

    def not_taken(self, wish: Wish) -> None:
        """The last request for this row was not carried out, so that only an earlier one may have brought it."""
        if id(wish) not in self._suspects:
            self._sender.journal.forget(self.product_id, wish.row.sent_url)

    def note(self, wish: Wish) -> str:
        """What is worth saying of a row that was uploaded."""
        if wish.item.variant is None or wish.row.in_gallery:
            return ""
        own = any(item.variant == wish.item.variant for item in self._for_variants)
        return _ONE_ONLY if own else _OF_VARIANT

    def took(self, wish: Wish, image: StoreImage, *, proven: bool) -> None:
        """A picture that reached the product by another way than `send`."""
        self._sending.took(wish, image, proven=proven)
        self._place(wish, image)
        self.left = [other for other in self.left if other is not wish]

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
            item=self._first,
            placed=tuple(Placed(self._ours[id(wish)].id, wish.row, wish.item) for wish in concerned),
            thumbnail=next((self._ours[id(wish)].id for wish in new if wish.row.is_thumbnail), None),
            ours=tuple(self._ours[id(wish)].id for wish in ours),
            whole=not self._failed and len(self._ours) == len(self._wishes),
            settled=not self._open and self._blocked is None,
            # Of a row that has no picture, what arrives late is no copy but the picture itself.
            suspects=tuple(
                Suspect(wish.item, self._ours[key].id, asked, until)
                for key, (wish, asked, until) in self._suspects.items()
                if key in self._ours
            ),
            others=tuple(self.others(wish for wish in self._wishes if id(wish) in self._ours)),
            known=frozenset(self._known()),
            held=self._held,
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
