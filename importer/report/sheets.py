"""Sheets of a write-only workbook of openpyxl's, and cells for them that no program takes for a formula."""

from collections.abc import Collection, Iterable, Mapping
from typing import cast

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import Cell as ExcelCell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from importer.report.columns import Cell
from importer.report.guard import excel_text
from importer.report.styles import BOLD, HEADER_FILL, TEXT


def new_sheet(book: Workbook, title: str, widths: Iterable[int]) -> Worksheet:
    """An empty sheet; widths are in characters, from the first column on."""
    # The stubs do not know that a write-only sheet has columns and a filter like any other.
    sheet = cast("Worksheet", book.create_sheet(title))
    for index, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = width
    return sheet


def table_sheet(
    book: Workbook, title: str, columns: Mapping[str, int], rows: int, texts: Collection[str] = ()
) -> Worksheet:
    """A sheet for so many rows, with its header, which stays in view and filters.

    Args:
        book: the workbook.
        title: the sheet's name.
        columns: the headers and the widths of their columns in characters.
        rows: the rows that will follow.
        texts: headers of columns in which everything that a person types is text.
    """
    sheet = new_sheet(book, title, columns.values())
    for index, name in enumerate(columns, start=1):
        if name in texts:
            sheet.column_dimensions[get_column_letter(index)].number_format = TEXT
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{rows + 1}"
    sheet.append(header(sheet, columns))
    return sheet


def header(sheet: Worksheet, names: Iterable[str]) -> list[ExcelCell]:
    """A table's first line."""
    cells = [text_cell(sheet, name) for name in names]
    for cell in cells:
        cell.font = BOLD
        cell.fill = HEADER_FILL
    return cells


def plain_cell(sheet: Worksheet, value: Cell) -> ExcelCell | Cell:
    """A number as it is; a text as a cell that is text."""
    return text_cell(sheet, value) if isinstance(value, str) else value


def text_cell(sheet: Worksheet, text: str) -> ExcelCell:
    """A cell that is text whatever it looks like: openpyxl takes `=…` for a formula and `#N/A` for an error."""
    cell = WriteOnlyCell(sheet, value=excel_text(text))
    cell.data_type = "s"
    return cell
