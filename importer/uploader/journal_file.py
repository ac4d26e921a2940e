"""The journal's file: held by one process, written in transactions, and brought to the disk without blocking anyone.

Statements run at once in an open transaction, so every later read sees them. `commit` and `sync` together are what
SQLite does for a commit with `synchronous = FULL`: "an additional sync operation of the WAL file happens after each
transaction commit" (SQLite documentation, pragma.html). Here that sync is a step of its own, because SQLite would hold
the connection for as long as the disk takes, and whoever reads meanwhile would wait with it.
"""

import errno
import os
import sqlite3
from pathlib import Path

from importer.errors import JournalLostError, ResultsError
from importer.uploader.checksums import is_intact, register
from importer.uploader.schema import NewerVersionError, prepare

Value = str | int | float | None
ELSEWHERE = ", or choose another folder with --results"
"""What else an import may do that cannot use its journal."""
_MOVE_AWAY = (
    "Move it away, or put a copy of it back from a backup; without it, pictures that are in the store already are "
    "recognised by their file names only"
)


class JournalFile:
    """An open journal, locked until it is closed or its process ends, however that ends.

    Args:
        path: the file; its folder must exist.
        elsewhere: the end of a sentence on what to do where it cannot be used; empty for who needs this very journal.

    Raises:
        ResultsError: another process holds it, it is from a newer version, damaged, or cannot be written.
    """

    def __init__(self, path: Path, elsewhere: str = ELSEWHERE) -> None:
        self._path = path
        self._lost = ""
        self._wal: int | None = None
        if _is_missing(path.parent):
            raise ResultsError(f"The journal {path} cannot be opened: there is no folder {path.parent}.")
        try:
            # The connection is used by one thread at a time, but that may be another one than the first.
            self._database = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            raise _unusable(path, error, elsewhere) from None
        try:
            self._prepare(elsewhere)
        except ResultsError:
            self._database.close()
            raise
        except (sqlite3.Error, OSError) as error:
            self._database.close()
            raise _unusable(path, error, elsewhere) from None
        except UnicodeDecodeError:  # SQLite quotes what it cannot read
            self._database.close()
            raise _damaged(path, elsewhere) from None

    def _prepare(self, elsewhere: str) -> None:
        run = self._database.execute
        # A second importer would send the same pictures again. This lock needs no shared memory, which network
        # drives do not have (SQLite documentation, wal.html).
        run("PRAGMA locking_mode = EXCLUSIVE")
        if run("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
            raise sqlite3.OperationalError("this disk does not allow a write-ahead log")
        run("PRAGMA synchronous = NORMAL")
        if run("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
            raise _damaged(self._path, elsewhere)
        register(self._database)
        try:
            prepare(self._database)
        except NewerVersionError:
            raise ResultsError(
                f"The journal {self._path} was written by a newer version of this tool. Update the tool{elsewhere}."
            ) from None
        if not is_intact(self._database, prepare):
            raise _damaged(self._path, elsewhere)
        # SQLite follows links, so the log stands beside the real file.
        real = run("PRAGMA database_list").fetchone()[2]
        self._wal = os.open(f"{real}-wal", os.O_RDWR)

    def read(self, statement: str, values: tuple[Value, ...]) -> list[tuple[Value, ...]]:
        """What is recorded, whether it is on the disk yet or not.

        Raises:
            JournalLostError: the file cannot be read.
        """
        try:
            return self._database.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            self._lose(error)
            raise JournalLostError(self._lost) from None

    def write(self, statement: str, values: tuple[Value, ...]) -> None:
        """Run a statement in the open transaction; once one fails, `check` says so and nothing is committed."""
        try:
            if not self._database.in_transaction:
                self._database.execute("BEGIN")
            self._database.execute(statement, values)
        except sqlite3.Error as error:
            self._lose(error)

    def commit(self) -> None:
        """End the open transaction: what it holds outlives the process, and after `sync` a power cut, too."""
        # After a failure the transaction may hold half of what belongs together: closing takes it back.
        if self._lost or not self._database.in_transaction:
            return
        try:
            self._database.execute("COMMIT")
        except sqlite3.Error as error:
            self._lose(error)

    def sync(self) -> None:
        """Wait until the disk has all that was committed; safe in any thread while others read and write."""
        if self._wal is None or self._lost:
            return
        try:
            _to_disk(self._wal)
        except OSError as error:
            self._lose(error)

    def check(self) -> None:
        """Whether everything could be written so far.

        Raises:
            JournalLostError: something could not.
        """
        if self._lost:
            raise JournalLostError(self._lost)

    def close(self) -> None:
        """Take back what was not committed and let another process have the file."""
        if self._wal is not None:
            os.close(self._wal)
            self._wal = None
        self._database.close()

    def _lose(self, error: sqlite3.Error | OSError) -> None:
        if _is_damaged(error):
            why, then = "the file is damaged", _MOVE_AWAY
        elif _is_full(error):
            why, then = "the disk is full", "Make room on the disk and run the same command again"
        else:
            why, then = str(error), "When the disk can be written again, run the same command again"
        self._lost = (
            self._lost
            or f"The journal {self._path} cannot be written any more ({why}), so nothing more was sent. {then}."
        )


# Windows and macOS have no fdatasync; SQLite, too, uses it where it is there.
_to_disk = getattr(os, "fdatasync", os.fsync)


def _code(error: sqlite3.Error | OSError) -> int:
    """SQLite's primary result code, 0 where the error did not come from SQLite itself (sqlite.org/rescode.html)."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _is_damaged(error: sqlite3.Error | OSError) -> bool:
    return _code(error) in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def _is_full(error: sqlite3.Error | OSError) -> bool:
    return _code(error) == sqlite3.SQLITE_FULL or (isinstance(error, OSError) and error.errno == errno.ENOSPC)


def _is_missing(folder: Path) -> bool:
    try:
        return not folder.is_dir()
    except PermissionError:  # a folder above it is closed to us, which SQLite will say
        return False


def _damaged(path: Path, elsewhere: str) -> ResultsError:
    words = f"The journal {path} cannot be used: the file is damaged."
    if elsewhere:
        return ResultsError(f"{words} {_MOVE_AWAY}.")
    return ResultsError(
        f"{words} Put a copy of it back from a backup, or delete the pictures of the import in the control panel: the "
        "report in this folder lists them."
    )


def _unusable(path: Path, error: sqlite3.Error | OSError, elsewhere: str) -> ResultsError:
    if _code(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return ResultsError(f"Another import is using {path.parent} at this moment. Wait for it to end{elsewhere}.")
    if _is_damaged(error):
        return _damaged(path, elsewhere)
    if _is_full(error):
        return ResultsError(f"The journal {path} cannot be written: the disk is full. Make room{elsewhere}.")
    # On a file that may only be read, SQLite fails to lock and calls that a disk error.
    if _code(error) in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY} or not os.access(path, os.W_OK):
        return ResultsError(
            f"The journal {path} cannot be written: it or its folder is read-only, or not yours to write in. Let "
            f"yourself write there{elsewhere}."
        )
    return ResultsError(f"The journal {path} cannot be used: {error}. Look after the disk{elsewhere}.")
