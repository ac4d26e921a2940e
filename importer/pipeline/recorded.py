"""Rows that a run did not come to, although an earlier run has put their pictures into the store."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import lru_cache

from importer.errors import ImporterError, JournalLostError, ResultsError
from importer.models import Checked, ImageRow, Outcome, Receipt, Status
from importer.pipeline.job import Job
from importer.report import ReportFiles
from importer.settings import UploadSettings
from importer.uploader import JOURNAL_NAME, RECORDED, Entry, Journal, recorded_stores

UNASKED = f"{RECORDED} This tool's own record says so; the store was not asked this time."
_UNDONE = frozenset({Status.UNSENT, Status.OK})
_PRODUCTS_AT_HAND = 1_000

_Found = tuple[int, Entry]
"""A product id and the record of a picture on it."""


def tell_recorded(
    outcomes: Sequence[Outcome], looked_up: Sequence[Checked], journal: Journal, settings: UploadSettings
) -> tuple[Outcome, ...]:
    """The same outcomes; what was left undone is `already_there` where the picture is on record.

    Where the store was asked, a record counts if the product still has the picture. Where it was not, the record itself
    counts and the note says so; a row that names its product by SKU then needs a picture that is on record once, and
    that no other product of the file asks for.

    Args:
        outcomes: one for each row of the file, in order.
        looked_up: the rows as the store knew them before anything was sent (`mark_recorded`), empty where the run did
            not get so far.
        journal: what earlier runs sent to this store.
        settings: how it is sent.

    Raises:
        JournalLostError: the journal cannot be read any more.
    """
    known = {id(item.row): item for item in looked_up}
    entries = lru_cache(_PRODUCTS_AT_HAND)(journal.entries)
    unasked = [outcome for outcome in outcomes if outcome.status in _UNDONE and id(outcome.source) not in known]
    by_sku = _by_sku(unasked, outcomes, journal)
    told: list[Outcome] = []
    for outcome in outcomes:
        row = outcome.source
        if outcome.status not in _UNDONE or not isinstance(row, ImageRow):
            told.append(outcome)
            continue
        item = known.get(id(row))
        if item is not None and _is_set(item, journal, settings):
            told.append(_there(outcome, RECORDED))
            continue
        found = _unasked(row, entries, by_sku) if item is None else _held(item, entries)
        note = UNASKED if item is None else RECORDED
        told.append(outcome if found is None else _there(outcome, note, found))
    return tuple(told)


def by_record(outcomes: Sequence[Outcome]) -> str:
    """That the store was not asked for some of the pictures that count as being in it; empty where it was."""
    count = sum(outcome.note == UNASKED for outcome in outcomes)
    if not count:
        return ""
    which = "1 picture counts" if count == 1 else f"{count:,} pictures count"
    return f"{which} as in the store by this tool's own record; the store was not asked this time."


@contextmanager
def readable_journal(job: Job, held: Journal | None) -> Iterator[Journal | None]:
    """The journal that the run holds; where it holds none, as a check, that of an earlier run with the same store.

    None where there is no such journal, or it cannot be had at this moment: a check does without.
    """
    folder = job.journal or job.results
    if held is not None or job.store is None or not (folder / JOURNAL_NAME).exists():
        yield held
        return
    try:
        journal = Journal(folder, job.store.identity)
    except ResultsError:
        yield None
        return
    try:
        yield journal
    finally:
        with suppress(JournalLostError):
            journal.close()


def report_of_another_store(job: Job, journal: Journal) -> str:
    """Why a run whose store told nothing leaves the report that is there, as a sentence; empty where it need not.

    A mistyped store hash would else cost the report of the right store.

    Args:
        job: what the run was given.
        journal: the run's journal; it is closed, if there is nothing of the run's own store in it.
    """
    if journal.products() or not ReportFiles.of(job.results).csv.exists():
        return ""
    try:
        journal.close()
        stores = recorded_stores(job.journal or job.results)
    except ImporterError:
        return ""
    if not stores:
        return ""
    return (
        f"The report in {job.results} was left as it was: it tells of {' and '.join(stores)}, another store than this "
        "one. If that is the right one, check the store hash."
    )


def _there(outcome: Outcome, note: str, found: _Found | None = None) -> Outcome:
    there = replace(outcome, status=Status.ALREADY_THERE, problem=None, note=note)
    if found is None:
        return there
    product_id, entry = found
    receipt = Receipt(image_id=entry.image_id, image_file=entry.image_file)
    return replace(there, product_id=product_id, receipt=receipt)


def _held(item: Checked, entries: Callable[[int], Mapping[str, Entry]]) -> _Found | None:
    """The record of a picture that the product had when the store was asked."""
    if not item.recorded or item.product is None:
        return None
    entry = entries(item.product.id).get(item.row.sent_url)
    # This very run may have sent it once more, because somebody deleted it after the look-up.
    if entry is None or entry.image_id not in {image.id for image in item.product.images}:
        return None
    return item.product.id, entry


def _is_set(item: Checked, journal: Journal, settings: UploadSettings) -> bool:
    """Whether an earlier run made the row's picture that of its variant, which still has it."""
    variant = item.variant
    if settings.variants != "image" or variant is None or item.row.in_gallery:
        return False
    record = journal.variants(variant.product_id).get(variant.id)
    return record is not None and record.url == item.row.sent_url and record.image_url == variant.image_url != ""


def _unasked(
    row: ImageRow, entries: Callable[[int], Mapping[str, Entry]], by_sku: Mapping[str, _Found]
) -> _Found | None:
    if row.product_id is None:
        return by_sku.get(row.sent_url)
    entry = entries(row.product_id).get(row.sent_url)
    return None if entry is None or entry.image_id is None else (row.product_id, entry)


def _by_sku(unasked: Sequence[Outcome], outcomes: Sequence[Outcome], journal: Journal) -> dict[str, _Found]:
    """By address, the pictures on record that can only be those of a row whose product is known by SKU alone."""
    sources = [outcome.source for outcome in unasked]
    urls = {row.sent_url for row in sources if isinstance(row, ImageRow) and row.product_id is None}
    if not urls:
        return {}
    askers: dict[str, set[int | str]] = {}
    for outcome in outcomes:
        row = outcome.source
        if isinstance(row, ImageRow) and row.sent_url in urls:
            askers.setdefault(row.sent_url, set()).add(row.sku if row.product_id is None else row.product_id)
    return _only_record(journal, {url for url, products in askers.items() if len(products) == 1})


def _only_record(journal: Journal, urls: Collection[str]) -> dict[str, _Found]:
    """The stored pictures of these addresses that are on record for one product of the store and no other."""
    found: dict[str, list[_Found]] = {}
    for product_id in journal.products():
        for url, entry in journal.entries(product_id).items():
            if url in urls:
                found.setdefault(url, []).append((product_id, entry))
    return {url: only[0] for url, only in found.items() if len(only) == 1 and only[0][1].image_id is not None}
