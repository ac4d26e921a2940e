"""A sum over the records of each table, which the database keeps itself: a record that a bad disk has changed shows.

SQLite's own check (`PRAGMA integrity_check`) sees damage to the structure of a file, but a flipped bit inside an id or
an address leaves a file that is as good as any other.
"""

import hashlib
import sqlite3
from collections.abc import Callable
from functools import cache

_BYTES = 5
"""Of each record's hash: a sum of four million of them still fits into SQLite's 64 bits."""
_TABLE = "CREATE TABLE checksum (of TEXT NOT NULL PRIMARY KEY, sum INTEGER NOT NULL) WITHOUT ROWID"


def register(database: sqlite3.Connection) -> None:
    """Give a connection what it needs before it writes to a journal, or checks one."""
    database.create_function("record_hash", -1, _record_hash, deterministic=True)


def add_checksums(database: sqlite3.Connection) -> None:
    """Have the database keep the sums of all its tables from now on; what it kept before is made anew.

    Args:
        database: a connection with an open transaction, after `register`.
    """
    run = database.execute
    for (trigger,) in run("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        run(f"DROP TRIGGER {trigger}")
    run("DROP TABLE IF EXISTS checksum")
    tables = _tables(database)
    run(_TABLE)
    for table in tables:
        columns = _columns(database, table)
        run(f"INSERT INTO checksum VALUES ('{table}', {_sum(table, columns)})")  # noqa: S608 - names of our own
        new, old = (f"record_hash({', '.join(f'{which}.{name}' for name in columns)})" for which in ("NEW", "OLD"))
        for event, change in (("INSERT", new), ("DELETE", f"-{old}"), ("UPDATE", f"{new} - {old}")):
            run(
                f"CREATE TRIGGER {table}_{event.lower()} AFTER {event} ON {table} BEGIN "  # noqa: S608
                f"UPDATE checksum SET sum = sum + ({change}) WHERE of = '{table}'; END"
            )


def is_intact(database: sqlite3.Connection, prepare: Callable[[sqlite3.Connection], None]) -> bool:
    """Whether the records are those that were written, and the tables those of today's version.

    Args:
        database: a connection to a journal of today's version, after `register`.
        prepare: makes an empty journal of today's version.
    """
    if _schema(database) != _schema_of_today(prepare):
        return False
    kept = dict(database.execute("SELECT of, sum FROM checksum").fetchall())
    tables = _tables(database)
    return kept.keys() == {*tables} and all(
        database.execute(f"SELECT {_sum(table, _columns(database, table))}").fetchone()[0] == kept[table]
        for table in tables
    )


def _record_hash(*values: object) -> int:
    written = repr(values).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(written, digest_size=_BYTES).digest())


def _sum(table: str, columns: list[str]) -> str:
    return f"(SELECT coalesce(sum(record_hash({', '.join(columns)})), 0) FROM {table})"  # noqa: S608 - names of our own


def _tables(database: sqlite3.Connection) -> list[str]:
    names = database.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'checksum' ORDER BY name")
    return [str(name) for (name,) in names]


def _columns(database: sqlite3.Connection, table: str) -> list[str]:
    return [str(column[1]) for column in database.execute(f"PRAGMA table_info({table})")]


@cache
def _schema_of_today(prepare: Callable[[sqlite3.Connection], None]) -> set[tuple[str, str, str]]:
    fresh = sqlite3.connect(":memory:", isolation_level=None)
    try:
        register(fresh)
        prepare(fresh)
        return _schema(fresh)
    finally:
        fresh.close()


def _schema(database: sqlite3.Connection) -> set[tuple[str, str, str]]:
    """What is in the database, as the statements that made it, whatever the spaces in them."""
    found = database.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_schema")
    return {(kind, name, " ".join(sql.split())) for kind, name, sql in found}
