"""The pictures of one product as far as they are known, and which row each of them stands for."""

from collections.abc import Iterable, Mapping, Sequence

from importer.models import ImageRow, StoreImage
from importer.store import expected_name, stored_name
from importer.uploader.journal import Entry


class Gallery:
    """What a product has.

    Args:
        images: the pictures that the product had when it was looked up.
        entries: what the journal knows of the product, by address; for those that replace a gallery, of their own
            addresses alone.
    """

    def __init__(self, images: Sequence[StoreImage], entries: Mapping[str, Entry]) -> None:
        self._present = {image.id: image for image in images}
        self._looked_up = images
        self._claimed = {entry.image_id for entry in entries.values() if entry.image_id is not None}
        # Whatever came after an interrupted request may be its picture: it must not stand for another row.
        open_since = min((entry.newest_id for entry in entries.values() if entry.image_id is None), default=None)
        self._before = [
            image
            for image in images
            if image.id not in self._claimed and (open_since is None or image.id <= open_since)
        ]
        self._by_name: dict[str, list[StoreImage]] | None = None

    def __len__(self) -> int:
        return len(self._present)

    def __contains__(self, image_id: int) -> bool:
        return image_id in self._present

    def __getitem__(self, image_id: int) -> StoreImage:
        return self._present[image_id]

    @property
    def images(self) -> tuple[StoreImage, ...]:
        """Every picture that the product is known to have."""
        return tuple(self._present.values())

    @property
    def before(self) -> tuple[StoreImage, ...]:
        """The pictures that this import did not add."""
        return tuple(self._before)

    @property
    def newest_id(self) -> int:
        """The largest picture id; 0 for an empty product."""
        return max(self._present, default=0)

    @property
    def last_sort_order(self) -> int:
        """The highest position of the pictures that this import did not add; -1 where there is none."""
        return max((image.sort_order for image in self._before), default=-1)

    def same_name(self, name: str) -> StoreImage | None:
        """The picture of before with this file name, where it is the only picture with it; None for an empty name."""
        if not self._before or not name:
            return None
        if self._by_name is None:
            self._by_name = {}
            for image in self._looked_up:
                self._by_name.setdefault(stored_name(image.image_file), []).append(image)
        alike = self._by_name.get(name, [])
        return alike[0] if len(alike) == 1 and alike[0] in self._before else None

    def arrived(self, doubts: Sequence[tuple[ImageRow, int]]) -> dict[int, StoreImage]:
        """Which rows in doubt have a picture here that stands for no other row, best likeness first.

        Args:
            doubts: rows, each with the largest picture id that the product had before it was sent.

        Returns:
            the pictures by the places of their rows in `doubts`.
        """
        found: dict[int, StoreImage] = {}
        free = {number: image for number, image in self._present.items() if number not in self._claimed}
        for least in (4, 3, 2, 1):
            for at, (row, newest_id) in enumerate(doubts):
                fitting = (image for image in free.values() if image.id > newest_id and likeness(image, row) >= least)
                image = None if at in found else min(fitting, default=None, key=lambda one: one.id)
                if image is not None:
                    found[at] = free.pop(image.id)
        return found

    def refresh(self, images: Iterable[StoreImage]) -> None:
        """Replace what is known by a fresh answer of the store."""
        self._present = {image.id: image for image in images}

    def add(self, image: StoreImage) -> None:
        """A picture that this import added, now or earlier."""
        self._claimed.add(image.id)
        self._present[image.id] = image


def likeness(image: StoreImage, row: ImageRow) -> int:
    """How well a picture of the store fits what a row sent: 0 not at all, 4 in name, alt text and position.

    The store keeps a file's name but for a few characters (see `stored_name`). Alt text and position together tell
    where an address has no name to speak of, or where there is an alt text: without one, they may be anybody's. The
    position of a row may be another one in the next run, so that a nameless row is known by its alt text alone.
    """
    name = expected_name(row.sent_url)
    same_name = bool(name) and stored_name(image.image_file) == name
    same_text, same_place = image.description == row.description, image.sort_order == row.sort_order
    if same_name:
        return 2 + same_text + (same_text and same_place)
    return 1 if same_text and (same_place or not name) and (row.description or (same_place and not name)) else 0
