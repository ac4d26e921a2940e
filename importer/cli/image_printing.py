"""What `importer images` shows, as a table, as JSON and as lines of a CSV file. Pure: text in, text out."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields

from importer.cli.counting import counted
from importer.cli.table import table
from importer.models import Product
from importer.pipeline import NO_PICTURE, Asked, Pictureless, PicturelessProducts, looks_like_id
from importer.report import Cell

_OF_IMAGE = ("id", "sort_order", "is_thumbnail", "image_file", "description", "url_standard")
IMAGE_COLUMNS = ("product_id", "sku", *_OF_IMAGE)
MISSING_COLUMNS = tuple(field.name for field in fields(Pictureless))
_SHOWN = IMAGE_COLUMNS[:-1]

Line = Mapping[str, Cell]


def image_lines(products: Sequence[Product]) -> list[Line]:
    """The pictures of the products, one mapping each, with the columns `IMAGE_COLUMNS`."""
    return [
        asdict(image) | {"product_id": product.id, "sku": product.sku}
        for product in products
        for image in product.images
    ]


def images_text(products: Sequence[Product]) -> str:
    """The pictures of the products as a table, and a sentence for each product without any."""
    lines = [[str(line[name]) for name in _SHOWN] for line in image_lines(products)]
    text = table(_SHOWN, lines) if lines else []
    text += [f"Product {product.id} has no pictures." for product in products if not product.images]
    return "\n".join(text)


def not_one_product(asked: Asked) -> str:
    """Why an id or SKU does not lead to one product, as a sentence; empty where it does."""
    text = asked.text[:100]
    if len(asked.products) > 1:
        ids = ", ".join(str(product.id) for product in asked.products[:10])
        return f"The SKU {text} belongs to the products {ids}. Ask for one of these ids."
    if asked.products:
        return ""
    if looks_like_id(asked.text):
        return f"The store has no product with the id {text}, and no product or variant with this SKU."
    return f"The store has no product or variant with the SKU {text}."


def missing_lines(found: PicturelessProducts) -> list[Line]:
    """The products without a picture, one mapping each, with the columns `MISSING_COLUMNS`."""
    return [asdict(line) for line in found.lines]


def missing_text(found: PicturelessProducts) -> str:
    """The products without a picture as a table; nothing where there is none."""
    names = [name for name in MISSING_COLUMNS if name != "code" and (name != "sheet" or _has_sheets(found))]
    lines = [["" if line[name] is None else str(line[name]) for name in names] for line in missing_lines(found)]
    return "\n".join(table(names, lines)) if lines else ""


def missing_sentences(found: PicturelessProducts, file: str) -> list[str]:
    """How many products of the file have no picture, and how many rows name no product."""
    bare = sum(line.code == NO_PICTURE for line in found.lines)
    unknown = len(found.lines) - bare
    shown = found.products - len(found.lines)
    sentences = [f"{file} names {counted(found.products, 'product')}: {shown:,} with pictures, {bare:,} without"]
    sentences[0] += f", {unknown:,} that cannot be found in the store." if unknown else "."
    if found.nameless:
        rows = "1 row names" if found.nameless == 1 else f"{found.nameless:,} rows name"
        sentences.append(f"{rows} no product that can be looked up; `importer preview` tells why.")
    return sentences


def as_json(lines: Sequence[Line]) -> str:
    """The lines as a JSON array."""
    return json.dumps(lines, indent=2)


def _has_sheets(found: PicturelessProducts) -> bool:
    """Whether the rows are those of a workbook, which may have several sheets."""
    return any(line.sheet for line in found.lines)
