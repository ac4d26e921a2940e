"""An id or SKU that stands for several products of the file: every row of it is a problem that names them."""

from pathlib import Path

import pytest

from importer.loader import load, preview
from importer.models import ImageRow, ProblemCode, RejectedRow
from importer.settings import LoaderSettings
from tests.loader.sheets import URL, images, mapping, workbook, written

CDN = "https://a.example"
SHOPIFY = "Handle,Title,Variant SKU,Image Src,Image Position,Image Alt Text,Variant Image\n"
WOO = "ID,Type,SKU,Name,Published,Parent,Images\n"
FEED = "id,title,link,image_link,price\n"


def ambiguous(path: Path, settings: LoaderSettings | None = None) -> dict[int, str]:
    """Row -> what it says, of the rows whose key stands for several products."""
    return {
        row.row: row.problem.detail
        for row in load(path, settings).rows
        if isinstance(row, RejectedRow) and row.problem.code is ProblemCode.KEY_AMBIGUOUS
    }


def test_one_sku_on_two_handles_is_a_problem_on_each_row_and_names_both(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        f"{SHOPIFY}red-mug,Red mug,FALL2024,{CDN}/1.jpg,1,,\nred-mug,,,{CDN}/2.jpg,2,,\n"
        f"kettle,Kettle,KTL,{CDN}/5.jpg,1,,\nblue-mug,Blue mug,FALL2024,{CDN}/3.jpg,1,,\nblue-mug,,,{CDN}/4.jpg,2,,\n",
    )
    found = ambiguous(path)
    assert found.keys() == {2, 3, 5, 6}
    start = "The SKU FALL2024 stands for several products in this file: "
    assert found[2] == f"{start}“red-mug” in this row, “blue-mug” in others."
    assert found[6] == f"{start}“blue-mug” in this row, “red-mug” in others."
    assert [row.sku for row in images(load(path))] == ["KTL"]
    assert [(one.code, one.count) for one in preview(path).problems] == [(ProblemCode.KEY_AMBIGUOUS, 4)]


def test_variants_of_one_handle_that_share_a_sku_are_one_product(tmp_path: Path) -> None:
    path = written(
        tmp_path, f"{SHOPIFY}mug,Mug,M1,{CDN}/1.jpg,1,,\nmug,,M1,{CDN}/2.jpg,2,,{CDN}/3.jpg\n,,M1,{CDN}/4.jpg,3,,\n"
    )
    assert ambiguous(path) == {}
    assert len(images(load(path))) == 4


AMBIGUOUS = {
    "feed, other link and title": f"{FEED}1,Red mug,{CDN}/red,{CDN}/1.jpg,9\n2,Pot,{CDN}/pot,{CDN}/2.jpg,9\n"
    f"1,Skillet,{CDN}/skillet,{CDN}/3.jpg,9\n",
    "feed, other title": f"{FEED}1,Red mug,{CDN}/p,{CDN}/1.jpg,9\n2,Pot,{CDN}/p,{CDN}/2.jpg,9\n"
    f"1,Skillet,{CDN}/p,{CDN}/3.jpg,9\n",
    "feed, other link": f"{FEED}1,Mug,{CDN}/p?id=1,{CDN}/1.jpg,9\n2,Mug,{CDN}/p?id=2,{CDN}/2.jpg,9\n"
    f"1,Mug,{CDN}/p?id=3,{CDN}/3.jpg,9\n",
    "feed, written otherwise": f"{FEED}1,Mug,{CDN}/1,{CDN}/1.jpg,9\n2,Pot,{CDN}/2,{CDN}/2.jpg,9\n"
    f"1.0,Pan,{CDN}/3,{CDN}/3.jpg,9\n",
    "feed, other groups": "id,item_group_id,title,link,image_link\n"
    f"1,G1,Mug,{CDN}/m,{CDN}/1.jpg\n2,G1,Mug,{CDN}/m,{CDN}/2.jpg\n1,G2,Mug,{CDN}/m,{CDN}/3.jpg\n",
    "Wix": "handleId,fieldType,name,productImageUrl,sku\n"
    f"p1,Product,Mug,{CDN}/1.jpg,A\np2,Product,Pot,{CDN}/2.jpg,B\np3,Product,Pan,{CDN}/3.jpg,a\n",
    "WooCommerce, two products": f"{WOO}1,simple,A,Mug,1,,{CDN}/1.jpg\n2,simple,B,Pot,1,,{CDN}/2.jpg\n"
    f"3,simple,A,Pan,1,,{CDN}/3.jpg\n",
    "WooCommerce, variations of two parents": f"{WOO}1,variation,A,Mug,1,id:10,{CDN}/1.jpg\n"
    f"2,variation,B,Mug,1,id:10,{CDN}/2.jpg\n3,variation,A,Pan,1,id:11,{CDN}/3.jpg\n",
    "Squarespace": "Product ID,Title,SKU,Hosted Image URLs\n"
    f"x1,Mug,A,{CDN}/1.jpg\nx2,Pot,B,{CDN}/2.jpg\nx3,Pan,A,{CDN}/3.jpg\n",
    "Magento": "sku,store_view_code,product_type,name,url_key,base_image\n"
    f"A,,simple,Mug,mug,{CDN}/1.jpg\nB,,simple,Pot,pot,{CDN}/2.jpg\nA,,simple,Pan,pan,{CDN}/3.jpg\n",
    "PrestaShop": "Product ID;Name *;Reference #;Image URLs (x,y,z...)\n"
    f"1;Mug;A;{CDN}/1.jpg\n2;Pot;B;{CDN}/2.jpg\n3;Pan;A;{CDN}/3.jpg\n",
    "BigCommerce v3 without ids": "Item,ID,Name,SKU,Image URL (Import)\n"
    f"Product,,Mug,A,{CDN}/1.jpg\nProduct,,Pot,B,{CDN}/2.jpg\nProduct,,Pan,A,{CDN}/3.jpg\n",
    "BigCommerce v3, one id": "Item,ID,Name,SKU,Image URL (Import)\n"
    f"Product,7,Mug,A,{CDN}/1.jpg\nProduct,8,Pot,B,{CDN}/2.jpg\nProduct,7,Pan,C,{CDN}/3.jpg\n",
    "plain, handles": f"SKU,Handle,Image URL\nA,mug,{CDN}/1.jpg\nB,pot,{CDN}/2.jpg\n'a,pan,{CDN}/3.jpg\n",
    "plain, parents": f"SKU,Parent SKU,Image URL\nA,P1,{CDN}/1.jpg\nB,P1,{CDN}/2.jpg\nA,P2,{CDN}/3.jpg\n",
    "plain, one id": f"Product ID,Slug,Image URL\n1,mug,{CDN}/1.jpg\n2,pot,{CDN}/2.jpg\n1.0,pan,{CDN}/3.jpg\n",
    "plain, pages": f"SKU,Product URL,Image URL\nA,{CDN}/mug,{CDN}/1.jpg\nB,{CDN}/pot,{CDN}/2.jpg\n"
    f"A,{CDN}/pan,{CDN}/3.jpg\n",
}


def test_offers_alike_in_two_groups_are_named_by_their_groups(tmp_path: Path) -> None:
    rows = "".join(f"1,Mug,{CDN}/mug,{CDN}/{group}.jpg,{group}\n" for group in ("G1", "G2"))
    found = ambiguous(written(tmp_path, f"id,title,link,image_link,item_group_id\n{rows}"))
    assert found[2].endswith(f": “Mug ({CDN}/mug) of group G1” in this row, “Mug ({CDN}/mug) of group G2” in others.")


@pytest.mark.parametrize("links", [("p.php?id=1", "p.php?id=2"), ("#!/Mug/p/1", "#!/Pot/p/2"), ("p?v=1", "q?v=1")])
def test_links_to_different_products_are_different(tmp_path: Path, links: tuple[str, str]) -> None:
    """Also where a shop's pages differ in their query or, as Ecwid's do, in what stands behind `#!`."""
    rows = "".join(f"A,{CDN}/{link},{CDN}/{at}.jpg\n" for at, link in enumerate(links))
    assert ambiguous(written(tmp_path, f"SKU,Product URL,Image URL\n{rows}")).keys() == {2, 3}


@pytest.mark.parametrize("text", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_what_each_layout_tells_products_apart_by(tmp_path: Path, text: str) -> None:
    """The first and the third row are two products under one key; the second is another one's."""
    assert ambiguous(written(tmp_path, text)).keys() == {2, 4}


ONE_PRODUCT = {
    "feed, one offer over rows": f"{FEED}1,Mug,{CDN}/mug,{CDN}/1.jpg,9\n1,Mug ,http://www.a.example/mug/?utm_source=x,"
    f"{CDN}/2.jpg,9\n1,,,{CDN}/3.jpg,\n".replace("http://www.a.example", CDN),
    "feed, one page for all variants": f"{FEED}1,Mug,{CDN}/mug?variant=41,{CDN}/1.jpg,9\n"
    f"1,Mug,{CDN}/mug?currency=EUR&variant=42,{CDN}/2.jpg,9\n1,Mug,{CDN}/mug#blue,{CDN}/3.jpg,9\n",
    "plain, one page for all variants": f"SKU,Product URL,Image URL\nA,{CDN}/mug/?attribute_pa_color=red,{CDN}/1.jpg\n"
    f"A,{CDN}/mug/?attribute_pa_color=blue,{CDN}/2.jpg\n",
    "feed, variants of one group": "id,item_group_id,title,link,image_link\n"
    f"1,G1,Red mug,{CDN}/r,{CDN}/1.jpg\n1,G1,Blue mug,{CDN}/b,{CDN}/2.jpg\n",
    "Wix": f"handleId,fieldType,name,productImageUrl,sku\np1,Product,Mug,{CDN}/1.jpg,A\np1,Variant,,{CDN}/2.jpg,A\n",
    "WooCommerce": f"{WOO}1,variable,A,Mug,1,,{CDN}/1.jpg\n2,variation,,Mug - red,1,id:1,{CDN}/2.jpg\n"
    f"3,variation,A,Mug - blue,1,A,{CDN}/3.jpg\n",
    "Magento, translations": "sku,store_view_code,product_type,name,url_key,base_image\n"
    f"A,,simple,Mug,mug,{CDN}/1.jpg\nA,de,simple,Tasse,tasse,{CDN}/2.jpg\n",
    "BigCommerce v3": "Item,ID,Name,SKU,Image URL (Import)\n"
    f"Product,7,Mug,A,{CDN}/1.jpg\nVariant,70,,A-1,{CDN}/2.jpg\nImage,71,,,{CDN}/3.jpg\nProduct,8,Pot,A-1,{CDN}/4.jpg\n",
    "plain, a name for each picture": f"SKU,Name,Title,Link,Image URL\nA,Front,f,{CDN}/f,{CDN}/1.jpg\n"
    f"A,Back,b,{CDN}/b,{CDN}/2.jpg\n",
    "plain, variants of an id": f"Product ID,SKU,Image URL\n1,A,{CDN}/1.jpg\n1,B,{CDN}/2.jpg\n,A,{CDN}/3.jpg\n",
    "plain, a SKU told apart by ids": f"Product ID,SKU,Image URL\n1,GIFT,{CDN}/1.jpg\n2,GIFT,{CDN}/2.jpg\n",
    "plain, a handle not written again": f"SKU,Handle,Image URL\nA,mug,{CDN}/1.jpg\nA,,{CDN}/2.jpg\nA,-,{CDN}/3.jpg\n",
    "plain, pages that are pictures": f"SKU,Product URL,Image URL\nA,{CDN}/a.jpg,{CDN}/1.jpg\n"
    f"A,{CDN}/b.jpg,{CDN}/2.jpg\n",
    "plain, another key": f"SKU,Handle,Image URL\n1,mug,{CDN}/1.jpg\n01,pot,{CDN}/2.jpg\n",
}


@pytest.mark.parametrize("text", ONE_PRODUCT.values(), ids=ONE_PRODUCT)
def test_one_product_over_several_rows_is_no_problem(tmp_path: Path, text: str) -> None:
    assert ambiguous(written(tmp_path, text)) == {}


def test_a_sku_under_two_ids_does_not_tell_its_product_alone(tmp_path: Path) -> None:
    """Rows with an id are matched by that, which the store's SKU must confirm; a row without one cannot be told."""
    path = written(tmp_path, f"Product ID,SKU,Image URL\n1,GIFT,{CDN}/1.jpg\n2,gift,{CDN}/2.jpg\n,Gift,{CDN}/3.jpg\n")
    assert ambiguous(path) == {
        4: "The SKU Gift stands for several products in this file: “product id 1”, “product id 2”."
    }


def test_other_sheets_of_the_file_count_too(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        {
            "More": [["SKU", "Image URL"], ["fall2024", f"{CDN}/9.jpg"], ["KTL", f"{CDN}/8.jpg"]],
            "Shop": [
                ["Handle", "Variant SKU", "Image Src"],
                ["red-mug", "FALL2024", f"{CDN}/1.jpg"],
                ["blue-mug", "FALL2024", f"{CDN}/2.jpg"],
            ],
        },
    )
    rejected = [row for row in load(path).rows if isinstance(row, RejectedRow)]
    assert [(row.sheet, row.row) for row in rejected] == [("More", 2), ("Shop", 2), ("Shop", 3)]
    assert rejected[0].problem.detail.endswith("“red-mug”, “blue-mug”.")


def test_a_row_of_such_a_key_with_another_fault_names_the_products_and_keeps_what_it_wrote(tmp_path: Path) -> None:
    path = written(
        tmp_path, f"SKU,Handle,Image URL,Sort Order\nA,mug,{CDN}/1.jpg,first\nA,pan,,2\nA,pan,ftp://x/y.jpg,\n"
    )
    assert ambiguous(path).keys() == {2, 3, 4}
    row = next(row for row in load(path).rows if isinstance(row, RejectedRow))
    assert (row.sku, row.image_url, row.sort_order) == ("A", f"{CDN}/1.jpg", "first")


def test_the_key_named_by_map_is_the_one_that_counts(tmp_path: Path) -> None:
    path = written(tmp_path, f"Handle,Variant SKU,No,Image Src\nred,X,7,{CDN}/1.jpg\nblue,X,8,{CDN}/2.jpg\n")
    assert ambiguous(path).keys() == {2, 3}
    rows = load(path, mapping("product_id=No")).rows
    assert [(row.product_id, row.sku) for row in rows if isinstance(row, ImageRow)] == [(7, ""), (8, "")]


DETAIL = "The SKU FALL2024 stands for several products in this file: “{}” in this row, “{}” in others."


def reported(folder: Path, *skus: str) -> Path:
    """A report on rows of a red and a blue mug, with these SKUs in their place."""
    lines = ["product_id,sku,image_url,status,code,detail,fix"]
    for at, sku in enumerate(skus):
        detail = DETAIL.format(*(("red", "blue") if at < 2 else ("blue", "red")))
        lines.append(f',{sku},{CDN}/{at}.jpg,rejected,key_ambiguous,"{detail}",Mend it.')
    return written(folder, "\n".join(lines) + "\n", "results.csv")


def test_a_report_that_was_not_mended_still_knows_that_its_key_is_shared(tmp_path: Path) -> None:
    """The column that told the products apart is not in it."""
    found = ambiguous(reported(tmp_path, "FALL2024", "FALL2024", "FALL2024", "fall2024"))
    assert found[2] == DETAIL.format("red", "blue")
    assert found.keys() == {2, 3, 4, 5}
    assert ambiguous(reported(tmp_path, "FALL2024", "FALL2024", "FALL2024", "BLUE")).keys() == {2, 3, 4}


def test_a_report_is_mended_once_each_product_has_its_own_key(tmp_path: Path) -> None:
    path = reported(tmp_path, "FALL2024", "FALL2024", "BLUE", "BLUE")
    assert [row.sku for row in images(load(path))] == ["FALL2024", "FALL2024", "BLUE", "BLUE"]


def test_a_key_beside_different_product_names_is_remarked(tmp_path: Path) -> None:
    """A name alone proves nothing, since it may be the picture's; but whoever imports should look."""
    path = written(
        tmp_path,
        f"SKU,Product Name,Image URL\nA,Red mug,{URL}?1\nA,Skillet,{URL}?2\nB,Kettle,{URL}?3\nB, KETTLE,{URL}?4\n",
    )
    loaded = load(path)
    assert len(images(loaded)) == 4
    (remark,) = [note for note in loaded.notes if "different names" in note]
    assert remark == (
        "The SKU A stands beside different names, such as “red mug” and “skillet”. If these are different products, "
        "give each its own before you send anything."
    )
    calm = written(tmp_path, f"SKU,Product Name,Image URL\nA,Red mug,{URL}?1\nA,Red mug,{URL}?2\n", name="calm.csv")
    assert not any("different names" in note for note in load(calm).notes)
