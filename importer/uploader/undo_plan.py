"""What undoing an import means for one product. Pure: from the journal and the store's answer to a plan."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from importer.models import Product, StoreImage
from importer.store import stored_name
from importer.uploader.journal import Entry, ProductRecord


class UndoStatus(StrEnum):
    """How the undoing of one record ended."""

    DELETED = "deleted"
    """The picture was deleted."""
    RESTORED = "restored"
    """The variant has its picture of before again."""
    GONE = "gone"
    """The store did not have it any more."""
    CHANGED = "changed"
    """Someone has changed it since the import, so it was left."""
    UNKNOWN = "unknown"
    """The import was interrupted while sending it, and it is not known which picture it is; nothing was done."""
    FAILED = "failed"
    """The store did not do what it was asked."""
    NOT_REACHED = "not_reached"
    """The undo was stopped before."""


@dataclass(frozen=True, slots=True)
class UndoLine:
    """What became of one record of the journal: one line of `undo.csv`.

    Attributes:
        image_id: the store's id of the picture; None where it is not known, and for a variant's picture.
        url: the address that the import sent; empty where the line is about the product as a whole.
        detail: why, in words for a person; empty where there is nothing to say.
    """

    product_id: int
    image_id: int | None
    url: str
    status: UndoStatus
    detail: str = ""
    variant_id: int | None = None


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """What is to be done on one product.

    Attributes:
        delete: addresses and pictures that the import added and nobody has changed.
        gone: lines of the pictures that the store does not have any more.
        left: lines of the pictures that stay.
        thumbnails: picture ids to be made the thumbnail before anything is deleted, the best first; empty where the
            thumbnail stays what it is, or where no picture will be left.
        note: what is worth saying of the product's thumbnail.
        pictures_lost: whether the thumbnail of before the import is gone, as after an import that replaced pictures.
    """

    delete: tuple[tuple[str, StoreImage], ...] = ()
    gone: tuple[UndoLine, ...] = ()
    left: tuple[UndoLine, ...] = ()
    thumbnails: tuple[int, ...] = ()
    note: str = ""
    pictures_lost: bool = False


def plan_undo(
    product_id: int,
    product: Product | None,
    entries: Mapping[str, Entry],
    record: ProductRecord | None,
    *,
    certain: bool = False,
) -> UndoPlan:
    """Decide about one product.

    Args:
        product_id: which one.
        product: what the store has, or None where it has no such product.
        entries: the journal's records of its pictures, by address.
        record: the journal's record of the product itself.
        certain: whether an interrupted request is so long ago that what has not arrived will not arrive any more.
    """
    images = {image.id: image for image in product.images} if product is not None else {}
    claimed = {entry.image_id for entry in entries.values()}
    strangers = [image_id for image_id in images if image_id not in claimed]
    delete: list[tuple[str, StoreImage]] = []
    gone: list[UndoLine] = []
    left: list[UndoLine] = []
    for url, entry in entries.items():
        if product is None:
            gone.append(UndoLine(product_id, entry.image_id, url, UndoStatus.GONE, "The product itself is gone."))
        elif entry.image_id is None:
            arrived = any(image_id > entry.newest_id for image_id in strangers)
            (gone if certain and not arrived else left).append(_unanswered(product_id, url, certain, arrived))
        elif (image := images.get(entry.image_id)) is None:
            gone.append(UndoLine(product_id, entry.image_id, url, UndoStatus.GONE, _GONE))
        elif not entry.proven:
            left.append(UndoLine(product_id, image.id, url, UndoStatus.UNKNOWN, _UNPROVEN))
        elif changes := _changes(image, entry):
            words = f"Its {changes} is not what the import sent any more, so it was left."
            left.append(UndoLine(product_id, image.id, url, UndoStatus.CHANGED, words))
        else:
            delete.append((url, image))
        if entry.doubted and entry.image_id is not None:
            left += _maybe_copies(product_id, url, entry, [images[number] for number in strangers])
    before = record.thumbnail_id if record is not None else None
    deleted = {image.id for _, image in delete}
    rest = sorted(
        (image for image in images.values() if image.id not in deleted), key=lambda image: (image.sort_order, image.id)
    )
    thumbnails, note = _thumbnail(rest, before, claimed) if delete else ((), "")
    lost = before is not None and product is not None and before not in images
    return UndoPlan(tuple(delete), tuple(gone), tuple(left), thumbnails, note, lost)


def one_thumbnail(images: Iterable[StoreImage]) -> bool:
    """Whether exactly one picture is the thumbnail, as it must be wherever there are pictures.

    BigCommerce docs, productImage_Base: "Only one image can be used as the thumbnail".
    """
    shown = [image.is_thumbnail for image in images]
    return not shown or sum(shown) == 1


_GONE = "The store does not have it any more."
_MAY_BE_A_COPY = (
    "It came after a request of the import that got no answer, and may be a second copy of its picture. It was left, "
    "because it may be somebody else's. If it is not wanted, delete it in the control panel."
)
_UNPROVEN = (
    "The store never said that it is the import's: the answer was lost, and it was known by its file name and alt text "
    "alone. It was left. If it is not wanted, delete it in the control panel."
)


def _unanswered(product_id: int, url: str, certain: bool, arrived: bool) -> UndoLine:
    if certain and not arrived:
        return UndoLine(product_id, None, url, UndoStatus.GONE, "The store never took it.")
    words = (
        "The import was interrupted while sending it, so it is not certain which picture of the product it is. "
        "Run the import once more, then undo it."
    )
    return UndoLine(product_id, None, url, UndoStatus.UNKNOWN, words)


def _maybe_copies(product_id: int, url: str, entry: Entry, strangers: Iterable[StoreImage]) -> Iterator[UndoLine]:
    """Lines of what came after a request without an answer, under the name of its picture."""
    for image in strangers:
        if image.id > entry.newest_id and stored_name(image.image_file) == stored_name(entry.image_file):
            yield UndoLine(product_id, image.id, url, UndoStatus.UNKNOWN, _MAY_BE_A_COPY)


def _changes(image: StoreImage, entry: Entry) -> str:
    """What is different from the journal, in words; a journal that knows no file name says nothing about it."""
    parts = []
    if entry.image_file and image.image_file != entry.image_file:
        parts.append("file")
    if image.description != entry.description:
        parts.append("description")
    return " and ".join(parts)


def _thumbnail(rest: list[StoreImage], before: int | None, claimed: set[int | None]) -> tuple[tuple[int, ...], str]:
    """Which of the pictures that stay may become the thumbnail, and what to say of it."""
    shown = next((image for image in rest if image.is_thumbnail), None)
    known = any(image.id == before for image in rest)
    if shown is not None:
        replaced = known and shown.id != before and shown.id not in claimed
        return (), "Another picture than before the import is the thumbnail; that was left." if replaced else ""
    others = tuple(image.id for image in rest if image.id != before)[:2]
    if known and before is not None:
        return (before, *others), ""
    lost = before is not None and bool(others)
    return others, "The thumbnail of before is gone; the first of the other pictures is it now." if lost else ""
