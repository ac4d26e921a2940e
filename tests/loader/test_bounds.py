"""Files that would take all memory or never end: refused in one sentence before anything is made of them."""

import tracemalloc
import zipfile
from pathlib import Path

import pytest

from importer.errors import FileError
from importer.loader import load
from tests.loader.sheets import URL, asked, image_rows, images, workbook, written
from tests.loader.test_workbook_formats import ods, packed


@pytest.mark.parametrize("beside", ["xl/workbook.xml", "content.xml", "word/document.xml"])
def test_a_member_that_unpacks_to_far_too_much_is_read_in_pieces(tmp_path: Path, beside: str) -> None:
    """`mimetype` tells an OpenDocument file; one of 3 GB was unpacked whole."""
    path = tmp_path / "rows.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("mimetype", "w") as member:
            for _ in range(120):
                member.write(bytes(1 << 20))
        archive.writestr(beside, "<x/>")
    tracemalloc.start()
    try:
        with pytest.raises(FileError, match=r"absurd size|not a spreadsheet"):
            load(path)
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


def test_a_text_file_of_a_million_names(tmp_path: Path) -> None:
    header = ",".join(f"c{number}" for number in range(1_000_000))
    with pytest.raises(
        FileError, match="from row 1 on: it has 1,000,000 filled cells, and no sheet has more than 16,384"
    ):
        load(written(tmp_path, f"{header}\n1,2\n"))


def test_a_text_file_of_hundreds_of_thousands_of_empty_columns_is_read(tmp_path: Path) -> None:
    commas = "," * 300_000
    path = written(tmp_path, f"SKU,Image URL{commas}\nA,{URL}{commas}\nB,{URL}?2\n")
    assert asked(image_rows(path)) == [(2, "A", "x.jpg"), (3, "B", "x.jpg?2")]


def page(rows: str) -> str:
    return f"<html><table><tr><td>SKU</td><td>Image</td></tr><tr><td>A</td><td>{URL}</td></tr>{rows}</table></html>"


@pytest.mark.parametrize(
    "cell",
    [
        "<td rowspan=99 colspan=99>x</td>",
        "<TH COLSPAN='99' class=x ROWSPAN = \"99\">x</TH>",
        '<td rowspan="99">x</td>' * 60,
    ],
)
def test_a_page_whose_cells_reach_over_each_other(tmp_path: Path, cell: str) -> None:
    """Each carries on into the rows below, where it pushes the others to the right."""
    path = written(tmp_path, page(f"<tr>{cell}</tr>" * 2_000), "rows.xls")
    with pytest.raises(
        FileError, match=r"reach over so many rows and columns that its tables would have \d+,\d{3},\d{3}"
    ):
        load(path)


def test_a_page_with_a_few_cells_over_rows_and_columns_is_read(tmp_path: Path) -> None:
    path = written(
        tmp_path, page('<tr><td rowspan="2">B</td><td>' + f"{URL}?2</td></tr><tr><td>{URL}?3</td></tr>"), "x.xls"
    )
    assert asked(image_rows(path)) == [(2, "A", "x.jpg"), (3, "B", "x.jpg?2"), (4, "B", "x.jpg?3")]


def test_a_page_of_thousands_of_tables(tmp_path: Path) -> None:
    table = "<table><tr><td>SKU</td><td>x</td></tr><tr><td>a</td><td>b</td></tr></table>"
    with pytest.raises(FileError, match="is a web page of 2,000 tables"):
        load(written(tmp_path, f"<html>{table * 2_000}</html>", "rows.xls"))


@pytest.mark.parametrize("count", [10**18, 1_048_574, 200_000])
def test_a_filled_row_repeated_to_the_end_of_the_sheet(tmp_path: Path, count: int) -> None:
    """Said once, and not as a million problems."""
    path = _with(ods(tmp_path, [["SKU", "Image URL"], ["A", URL]]), count, "A")
    with pytest.raises(FileError, match=r"one filled row is repeated [\d,]+ times.*Delete the rows below your data"):
        load(path)


def test_an_empty_row_repeated_for_ever_is_no_row(tmp_path: Path) -> None:
    path = ods(tmp_path, [["SKU", "Image URL"], ["A", URL]])
    parts = _parts(path)
    packed(path, {**parts, "content.xml": parts["content.xml"].replace(b'="1048000"', b'="%d"' % 10**18)})
    assert asked(images(load(path))) == [(2, "A", "x.jpg")]


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_a_workbook_of_thousands_of_sheets(tmp_path: Path, kind: str) -> None:
    """Said in one sentence, before any of them is looked at."""
    if kind == "xlsx":
        path = workbook(tmp_path, {"S": [["SKU", "Image URL"], ["A", URL]]})
        parts = _parts(path)
        one = parts["xl/workbook.xml"][parts["xl/workbook.xml"].index(b"<sheet ") :].partition(b"/>")[0] + b"/>"
        many = b"".join(one.replace(b'name="S"', b'name="S%d"' % number) for number in range(1_500))
        packed(path, {**parts, "xl/workbook.xml": parts["xl/workbook.xml"].replace(one, many)})
    else:
        path = ods(tmp_path, [["SKU", "Image URL"], ["A", URL]])
        parts = _parts(path)
        content = parts["content.xml"]
        end = content.index(b"</table:table>") + len(b"</table:table>")
        many = b"".join(b'<table:table table:name="T%d"/>' % number for number in range(1_499))
        packed(path, {**parts, "content.xml": content[:end] + many + content[end:]})
    with pytest.raises(FileError, match="has 1,500 sheets, and at most 1,000 are read"):
        load(path)


def _parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _with(path: Path, count: int, text: str) -> Path:
    """The same .ods file with the row that begins with a text repeated."""
    parts = _parts(path)
    content = parts["content.xml"]
    row = content.rindex(b"<table:table-row>", 0, content.index(b">%s<" % text.encode()))
    repeated = b'<table:table-row table:number-rows-repeated="%d">' % count
    return packed(path, {**parts, "content.xml": content[:row] + repeated + content[row + len("<table:table-row>") :]})
