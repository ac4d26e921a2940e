"""The sheet that opens first: the verdict, the facts, the counts, and what to do next."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from openpyxl import Workbook
from openpyxl.cell.cell import Cell as ExcelCell
from openpyxl.worksheet.worksheet import Worksheet

from importer.models import ProblemCode
from importer.report.advice import advice
from importer.report.chart import quota_words
from importer.report.columns import Cell
from importer.report.sheets import header, new_sheet, plain_cell, text_cell
from importer.report.styles import FILLS, HEADING, WRAPPED
from importer.report.summary import Summary, rehearsal_of
from importer.report.to_fix import TO_FIX
from importer.report.verdict import STATUS_WORDS

SUMMARY = "Summary"


def write_summary(book: Workbook, summary: Summary) -> Worksheet:
    """Add the sheet."""
    sheet = new_sheet(book, SUMMARY, (26, 14, 50, 60, 40))
    verdict = text_cell(sheet, summary.verdict)
    verdict.font = HEADING
    sheet.append([verdict])
    for line in chain(_facts(summary), [()]):
        sheet.append([plain_cell(sheet, value) for value in line])
    sheet.append(header(sheet, ("Result", "Rows", "Meaning")))
    for status, count in summary.counts.items():
        words = STATUS_WORDS[status]
        label = text_cell(sheet, words.label)
        label.fill = FILLS[status]
        sheet.append([label, count, words.meaning])
    sheet.append([])
    for sentence in chain(advice(summary), _about_repeats(summary)):
        sheet.append([text_cell(sheet, sentence)])
    if summary.groups:
        _write_table(
            sheet,
            ("What to do next", "Rows", "Meaning", "What to do", "Row numbers"),
            ((group.code.value, group.count, group.meaning, group.fix, group.rows) for group in summary.groups),
        )
    return sheet


def _facts(summary: Summary) -> Iterator[tuple[Cell, ...]]:
    """What was run, as lines of a label and a value."""
    run = summary.run
    yield ("File", run.file)
    if run.store:
        yield ("Store", run.store)
    if run.sandbox:
        yield ("Pretend store", rehearsal_of(summary.run))
    yield ("Started", run.started)
    yield ("Seconds", round(run.seconds, 3))
    if run.traffic:
        yield ("Asked of the store", quota_words(run.traffic))
    if run.stopped:
        yield ("Stopped early", run.stopped)


def _about_repeats(summary: Summary) -> Iterator[str]:
    """Which rows need no mending."""
    repeats = summary.codes.get(ProblemCode.URL_DUPLICATE, 0)
    if repeats:
        rows = "1 row only repeats" if repeats == 1 else f"{repeats:,} rows only repeat"
        there = "it is not" if repeats == 1 else "they are not"
        yield f"{rows} a picture of an earlier row. There is nothing to do about that, so {there} on “{TO_FIX}”."


def _write_table(sheet: Worksheet, names: Sequence[str], lines: Iterable[Sequence[Cell]]) -> None:
    """A table below an empty line, long text wrapped."""
    sheet.append([])
    sheet.append(header(sheet, names))
    for line in lines:
        cells = [plain_cell(sheet, value) for value in line]
        for cell in cells:
            if isinstance(cell, ExcelCell):
                cell.alignment = WRAPPED
        sheet.append(cells)
