"""What a person is told where the headers do not say enough: one sentence, judged by the cells, with what to type."""

from pathlib import Path

import openpyxl
import pytest
from openpyxl import Workbook
from openpyxl.drawing.image import Image as Inserted
from PIL import Image

from importer.cli.printing import preview_json
from importer.errors import FileError
from importer.loader import load
from importer.loader.stray_addresses import Kind, address_kind
from tests.loader.sheets import URL, images, mapping, workbook, written


def refusal(path: Path) -> str:
    with pytest.raises(FileError) as caught:
        load(path)
    return str(caught.value)


def test_an_empty_key_is_told_once_with_the_column_that_could_serve(tmp_path: Path) -> None:
    rows = "".join(f",{1000 + number},{URL}?{number}\n" for number in range(30))
    path = written(tmp_path, f"SKU,Unique identifier,Image URL\nA,999,{URL}?a\n{rows}")
    told = 'SKU is empty in 30 of 31 rows; "Unique identifier" is filled and different in each: '
    assert load(path).notes[0] == told + '--map sku="Unique identifier".'
    assert len(images(load(path, mapping("sku=Unique identifier")))) == 31


def test_an_export_that_leaves_the_sku_to_the_row_above_is_not_told_to_fill_it_in(tmp_path: Path) -> None:
    """In Shopify's export, pictures below their product have no SKU of their own."""
    header = "Handle,Title,Variant SKU,Image Src,Image Position\n"
    pictures = "".join(f"mug,,,{URL}?{number},{number}\n" for number in range(2, 9))
    named = f"{header}mug,Mug,MUG,{URL}?1,1\n{pictures}"
    told = "Variant SKU is empty in "
    assert not any(told in note for note in load(written(tmp_path, f"{named}pan,Pan,,{URL}?p,1\n")).notes)
    unnamed = named.replace("MUG,", ",")
    assert any(told in note for note in load(written(tmp_path, unnamed)).notes)


def test_a_column_of_names_or_prices_is_no_key(tmp_path: Path) -> None:
    rows = "".join(f",Red mug {'abcde'[number]},{number}.50,{URL}?{number}\n" for number in range(5))
    (note, *_) = load(written(tmp_path, f"SKU,Title,Price,Image URL\n{rows}")).notes
    assert note == "SKU is empty in all 5 rows, and no other column looks like the products' SKUs: fill it in."


def test_a_first_row_of_data_is_told_with_the_letters(tmp_path: Path) -> None:
    path = written(tmp_path, f"M1;Red mug;{URL}?1;12.47\nM2;Skillet;{URL}?2;19.00\n")
    assert refusal(path).endswith("add --no-header --map sku=A --map image_url=C.")
    assert len(images(load(path, mapping("sku=A", "image_url=C", header=False)))) == 2


def test_the_column_whose_cells_are_addresses_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, f"SKU,Page,Look\nA,https://a.example/p.html,{URL}?1\nB,https://a.example/q.html,{URL}?2\n")
    assert "The cells of 'Look' are all addresses of pictures. If so, add --map image_url=Look." in refusal(path)
    assert len(images(load(path, mapping("image_url=Look")))) == 2


def test_a_column_of_names_is_not_proposed_as_ids(tmp_path: Path) -> None:
    told = refusal(written(tmp_path, f"PRODUCTO,IMAGEN,PRECIO\nTaza roja,{URL}?1,5000\nSartén,{URL}?2,5000\n"))
    assert "'PRODUCTO' holds names, which are neither ids nor SKUs." in told
    assert '"PRODUCTO"' not in told


@pytest.mark.parametrize("name", ["Tasse", "Red mug", "\u041a\u0440\u0443\u0436\u043a\u0430"])
def test_names_with_numbers_are_names(tmp_path: Path, name: str) -> None:
    rows = "".join(f"{name} {number},{URL}?{number}\n" for number in range(3))
    assert '--map sku="Produit"' not in refusal(written(tmp_path, f"Produit,Image\n{rows}"))


def test_without_headers_the_rows_numbers_are_not_the_skus(tmp_path: Path) -> None:
    path = written(tmp_path, "".join(f"{number},MUG-{number},{URL}?{number}\n" for number in range(1, 7)))
    assert "--no-header --map sku=B --map image_url=C" in refusal(path)


def test_pictures_inserted_into_a_sheet_are_counted(tmp_path: Path) -> None:
    Image.new("RGB", (9, 9)).save(tmp_path / "mug.png")
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for cells in (["SKU", "Photo"], ["A"], ["B"]):
        sheet.append(cells)
    for place in ("B2", "B3"):
        sheet.add_image(Inserted(str(tmp_path / "mug.png")), place)
    book.save(tmp_path / "rows.xlsx")
    assert load(tmp_path / "rows.xlsx").notes[0].startswith("The sheet 'Sheet' holds 2 pictures that were inserted")


@pytest.mark.parametrize(
    "header",
    [
        "ID,  ,UGS,Nom,Publié,Tarif régulier,Images,Parent",
        "ID,Тип,Артикул,Имя,Опубликован,Базовая цена,Изображения,Родительский",
    ],
)
def test_woocommerce_is_told_in_other_languages_and_without_one_header(tmp_path: Path, header: str) -> None:
    path = written(tmp_path, f"{header}\n10,variable,MUG,Tasse,1,9,{URL}?1,\n11,variation,,Rouge,1,9,{URL}?2,MUG\n")
    assert (load(path).layout, [row.sku for row in images(load(path))]) == ("woocommerce", ["MUG", "MUG"])


def test_a_column_that_fills_late_is_read(tmp_path: Path) -> None:
    rows = "".join(
        f"S{number},{URL}?{number},{URL + '?x' + str(number) if number > 2500 else ''}\n" for number in range(3000)
    )
    assert len(images(load(written(tmp_path, f"SKU,Image URL,Photo\n{rows}")))) == 3499


def test_the_map_that_is_printed_reads_the_unnamed_column(tmp_path: Path) -> None:
    path = written(tmp_path, f"SKU,Image URL,\nA,{URL}?1,{URL}?2\n")
    (note,) = load(path).notes
    assert note.startswith("Addresses also stand in column C, without a header. ")
    assert note.endswith(': --map image_url="Image URL" --map image_url=C.')
    assert len(images(load(path, mapping("image_url=Image URL", "image_url=C")))) == 2


def test_pages_are_named_and_not_taken_for_pictures(tmp_path: Path) -> None:
    (note,) = load(written(tmp_path, f"SKU,Image URL,link\nA,{URL},https://a.example/mug\n")).notes
    assert note == "Addresses also stand in link. They do not look like pictures and are not read."


def test_links_behind_skus_are_told_but_never_offered_as_pictures(tmp_path: Path) -> None:
    """To read them would put the link in the SKU's place."""
    path = workbook(tmp_path, {"Rows": [["SKU", "Image URL", "Name"], ["A", f"{URL}?1", "Mug"]]})
    book = openpyxl.load_workbook(path)
    book["Rows"]["A2"].hyperlink = f"{URL}?2"
    book["Rows"]["C2"].hyperlink = f"{URL}?3"
    book.save(path)
    pictures, texts = load(path).notes
    assert pictures.startswith("Addresses also stand in Name. ")
    assert pictures.endswith(': --map image_url="Image URL" --map image_url=Name.')
    assert texts == "Addresses also stand inside the texts of SKU. They are not read."


def test_an_address_outside_the_shop_is_no_picture(tmp_path: Path) -> None:
    """WooCommerce's External URL leads to the page where the product is sold."""
    (note,) = load(written(tmp_path, f"SKU,Image URL,External URL\nA,{URL},https://b.example/mug\n")).notes
    assert note == "Addresses also stand in External URL. They do not look like pictures and are not read."


def test_of_two_columns_for_the_sku_neither_is_advised(tmp_path: Path) -> None:
    """The first of them may hold the products' names."""
    path = written(tmp_path, f"ITEM,Item No.,Picture\nRed mug,RM-1,{URL}\n")
    with pytest.raises(FileError, match=r'which one is meant: --map sku=ITEM or --map sku="Item No\."\.'):
        load(path)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("https://a.example/x.JPG?w=1", Kind.PICTURE),
        ("//cdn.example/x.webp", Kind.PICTURE),
        ("https://a.example/get?id=1", Kind.ADDRESS),
        ("https://a.example/x.pdf", Kind.PAGE),
        ("<img src='https://a.example/x.jpg'>", Kind.TEXT),
        ("and/or", None),
    ],
)
def test_what_an_address_looks_like(text: str, kind: Kind | None) -> None:
    assert address_kind(text) is kind


def test_json_has_the_notes_the_skipped_rows_and_the_sheets_left_out(tmp_path: Path) -> None:
    path = workbook(tmp_path, {"Rows": [["SKU", "Image URL"], ["A", URL]], "Notes": [["about", "this"]]})
    told = preview_json(load(path))
    assert '"skipped": []' in told
    assert '"notes": [' in told
    assert '"name": "Notes"' in told
