"""OpenCart's export: a workbook whose sheets share the old shop's ids; the sheet of products has the SKU to each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from importer.loader.columns import Header
from importer.loader.layouts.entries import cell
from importer.loader.tables import Lines, Piece, Table, numbered


@dataclass(frozen=True, slots=True)
class Joined:
    """The sheets with SKUs in the place of the old shop's ids.

    Attributes:
        tables: the sheets.
        note: what was done, as a sentence; empty where the file is no such workbook.
    """

    tables: Sequence[Table]
    note: str = ""


def joined(tables: Sequence[Table]) -> Joined:
    """Let one sheet's SKUs serve the others.

    Source: OpenCart's Export/Import tool writes `product_id`, `model`, `sku` and `image_name` on the sheet Products,
    and `product_id`, `image` and `sort_order` on the sheet AdditionalImages, each under a header in the first row.
    """
    headers = {table.name: _header(table) for table in tables}
    products = next((table for table in tables if _is_products(headers[table.name])), None)
    if products is None:
        return Joined(tables)
    header = headers[products.name]
    key = _key(products, header)
    skus = {cell(cells, header.find("product_id")): cell(cells, key) for _, cells in numbered(products.read())}
    found = []
    for table in tables:
        own = headers[table.name]
        if table is products:
            texts = {own.find(name): "" for name in ("product_id", "sku", "model") if own.find(name) != key}
            found.append(replace(table, read=_changed(table, {**texts, own.find("image_name"): "Image"})))
        elif own.has("product_id", "image") and own.find("sku", "model") is None:
            found.append(replace(table, read=_with_skus(table, own, skus)))
        else:
            found.append(table)
    note = (
        "This is a workbook of OpenCart: its own product ids mean nothing to BigCommerce, so products are matched by "
        f"the column {header.texts[key]} of the sheet {products.name}, on its other sheets, too."
    )
    return Joined(found, note)


def _header(table: Table) -> Header:
    first = next(iter(table.read()), Piece(1, [[]]))
    return Header(first.lines[0] if first.lines else ())


def _is_products(header: Header) -> bool:
    return header.has("product_id", "image_name") and header.find("sku", "model") is not None


def _key(table: Table, header: Header) -> int:
    """The column of the SKUs: `sku` where it is filled in, otherwise `model`, which OpenCart insists on."""
    places = [at for name in ("sku", "model") if (at := header.find(name)) is not None]
    for at in places:
        if any(cell(cells, at) for number, cells in numbered(table.read()) if number > 1):
            return at
    return places[0]


def _changed(table: Table, texts: Mapping[int | None, str]) -> Callable[[], Iterator[Piece]]:
    """The same rows with other texts in the header."""

    def read() -> Iterator[Piece]:
        for piece in table.read():
            lines: Lines = list(piece.lines)
            if piece.first == 1 and lines:
                lines[0] = [texts.get(at, text) for at, text in enumerate(lines[0])]
            yield piece._replace(lines=lines)

    return read


def _with_skus(table: Table, header: Header, skus: Mapping[str, str]) -> Callable[[], Iterator[Piece]]:
    """The same rows with the SKU of their product behind the last column, and with no header over the ids."""
    at, width = header.find("product_id"), len(header.texts)
    bare = _changed(table, {at: ""})

    def with_sku(number: int, cells: list[str]) -> list[str]:
        sku = "SKU" if number == 1 else skus.get(cell(cells, at), "")
        return [*cells[:width], *[""] * (width - len(cells)), sku]

    def read() -> Iterator[Piece]:
        for piece in bare():
            yield piece._replace(lines=[with_sku(*row) for row in enumerate(piece.lines, piece.first)])

    return read
