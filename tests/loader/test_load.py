"""Spreadsheets as people make them: every data row is a row to import or a problem on its own row."""

import csv
import io
from datetime import date
from pathlib import Path

import pytest

from importer.errors import FileError
from importer.loader import load
from importer.models import ImageRow, RejectedRow
from importer.settings import ColumnMap, LoaderSettings
from tests.loader.sheets import URL, image_rows, workbook, written


def test_all_columns_of_a_csv_file(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "Product ID,SKU,Image URL,Description,Sort Order,Is Thumbnail\r\n"
        f"111,MUG,{URL},“Blue” mug ☕,2,yes\r\n"
        f",00451,{URL},,,\r\n",
    )
    first, second = image_rows(path)
    assert first == ImageRow("", 2, 111, "MUG", URL, URL, "“Blue” mug ☕", 2, True)
    assert second == ImageRow("", 3, None, "00451", URL, URL, "", None, None)


def test_a_workbook_gives_the_same_rows_with_its_sheet_name(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        {
            "Pictures": [
                ["Product ID", "SKU", "Image URL", "Is Thumbnail"],
                [111, "00451", URL, True],
                [112.0, 7, URL, 0],
            ]
        },
    )
    first, second = image_rows(path)
    assert first == ImageRow("Pictures", 2, 111, "00451", URL, URL, "", None, True)
    assert (second.product_id, second.sku, second.is_thumbnail) == (112, "7", False)


def test_row_numbers_are_those_of_the_spreadsheet(tmp_path: Path) -> None:
    text = f'sku,image url,alt text\nA,{URL}?1,"two\nlines"\n\n   ,,\nB,{URL}?2,\n'
    assert [row.row for row in image_rows(written(tmp_path, text))] == [2, 5]
    path = workbook(tmp_path, {"S": [["sku", "image url"], ["A", URL], [], [None, ""], ["B", URL]]})
    assert [row.row for row in image_rows(path)] == [2, 5]


def test_title_lines_above_the_header_are_passed_over(tmp_path: Path) -> None:
    text = f"Spring catalogue;;\n;;\nSKU;Image URL;Alt text\nA;{URL};x\n"
    loaded = load(written(tmp_path, text))
    assert loaded.sheets[0].header_row == 3
    assert loaded.rows[0].row == 4


@pytest.mark.parametrize(
    "sku", ["NA", "NULL", "nan", "None", "-", "1E5", "00123", "0", "123.0", "'8720892119308", "#N/A"]
)
def test_a_sku_stays_as_it_is_written(tmp_path: Path, sku: str) -> None:
    (row,) = image_rows(written(tmp_path, f"sku,image_url\n{sku},{URL}\n"))
    assert row.sku == sku


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(tmp_path: Path, delimiter: str) -> None:
    text = "\n".join(
        delimiter.join(line) for line in (["sku", "image url", "alt"], ["A", URL, "x"], ["B", URL, "y, z; w"])
    )
    text = text.replace("y, z; w", '"y, z; w"')
    assert [row.description for row in image_rows(written(tmp_path, text))] == ["x", "y, z; w"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    text = f"sku,image url,alt text\nA,{URL},Café Größe\n"
    assert image_rows(written(tmp_path, text, encoding=encoding))[0].description == "Café Größe"


@pytest.mark.parametrize("header", ["Image_URL", " image-url ", "IMAGE URL", "ImageUrl", "Image Src", "image link"])
def test_headers_are_compared_without_case_and_punctuation(tmp_path: Path, header: str) -> None:
    loaded = load(written(tmp_path, f"SKU,{header}\nA,{URL}\n"))
    assert loaded.sheets[0].columns == {"sku": "SKU", "image_url": header.strip()}


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        (f",,{URL},,", "product_missing", "Product ID"),
        (f"12O4,,{URL},,", "product_id_invalid", "Product ID"),
        (f"0,,{URL},,", "product_id_invalid", "Product ID"),
        (f"-5,A,{URL},,", "product_id_invalid", "Product ID"),
        (f"1.5,,{URL},,", "product_id_invalid", "Product ID"),
        (f"1.23457E+11,,{URL},,", "product_id_invalid", "Product ID"),
        ("1,,,,", "url_missing", "Image URL"),
        ("1,,www.a.example/x.jpg,,", "url_invalid", "Image URL"),
        ("1,,ftp://a.example/x.jpg,,", "url_scheme", "Image URL"),
        (f"1,,{URL},first,", "row_malformed", "Sort Order"),
        (f"1,,{URL},99999999999,", "row_malformed", "Sort Order"),
        (f"1,,{URL},,perhaps", "row_malformed", "Is Thumbnail"),
        (f"1,,{URL},,,surplus", "row_malformed", "F"),
    ],
)
def test_a_bad_row_is_a_problem_on_its_own_row(tmp_path: Path, row: str, code: str, column: str) -> None:
    text = f"Product ID,SKU,Image URL,Sort Order,Is Thumbnail\n7,,{URL},,\n{row}\n8,,{URL},,\n"
    before, bad, after = load(written(tmp_path, text)).rows
    assert isinstance(before, ImageRow)
    assert isinstance(after, ImageRow)
    assert isinstance(bad, RejectedRow)
    assert (bad.row, bad.problem.code, bad.problem.column) == (3, code, column)
    assert bad.problem.detail
    assert bad.problem.fix


def test_the_same_picture_twice_on_a_product_is_a_duplicate_across_sheets(tmp_path: Path) -> None:
    rows: list[list[object]] = [["sku", "image url"], ["A", URL], ["B", URL]]
    first, _, second, _ = load(workbook(tmp_path, {"One": rows, "Two": rows})).rows
    assert isinstance(first, ImageRow)
    assert isinstance(second, RejectedRow)
    assert second.problem.code == "url_duplicate"
    assert "row 2 of the sheet One" in second.problem.detail


def test_a_long_description_is_cut_at_a_word_and_says_so(tmp_path: Path) -> None:
    (row,) = image_rows(written(tmp_path, f"sku,image url,alt text\nA,{URL},{'word ' * 60}\n"))
    assert len(row.description) <= 255
    assert row.description.endswith("word")
    assert "cut from 299 to 254 characters" in row.warning


def test_ragged_rows_cost_nobody_else_anything(tmp_path: Path) -> None:
    text = f"sku,image url,alt\nA,{URL}?1\nB,{URL}?2,b,surplus,more\nC,{URL}?3,c\n"
    first, second, third = load(written(tmp_path, text)).rows
    assert isinstance(first, ImageRow)
    assert isinstance(second, RejectedRow)
    assert isinstance(third, ImageRow)


def test_a_stray_quotation_mark_that_swallows_rows_is_told(tmp_path: Path) -> None:
    text = f'sku,alt text,image url\nA,"oops,{URL}?1\nB,b,{URL}?2\nC,c" x,{URL}?3\nD,d,{URL}?4\n'
    first, second = load(written(tmp_path, text)).rows
    assert isinstance(first, RejectedRow)
    assert "stray quotation mark" in first.problem.detail
    assert isinstance(second, ImageRow)
    assert second.sku == "D"


def test_a_quotation_mark_that_is_never_closed_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="never closed"):
        load(written(tmp_path, f'sku,image url\n"A,{URL}\nB,{URL}\n'))


def test_one_damaged_wide_line_does_not_fill_the_memory(tmp_path: Path) -> None:
    lines = [f"S{number},{URL}?{number}" for number in range(20_000)]
    lines[10_000] = "," * 20_000 + "x"
    rows = load(written(tmp_path, "sku,image url\n" + "\n".join(lines) + "\n")).rows
    assert len(rows) == 20_000
    assert [row.row for row in rows if isinstance(row, RejectedRow)] == [10_002]


def test_sheets_without_usable_columns_and_hidden_ones_are_named(tmp_path: Path) -> None:
    path = workbook(tmp_path, {"Notes": [["about", "this"]], "Rows": [["sku", "image url"], ["A", URL]]})
    assert any("'Notes' has no usable columns" in note for note in load(path).notes)


def test_dates_in_a_key_column_are_no_ids(tmp_path: Path) -> None:
    path = workbook(tmp_path, {"S": [["product id", "image url"], [date(2024, 5, 1), URL]]})
    (row,) = load(path).rows
    assert isinstance(row, RejectedRow)
    assert row.problem.code == "product_id_invalid"


def test_two_columns_that_could_be_the_key_stop_the_file(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"'SKU' \(column A\) and 'sku' \(column C\)"):
        load(written(tmp_path, f"SKU,Image URL,sku\nA,{URL},B\n"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"  \n \n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"a,b\n1,2\n", "Headers seen: a, b"),
        (b"sku,image url\n", "no rows under it"),
        (b"\x00\x01\x02\x03", "neither a text file nor a workbook"),
        (b"PK\x03\x04 and then nonsense", "cannot be opened as a workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "cannot be opened as a workbook"),
    ],
)
def test_an_unusable_file_is_one_clear_sentence(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(content)
    with pytest.raises(FileError, match=message):
        load(path)


def test_a_folder_and_a_missing_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="is a folder"):
        load(tmp_path)
    with pytest.raises(FileError, match="There is no file"):
        load(tmp_path / "none.csv")


def test_a_workbook_under_a_csv_name_is_read_all_the_same(tmp_path: Path) -> None:
    path = workbook(tmp_path, {"S": [["sku", "image url"], ["A", URL]]}).rename(tmp_path / "rows.csv")
    assert load(path).rows[0].sku == "A"


def test_progress_adds_up_to_the_rows(tmp_path: Path) -> None:
    stream = io.StringIO()
    csv.writer(stream).writerows([["sku", "image url"], *([f"S{n}", URL] for n in range(2_345))])
    told: list[int] = []
    load(written(tmp_path, stream.getvalue()), watch=told.append)
    assert sum(told) == 2_345


def test_progress_counts_rows_of_the_file_however_many_pictures_each_names(tmp_path: Path) -> None:
    path = written(tmp_path, f"sku,images,more images\nA,{URL}?1|{URL}?2,{URL}?3\n,,\nB,{URL},\nC,,\n")
    for options in (LoaderSettings(), LoaderSettings(columns=(ColumnMap("image_url", "images"),))):
        told: list[int] = []
        loaded = load(path, options, watch=told.append)
        assert sum(told) == loaded.sheets[0].rows == 3
        assert len(loaded.rows) > 3


def test_a_workbook_locked_with_a_password_is_told_as_such() -> None:
    # Written by openpyxl and encrypted with the password "pw", as Excel's "Encrypt with Password" does.
    with pytest.raises(FileError, match="locked with a password"):
        load(Path(__file__).parent / "encrypted.xlsx")
