"""BigCommerce's own export and import files, the modern and the legacy one."""

from pathlib import Path

from importer.loader import load
from importer.settings import LoaderSettings
from tests.loader.sheets import asked, images, rejected, skipped, workbook, written

CDN = "https://cdn.example"
WP = "https://old.example/wp-content/uploads"


def test_bigcommerce_v3_carries_the_product_down(tmp_path: Path) -> None:
    """The ID of an Image row is the picture's own; what is to be imported goes before what was exported."""
    path = written(
        tmp_path,
        "Item,ID,SKU,Variant Image URL,Internal Image URL (Export),Image URL (Import),Image Description,"
        "Image is Thumbnail,Image Sort Order\n"
        "Product,111,MUG,,,,,,\n"
        f"Image,901,,,,{CDN}/front.jpg,Mug front,TRUE,0\n"
        f"Image,902,,,{CDN}/side.jpg,,,FALSE,1\n"
        f"Variant,55,MUG-RED,{CDN}/red.jpg,,,,,\n"
        "Variant,56,MUG-BLU,,,,,,\n"
        "Product,,BOWL,,,,,,\n"
        f"Image,,,,{CDN}/old.jpg,{CDN}/bowl.jpg,,,\n"
        "Product,,,,,,,,\n",
    )
    loaded = load(path)
    assert loaded.layout == "bigcommerce-v3"
    assert asked(images(loaded)) == [
        (3, 111, "front.jpg"),
        (4, 111, "side.jpg"),
        (5, 111, "red.jpg"),
        (8, "BOWL", "bowl.jpg"),
    ]
    front, side, red, _ = images(loaded)
    assert (front.description, front.is_thumbnail, front.sort_order) == ("Mug front", True, 0)
    assert (side.is_thumbnail, side.sort_order) == (False, 1)
    assert (red.sku, red.is_thumbnail) == ("MUG-RED", None)
    assert [row.row for row in skipped(loaded)] == [2, 6, 7]
    assert [(row.row, row.problem.code) for row in rejected(loaded)] == [(9, "product_missing")]


def test_bigcommerce_v2_has_numbered_families_and_a_doubled_header(tmp_path: Path) -> None:
    """The URL goes before the stored path and the bare name; a Rule row holds its variant's picture."""
    path = written(
        tmp_path,
        "Item Type,Product ID,Product Code/SKU,Product Image ID - 1,Product Image File - 1,Product Image URL - 1,"
        "Product Image File - 1,Product Image Description - 1,Product Image Is Thumbnail - 1,Product Image Sort - 1,"
        "Product Image File - 2,Product Image URL - 2,Sort Order\n"
        f"Product,111,MUG,901,front.jpg,{CDN}/front.jpg,d/1/front.jpg,Mug front,Y,0,side.jpg,{CDN}/side.jpg,7\n"
        "  SKU,77,MUG-S,,,,,,,,,,\n"
        f"  Rule,5,MUG-RED,,red.jpg,{CDN}/red.jpg,,,,,,,\n"
        "Product,112,BOWL,902,bowl.jpg,,d/2/bowl.jpg,,,,,,3\n",
    )
    loaded = load(path, LoaderSettings(base_url="https://store-abc.mybigcommerce.example"))
    assert loaded.layout == "bigcommerce-v2"
    assert asked(images(loaded)) == [
        (2, 111, "front.jpg"),
        (2, 111, "side.jpg"),
        (4, 111, "red.jpg"),
        (5, 112, "bowl.jpg"),
    ]
    front, side, red, bowl = images(loaded)
    assert (front.description, front.is_thumbnail, front.sort_order) == ("Mug front", True, 0)
    assert (side.description, side.sort_order) == ("", None)
    assert red.sku == "MUG-RED"
    assert bowl.sent_url == "https://store-abc.mybigcommerce.example/product_images/d/2/bowl.jpg"
    assert [row.row for row in skipped(loaded)] == [3]


def test_a_v3_variant_picture_gives_way_to_the_gallery(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "Item,ID,SKU,Variant Image URL,Image URL (Import),Image Description,Image is Thumbnail\n"
        f"Product,111,MUG,,,,\nVariant,5,MUG-RED,{CDN}/1.jpg,,,\nImage,9,,,{CDN}/1.jpg,Front,TRUE\n",
    )
    (row,) = images(load(path))
    assert (row.row, row.description, row.is_thumbnail) == (4, "Front", True)


def test_products_of_two_sheets_are_two_products(tmp_path: Path) -> None:
    def sheet(sku: str) -> list[list[object]]:
        return [["Item", "SKU", "Image URL (Import)"], ["Product", sku, ""], ["Image", "", f"{CDN}/1.jpg"]]

    loaded = load(workbook(tmp_path, {"One": sheet("A"), "Two": sheet("B")}))
    assert [row.sku for row in images(loaded)] == ["A", "B"]
