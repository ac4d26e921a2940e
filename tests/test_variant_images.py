"""A picture that a file names for a variant and shows in the product's gallery: with `--variants image` it is both."""

import json
from pathlib import Path
from typing import Any

import pytest

from importer.loader import load
from importer.models import ImageRow, ProblemCode, SkippedRow
from importer.pipeline import load_file, rehearsal_stock
from importer.sandbox import Fault, Sandbox, SandboxSettings
from importer.settings import LoaderSettings
from tests.conftest import Program, results
from tests.uploader.uploading import count

AS_IMAGE = ("--variants", "image", "--yes", "--allow-private", "--results", "out")


def shopify(pictures: str) -> str:
    """`variant_images_shopify.csv`."""
    red, black, handle = (f"{pictures}/{name}.jpg" for name in ("mug-red", "mug-black", "mug-handle"))
    return (
        "Handle,Title,Variant SKU,Image Src,Image Position,Image Alt Text,Variant Image\n"
        f"mug,Mug,CUP-RED,{red},1,,{red}\nmug,,CUP-BLACK,{black},2,,{black}\nmug,,,{handle},3,,\n"
    )


def woocommerce(pictures: str) -> str:
    """The variations stand before and behind their parent."""
    red, black, handle = (f"{pictures}/{name}.jpg" for name in ("mug-red", "mug-black", "mug-handle"))
    return (
        "ID,Type,SKU,Name,Published,Images,Parent\n"
        f"11,variation,CUP-RED,Mug red,1,{red},id:10\n"
        f'10,variable,MUG,Mug,1,"{red}, {black}, {handle}",\n'
        f"12,variation,CUP-BLACK,Mug black,1,{black},id:10\n"
    )


def bigcommerce_v3(pictures: str, product_id: str = "") -> str:
    red, black, handle = (f"{pictures}/{name}.jpg" for name in ("mug-red", "mug-black", "mug-handle"))
    return (
        "Item,ID,Name,SKU,Image URL (Import),Image Sort Order,Variant Image URL\n"
        f"Product,{product_id},Mug,MUG,,,\n"
        f"Variant,77,,CUP-RED,,,{red}\nVariant,78,,CUP-BLACK,,,{black}\n"
        f"Image,91,,,{red},0,\nImage,92,,,{black},1,\nImage,93,,,{handle},2,\n"
    )


def bigcommerce_v2(pictures: str) -> str:
    red, black, handle = (f"{pictures}/{name}.jpg" for name in ("mug-red", "mug-black", "mug-handle"))
    header = ",".join(f"Product Image URL - {number}" for number in (1, 2, 3))
    return (
        f"Item Type,Product ID,Product Name,Product Code/SKU,{header}\n"
        f"Product,,Mug,MUG,{red},{black},{handle}\nRule,,,CUP-RED,{red},,\nRule,,,CUP-BLACK,{black},,\n"
    )


FILES = {
    "shopify": shopify,
    "woocommerce": woocommerce,
    "bigcommerce-v3": bigcommerce_v3,
    "bigcommerce-v3 with ids": lambda pictures: bigcommerce_v3(pictures, "3001"),
    "bigcommerce-v2": bigcommerce_v2,
}


@pytest.fixture(params=FILES)
def sheet(request: pytest.FixtureRequest, program: Program, pictures: str) -> Path:
    path = program.folder / "export.csv"
    path.write_text(FILES[request.param](pictures), "utf-8")
    return path


def stocked(sheet: Path, **settings: Any) -> Sandbox:
    """A pretend store with the products of a file."""
    stock = rehearsal_stock([load_file(sheet)])
    return Sandbox(
        SandboxSettings(products=stock.products, families=stock.families, allow_private=True, quota=100_000, **settings)
    )


def variant_images(store: Sandbox) -> dict[str, str]:
    return {one.sku: store.variant_image(one.id) for one in store._catalog.variants() if one.sku.startswith("CUP-")}


@pytest.mark.long
def test_the_gallery_has_each_once_and_the_variants_have_theirs(program: Program, sheet: Path) -> None:
    with stocked(sheet) as store:
        (mug,) = [one for one in store._catalog.products() if any(each.sku == "CUP-RED" for each in one.variants)]
        done = program.run("run", sheet, *AS_IMAGE, sandbox=store)
        assert done.returncode == 0, done.stdout + done.stderr
        lines = results(program.folder / "out")
        assert (
            sorted(line["route"] for line in lines if line["status"] == "uploaded") == ["single"] * 3 + ["variant"] * 2
        )
        assert len(store.images(mug.id)) == 3
        first = variant_images(store)
        assert set(first) == {"CUP-RED", "CUP-BLACK"}
        assert all(first.values())
        posts = count(store, "POST")
        assert posts == 5
        again = program.run("run", sheet, *AS_IMAGE, sandbox=store)
        assert again.returncode == 0, again.stderr
        assert {line["status"] for line in results(program.folder / "out")} <= {"already_there", "skipped"}
        assert (count(store, "POST"), variant_images(store)) == (posts, first)
        undone = program.run("undo", "out", "--yes", sandbox=store)
        assert undone.returncode == 0, undone.stderr
        assert not any(variant_images(store).values())
        assert store.images(mug.id) == []


@pytest.mark.parametrize("kind", FILES)
def test_without_the_option_the_loader_tells_how_many_are_left(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "export.csv"
    path.write_text(FILES[kind]("https://a.example"), "utf-8")
    loaded = load(path)
    assert len([row for row in loaded.rows if isinstance(row, ImageRow)]) == 3
    assert loaded.variants_left == 2
    assert "2 pictures are named for variants although" in loaded.notes[-1]


@pytest.mark.long
def test_without_the_option_the_plan_the_check_and_the_report_say_how_many_are_left(
    program: Program, pictures: str
) -> None:
    sheet = program.folder / "export.csv"
    sheet.write_text(shopify(pictures), "utf-8")
    sentence = (
        "2 pictures of variants are not set on the variant itself; “importer run” with --variants image sets them."
    )
    with stocked(sheet) as store:
        arguments = ("--allow-private", "--results", "out")
        checked = program.run("check", sheet, *arguments, "--json", sandbox=store)
        assert json.loads(checked.stdout)["variants_left"] == 2
        done = program.run("run", sheet, *arguments, "--yes", sandbox=store)
        assert done.returncode == 0, done.stderr
        assert f"Plan: 3 pictures to add to 1 product, 0 already there, 0 rejected. {sentence}" in done.stderr
        assert "All 3 pictures are in the store" in done.stdout
        assert not any(variant_images(store).values())
    assert sentence in (program.folder / "out" / "results.html").read_text("utf-8")


def test_variants_that_share_a_picture_which_the_gallery_lacks_all_get_it(program: Program, pictures: str) -> None:
    path = program.folder / "export.csv"
    red = f"{pictures}/red.jpg"
    path.write_text(
        "Handle,Title,Variant SKU,Image Src,Image Position,Variant Image\n"
        f"shirt,Shirt,CUP-S,{pictures}/shirt.jpg,1,{red}\nshirt,,CUP-M,,,{red}\nshirt,,CUP-L,,,{red}\n",
        "utf-8",
    )
    with stocked(path) as store:
        done = program.run("run", path, *AS_IMAGE, sandbox=store)
        assert done.returncode == 0, done.stderr
        assert all(variant_images(store).values())
        assert len(variant_images(store)) == 3


def test_what_is_no_variant_in_the_store_asks_for_nothing(program: Program, pictures: str) -> None:
    """The store's product has no options, so the SKU is its own."""
    path = program.folder / "export.csv"
    path.write_text(shopify(pictures).replace("CUP-BLACK", "CUP-RED"), "utf-8")
    with Sandbox(SandboxSettings(products=((None, "CUP-RED"),), allow_private=True, quota=100_000)) as store:
        done = program.run("run", path, *AS_IMAGE, sandbox=store)
        assert done.returncode == 0, done.stderr
        lines = results(program.folder / "out")
    assert [line["status"] for line in lines] == ["uploaded", "skipped", "uploaded", "skipped", "uploaded"]
    assert "no variant with the SKU CUP-RED" in lines[1]["detail"]


def test_the_loader_names_each_variants_picture_once(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(shopify("https://a.example") + "mug,,CUP-RED,,,,https://a.example/mug-red.jpg\n", "utf-8")
    plain = load(path)
    assert [type(row) for row in plain.rows] == [ImageRow] * 3 + [SkippedRow]
    assert plain.variants_left == 3
    rows = load(path, LoaderSettings(variant_images=True)).rows
    found = [(row.row, row.sku, row.of_variant) for row in rows if isinstance(row, ImageRow)]
    assert found == [
        (2, "CUP-RED", False),
        (2, "CUP-RED", True),
        (3, "CUP-BLACK", False),
        (3, "CUP-BLACK", True),
        (4, "CUP-RED", False),
    ]
    (repeated,) = [row for row in rows if not isinstance(row, ImageRow)]
    assert repeated.row == 5
    assert not isinstance(repeated, SkippedRow)
    assert repeated.problem.code == ProblemCode.URL_DUPLICATE


def test_a_rehearsal_has_one_product_for_each_product_of_the_export(tmp_path: Path) -> None:
    """Also for those without pictures."""
    path = tmp_path / "export.csv"
    lines = ["Handle,Title,Variant SKU,Image Src,Image Position,Variant Image"]
    for number in range(300):
        image = f"https://a.example/p-{number}.jpg" if number % 3 else ""
        lines += [f"h-{number},P,S-{number}-{size},{image if size == 'S' else ''},," for size in "SML"]
    path.write_text("\n".join(lines), "utf-8")
    stock = rehearsal_stock([load(path)])
    assert (len(stock.products), len(stock.families)) == (0, 300)
    with Sandbox() as built_in, Sandbox(SandboxSettings(products=stock.products, families=stock.families)) as store:
        extra = len(store._catalog.products()) - len(built_in._catalog.products())
        assert extra == 300
        assert [one.sku for one in store._catalog.variants_with(["S-7-M"])] == ["S-7-M"]
    single = rehearsal_stock([load(path, LoaderSettings(layout="plain"))])
    assert len(single.products) == 200


def test_a_product_with_one_sku_has_no_variants(tmp_path: Path) -> None:
    path = tmp_path / "wix.csv"
    rows = ["a,LAMP,https://a.example/1.jpg", "b,TENT-S,https://a.example/2.jpg", "b,TENT-L,https://a.example/3.jpg"]
    path.write_text("\n".join(["handleId,sku,productImageUrl", *rows]), "utf-8")
    stock = rehearsal_stock([load(path)])
    assert stock.products == ((None, "LAMP"),)
    assert stock.families == ((None, "", ("TENT-S", "TENT-L")),)


def test_a_family_takes_the_place_of_a_built_in_product_and_never_two_have_a_sku() -> None:
    families = ((None, "", ("MUG-BLK", "CUP-RED")), (None, "MUG", ("CUP-RED", "MUG-TEA")), (1101, "X", ("Y",)))
    with Sandbox(SandboxSettings(families=families)) as store:
        of = {one.sku: one.product_id for one in store._catalog.variants()}
        assert of["MUG-BLK"] == of["CUP-RED"]
        assert len({of["MUG"], of["MUG-TEA"], of["CUP-RED"], of["Y"]}) == 4
        skus = [one.sku for one in store._catalog.variants() if one.sku not in {"", "GIFT-SET"}]
        assert len(skus) == len(set(skus))


@pytest.mark.long
@pytest.mark.parametrize("report", ["results.csv", "results.xlsx"])
def test_a_variants_picture_that_failed_is_set_by_the_report_as_the_next_file(
    program: Program, pictures: str, report: str
) -> None:
    """The store refuses the first of the two, which a batch of variants begins with."""
    sheet = program.folder / "export.csv"
    sheet.write_text(bigcommerce_v3(pictures, "3001"), "utf-8")
    with stocked(sheet, faults=tuple(Fault(number, "503") for number in range(1, 4))) as store:
        failed = program.run("run", sheet, *AS_IMAGE, "--attempts", "3", "--retry-wait", "0", sandbox=store)
        assert failed.returncode == 3, failed.stdout + failed.stderr
        assert sorted(map(bool, variant_images(store).values())) == [False, True]
        again = program.run("run", f"out/{report}", *AS_IMAGE[:4], sandbox=store)
        assert again.returncode == 0, again.stdout + again.stderr
        assert all(variant_images(store).values())
        assert len(store.images(3001)) == 3
