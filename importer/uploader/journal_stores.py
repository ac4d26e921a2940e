"""Which stores a journal has records of, for the one command that must not take one store for another."""

from pathlib import Path

from importer.uploader.journal import JOURNAL_NAME
from importer.uploader.journal_file import JournalFile

_STORES = " UNION ".join(
    f"SELECT store FROM {table}"  # noqa: S608 - the names stand right below
    for table in ("picture", "product", "old_picture", "variant")
)


def recorded_stores(folder: Path) -> list[str]:
    """The identities (`StoreSettings.identity`) of all stores in the journal of a results folder, in order.

    Raises:
        ResultsError: another import holds the journal, it is from a newer version, or it cannot be read or written.
        JournalLostError: it cannot be read any more.
    """
    file = JournalFile(folder / JOURNAL_NAME)
    try:
        return [str(store) for (store,) in file.read(f"{_STORES} ORDER BY 1", ())]
    finally:
        file.close()
