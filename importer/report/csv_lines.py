"""CSV files: `results.csv` with every outcome in full, and other lists, for scripts and any spreadsheet program."""

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from io import StringIO
from itertools import islice
from typing import BinaryIO

from importer.models import Outcome
from importer.report.columns import NUMERIC_COLUMNS, RESULT_COLUMNS, Cell, result_cells
from importer.report.guard import csv_cell, harmless
from importer.report.rendering import Watch, ignored, told

_RECORDS_AT_A_TIME = 1_000


def csv_lines(outcomes: Sequence[Outcome], watch: Watch = ignored) -> Iterator[str]:
    r"""The header and one record per outcome in the given order, each ended by `\r\n` (RFC 4180), many at a time."""
    return _records(RESULT_COLUMNS, told(map(result_cells, outcomes), watch), NUMERIC_COLUMNS)


def write_csv(outcomes: Sequence[Outcome], stream: BinaryIO, watch: Watch = ignored) -> None:
    """The whole file as UTF-8 with a byte order mark, without which Excel garbles every accent."""
    _write(csv_lines(outcomes, watch), stream)


def write_csv_list(columns: Sequence[str], lines: Iterable[Mapping[str, Cell]], stream: BinaryIO) -> None:
    """A file of the same form with the given columns; what a line has besides them is left out."""
    _write(_records(columns, ([line[name] for name in columns] for line in lines)), stream)


def _records(columns: Sequence[str], lines: Iterable[Sequence[Cell]], numeric: Collection[str] = ()) -> Iterator[str]:
    buffer = StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerow(columns)
    # Quotes around every text keep it in one piece where commas and semicolons both part cells (LibreOffice's dialog).
    writer = csv.writer(buffer, lineterminator="\r\n", quoting=csv.QUOTE_NONNUMERIC)
    rest = iter(lines)
    while some := list(islice(rest, _RECORDS_AT_A_TIME)):
        # Column by column: a look at all texts of one at once tells whether any has to be looked at by itself.
        cells = (
            _guarded(column, numeric=name in numeric)
            for name, column in zip(columns, zip(*some, strict=True), strict=True)
        )
        writer.writerows(zip(*cells, strict=True))
        yield _take(buffer)
    yield _take(buffer)


def _guarded(column: Sequence[Cell], *, numeric: bool) -> Sequence[Cell]:
    texts = [cell for cell in column if isinstance(cell, str)]
    return column if harmless(texts) else [csv_cell(cell, numeric=numeric) for cell in column]


def _write(records: Iterable[str], stream: BinaryIO) -> None:
    stream.write(b"\xef\xbb\xbf")
    stream.writelines(record.encode("utf-8") for record in records)


def _take(buffer: StringIO) -> str:
    """What the buffer holds; the buffer is empty afterwards."""
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
