"""OpenCart's workbook: the SKUs of the sheet Products serve the sheet AdditionalImages; no old id is taken for ours."""

from dataclasses import replace
from pathlib import Path

import pytest

from importer.loader import load
from importer.settings import LoaderSettings
from tests.loader.sheets import images, mapping, workbook

BASE = LoaderSettings(base_url="https://shop.example/image")
MORE: list[list[object]] = [
    ["product_id", "image", "sort_order"],
    [28, "catalog/mug-2.jpg", 1],
    [29, "catalog/pan-2.jpg", 1],
    [30, "catalog/unknown.jpg", 1],
]


def exported(folder: Path, sku: str) -> Path:
    products: list[list[object]] = [
        ["product_id", "name", "model", "sku", "image_name", "price"],
        [28, "Mug", "MUG", sku and f"{sku}28", "catalog/mug.jpg", 9],
        [29, "Pan", "PAN", sku and f"{sku}29", "catalog/pan.jpg", 19],
    ]
    return workbook(folder, {"Products": products, "AdditionalImages": MORE})


@pytest.mark.parametrize(("sku", "names"), [("", ["MUG", "PAN"]), ("S", ["S28", "S29"])])
def test_main_pictures_come_first_and_all_are_matched_by_sku(tmp_path: Path, sku: str, names: list[str]) -> None:
    loaded = load(exported(tmp_path, sku), BASE)
    start = "https://shop.example/image/catalog"
    assert [(row.product_id, row.sku, row.sent_url) for row in images(loaded)] == [
        (None, names[0], f"{start}/mug.jpg"),
        (None, names[1], f"{start}/pan.jpg"),
        (None, names[0], f"{start}/mug-2.jpg"),
        (None, names[1], f"{start}/pan-2.jpg"),
    ]
    assert any("OpenCart" in note and "matched by the column" in note for note in loaded.notes)
    assert not any("taken for BigCommerce's own" in note for note in loaded.notes)


def test_the_persons_word_leaves_the_sheets_as_they_are(tmp_path: Path) -> None:
    settings = replace(mapping("product_id=product_id", "image_url=image"), base_url=BASE.base_url)
    assert [(row.product_id, row.sku) for row in images(load(exported(tmp_path, ""), settings))] == [
        (28, ""),
        (29, ""),
        (30, ""),
    ]


def test_a_sheet_alone_says_whose_ids_it_takes_them_for(tmp_path: Path) -> None:
    loaded = load(workbook(tmp_path, {"AdditionalImages": MORE}), BASE)
    assert any("taken for BigCommerce's own product ids" in note for note in loaded.notes)
