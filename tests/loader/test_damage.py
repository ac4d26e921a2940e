"""Rows that are not what their writer meant: no picture may land on another product, and no row may go unseen."""

from pathlib import Path

import pytest

from importer.errors import FileError
from importer.loader import load
from importer.settings import LoaderSettings
from tests.loader.sheets import asked, images, rejected, workbook, written

CDN = "https://cdn.example"
SURPLUS = (
    'Item,ID,Name,SKU,Image URL (Import),X1,X2\nProduct,111,Mug,M1,,"5 inch,\n'
    f'Product,112,"Pot, big",M2,,,\nImage,902,,,{CDN}/2.jpg,,\n'
)


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        (
            "SKU,Name,Image URL",
            [f'MUG,"Mug 12,{CDN}/mug.jpg', f'CUP,Cup 12",{CDN}/cup.jpg', f"PAN,Pan,{CDN}/pan.jpg"],
        ),
        (
            "Handle,Title,Variant SKU,Image Src",
            [f'mug,"Mug 12,MUG,{CDN}/mug.jpg', f'cup,Cup 12",CUP,{CDN}/cup.jpg', f"pan,Pan,PAN,{CDN}/pan.jpg"],
        ),
        (
            "Type,SKU,Name,Images,Parent",
            [
                f'simple,MUG,"Mug 12,{CDN}/mug.jpg,',
                f'simple,CUP,Cup 12",{CDN}/cup.jpg,',
                f"simple,PAN,Pan,{CDN}/pan.jpg,",
            ],
        ),
    ],
)
def test_a_stray_quotation_mark_in_any_column_is_told(tmp_path: Path, header: str, rows: list[str]) -> None:
    loaded = load(written(tmp_path, "\n".join([header, *rows]) + "\n"))
    assert asked(images(loaded)) == [(3, "PAN", "pan.jpg")]
    (trouble,) = rejected(loaded)
    assert (trouble.row, trouble.problem.code) == (2, "row_malformed")
    assert "stray quotation mark" in trouble.problem.detail


def test_line_breaks_in_running_text_are_no_damage(tmp_path: Path) -> None:
    """A description with lines, commas and a link of its own stands in many an export."""
    body = '<p>Blue,\nlarge, heavy</p>\n<a href=""https://shop.example/a,b"">see, here</a>'
    path = written(
        tmp_path,
        f'Handle,Title,Body (HTML),Vendor,Type,Tags,Variant SKU,Image Src\nmug,Mug,"{body}",V,T,,MUG,{CDN}/1.jpg\n',
    )
    assert asked(images(load(path))) == [(2, "MUG", "1.jpg")]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("handleId,fieldType,name,productImageUrl,sku", f"p1,Product,Cup,{CDN}/w_500,h_500,q_90/f.jpg,CUP"),
        ("Handle,Title,Variant SKU,Image Src", f"cup,Cup, 100, red,CUP,{CDN}/cup.jpg"),
        ("Item,ID,SKU,Name,Image URL (Import)", f"Product,7,CUP,Cup, red,{CDN}/cup.jpg"),
    ],
)
def test_a_row_with_a_cell_too_many_is_told_in_every_layout(tmp_path: Path, header: str, row: str) -> None:
    loaded = load(written(tmp_path, f"{header}\n{row}\n"))
    assert images(loaded) == []
    assert [(one.row, one.problem.code) for one in rejected(loaded)] == [(2, "row_malformed")]


def test_what_hangs_on_a_damaged_row_goes_to_no_other_product(tmp_path: Path) -> None:
    """The stray mark has swallowed the row of the product that these pictures belong to."""
    path = written(
        tmp_path,
        "Item,ID,SKU,Name,Image URL (Import)\n"
        'Product,1,MUG,"Mug 12,\n'
        f"Image,,,,{CDN}/mug.jpg\n"
        'Product,2,CUP,Cup 12",\n'
        f"Image,,,,{CDN}/cup.jpg\n"
        "Product,3,PAN,Pan,\n"
        f"Image,,,,{CDN}/pan.jpg\n",
    )
    loaded = load(path)
    assert asked(images(loaded)) == [(5, 3, "pan.jpg")]
    assert [(row.row, row.problem.code) for row in rejected(loaded)] == [(2, "row_malformed"), (3, "product_missing")]


def test_addresses_one_to_a_line_with_commas_are_no_damage(tmp_path: Path) -> None:
    path = written(tmp_path, f'SKU,Image URL\nA,"{CDN}/1.jpg,\n{CDN}/2.jpg"\n')
    assert asked(images(load(path))) == [(2, "A", "1.jpg"), (2, "A", "2.jpg")]


@pytest.mark.parametrize("rows", [1, 1_999, 2_000, 2_001])
def test_a_quotation_mark_left_open_on_any_row_is_told_with_it(tmp_path: Path, rows: int) -> None:
    lines = [f"S{number},{CDN}/{number}.jpg" for number in range(2, rows + 1)]
    path = written(tmp_path, "\n".join(["SKU,Image URL", *lines, f'"X,{CDN}/x.jpg']) + "\n")
    with pytest.raises(
        FileError, match=rf"from row {rows + 1:,} on: a quotation mark opens a cell and is never closed"
    ):
        load(path)


@pytest.mark.parametrize("before", [20, 1_997, 1_998])
@pytest.mark.parametrize("odd", ["\0end of the file\0", "\x1a", "\0", "EOF", "\\.", '""', "\n\n"])
def test_no_row_ends_a_file_but_its_last(tmp_path: Path, odd: str, before: int) -> None:
    """A row that looked like the mark which this tool put behind a file dropped all the rows after it."""
    lines = [f"S{number},{CDN}/{number}.jpg" for number in range(before)]
    path = written(tmp_path, "\n".join(["SKU,Image URL", *lines, odd, f"B,{CDN}/b.jpg", f"C,{CDN}/c.jpg"]))
    found = asked(images(load(path)))
    assert len(found) == before + 2
    assert [sku for _, sku, _ in found[-2:]] == ["B", "C"]


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        # The mark closes at a quoted cell of the next row, and what is left over is blank.
        (SURPLUS, []),
        # Addresses without https://, and lines that end as on an old Mac.
        ('sku,name,image\nA,"Pan 12,/m/1.jpg\nB,Pot,/m/2.jpg\nC,Cup 5",/m/3.jpg\nD,x,/m/4.jpg\n', ["D"]),
        (f'sku,name,image\rA,"Pan,{CDN}/1.jpg\rC,Cup",{CDN}/3.jpg\rD,x,{CDN}/4.jpg\r', ["D"]),
    ],
)
def test_swallowed_rows_are_known_by_their_shape(tmp_path: Path, text: str, whole: list[str]) -> None:
    loaded = load(written(tmp_path, text), LoaderSettings(base_url="https://s.example"))
    assert [row.sku for row in images(loaded)] == whole
    assert rejected(loaded)[0].problem.code == "row_malformed"


@pytest.mark.parametrize(
    ("delimiter", "body"),
    [
        (
            ",",
            '<p style="font-family: Arial, sans-serif">A\n, b\n<img srcset="https://x.example/a 1x, y">',
        ),
        (";", '<p style="a:b;c:d;">\n<a href="https://x.example/?a=1&amp;b=2">see</a>'),
        (",", "Nice mug, red, big\nsee https://x.example/more, thanks"),
    ],
)
def test_running_text_of_several_lines_is_no_damage(tmp_path: Path, delimiter: str, body: str) -> None:
    header = ["Handle", "Title", "Body (HTML)", "Vendor", "Variant SKU", "Image Src", "Image Position"]
    quoted = body.replace('"', '""')
    row = ["mug", "Mug", f'"{quoted}"', "V", "MUG", f"{CDN}/1.jpg", "1"]
    path = written(tmp_path, f"{delimiter.join(header)}\n{delimiter.join(row)}\n")
    assert asked(images(load(path))) == [(2, "MUG", "1.jpg")]


def test_a_remark_beside_the_table_rejects_nothing(tmp_path: Path) -> None:
    """Cells of a workbook cannot slip, and a header may be empty."""
    book = workbook(tmp_path, {"S": [["sku", "image_url"], ["A", f"{CDN}/1.jpg", "checked"]]})
    assert asked(images(load(book))) == [(2, "A", "1.jpg")]
    path = written(tmp_path, f"sku,image_url,\nA,{CDN}/1.jpg,note\n")
    assert asked(images(load(path))) == [(2, "A", "1.jpg")]
