"""What the person says of columns (`--map`), and what is asked of them rather than guessed."""

from pathlib import Path

import pytest

from importer.errors import FileError, UsageError
from importer.loader import load
from importer.settings import ColumnMap, LoaderSettings
from tests.loader.sheets import URL, asked, image_rows, mapping, workbook, written


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("SKU,Image URL,sku", r"'SKU' \(column A\) and 'sku' \(column C\).*--map sku=A"),
        (
            "Item Number,Image URL,Model",
            r"'Item Number' \(column A\) and 'Model' \(column C\).*--map sku=\"Item Number\"",
        ),
        (
            "id,Image URL,title",
            r"not clear what names the product: 'id' may be.*--map sku=\"id\".*product_id=\"id\"",
        ),
        ("Handle,Image URL,Price", r"'Handle' may be"),
        ("Name,Price,Colour", r"Headers seen: Name, Price, Colour.*column named Product ID or SKU"),
    ],
)
def test_what_is_not_certain_is_never_guessed(tmp_path: Path, header: str, message: str) -> None:
    with pytest.raises(FileError, match=message):
        load(written(tmp_path, f"{header}\n123,{URL},B\n"))


def test_digits_alone_make_no_id(tmp_path: Path) -> None:
    """Numbers under a SKU header are SKUs, however much they look like ids."""
    (row,) = image_rows(written(tmp_path, f"Artikelnummer,Bild\n4711,{URL}\n"))
    assert (row.product_id, row.sku) == (None, "4711")


@pytest.mark.parametrize(
    "maps",
    [
        ("sku=Mine", "image_url=Where", "description=Words", "sort_order=Place", "is_thumbnail=First"),
        ("sku=mine", "image_url=WHERE", "description= Words ", "sort-order=Place", "is_thumbnail=E"),
        ("SKU=A", "image_url=B", "description=C", "sort_order=D", "is_thumbnail=E"),
    ],
)
def test_columns_can_be_named(tmp_path: Path, maps: tuple[str, ...]) -> None:
    path = written(tmp_path, f"Mine,Where,Words,Place,First\n00123,{URL},Mug,7,ja\n")
    (row,) = image_rows(path, mapping(*maps))
    assert (row.sku, row.sent_url, row.description, row.sort_order, row.is_thumbnail) == ("00123", URL, "Mug", 7, True)


def test_a_named_column_settles_what_would_be_a_guess(tmp_path: Path) -> None:
    path = written(tmp_path, f"id,SKU,sku,Image URL\n111,A,B,{URL}\n")
    assert [row.sku for row in image_rows(path, mapping("sku=C"))] == ["B"]
    (row,) = image_rows(path, mapping("product_id=id", "sku=B"))
    assert (row.product_id, row.sku) == (111, "A")


def test_several_columns_can_be_named_for_pictures(tmp_path: Path) -> None:
    path = written(tmp_path, f"SKU,One,Two\nA,{URL}?1,{URL}?2\n")
    assert len(image_rows(path, mapping("image_url=One", "image_url=Two"))) == 2


def test_without_a_header_columns_go_by_their_letters(tmp_path: Path) -> None:
    path = written(tmp_path, f"00123,x,{URL}?1\n00124,x,{URL}?2\n")
    settings = mapping("sku=A", "image_url=C", header=False)
    assert [(row.row, row.sku) for row in image_rows(path, settings)] == [(1, "00123"), (2, "00124")]
    assert load(path, settings).sheets[0].header_row == 0
    with pytest.raises(UsageError, match="--no-header --map sku=A"):
        load(path, LoaderSettings(header=False))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sku=Nmae", "no column 'Nmae'.*Did you mean 'Name'"),
        ("sku=ZZ", "no column 'ZZ'"),
        ("sku=Twice", "Several columns are called 'Twice'.*--map sku=C, --map sku=D"),
    ],
)
def test_a_named_column_that_is_not_there_is_told(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(FileError, match=message):
        load(written(tmp_path, f"Name,Image URL,Twice,Twice\nA,{URL},x,y\n"), mapping(text))


@pytest.mark.parametrize("text", ["sku", "price=Price", "sku=", "=A"])
def test_a_malformed_map_is_told(text: str) -> None:
    with pytest.raises(UsageError, match="--map takes FIELD=COLUMN"):
        ColumnMap.parse(text)


def test_words_for_nothing_do_not_cost_a_column_its_place(tmp_path: Path) -> None:
    rows = "".join(f"S{number},{URL}?{number},-\n" for number in range(400))
    path = written(tmp_path, f"SKU,Image 1,Image 2\n{rows}L,{URL}?l1,{URL}?l2\n")
    assert asked(image_rows(path))[-2:] == [(402, "L", "x.jpg?l1"), (402, "L", "x.jpg?l2")]


def test_a_product_id_in_a_sheet_of_products_is_pointed_out(tmp_path: Path) -> None:
    """OpenCart, too, calls its own ids product_id; naming the SKU settles it."""
    path = written(tmp_path, f"product_id,model,image,price\n42,M1,{URL},3\n")
    assert any("taken for BigCommerce's own product ids" in note for note in load(path).notes)
    (row,) = image_rows(path, mapping("sku=model"))
    assert (row.product_id, row.sku) == (None, "M1")


def test_an_id_beside_a_title_and_a_price_is_not_a_feeds(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="not clear what names the product: 'ID'"):
        load(written(tmp_path, f"ID,Title,Price,Image Link\n12,Mug,3,{URL}\n"))


def test_a_field_named_twice_is_told() -> None:
    with pytest.raises(UsageError, match="two columns for sku"):
        mapping("sku=A", "sku=B")


def test_a_position_is_the_first_pictures_alone(tmp_path: Path) -> None:
    path = written(tmp_path, f"SKU,Image 1,Image 2,Place,Main\nA,{URL}?1,{URL}?2,4,yes\n")
    rows = image_rows(path, mapping("sort_order=Place", "is_thumbnail=Main"))
    assert [(row.sort_order, row.is_thumbnail) for row in rows] == [(4, True), (None, None)]


def test_a_delimiter_that_cuts_before_addresses_wins_a_tie(tmp_path: Path) -> None:
    path = written(tmp_path, f"A0;{URL}?0,{URL}?b\nA1;{URL}?1,{URL}?c\n")
    assert [row.sku for row in image_rows(path, mapping("sku=A", "image_url=B", header=False))] == [
        "A0",
        "A0",
        "A1",
        "A1",
    ]


def test_the_sheet_with_the_doubt_is_named(tmp_path: Path) -> None:
    rows: list[list[object]] = [["SKU", "Image URL"], ["A", URL]]
    doubtful: list[list[object]] = [["SKU", "Image URL", "sku"], ["A", URL, "B"]]
    with pytest.raises(FileError, match="Sheet 'Two': Two columns could be the sku"):
        load(workbook(tmp_path, {"One": rows, "Two": doubtful}))


def test_several_columns_named_for_pictures_are_all_read(tmp_path: Path) -> None:
    path = written(tmp_path, f"Handle,Variant SKU,Image Src,One,Two\nmug,A,{URL}?0,{URL}?1,{URL}?2\n")
    rows = image_rows(path, mapping("image_url=One", "image_url=Two"))
    assert [row.sent_url[-1] for row in rows] == ["1", "2"]


def test_without_a_header_there_is_no_layout_to_tell(tmp_path: Path) -> None:
    path = written(tmp_path, f"A,{URL}\n")
    with pytest.raises(UsageError, match="--no-header is for plain sheets"):
        load(path, mapping("sku=A", "image_url=B", header=False, layout="shopify"))


def test_letters_on_a_file_without_a_header_do_not_eat_its_first_row(tmp_path: Path) -> None:
    path = written(tmp_path, f"A1,{URL}?1\nA2,{URL}?2\n")
    with pytest.raises(UsageError, match="Add --no-header"):
        load(path, mapping("sku=A", "image_url=B"))


def test_a_column_named_for_pictures_is_the_only_one(tmp_path: Path) -> None:
    path = written(tmp_path, f"Handle,Variant SKU,Image Src,Mine,Variant Image\nmug,A,{URL}?0,{URL}?1,{URL}?2\n")
    assert [row.sent_url[-1] for row in image_rows(path, mapping("image_url=Mine"))] == ["1"]


@pytest.mark.parametrize("number", ["4006381333931", "2147483648", "4.00638E+12"])
def test_ids_that_bigcommerce_cannot_have_given_are_asked_about(tmp_path: Path, number: str) -> None:
    path = written(tmp_path, f"Product ID,Model,Image URL\n{number},M1,{URL}?1\n{number},M2,{URL}?2\n7,M3,{URL}?3\n")
    with pytest.raises(FileError, match=r'cannot have given to a product.*--map sku="Model"') as told:
        load(path)
    assert '--map product_id="Product ID"' in str(told.value)
    assert [row.sku for row in image_rows(path, mapping("sku=Model"))] == ["M1", "M2", "M3"]
    assert [row.sku for row in load(path, mapping("product_id=Product ID")).rows] == ["", "", ""]


def test_a_slip_among_good_ids_is_not_asked_about(tmp_path: Path) -> None:
    path = written(tmp_path, f"Product ID,Image URL\n4006381333931,{URL}?1\n1,{URL}?2\n2147483647,{URL}?3\n")
    assert len(image_rows(path)) == 3


@pytest.mark.parametrize(
    ("header", "told"),
    [("Product ID,Image URL", True), ("product_id,Image", True), ("BigCommerce ID,Image URL", False)],
)
def test_a_plain_sheet_says_whose_ids_it_takes_them_for(tmp_path: Path, header: str, told: bool) -> None:
    loaded = load(written(tmp_path, f"{header}\n42,{URL}\n"))
    assert any("taken for BigCommerce's own product ids" in note for note in loaded.notes) is told


@pytest.mark.parametrize("name", ["model", "Reference", "Item Number", "Artikelnummer"])
def test_a_sku_of_another_name_stays_beside_the_id_until_one_of_them_is_named_alone(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, f"Product ID,{name},Image URL\n42,M1,{URL}\n")
    told = [image_rows(path), image_rows(path, mapping(f"sku={name}")), image_rows(path, mapping("product_id=A"))]
    assert [(row.product_id, row.sku) for (row,) in told] == [(42, "M1"), (None, "M1"), (42, "")]
