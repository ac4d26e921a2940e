"""`--sheet` is never ignored: a sheet that there is none of is told for every kind of file."""

from pathlib import Path

import pytest

from importer.errors import FileError
from importer.loader import load
from importer.settings import LoaderSettings
from tests.loader.sheets import URL, image_rows, workbook, written

ROWS: list[list[object]] = [["SKU", "Image URL"], ["A", URL]]
TABLE = "<table><tr><td>SKU</td><td>Image URL</td></tr><tr><td>{}</td><td>{}</td></tr></table>"


def refusal(path: Path, sheet: str) -> str:
    with pytest.raises(FileError) as caught:
        load(path, LoaderSettings(sheet=sheet))
    return str(caught.value)


@pytest.mark.parametrize(("delimiter", "kind"), [(";", "CSV"), ("\t", "TSV")])
def test_a_text_file_has_no_sheets(tmp_path: Path, delimiter: str, kind: str) -> None:
    path = written(tmp_path, f"SKU{delimiter}Image URL\nA{delimiter}{URL}\n")
    assert refusal(path, "Products") == f"{path} is a {kind} file, which has no sheets. Leave --sheet out."


def test_a_sheet_of_a_workbook_by_its_name(tmp_path: Path) -> None:
    path = workbook(tmp_path, {"Products": ROWS, "Old": ROWS})
    assert refusal(path, "Produts") == f"{path} has no sheet called 'Produts'. Its sheets: Products, Old."
    assert [row.sheet for row in image_rows(path, LoaderSettings(sheet=" old "))] == ["Old"]


def test_a_web_page_has_sheets_where_it_has_several_tables(tmp_path: Path) -> None:
    one = written(tmp_path, TABLE.format("A", URL), "one.xls")
    assert refusal(one, "Products") == f"{one} is a web page with one table, which has no sheets. Leave --sheet out."
    two = written(tmp_path, TABLE.format("A", URL) + TABLE.format("B", URL), "two.xls")
    assert refusal(two, "Products") == f"{two} has no sheet called 'Products'. Its sheets: Table 1, Table 2."
    assert [row.sku for row in image_rows(two, LoaderSettings(sheet="table 2"))] == ["B"]
