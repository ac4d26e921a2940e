"""The pictures of one product as far as they are known, and which row each of them stands for."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from importer.models import StoreImage
from importer.store import stored_name
from importer.uploader.doubts import Arrivals, Asked, arrivals
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
        self._addresses = {entry.image_id: url for url, entry in entries.items() if entry.image_id is not None}
        self._claimed = set(self._addresses)
        # Whatever came after an interrupted request may be its picture: it must not stand for another row.
        doubts = (entry for entry in entries.values() if entry.image_id is None or entry.doubted)
        open_since = min((entry.newest_id for entry in doubts), default=None)
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

    def last_sort_order(self, addresses: Collection[str]) -> int:
        """The highest position of the pictures that are of none of these addresses; -1 where there is none.

        What earlier runs sent counts: a file that holds but the rows that were left goes on behind it.
        """
        others = [
            image
            for image in self._looked_up
            if image.id in self._addresses and self._addresses[image.id] not in addresses
        ]
        return max((image.sort_order for image in (*self._before, *others)), default=-1)

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

    @property
    def free(self) -> tuple[StoreImage, ...]:
        """The pictures that stand for no row of this import."""
        return tuple(image for number, image in self._present.items() if number not in self._claimed)

    def arrived(self, doubts: Sequence[Asked], others: Sequence[Asked] = (), *, accepted: bool = False) -> Arrivals:
        """What the free pictures say of rows in doubt; see `arrivals`."""
        return arrivals(self.free, doubts, others, accepted=accepted)

    def refresh(self, images: Iterable[StoreImage]) -> None:
        """Replace what is known by a fresh answer of the store."""
        self._present = {image.id: image for image in images}

    def add(self, image: StoreImage) -> None:
        """A picture that this import added, now or earlier."""
        self._claimed.add(image.id)
        self._present[image.id] = image
