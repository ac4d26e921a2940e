"""The sheet that opens first: the verdict, the facts, the counts, and what to do next."""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import Cell as ExcelCell
from openpyxl.worksheet.worksheet import Worksheet

from importer.report.advice import advice
from importer.report.chart import quota_words
from importer.report.columns import Cell
from importer.report.sheets import header, new_sheet, plain_cell, text_cell
from importer.report.styles import FILLS, HEADING, WRAPPED
from importer.report.summary import Summary, rehearsal_of
from importer.report.to_fix import TO_FIX
from importer.report.verdict import STATUS_WORDS

SUMMARY = "Summary"
_WIDTHS = (26, 14, 50, 60, 40)
"""Of the columns, in characters."""
_LINE_HEIGHT = 15.0
"""Points, of 11-point text. LibreOffice and Excel do not work out the height of a row that they have not made."""
_FULL_LINE = 0.85
"""The share of a column's width that broken text fills on average at the least: words are not cut."""


def write_summary(book: Workbook, summary: Summary) -> Worksheet:
    """Add the sheet."""
    sheet = new_sheet(book, SUMMARY, _WIDTHS)
    above = list(_above(sheet, summary))
    for line in above:
        sheet.append(line)
    if summary.groups:
        _write_table(
            sheet,
            len(above),
            ("What to do next", "Pictures", "Meaning", "What to do", "Row numbers"),
            ((group.code.value, group.count, group.meaning, group.fix, group.rows) for group in summary.groups),
        )
    return sheet


def _above(sheet: Worksheet, summary: Summary) -> Iterator[list[ExcelCell | Cell]]:
    """What stands above the table of problems, row by row."""
    verdict = text_cell(sheet, summary.verdict)
    verdict.font = HEADING
    yield [verdict]
    for line in chain(_facts(summary), [()]):
        yield [plain_cell(sheet, value) for value in line]
    yield [*header(sheet, ("Result", "Pictures", "Meaning"))]
    for status, count in summary.counts.items():
        words = STATUS_WORDS[status]
        label = text_cell(sheet, words.label)
        label.fill = FILLS[status]
        yield [label, count, words.meaning]
    yield []
    for sentence in chain(advice(summary), _about_repeats(summary)):
        yield [text_cell(sheet, sentence)]


def _facts(summary: Summary) -> Iterator[tuple[Cell, ...]]:
    """What was run, as lines of a label and a value."""
    run = summary.run
    yield ("File", run.file)
    if run.store:
        yield ("Store", run.store)
    if run.sandbox:
        yield ("Pretend store", rehearsal_of(summary.run))
    if summary.tally:
        yield ("Counted", summary.tally)
    yield ("Started", run.started)
    yield ("Seconds", round(run.seconds, 3))
    if run.traffic:
        yield ("Asked of the store", quota_words(run.traffic))
    if run.stopped:
        yield ("Stopped early", run.stopped)


def _about_repeats(summary: Summary) -> Iterator[str]:
    """Which rows need no mending."""
    repeats = summary.repeats
    if repeats:
        rows = "1 picture only repeats" if repeats == 1 else f"{repeats:,} pictures only repeat"
        there = "it is not" if repeats == 1 else "they are not"
        yield f"{rows} a picture of an earlier row. There is nothing to do about that, so {there} on “{TO_FIX}”."


def _write_table(sheet: Worksheet, above: int, names: Sequence[str], lines: Iterable[Sequence[Cell]]) -> None:
    """A table below so many rows and an empty one, long text wrapped."""
    sheet.append([])
    sheet.append(header(sheet, names))
    for number, line in enumerate(lines, start=above + 3):
        sheet.row_dimensions[number].height = _height(line)
        cells = [text_cell(sheet, value) if isinstance(value, str) else WriteOnlyCell(sheet, value) for value in line]
        for cell in cells:
            cell.alignment = WRAPPED
        sheet.append(cells)


def _height(line: Sequence[Cell]) -> float:
    """The height of a row, in points, in which the longest of its texts is seen whole."""
    return _LINE_HEIGHT * max(
        sum(math.ceil(max(1, len(part)) / (width * _FULL_LINE)) for part in str(value).split("\n"))
        for value, width in zip(line, _WIDTHS, strict=True)
    )
