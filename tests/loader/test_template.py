"""The template loads back: what people fill in is what the loader expects."""

from pathlib import Path

import pytest
from openpyxl import load_workbook

from importer.errors import UsageError
from importer.loader import load, write_template
from importer.models import ImageRow


@pytest.mark.parametrize("name", ["t.csv", "t.xlsx", "T.XLSX"])
def test_the_template_loads_back_with_every_column(tmp_path: Path, name: str) -> None:
    write_template(tmp_path / name)
    loaded = load(tmp_path / name)
    assert list(loaded.sheets[0].columns) == [
        "product_id",
        "sku",
        "image_url",
        "description",
        "sort_order",
        "is_thumbnail",
    ]
    assert len(loaded.rows) == 2
    assert all(isinstance(row, ImageRow) for row in loaded.rows)


def test_the_workbook_explains_every_column(tmp_path: Path) -> None:
    write_template(tmp_path / "t.xlsx")
    book = load_workbook(tmp_path / "t.xlsx")
    assert all(cell.comment is not None for cell in book["Images"][1])
    explained = {row[0].value for row in book["Notes"].iter_rows()}
    assert {cell.value for cell in book["Images"][1]} <= explained


def test_an_existing_file_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("mine")
    with pytest.raises(UsageError, match="exists already"):
        write_template(path)
    assert path.read_text() == "mine"
    write_template(path, overwrite=True)
    assert "Image URL" in path.read_text(encoding="utf-8-sig")


def test_another_ending_and_a_missing_folder_are_errors(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.csv or \.xlsx"):
        write_template(tmp_path / "t.ods")
    with pytest.raises(UsageError, match="cannot be written"):
        write_template(tmp_path / "none" / "t.csv")


def test_the_workbook_offers_yes_and_no_and_knows_the_limits(tmp_path: Path) -> None:
    write_template(tmp_path / "t.xlsx")
    sheet = load_workbook(tmp_path / "t.xlsx")["Images"]
    rules = {str(rule.sqref).partition("2:")[0]: rule for rule in sheet.data_validations.dataValidation}
    assert rules["F"].type == "list"
    assert rules["F"].formula1 == '"yes,no"'
    assert (rules["C"].type, rules["C"].formula1) == ("textLength", "255")
    assert (rules["D"].type, rules["D"].formula1) == ("textLength", "255")
    assert sheet["B3"].number_format == "@"
