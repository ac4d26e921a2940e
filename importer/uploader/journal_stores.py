"""What can be asked of a results folder's journal before it is opened: whose it is, and which imports it served."""

import sqlite3
from contextlib import closing
from pathlib import Path

from importer.errors import ResultsError
from importer.uploader.journal import JOURNAL_NAME, PLANS
from importer.uploader.journal_file import JournalFile
from importer.uploader.schema import VERSION

_STORES = " UNION ".join(
    f"SELECT store FROM {table}"  # noqa: S608 - the names stand right below
    for table in ("picture", "product", "old_picture", "variant")
)


def recorded_stores(folder: Path) -> list[str]:
    """The identities (`StoreSettings.identity`) of all stores in the journal of a results folder, in order.

    It is for undoing an import, so where the journal cannot be used, no other folder is advised.

    Raises:
        ResultsError: another import holds the journal, it is from a newer version, or it cannot be read or written.
        JournalLostError: it cannot be read any more.
    """
    file = JournalFile(folder / JOURNAL_NAME, elsewhere="")
    try:
        return [str(store) for (store,) in file.read(f"{_STORES} ORDER BY 1", ())]
    finally:
        file.close()


def plans_of(folder: Path, store: str) -> frozenset[str]:
    """The fingerprints of all imports that were run with the journal of a results folder; nothing in it is changed.

    Args:
        folder: the results folder.
        store: the identity of the store.

    Returns:
        Nothing where the journal is missing, damaged, or of another version.

    Raises:
        ResultsError: an import holds it at this moment, which may be the very same.
    """
    try:
        with closing(_aside((folder / JOURNAL_NAME).resolve())) as database:
            if database.execute("PRAGMA user_version").fetchone() != (VERSION,):
                return frozenset()
            return frozenset(str(plan) for (plan,) in database.execute(PLANS, (store,)))
    except (sqlite3.Error, OSError) as error:
        if "locked" in str(error):
            raise ResultsError(
                f"Another import is using {folder} at this moment, and it may be the same one under another name. Wait "
                "for it to end, or choose a folder in another place with --results."
            ) from None
        return frozenset()


def serves(folder: Path, store: str) -> bool:
    """Whether the journal of a results folder has anything of a store; also where it cannot be told.

    One without is what a run with a mistyped store hash leaves.
    """
    file = (folder / JOURNAL_NAME).resolve()
    if not file.exists():
        return False
    try:
        with closing(_aside(file)) as database:
            found = database.execute(f"SELECT ? IN ({_STORES} UNION SELECT store FROM plan)", (store,)).fetchone()  # noqa: S608
            return bool(found[0])
    except (sqlite3.Error, OSError):
        return True


def _aside(file: Path) -> sqlite3.Connection:
    """A journal opened for a look, which leaves no file of its own behind.

    Without a log beside it nobody holds it, and it is complete: SQLite may leave it alone altogether ("immutable",
    SQLite documentation, uri.html). With a log, its import is under way, as the lock says, or was killed; then the
    latest records are in the log alone, and SQLite moves them into the file.
    """
    if file.with_name(f"{file.name}-wal").exists():
        database = sqlite3.connect(f"{file.as_uri()}?mode=rw", uri=True, timeout=0)
        # As an import holds it: without shared memory, which network drives do not have.
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        return database
    return sqlite3.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True)
