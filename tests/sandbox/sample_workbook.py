"""Makes `sample_data/products.xlsx` from `sample_data/products.csv`: `python -m tests.sandbox.sample_workbook`."""

import csv
from datetime import UTC, datetime
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"
CSV = SAMPLES / "products.csv"
XLSX = SAMPLES / "products.xlsx"

_NUMBERS = {"Product ID", "Sort Order"}
_WIDTHS = {"A": 12, "B": 18, "C": 32, "D": 74, "E": 44, "F": 12, "G": 14, "H": 16}


def csv_rows() -> list[list[str]]:
    """Every line of the CSV file, the header first."""
    with CSV.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def cell_value(header: str, text: str) -> str | int | None:
    """What a spreadsheet program would hold: whole numbers for ids and sort orders, text for the rest.

    A SKU stays text, so that 00451 keeps its zeros.
    """
    if not text:
        return None
    return int(text) if header in _NUMBERS and text.isdigit() else text


def workbook() -> Workbook:
    """The same rows on one sheet, with a header that stays in view."""
    book = Workbook()
    # A fixed date, so that making the file again changes nothing but what was changed.
    book.properties.created = book.properties.modified = datetime(2024, 3, 1, tzinfo=UTC).replace(tzinfo=None)
    book.properties.creator = "Alpine Outfitters"
    sheet = book.worksheets[0]
    sheet.title = "Images"
    headers, *rows = csv_rows()
    sheet.append(headers)
    for row in rows:
        sheet.append([cell_value(header, text) for header, text in zip(headers, row, strict=True)])
    for cell in sheet["B"][1:]:
        cell.number_format = "@"
    for cell in sheet[1]:
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor="2C5478")
        cell.alignment = Alignment(vertical="center")
    for letter, width in _WIDTHS.items():
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    return book


if __name__ == "__main__":
    workbook().save(XLSX)
