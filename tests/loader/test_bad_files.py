"""Files that nobody can read, or that would do harm: one clear sentence, and time and memory bounded."""

import gzip
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from openpyxl import Workbook

from importer.errors import FileError
from importer.loader import load
from importer.settings import LoaderSettings
from tests.loader.sheets import URL, asked, image_rows, images, rejected, workbook, written

TEXT = f"sku,image url,alt text\n00123,{URL}?1,Café\nNA,{URL}?2,Größe\n"


def test_a_web_page_without_a_table(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="web page without a table"):
        load(written(tmp_path, "<!DOCTYPE html><html><body>Please log in</body></html>", "export.xls"))


def test_a_web_page_whose_table_no_reader_makes_out(tmp_path: Path) -> None:
    """Pandas looks for a header row that is not there, and raises an IndexError."""
    table = "<html><table><tr><thSKU</th><th>a/b.jpg<></td></tr><tr>/tr></table></html>"
    with pytest.raises(FileError, match="web page without a table"):
        load(written(tmp_path, table, "export.xls"))


def test_hundreds_of_thousands_of_empty_formatted_rows_are_no_rows(tmp_path: Path) -> None:
    path = workbook(tmp_path, {"S": [["sku", "image url"], ["A", URL]]})
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    empty = b"".join(b'<row r="%d"><c r="A%d" s="1"/><c r="B%d" s="1"/></row>' % (n, n, n) for n in range(3, 300_003))
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b"</sheetData>", empty + b"</sheetData>")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    loaded = load(path)
    assert (loaded.sheets[0].rows, len(images(loaded))) == (1, 1)


def test_a_cell_far_outside_the_table_does_not_fill_the_memory(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for at, text in {"A1": "SKU", "B1": "Image URL", "A2": "A", "B2": URL, "XFD1048576": "x"}.items():
        sheet[at] = text
    book.save(tmp_path / "rows.xlsx")
    with pytest.raises(FileError, match="stands far outside the table"):
        load(tmp_path / "rows.xlsx")


def test_cells_longer_than_excel_allows(tmp_path: Path) -> None:
    (row,) = image_rows(written(tmp_path, f"sku,image url,alt text\nA,{URL},{'word ' * 20_000}\n"))
    assert len(row.description) <= 255
    assert "cut" in row.warning
    long = f"https://a.example/{'x' * 40_000}"
    loaded = load(written(tmp_path, f"sku,image url\nA,{long}\n{'A' * 40_000},{long}\n"))
    assert [row.problem.code for row in rejected(loaded)] == ["url_too_long", "row_malformed"]


def test_nul_bytes_in_a_cell(tmp_path: Path) -> None:
    path = written(tmp_path, f"sku,image url\nA\x00,{URL}?1\nB,https://a.example/x\x00.jpg\nC,{URL}?3\n")
    assert asked(image_rows(path)) == [(2, "A", "x.jpg?1"), (3, "B", "x.jpg"), (4, "C", "x.jpg?3")]


def test_a_line_without_an_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    with path.open("wb") as file:
        file.write(b"sku,image url\nA,")
        for _ in range(40):
            file.write(b"x" * (1 << 20))
    with pytest.raises(FileError, match="line of more than 16 million characters"):
        load(path)


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(b"sku,image url\n")
        for _ in range(150):
            file.write(bytes(1 << 20))
    with pytest.raises(FileError, match="unpacks to more than any spreadsheet holds"):
        load(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"%PDF-1.7\n...", "is a PDF file, not a spreadsheet"),
        (b"\x89PNG\r\n\x1a\n....", "is a picture"),
        (b"SQLite format 3\x00", "is a database"),
        (b"\x1f\x8b\x08\x00broken", "damaged archive|cannot be"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">', "Excel 2003"),
    ],
)
def test_other_kinds_of_files_are_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "rows.xlsx"
    path.write_bytes(content)
    with pytest.raises(FileError, match=message):
        load(path)


def test_a_word_document_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<x/>")
    with pytest.raises(FileError, match="is a Word document"):
        load(path)


def test_external_entities_are_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path, {"S": [["sku", "image url"], ["A", URL]]})
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    doctype = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><worksheet'
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(b"<worksheet", doctype, 1)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(FileError):
        load(path)


def test_a_packed_files_own_name_stands_in_its_errors(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv.gz"
    path.write_bytes(gzip.compress(b'sku,image url\n"A,x\nB,y\n'))
    with pytest.raises(FileError, match=r"rows\.csv\.gz cannot be read as CSV from row 2 on.*never closed") as caught:
        load(path)
    assert "importer-" not in str(caught.value)


@pytest.mark.parametrize("text", ['<?xml version="1.0"?><rss/>', '{"products": []}', '[{"sku": 1}]'])
def test_feeds_that_are_no_tables_are_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(FileError, match="is an XML or JSON file"):
        load(written(tmp_path, text))


@pytest.mark.parametrize("encoding", ["idna", "punycode", "unicode_escape", "utf-7"])
def test_an_encoding_that_no_spreadsheet_is_in(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"sku,image url\nA\\xff\xff,https://a.example/x.jpg\n")
    with suppress(FileError):
        assert load(path, LoaderSettings(encoding=encoding)).rows


def test_an_archive_member_without_a_name(tmp_path: Path) -> None:
    path = tmp_path / "rows.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x", TEXT)
    content = bytearray(path.read_bytes())
    central = content.index(b"PK\x01\x02")
    content[central + 28 : central + 30] = bytes(2)  # the length of the name
    del content[central + 46]
    content[content.index(b"PK\x05\x06") + 12] -= 1  # the size of the directory
    path.write_bytes(content)
    with pytest.raises(FileError, match=r"rows\.zip"):
        load(path)


@pytest.mark.long
def test_a_header_a_hundred_thousand_cells_wide(tmp_path: Path) -> None:
    """Filling each short row up to it would take gigabytes."""
    path = written(tmp_path, f"SKU,Image URL{',' * 100_000}x\n" + f"A,{URL}\n" * 2_000)
    assert len(load(path).rows) == 2_000


def test_a_page_of_comments_and_a_long_word(tmp_path: Path) -> None:
    """Both once took time that grew with the square of their length, or worse."""
    with suppress(FileError):
        load(written(tmp_path, "<!---->" * 500 + "x"))
    path = written(tmp_path, f"sku,image url,alt text\nA,{URL},{'f' * 200_000}\nB,{URL},é\n", encoding="cp1252")
    assert len(load(path).rows) == 2
