"""Rows that a run did not come to, although an earlier run has put their pictures into the store."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import lru_cache

from importer.errors import ImporterError, JournalLostError, ResultsError
from importer.models import Checked, Outcome, Status
from importer.pipeline.job import Job
from importer.report import ReportFiles
from importer.settings import UploadSettings
from importer.uploader import (
    JOURNAL_NAME,
    Journal,
    recorded_stores,
    seen_there,
    unsent,
)

_UNDONE = frozenset({Status.UNSENT, Status.OK})
_PRODUCTS_AT_HAND = 1_000


def tell_uncertain(outcomes: Sequence[Outcome], looked_up: Sequence[Checked], journal: Journal) -> tuple[Outcome, ...]:
    """The same outcomes; of a picture that was on its way, none says that the store does not have it.

    Args:
        outcomes: one for each row of the file, in order.
        looked_up: the rows as the store knew them before anything was sent (`mark_recorded`), empty where the run did
            not get so far.
        journal: what earlier runs, and this one, sent to this store.

    Raises:
        JournalLostError: the journal cannot be read any more.
    """
    known = {id(item.row): item for item in looked_up}
    entries = lru_cache(_PRODUCTS_AT_HAND)(journal.entries)
    told: list[Outcome] = []
    for outcome in outcomes:
        item = known.get(id(outcome.source)) if outcome.status is Status.UNSENT and not outcome.problem else None
        entry = entries(item.product.id).get(item.row.sent_url) if item is not None and item.product else None
        doubted = item is not None and entry is not None and entry.image_id is None
        told.append(unsent(item, uncertain=True) if item is not None and doubted else outcome)
    return tuple(told)


def tell_seen(
    outcomes: Sequence[Outcome], looked_up: Sequence[Checked], journal: Journal | None, settings: UploadSettings
) -> tuple[Outcome, ...]:
    """The same outcomes; what was left undone is `already_there` where an upload would find it in the store.

    Args:
        outcomes: one for each row of the file, in order.
        looked_up: as in `tell_uncertain`.
        journal: what earlier runs, and this one, sent to this store, or None where there were none.
        settings: how it is sent.

    Raises:
        JournalLostError: the journal cannot be read any more.
    """
    left = {id(outcome.source): outcome for outcome in outcomes if outcome.status in _UNDONE}
    items = [item for item in looked_up if item.product and not item.problem and not item.nothing]
    seen = {id(one.source): one for one in seen_there(items, journal, settings) if id(one.source) in left}
    return tuple(
        replace(seen[id(outcome.source)], finding=outcome.finding) if id(outcome.source) in seen else outcome
        for outcome in outcomes
    )


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


def report_to_keep(job: Job, journal: Journal) -> str:
    """Why a run whose store told it nothing leaves the report that is there, as a sentence; empty where there is none.

    A wrong token would else cost all image ids, and a mistyped store hash the report of the right store.

    Args:
        job: what the run was given.
        journal: the run's journal; it is closed, if there is nothing of the run's own store in it.
    """
    if not ReportFiles.of(job.results).csv.exists():
        return ""
    left = f"The report in {job.results} was left as it was: it tells of"
    if journal.products():
        return f"{left} an earlier run, and this one learnt nothing from the store."
    try:
        journal.close()
        stores = recorded_stores(job.journal or job.results)
    except ImporterError:
        return ""
    if not stores:
        return f"{left} an earlier run, and this one learnt nothing from the store."
    return (
        f"{left} {' and '.join(stores)}, another store than this one. If that is the right one, check the store hash."
    )
