"""What a results folder's journal says without being opened: whose it is, which imports and pictures it has."""

import sqlite3
from collections.abc import Collection, Iterable
from contextlib import closing
from pathlib import Path

from importer.errors import ResultsError
from importer.uploader.checksums import is_intact, register
from importer.uploader.journal import (
    ENTRY,
    JOURNAL_NAME,
    PLANS,
    VARIANT,
    OtherJournals,
    OtherRecord,
    VariantRecord,
    read_entry,
)
from importer.uploader.journal_file import JournalFile
from importer.uploader.schema import VERSION, prepare

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


def recorded_elsewhere(
    folders: Iterable[Path], store: str, urls: Collection[str]
) -> tuple[OtherJournals, dict[Path, str]]:
    """What the journals of other results folders know of some pictures; nothing in them is changed.

    Args:
        folders: the results folders.
        store: the identity of the store.
        urls: the addresses of the pictures.

    Returns:
        what they know, the latest of each picture; and the folders whose journal cannot be read, each with the reason.
    """
    found, unread = OtherJournals(), dict[Path, str]()
    for folder in folders:
        try:
            with closing(_aside((folder / JOURNAL_NAME).resolve())) as database:
                version = database.execute("PRAGMA user_version").fetchone()[0]
                if version == VERSION:
                    _add_records(found, database, store, urls)
                elif version:
                    unread[folder] = "it was written by another version of this tool"
        except (sqlite3.Error, OSError) as error:
            unread[folder] = "another import is using it" if "locked" in str(error) else "it is damaged"
    return found, unread


def _add_records(found: OtherJournals, database: sqlite3.Connection, store: str, urls: Collection[str]) -> None:
    """Add what one journal knows: all of it or, where it turns out to be damaged, nothing."""
    pictures = database.execute(f"SELECT product_id, url, intended_at, {ENTRY} FROM picture WHERE store = ?", (store,))  # noqa: S608
    known = [record for record in pictures if record[1] in urls]
    variants = database.execute(f"SELECT variant_id, {VARIANT} FROM variant WHERE store = ?", (store,)).fetchall()  # noqa: S608
    unsettled = {
        number
        for (number,) in database.execute("SELECT product_id FROM product WHERE store = ? AND NOT settled", (store,))
    }
    for product_id, url, intended_at, *rest in known:
        of_product = found.pictures.setdefault(product_id, {})
        if url not in of_product or of_product[url].intended_at < intended_at:
            of_product[url] = OtherRecord(read_entry(rest), intended_at)
    for variant_id, *rest in variants:
        record = VariantRecord(*rest)
        if record.url in urls:
            found.variants.setdefault(record.product_id, {})[variant_id] = record
    found.unsettled.update(unsettled.intersection(record[0] for record in known))


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

    Raises:
        sqlite3.Error: it is damaged, no database, or held by another process.
    """
    if file.with_name(f"{file.name}-wal").exists():
        database = sqlite3.connect(f"{file.as_uri()}?mode=rw", uri=True, timeout=0, isolation_level=None)
        # As an import holds it: without shared memory, which network drives do not have.
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
    else:
        database = sqlite3.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)
    try:
        register(database)
        today = database.execute("PRAGMA user_version").fetchone() == (VERSION,)
        sound = database.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",)
        if not sound or (today and not is_intact(database, prepare)):
            raise sqlite3.DatabaseError("damaged")
    except UnicodeDecodeError:  # SQLite quotes what it cannot read
        database.close()
        raise sqlite3.DatabaseError("damaged") from None
    except sqlite3.Error:
        database.close()
        raise
    return database
