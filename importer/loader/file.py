"""From a path to rows: every sheet that has usable columns, every data row accounted for."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

from importer.errors import FileError, UsageError
from importer.loaded import FileFacts, LoadedFile, Sheet
from importer.loader.confidential import refuse_credentials
from importer.loader.damage import damage_of
from importer.loader.data_rows import DataRows
from importer.loader.header_search import Understood, understand
from importer.loader.headers import says_bigcommerce
from importer.loader.identity import ShownRows
from importer.loader.layouts import PLAIN, Layout
from importer.loader.layouts.batches import batches
from importer.loader.layouts.results import Results, is_to_fix
from importer.loader.opencart import Joined, joined
from importer.loader.results_workbook import SheetSeen, chosen_sheets
from importer.loader.rows import Repeats, RowReader
from importer.loader.shared_keys import shared_keys
from importer.loader.shortfall import Shortfall
from importer.loader.sources import Source, open_source
from importer.loader.tables import Table
from importer.models import LoadedRow
from importer.settings import LoaderSettings


@dataclass(slots=True)
class Reading:
    """A spreadsheet while its rows are taken, some at a time.

    Attributes:
        facts: how it was read.
        rows: what its rows ask for; a row that names several pictures asks for each.
        repeats: what was asked for so far.
        passed: rows of the file so far that are not blank.
        sheets: whole once all rows are taken, as the notes are.
        notes: what the person should know.
        variants_left: as in `LoadedFile`.
    """

    facts: FileFacts
    rows: Iterator[list[LoadedRow]]
    repeats: Repeats
    passed: int = 0
    sheets: list[Sheet] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    variants_left: int = 0


def load(
    path: Path, settings: LoaderSettings | None = None, *, watch: Callable[[int], None] = lambda _: None
) -> LoadedFile:
    """Read a CSV file, a workbook, an HTML table, or an archive of one of these.

    Args:
        path: the spreadsheet.
        settings: how to read it; what is not set is found out from the file.
        watch: told now and then how many more rows of the file have been read, blank ones aside.

    Raises:
        FileError: the file cannot be read, has no usable columns, or has no data rows.
        UsageError: a setting does not fit the file.
    """
    with reading(path, settings or LoaderSettings()) as file:
        rows: list[LoadedRow] = []
        told = 0
        for some in chain(file.rows, [[]]):
            rows += some
            watch(file.passed - told)
            told = file.passed
        return LoadedFile(file.facts, tuple(file.sheets), tuple(rows), tuple(file.notes), file.variants_left)


@contextmanager
def reading(path: Path, settings: LoaderSettings, repeats: Repeats | None = None) -> Iterator[Reading]:
    """Open a spreadsheet; its rows can be taken as long as the block lasts.

    Args:
        path: the spreadsheet.
        settings: how to read it.
        repeats: remembers what was asked for, where somebody wants to look at that afterwards.

    Raises:
        FileError: here or while rows are taken, as `load` does.
        UsageError: a setting does not fit the file.
    """
    with _no_collection(), open_source(path, settings) as source:
        file = Reading(source.facts, iter(()), repeats or Repeats(), notes=list(source.notes))
        file.rows = _rows(path, settings, source, file)
        yield file


@contextmanager
def _no_collection() -> Iterator[None]:
    """Hold the garbage collector back: it would go through every row made so far again and again, and find nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            if not gc.get_freeze_count():
                # Freezing and thawing makes the rows old at once; else the next collection would go through them all.
                gc.freeze()
                gc.unfreeze()
            gc.enable()


def _rows(path: Path, settings: LoaderSettings, source: Source, file: Reading) -> Iterator[list[LoadedRow]]:
    worst = Shortfall()
    empty = True
    refuse_credentials(path, source.tables)
    workbook = Joined(source.tables) if settings.columns or settings.layout else joined(source.tables)
    chosen = chosen_sheets([_seen(table, settings, several=len(source.tables) > 1) for table in workbook.tables])
    file.notes += [*filter(None, [workbook.note]), *chosen.notes]
    shared = shared_keys(
        [
            (table.name, ShownRows(table, found, damage_of(found.columns, file.facts.delimiter, found.width)))
            for table, found, _ in chosen.sheets
            if found is not None
        ]
    )
    for table, found, shortfall in chosen.sheets:
        if found is None:
            if len(source.tables) > 1:
                why = shortfall.about_the_left_out()
                file.notes.append(f"The sheet {table.name!r} has no usable columns and was left out{why}")
            worst = max(worst, shortfall, key=Shortfall.telling)
            continue
        if settings.only and not isinstance(found.layout, Results):
            raise UsageError("--only narrows the results of an earlier run; this file is none.")
        reader = RowReader(table.name, found.columns, settings, found.layout, file.repeats, shared)
        data = DataRows(table, found.row, found.columns)
        before = file.passed
        damage = damage_of(found.columns, file.facts.delimiter, found.width)
        for batch in batches(found.layout, found.columns, data, damage, plain=found.layout is PLAIN):
            empty = False
            file.passed = max(file.passed, before + data.rows)
            yield _in_first_place(reader.read(batch), found.layout)
        file.passed = before + data.rows
        file.variants_left += reader.variants_left
        file.sheets.append(
            Sheet(table.name, found.row, data.rows, found.columns.named(), found.layout.name, found.reason)
        )
        file.notes += [*table.notes, *_about(found)]
    if file.variants_left:
        file.notes.append(_about_variants(file.variants_left))
    if not file.sheets:
        raise worst.error(str(path))
    if empty:
        raise FileError(f"{path} has a header but no rows under it.")


def _in_first_place(rows: list[LoadedRow], layout: Layout) -> list[LoadedRow]:
    """Rows of an earlier run's results with the places that they had in the file of that run, where they are told."""
    if not isinstance(layout, Results):
        return rows
    moved: list[LoadedRow] = []
    for row in rows:
        sheet, number = layout.places.get(row.row, (row.sheet, row.row))
        moved.append(replace(row, sheet=sheet, row=number))
    return moved


def _seen(table: Table, settings: LoaderSettings, *, several: bool) -> SheetSeen:
    shortfall = Shortfall()
    try:
        return SheetSeen(table, understand(table, settings, shortfall), shortfall)
    except FileError as error:
        raise FileError(f"Sheet {table.name!r}: {error}" if several else str(error)) from None


def _about_variants(count: int) -> str:
    named, it = (
        ("1 picture is named for a variant", "it")
        if count == 1
        else (f"{count:,} pictures are named for variants", "them")
    )
    return (
        f"{named} although the product or another variant has {it} already; “importer run” with --variants image sets "
        f"{it} there as well."
    )


def _about(found: Understood) -> Iterator[str]:
    """What the person should know of the layout."""
    layout, columns = found.layout, found.columns
    key = columns.header(columns.product_id)
    if layout.foreign and columns.product_id is None:
        yield (
            f"This is a {layout.title}: its own product ids mean nothing to BigCommerce, so products are matched by "
            f"their SKU alone (the column {columns.header(columns.sku)})."
        )
    elif (layout.foreign or layout is PLAIN) and columns.product_id is not None and not says_bigcommerce(key):
        yield (
            f"The column {key} is taken for BigCommerce's own product ids. If they are "
            'another shop\'s, match by SKU instead: --map sku="…".'
        )
    if isinstance(layout, Results) and not is_to_fix(columns):
        yield (
            "These are the results of a rehearsal with the pretend store: nothing of it is in a real store, so every "
            "row is taken."
            if layout.rehearsal
            else "These are results of an earlier run: rows whose picture is in the store are left out."
        )
        yield (
            "Results hold no alt text and no sort order; to keep those, mend the sheet “To fix” of results.xlsx or the "
            "original file instead."
        )
    if found.unread:
        names = ", ".join(found.unread)
        yield f'Addresses of pictures also stand in: {names}. These columns are not read; --map image_url="…" adds one.'
