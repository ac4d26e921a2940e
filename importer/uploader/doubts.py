"""Whose picture a new one is, where requests ended without a clear answer. No requests.

Nothing in a picture says who sent it: a new one is a row's only where no other row in doubt may have sent it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from importer.models import ImageRow, StoreImage
from importer.store import expected_name, stored_name
from importer.uploader.journal import Entry

_KEPT_AS_IT_IS = re.compile(r"[A-Za-z0-9._-]{1,60}\.(?:jpe?g|png|gif|webp|bmp|tiff?|svg|avif|heic)", re.IGNORECASE)
"""File names of which it is known how the store keeps them; what it makes of others is not documented."""


class Fit(IntEnum):
    """Whether a picture of the store may be what a row sent."""

    NO = 0
    MAYBE = 1
    YES = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that ended without a clear answer.

    Attributes:
        row: what was sent.
        newest_id: the largest picture id that the product had before; only a larger one may be its picture.
    """

    row: ImageRow
    newest_id: int


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What new pictures say of rows in doubt, each by its place among them.

    Attributes:
        found: the picture of a row.
        unclear: the pictures of which one may be the row's; of a row that is in neither, nothing has come.
    """

    found: dict[int, StoreImage] = field(default_factory=dict)
    unclear: dict[int, tuple[StoreImage, ...]] = field(default_factory=dict)


def asked_for(row: ImageRow, entry: Entry) -> Asked:
    """What an earlier run sent for a row, whose alt text and position may be others by now."""
    if entry.sort_order is None:  # recorded by a version that did not keep them
        return Asked(row, entry.newest_id)
    return Asked(replace(row, description=entry.description, sort_order=entry.sort_order), entry.newest_id)


def fit(image: StoreImage, row: ImageRow) -> Fit:
    """Whether a picture may be what a row sent, by its file name and alt text.

    Another alt text refutes it. Another file name does so only where it is known how the store keeps the row's.
    """
    if _text(image.description) != _text(row.description):
        return Fit.NO
    name = expected_name(row.sent_url)
    if name and stored_name(image.image_file) == name:
        return Fit.YES
    if not _KEPT_AS_IT_IS.fullmatch(PurePosixPath(urlsplit(row.sent_url).path).name):
        return Fit.YES if row.description else Fit.MAYBE
    if not row.description:
        return Fit.NO
    return Fit.YES if image.sort_order == row.sort_order else Fit.MAYBE


def senders(image: StoreImage, asked: Mapping[int, Asked]) -> set[int]:
    """Which requests may have brought a picture; where its position is that of one of them alone, only that one."""
    fitting = {at for at, one in asked.items() if image.id > one.newest_id and fit(image, one.row) != Fit.NO}
    same_place = {at for at in fitting if asked[at].row.sort_order == image.sort_order}
    return same_place if len(same_place) == 1 else fitting


def arrivals(
    free: Iterable[StoreImage], doubts: Sequence[Asked], others: Sequence[Asked] = (), *, accepted: bool = False
) -> Arrivals:
    """Which rows in doubt have a picture among those that stand for no row yet.

    Args:
        free: pictures.
        doubts: the rows in doubt.
        others: further requests for the product that may still bring a picture, or a second copy.
        accepted: whether the store said that it took the rows, so that what may be one of them and stands in its
            place is one.
    """
    asked = dict(enumerate((*doubts, *others)))
    mine = range(len(doubts))
    answer = Arrivals()

    def sure(image: StoreImage, at: int) -> bool:
        same_place = image.sort_order == asked[at].row.sort_order
        return fit(image, asked[at].row) >= (Fit.MAYBE if accepted and same_place else Fit.YES)

    unclear: dict[int, list[StoreImage]] = {}
    shared: dict[frozenset[int], list[StoreImage]] = {}
    for image in sorted(free, key=lambda one: one.id):
        by = senders(image, asked)
        if len(by) == 1 and (at := next(iter(by))) in mine and sure(image, at):
            answer.found.setdefault(at, image)
        elif by:
            shared.setdefault(frozenset(by), []).append(image)
    for group, images in shared.items():
        rows = sorted(at for at in group if at not in answer.found)
        alike = all(at in mine and sure(image, at) for at in group for image in images)
        if alike and len(images) >= len(rows):
            # There is one for each of them, and they are all alike.
            answer.found.update(zip(rows, sorted(images, key=lambda one: (one.sort_order, one.id)), strict=False))
            continue
        for at in rows:
            if at in mine:
                unclear.setdefault(at, []).extend(images)
    answer.unclear.update({at: tuple(images) for at, images in unclear.items() if at not in answer.found})
    return answer


def _text(description: str) -> str:
    return " ".join(description.split())
