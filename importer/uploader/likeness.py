"""Rows that a run did not come to, but whose picture the store has under the same file name: so the plan has it."""

from collections.abc import Iterable, Sequence

from importer.models import Checked, Outcome
from importer.settings import UploadSettings
from importer.uploader.ends import already_there
from importer.uploader.gallery import Gallery
from importer.uploader.journal import Journal
from importer.uploader.upload import by_product
from importer.uploader.variant_pictures import variant_has
from importer.uploader.wishes import There, own_entries, standings, variant_wishes, wishes


def seen_there(checked: Sequence[Checked], journal: Journal | None, settings: UploadSettings) -> list[Outcome]:
    """The outcomes of those rows that an upload would find to be in the store already.

    Args:
        checked: rows with a product and without a problem, as the store knew them when it was asked.
        journal: what earlier runs sent, or None where there were none.
        settings: how it would be sent.

    Raises:
        JournalLostError: the journal cannot be read any more.
    """
    found: list[Outcome] = []
    for product, items in by_product(checked):
        for_variants, in_gallery = variant_wishes(items, settings)
        addresses = frozenset(item.row.sent_url for item in in_gallery)
        entries = own_entries(addresses, journal.entries(product.id) if journal else {}, settings)
        gallery = Gallery(product.images, entries)
        wanted = wishes(in_gallery, gallery.last_sort_order(addresses))
        record = journal.product(product.id) if journal else None
        for wish, known in zip(wanted, standings(wanted, gallery, entries, settings, record), strict=True):
            if isinstance(known, There):
                found.append(
                    already_there(wish.item, known.image, known.note, certain=known.certain, differs=known.differs)
                )
        found += _variants(for_variants, journal, settings)
    return found


def _variants(items: Iterable[Checked], journal: Journal | None, settings: UploadSettings) -> Iterable[Outcome]:
    for item in items:
        if item.variant is not None:
            records = journal.variants(item.variant.product_id) if journal else {}
            there = variant_has(item, item.variant, records.get(item.variant.id), settings)
            if there is not None:
                yield there
