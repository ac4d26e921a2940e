"""The pictures of one product as far as they are known, and which row each of them stands for."""

from collections.abc import Iterable, Sequence

from importer.models import Checked, StoreImage
from importer.store import expected_name, stored_name
from importer.uploader.journal import Entry


class Gallery:
    """What a product has.

    Args:
        images: the pictures that the product had when it was looked up.
        entries: what the journal knows of the product.
    """

    def __init__(self, images: Sequence[StoreImage], entries: Iterable[Entry]) -> None:
        self._present = {image.id: image for image in images}
        entries = list(entries)
        self._claimed = {entry.image_id for entry in entries if entry.image_id is not None}
        # Whatever came after an interrupted request may be its picture: it must not stand for another row.
        open_since = min((entry.newest_id for entry in entries if entry.image_id is None), default=None)
        self._before = [
            image
            for image in images
            if image.id not in self._claimed and (open_since is None or image.id <= open_since)
        ]
        self._by_name: dict[str, list[StoreImage]] = {}
        for image in self._before:
            self._by_name.setdefault(stored_name(image.image_file), []).append(image)

    def __len__(self) -> int:
        return len(self._present)

    def __contains__(self, image_id: int) -> bool:
        return image_id in self._present

    def __getitem__(self, image_id: int) -> StoreImage:
        return self._present[image_id]

    @property
    def newest_id(self) -> int:
        """The largest picture id; 0 for an empty product."""
        return max(self._present, default=0)

    @property
    def last_sort_order(self) -> int:
        """The highest position of the pictures that this import did not add; -1 where there is none."""
        return max((image.sort_order for image in self._before), default=-1)

    def take_same_name(self, url: str) -> StoreImage | None:
        """A picture of before whose file name fits the address, and that has not stood for another row yet."""
        name = expected_name(url)
        candidates = self._by_name.get(name) if name else None
        return candidates.pop(0) if candidates else None

    def arrived(self, item: Checked, newest_id: int) -> StoreImage | None:
        """The picture that is newer than `newest_id`, stands for no other row, and fits what this row sent."""
        new = (image for image in self._present.values() if image.id > newest_id and image.id not in self._claimed)
        return next((image for image in new if _fits(image, item)), None)

    def refresh(self, images: Iterable[StoreImage]) -> None:
        """Replace what is known by a fresh answer of the store."""
        self._present = {image.id: image for image in images}

    def add(self, image: StoreImage) -> None:
        """A picture that this import added, now or earlier."""
        self._claimed.add(image.id)
        self._present[image.id] = image


def _fits(image: StoreImage, item: Checked) -> bool:
    name = expected_name(item.row.sent_url)
    if name and stored_name(image.image_file) == name:
        return True
    return image.description == item.row.description and image.sort_order == item.row.sort_order
