"""The kinds of workbooks that people have, each read from its first row to its last."""

import struct
import zipfile
from pathlib import Path

import pytest

from importer.errors import FileError
from importer.loader import load
from tests.loader.sheets import URL, asked, images, rejected, workbook

HERE = Path(__file__).resolve().parent
ODF = "urn:oasis:names:tc:opendocument:xmlns"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def packed(path: Path, parts: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def ods(folder: Path, rows: list[list[str]]) -> Path:
    """An OpenDocument spreadsheet as LibreOffice lays it out, with a million repeated empty rows at its end."""
    names = "".join(f' xmlns:{name}="{ODF}:{name}:1.0"' for name in ("office", "table", "text"))
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    body = "".join(
        "<table:table-row>"
        + "".join(text if text.startswith("<table:") else cell.format(text) for text in row)
        + '<table:table-cell table:number-columns-repeated="16000"/></table:table-row>'
        for row in rows
    )
    empty = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
    content = (
        f'<office:document-content{names} xmlns:xlink="http://www.w3.org/1999/xlink"><office:body><office:spreadsheet>'
        f'<table:table table:name="Pictures">{body}{empty}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = f'<manifest:manifest xmlns:manifest="{ODF}:manifest:1.0"/>'
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return packed(folder / "rows.ods", {"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": manifest})


def record(kind: int, data: bytes = b"") -> bytes:
    """A record of a binary workbook. Source: [MS-XLSB] 2.1.4."""
    head = bytes([kind]) if kind < 128 else bytes([kind & 127 | 128, kind >> 7])
    return head + bytes([len(data) & 127 | 128, len(data) >> 7]) + data


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb(folder: Path, rows: list[list[str]]) -> Path:
    """A binary workbook with its texts in the cells (BrtCellSt)."""
    cells = b"".join(
        record(0, struct.pack("<IIHBBBI", number, 0, 300, 0, 0, 0, 0))
        + b"".join(record(6, struct.pack("<II", column, 0) + wide(text)) for column, text in enumerate(row))
        for number, row in enumerate(rows)
    )
    area = record(148, struct.pack("<IIII", 0, len(rows) - 1, 0, len(rows[0]) - 1))
    sheet = record(129) + area + record(145) + cells + record(146) + record(130)
    book = record(131) + record(143) + record(156, struct.pack("<II", 0, 1) + wide("r1") + wide("S")) + record(144)
    one = f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.bin"/>'
    return packed(
        folder / "rows.xlsb",
        {
            "[Content_Types].xml": "<Types/>",
            "xl/workbook.bin": book + record(132),
            "xl/_rels/workbook.bin.rels": f"<Relationships>{one}</Relationships>",
            "xl/worksheets/sheet1.bin": sheet,
        },
    )


ROWS = [["SKU", "Bild-URL"], ["00123", f"{URL}?1"], ["NA", f"{URL}?2"]]


@pytest.mark.parametrize(
    ("make", "words"), [(ods, "OpenDocument spreadsheet (.ods)"), (xlsb, "Excel binary workbook (.xlsb)")]
)
def test_open_document_and_binary_workbooks(tmp_path: Path, make: object, words: str) -> None:
    loaded = load(make(tmp_path, ROWS))  # type: ignore[operator]
    assert asked(images(loaded)) == [(2, "00123", "x.jpg?1"), (3, "NA", "x.jpg?2")]
    assert loaded.facts.format == words


def test_a_link_in_an_open_document_sheet(tmp_path: Path) -> None:
    path = ods(tmp_path, [["SKU", "Image"], ["A", f'<text:a xlink:href="{URL}">front</text:a>']])
    assert asked(images(load(path))) == [(2, "A", "x.jpg")]


def test_a_workbook_with_macros_is_a_workbook(tmp_path: Path) -> None:
    path = workbook(tmp_path, {"S": [["SKU", "Image"], ["A", URL]]}).rename(tmp_path / "rows.xlsm")
    assert asked(images(load(path))) == [(2, "A", "x.jpg")]


def test_an_old_excel_file_with_links_and_a_filter() -> None:
    """Written by LibreOffice: a linked text, a HYPERLINK formula, a link to a mail address, a filtered row."""
    loaded = load(HERE / "hyperlinks.xls")
    assert asked(images(loaded)) == [(2, "A", "a.jpg"), (3, "B", "b.jpg")]
    assert len(rejected(loaded)) == 4
    assert any("1 row is hidden by a filter" in note for note in loaded.notes)


def test_a_binary_workbook_whose_cells_would_be_lost_is_refused() -> None:
    """A writer other than Excel shortens its cell records, and the reader of the values passes over them."""
    with pytest.raises(FileError, match="cannot be read completely"):
        load(HERE / "hyperlinks.xlsb")


def test_a_damaged_workbook_that_makes_the_reader_panic_is_one_sentence(tmp_path: Path) -> None:
    content = bytearray((HERE / "hyperlinks.xls").read_bytes())
    refused = 0
    for place in range(512, len(content), 61):
        damaged = bytearray(content)
        damaged[place : place + 4] = b"\xff\xff\xff\x7f"
        path = tmp_path / "rows.xls"
        path.write_bytes(damaged)
        try:
            load(path)
        except FileError:
            refused += 1
    assert refused


def test_what_an_open_document_sheet_shows(tmp_path: Path) -> None:
    """A number with the zeros of its format, and a cell that is merged over two rows."""
    zeros = '<table:table-cell office:value-type="float" office:value="123"><text:p>00123</text:p></table:table-cell>'
    merged = 'office:value-type="string" table:number-rows-spanned="2"'
    over = f"<table:table-cell {merged}><text:p>B</text:p></table:table-cell>"
    rows = [["SKU", "Image"], [zeros, f"{URL}?1"], [over, f"{URL}?2"], ["<table:covered-table-cell/>", f"{URL}?3"]]
    assert asked(images(load(ods(tmp_path, rows)))) == [
        (2, "00123", "x.jpg?1"),
        (3, "B", "x.jpg?2"),
        (4, "B", "x.jpg?3"),
    ]


@pytest.mark.parametrize("kind", ["xlsx", "xlsb", "ods"])
@pytest.mark.parametrize("types_too", [False, True])
@pytest.mark.parametrize("front", ["", "/", ".\\"])
def test_a_workbook_whose_parts_are_named_oddly(tmp_path: Path, kind: str, types_too: bool, front: str) -> None:
    """With backslashes, as old .NET programs name them, or with a path in front."""
    if kind == "xlsx":
        texts: list[list[object]] = [[*row] for row in ROWS]
        path = workbook(tmp_path, {"S": texts})
    else:
        path = ods(tmp_path, ROWS) if kind == "ods" else xlsb(tmp_path, ROWS)
    with zipfile.ZipFile(path) as archive:
        parts: dict[str, str | bytes] = {
            front + name.replace("/", "\\"): archive.read(name) for name in archive.namelist()
        }
    if types_too:
        parts.pop(f"{front}[Content_Types].xml", None)
    packed(path, parts)
    assert asked(images(load(path))) == [(2, "00123", "x.jpg?1"), (3, "NA", "x.jpg?2")]
