"""CSV files: `results.csv` with every outcome in full, and other lists, for scripts and any spreadsheet program."""

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from io import StringIO
from typing import BinaryIO

from importer.models import Outcome
from importer.report.columns import NUMERIC_COLUMNS, RESULT_COLUMNS, Cell, result_line
from importer.report.guard import csv_cell


def csv_lines(outcomes: Sequence[Outcome]) -> Iterator[str]:
    r"""The header and one record per outcome in the given order, each ended by `\r\n` (RFC 4180)."""
    return _records(RESULT_COLUMNS, map(result_line, outcomes), NUMERIC_COLUMNS)


def write_csv(outcomes: Sequence[Outcome], stream: BinaryIO) -> None:
    """The whole file as UTF-8 with a byte order mark, without which Excel garbles every accent."""
    _write(csv_lines(outcomes), stream)


def write_csv_list(columns: Sequence[str], lines: Iterable[Mapping[str, Cell]], stream: BinaryIO) -> None:
    """A file of the same form with the given columns; what a line has besides them is left out."""
    _write(_records(columns, lines), stream)


def _records(
    columns: Sequence[str], lines: Iterable[Mapping[str, Cell]], numeric: Collection[str] = ()
) -> Iterator[str]:
    buffer = StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(columns)
    for line in lines:
        yield _take(buffer)
        writer.writerow((value := line[name]) and csv_cell(value, numeric=name in numeric) for name in columns)
    yield _take(buffer)


def _write(records: Iterable[str], stream: BinaryIO) -> None:
    stream.write(b"\xef\xbb\xbf")
    stream.writelines(record.encode("utf-8") for record in records)


def _take(buffer: StringIO) -> str:
    """What the buffer holds; the buffer is empty afterwards."""
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
