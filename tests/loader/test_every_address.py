"""Every address of a file is told: in a row, a problem or a skipped row, or its column or sheet is named in a note.

The addresses are found by a scan of its own, over all cells of all sheets, and not by the loader.
"""

import csv
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pytest
import python_calamine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importer.errors import UsageError
from importer.loaded import LoadedFile
from importer.loader import load
from importer.loader.tables import letters
from importer.models import ImageRow, RejectedRow, SkippedRow
from importer.settings import LoaderSettings
from tests.loader.sheets import workbook, written

SHARED = Path(__file__).resolve().parents[3] / "shared"
SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"
REAL_FILES = sorted((SHARED / "spreadsheets" / "real").glob("*.[cx]*"))
CASES = sorted((SHARED / "cases").glob("*.[cx]*"))
ADDRESS = re.compile(r"https?://[^\s\"'<>\\\\\uff0c\u3001\uff1b]+", re.IGNORECASE)
BETWEEN = re.compile(r"(?=https?://)", re.IGNORECASE)
PHOTO = "https://img.example/p/{0}.jpg"
BARE = "https://img.example/get/{}"
PAGE = "https://shop.example/product/{}.html"


class Found(NamedTuple):
    """An address that stands in a file."""

    sheet: str
    row: int
    column: int
    address: str


def grids(path: Path, delimiter: str) -> dict[str, list[list[str]]]:
    """The cells of every sheet from A1 on, hidden sheets as well; a text file is one sheet without a name."""
    if path.suffix == ".xlsx":
        book = python_calamine.load_workbook(path)
        return {
            name: [list(map(str, cells)) for cells in book.get_sheet_by_name(name).to_python(skip_empty_area=False)]
            for name in book.sheet_names
        }
    text = next(text for name in ("utf-8-sig", "utf-16", "cp1252") if (text := _decoded(path.read_bytes(), name)))
    rows = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    return {"": [_unwrapped(cells, delimiter) for cells in rows]}


def scan(cells_of: dict[str, list[list[str]]]) -> Iterator[Found]:
    """All addresses of a file, by a regular expression over its cells."""
    for sheet, rows in cells_of.items():
        for number, cells in enumerate(rows, 1):
            for column, text in enumerate(cells):
                for part in BETWEEN.split(text):
                    if found := ADDRESS.search(part):
                        yield Found(sheet, number, column, found[0].rstrip(",;|&/#"))


def _unwrapped(cells: list[str], delimiter: str) -> list[str]:
    """The cells of a row that stands in quotation marks as a whole, which a plain reader takes for one cell."""
    inner = next(csv.reader(cells[:1], delimiter=delimiter), [])
    return inner if len(inner) > 1 and len(inner) == len(cells) and not any(cells[1:]) else cells


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeError:
        return ""


def untold(path: Path, loaded: LoadedFile) -> list[Found]:
    """The addresses that nobody was told of."""
    cells = grids(path, loaded.facts.delimiter)
    rows: dict[tuple[str, int], list[ImageRow | RejectedRow | SkippedRow]] = {}
    for row in loaded.rows:
        rows.setdefault((row.sheet, row.row), []).append(row)
    everywhere = {row.image_url for row in loaded.rows}
    return [
        found
        for found in scan(cells)
        if not _in_a_row(found, rows.get((found.sheet, found.row), []), everywhere)
        and not any(_named(found, note, loaded, cells) for note in loaded.notes)
    ]


def _in_a_row(found: Found, rows: list[ImageRow | RejectedRow | SkippedRow], everywhere: set[str]) -> bool:
    if found.address in everywhere or any(found.address in row.image_url for row in rows):
        return True
    # A row that is not used at all is told as a whole.
    return bool(rows) and not any(isinstance(row, ImageRow) for row in rows)


def _named(found: Found, note: str, loaded: LoadedFile, cells: dict[str, list[list[str]]]) -> bool:
    sheet = next((sheet for sheet in loaded.sheets if sheet.name == found.sheet), None)
    if sheet is None:
        return repr(found.sheet) in note
    if len(cells) > 1 and repr(found.sheet) not in note:
        return False
    _, also, names = note.partition(" also stand ")
    if not also:
        return False
    if found.row <= sheet.header_row:
        return re.search(rf"above the header, in rows? .*\b{found.row}\b", names) is not None
    header = cells[found.sheet][sheet.header_row - 1]
    text = " ".join(header[found.column].split()) if found.column < len(header) else ""
    return (text or f"column {letters(found.column)}, without a header") in names


def check(path: Path, chosen: LoaderSettings | None = None) -> LoadedFile | None:
    """Load a file and hold the sum; a file that is refused as a whole is told as a whole."""
    try:
        loaded = load(path, chosen)
    except UsageError:
        return None
    assert untold(path, loaded) == [], loaded.notes
    return loaded


@pytest.mark.skipif(not REAL_FILES, reason="the public example files are not beside this checkout")
@pytest.mark.parametrize("path", REAL_FILES, ids=lambda path: path.name)
def test_of_a_real_file_every_address_is_told(path: Path) -> None:
    assert check(path) is not None


@pytest.mark.parametrize(
    "path", [path for path in sorted(SAMPLES.iterdir()) if path.suffix in {".csv", ".xlsx"}], ids=lambda path: path.name
)
def test_of_a_sample_every_address_is_told(path: Path) -> None:
    assert check(path) is not None


@pytest.mark.skipif(not CASES, reason="the cases are not beside this checkout")
@pytest.mark.parametrize(
    "path",
    [path for path in CASES if path.name not in {"backslash_zip.xlsx", "google_sheets.xlsx", "html_img.xls"}],
    ids=lambda path: path.name,
)
def test_of_a_case_every_address_is_told(path: Path) -> None:
    """Without those cases whose cells a plain scan cannot tell: an odd archive, formulas, a web page."""
    check(path)


LAYOUTS = {
    "plain": (["SKU", "Image URL", "Name"], ["A{}", PHOTO, "Mug"]),
    "shopify": (["Handle", "Title", "Variant SKU", "Image Src", "Image Position"], ["h{}", "Mug", "A{}", PHOTO, "1"]),
    "woocommerce": (["ID", "Type", "SKU", "Name", "Published", "Images"], ["{}", "simple", "A{}", "Mug", "1", PHOTO]),
    "magento2": (["sku", "product_type", "base_image"], ["A{}", "simple", PHOTO]),
    "google-merchant": (["id", "title", "link", "image_link"], ["A{}", "Mug", PAGE, PHOTO]),
    "wix": (["handleId", "fieldType", "name", "productImageUrl", "sku"], ["h{}", "Product", "Mug", PHOTO, "A{}"]),
}
STRAY_HEADERS = (
    "",
    "Spin view",
    "Extra",
    "Download 1 URL",
    "link",
    "Video URL",
    "Notes",
    "Meta: _custom",
    "Bild 7",
    "SKU2",
)
STRAY_CELLS = (PHOTO, BARE, PAGE, 'See <img src="https://img.example/t/{}.png"> here', "plain words only", "", "",
               PHOTO + ", https://img.example/more/{0}.webp")  # fmt: skip


@st.composite
def sheets(draw: st.DrawFn) -> list[list[object]]:
    """A sheet of some layout with stray columns, some of which begin late, and perhaps a line above the header."""
    names, cells = LAYOUTS[draw(st.sampled_from(sorted(LAYOUTS)))]
    strays = draw(st.lists(st.tuples(st.sampled_from(STRAY_HEADERS), st.sampled_from(STRAY_CELLS)), max_size=4))
    wide = [*names, *(name for name, _ in strays)]
    wide = [name if name not in wide[:at] else f"{name} {at}" for at, name in enumerate(wide)]
    count, late = draw(st.sampled_from([1, 3, 700])), draw(st.booleans())
    rows: list[list[object]] = [["Catalogue, see " + PAGE.format("top")], []] if draw(st.booleans()) else []
    rows.append([*wide])
    for number in range(count):
        own = [text.format(number) for text in cells]
        more = [text.format(f"s{at}-{number}") for at, (_, text) in enumerate(strays)]
        rows.append([*own, *(more if not late or number >= count - 2 else [""] * len(more))])
    return rows


@settings(derandomize=True, deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(tables=st.lists(sheets(), min_size=1, max_size=3), hidden=st.booleans())
def test_of_any_table_every_address_is_told(
    tmp_path_factory: pytest.TempPathFactory, tables: list[list[list[object]]], hidden: bool
) -> None:
    folder = tmp_path_factory.mktemp("any")
    path = workbook(folder, {f"Sheet {number}": rows for number, rows in enumerate(tables)})
    if hidden and len(tables) > 1:
        book = openpyxl.load_workbook(path)
        book.worksheets[-1].sheet_state = "hidden"
        book.save(path)
    assert check(path) is not None
    first = written(
        folder, "\n".join(";".join(f'"{str(cell).replace(chr(34), chr(34) * 2)}"' for cell in row) for row in tables[0])
    )
    assert check(first) is not None
    shutil.rmtree(folder)
