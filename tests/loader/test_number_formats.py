"""A SKU is what the person sees in the spreadsheet, or a problem: never the number behind it without a word."""

import struct
import zipfile
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.styles.numbers import BUILTIN_FORMATS

from importer.loader import load
from importer.loader.number_formats import Formatted, literal
from tests.loader.old_excel import Cell, old_excel
from tests.loader.sheets import URL, image_rows, images, rejected
from tests.loader.test_workbook_formats import OFFICE, ods, packed, record, wide

SEEN = [
    (123, "00000", "00123"),
    (7, '"SKU-"0000', "SKU-0007"),
    (7, "\\S\\K\\U\\-0000", "SKU-0007"),
    (90.75, "0.000", "90.750"),
    (12345, "000\\-000", "012-345"),
    (451, "000000;-000000", "000451"),
    (120, "0.000", "120.000"),
    (12, '0"-A"', "12-A"),
    (7, '"SKU-"General', "SKU-7"),
    (7, "[Red]0000", "0007"),
    (1234567, "00-00-00", "123-45-67"),
    (999, "#,##0", "999"),
    (7, "@", "7"),
    (7, "General", "7"),
    (4567, "0", "4567"),
]
UNCLEAR = [
    (12345, "#,##0", "12,345"),
    (1234567.5, "#,##0.00", "1,234,567.50"),
    (0.5, "0%", "50%"),
    (90.75, "0", "91"),
    (0.5, "# ?/?", ""),
    (120_000, "0.00E+00", ""),
    (46024, "dd\\-mmm", ""),
    (0.75, "h:mm", ""),
    (7, ";;;", ""),
    (7, "[<5]0;0000", ""),
    (12_000, "0,", ""),
]


def xlsx(folder: Path, cells: list[tuple[float, str]]) -> Path:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["SKU", "Image URL"])
    for at, (number, code) in enumerate(cells, 2):
        sheet.append([number, f"{URL}?{at}"])
        sheet[f"A{at}"].number_format = code
    book.save(folder / "rows.xlsx")
    return folder / "rows.xlsx"


def xls(folder: Path, cells: list[tuple[float, str]]) -> Path:
    rows: list[list[Cell]] = [[cell, f"{URL}?{at}"] for at, cell in enumerate(cells, 2)]
    return old_excel(folder / "rows.xls", [["SKU", "Image URL"], *rows])


def xls_of_excel_95(folder: Path, cells: list[tuple[float, str]]) -> Path:
    rows: list[list[Cell]] = [[cell, f"{URL}?{at}"] for at, cell in enumerate(cells, 2)]
    return old_excel(folder / "rows.xls", [["SKU", "Image URL"], *rows], version=5)


def xlsb(folder: Path, cells: list[tuple[float, str]]) -> Path:
    """A binary workbook with a style for each cell (BrtFmt, BrtXF, BrtCellReal)."""
    formats = b"".join(record(44, struct.pack("<H", 164 + at) + wide(code)) for at, (_, code) in enumerate(cells))
    count = struct.pack("<I", len(cells))
    xfs = b"".join(record(47, struct.pack("<HH12x", 0, 164 + at)) for at in range(len(cells)))
    rows = b"".join(
        record(0, struct.pack("<IIHBBBI", at, 0, 300, 0, 0, 0, 0)) + cell
        + record(6, struct.pack("<II", 1, 0) + wide(f"{URL}?{at + 1}" if at else "Image URL"))
        for at, cell in enumerate([
            record(6, struct.pack("<II", 0, 0) + wide("SKU")),
            *(record(5, struct.pack("<IId", 0, at, number)) for at, (number, _) in enumerate(cells)),
        ])
    )  # fmt: skip
    area = record(148, struct.pack("<IIII", 0, len(cells), 0, 1))
    relations = "<Relationships>{}</Relationships>".format(
        f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.bin"/>'
        f'<Relationship Id="r2" Type="{OFFICE}/styles" Target="styles.bin"/>'
    )
    book = record(131) + record(143) + record(156, struct.pack("<II", 0, 1) + wide("r1") + wide("S")) + record(144)
    return packed(
        folder / "rows.xlsb",
        {
            "[Content_Types].xml": "<Types/>",
            "xl/workbook.bin": book + record(132),
            "xl/_rels/workbook.bin.rels": relations,
            "xl/styles.bin": record(615, count) + formats + record(616) + record(617, count) + xfs + record(618),
            "xl/worksheets/sheet1.bin": record(129) + area + record(145) + rows + record(146) + record(130),
        },
    )


@pytest.mark.parametrize("make", [xlsx, xls, xlsb])
def test_a_sku_is_what_the_spreadsheet_shows(tmp_path: Path, make: object) -> None:
    path = make(tmp_path, [(number, code) for number, code, _ in SEEN])  # type: ignore[operator]
    assert [row.sku for row in image_rows(path)] == [seen for _, _, seen in SEEN]


@pytest.mark.parametrize("make", [xlsx, xls, xlsb])
def test_a_sku_that_may_be_this_or_that_is_a_problem(tmp_path: Path, make: object) -> None:
    """Grouped, rounded, or a date: the number behind it is hardly the SKU, and what is seen may look so elsewhere."""
    path = make(tmp_path, [(number, code) for number, code, _ in UNCLEAR])  # type: ignore[operator]
    loaded = load(path)
    assert not images(loaded)
    assert {row.problem.code for row in rejected(loaded)} == {"row_malformed"}
    for row, (_, code, seen) in zip(rejected(loaded), UNCLEAR, strict=True):
        assert f"shows “{seen}”" in row.problem.detail if seen else "format of its own" in row.problem.detail, code
        assert "column SKU to the format Text" in row.problem.fix


@pytest.mark.parametrize("style", [b'\ts="', b'\n  s="'])
def test_a_style_after_any_space(tmp_path: Path, style: bytes) -> None:
    path = xlsx(tmp_path, [(7, '"SKU-"0000')])
    with zipfile.ZipFile(path) as archive:
        parts: dict[str, str | bytes] = {
            name: archive.read(name).replace(b' s="', style) for name in archive.namelist()
        }
    assert [row.sku for row in image_rows(packed(path, parts))] == ["SKU-0007"]


def test_a_workbook_of_excel_95(tmp_path: Path) -> None:
    """The reader of the values takes some of its formats for dates; such a row is a problem, and no other SKU."""
    loaded = load(xls_of_excel_95(tmp_path, [(number, code) for number, code, _ in [*SEEN, *UNCLEAR]]))
    seen = {row: text for row, (_, _, text) in enumerate(SEEN, 2)}
    assert [row.sku for row in images(loaded)] == [seen[row.row] for row in images(loaded)]
    assert {"00123", "90.750", "012-345", "000451", "120.000"} < {row.sku for row in images(loaded)}
    assert {row.row for row in rejected(loaded)} >= set(range(len(SEEN) + 2, len(SEEN) + len(UNCLEAR) + 2))


def shown(held: str, text: str, kind: str = "float") -> str:
    return (
        f'<table:table-cell office:value-type="{kind}" office:value="{held}">'
        f"<office:annotation><text:p>1999</text:p></office:annotation><text:p>{text}</text:p></table:table-cell>"
    )


def test_what_an_open_document_sheet_shows_of_a_number(tmp_path: Path) -> None:
    """It writes each number twice, as it is and as it is shown; a comment's words are not the cell's."""
    seen = [(held, text) for held, _, text in SEEN if str(held) != text]
    unclear = [(held, text) for held, _, text in UNCLEAR if text]
    cells = [shown(str(held), text) for held, text in [*seen, *unclear]]
    cells += [shown("7", "7"), shown("90.75", "90,75 €", "currency"), shown("0.07", "7 %", "percentage")]
    loaded = load(ods(tmp_path, [["SKU", "Image URL"], *([cell, f"{URL}?{at}"] for at, cell in enumerate(cells))]))
    assert [row.sku for row in images(loaded)] == [*(text for _, text in seen), "7", "90,75 €"]
    assert [row.problem.code for row in rejected(loaded)] == ["row_malformed"] * (len(unclear) + 1)


def test_a_repeated_number_of_an_open_document_sheet(tmp_path: Path) -> None:
    cell = shown("7", "SKU-0007").replace(" office:value=", ' table:number-columns-repeated="1" office:value=')
    path = ods(tmp_path, [["SKU", "Image URL"], [cell, f"{URL}?1"]])
    with zipfile.ZipFile(path) as archive:
        parts: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    text = parts["content.xml"]
    assert isinstance(text, bytes)
    row = text.rindex(b"<table:table-row>", 0, text.rindex(b"?1"))
    repeated = b'<table:table-row table:number-rows-repeated="1500">'
    packed(path, {**parts, "content.xml": text[:row] + repeated + text[row + len("<table:table-row>") :]})
    loaded = load(path)
    assert {getattr(row, "sku", "") for row in loaded.rows} == {"SKU-0007"}


def test_dates_that_a_spreadsheet_made_of_skus(tmp_path: Path) -> None:
    """Typing 1-2 gives 02-Jan: what was typed is lost."""
    book = Workbook()
    sheet = book.worksheets[0]
    for cells in (["SKU", "Image URL"], [date(2026, 1, 2), URL], ["1-2", f"{URL}?2"]):
        sheet.append(cells)
    book.save(tmp_path / "rows.xlsx")
    loaded = load(tmp_path / "rows.xlsx")
    assert [row.sku for row in images(loaded)] == ["1-2"]
    (row,) = rejected(loaded)
    assert "holds “2026-01-02”" in row.problem.detail


def test_a_format_that_looks_different_in_every_country(tmp_path: Path) -> None:
    """The file names it by its number alone: money, dates."""
    loaded = load(xlsx(tmp_path, [(5, BUILTIN_FORMATS[5]), (5, BUILTIN_FORMATS[14])]))
    assert [row.problem.code for row in rejected(loaded)] == ["row_malformed"] * 2


def test_a_format_for_texts(tmp_path: Path) -> None:
    """The last section of a format is for texts, and may add to them."""
    book = Workbook()
    sheet = book.worksheets[0]
    for row in (["SKU", "Image URL"], ["0007", URL], ["8", f"{URL}?2"], ["9", f"{URL}?3"]):
        sheet.append(row)
    sheet["A2"].number_format = '"SKU-"@'
    sheet["A3"].number_format = "0000"
    book.save(tmp_path / "rows.xlsx")
    assert [row.sku for row in image_rows(tmp_path / "rows.xlsx")] == ["SKU-0007", "8", "9"]


def test_ids_and_orders_are_numbers_however_they_are_shown(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Product ID", "Image URL", "Sort Order"])
    sheet.append([12345, URL, 1200])
    for cell, code in {"A2": "#,##0", "C2": "#,##0.00"}.items():
        sheet[cell].number_format = code
    book.save(tmp_path / "rows.xlsx")
    (row,) = image_rows(tmp_path / "rows.xlsx")
    assert (row.product_id, row.sort_order) == (12345, 1200)


@pytest.mark.parametrize(
    ("held", "code", "seen"),
    [
        ("-5", "0;(0)", "(5)"),
        ("-5", "0000", "-0005"),
        ("0", '0;-0;"none"', "none"),
        ("12", "[$€-407]0.00", "€12.00"),
        ("0.25", "#.##", ".25"),
        ("1.5", "0.??", "1.5"),
        ("12345678901", "0000000", "12345678901"),
        ("12", '0 "a;b,c"', "12 a;b,c"),
        ("7", literal('a"\\0'), 'a"\\0'),
        ("1e400", "0" * 300, ""),
        ("7", "0" * 5_000, ""),
    ],
)
def test_number_formats(held: str, code: str, seen: str) -> None:
    """As Excel shows them (ECMA-376 part 1, 18.8.31)."""
    assert Formatted(held, code).shown == seen
