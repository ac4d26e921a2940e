"""Files of every kind, good and bad: what is read, what is said of it, and one clear sentence where it is no table."""

import gzip
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.styles import PatternFill

from importer.errors import FileError, UsageError
from importer.loader import load
from importer.settings import LoaderSettings
from tests.loader.sheets import URL, asked, image_rows, images, rejected, workbook, written

TEXT = f"sku,image url,alt text\n00123,{URL}?1,Café\nNA,{URL}?2,Größe\n"


def test_how_a_file_was_read_is_told(tmp_path: Path) -> None:
    facts = load(written(tmp_path, TEXT.replace(",", ";"), encoding="cp1252")).facts
    assert (facts.name, facts.format, facts.encoding, facts.delimiter) == ("rows.csv", "CSV", "cp1252", ";")
    facts = load(workbook(tmp_path, {"S": [["sku", "image url"], ["A", URL]]})).facts
    assert (facts.format, facts.encoding, facts.delimiter) == ("Excel workbook (.xlsx)", "", "")


@pytest.mark.parametrize("name", ["rows.csv.gz", "rows.tsv", "rows.xls"])
def test_gzip_under_any_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(TEXT.encode()))
    assert [row.sku for row in image_rows(path)] == ["00123", "NA"]
    assert load(path).facts.format == "CSV, in a .gz file"


@pytest.mark.parametrize("slash", ["/", "\\"])
@pytest.mark.parametrize("inner", ["rows.csv", "rows.xlsx"])
def test_a_zip_of_one_spreadsheet(tmp_path: Path, inner: str, slash: str) -> None:
    """Programs for Windows and macOS add files of their own, and some put backslashes between the folders."""
    if inner.endswith("csv"):
        written(tmp_path, TEXT, inner)
    else:
        workbook(tmp_path, {"S": [["sku", "image url"], ["00123", f"{URL}?1"], ["NA", f"{URL}?2"]]}, inner)
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(tmp_path / inner, f"folder{slash}{inner}")
        archive.writestr(f"__MACOSX{slash}folder{slash}notes.txt", "x")
        archive.writestr(f"folder{slash}.DS_Store", "x")
    assert [row.sku for row in image_rows(path)] == ["00123", "NA"]
    assert f"({inner}, in a .zip file)" in load(path).facts.format


def test_a_zip_of_several_files_names_them(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("one.csv", TEXT)
        archive.writestr("two.csv", TEXT)
    with pytest.raises(FileError, match=r"holds one\.csv, two\.csv\. Unpack it"):
        load(path)


def test_the_first_line_may_name_the_delimiter(tmp_path: Path) -> None:
    """Excel does not show that line, so the header is its row 1."""
    loaded = load(written(tmp_path, f"sep=;\nsku;image url\nA,B;{URL}\n"))
    assert (loaded.sheets[0].header_row, asked(images(loaded))) == (1, [(2, "A,B", "x.jpg")])


def test_rows_wrapped_in_quotation_marks_are_unwrapped(tmp_path: Path) -> None:
    loaded = load(written(tmp_path, f'"sku,image url,alt"\n"A,{URL}?1,""a, b"""\n"C,{URL}?2,x"\n'))
    assert [(row.row, row.sku, row.description) for row in images(loaded)] == [(2, "A", "a, b"), (3, "C", "x")]
    assert any("quotation marks" in note for note in loaded.notes)


def test_encoding_and_delimiter_can_be_named(tmp_path: Path) -> None:
    path = written(tmp_path, f"sku~image url~alt text\nA~{URL}~Žluťoučký\n", encoding="iso8859-2")
    (row,) = image_rows(path, LoaderSettings(encoding="iso8859-2", delimiter="~"))
    assert row.description == "Žluťoučký"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"encoding": "latin9000"}, "--encoding latin9000 is not known"),
        ({"encoding": "base64"}, "--encoding base64 is not known"),
        ({"delimiter": "::"}, "--delimiter takes one character"),
        ({"base_url": "shop.example"}, "--base-url takes a whole address"),
    ],
)
def test_settings_that_cannot_be_meant_are_told(settings: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        LoaderSettings(**settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_a_web_page_under_a_workbooks_name(tmp_path: Path, encoding: str) -> None:
    page = (
        "<html><head><meta charset='utf-8'></head><body><table border=1><tr><th>SKU</th><th>Bild</th></tr>"
        f"<tr><td>00123</td><td><a href='{URL}?1'>Foto für Kunden</a></td></tr>"
        f"<tr><td>NA</td><td>{URL}?a=1&amp;b=2</td></tr></table></body></html>"
    )
    path = written(tmp_path, page.replace("utf-8", encoding), "export.xls", encoding)
    assert [(row.row, row.sku, row.sent_url) for row in image_rows(path)] == [
        (2, "00123", f"{URL}?1"),
        (3, "NA", f"{URL}?a=1&b=2"),
    ]
    assert load(path).facts.format == "HTML table"


def test_a_sheet_can_be_chosen(tmp_path: Path) -> None:
    rows: list[list[object]] = [["sku", "image url"], ["A", f"{URL}?1"]]
    path = workbook(tmp_path, {"One": rows, "Two words": rows})
    assert [sheet.name for sheet in load(path, LoaderSettings(sheet="two words")).sheets] == ["Two words"]
    with pytest.raises(FileError, match=r"no sheet called 'Three'. Its sheets: One, Two words"):
        load(path, LoaderSettings(sheet="Three"))


def test_hidden_sheets_and_filtered_rows_are_told(tmp_path: Path) -> None:
    path = workbook(tmp_path, {"Rows": [["sku", "image url"], ["A", f"{URL}?1"], ["B", f"{URL}?2"]]})
    book = load_workbook(path)
    hidden = book.create_sheet("Old")
    hidden.append(["sku", "image url"])
    hidden.append(["C", f"{URL}?3"])
    hidden.sheet_state = "hidden"
    book["Rows"].auto_filter.ref = "A1:B3"
    book["Rows"].auto_filter.add_filter_column(0, ["B"])
    book["Rows"].row_dimensions[2].hidden = True
    book.save(path)
    loaded = load(path)
    assert [row.sku for row in images(loaded)] == ["A", "B"]
    assert any("'Old' is hidden and was left out; --sheet Old reads it" in note for note in loaded.notes)
    assert any("1 row is hidden by a filter" in note for note in loaded.notes)
    assert [row.sku for row in image_rows(path, LoaderSettings(sheet="Old"))] == ["C"]


def test_merged_header_cells(tmp_path: Path) -> None:
    """`SKU` over two rows, `Images` over three columns, numbered below."""
    rows: list[list[object]] = [
        ["Spring catalogue"],
        ["SKU", "Images", None, None],
        [None, "1", "2", "3"],
        ["A", f"{URL}?1", f"{URL}?2", None],
    ]
    path = workbook(tmp_path, {"S": rows})
    book = load_workbook(path)
    book["S"].merge_cells("A1:D1")
    book["S"].merge_cells("A2:A3")
    book["S"].merge_cells("B2:D2")
    book.save(path)
    loaded = load(path)
    assert loaded.sheets[0].header_row == 3
    assert loaded.sheets[0].columns == {"sku": "SKU", "image_url": "Images 1, Images 2, Images 3"}
    assert asked(images(loaded)) == [(4, "A", "x.jpg?1"), (4, "A", "x.jpg?2")]


def test_a_table_that_does_not_begin_in_the_corner(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for at, text in {"C4": "SKU", "D4": "Image URL", "C5": "A", "D5": URL, "D6": "x"}.items():
        sheet[at] = text
    book.save(tmp_path / "rows.xlsx")
    loaded = load(tmp_path / "rows.xlsx")
    assert asked(images(loaded)) == [(5, "A", "x.jpg")]
    assert rejected(loaded)[0].problem.code == "product_missing"


def test_links_and_formulas_behind_cells(tmp_path: Path) -> None:
    """The text of a link to a picture is not its address; a link on a SKU is no picture at all."""
    rows: list[list[object]] = [
        ["SKU", "Picture"],
        ["A", "click here"],
        ["B", '=HYPERLINK("https://a.example/b.jpg","Mug")'],
        ["C", '=_xlfn.IMAGE("https://a.example/c.jpg")'],
        ["D", '=CONCATENATE("https://a.example/",A5,".jpg")'],
        ["E", "https://a.example/e.jpg"],
    ]
    path = workbook(tmp_path, {"S": rows})
    book = load_workbook(path)
    book["S"]["B2"].hyperlink = "https://a.example/a.jpg"
    book["S"]["A2"].hyperlink = "https://shop.example/product/a"
    book["S"]["B6"].hyperlink = "https://tracker.example/?to=e"
    book.save(path)
    loaded = load(path)
    assert asked(images(loaded)) == [(2, "A", "a.jpg"), (3, "B", "b.jpg"), (4, "C", "c.jpg"), (6, "E", "e.jpg")]
    (formula,) = rejected(loaded)
    assert (formula.row, formula.problem.code) == (5, "row_malformed")
    assert "formula" in formula.problem.detail


def test_zeros_that_only_the_number_format_shows(tmp_path: Path) -> None:
    """Excel stores 123 and shows 00123: that is the SKU, as anybody can see."""
    path = workbook(tmp_path, {"S": [["SKU", "image url"], [123, f"{URL}?1"], [4567890, f"{URL}?2"], [5, f"{URL}?3"]]})
    book = load_workbook(path)
    for row in (2, 3):
        book["S"][f"A{row}"].number_format = "00000"
    book.save(path)
    assert [row.sku for row in image_rows(path)] == ["00123", "4567890", "5"]


def test_dates_booleans_and_errors_in_cells(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["product id", "sku", "image url", "is thumbnail"],
        [date(2024, 5, 1), None, f"{URL}?1", True],
        [datetime(2024, 5, 1, 12, 30), "B", f"{URL}?2", None],  # noqa: DTZ001 - a workbook has no time zones
        [7, "C", f"{URL}?3", False],
        [8, None, "#N/A", None],
    ]
    loaded = load(workbook(tmp_path, {"S": rows}))
    assert [(row.row, row.is_thumbnail) for row in images(loaded)] == [(4, False)]
    assert [(row.row, row.problem.code) for row in rejected(loaded)] == [
        (2, "product_id_invalid"),
        (3, "product_id_invalid"),
        (5, "url_missing"),
    ]


def test_a_formatted_cell_without_text_is_empty(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["sku", "image url"])
    sheet.append(["A", URL])
    sheet["A9"].fill = PatternFill("solid", fgColor="FFFF00")
    book.save(tmp_path / "rows.xlsx")
    assert load(tmp_path / "rows.xlsx").sheets[0].rows == 1


def test_a_products_cell_merged_over_its_pictures(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["SKU", "Image"],
        ["A", f"{URL}?1"],
        [None, f"{URL}?2"],
        [None, f"{URL}?3"],
        [None, f"{URL}?4"],
    ]
    path = workbook(tmp_path, {"S": rows})
    book = load_workbook(path)
    book["S"].merge_cells("A2:A4")
    book.save(path)
    loaded = load(path)
    assert asked(images(loaded)) == [(2, "A", "x.jpg?1"), (3, "A", "x.jpg?2"), (4, "A", "x.jpg?3")]
    assert [row.row for row in rejected(loaded)] == [5]


def test_a_link_whose_text_is_cut_short(tmp_path: Path) -> None:
    page = f"<table><tr><td>SKU</td><td>Image</td></tr><tr><td>A</td><td><a href='{URL}'>https://a.example/...</a></td></tr></table>"
    assert asked(image_rows(written(tmp_path, page, "rows.xls"))) == [(2, "A", "x.jpg")]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_and_hardly_any_latin_letters(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, f"sku,image,alt text\nA,{URL},{'漢字' * 100}\n", encoding=encoding)
    assert image_rows(path)[0].description == "漢字" * 100
