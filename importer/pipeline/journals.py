"""Which journal an import belongs to: that of its results folder, or that of the same import under another name."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from importer.models import ImageRow
from importer.pipeline.job import Job
from importer.uploader import JOURNAL_NAME, plans_of, serves

_MOST_FOLDERS = 1_000


def fingerprint(rows: Iterable[ImageRow]) -> str:
    """What tells one import from another: which pictures it wants on which products, in any order and of any file."""
    wishes = {(row.product_id or row.sku, row.sent_url) for row in rows}
    return hashlib.sha256("\n".join(sorted(map(repr, wishes))).encode()).hexdigest()


def journal_folder(job: Job, store: str, plan: str) -> tuple[Path, bool]:
    """The folder of the journal, and whether it is another one than would be expected.

    Where the results folder has no journal of this store yet, one beside it that has served the very same import is
    taken, so that a file which was renamed is not sent again.

    Args:
        job: the settings of the run.
        store: the identity of the store.
        plan: the import's `fingerprint`.

    Raises:
        ResultsError: an import is using a journal beside it at this moment.
    """
    folder = job.journal or job.results
    if job.sandbox or serves(folder, store):
        return folder, False
    try:
        beside = [path.parent for path in sorted(job.results.parent.glob(f"*/{JOURNAL_NAME}"))[:_MOST_FOLDERS]]
    except OSError:
        return folder, False
    # Each one is looked at: where one is in use, it may be the same import that is running there.
    same = [path for path in beside if plan in plans_of(path, store)]
    return (same[0], True) if same else (folder, False)
