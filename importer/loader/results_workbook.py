"""Which sheets of a workbook are read: all that have usable columns, but of an earlier run's results only one kind."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from importer.loader.data_rows import DataRows
from importer.loader.header_search import Understood
from importer.loader.layouts import is_blank
from importer.loader.layouts.results import Results, is_to_fix, request_ids
from importer.loader.shortfall import Shortfall
from importer.loader.tables import Table, numbered

_TO_FIX = "To fix"
FOR_PEOPLE = frozenset({"Summary", "Hosts"})
"""Sheets that this tool writes beside those; they hold no rows to import."""


class SheetSeen(NamedTuple):
    """A sheet, and its header as understood, or what was missing."""

    table: Table
    found: Understood | None
    shortfall: Shortfall


@dataclass(frozen=True, slots=True)
class Chosen:
    """The sheets of a workbook that matter.

    Attributes:
        sheets: those to read, and those that nobody expected to be left unread.
        notes: what the person should know of the choice, as sentences.
    """

    sheets: Sequence[SheetSeen]
    notes: tuple[str, ...] = ()


def chosen_sheets(seen: Sequence[SheetSeen]) -> Chosen:
    """All sheets; of a workbook of results without those for people, and the rows to mend alone where there are any."""
    results = [sheet for sheet in seen if sheet.found is not None and isinstance(sheet.found.layout, Results)]
    if not results:
        return Chosen(seen)
    to_fix = [sheet for sheet in seen if _holds_rows_to_fix(sheet)]
    complete = [_by_its_text(sheet) for sheet in results if sheet not in to_fix]
    left = [sheet for sheet in to_fix if not _is_empty(sheet)]
    if left and complete:
        return Chosen(left, tuple(_about(left, complete)))
    if complete:
        others = [sheet for sheet in seen if sheet.found is None or not isinstance(sheet.found.layout, Results)]
        others = [sheet for sheet in others if sheet not in to_fix and sheet.table.name not in FOR_PEOPLE]
        notes = (f"The sheet “{_TO_FIX}” holds no rows, so all results are read.",) if to_fix else ()
        return Chosen([*complete, *others], notes)
    return Chosen([sheet for sheet in seen if sheet.found is not None or sheet.table.name not in FOR_PEOPLE])


def _holds_rows_to_fix(sheet: SheetSeen) -> bool:
    # By its name as well: a person may delete the columns beside the template's, which are of no use to them.
    return sheet.found is not None and (is_to_fix(sheet.found.columns) or sheet.table.name.startswith(_TO_FIX))


def _rows(sheet: SheetSeen) -> Iterator[tuple[int, list[str]]]:
    return numbered(DataRows(sheet.table, sheet.found.row, sheet.found.columns)) if sheet.found else iter(())


def _is_empty(sheet: SheetSeen) -> bool:
    return all(is_blank(cells) for _, cells in _rows(sheet))


def _by_its_text(sheet: SheetSeen) -> SheetSeen:
    """The sheet without its links: who mends an address types over it, and the old link stays behind the new text."""
    return sheet._replace(table=replace(sheet.table, links={}))


def _about(left: Iterable[SheetSeen], complete: Sequence[SheetSeen]) -> Iterator[str]:
    read = " and ".join(f"“{sheet.table.name}”" for sheet in left)
    name = complete[0].table.name
    flag = f'--sheet "{name}"' if " " in name else f"--sheet {name}"
    yield (
        f"Only the sheet {read} is read, which holds the rows of the earlier run that did not make it. To read the "
        f"sheet “{name}” instead, add {flag}."
    )
    sent = (number for sheet in complete if sheet.found for number in request_ids(sheet.found.columns, _rows(sheet)))
    if next(sent, "").startswith("sandbox-"):
        yield (
            "That run was a rehearsal with the pretend store, so its other rows are in no real store either: "
            f"{flag} takes them all."
        )
