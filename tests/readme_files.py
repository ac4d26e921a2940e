"""The files that README's commands name, as their platforms write them; their pictures lie on the sandbox's hosts."""

import csv
from pathlib import Path

from openpyxl import Workbook

from importer.sandbox import Sandbox

_HOST = "https://images.alpine-outfitters.example"
FRONT, CAMPFIRE = f"{_HOST}/products/mug-black-front.jpg?v=1698", f"{_HOST}/products/mug-black-campfire.jpg?v=1698"
GONE = f"{_HOST}/archive/2019/board-oiled.jpg"
PRODUCTS = ((None, "MUG"), (None, "CUP"))
CREDENTIALS = "BigCommerceAPI-credentials.txt"
IMAGES = "images.xlsx"

_TEXTS: dict[str, list[list[str]]] = {
    "products_export.csv": [
        ["Handle", "Title", "Variant SKU", "Image Src", "Image Position", "Image Alt Text", "Variant Image"],
        ["mug", "Mug", "MUG", FRONT, "1", "Front", ""],
        ["mug", "", "", CAMPFIRE, "2", "", ""],
    ],
    "wc-product-export.csv": [
        ["ID", "Type", "SKU", "Name", "Images", "Parent"],
        ["44", "simple", "CUP", "Cup", f"{FRONT}, {CAMPFIRE}", ""],
    ],
    "catalog_product.csv": [
        ["sku", "store_view_code", "product_type", "base_image", "additional_images"],
        ["MUG", "", "simple", "/m/u/mug.jpg", "/m/u/mug_2.jpg"],
    ],
    "squarespace.csv": [
        ["Product ID [Non Editable]", "Variant ID [Non Editable]", "Title", "SKU", "Hosted Image URLs"],
        ["a", "b", "Mug", "MUG", f"{FRONT} {CAMPFIRE}"],
    ],
    "wix.csv": [
        ["handleId", "fieldType", "name", "productImageUrl", "sku"],
        ["p1", "Product", "Cup", f"{FRONT};{CAMPFIRE}", "CUP"],
    ],
    "prestashop.csv": [
        ["Product ID", "Active (0/1)", "Name *", "Reference #", "Image URLs (x,y,z...)"],
        ["7", "1", "Mug", "MUG", f"{FRONT},{CAMPFIRE}"],
    ],
    "bigcommerce-export.csv": [
        ["Item", "ID", "SKU", "Internal Image URL (Export)", "Image URL (Import)", "Image is Thumbnail"],
        ["Product", "77", "MUG", "", "", ""],
        ["Image", "501", "", FRONT, "", "TRUE"],
        ["Image", "502", "", CAMPFIRE, "", "FALSE"],
    ],
    "bulk-edit.csv": [
        ["Item Type", "Product ID", "Product Code/SKU", "Product Image URL - 1", "Product Image Description - 1"],
        ["Product", "77", "CUP", FRONT, "Front"],
    ],
    "export.csv": [["MUG", "a mug", FRONT], ["CUP", "a cup", CAMPFIRE]],
}


def write_files(folder: Path, sandbox: Sandbox) -> None:
    """Every file, and the credentials of the store."""
    for name, lines in _TEXTS.items():
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(lines)
    feed = [["id", "title", "image_link", "additional_image_link"], ["CUP", "A cup", FRONT, CAMPFIRE]]
    (folder / "feed.tsv").write_text("\n".join("\t".join(line) for line in feed) + "\n", encoding="utf-8")
    pictures = [["Our number", "b", "c", "d", "e", "Picture", "Another"], ["MUG", "", "", "", "", FRONT, CAMPFIRE]]
    _workbook(folder / "pictures.xlsx", pictures)
    (folder / CREDENTIALS).write_text(
        f"ACCESS TOKEN: {sandbox.access_token}\nAPI PATH: {sandbox.api_url}/stores/{sandbox.store_hash}/v3/\n",
        encoding="utf-8",
    )


def fill_in(folder: Path) -> None:
    """Fill the template in: two pictures, one of which is gone from its host."""
    _workbook(folder / IMAGES, [["SKU", "Image URL", "Description"], ["MUG", FRONT, "Front"], ["CUP", GONE, "Gone"]])


def _workbook(path: Path, lines: list[list[str]]) -> None:
    book = Workbook()
    del book["Sheet"]
    sheet = book.create_sheet("Images")
    for line in lines:
        sheet.append(line)
    book.save(path)
