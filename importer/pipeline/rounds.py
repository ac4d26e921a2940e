"""One report over all rounds: what was mended in the results of an earlier run takes the place of its lines there."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from importer.errors import FileError
from importer.loaded import LoadedFile
from importer.loader import read_results
from importer.models import Outcome, ProblemCode, Status
from importer.report import ReportFiles
from importer.uploader import JOURNAL_NAME

_OPEN = frozenset({Status.REJECTED, Status.FAILED, Status.UNSENT, Status.OK})


def is_results(file: Path, loaded: LoadedFile) -> bool:
    """Whether the file is the report of an earlier run, in its place and under its own name."""
    return loaded.layout == "results" and file.name.casefold() in {"results.csv", "results.xlsx"}


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
    mended by being the next one that was left. What this run left out stands as it was.
    """
    if not earlier:
        return tuple(outcomes)
    before, now = _by_place(earlier), _by_place(outcomes)
    if not before.keys() & now.keys():
        # The person has deleted the columns that tell; the sheet to mend holds all that was left.
        return (*(line for line in earlier if not _is_open(line)), *outcomes)
    whole: list[Outcome] = []
    for place, lines in before.items():
        news = [one for one in now.pop(place, []) if one.status is not Status.SKIPPED]
        same = {line.source.image_url: line for line in reversed(lines)}
        found = {id(same[one.source.image_url]): one for one in reversed(news) if one.source.image_url in same}
        taken = {id(one) for one in found.values()}
        left = iter([one for one in news if id(one) not in taken])
        whole += [found.get(id(line)) or (_is_open(line) and next(left, None)) or line for line in lines]
        whole += left
    return (*whole, *(one for lines in now.values() for one in lines))


def _is_open(line: Outcome) -> bool:
    repeats = line.problem is not None and line.problem.code is ProblemCode.URL_DUPLICATE
    return line.status in _OPEN and not repeats


def _by_place(outcomes: Iterable[Outcome]) -> dict[tuple[str, int], list[Outcome]]:
    places: dict[tuple[str, int], list[Outcome]] = {}
    for one in outcomes:
        places.setdefault((one.source.sheet, one.source.row), []).append(one)
    return places
