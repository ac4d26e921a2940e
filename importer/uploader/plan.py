"""What a run is going to do, before it does anything. No requests."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from importer.models import Checked, Product, Status
from importer.settings import UploadSettings
from importer.store import MAX_PRODUCTS_PER_UPDATE, Pace
from importer.uploader.batches import MOST_PICTURES
from importer.uploader.ends import there_status
from importer.uploader.finishing import READ_BACK
from importer.uploader.gallery import Gallery
from importer.uploader.journal import Journal
from importer.uploader.supply import READ_ANEW
from importer.uploader.upload import by_product
from importer.uploader.variant_pictures import variant_has
from importer.uploader.wishes import (
    Remainder,
    There,
    own_entries,
    standings,
    takes_old,
    variant_wishes,
    wishes,
)


@dataclass(frozen=True, slots=True)
class Plan:
    """The sum of what is to be done.

    Attributes:
        add: pictures to send.
        already_there: rows whose picture the product certainly has.
        rejected: rows that will not be sent.
        products: products that get a picture.
        delete: old pictures that `--existing replace` will delete in the end, at most.
        requests: requests that this takes, if all goes well.
        quota: requests that the store allows us in a window, as last told; 0 where it has told none.
        window: the length of that window in seconds.
        probably_there: rows of which only the file name tells that the product has the picture.
        variants_left: pictures named for variants that are not set on them, because that was not asked for.
        keep: old pictures that would go, but stay because a row is not sent that may be about their product.
    """

    add: int
    already_there: int
    rejected: int
    products: int
    delete: int
    requests: int
    quota: int = 0
    window: float = 0.0
    probably_there: int = 0
    keep: int = 0
    variants_left: int = 0

    @property
    def seconds(self) -> float | None:
        """How long the store's current quota holds the requests up; None where it does not.

        Counted from a window that begins with the first request to the one in which the last may leave.
        """
        if not self.quota or self.requests <= self.quota:
            return None
        return (math.ceil(self.requests / self.quota) - 1) * self.window


def make_plan(
    checked: Sequence[Checked],
    rejected: int,
    journal: Journal,
    settings: UploadSettings,
    pace: Pace | None,
    remainder: Remainder | None = None,
) -> Plan:
    """Look at every product as the uploader will, and count.

    Args:
        checked: the rows that may be sent.
        rejected: rows that will not be.
        journal: what earlier runs sent.
        settings: how it will be sent.
        pace: the store's quota as last told.
        remainder: what the file says besides these rows.
    """
    remainder = remainder or Remainder()
    looks = [_look(product, items, journal, settings, remainder) for product, items in by_product(checked)]
    sent = [look for look in looks if look.add]
    batched = [look for look in sent if settings.route == "batch" and not look.variants and look.add <= MOST_PICTURES]
    by_batch = sum(look.add for look in batched)
    add = sum(look.add for look in sent)
    batches = max(math.ceil(len(batched) / MAX_PRODUCTS_PER_UPDATE), math.ceil(by_batch / MOST_PICTURES))
    replaced = looks if settings.existing == "replace" else []
    delete = sum(look.old for look in replaced if look.product_id not in remainder.held)
    reads = math.ceil(len(sent) / READ_ANEW) + batches + math.ceil((len(sent) - len(batched)) / READ_BACK)
    quota, window = (pace.usable, pace.window) if pace else (0, 0.0)
    return Plan(
        add=add,
        already_there=sum(look.there for look in looks),
        rejected=rejected,
        products=len(sent),
        delete=delete,
        requests=batches + add - by_batch + reads + delete,
        quota=quota,
        window=window,
        probably_there=sum(look.probably for look in looks),
        keep=sum(look.old for look in replaced) - delete,
    )


@dataclass(frozen=True, slots=True)
class _Look:
    """One product: pictures to send, those there or probably there, old ones that would go, those of its variants."""

    product_id: int
    add: int
    there: int
    probably: int
    old: int
    variants: int


def _look(
    product: Product, items: Sequence[Checked], journal: Journal, settings: UploadSettings, remainder: Remainder
) -> _Look:
    for_variants, in_gallery = variant_wishes(items, settings)
    addresses = remainder.of(product.id, in_gallery)
    entries = own_entries(addresses, journal.entries(product.id), settings)
    gallery = Gallery(product.images, entries)
    wanted = wishes(in_gallery, gallery.last_sort_order(addresses))
    record = journal.product(product.id)
    found = standings(wanted, gallery, entries, settings, record)
    ends = [there_status(certain=known.certain) for known in found if isinstance(known, There)]
    records = journal.variants(product.id) if for_variants else {}
    ends += [
        there.status
        for item in for_variants
        if item.variant and (there := variant_has(item, item.variant, records.get(item.variant.id), settings))
    ]
    probably = ends.count(Status.PROBABLY_THERE)
    anew = takes_old(record, wanted, addresses, settings)
    old = len(gallery.before) if anew else len(journal.old_pictures(product.id))
    return _Look(product.id, len(items) - len(ends), len(ends) - probably, probably, old, len(for_variants))
