"""One report over all rounds: what was mended in the results of an earlier run takes the place of its lines there."""

from collections import deque
from collections.abc import Container, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from importer.errors import FileError
from importer.loaded import LoadedFile
from importer.loader import read_results
from importer.models import Outcome, ProblemCode, Status
from importer.report import ReportFiles
from importer.uploader import JOURNAL_NAME

_OPEN = frozenset({Status.REJECTED, Status.FAILED, Status.UNSENT, Status.OK})


def is_results(file: Path, loaded: LoadedFile) -> bool:
    """Whether the file is the report of an earlier run under its own name, in whatever form it was saved again."""
    return loaded.layout == "results" and file.stem.casefold() == "results"


def earlier_outcomes(file: Path, loaded: LoadedFile, folder: Path, *, sandbox: bool) -> tuple[Outcome, ...]:
    """The lines of the report that this run carries on; none where it begins one of its own.

    Args:
        file: the spreadsheet.
        loaded: its rows.
        folder: where the report of this run goes.
        sandbox: whether this is a rehearsal: what one has sent is in no real store, and the other way round.
    """
    path = ReportFiles.of(folder).csv
    if not is_results(file, loaded) or folder.resolve() != file.parent.resolve() or not path.is_file():
        return ()
    try:
        earlier = read_results(path)
    except FileError:
        # The rows of this run are told all the same.
        return ()
    rehearsed = any(one.receipt is not None and one.receipt.request_id.startswith("sandbox-") for one in earlier)
    # A rehearsal leaves no journal; a pretend store that goes on living does, as any other.
    rehearsed = rehearsed and not (folder / JOURNAL_NAME).exists()
    return earlier if rehearsed == sandbox else ()


def carried_on(outcomes: Sequence[Outcome], earlier: Sequence[Outcome]) -> tuple[Outcome, ...]:
    """The earlier lines in their order, with the outcomes of this run in the place of those that they are about.

    A line is known by its sheet and row and, where a row names several pictures, by its address; one whose address was
    mended by being the next one that was left there. Where the person has deleted the columns that tell the place, it
    is known by its product instead. What this run left out, and what it does not tell of, stands as it was.
    """
    if not earlier:
        return tuple(outcomes)
    places = {_place(line) for line in earlier}
    placed = any(_place(one) in places for one in outcomes)
    taken: dict[int, Outcome] = {}
    rest = list(outcomes)
    for same, to_mend in _SAME if placed else _SAME_WITHOUT_PLACES:
        free: dict[object, deque[int]] = {}
        for at, line in enumerate(earlier):
            if at not in taken and (not to_mend or _is_open(line)):
                for key in same(line):
                    free.setdefault(key, deque()).append(at)
        left = []
        for one in rest:
            found = _next([free[key] for key in same(one) if key in free], taken)
            if found is None:
                left.append(one)
            else:
                taken[found] = one
        rest = left
    whole: dict[int, list[Outcome]] = {}
    end = len(earlier)
    last = {_place(line): at for at, line in enumerate(earlier)}
    for one in rest:
        if one.status is not Status.SKIPPED or _place(one) not in places:
            whole.setdefault(last.get(_place(one), end), []).append(one)
    told: list[Outcome] = []
    for at, line in enumerate(earlier):
        new = taken.get(at, line)
        told += [line if new.status is Status.SKIPPED else _told_at(line, new), *whole.get(at, [])]
    return (*told, *whole.get(end, []))


def _told_at(line: Outcome, new: Outcome) -> Outcome:
    """The outcome under the row of the first file, which it may have lost together with the columns that tell it."""
    if _place(new) == _place(line):
        return new
    return replace(new, source=replace(new.source, sheet=line.source.sheet, row=line.source.row))


def _next(places: Iterable[deque[int]], taken: Container[int]) -> int | None:
    """The first of the earlier lines that no other outcome has taken."""
    for lines in places:
        while lines:
            at = lines.popleft()
            if at not in taken:
                return at
    return None


def _place(line: Outcome) -> tuple[str, int]:
    return line.source.sheet, line.source.row


def _at_place(line: Outcome) -> list[object]:
    return [_place(line)]


def _at_place_with_address(line: Outcome) -> list[object]:
    return [(_place(line), line.source.image_url)]


def _of_product(line: Outcome) -> list[object]:
    """Its product, as its id and as its SKU: results tell the id of a row that named the SKU alone."""
    ids = (line.source.product_id or line.product_id, line.source.sku)
    return [(name, str(value).casefold()) for name, value in zip(("id", "sku"), ids, strict=True) if value]


def _of_product_with_address(line: Outcome) -> list[object]:
    return [(product, line.source.image_url) for product in _of_product(line)]


def _with_address(line: Outcome) -> list[object]:
    return [line.source.image_url]


_SAME = ((_at_place_with_address, False), (_at_place, True))
_SAME_WITHOUT_PLACES = (
    (_of_product_with_address, True),
    (_of_product_with_address, False),
    (_with_address, True),
    (_of_product, True),
)
"""By what a line is found again, the surest first, and whether only lines that were to be mended count."""


def _is_open(line: Outcome) -> bool:
    repeats = line.problem is not None and line.problem.code is ProblemCode.URL_DUPLICATE
    return line.status in _OPEN and not repeats
