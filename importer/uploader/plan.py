"""What a run is going to do, before it does anything. No requests."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from importer.models import Checked, Product
from importer.settings import UploadSettings
from importer.store import MAX_PRODUCTS_PER_UPDATE, Pace
from importer.uploader.batches import MOST_PICTURES
from importer.uploader.gallery import Gallery
from importer.uploader.journal import Journal
from importer.uploader.upload import READ_BACK, by_product
from importer.uploader.wishes import There, own_entries, standing, variant_wishes, wishes


@dataclass(frozen=True, slots=True)
class Plan:
    """The sum of what is to be done.

    Attributes:
        add: pictures to send.
        already_there: rows whose picture the product has.
        rejected: rows that will not be sent.
        products: products that get a picture.
        delete: old pictures that `--existing replace` will delete in the end, at most.
        requests: requests that this takes, if all goes well.
        quota: requests that the store allows us in a window, as last told; 0 where it has told none.
        window: the length of that window in seconds.
    """

    add: int
    already_there: int
    rejected: int
    products: int
    delete: int
    requests: int
    quota: int = 0
    window: float = 0.0

    @property
    def seconds(self) -> float | None:
        """How long the requests take at the store's current quota, or None where it has told none."""
        return math.ceil(self.requests / self.quota) * self.window if self.quota else None


def make_plan(
    checked: Sequence[Checked],
    rejected: int,
    journal: Journal,
    settings: UploadSettings,
    pace: Pace | None,
    incomplete: Collection[int] = (),
) -> Plan:
    """Look at every product as the uploader will, and count.

    Args:
        checked: the rows that may be sent.
        rejected: rows that will not be.
        journal: what earlier runs sent.
        settings: how it will be sent.
        pace: the store's quota as last told.
        incomplete: ids of products whose old pictures will stay.
    """
    looks = [_look(product, items, journal, settings) for product, items in by_product(checked)]
    sent = [look for look in looks if look.add]
    batched = [look for look in sent if settings.route == "batch" and not look.variants and look.add <= MOST_PICTURES]
    by_batch = sum(look.add for look in batched)
    add = sum(look.add for look in sent)
    batches = max(math.ceil(len(batched) / MAX_PRODUCTS_PER_UPDATE), math.ceil(by_batch / MOST_PICTURES))
    delete = sum(look.old for look in sent if look.product_id not in incomplete)
    read_back = batches + math.ceil((len(sent) - len(batched)) / READ_BACK)
    quota, window = (max(1, pace.quota - pace.reserve), pace.window) if pace else (0, 0.0)
    return Plan(
        add=add,
        already_there=sum(look.there for look in looks),
        rejected=rejected,
        products=len(sent),
        delete=delete,
        requests=batches + add - by_batch + read_back + delete,
        quota=quota,
        window=window,
    )


@dataclass(frozen=True, slots=True)
class _Look:
    """One product: pictures to send, those there, old ones that would go, and those of its variants."""

    product_id: int
    add: int
    there: int
    old: int
    variants: int


def _look(product: Product, items: Sequence[Checked], journal: Journal, settings: UploadSettings) -> _Look:
    for_variants, in_gallery = variant_wishes(items, settings)
    entries = own_entries(in_gallery, journal.entries(product.id), settings)
    gallery = Gallery(product.images, entries)
    there = sum(
        isinstance(standing(wish, gallery, entries, settings), There)
        for wish in wishes(in_gallery, gallery.last_sort_order)
    )
    old = len(gallery.before) if settings.existing == "replace" and in_gallery else 0
    return _Look(product.id, len(items) - there, there, old, len(for_variants))
