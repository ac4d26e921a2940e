"""What a row shows of the product it means, besides the id and the SKU: a handle, a parent, a feed's link and title."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

from importer.loader import values
from importer.loader.columns import Columns, Header
from importer.loader.damage import Damage
from importer.loader.data_rows import DataRows
from importer.loader.header_search import Understood
from importer.loader.layouts.entries import Rows, cell, is_blank
from importer.loader.tables import Table, numbered
from importer.models import ProblemCode

_LONGEST_NAME = 200
_OF_NO_OTHER_PRODUCT = re.compile(
    r"(?:^|&)(?:utm_[^=&]*|gclid|fbclid|srsltid|msclkid|ref|source|medium|campaign"
    r"|variant(?:_?id)?|variation(?:_?id)?|attribute_[^=&]*|currency)=[^&]*",
    re.IGNORECASE,
)
"""Parameters of a product's page that lead to the same product: campaigns, and what shops choose a variant by."""
_ENDING = re.compile(r"\.(?:jpe?g|png|gif|webp|bmp|svg|avif)$", re.IGNORECASE)
_TITLES = ("title", "g:title", "name")
_OWN_PAGE = ("Product URL", "Product Link", "Product Page", "Product Page URL", "URL Key", "Canonical URL", "Permalink")
_FAMILY = (
    "Handle", "URL Handle", "Product Handle", "handleId", "Slug", "Parent", "Parent SKU", "Parent ID", "Parent Product",
    "Item Group ID",
)  # fmt: skip
"""Columns of a plain sheet that name one product in each row."""
_NAMES = ("Product Name", "Product Title", "Item Name", "Artikelname", "Produktname", "Nom du produit")
DOUBT = "called"
"""The kind of a fact that proves nothing by itself: a name in a plain sheet may as well be the picture's."""
_HERE = re.compile("“([^“”]+)” in this row")


class Shown(NamedTuple):
    """What one row shows.

    Attributes:
        row: its number.
        product_id: its product id as written, empty where it has none.
        sku: its SKU as written, empty where it has none.
        facts: what tells products apart, by kind; two rows with different facts of one kind mean different products.
        name: the same in a word for a person, empty where nothing is known.
    """

    row: int
    product_id: str
    sku: str
    facts: tuple[tuple[str, str], ...] = ()
    name: str = ""


def here(name: str) -> str:
    """How a problem names the product of its own row, so that the row of a report still shows it when it is loaded."""
    return f"“{name}” in this row"


class ShownRows:
    """What the rows of a sheet show, from the top each time; nothing where it has no column that could show anything.

    Args:
        table: the sheet.
        found: its header as understood.
        damage: tells what is wrong with a row as such; what a damaged row says may stand in the wrong cells.
    """

    def __init__(self, table: Table, found: Understood, damage: Damage) -> None:
        self._table = table
        self._found = found
        self._damage = damage

    def __iter__(self) -> Iterator[Shown]:
        read = _READERS.get(self._found.layout.name)
        return read(self._found.columns, _Whole(self._table, self._found, self._damage)) if read else iter(())


class _Whole:
    """The rows that are neither blank nor damaged."""

    def __init__(self, table: Table, found: Understood, damage: Damage) -> None:
        self._table = table
        self._found = found
        self._damage = damage

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        for number, cells in numbered(DataRows(self._table, self._found.row, self._found.columns)):
            if not is_blank(cells) and self._damage(cells) is None:
                yield number, cells


@dataclass(frozen=True, slots=True)
class _Family:
    """Rows of one product share the text of a column.

    Attributes:
        kind: the layout's word for the column.
        carried: whether an empty cell means the product of the row above.
    """

    kind: str
    carried: bool = True

    def __call__(self, columns: Columns, rows: Rows) -> Iterator[Shown]:
        at, family = columns.others.get(self.kind), ""
        for number, cells in rows:
            own = cell(cells, at)
            family = own or (family if self.carried else "")
            yield _shown(columns, number, cells, [(self.kind, family)], family)


def _woocommerce(columns: Columns, rows: Rows) -> Iterator[Shown]:
    """A variation is its parent's, which it names by SKU or as `id:12`."""
    others, name_at = columns.others, Header(columns.headers).find("Name", "Nom", "Nombre", "Nome", "Naam")
    of_sku: dict[str, str] = {}
    names: dict[str, str] = {}
    for _, cells in rows:
        own = cell(cells, others.get("id"))
        of_sku.setdefault(cell(cells, columns.sku), own)
        names[own] = cell(cells, name_at)
    for number, cells in rows:
        product, parent = cell(cells, others.get("id")), cell(cells, others.get("parent"))
        if cell(cells, others.get("type")).casefold().endswith("variation"):
            product = parent.removeprefix("id:").strip() if parent.startswith("id:") else of_sku.get(parent, parent)
        elif not product:
            product = cell(cells, name_at)
        named = names.get(product, "")
        words = f"{named} (id {product})" if named and product.isdigit() else product
        yield _shown(columns, number, cells, [("product", product)], words)


def _feed(columns: Columns, rows: Rows) -> Iterator[Shown]:
    """Offers of one group are one product; others are one where link and title are the same."""
    header = Header(columns.headers)
    title_at, link_at = header.find(*_TITLES), header.find("link", "g:link")
    for number, cells in rows:
        group, title, link = (cell(cells, at) for at in (columns.others.get("group"), title_at, link_at))
        facts = [("group", group)] if group else [("link", page(link)), ("title", title)]
        words = (title, f"({link})" if link else "", f"of group {group}" if group else "")
        yield _shown(columns, number, cells, facts, " ".join(filter(None, words)))


def _bigcommerce(columns: Columns, rows: Rows) -> Iterator[Shown]:
    """The rows below a product's row are its variants and pictures, and only the product's row has its own id."""
    name_at = Header(columns.headers).find("Name", "Product Name")
    kind_at = columns.others.get("item", columns.others.get("kind"))
    product_id = name = ""
    for number, cells in rows:
        kind = cell(cells, kind_at).casefold()
        if kind in {"product", ""}:
            product_id, name = cell(cells, columns.product_id), cell(cells, name_at)
        sku = "" if kind == "image" else cell(cells, columns.sku)
        yield Shown(number, product_id, sku, _facts([("name", name)]), _short(name))


def _by_name(*names: str) -> Callable[[Columns, Rows], Iterator[Shown]]:
    """One row for each product, told by the first of these columns that there is; translations are no products."""

    def read(columns: Columns, rows: Rows) -> Iterator[Shown]:
        at, view_at = Header(columns.headers).find(*names), columns.others.get("view")
        for number, cells in rows:
            text = "" if cell(cells, view_at) else cell(cells, at)
            yield _shown(columns, number, cells, [("product", text)], text)

    return read


def _plain(columns: Columns, rows: Rows) -> Iterator[Shown]:
    """A plain sheet: what a column says that is named for the product alone, and each id with its SKU."""
    read = {columns.product_id, columns.sku, *(image.at for image in columns.images)}
    header = Header(columns.headers)
    places = {name: at for name in (*_FAMILY, *_OWN_PAGE) if (at := header.find(name)) is not None and at not in read}
    pages = {at for name, at in places.items() if name in _OWN_PAGE}
    name_at = next((at for name in _NAMES if (at := header.find(name)) is not None and at not in read), None)
    if not places and name_at is None and (columns.product_id is None or columns.sku is None):
        return
    for number, cells in rows:
        facts = []
        for name, at in places.items():
            text = cell(cells, at)
            if at in pages and "://" in text:
                text = "" if _ENDING.search(urlsplit(text.split("?")[0]).path) else page(text)
            facts.append((name, text))
        words = ", ".join(dict.fromkeys(text for _, text in facts if text))
        called = cell(cells, name_at)
        yield _shown(columns, number, cells, [*facts, (DOUBT, called)], words)


def _results(columns: Columns, rows: Rows) -> Iterator[Shown]:
    """A report says in the problem itself which product such a row means; the column that told it is not there."""
    code_at, detail_at = columns.others.get("code"), Header(columns.headers).find("detail", "what happened")
    for number, cells in rows:
        told = None
        if cell(cells, code_at).casefold() == ProblemCode.KEY_AMBIGUOUS:
            told = _HERE.search(cell(cells, detail_at))
        name = told[1] if told else ""
        yield _shown(columns, number, cells, [("product", name)], name)


_READERS: dict[str, Callable[[Columns, Rows], Iterator[Shown]]] = {
    "results": _results,
    "bigcommerce-v3": _bigcommerce,
    "bigcommerce-v2": _bigcommerce,
    "shopify": _Family("handle"),
    "wix": _Family("family"),
    "squarespace": _Family("family"),
    "woocommerce": _woocommerce,
    "magento2": _by_name("url_key", "name"),
    "prestashop": _by_name("Product ID", "ID", "Name", "Name *", "Nom", "Nom *"),
    "google-merchant": _feed,
    "plain": _plain,
}


def _shown(columns: Columns, number: int, cells: list[str], facts: Iterable[tuple[str, str]], name: str) -> Shown:
    return Shown(number, cell(cells, columns.product_id), cell(cells, columns.sku), _facts(facts), _short(name))


def _facts(facts: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((kind, " ".join(text.casefold().split())) for kind, text in facts if text and not nothing(text))


def nothing(text: str) -> bool:
    """Whether a cell holds a word for nothing."""
    return values.product_id(text, "") is None


def _short(name: str) -> str:
    """The name without what would end it early in a sentence."""
    name = " ".join(re.sub("[“”]", "'", name).split())
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"


def page(link: str) -> str:
    """What tells a product's page from others': no scheme, `www.`, campaign, variant, last slash, or place in the page.

    Behind `#!` and `#/` stands the page itself where a script shows it, as in Ecwid's shops.
    """
    address, _, fragment = link.partition("#")
    rest = re.sub(r"^https?://(?:www\.)?", "", address, flags=re.IGNORECASE)
    path, _, query = rest.partition("?")
    query = _OF_NO_OTHER_PRODUCT.sub("", query).lstrip("&")
    shown = f"#{fragment.rstrip('/')}" if fragment.startswith(("!", "/")) else ""
    return path.rstrip("/") + (f"?{query}" if query else "") + shown
