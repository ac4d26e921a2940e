"""From a path to rows: every sheet that has usable columns, every data row accounted for."""

import gc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

from importer.errors import FileError, UsageError
from importer.loaded import FileFacts, LoadedFile, Sheet, SheetLeftOut
from importer.loader.advice import empty_key
from importer.loader.confidential import refuse_credentials
from importer.loader.damage import damage_of
from importer.loader.data_rows import DataRows
from importer.loader.header_search import Understood, understand
from importer.loader.headers import says_bigcommerce
from importer.loader.hyperlinks import inserted_pictures
from importer.loader.identity import ShownRows
from importer.loader.layouts import PLAIN, Layout
from importer.loader.layouts.batches import batches
from importer.loader.layouts.results import Results, is_to_fix
from importer.loader.opencart import Joined, joined
from importer.loader.results_workbook import FOR_PEOPLE, SheetSeen, chosen_sheets
from importer.loader.rows import Repeats, RowReader
from importer.loader.shared_keys import SharedKeys, shared_keys
from importer.loader.shortfall import Shortfall
from importer.loader.sources import Source, open_source
from importer.loader.stray_addresses import StrayAddresses
from importer.loader.tables import NOT_NAMED, Table
from importer.models import ImageRow, LoadedRow, ProblemCode, RejectedRow
from importer.settings import LoaderSettings

_NOT_CHOSEN = "was left out, because the rows of an earlier run are read."
_MOST_HINTS = 5
_MOST_NAMED = 50


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
        left_out: the sheets that are not read.
    """

    facts: FileFacts
    rows: Iterator[list[LoadedRow]]
    repeats: Repeats
    passed: int = 0
    sheets: list[Sheet] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    variants_left: int = 0
    left_out: list[SheetLeftOut] = field(default_factory=list)


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
        notes, left_out = tuple(file.notes), tuple(file.left_out)
        return LoadedFile(file.facts, tuple(file.sheets), tuple(rows), notes, file.variants_left, left_out)


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
        file = Reading(source.facts, iter(()), repeats or Repeats(), left_out=list(source.left_out))
        file.notes += _about_left_out(source.left_out)
        file.rows = _rows(path, settings, source, file)
        yield file


def _about_left_out(sheets: Sequence[SheetLeftOut]) -> Iterator[str]:
    """One sentence for all sheets that `--sheet` leaves out, and one for each other."""
    others = [repr(sheet.name) for sheet in sheets if sheet.reason == NOT_NAMED]
    if others:
        more = f" and {len(others) - _MOST_NAMED:,} more" if len(others) > _MOST_NAMED else ""
        yield f"Left out, because --sheet names another sheet: {', '.join(others[:_MOST_NAMED])}{more}."
    yield from (sheet.sentence for sheet in sheets if sheet.reason != NOT_NAMED)


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
    shortfalls: list[Shortfall] = []
    empty = True
    refuse_credentials(path, source.tables)
    workbook = Joined(source.tables) if settings.columns or settings.layout else joined(source.tables)
    seen = [_seen(table, settings, several=len(source.tables) > 1) for table in workbook.tables]
    chosen = chosen_sheets(seen)
    file.notes += [*filter(None, [workbook.note]), *chosen.notes]
    read = {table.name for table, _, _ in chosen.sheets}
    for table, found, _ in seen:
        if table.name not in read:
            # A sheet that this tool wrote itself needs no word: it says nothing that the others do not.
            of_ours = table.name in FOR_PEOPLE or (found is not None and isinstance(found.layout, Results))
            _leave_out(file, SheetLeftOut(table.name, _NOT_CHOSEN), say=not of_ours)
    shared = _shared(chosen.sheets, file)
    for table, found, shortfall in chosen.sheets:
        if found is None:
            if len(source.tables) > 1:
                _leave_out(file, SheetLeftOut(table.name, _why(table, shortfall, hint=len(shortfalls) < _MOST_HINTS)))
            shortfalls.append(shortfall)
            continue
        if settings.only and not isinstance(found.layout, Results):
            raise UsageError("--only narrows the results of an earlier run; this file is none.")
        reader = RowReader(table.name, found.columns, settings, found.layout, file.repeats, shared)
        strays = _strays(table, found, file.facts)
        data = DataRows(strays.watched(), found.row, found.columns)
        before = file.passed
        lacking: Counter[ProblemCode] = Counter()
        usable = 0
        damage = damage_of(found.columns, file.facts.delimiter, found.width)
        for batch in batches(found.layout, found.columns, data, damage, plain=found.layout is PLAIN):
            empty = False
            file.passed = max(file.passed, before + data.rows)
            rows = reader.read(batch)
            lacking.update(row.problem.code for row in rows if isinstance(row, RejectedRow))
            usable += sum(isinstance(row, ImageRow) for row in rows)
            yield _in_first_place(rows, found.layout)
        file.passed = before + data.rows
        file.variants_left += reader.variants_left
        file.sheets.append(
            Sheet(table.name, found.row, data.rows, found.columns.named(), found.layout.name, found.reason)
        )
        file.notes[:0] = _at_the_top(table, found, source, lacking, usable)
        file.notes += [*table.notes, *_about(found)]
        if not isinstance(found.layout, Results):
            named = table.name if len(source.tables) + len(source.left_out) > 1 else ""
            file.notes += strays.notes(sheet=named, plain=found.layout is PLAIN)
    if file.variants_left:
        file.notes.append(_about_variants(file.variants_left))
    if not file.sheets:
        worst = max(shortfalls, key=Shortfall.telling, default=Shortfall())
        raise _with_pictures(worst.error(str(path)), source)
    if empty:
        raise FileError(f"{path} has a header but no rows under it.")


def _shared(sheets: Sequence[SheetSeen], file: Reading) -> SharedKeys:
    """The keys that several products of the file share; what is only doubtful is remarked."""
    shared = shared_keys(
        [
            (table.name, ShownRows(table, found, damage_of(found.columns, file.facts.delimiter, found.width)))
            for table, found, _ in sheets
            if found is not None
        ]
    )
    file.notes += filter(None, [shared.remark])
    return shared


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


def _leave_out(file: Reading, sheet: SheetLeftOut, *, say: bool = True) -> None:
    file.left_out.append(sheet)
    if say:
        file.notes.append(sheet.sentence)


def _why(table: Table, shortfall: Shortfall, *, hint: bool) -> str:
    """Why a sheet without usable columns is left out; what may be wrong with it is looked for on a few sheets only."""
    about = shortfall.about_the_left_out() if hint else "."
    if about == "." and (count := StrayAddresses(table).read().count):
        about = f", with {count:,} address{'es' * (count > 1)} on it."
    return f"has no usable columns and was left out{about}"


def _at_the_top(
    table: Table, found: Understood, source: Source, lacking: Counter[ProblemCode], usable: int
) -> Iterator[str]:
    """What is wrong with most rows alike, said once."""
    on = f"On the sheet {table.name!r}, " if len(source.tables) > 1 else ""
    missing = lacking[ProblemCode.PRODUCT_MISSING]
    # Another shop's export leaves the SKU out on purpose where a row belongs to the product above it.
    if missing and not (found.layout.foreign and missing < usable):
        advice = empty_key(table, found.row, found.columns, foreign=found.layout.foreign)
        yield from [on + advice] * bool(advice)
    if lacking[ProblemCode.URL_MISSING] and (count := inserted_pictures(source.unpacked, table.name)):
        yield _inserted(table.name, count)


def _inserted(sheet: str, count: int) -> str:
    pictures = "1 picture that was" if count == 1 else f"{count:,} pictures that were"
    return (
        f"The sheet {sheet!r} holds {pictures} inserted into it. The store fetches pictures by their addresses and "
        "cannot take these: put them online and write their addresses into the cells."
    )


def _with_pictures(error: FileError, source: Source) -> FileError:
    """The same, and which sheets hold pictures instead of addresses."""
    found = {table.name: inserted_pictures(source.unpacked, table.name) for table in source.tables if table.name}
    said = [_inserted(name, count) for name, count in found.items() if count]
    return FileError(" ".join([str(error), *said])) if said else error


def _strays(table: Table, found: Understood, facts: FileFacts) -> StrayAddresses:
    # In a text file, a row that is wider than the header is a problem as a whole.
    return StrayAddresses(table, found.row, found.columns, found.width if facts.delimiter else None)


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
