"""The journal that an undo works by, or where it may be instead."""

import csv
from collections.abc import Iterator
from pathlib import Path

from importer.errors import ResultsError
from importer.models import ImageRow
from importer.pipeline.journals import fingerprint
from importer.settings import StoreSettings
from importer.uploader import JOURNAL_NAME, Journal, plans_of, recorded_stores

_MOST_LOOKED_AT = 1_000
_MOST_NAMED = 5


def undo_journal(folder: Path, store: StoreSettings) -> Journal:
    """The open journal of a results folder.

    Args:
        folder: the results folder of the import.
        store: the store that the import went to.

    Raises:
        ResultsError: the folder has no journal of this store, or it cannot be used.
    """
    _expect_journal(folder, store)
    return Journal(folder, store.identity, elsewhere="")


def _expect_journal(folder: Path, store: StoreSettings) -> None:
    if not folder.exists():
        raise ResultsError(f"There is no folder {folder}. Name the results folder of the import, where its report is.")
    if not folder.is_dir():
        raise ResultsError(f"{folder} is a file. Name the results folder of the import, where its report is.")
    journal = folder / JOURNAL_NAME
    if not journal.is_file():
        raise ResultsError(_without_journal(folder, store.identity))
    # SQLite takes it for a database without a record, of which nothing would be left to undo.
    if journal.stat().st_size == 0:
        raise ResultsError(
            f"The journal {journal} is empty and does not tell what the import has added. Put a copy of it back from a "
            "backup, or delete the pictures in the control panel: the report in this folder lists them."
        )
    stores = recorded_stores(folder)
    if stores and store.identity not in stores:
        raise ResultsError(
            f"The import in {folder} went to {' and '.join(stores)}, but your settings name {store.identity}. "
            "Use the credentials of the store that the import went to."
        )


def _without_journal(folder: Path, store: str) -> str:
    """What to say of a folder without a journal: an import that was renamed has its journal in a folder beside it."""
    imports, near = _imports_of(folder), _plans_near(folder, store)
    for path, plans in near.items():
        if plans & imports:
            return (
                f"The folder {folder} has no journal of its own: the same import was run before under another name, "
                f"and what it added is recorded in {path}. Name that folder instead."
            )
    words = (
        f"The folder {folder} has no journal ({JOURNAL_NAME}), so no import into a store is recorded in it. Name "
        "the results folder of the import. A check and a rehearsal with --sandbox leave nothing to undo."
    )
    if not near:
        return words
    named = ", ".join(str(path) for path in [*near][:_MOST_NAMED])
    more = f" and {len(near) - _MOST_NAMED:,} more" if len(near) > _MOST_NAMED else ""
    return f"{words} Folders beside it with a journal of this store: {named}{more}."


def _plans_near(folder: Path, store: str) -> dict[Path, frozenset[str]]:
    """The folders beside this one that have a journal of the store, with the imports in it; none where it is in use."""
    beside = (folder if folder.name not in {"", ".."} else folder.resolve()).parent
    found: dict[Path, frozenset[str]] = {}
    try:
        paths = sorted(beside.glob(f"*/{JOURNAL_NAME}"))[:_MOST_LOOKED_AT]
    except OSError:
        return found
    for path in paths:
        try:
            plans = plans_of(path.parent, store)
        except ResultsError:  # an import is using it
            found[path.parent] = frozenset()
        else:
            if plans:
                found[path.parent] = plans
    return found


def _imports_of(folder: Path) -> set[str]:
    """The fingerprints that the import of a report may have.

    A report tells each product's id, but not whether the import's file named the product by it or by its SKU.
    """
    try:
        with (folder / "results.csv").open(encoding="utf-8-sig", newline="") as file:
            lines = [line for line in csv.DictReader(file) if line.get("sent_url")]
    except (OSError, ValueError, csv.Error):
        return set()
    return {fingerprint(_rows(lines, by_id=True)), fingerprint(_rows(lines, by_id=False))} if lines else set()


def _rows(lines: list[dict[str, str]], *, by_id: bool) -> Iterator[ImageRow]:
    for number, line in enumerate(lines, start=2):
        sku, url, product_id = line.get("sku") or "", line["sent_url"], line.get("product_id") or ""
        takes_id = product_id.isdecimal() and (by_id or not sku)
        yield ImageRow("", number, int(product_id) if takes_id else None, sku, url, url)
