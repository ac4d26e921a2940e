"""Rows meet their products and variants; who repeats whom, and who still finds a place on a full product."""

import asyncio
from dataclasses import replace
from typing import Literal

import pytest

from importer.models import Checked, ImageRow, ProblemCode, Product, StoreImage, UrlFinding, Variant
from importer.sandbox import Sandbox, SandboxSettings
from importer.settings import AccessToken, NetworkSettings, StoreSettings
from importer.store import open_store
from importer.validator import look_up
from importer.validator.products import keep_to_limit

URL = "https://images.example/pack.jpg"
GREEN = Variant(id=70, product_id=7, sku="PACK-GRN", image_url="")


def row(number: int, sku: str, url: str = URL, product_id: int | None = None) -> ImageRow:
    return ImageRow("", number, product_id, sku, url, url)


def looked_up(rows: list[ImageRow], variants: Literal["product", "image"]) -> list[Checked]:
    async def run() -> list[Checked]:
        with Sandbox(SandboxSettings(quota=10_000)) as sandbox:
            settings = StoreSettings(sandbox.store_hash, AccessToken(sandbox.access_token), sandbox.api_url)
            async with open_store(settings, NetworkSettings(sandbox.ca_file)) as client:
                return await look_up(rows, client, stop=asyncio.Event(), variants=variants)

    return asyncio.run(run())


def test_rows_found_by_a_variants_sku_carry_the_variant() -> None:
    rows = [row(2, "PACK-45-GRN"), row(3, "PACK-45"), row(4, "", product_id=1106), row(5, "GIFT-SET")]
    variant, main, by_id, ambiguous = looked_up(rows, "image")
    assert variant.variant is not None
    assert (variant.variant.sku, variant.product and variant.product.id) == ("PACK-45-GRN", 1106)
    assert (main.variant, by_id.variant, ambiguous.variant) == (None, None, None)
    assert ambiguous.problem is not None
    assert ambiguous.problem.code is ProblemCode.SKU_AMBIGUOUS


@pytest.mark.parametrize(("variants", "repeats"), [("product", {3, 4, 5}), ("image", {5})])
def test_one_picture_for_two_variants_is_a_repetition_only_in_the_gallery(
    variants: Literal["product", "image"], repeats: set[int]
) -> None:
    rows = [row(2, "PACK-45-GRN"), row(3, "PACK-45-RED"), row(4, "PACK-45"), row(5, "PACK-45-RED")]
    checked = looked_up(rows, variants)
    assert {
        item.row.row for item in checked if item.problem and item.problem.code is ProblemCode.URL_DUPLICATE
    } == repeats


def test_a_gallery_row_of_a_variants_sku_repeats_the_products_own_row() -> None:
    rows = [row(2, "PACK-45"), replace(row(3, "PACK-45-GRN"), in_gallery=True), row(4, "PACK-45-GRN")]
    assert [item.problem is not None for item in looked_up(rows, "image")] == [False, True, False]


def full(names: int, *, places: int) -> Product:
    """A product with `places` left, `names` of its pictures called `pack`."""
    images = [StoreImage(at, 7, f"a/1/p-{at}__00001.jpg", "", at, False, "", "") for at in range(1000 - places)]
    images[:names] = [replace(image, image_file="a/1/pack__00002.jpg") for image in images[:names]]
    return Product(7, "PACK", tuple(images))


def rejected(items: list[Checked]) -> list[bool]:
    return [item.problem is not None for item in items]


@pytest.mark.parametrize("existing", ["add", "replace"])
def test_a_picture_of_the_same_name_takes_a_place_unless_it_is_skipped(existing: Literal["add", "replace"]) -> None:
    product = full(1, places=1)
    items = [Checked(row(2, "PACK"), product, file_name="pack"), Checked(row(3, "PACK"), product)]
    assert rejected(keep_to_limit(items)) == [False, False]
    assert rejected(keep_to_limit([replace(item, file_name="") for item in items])) == [False, True]
    assert rejected(keep_to_limit(items, existing=existing)) == [False, True]


def test_a_picture_of_an_earlier_run_takes_no_second_place() -> None:
    product = full(0, places=0)
    items = [Checked(row(2, "PACK"), product, recorded=True), Checked(row(3, "PACK"), product)]
    for existing in ("skip", "add", "replace"):
        assert rejected(keep_to_limit(items, existing=existing)) == [False, True]


def test_the_first_picture_of_a_variant_takes_no_place_as_its_image_and_further_ones_do() -> None:
    product = full(0, places=0)
    items = [Checked(row(number, GREEN.sku, f"{URL}?{number}"), product, variant=GREEN) for number in (2, 3)]
    assert rejected(keep_to_limit(items, variants="image")) == [False, True]
    assert rejected(keep_to_limit(items, variants="product")) == [True, True]
    gallery = [Checked(replace(items[0].row, in_gallery=True), product, variant=GREEN)]
    assert rejected(keep_to_limit(gallery, variants="image")) == [True]


@pytest.mark.parametrize(
    ("kind", "taken"), [("JPEG", True), ("PNG", True), ("GIF", True), ("WEBP", False), ("BMP", False), ("", True)]
)
def test_a_variant_is_not_given_a_format_that_only_products_take(kind: str, taken: bool) -> None:
    product = full(0, places=900)
    item = Checked(row(2, GREEN.sku), product, UrlFinding(format=kind), variant=GREEN)
    (kept,) = keep_to_limit([item], variants="image")
    assert (kept.problem is None) is taken
    if kept.problem is not None:
        assert kept.problem.code == ProblemCode.IMAGE_FORMAT_UNSUPPORTED
        assert kind in kept.problem.detail
    (as_products,) = keep_to_limit([item], variants="product")
    assert as_products.problem is None


def test_where_a_variants_first_picture_is_rejected_the_next_one_is_its_own() -> None:
    product = full(0, places=0)
    items = [
        Checked(row(number, GREEN.sku, f"{URL}?{number}"), product, UrlFinding(format=kind), variant=GREEN)
        for number, kind in ((2, "WEBP"), (3, "JPEG"))
    ]
    assert rejected(keep_to_limit(items, variants="image")) == [True, False]


def test_a_repeat_of_another_sheets_row_names_the_sheet() -> None:
    rows = [replace(row(2, "PACK-45"), sheet="Spring"), replace(row(2, "PACK-45"), sheet="Autumn")]
    _, repeated = looked_up(rows, "product")
    assert repeated.problem is not None
    assert repeated.problem.detail.startswith("Row 2 of the sheet Spring asks for the same picture")
