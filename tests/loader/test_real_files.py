"""Spreadsheets as their owners left them: what is understood of each, from its first row to its last."""

from collections import Counter
from pathlib import Path

import pytest

from importer.loaded import LoadedFile
from importer.loader import load
from importer.models import ProblemCode
from importer.settings import LoaderSettings
from tests.loader.sheets import images, rejected, skipped

REAL = Path(__file__).resolve().parents[3] / "shared" / "spreadsheets" / "real"
pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason="the public example files are not beside this checkout")


def loaded(name: str, settings: LoaderSettings | None = None) -> LoadedFile:
    found = load(REAL / name, settings)
    # The sum of the house: every data row of the file has a line in what comes out of it.
    header, rows = found.sheets[0].header_row, found.sheets[0].rows
    assert {row.row for row in found.rows} == set(range(header + 1, header + 1 + rows))
    return found


def test_a_feed_with_numbered_picture_columns() -> None:
    """The primary picture repeats a numbered one on every row and counts once; eight addresses are too long."""
    feed = loaded("bigcommerce_productify_feed_store.csv")
    assert (feed.layout, feed.sheets[0].rows) == ("plain", 966)
    assert feed.sheets[0].columns == {
        "sku": "sku",
        "image_url": "primary_image, image_1, image_2, image_3, image_4, image_5, image_6",
    }
    assert Counter(row.problem.code for row in rejected(feed)) == {"url_too_long": 8}
    assert len(images(feed)) + 8 == 2_562
    first, last = images(feed)[0], images(feed)[-1]
    assert (first.row, first.sku, first.description) == (2, "B100-BLK", "")
    assert first.sent_url.endswith("/b100__25645.1405346655.1280.1280.jpg?c=2")
    assert (last.row, last.sku) == (967, "PINBP-3XL")


def test_the_bulk_edit_template_names_no_product() -> None:
    template = loaded("bigcommerce_v2_bulkedit_template.csv")
    assert template.layout == "bigcommerce-v2"
    assert template.sheets[0].columns["image_url"] == "Product Image File - 1, Product Image File - 2"
    assert template.sheets[0].columns["sort_order"] == "Product Image Sort - 1, Product Image Sort - 2"
    assert [row.problem.code for row in rejected(template)] == ["product_missing"]
    assert images(template) == []


def test_shopifys_template_saved_by_excel() -> None:
    """Pictures of a handle once each, in Shopify's order; variants that only point at one ask for nothing."""
    export = loaded("shopify_product_template.csv")
    assert export.layout == "shopify"
    rows = images(export)
    assert len(rows) == 11
    assert len(skipped(export)) == 6
    assert rejected(export) == []
    assert (rows[0].row, rows[0].sku, rows[0].sort_order, rows[0].is_thumbnail) == (2, "SRT_COT_111", 1, True)
    assert rows[0].description == "A rack of T-Shirts"
    picture_only = next(row for row in rows if row.row == 17)
    assert (picture_only.sku, picture_only.sort_order, picture_only.is_thumbnail) == ("PNT_DEN_285", 4, False)
    assert (rows[-1].row, rows[-1].sku) == (18, "HAT_GRY_275")
    assert any("SKU alone (the column Variant SKU)" in note for note in export.notes)


def test_woocommerces_sample() -> None:
    """Lists of pictures, downloads that are none, and variations that repeat their product's picture."""
    export = loaded("woocommerce_official_sample_products.csv")
    assert (export.layout, export.facts.encoding, export.sheets[0].rows) == ("woocommerce", "utf-8-sig", 25)
    repeats = [row for row in skipped(export) if "already" in row.reason]
    assert len(images(export)) + len(repeats) == 33
    assert len(repeats) == export.variants_left
    assert rejected(export) == []
    assert {row.sku for row in repeats} >= {"woo-vneck-tee-red", "woo-vneck-tee-green"}
    first = [row for row in images(export) if row.row == 2]
    assert [row.sent_url.rpartition("/")[2] for row in first] == [
        "vneck-tee-2.jpg",
        "vnech-tee-green-1.jpg",
        "vnech-tee-blue-1.jpg",
    ]
    assert [row.is_thumbnail for row in first] == [True, False, False]


def test_prestashops_import_file() -> None:
    sheet = loaded("prestashop_products_import.csv")
    assert (sheet.layout, sheet.facts.delimiter) == ("prestashop", ";")
    assert sheet.sheets[0].columns["sku"] == "Reference #"
    rows = images(sheet)
    assert len(rows) == 8
    assert [(row.row, row.sku, row.description) for row in rows[:2]] == [
        (2, "RP-demo_1", "First alt text"),
        (2, "RP-demo_1", "Second alt text"),
    ]
    assert (rows[-1].row, rows[-1].sku) == (8, "RP-demo_7")


@pytest.mark.parametrize("base_url", ["", "https://shop.example/media/catalog/product"])
def test_magentos_paths_need_a_base_url(base_url: str) -> None:
    sheet = loaded("magento2_sampledata_images_gear_fitness.csv", LoaderSettings(base_url=base_url))
    assert sheet.sheets[0].columns == {"sku": "sku", "image_url": "image"}
    if not base_url:
        assert {row.problem.code for row in rejected(sheet)} == {"url_invalid"}
        assert "--base-url" in rejected(sheet)[0].problem.fix
        return
    rows = images(sheet)
    assert len(rows) == 22
    assert (rows[0].sku, rows[0].image_url) == ("24-UG01", "/u/g/ug01-bk-0.jpg")
    assert rows[-1].sent_url == "https://shop.example/media/catalog/product/l/u/luma-foam-roller.jpg"


def test_metas_catalogue_has_its_header_below_the_instructions() -> None:
    feed = loaded("facebook_fr_catalog_productsV3.csv")
    assert (feed.layout, feed.sheets[0].header_row) == ("google-merchant", 2)
    assert feed.sheets[0].columns == {"sku": "id", "image_url": "image_link"}
    assert [(row.row, row.product_id, row.sku) for row in images(feed)] == [
        (3, None, "0"),
        (4, None, "7"),
        (5, None, "SKU12345"),
    ]


@pytest.mark.parametrize("base_url", ["", "https://aquatech.example"])
def test_a_suppliers_catalogue(base_url: str) -> None:
    catalogue = loaded("aquatech_catalog.xlsx", LoaderSettings(base_url=base_url))
    assert catalogue.sheets[0].rows == 279
    # The long texts about the products are not alt texts of their pictures.
    assert catalogue.sheets[0].columns == {"sku": "SKU", "image_url": "ImageUrl"}
    codes = Counter(row.problem.code for row in rejected(catalogue))
    assert codes[ProblemCode.URL_MISSING] == 136
    if not base_url:
        assert codes[ProblemCode.URL_INVALID] == 143
        return
    rows = images(catalogue)
    assert len(rows) + codes[ProblemCode.URL_DUPLICATE] == 143
    assert (rows[0].sheet, rows[0].row, rows[0].sku) == ("Products", 2, "TC30")
    assert rows[0].sent_url == "https://aquatech.example/uploads/products/77577bb7-72cc-4426-a200-5d94a28c97d3.jpg"
