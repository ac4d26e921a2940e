"""What a product's rows ask for, and which of it an earlier run or somebody else has done already. No requests."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from importer.models import Checked, ImageRow, StoreImage
from importer.settings import UploadSettings
from importer.uploader.differences import Pair, differences
from importer.uploader.gallery import Gallery
from importer.uploader.journal import Entry, Journal, ProductRecord

RECORDED = "An earlier run of this import uploaded it."
_LAST_PLACE = 2**31 - 1
"""BigCommerce docs, productImage_Base: `sort_order` is at most 2147483647."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A row and what is sent for it: `row` has its position and, for one row of a product at most, the thumbnail."""

    item: Checked
    row: ImageRow


@dataclass(frozen=True, slots=True)
class There:
    """The product has the picture; `certain` where our own record says so, else its file name does.

    `differs` says whether its alt text, position or thumbnail is another than the row asks for; the note says which.
    """

    image: StoreImage
    note: str
    certain: bool
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Doubt:
    """An earlier run was about to send the picture, and nobody knows whether the store took it."""

    entry: Entry


@dataclass(frozen=True, slots=True)
class Missing:
    """An earlier run sent the picture as `image_id`, but the product was not seen with it."""

    image_id: int


@dataclass(frozen=True, slots=True)
class ToSend:
    """The product does not have the picture."""


Standing = There | Doubt | Missing | ToSend


@dataclass(frozen=True, slots=True)
class Remainder:
    """What a file says besides the rows that are sent: it decides which pictures `--existing replace` may delete.

    Attributes:
        held: why the old pictures of a product stay, as a sentence, by product id.
        addresses: all addresses that the file has for a product, sent or not, by product id.
        for_all: why no old picture of any product is deleted, as a sentence; empty where that is not so.
    """

    held: Mapping[int, str] = field(default_factory=dict)
    addresses: Mapping[int, frozenset[str]] = field(default_factory=dict)
    for_all: str = ""

    def of(self, product_id: int, items: Iterable[Checked]) -> frozenset[str]:
        """The addresses that the file has for a product, of which these are the rows that are sent."""
        return self.addresses.get(product_id, frozenset()) | {item.row.sent_url for item in items}


def own_entries(addresses: frozenset[str], entries: Mapping[str, Entry], settings: UploadSettings) -> dict[str, Entry]:
    """The records that count: all of the product's; where its gallery is replaced, those of these addresses alone."""
    if settings.existing != "replace":
        return dict(entries)
    return {url: entry for url, entry in entries.items() if url in addresses}


def addresses_asked(addresses: frozenset[str]) -> str:
    """What tells the pictures that one file asks for on a product from those of another file."""
    return hashlib.sha256("\n".join(sorted(addresses)).encode()).hexdigest()


def takes_old(
    record: ProductRecord | None, wanted: Sequence[Wish], addresses: frozenset[str], settings: UploadSettings
) -> bool:
    """Whether a product's pictures of before are still to be told apart from the new ones.

    They belong to what the file asks for: a run that is carried on deletes nothing that came since, and a later file
    with other addresses replaces what is there by then.
    """
    if settings.existing != "replace" or not wanted:
        return False
    return record is None or not record.old_taken or record.asked != addresses_asked(addresses)


def wishes(items: Sequence[Checked], last_sort_order: int) -> list[Wish]:
    """The rows with their positions: explicit ones as they are, the others behind what stands before them.

    Of several rows that ask to be the thumbnail, the first is it: two requests in a row might leave the store with two.
    """
    order, thumbnail, made = last_sort_order, False, list[Wish]()
    for item in items:
        row = item.row
        order = min(order + 1, _LAST_PLACE) if row.sort_order is None else row.sort_order
        wanted = False if row.is_thumbnail and thumbnail else row.is_thumbnail
        thumbnail = thumbnail or bool(wanted)
        made.append(Wish(item, replace(row, sort_order=order, is_thumbnail=wanted)))
    return made


def standings(
    wanted: Sequence[Wish],
    gallery: Gallery,
    entries: Mapping[str, Entry],
    settings: UploadSettings,
    record: ProductRecord | None,
) -> list[Standing]:
    """What is known of each row of one product before anything is sent; `record` is the journal's of the product."""
    found = [_standing(wish, gallery, entries, settings) for wish in wanted]
    there = [(at, known) for at, known in enumerate(found) if isinstance(known, There)]
    pairs = [_pair(wanted[at], known, entries) for at, known in there]
    remarks = differences(pairs, settled=record is None or record.settled)
    for (at, known), remark in zip(there, remarks, strict=True):
        if remark:
            found[at] = replace(known, note=f"{known.note} {remark}", differs=True)
    return found


def _pair(wish: Wish, known: There, entries: Mapping[str, Entry]) -> Pair:
    entry = entries.get(wish.row.sent_url) if known.certain else None
    asked = replace(wish.row, sort_order=wish.item.row.sort_order)
    return Pair(asked, known.image, entry.description if entry else "")


def _standing(wish: Wish, gallery: Gallery, entries: Mapping[str, Entry], settings: UploadSettings) -> Standing:
    url = wish.row.sent_url
    entry = entries.get(url)
    if entry is not None:
        if entry.image_id is None:
            return Doubt(entry)
        if entry.image_id not in gallery:
            return Missing(entry.image_id)
        return There(gallery[entry.image_id], RECORDED, certain=True)
    image = gallery.same_name(wish.item.file_name) if settings.existing == "skip" else None
    if image is None:
        return ToSend()
    note = (
        f"The product has a picture with this file name already ({image.image_file}), most likely the same one. "
        "To upload it all the same, add --existing add."
    )
    return There(image, note, certain=False)


def variant_wishes(items: Sequence[Checked], settings: UploadSettings) -> tuple[list[Checked], list[Checked]]:
    """The rows whose picture becomes their variant's, the first of each variant; and the rows for the gallery."""
    if settings.variants != "image":
        return [], list(items)
    chosen: dict[int, Checked] = {}
    for item in items:
        if item.variant is not None and _for_variant(item, settings):
            chosen.setdefault(item.variant.id, item)
    own = {id(item) for item in chosen.values()}
    return list(chosen.values()), [item for item in items if id(item) not in own]


def _for_variant(item: Checked, settings: UploadSettings) -> bool:
    """Whether the picture may become its variant's own."""
    return settings.variants == "image" and item.variant is not None and not item.row.in_gallery


def mark_recorded(checked: Sequence[Checked], journal: Journal, settings: UploadSettings) -> list[Checked]:
    """The same rows; those whose picture an earlier run sent and the product still has need no further check."""
    entries: dict[int, dict[str, Entry]] = {}
    held: dict[int, frozenset[int]] = {}
    marked: list[Checked] = []
    for item in checked:
        product = item.product
        if product is None or item.problem is not None or _for_variant(item, settings):
            marked.append(item)
            continue
        if product.id not in entries:
            entries[product.id] = journal.entries(product.id)
            held[product.id] = frozenset(image.id for image in product.images) if entries[product.id] else frozenset()
        entry = entries[product.id].get(item.row.sent_url)
        known = entry is not None and entry.image_id in held[product.id]
        marked.append(replace(item, recorded=True) if known else item)
    return marked
