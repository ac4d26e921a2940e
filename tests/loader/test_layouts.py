"""The exports of eight shop systems and two feeds, as people bring them."""

from pathlib import Path

import pytest

from importer.errors import FileError, UsageError
from importer.loader import load
from importer.loader.layouts import LAYOUTS
from importer.settings import LAYOUT_NAMES, LoaderSettings
from tests.loader.sheets import asked, images, mapping, rejected, skipped, workbook, written

CDN = "https://cdn.example"
WP = "https://old.example/wp-content/uploads"


def test_the_layouts_are_those_that_the_help_names() -> None:
    assert {layout.name for layout in LAYOUTS} == set(LAYOUT_NAMES)


@pytest.mark.parametrize(
    "header",
    [
        "Handle,Title,Variant SKU,Image Src,Image Position,Image Alt Text,Variant Image",
        "URL handle,Title,SKU,Product image URL,Image position,Image alt text,Variant image URL",
    ],
)
def test_shopify_with_old_and_new_headers(tmp_path: Path, header: str) -> None:
    path = written(
        tmp_path,
        f"{header}\n"
        f"mug,Mug,MUG-BLK,{CDN}/files/front.jpg?v=17,1,Front view,{CDN}/files/front.jpg?v=17\n"
        f"mug,,,{CDN}/files/side.jpg?v=17,2,Side view,\n"
        f",,,{CDN}/files/top.jpg?v=17,3,,\n"
        f"mug,,MUG-RED,,,,{CDN}/files/red.jpg?v=17\n"
        f"bowl,Bowl,,{CDN}/files/bowl.jpg,1,,\n"
        f"bowl,,BOWL-S,,,,{CDN}/files/bowl.jpg\n"
        f"cup,Cup,,{CDN}/files/cup.jpg,1,,\n",
    )
    loaded = load(path)
    assert loaded.layout == "shopify"
    assert asked(images(loaded)) == [
        (2, "MUG-BLK", "front.jpg?v=17"),
        (3, "MUG-BLK", "side.jpg?v=17"),
        (4, "MUG-BLK", "top.jpg?v=17"),
        (5, "MUG-RED", "red.jpg?v=17"),
        (6, "BOWL-S", "bowl.jpg"),
    ]
    assert [row.sort_order for row in images(loaded)] == [1, 2, 3, None, 1]
    assert [row.is_thumbnail for row in images(loaded)] == [True, False, False, None, True]
    assert [row.row for row in skipped(loaded)] == [7]
    # No row of the handle has a SKU: nobody can know whose picture this is.
    assert [(row.row, row.problem.code) for row in rejected(loaded)] == [(8, "product_missing")]


def test_shopifys_own_ids_are_never_taken_for_ours(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        f"Product ID,Handle,Variant SKU,Image Src,Image Position\n7,mug,MUG,{CDN}/a.jpg,1\n8,cup,,{CDN}/b.jpg,1\n",
    )
    loaded = load(path)
    assert [row.product_id for row in images(loaded)] == [None]
    assert [row.problem.code for row in rejected(loaded)] == ["product_missing"]
    assert any("matched by their SKU alone" in note for note in loaded.notes)


@pytest.mark.parametrize("base_url", ["https://old.example", "https://old.example/media/catalog/product/"])
def test_magento_paths_labels_and_store_views(tmp_path: Path, base_url: str) -> None:
    path = written(
        tmp_path,
        "sku,store_view_code,product_type,visibility,base_image,base_image_label,additional_images,"
        "additional_image_labels,hide_from_product_page\n"
        'MUG,,simple,"Catalog, Search",/m/u/front.jpg,Front,"/m/u/front.jpg,/m/u/side.jpg,/m/u/top.jpg,/m/u/x.jpg",'
        '"Front,,Top",/m/u/x.jpg\n'
        'MUG,german,simple,,/m/u/front.jpg,Vorne,"/m/u/front.jpg",Vorne,\n'
        "MUG-RED,,simple,Not Visible Individually,/m/u/red.jpg,Red,no_selection,,\n"
        "CUP,,simple,,no_selection,,,,\n",
    )
    loaded = load(path, LoaderSettings(base_url=base_url))
    assert loaded.layout == "magento2"
    assert [(row.row, row.image_url, row.description, row.is_thumbnail) for row in images(loaded)] == [
        (2, "/m/u/front.jpg", "Front", True),
        (2, "/m/u/side.jpg", "", False),
        (2, "/m/u/top.jpg", "Top", False),
        (4, "/m/u/red.jpg", "Red", False),
    ]
    assert images(loaded)[0].sent_url == "https://old.example/media/catalog/product/m/u/front.jpg"
    assert [(row.row, row.image_url) for row in skipped(loaded)] == [(2, "/m/u/x.jpg"), (3, ""), (5, "")]
    assert "german" in skipped(loaded)[1].reason


def test_squarespace_parts_addresses_by_space_and_newline(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "Product ID [Non Editable],Variant ID [Non Editable],Title,SKU,Hosted Image URLs\n"
        f'61aa,v1,Mug,,"{CDN}/1.jpg {CDN}/2.jpg\n{CDN}/3.jpg"\n'
        ",v2,,MUG-L,\n",
    )
    loaded = load(path)
    assert loaded.layout == "squarespace"
    assert asked(images(loaded)) == [(2, "MUG-L", "1.jpg"), (2, "MUG-L", "2.jpg"), (2, "MUG-L", "3.jpg")]
    assert [row.is_thumbnail for row in images(loaded)] == [True, False, False]
    assert [row.row for row in skipped(loaded)] == [3]


def test_wix_media_ids_become_addresses(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "handleId,fieldType,name,productImageUrl,sku\n"
        "p1,Product,Mug,506c6a_aa~mv2.jpg;https://static.wixstatic.com/media/b~mv2.png,MUG\n"
        "p1,Variant,,,MUG-L\n",
        encoding="utf-8-sig",
    )
    loaded = load(path)
    assert loaded.layout == "wix"
    assert [(row.image_url, row.sent_url) for row in images(loaded)] == [
        ("506c6a_aa~mv2.jpg", "https://static.wixstatic.com/media/506c6a_aa~mv2.jpg"),
        ("https://static.wixstatic.com/media/b~mv2.png", "https://static.wixstatic.com/media/b~mv2.png"),
    ]


def test_wix_with_its_new_headers(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "handle,fieldType,name,media,mediaAltText,sku\n"
        "mug,PRODUCT,Mug,wix:image://v1/506c6a_aa~mv2.jpg/front.jpg#originWidth=800&originHeight=600,Front,MUG\n"
        f"mug,MEDIA,,{CDN}/side.jpg,Side,\n"
        "mug,VARIANT,,,,MUG-L\n",
    )
    loaded = load(path)
    assert [(row.row, row.sku, row.sent_url, row.description) for row in images(loaded)] == [
        (2, "MUG", "https://static.wixstatic.com/media/506c6a_aa~mv2.jpg", "Front"),
        (3, "MUG", f"{CDN}/side.jpg", "Side"),
    ]
    assert [row.row for row in skipped(loaded)] == [4]


def test_prestashop_lists_inside_a_semicolon_file(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "Product ID;Name *;Reference #;Supplier reference #;Image URLs (x,y,z...);Image alt texts (x,y,z...);"
        "Delete existing images (0 = No, 1 = Yes)\n"
        f"1;Mug;MUG;S-1;{CDN}/15.jpg,{CDN}/16.jpg,{CDN}/15.jpg;Front,Side;0\n"
        "2;Cup;CUP;S-2;;;0\n",
    )
    loaded = load(path)
    assert loaded.layout == "prestashop"
    assert [(row.sku, row.sent_url, row.description) for row in images(loaded)] == [
        ("MUG", f"{CDN}/15.jpg", "Front"),
        ("MUG", f"{CDN}/16.jpg", "Side"),
    ]
    assert [row.row for row in skipped(loaded)] == [3]


@pytest.mark.parametrize("prefix", ["", "g:"])
def test_google_merchant_feeds(tmp_path: Path, prefix: str) -> None:
    columns = ("id", "title", "link", "image_link", "additional_image_link", "item_group_id")
    path = written(
        tmp_path,
        "\t".join(prefix + name for name in columns)
        + f"\n0\tMug\t{CDN}/p/mug\t{CDN}/1.jpg\t{CDN}/2.jpg,{CDN}/3.jpg\tG\n"
        + f"M-2\tMug\t{CDN}/p/mug\t{CDN}/4.jpg\t\tG\n"
        + f"M-3\tCup\t{CDN}/p/cup\t\t\t\n",
        name="feed.txt",
    )
    loaded = load(path)
    assert loaded.layout == "google-merchant"
    assert asked(images(loaded)) == [(2, "0", "1.jpg"), (2, "0", "2.jpg"), (2, "0", "3.jpg"), (3, "M-2", "4.jpg")]
    assert [row.is_thumbnail for row in images(loaded)] == [True, False, False, False]
    assert [(row.row, row.problem.code) for row in rejected(loaded)] == [(4, "url_missing")]


def test_a_layout_can_be_named_where_the_headers_do_not_tell(tmp_path: Path) -> None:
    path = written(tmp_path, f"SKU,Images\nA,{CDN}/1.jpg\n")
    assert load(path).layout == "plain"
    assert load(path, LoaderSettings(layout="WooCommerce")).layout == "woocommerce"
    shopify = written(tmp_path, f"Handle,Variant SKU,Image Src\nmug,A,{CDN}/1.jpg\n", "shop.csv")
    assert images(load(shopify, LoaderSettings(layout="plain")))[0].is_thumbnail is None


def test_a_layout_that_does_not_fit_or_is_unknown_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, f"SKU,Image URL\nA,{CDN}/1.jpg\n")
    with pytest.raises(FileError, match="Headers seen: SKU, Image URL"):
        load(path, LoaderSettings(layout="shopify"))
    with pytest.raises(UsageError, match=r"no layout 'shopware'.*shopify"):
        load(path, LoaderSettings(layout="shopware"))


def test_the_persons_word_goes_before_the_layouts(tmp_path: Path) -> None:
    """Told that a column holds BigCommerce's ids, a foreign export is matched by id alone."""
    path = written(
        tmp_path,
        f"BC number,Handle,Variant SKU,Image Src,Image Position\n111,mug,MUG,{CDN}/1.jpg,1\n,cup,CUP,{CDN}/2.jpg,1\n",
    )
    loaded = load(path, mapping("product_id=BC number"))
    assert [(row.product_id, row.sku) for row in images(loaded)] == [(111, "")]
    assert [row.row for row in rejected(loaded)] == [3]


def test_each_sheet_of_a_workbook_has_its_own_layout(tmp_path: Path) -> None:
    shopify: list[list[object]] = [["Handle", "Variant SKU", "Image Src"], ["mug", "MUG", f"{CDN}/1.jpg"]]
    plain: list[list[object]] = [["SKU", "Image"], ["CUP", f"{CDN}/2.jpg"]]
    loaded = load(workbook(tmp_path, {"Export": shopify, "More": plain}))
    assert [sheet.layout for sheet in loaded.sheets] == ["shopify", "plain"]
    assert loaded.layout == "shopify, plain"


def test_a_shopify_export_that_somebody_has_sorted(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "Handle,Variant SKU,Image Src,Image Position\n"
        f"mug,,{CDN}/late.jpg,2\ncup,CUP,{CDN}/cup.jpg,1\nmug,MUG,{CDN}/mug.jpg,1\n",
    )
    assert asked(images(load(path))) == [(2, "MUG", "late.jpg"), (3, "CUP", "cup.jpg"), (4, "MUG", "mug.jpg")]


def test_magento_with_only_one_store_view(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        f"sku,store_view_code,product_type,base_image\nC,default,simple,{CDN}/c.jpg\nC,de,simple,{CDN}/d.jpg\n",
    )
    loaded = load(path)
    assert asked(images(loaded)) == [(2, "C", "c.jpg")]
    assert [row.row for row in skipped(loaded)] == [3]


def test_a_foreign_row_that_names_neither_product_nor_picture_asks_for_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, "Type,SKU,Images,Parent\nsimple,,,\n")
    assert [row.row for row in skipped(load(path))] == [2]


def test_the_wrong_layout_is_told_with_the_right_one(tmp_path: Path) -> None:
    path = written(tmp_path, f"Handle,Variant SKU,Image Src\nmug,MUG,{CDN}/1.jpg\n")
    with pytest.raises(FileError, match=r"not the columns of the layout woocommerce.*They look like shopify"):
        load(path, LoaderSettings(layout="woocommerce"))


def test_squarespace_rows_that_nothing_ties_together_stay_apart(tmp_path: Path) -> None:
    path = written(tmp_path, f"SKU,Hosted Image URLs\nA,{CDN}/1.jpg\n,{CDN}/2.jpg\nB,{CDN}/3.jpg\n")
    loaded = load(path)
    assert asked(images(loaded)) == [(2, "A", "1.jpg"), (4, "B", "3.jpg")]
    assert [row.row for row in rejected(loaded)] == [3]


def test_labels_go_by_their_place_in_the_list(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "sku,product_type,additional_images,additional_image_labels,base_image\n"
        'A,simple,"/m/1.jpg,no_selection,/m/2.jpg","L1,none,L2",\n'
        'B,simple,"/m/1.jpg,/m/2.jpg","Mug, red,Mug, blue",\n',
    )
    rows = images(load(path, LoaderSettings(base_url="https://s.example")))
    assert [row.description for row in rows] == ["L1", "L2", "", ""]
