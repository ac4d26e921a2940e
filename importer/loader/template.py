"""The empty sheet that people fill in: its headers are the loader's own, so that it loads back."""

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from importer.errors import UsageError
from importer.settings import MAX_DESCRIPTION_LENGTH, MAX_URL_LENGTH

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_HEADERS = ("Product ID", "SKU", "Image URL", "Description", "Sort Order", "Is Thumbnail")
_EXAMPLES = (
    ("", "EXAMPLE-SKU", "https://www.example.com/pictures/front.jpg", "Blue mug, front view", "0", "yes"),
    ("", "EXAMPLE-SKU", "https://www.example.com/pictures/side.jpg", "Blue mug from the side", "1", "no"),
)
_NOTES = (
    (
        "Product ID",
        "BigCommerce's number of the product. Fill in this or the SKU; both must be one product's.",
        "e.g. 111",
    ),
    ("SKU", "The SKU of the product, or of one of its variants.", "e.g. MUG-BLUE"),
    ("Image URL", "The picture's full address on the web, at most 255 characters.", "e.g. https://…/mug.jpg"),
    ("Description", "Alt text for people who cannot see the picture, at most 255 characters. Optional.", ""),
    ("Sort Order", "0 is shown first. Leave it empty to keep the order of the rows. Optional.", ""),
    ("Is Thumbnail", "yes for the picture shown in lists, one per product. Optional.", "yes / no"),
    ("Examples", "Replace the two example rows of the sheet Images with your own: one row for each picture.", ""),
    ("Next", "importer check FILE, then importer run FILE", ""),
)
_WIDTHS = (12, 20, 60, 40, 12, 14)
_ROWS_TO_FILL_IN = 1_048_576
_ROWS_AS_TEXT = 2_000


def write_template(path: Path, *, overwrite: bool = False) -> None:
    """Write an empty sheet with two example rows as .csv or .xlsx.

    Raises:
        UsageError: the ending is another one, the file exists already, or it cannot be written.
    """
    writer = {".csv": _write_csv, ".xlsx": _write_xlsx}.get(path.suffix.lower())
    if writer is None:
        raise UsageError(f"A template is written as .csv or .xlsx; {path.name} ends in neither.")
    if path.exists() and not overwrite:
        raise UsageError(f"{path} exists already. Choose another name, or add --yes to replace it.")
    try:
        writer(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}.") from None


def _write_csv(path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([_HEADERS, *_EXAMPLES])


def _guide(sheet: "Worksheet") -> None:
    """Drop-downs and limits for the cells to fill in; the SKU is text, so that a spreadsheet keeps its zeros."""
    from openpyxl.worksheet.datavalidation import DataValidation

    rules = {
        "A": DataValidation(type="whole", operator="greaterThan", formula1="0"),
        "C": DataValidation(type="textLength", operator="lessThanOrEqual", formula1=str(MAX_URL_LENGTH)),
        "D": DataValidation(type="textLength", operator="lessThanOrEqual", formula1=str(MAX_DESCRIPTION_LENGTH)),
        "E": DataValidation(type="whole", operator="between", formula1="-2147483648", formula2="2147483647"),
        "F": DataValidation(type="list", formula1='"yes,no"'),
    }
    for letter, rule in rules.items():
        header = str(sheet[f"{letter}1"].value)
        rule.allow_blank, rule.showErrorMessage, rule.showInputMessage = True, True, True
        rule.promptTitle, rule.prompt = header, next(text for field, text, _ in _NOTES if field == header)
        rule.errorTitle, rule.error = header, rule.prompt
        rule.errorStyle = "warning"
        rule.add(f"{letter}2:{letter}{_ROWS_TO_FILL_IN}")
        sheet.add_data_validation(rule)
    for row in range(2, _ROWS_AS_TEXT):
        sheet[f"B{row}"].number_format = "@"


def _write_xlsx(path: Path) -> None:
    from openpyxl import Workbook
    from openpyxl.comments import Comment
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter

    workbook = Workbook()
    del workbook["Sheet"]
    sheet = workbook.create_sheet("Images")
    sheet.append(_HEADERS)
    for number, (name, width) in enumerate(zip(_HEADERS, _WIDTHS, strict=True), start=1):
        cell = sheet.cell(row=1, column=number)
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor="2B3A67")
        cell.comment = Comment(next(text for field, text, _ in _NOTES if field == name), "importer")
        sheet.column_dimensions[get_column_letter(number)].width = width
    for example in _EXAMPLES:
        sheet.append(example)
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            cell.font = Font(italic=True, color="666666")
    sheet.freeze_panes = "A2"
    _guide(sheet)
    notes = workbook.create_sheet("Notes")
    for line in _NOTES:
        notes.append(line)
    for letter, width in (("A", 14), ("B", 90), ("C", 28)):
        notes.column_dimensions[letter].width = width
    workbook.save(path)
