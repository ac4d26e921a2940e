"""The journal's tables, and the way from every earlier version of them to today's."""

import sqlite3

from importer.uploader.checksums import add_checksums

# `intended_at`, in seconds since 1970, tells which of two journals knows the latest of a picture.
_TO_1 = (
    """
    CREATE TABLE picture (
        store TEXT NOT NULL,
        product_id INTEGER NOT NULL,
        url TEXT NOT NULL,
        image_id INTEGER,
        image_file TEXT NOT NULL DEFAULT '',
        newest_id INTEGER NOT NULL,
        intended_at REAL NOT NULL,
        PRIMARY KEY (store, product_id, url)
    ) WITHOUT ROWID
    """,
)
_TO_2 = (
    "ALTER TABLE picture ADD COLUMN description TEXT NOT NULL DEFAULT ''",
    """
    CREATE TABLE product (
        store TEXT NOT NULL,
        product_id INTEGER NOT NULL,
        thumbnail_id INTEGER,
        settled INTEGER NOT NULL,
        old_taken INTEGER NOT NULL,
        PRIMARY KEY (store, product_id)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE old_picture (
        store TEXT NOT NULL,
        product_id INTEGER NOT NULL,
        image_id INTEGER NOT NULL,
        PRIMARY KEY (store, product_id, image_id)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE variant (
        store TEXT NOT NULL,
        variant_id INTEGER NOT NULL,
        product_id INTEGER NOT NULL,
        url TEXT NOT NULL,
        image_url TEXT NOT NULL DEFAULT '',
        image_url_before TEXT NOT NULL,
        PRIMARY KEY (store, variant_id)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX variant_of_product ON variant (store, product_id)",
    "CREATE TABLE plan (store TEXT NOT NULL, plan TEXT NOT NULL, PRIMARY KEY (store, plan)) WITHOUT ROWID",
    # Version 1 never read an order back and never deleted a picture: there is nothing of either to take up again.
    "INSERT INTO product SELECT DISTINCT store, product_id, NULL, 1, 0 FROM picture",
)
_TO_3 = ("ALTER TABLE product ADD COLUMN asked TEXT NOT NULL DEFAULT ''",)
_TO_4 = (
    "ALTER TABLE picture ADD COLUMN sort_order INTEGER",
    # An earlier version kept no word on how it came to know a picture.
    "ALTER TABLE picture ADD COLUMN proven INTEGER NOT NULL DEFAULT 1",
    "ALTER TABLE picture ADD COLUMN doubted INTEGER NOT NULL DEFAULT 0",
)
_STEPS = (_TO_1, _TO_2, _TO_3, _TO_4)
VERSION = len(_STEPS)


class NewerVersionError(Exception):
    """The file was written by a later version of this tool."""


def prepare(database: sqlite3.Connection) -> None:
    """Bring the tables to today's version, in one transaction: all of it or nothing.

    Args:
        database: a connection without an open transaction, after `register`; an empty file has version 0.

    Raises:
        NewerVersionError: the file is from a later version; nothing was changed.
        sqlite3.Error: the file cannot be read or written.
    """
    run = database.execute
    run("BEGIN IMMEDIATE")
    version = int(run("PRAGMA user_version").fetchone()[0])
    if version > VERSION:
        raise NewerVersionError
    for step in _STEPS[version:]:
        for statement in step:
            run(statement)
    if version < VERSION:
        add_checksums(database)
    run(f"PRAGMA user_version = {VERSION}")
    run("COMMIT")
