"""What lies behind the values of .ods, .xls and .xlsb files, and of files that nobody could have meant."""

import struct
import zipfile
from io import BytesIO
from itertools import starmap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from importer.errors import FileError
from importer.loader.hyperlinks import SheetLinks, read_links

HERE = Path(__file__).parent
A, B, C = (f"https://a.example/{name}.jpg" for name in "abc")
ODF = "urn:oasis:names:tc:opendocument:xmlns"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def packed(parts: dict[str, bytes]) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def content(rows: str, after: str = "") -> bytes:
    """The content.xml of an .ods file with one sheet, named S, and this XML after it."""
    names = "".join(f' xmlns:{name}="{ODF}:{name}:1.0"' for name in ("office", "table", "text"))
    return (
        f'<office:document-content{names} xmlns:xlink="http://www.w3.org/1999/xlink"><office:body>'
        f'<office:spreadsheet><table:table table:name="S"><table:table-column/>{rows}</table:table>{after}'
        "</office:spreadsheet></office:body></office:document-content>"
    ).encode()


def ods(folder: Path, rows: str, after: str = "") -> SheetLinks:
    path = folder / "rows.ods"
    path.write_bytes(packed({"content.xml": content(rows, after)}))
    return read_links(path, "ods")["S"]


def row(*cells: str, more: str = "") -> str:
    return f"<table:table-row {more}>{''.join(cells)}</table:table-row>"


def text(inside: str, more: str = "") -> str:
    return f'<table:table-cell office:value-type="string" {more}><text:p>{inside}</text:p></table:table-cell>'


def anchor(target: str) -> str:
    return f'see <text:a xlink:href="{target}">here</text:a>'


def test_links_of_an_ods_sheet(tmp_path: Path) -> None:
    """Rows and columns are repeated by a count; a comment's links are not the cell's."""
    note = f"<office:annotation><text:p>{anchor(C)}</text:p></office:annotation>"
    found = ods(
        tmp_path,
        row(text("sku"), text("image"))
        + row('<table:table-cell table:number-columns-repeated="3"/>', more='table:number-rows-repeated="7"')
        + row(text("x"), f'<table:covered-table-cell table:number-columns-repeated="2"/>{text(anchor(A))}')
        + row(text(anchor(B), 'table:number-columns-repeated="2"'), more='table:number-rows-repeated="2"')
        + row(f'<table:table-cell office:value-type="string">{note}<text:p>{anchor(A)}</text:p></table:table-cell>')
        + row(text(anchor("mailto:x@a.example")), text(anchor("#S.A1"))),
    )
    assert found.links == {9: {3: A}, 10: {0: B, 1: B}, 11: {0: B, 1: B}, 12: {0: A}}
    assert found.area == 13 * 4


@pytest.mark.parametrize(
    ("formula", "more", "expected"),
    [
        (f'of:=HYPERLINK("{A}";"a;b")', 'office:value-type="string"', f'=HYPERLINK("{A}","a;b")'),
        ("of:=HYPERLINK([.B2]; [$Other.C3:.C4])", 'office:value-type="string"', "=HYPERLINK(B2, $Other.C3:C4)"),
        (f'of:=image("{A}")', 'office:value-type="string"', f'=IMAGE("{A}")'),
        (
            f'of:=IFERROR(__xludf.DUMMYFUNCTION("IMAGE(""{A}"")");"")',
            'office:value-type="string"',
            f'=IMAGE("{A}")',
        ),
        ("of:=[.A1]+1", "", "=A1+1"),
        ("of:=[.A1]+1", 'office:value-type="float" office:value="2"', None),
    ],
)
def test_formulas_of_an_ods_sheet(tmp_path: Path, formula: str, more: str, expected: str | None) -> None:
    source = formula.replace('"', "&quot;")
    found = ods(tmp_path, row(f'<table:table-cell table:formula="{source}" {more}/>'))
    assert found.formulas == ({} if expected is None else {1: {0: expected}})


def test_hidden_and_filtered_rows_of_an_ods_sheet(tmp_path: Path) -> None:
    by_hand = row(text("x"), text("y"), more='table:visibility="collapse" table:number-rows-repeated="3"')
    empty = row("<table:table-cell/>", more='table:visibility="collapse" table:number-rows-repeated="1000000"')
    found = ods(tmp_path, row(text("x")) + by_hand + empty)
    assert (found.hidden_rows, found.filtered) == (3, False)
    assert ods(tmp_path, row(text("x"), more='table:visibility="filter"')).filtered
    buttons = '<table:database-range table:target-range-address="$S.A1:$S.B4" table:display-filter-buttons="true">{}'
    buttons = f"<table:database-ranges>{buttons}</table:database-range></table:database-ranges>"
    assert not ods(tmp_path, row(text("x")), buttons.format("")).filtered
    assert ods(tmp_path, row(text("x")) + by_hand, buttons.format("")).filtered
    assert ods(tmp_path, row(text("x")), buttons.format("<table:filter-condition/>")).filtered


def test_huge_repeat_counts_of_an_ods_sheet_are_only_multiplied(tmp_path: Path) -> None:
    """Empty repeats are no area; repeated texts are copied by the next reader and refused."""
    rest = row('<table:table-cell table:number-columns-repeated="16384"/>', more='table:number-rows-repeated="1048575"')
    assert ods(tmp_path, row(text("x")) + rest).area == 1
    number = '<table:table-cell office:value-type="float" table:number-columns-repeated="9999999999"/>'
    assert ods(tmp_path, row(number, more='table:number-rows-repeated="9999999999"')).area == 1_048_576 * 16_384
    spaces = row(text('<text:s text:c="2000000000"/>'))
    copies = row(text("x" * 10_000, 'table:number-columns-repeated="16384"'), more='table:number-rows-repeated="99"')
    for rows in (spaces, copies):
        with pytest.raises(FileError, match="absurd size"):
            ods(tmp_path, rows)


def test_an_ods_file_that_is_cut_off_or_locked_is_refused(tmp_path: Path) -> None:
    """The reader of the values would wait for ever for the end of a table."""
    path = tmp_path / "rows.ods"
    for manifest, inside, words in (
        (b"<manifest/>", content(row(text("x")))[:-90], "cut off"),
        (b"<manifest/>", b"\x93\x8c\x01", "cut off"),
        (b"<manifest><manifest:encryption-data/></manifest>", b"\x93\x8c\x01", "locked with a password"),
    ):
        path.write_bytes(packed({"META-INF/manifest.xml": manifest, "content.xml": inside}))
        with pytest.raises(FileError, match=words):
            read_links(path, "ods")


def test_an_xls_file(tmp_path: Path) -> None:
    """As LibreOffice writes it: a link with a fragment, a mail link, a HYPERLINK formula, a filter, a hidden row."""
    found = read_links(HERE / "hyperlinks.xls", "xls")
    assert found == {
        "Images": SheetLinks({2: {1: A + "#frag"}}, {3: {1: f'=HYPERLINK("{B}")'}}, 1, True, 21),
        "O'Brien & Co": SheetLinks({}, {}, 0, False, 1),
    }


def test_an_xls_file_whose_parts_lead_in_a_circle_is_refused(tmp_path: Path) -> None:
    """The reader of the values would follow them until the memory is full."""
    whole = (HERE / "hyperlinks.xls").read_bytes()
    directory, table = struct.unpack_from("<I", whole, 48)[0], struct.unpack_from("<I", whole, 76)[0]
    (minis,) = struct.unpack_from("<I", whole, (directory + 1) * 512 + 116)
    path = tmp_path / "rows.xls"
    for sector in (directory, minis):
        data = bytearray(whole)
        struct.pack_into("<I", data, (table + 1) * 512 + sector * 4, sector)
        path.write_bytes(data)
        with pytest.raises(FileError, match="in a circle"):
            read_links(path, "xls")


def test_an_xls_sheet_that_declares_an_absurd_size_has_that_area(tmp_path: Path) -> None:
    """The reader of the values makes room for what is declared, even where the last row lies before the first."""
    data = (HERE / "hyperlinks.xls").read_bytes()
    at = data.index(struct.pack("<HHIIHHH", 0x0200, 14, 0, 7, 0, 3, 0)) + 4
    path = tmp_path / "rows.xls"
    for first, last in ((0, 4_000_000_000), (7, 5)):
        path.write_bytes(data[:at] + struct.pack("<II", first, last) + data[at + 8 :])
        assert read_links(path, "xls")["Images"].area > 10**10


def test_an_xlsb_file() -> None:
    """As SheetJS writes it: links with and without a fragment, a mail link, short cells, a filter, a hidden row."""
    assert read_links(HERE / "hyperlinks.xlsb", "xlsb") == {
        "Images": SheetLinks({2: {1: A}, 3: {1: B + "#frag"}}, {}, 1, True, 12),
        "O'Brien": SheetLinks({}, {}, 0, False, 1),
    }


def wide(words: str | None) -> bytes:
    return struct.pack("<I", 0xFFFFFFFF) if words is None else struct.pack("<I", len(words)) + words.encode("utf-16-le")


def record(kind: int, data: bytes) -> bytes:
    head = bytes([kind]) if kind < 128 else bytes([kind & 127 | 128, kind >> 7])
    return head + bytes([len(data) & 127 | 128, len(data) >> 7]) + data


def literal(words: str) -> bytes:
    return b"\x17" + struct.pack("<H", len(words)) + words.encode("utf-16-le")


def formula_cell(kind: int, column: int, value: bytes, tokens: bytes) -> bytes:
    cell = struct.pack("<II", column, 0) + value + bytes(2) + struct.pack("<I", len(tokens)) + tokens + bytes(4)
    return record(kind, cell)


def xlsb(sheet: bytes) -> bytes:
    """An .xlsb file with one sheet, named S, and the defined name _xlfn.IMAGE."""
    rels = '<Relationships><Relationship Id="r1" Type="{}/{}" Target="{}"/></Relationships>'
    book = record(156, struct.pack("<II", 0, 1) + wide("r1") + wide("S"))
    book += record(39, bytes(9) + wide("Other")) + record(39, bytes(9) + wide("_xlfn.IMAGE"))
    return packed(
        {
            "xl/workbook.bin": book,
            "xl/_rels/workbook.bin.rels": rels.format(OFFICE, "worksheet", "worksheets/sheet1.bin").encode(),
            "xl/worksheets/sheet1.bin": sheet,
            "xl/worksheets/_rels/sheet1.bin.rels": rels.format(OFFICE, "hyperlink", A).encode(),
        }
    )


TEXT_ARGUMENTS = literal(B) + literal("shown")
IMAGE_NAME = b"\x23" + struct.pack("<I", 2)
SHEET = (
    record(0, struct.pack("<IIHBBBI", 4, 0, 300, 0, 0x10, 0, 0))
    + record(1, struct.pack("<II", 9, 0))
    + formula_cell(8, 1, wide("shown"), TEXT_ARGUMENTS + b"\x42\x02" + struct.pack("<H", 359))
    + formula_cell(11, 2, b"\x0f", IMAGE_NAME + literal(C) + b"\x42\x02" + struct.pack("<H", 255))
    + formula_cell(9, 3, bytes(8), literal(B) + b"\x44" + bytes(6) + b"\x08\x42\x01" + struct.pack("<H", 359))
    + formula_cell(10, 4, b"\x01", b"\x1d\x01")
    + record(494, struct.pack("<IIII", 5, 6, 0, 1) + wide("r1") + wide("") + wide("tip") + wide(""))
    + record(494, struct.pack("<IIII", 0, 0xFFFFFFF0, 1, 0) + wide("r1") + wide("") + wide("") + wide(""))
    + record(494, struct.pack("<IIII", 7, 7, 0, 0) + wide(None) + wide("S!A1") + wide("") + wide(""))
)


def test_formulas_and_ranges_of_an_xlsb_sheet(tmp_path: Path) -> None:
    """HYPERLINK and IMAGE with a written-out address, not with one put together; ranges, but no absurd ones."""
    path = tmp_path / "rows.xlsb"
    path.write_bytes(xlsb(SHEET))
    assert read_links(path, "xlsb")["S"] == SheetLinks(
        {6: {0: A, 1: A}, 7: {0: A, 1: A}}, {5: {1: f'=HYPERLINK("{B}")', 2: f'=IMAGE("{C}")'}}, 1, False, 25
    )


def test_an_xlsb_sheet_with_cells_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.xlsb"
    for short in (record(0, bytes(4)), record(7, bytes(8))):
        path.write_bytes(xlsb(SHEET + short))
        with pytest.raises(FileError, match="cut short"):
            read_links(path, "xlsb")


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def small_xlsx() -> bytes:
    book, file = Workbook(), BytesIO()
    sheet = book.create_sheet("S")
    sheet.append(["x", f'=HYPERLINK("{A}")'])
    sheet["A1"].hyperlink = B
    sheet.row_dimensions[1].hidden = True
    sheet.auto_filter.ref = "A1:B1"
    book.save(file)
    return file.getvalue()


ODS = {"content.xml": content(row(text(anchor(A), 'table:number-columns-repeated="3"')) + row(text("x")))}
PARTS = {"xlsx": parts_of(small_xlsx()), "xlsb": parts_of(xlsb(SHEET)), "ods": ODS}
XLS = {"": (HERE / "hyperlinks.xls").read_bytes()}
BYTES = st.one_of(st.binary(min_size=1, max_size=4), st.sampled_from([b"\xff" * 4, b"999999999", b"<", b'">', b"\0\0"]))
CHANGES = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), BYTES), min_size=1, max_size=4)


def changed(data: bytes, changes: list[tuple[float, bytes]]) -> bytes:
    for place, new in changes:
        at = int(place * len(data))
        data = data[:at] + new + data[at + len(new) :]
    return data


@pytest.mark.parametrize("file_format", ["xlsx", "xlsb", "ods", "xls"])
def test_no_bytes_break_the_reader(tmp_path: Path, file_format: str) -> None:
    """A part or the whole file is overwritten here and there: links, fewer links, or one sentence."""
    path = tmp_path / "rows"

    @settings(max_examples=150, deadline=None, database=None)
    @given(st.sampled_from(sorted(PARTS.get(file_format, XLS))), CHANGES, st.booleans())
    def survives(name: str, changes: list[tuple[float, bytes]], whole: bool) -> None:
        if file_format == "xls":
            path.write_bytes(changed(XLS[name], changes))
        else:
            parts = PARTS[file_format]
            data = packed(parts if whole else {**parts, name: changed(parts[name], changes)})
            path.write_bytes(changed(data, changes) if whole else data)
        try:
            found = read_links(path, file_format)
        except FileError:
            return
        assert all(starmap(isinstance, ((sheet, SheetLinks) for sheet in found.values())))

    survives()
