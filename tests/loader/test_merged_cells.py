"""Merged cells, wherever they reach: over the header, over a product's pictures, beyond the last row and column."""

import zipfile
from pathlib import Path

import pytest

from importer.loader import load
from tests.loader.old_excel import old_excel
from tests.loader.sheets import URL, asked, images, workbook
from tests.loader.test_workbook_formats import ods, packed

ROWS = [["SKU", "Image URL"], ["A", f"{URL}?1"], ["", f"{URL}?2"]]
SHEET = "xl/worksheets/sheet1.xml"
FOUND = [(2, "A", "x.jpg?1"), (3, "A", "x.jpg?2")]
AREAS = {
    "below": (2, 4, 1, 1),
    "far below": (7, 9, 0, 3),
    "to the end of the sheet": (2, 65_535, 1, 1),
    "right": (0, 0, 1, 255),
    "header, below and right": (0, 3, 2, 255),
    "a header over all rows": (0, 2, 1, 1),
    "upside down": (2, 0, 1, 0),
}


@pytest.mark.parametrize("area", AREAS.values(), ids=AREAS)
def test_an_xls_whose_merged_cells_reach_beyond_its_rows(tmp_path: Path, area: tuple[int, int, int, int]) -> None:
    """Such a file ended in an IndexError: calamine tells merged cells as they are written, wherever they reach."""
    path = old_excel(tmp_path / "rows.xls", ROWS, [(1, 2, 0, 0), area])
    assert asked(images(load(path))) == FOUND


@pytest.mark.parametrize("area", ["B3:B5", "A8:D10", "B3:B1048576", "B1:XFD1", "C1:XFD4", "XFD1048576:A1"])
def test_an_xlsx_whose_merged_cells_reach_beyond_its_rows(tmp_path: Path, area: str) -> None:
    path = workbook(tmp_path, {"S": [[*row] for row in ROWS]})
    _merge(path, "A2:A3", area)
    assert asked(images(load(path))) == FOUND


def test_a_title_merged_over_thousands_of_columns_speaks_for_the_first_ones(tmp_path: Path) -> None:
    """Each column that it speaks for is a column of pictures; tens of thousands took minutes."""
    path = workbook(tmp_path, {"S": [["SKU", *["Image URL"], *[""] * 6_000, "x"], ["A", URL]]})
    _merge(path, "B1:HVT1")
    loaded = load(path)
    assert asked(images(loaded)) == [(2, "A", "x.jpg")]
    assert loaded.sheets[0].columns["image_url"].count("Image URL") <= 256


@pytest.mark.parametrize("spans", [(3, 1), (1, 9), (10**9, 10**9)])
def test_an_ods_whose_merged_cells_reach_beyond_its_rows(tmp_path: Path, spans: tuple[int, int]) -> None:
    more = f'table:number-rows-spanned="{spans[0]}" table:number-columns-spanned="{spans[1]}"'
    last = f'<table:table-cell office:value-type="string" {more}><text:p>{URL}?2</text:p></table:table-cell>'
    path = ods(tmp_path, [["SKU", "Image URL"], ["A", f"{URL}?1"], ["B", last]])
    assert asked(images(load(path))) == [(2, "A", "x.jpg?1"), (3, "B", "x.jpg?2")]


def _merge(path: Path, *areas: str) -> None:
    with zipfile.ZipFile(path) as archive:
        parts: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts[SHEET]
    assert isinstance(sheet, bytes)
    merged = "".join(f'<mergeCell ref="{area}"/>' for area in areas)
    content = sheet.replace(b"</sheetData>", f"</sheetData><mergeCells>{merged}</mergeCells>".encode())
    packed(path, {**parts, SHEET: content})
