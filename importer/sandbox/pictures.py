"""The pictures of one product, with BigCommerce's rules for order and thumbnail. No HTTP here."""

import random
import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

INT32 = range(-(2**31), 2**31)
"""BigCommerce docs, productImage_Base: `sort_order` lies between -2147483648 and 2147483647."""
CDN = "https://cdn.bigcommerce-sandbox.example"
_NO_STEM = re.compile(r"[^A-Za-z0-9.-]")
_MADE_UP_ORDERS = 1000


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture as the store keeps it (BigCommerce docs: `productImage_Full`)."""

    id: int
    product_id: int
    stem: str
    ending: str
    number: int
    description: str
    sort_order: int
    is_thumbnail: bool
    modified: datetime

    def as_json(self, store_hash: str) -> dict[str, Any]:
        """The picture as the API shows it. As in every example of the docs, `image_url` is left out."""
        name = f"{self.stem}__{self.number:05d}"
        base = f"{CDN}/s-{store_hash}/products/{self.product_id}/images/{self.id}"
        sized = f"{base}/{name}.{int(self.modified.timestamp())}"
        letter = chr(ord("a") + self.id % 26)
        return {
            "id": self.id,
            "product_id": self.product_id,
            "is_thumbnail": self.is_thumbnail,
            "sort_order": self.sort_order,
            "description": self.description,
            "image_file": f"{letter}/{self.number % 1000:03d}/{name}.{self.ending}",
            "url_zoom": f"{sized}.1280.1280.{self.ending}?c=2",
            "url_standard": f"{sized}.560.850.{self.ending}?c=2",
            "url_thumbnail": f"{sized}.330.500.{self.ending}?c=2",
            "url_tiny": f"{sized}.66.100.{self.ending}?c=2",
            "date_modified": self.modified.isoformat(timespec="seconds"),
        }


@dataclass(frozen=True, slots=True)
class NewPicture:
    """A picture to be added: its file's name without and its ending without dot, and what the request said of it."""

    stem: str
    ending: str
    description: str = ""
    sort_order: int = 0
    is_thumbnail: bool = False


@dataclass(frozen=True, slots=True)
class Whims:
    """What the store does to pictures that nobody asked for; see `SandboxSettings` for each."""

    shuffle: bool = False
    lose_thumbnail: bool = False
    two_thumbnails: bool = False

    def sort_order(self, gallery: dict[int, Picture], wanted: int, numbers: random.Random) -> int:
        """The order that a new picture gets: the wanted one, or one before the last picture of the gallery."""
        if not self.shuffle:
            return wanted
        last = max((picture.sort_order for picture in gallery.values()), default=_MADE_UP_ORDERS)
        return numbers.randrange(last - _MADE_UP_ORDERS, last)

    def add(self, gallery: dict[int, Picture], new: Picture) -> Picture:
        """Put a new picture into its gallery; the picture as it is then.

        BigCommerce docs, Adding product images: a product's only picture becomes its thumbnail by itself.
        """
        if self.lose_thumbnail:
            unset_thumbnail(gallery)
            new = replace(new, is_thumbnail=False)
        elif self.two_thumbnails and gallery:
            _leave_one_thumbnail(gallery)
            new = replace(new, is_thumbnail=True)
        elif new.is_thumbnail or not gallery:
            unset_thumbnail(gallery)
            new = replace(new, is_thumbnail=True)
        gallery[new.id] = new
        return new


def stored_stem(name: str) -> str:
    """A file's name as the store keeps it: what is not a letter, a digit, `.` or `-` becomes `_`.

    Seen in github.com/bigcommerce/api issue 102: `download (2)` became `download__2_`.
    """
    return _NO_STEM.sub("_", name) or "image"


def in_order(gallery: dict[int, Picture]) -> list[Picture]:
    """The pictures in the order that the shop shows them."""
    return sorted(gallery.values(), key=lambda picture: (picture.sort_order, picture.id))


def unset_thumbnail(gallery: dict[int, Picture]) -> None:
    """No picture is the thumbnail."""
    for key, other in gallery.items():
        if other.is_thumbnail:
            gallery[key] = replace(other, is_thumbnail=False)


def keep_a_thumbnail(gallery: dict[int, Picture]) -> None:
    """Where no picture is the thumbnail, the first one becomes it."""
    if gallery and not any(picture.is_thumbnail for picture in gallery.values()):
        first = in_order(gallery)[0]
        gallery[first.id] = replace(first, is_thumbnail=True)


def push_back(gallery: dict[int, Picture], moved: Picture, sort_order: int) -> None:
    """Make room at a `sort_order`.

    BigCommerce docs, productImage_Base: a picture that is given a lower priority (a higher `sort_order`) pushes those
    with the same or a greater `sort_order` back.
    """
    if sort_order <= moved.sort_order:
        return
    for key, other in gallery.items():
        if key != moved.id and other.sort_order >= sort_order and other.sort_order + 1 in INT32:
            gallery[key] = replace(other, sort_order=other.sort_order + 1)


def _leave_one_thumbnail(gallery: dict[int, Picture]) -> None:
    thumbnails = [picture for picture in in_order(gallery) if picture.is_thumbnail]
    for other in thumbnails[1:]:
        gallery[other.id] = replace(other, is_thumbnail=False)
