"""Which journal an import belongs to, and which others know of its pictures.

It is that of its results folder, or that of the same import under another name. Until the journal belongs to the store,
all journals beside it are asked as well: a file that was changed a little and saved under another name has a results
folder of its own.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from importer.models import ImageRow
from importer.pipeline.job import Job
from importer.uploader import JOURNAL_NAME, Journal, OtherJournals, plans_of, recorded_elsewhere, serves

_MOST_FOLDERS = 1_000


def fingerprint(rows: Iterable[ImageRow]) -> str:
    """What tells one import from another: which pictures it wants on which products, in any order and of any file."""
    wishes = {(row.product_id or row.sku, row.sent_url) for row in rows}
    return hashlib.sha256("\n".join(sorted(map(repr, wishes))).encode()).hexdigest()


def open_journal(job: Job, store: str, rows: Sequence[ImageRow], say: Callable[[str], None]) -> tuple[Journal, Job]:
    """The open journal of an import, and the job with the journal's folder in it.

    Args:
        job: the settings of the run.
        store: the identity of the store.
        rows: the rows of the file.
        say: told in a sentence where the journal is another one than would be expected, or one beside it is not read.

    Raises:
        ResultsError: the journal cannot be used, or an import is using one beside it at this moment.
    """
    plan = fingerprint(rows)
    beside = [] if job.sandbox else _beside(job)
    folder = _folder(job, store, plan, beside)
    others = OtherJournals()
    asked = [path for path in beside if path.resolve() != folder.resolve()]
    if asked:
        others, unread = recorded_elsewhere(asked, store, {row.sent_url for row in rows})
        for path, why in unread.items():
            say(f"The journal in {path} was not read, because {why}; pictures that only it knows may be sent again.")
    journal = Journal(folder, store, others=others)
    if folder != (job.journal or job.results):
        say(f"The same import was run before; it is carried on with its journal in {folder}.")
    if not job.plan_only:
        journal.add_plan(plan)
    return journal, replace(job, journal=folder)


def _folder(job: Job, store: str, plan: str, beside: Sequence[Path]) -> Path:
    """The folder of the journal.

    Where the results folder has no journal of this store yet, one beside it that has served the very same import is
    taken, so that a file which was renamed is not sent again.
    """
    folder = job.journal or job.results
    if serves(folder, store):
        return folder
    # Each one is looked at: where one is in use, it may be the same import that is running there.
    same = [path for path in beside if plan in plans_of(path, store)]
    return same[0] if same else folder


def _beside(job: Job) -> list[Path]:
    """The folders with a journal beside those of the job, and beside the file."""
    found: dict[Path, Path] = {}
    for parent in (job.results.parent, job.journal.parent if job.journal else None, job.file_folder):
        if parent is None:
            continue
        try:
            paths = sorted(parent.glob(f"*/{JOURNAL_NAME}"))
        except OSError:
            continue
        found |= {path.parent.resolve(): path.parent for path in paths[:_MOST_FOLDERS]}
    return list(found.values())
