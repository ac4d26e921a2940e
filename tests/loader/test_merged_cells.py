"""Merged cells, wherever they reach: over the header, over a product's pictures, beyond the last row and column."""

import zipfile
from pathlib import Path

import pytest

from importer.loader import load
from tests.loader.old_excel import old_excel
from tests.loader.sheets import URL, asked, images, workbook
from tests.loader.test_workbook_formats import ods

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
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    merged = f'</sheetData><mergeCells><mergeCell ref="A2:A3"/><mergeCell ref="{area}"/></mergeCells>'.encode()
    parts[SHEET] = parts[SHEET].replace(b"</sheetData>", merged)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert asked(images(load(path))) == FOUND


@pytest.mark.parametrize("spans", [(3, 1), (1, 9), (10**9, 10**9)])
def test_an_ods_whose_merged_cells_reach_beyond_its_rows(tmp_path: Path, spans: tuple[int, int]) -> None:
    more = f'table:number-rows-spanned="{spans[0]}" table:number-columns-spanned="{spans[1]}"'
    last = f'<table:table-cell office:value-type="string" {more}><text:p>{URL}?2</text:p></table:table-cell>'
    path = ods(tmp_path, [["SKU", "Image URL"], ["A", f"{URL}?1"], ["B", last]])
    assert asked(images(load(path))) == [(2, "A", "x.jpg?1"), (3, "B", "x.jpg?2")]
