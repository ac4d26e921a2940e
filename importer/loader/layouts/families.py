"""Exports in which a product's row holds its pictures and rows below it are its variants or further pictures."""

from collections.abc import Callable, Iterator

from importer.loader.address_lists import listed
from importer.loader.columns import Columns
from importer.loader.layouts.entries import NO, YES, Entry, Rows, cell, first_of, grouped

_NONE = "The row names no picture; its product's pictures, if it has any, are in another row."


def families(
    columns: Columns, rows: Rows, separator: str, address: Callable[[str], str] = lambda _: ""
) -> Iterator[Entry]:
    """One entry for each picture; the first one of a family is the product's thumbnail.

    Args:
        columns: `others["family"]` is the column that rows of one product share; blank means "as above".
        rows: the data rows.
        separator: a pattern between the addresses of one cell.
        address: makes a complete address of a platform's short one; empty where it is complete already.
    """
    for family, group in grouped(rows, columns.others.get("family")):
        first_sku = first_of(group, columns.sku)
        shown = False
        for number, cells in group:
            common = Entry(
                number, cell(cells, columns.product_id), cell(cells, columns.sku) or first_sku, product=family
            )
            found = False
            for image in columns.images:
                for text in dict.fromkeys(listed(cell(cells, image.at), separator)):
                    yield common._replace(
                        image_url=text,
                        description=cell(cells, image.description),
                        is_thumbnail=NO if shown else YES,
                        address=address(text),
                        column=columns.header(image.at),
                        in_gallery=True,
                    )
                    found = shown = True
            if not found:
                yield common._replace(skipped=_NONE)
