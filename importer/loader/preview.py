"""What was understood of a file, summed up row by row: of a million rows, only what makes repeats known is kept."""

from collections import Counter
from itertools import chain
from pathlib import Path

from importer.loaded import Preview, RowProblems
from importer.loader.file import reading
from importer.loader.rows import Repeats
from importer.models import ImageRow, ProblemCode, RejectedRow, SkippedRow
from importer.settings import LoaderSettings

_FIRST_IMAGES = 10
_FIRST_PROBLEMS = 8


def preview(path: Path, settings: LoaderSettings | None = None) -> Preview:
    """Read a spreadsheet and keep its sums and its first rows only.

    Raises:
        FileError: the file cannot be read, has no usable columns, or has no data rows.
        UsageError: a setting does not fit the file.
    """
    first: list[ImageRow] = []
    images = 0
    repeats = Repeats(products=set())
    counts: Counter[ProblemCode] = Counter()
    examples: dict[ProblemCode, list[RejectedRow]] = {}
    skipped: Counter[str] = Counter()
    with reading(path, settings or LoaderSettings(), repeats) as file:
        for row in chain.from_iterable(file.rows):
            if isinstance(row, ImageRow):
                images += 1
                if len(first) < _FIRST_IMAGES:
                    first.append(row)
            elif isinstance(row, SkippedRow):
                skipped[row.reason] += 1
            else:
                counts[row.problem.code] += 1
                shown = examples.setdefault(row.problem.code, [])
                if len(shown) < _FIRST_PROBLEMS:
                    shown.append(row)
        return Preview(
            facts=file.facts,
            sheets=tuple(file.sheets),
            notes=tuple(file.notes),
            rows=sum(sheet.rows for sheet in file.sheets),
            images=images,
            products=len(repeats.products or ()),
            first=tuple(first),
            problems=tuple(RowProblems(code, count, tuple(examples[code])) for code, count in counts.most_common()),
            skipped=dict(skipped.most_common()),
        )
