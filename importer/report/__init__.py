"""The report: one line per row of the spreadsheet, as `results.csv`, `results.xlsx` and `results.html`.

Open `files` first: it alone touches the disk. `columns`, `summary`, `verdict`, `hosts` and `letters` say what is
reported; `csv_lines`, `workbook` (with a file for each sheet) and `page` (with `page_rows`, `sampling`, `chart` and the
templates) say how it looks; `guard` keeps strangers' text harmless in each of them.
"""

from importer.report.advice import about_differences, about_variants
from importer.report.columns import COLUMN_MEANINGS, RESULT_COLUMNS, Cell, result_line
from importer.report.files import (
    ReportFiles,
    Written,
    earlier,
    expect_writable,
    prepare_folder,
    try_report,
    write_list,
    write_report,
)
from importer.report.hosts import HostLine
from importer.report.summary import ProblemGroup, Summary, as_dict, rehearsal_of, summarize
from importer.report.verdict import STATUS_WORDS

__all__ = [
    "COLUMN_MEANINGS",
    "RESULT_COLUMNS",
    "STATUS_WORDS",
    "Cell",
    "HostLine",
    "ProblemGroup",
    "ReportFiles",
    "Summary",
    "Written",
    "about_differences",
    "about_variants",
    "as_dict",
    "earlier",
    "expect_writable",
    "prepare_folder",
    "rehearsal_of",
    "result_line",
    "summarize",
    "try_report",
    "write_list",
    "write_report",
]
