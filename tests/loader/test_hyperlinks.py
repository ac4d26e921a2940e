"""What lies behind the values: links, formulas, hidden rows and size, of all four kinds of workbook."""

import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.table import Table
from openpyxl.worksheet.worksheet import Worksheet

from importer.errors import FileError
from importer.loader import load
from importer.loader.hyperlinks import SheetLinks, read_links
from tests.loader.sheets import images, rejected

A, B = "https://a.example/a.jpg", "https://a.example/b.jpg"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def saved(folder: Path, book: Workbook) -> Path:
    path = folder / "rows.xlsx"
    book.save(path)
    return path


def new_sheet() -> tuple[Workbook, Worksheet]:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    return book, sheet


def packed(path: Path, parts: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def package(sheet: str, links: dict[str, str] | None = None, target: str = "worksheets/sheet1.xml") -> dict[str, str]:
    """The parts of the smallest .xlsx file around the XML of its one sheet, named S."""
    rows = "".join(
        f'<Relationship Id="{key}" Type="{OFFICE}/hyperlink" Target="{to}" TargetMode="External"/>'
        for key, to in (links or {}).items()
    )
    return {
        "xl/worksheets/sheet1.xml": sheet,
        "xl/worksheets/_rels/sheet1.xml.rels": f'<Relationships xmlns="{PACKAGE}">{rows}</Relationships>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">'
        f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="{target}"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">'
        '<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
    }


def xlsx(folder: Path, rows: str, after: str = "", links: dict[str, str] | None = None) -> SheetLinks:
    """The only sheet of a workbook with these rows, and this XML after them."""
    sheet = f'<worksheet xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheetData>{rows}</sheetData>{after}</worksheet>'
    parts: dict[str, str | bytes] = {**package(sheet, links)}
    return read_links(packed(folder / "rows.xlsx", parts), "xlsx")["S"]


INLINE = ' t="inlineStr"'
QUOTED = f'""{A}""'
COMPUTED = '""COMPUTED_VALUE""'


def google(inner: str) -> str:
    """A formula that Google Sheets alone can calculate, as it saves it for Excel; quotes in the inner one doubled."""
    return f'IFERROR(__xludf.DUMMYFUNCTION("{inner}"),"")'


def cell(reference: str, inside: str, more: str = "") -> str:
    return f'<c r="{reference}"{more}>{inside}</c>'


def test_links_behind_the_cells_of_a_workbook(tmp_path: Path) -> None:
    """With fragments; mail addresses and places in the workbook are no pictures."""
    book, sheet = new_sheet()
    sheet.title = "Images & more"
    for row in (["sku", "image"], ["1", "front"], ["2", "see"], ["3", "mail"], ["4", "in"]):
        sheet.append(row)
    sheet["B2"].hyperlink = A
    sheet["B3"].hyperlink = Hyperlink(ref="B3", target=B, location="big")
    sheet["B4"].hyperlink = "mailto:someone@a.example"
    sheet["B5"].hyperlink = Hyperlink(ref="B5", location="Sheet!A1")
    book.create_sheet("Empty")
    found = read_links(saved(tmp_path, book), "xlsx")
    assert found["Images & more"].links == {2: {1: A}, 3: {1: B + "#big"}}
    assert found["Images & more"].area == 10
    assert found["Empty"] == SheetLinks({}, {}, 0, False, 0)


def test_a_link_over_a_range_lies_behind_every_cell(tmp_path: Path) -> None:
    """But not over a whole column: that is no list of pictures."""
    ranges = ("B1:B1048576", "C2:D3", "E9:E9", "$F$1", "ZZZZ1", "nonsense")
    after = "".join(f'<hyperlink ref="{cells}" r:id="r1"/>' for cells in ranges)
    found = xlsx(tmp_path, "", f'<hyperlinks>{after}<hyperlink ref="G1" r:id="r2"/></hyperlinks>', {"r1": A})
    assert found.links == {1: {5: A}, 2: {2: A, 3: A}, 3: {2: A, 3: A}, 9: {4: A}}


@pytest.mark.parametrize(
    ("inside", "more", "formula"),
    [
        (f'<f>HYPERLINK("{A}","front")</f><v>front</v>', ' t="str"', f'=HYPERLINK("{A}","front")'),
        (f'<f>_xlfn.IMAGE("{A}")</f><v>#VALUE!</v>', ' t="e"', f'=IMAGE("{A}")'),
        (f'<f t="array" ref="A1">_xlfn.IMAGE("{A}")</f><v>#VALUE!</v>', ' t="e"', f'=IMAGE("{A}")'),
        (f"<f>{google(f'IMAGE({QUOTED})')}</f><v></v>", ' t="str"', f'=IMAGE("{A}")'),
        (f"<f>{google(f'image({QUOTED},4,50,50)')}</f><v></v>", ' t="str"', f'=IMAGE("{A}",4,50,50)'),
        (f"<f>{google(f'HYPERLINK({QUOTED},{QUOTED})')}</f><v>x</v>", ' t="str"', f'=HYPERLINK("{A}","{A}")'),
        (f'<f>__xludf.DUMMYFUNCTION("IMAGE({QUOTED})")</f><v>x</v>', ' t="str"', f'=IMAGE("{A}")'),
        (f"<f>{google(COMPUTED)}</f><v>{A}</v>", ' t="str"', None),
        ('<f>CONCATENATE("https://a.example/",A7)</f><v></v>', ' t="str"', '=CONCATENATE("https://a.example/",A7)'),
        ('<f>IF(A7="","","https://a.example/"&amp;A7)</f><v></v>', ' t="str"', None),
        ("<f>1+1</f><v></v>", "", "=1+1"),
        ("<f>1&lt;2</f>", "", "=1<2"),
        ('<f t="shared" si="7"/>', "", "="),
        ("<f>1+1</f><v>2</v>", "", None),
        ('<f>"IMAGE("</f><v>IMAGE(</v>', ' t="str"', None),
        ('<f>""</f><v></v>', ' t="str"', None),
        ("<v>7</v>", "", None),
    ],
)
def test_formulas_that_tell_something(tmp_path: Path, inside: str, more: str, formula: str | None) -> None:
    """Calls of IMAGE and HYPERLINK, and formulas saved without a result; an empty text is a result."""
    found = xlsx(tmp_path, f'<row r="1">{cell("A1", inside, more)}</row>')
    assert found.formulas == ({} if formula is None else {1: {0: formula}})


def test_addresses_in_the_formulas_of_a_google_sheet(tmp_path: Path) -> None:
    """As Google Sheets saves it for Excel: with formulas that only it calculates, and addresses in other cells."""
    formulas = [
        (google(f"IMAGE({QUOTED})"), ""),
        (google(COMPUTED), A),
        (f'image("{A}")', ""),
        ('HYPERLINK(C5,"open")', "open"),
        ('HYPERLINK($C$6;"open")', "open"),
        ('HYPERLINK(C3,"open")', "open"),
    ]
    rows = cell("A1", "<is><t>SKU</t></is>", INLINE) + cell("B1", "<is><t>Image URL</t></is>", INLINE)
    sheet = f'<row r="1">{rows}</row>'
    for at, (formula, saved) in enumerate(formulas, 2):
        cells = cell(f"A{at}", f"<is><t>S{at}</t></is>", INLINE)
        cells += cell(f"B{at}", f"<f>{formula}</f><v>{saved}</v>", ' t="str"')
        sheet += f'<row r="{at}">{cells}{cell(f"C{at}", f"<is><t>{A}</t></is>", INLINE)}</row>'
    xlsx(tmp_path, sheet)
    root = f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    with zipfile.ZipFile(tmp_path / "rows.xlsx", "a") as archive:
        archive.writestr("_rels/.rels", f'<Relationships xmlns="{PACKAGE}">{root}</Relationships>')
    loaded = load(tmp_path / "rows.xlsx")
    assert [row.sent_url for row in images(loaded)] == [A] * 5
    assert [(row.row, row.problem.code) for row in rejected(loaded)] == [(7, "url_invalid")]


def test_a_shared_image_formula_is_known_in_every_cell(tmp_path: Path) -> None:
    rows = [cell("A2", '<f t="shared" ref="A2:A3" si="0">_xlfn.IMAGE(B2)</f><v>#VALUE!</v>', ' t="e"')]
    rows += [cell("A3", '<f t="shared" si="0"/><v>#VALUE!</v>', ' t="e"')]
    found = xlsx(tmp_path, "".join(f"<row>{row}</row>" for row in rows))
    assert found.formulas == {2: {0: "=IMAGE(B2)"}, 3: {0: "=IMAGE()"}}


def test_cells_and_rows_without_a_reference_are_counted(tmp_path: Path) -> None:
    found = xlsx(tmp_path, "<row/><row><c><v>1</v></c><c/><c><f>1+1</f></c></row>")
    assert (found.formulas, found.area) == ({2: {2: "=1+1"}}, 6)


@pytest.mark.parametrize(
    "target", ["worksheets/sheet1.xml", "/xl/worksheets/sheet1.xml", "../xl/Worksheets/Sheet1.xml"]
)
def test_prefixed_names_and_every_way_to_name_a_part(tmp_path: Path, target: str) -> None:
    sheet = (
        f'<x:worksheet xmlns:x="{MAIN}" xmlns:q="{OFFICE}"><x:sheetData><x:row r="2">'
        '<x:c r="AB2"><x:f>1+1</x:f></x:c></x:row></x:sheetData>'
        '<x:hyperlinks><x:hyperlink ref="A2" q:id="r9"/></x:hyperlinks></x:worksheet>'
    )
    path = packed(tmp_path / "rows.xlsx", {**package(sheet, {"r9": A}, target)})
    assert read_links(path, "xlsx") == {"S": SheetLinks({2: {0: A}}, {2: {27: "=1+1"}}, 0, False, 56)}


def test_hidden_and_filtered_rows(tmp_path: Path) -> None:
    """Hidden rows count where they hold cells; a filter counts where it has a criterion or hides something."""
    book, sheet = new_sheet()
    for number in range(1, 6):
        sheet.append([number])
    for number in (2, 4, 9):
        sheet.row_dimensions[number].hidden = True
    by_hand = read_links(saved(tmp_path, book), "xlsx")["Sheet"]
    assert (by_hand.hidden_rows, by_hand.filtered) == (2, False)
    sheet.auto_filter.ref = "A1:A5"
    assert read_links(saved(tmp_path, book), "xlsx")["Sheet"].filtered
    for number in (2, 4, 9):
        sheet.row_dimensions[number].hidden = False
    assert not read_links(saved(tmp_path, book), "xlsx")["Sheet"].filtered
    sheet.auto_filter.add_filter_column(0, ["1"])
    assert read_links(saved(tmp_path, book), "xlsx")["Sheet"].filtered


def test_a_filter_of_a_table_counts_too(tmp_path: Path) -> None:
    book, sheet = new_sheet()
    for row in (["sku", "image"], ["1", A], ["2", B]):
        sheet.append(row)
    sheet.add_table(Table(displayName="T", ref="A1:B3"))
    sheet.row_dimensions[3].hidden = True
    found = read_links(saved(tmp_path, book), "xlsx")["Sheet"]
    assert (found.hidden_rows, found.filtered) == (1, True)


@pytest.mark.long
def test_the_quick_look_and_the_slow_one_agree_on_a_long_sheet(tmp_path: Path) -> None:
    """Over several pieces, with hidden rows; one formula more brings the slow look, which must count the same."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("S")
    for number in range(1, 30_001):
        if number % 1000 == 0:
            sheet.row_dimensions[number].hidden = True
        sheet.append([number, "x" * 40, A, None, number] if number != 20_000 else [None] * 40 + ["far right"])
    path = saved(tmp_path, book)
    quick = read_links(path, "xlsx")["S"]
    assert quick == SheetLinks({}, {}, 30, False, 30_000 * 41)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    parts[name] = parts[name].replace(b"</sheetData>", b'<row r="30000"><c r="B30000"><f/></c></row></sheetData>')
    slow = read_links(packed(path, {**parts}), "xlsx")["S"]
    assert slow == SheetLinks({}, {30_000: {1: "="}}, 30, False, 30_000 * 41)


def test_one_stray_cell_makes_the_area_of_a_whole_sheet(tmp_path: Path) -> None:
    """A cell that is only coloured in does not: the next reader makes no room for it."""
    far = '<row r="1048576">{}</row>'
    near = '<row r="1"><c r="A1"><v>1</v></c></row>'
    assert xlsx(tmp_path, near + far.format(cell("XFD1048576", "<v>1</v>"))).area == 1_048_576 * 16_384
    assert xlsx(tmp_path, near + far.format('<c r="XFD1048576" s="1"/>')).area == 1
    # Rows and columns need not come in order.
    assert xlsx(tmp_path, far.format(cell("XFD1048576", "<v>1</v>")) + near).area == 1_048_576 * 16_384


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "rows.xlsx", {"xl/media/image1.bmp": bytes(101_000_000)})
    with pytest.raises(FileError, match="absurd size"):
        read_links(path, "xlsx")


def test_more_declared_texts_than_the_file_has_bytes_are_refused(tmp_path: Path) -> None:
    """The reader of the values would make room for them all."""
    path = tmp_path / "rows.xlsx"
    for count, refused in ((2, False), (99_999_999_999, True)):
        packed(path, {"xl/sharedStrings.xml": f'<sst xmlns="{MAIN}" count="2" uniqueCount="{count}"><si/><si/></sst>'})
        if refused:
            with pytest.raises(FileError, match="declares more texts"):
                read_links(path, "xlsx")
        else:
            assert read_links(path, "xlsx") == {}


def lying(folder: Path) -> Path:
    """The table of contents declares the size and the checksum of the beginning only."""
    path = folder / "rows.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", bytes(1_000_000))
        archive.infolist()[0].file_size, archive.infolist()[0].CRC = 10, zlib.crc32(bytes(10))
    return path


def locked(folder: Path) -> Path:
    path = packed(folder / "rows.xlsx", {"xl/workbook.xml": "<workbook/>"})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    return path


def wrong_checksum(folder: Path) -> Path:
    path = folder / "rows.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook>intact</workbook>")
    path.write_bytes(path.read_bytes().replace(b"intact", b"broken"))
    return path


def cut_off(folder: Path) -> Path:
    path = packed(folder / "rows.xlsx", {"xl/workbook.xml": "<workbook/>"})
    path.write_bytes(path.read_bytes()[:-30])
    return path


def entities(folder: Path, encoding: str = "utf-8", before: str = "") -> Path:
    text = before + '<!DOCTYPE s [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]><sst>&b;</sst>'
    return packed(folder / "rows.xlsx", {"xl/sharedStrings.xml": text.encode(encoding)})


def entities_behind(folder: Path) -> Path:
    return entities(folder, before='<?xml version="1.0"?>\n<!-- <sst> -->\n')


def entities_in_utf16(folder: Path) -> Path:
    return entities(folder, "utf-16")


def entities_far_behind(folder: Path) -> Path:
    return entities(folder, before=f"<!--{'x' * 100_000}-->")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lying, "damaged"),
        (locked, "locked with a password"),
        (wrong_checksum, "damaged"),
        (cut_off, "damaged"),
        (entities, "XML declarations"),
        (entities_behind, "XML declarations"),
        (entities_in_utf16, "XML declarations"),
        (entities_far_behind, "XML declarations"),
    ],
)
@pytest.mark.parametrize("file_format", ["xlsx", "xlsb", "ods"])
def test_damaged_and_dangerous_archives_are_refused(
    tmp_path: Path, make: Callable[[Path], Path], words: str, file_format: str
) -> None:
    path = make(tmp_path)
    with pytest.raises(FileError, match=words) as refused:
        read_links(path, file_format)
    assert str(refused.value).startswith(str(path))


def test_a_doctype_in_a_picture_or_a_cell_does_no_harm(tmp_path: Path) -> None:
    page = "<!DOCTYPE html>"
    shared = f"<sst><si><t><![CDATA[{page}]]></t></si></sst>"
    assert read_links(packed(tmp_path / "rows.xlsx", {"image1.svg": page, "sharedStrings.xml": shared}), "xlsx") == {}


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    for file_format in ("xlsx", "xlsb", "xls", "ods"):
        with pytest.raises(FileError, match="cannot be read"):
            read_links(tmp_path / "none", file_format)
    assert read_links(tmp_path / "none", "csv") == {}
