"""`results.csv`: every outcome in full, for scripts and for any spreadsheet program."""

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import BinaryIO

from importer.models import Outcome
from importer.report.columns import NUMERIC_COLUMNS, RESULT_COLUMNS, result_line
from importer.report.guard import csv_cell


def csv_lines(outcomes: Sequence[Outcome]) -> Iterator[str]:
    r"""The header and one record per outcome in the given order, each ended by `\r\n` (RFC 4180)."""
    buffer = StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(RESULT_COLUMNS)
    for outcome in outcomes:
        yield _take(buffer)
        line = result_line(outcome)
        writer.writerow(csv_cell(line[name], numeric=name in NUMERIC_COLUMNS) for name in RESULT_COLUMNS)
    yield _take(buffer)


def write_csv(outcomes: Sequence[Outcome], stream: BinaryIO) -> None:
    """The whole file as UTF-8 with a byte order mark, without which Excel garbles every accent."""
    stream.write(b"\xef\xbb\xbf")
    stream.writelines(record.encode("utf-8") for record in csv_lines(outcomes))


def _take(buffer: StringIO) -> str:
    """What the buffer holds; the buffer is empty afterwards."""
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
