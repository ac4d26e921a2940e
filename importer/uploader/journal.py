"""The record of what was sent: an intention before each request, the result after it. The only place with SQL.

It answers the one question that the store cannot: "did an earlier run send this picture to this product?" Entries are
found by store, product and address, so neither the file's name nor the time of a run matters.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from importer.errors import JournalLostError, ResultsError
from importer.models import StoreImage

JOURNAL_NAME = "journal.sqlite3"
_VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS picture (
    store TEXT NOT NULL,
    product_id INTEGER NOT NULL,
    url TEXT NOT NULL,
    image_id INTEGER,
    image_file TEXT NOT NULL DEFAULT '',
    newest_id INTEGER NOT NULL,
    intended_at REAL NOT NULL,
    PRIMARY KEY (store, product_id, url)
) WITHOUT ROWID
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One picture's record.

    Attributes:
        image_id: the store's id of the picture, or None while it is not known whether the store took it.
        image_file: the store's name of the file.
        newest_id: the largest picture id that the product had before the picture was sent; ids only grow
            (BigCommerce docs, productImage: "increments sequentially").
        intended_at: when it was last about to be sent, in seconds since 1970.
    """

    image_id: int | None
    image_file: str
    newest_id: int
    intended_at: float


class Journal:
    """The journal of one store, held by one process at a time.

    Args:
        folder: the results folder, which must exist.
        store: which store the entries belong to.

    Raises:
        ResultsError: another import holds it, it is from a newer version, or it cannot be read or written.
    """

    def __init__(self, folder: Path, store: str) -> None:
        self._store = store
        self._path = folder / JOURNAL_NAME
        try:
            self._database = sqlite3.connect(self._path, timeout=0, isolation_level=None)
        except sqlite3.Error as error:
            raise ResultsError(f"The journal {self._path} cannot be opened: {error}.") from None
        try:
            self._prepare()
        except sqlite3.Error as error:
            self._database.close()
            raise self._unusable(error) from None
        except ResultsError:
            self._database.close()
            raise

    def _prepare(self) -> None:
        run = self._database.execute
        # Held until the process ends, however it ends: a second importer would send the same pictures again.
        run("PRAGMA locking_mode = EXCLUSIVE")
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = FULL")
        run("BEGIN IMMEDIATE")
        version = int(run("PRAGMA user_version").fetchone()[0])
        if version > _VERSION:
            raise ResultsError(
                f"The journal {self._path} was written by a newer version of this tool. Update the tool, or choose "
                "another folder with --results."
            )
        run(_SCHEMA)
        run(f"PRAGMA user_version = {_VERSION}")
        run("COMMIT")

    def _unusable(self, error: sqlite3.Error) -> ResultsError:
        if "locked" in str(error):
            return ResultsError(
                f"Another import is using {self._path.parent} at this moment. Wait for it to end, or choose another "
                "folder with --results."
            )
        return ResultsError(
            f"The journal {self._path} cannot be used: {error}. If the file is damaged, move it away; pictures that "
            "are in the store already will then be recognised by their file names only."
        )

    def entries(self, product_id: int) -> dict[str, Entry]:
        """The records of one product, by address."""
        with self._writing():
            found = self._database.execute(
                "SELECT url, image_id, image_file, newest_id, intended_at FROM picture "
                "WHERE store = ? AND product_id = ?",
                (self._store, product_id),
            )
            return {url: Entry(*rest) for url, *rest in found}

    def intend(self, product_id: int, url: str, newest_id: int) -> float:
        """Record that a picture is about to be sent; returns the time recorded."""
        now = time.time()
        self._write(
            "INSERT INTO picture (store, product_id, url, newest_id, intended_at) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET image_id = NULL, newest_id = excluded.newest_id, "
            "intended_at = excluded.intended_at",
            (self._store, product_id, url, newest_id, now),
        )
        return now

    def stored(self, product_id: int, url: str, image: StoreImage) -> None:
        """Record that the store has the picture."""
        self._write(
            "UPDATE picture SET image_id = ?, image_file = ? WHERE store = ? AND product_id = ? AND url = ?",
            (image.id, image.image_file, self._store, product_id, url),
        )

    def forget(self, product_id: int, url: str) -> None:
        """Record that the store certainly does not have the picture."""
        self._write(
            "DELETE FROM picture WHERE store = ? AND product_id = ? AND url = ?", (self._store, product_id, url)
        )

    def close(self) -> None:
        """Let another process have the journal."""
        self._database.close()

    def _write(self, statement: str, values: tuple[str | int | float | None, ...]) -> None:
        with self._writing():
            self._database.execute(statement, values)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise JournalLostError(
                f"The journal {self._path} cannot be written any more ({error}), so nothing more was sent. "
                "Make room on the disk and run the same command again."
            ) from None
