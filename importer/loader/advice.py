"""Advice that the cells give where the headers do not: which column holds pictures, and which could be the product."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from importer.loader.columns import Columns, map_flag
from importer.loader.confidential import harmless
from importer.loader.headers import IDENTIFIER_NAMES, squash
from importer.loader.layouts.entries import is_blank
from importer.loader.stray_addresses import Kind, address_kind, names_pages
from importer.loader.tables import Table, letters, numbered

_MOST_ROWS = 20_000
_MOST_COLUMNS = 300
_CODE = re.compile(r"(?=.*[\d_-]|[^\Wa-z\d_]+$)[\w./#+:-]{1,64}", re.DOTALL)
_AMOUNT_OR_DATE = re.compile(r"\D{0,2}\d+[.,]\d{1,2}\D{0,2}|\d{4}-\d\d-\d\d.*|\d{1,2}[./]\d{1,2}[./]\d{2,4}")
_NAME = re.compile(r"[^\W\d_]{2,}\s+[^\W\d_]{2,}|[^\W\d_][a-zß-ÿа-яё]{2,}(?:\s|$)")
_KEY_WORDS = re.compile(r"sku|code|kod|код|ref|artik|artic|артик|ident|number|numer|nummer|model|(?:^|product|item)id")
_NO_KEY_WORDS = re.compile(r"price|preis|prix|precio|prezzo|cena|цена|stock|qty|quantity|weight|date|tax|sort|position")
_ENOUGH = 2
_MOST = 0.9
_NAMES = 0.5
_EMPTY = 0.5
"""From which share of rows without a product it is the column that is wrong, and not the rows."""


@dataclass(slots=True)
class Contents:
    """What the cells of one column hold: how many are filled, with what, and how many are different."""

    filled: int = 0
    pictures: int = 0
    addresses: int = 0
    codes: int = 0
    names: int = 0
    digits: int = 0
    different: set[int] = field(default_factory=set)

    def add(self, text: str) -> None:
        """Look at one more filled cell."""
        self.filled += 1
        self.different.add(hash(text))
        kind = address_kind(text)
        self.pictures += kind is Kind.PICTURE
        self.addresses += kind is Kind.PICTURE or kind is Kind.ADDRESS
        if kind is None:
            self.codes += bool(_CODE.fullmatch(text)) and not _AMOUNT_OR_DATE.fullmatch(text)
            self.names += bool(_NAME.search(text))
            self.digits += text.isascii() and text.isdigit()


class Judged:
    """The columns of a sheet by their cells.

    Args:
        table: the sheet.
        header_row: the number of the row above the first one to look at.
        headers: what stands in that row.
    """

    def __init__(self, table: Table, header_row: int, headers: Sequence[str] = ()) -> None:
        self.headers = headers
        self.rows = 0
        self._columns: dict[int, Contents] = {}
        below = ((number, cells) for number, cells in numbered(table.read()) if number > header_row)
        for _, cells in islice(below, _MOST_ROWS):
            if is_blank(cells):
                continue
            self.rows += 1
            for at, text in enumerate(cells[:_MOST_COLUMNS]):
                if text and not text.isspace():
                    self._columns.setdefault(at, Contents()).add(text.strip())

    def __getitem__(self, at: int) -> Contents:
        """The contents of a column."""
        return self._columns.get(at, Contents())

    def header(self, at: int) -> str:
        """The header of a column as a person is told it: empty where it has none, nothing of a secret."""
        return harmless(self.headers[at].strip()) if at < len(self.headers) else ""

    def pictures(self) -> list[int]:
        """The columns whose cells are addresses of pictures."""
        return [
            at
            for at, one in sorted(self._columns.items())
            if one.addresses >= _MOST * one.filled and one.pictures >= _MOST * one.filled * names_pages(self.header(at))
        ]

    def product_columns(self) -> list[int]:
        """The columns that could name the product, the likeliest first: filled, with codes and not names or numbers."""
        least = max(_ENOUGH, _MOST * self.rows)
        fit = [
            at
            for at, one in self._columns.items()
            if one.filled >= least and one.codes >= _MOST * one.filled and len(one.different) > self.rows / 3
            if not _NO_KEY_WORDS.search(squash(self.header(at)))
        ]
        return sorted(fit, key=lambda at: (not self._named(at), -len(self[at].different), self.holds_ids(at), at))

    def _named(self, at: int) -> bool:
        name = squash(self.header(at))
        return name in IDENTIFIER_NAMES or _KEY_WORDS.search(name) is not None

    def holds_names(self, at: int) -> bool:
        """Whether the cells hold words, such as the products' names, which are neither ids nor SKUs."""
        return self[at].names > _NAMES * self[at].filled

    def holds_ids(self, at: int) -> bool:
        """Whether the cells hold nothing but whole numbers."""
        return 0 < self[at].filled == self[at].digits


def without_header(table: Table, row: int, cells: Sequence[str]) -> str:
    """What to add where the first row is data: it holds an address, as the rows below it do. Empty where it is not so.

    Args:
        table: the sheet.
        row: the number of its first row that is not blank.
        cells: that row.
    """
    if not any(address_kind(text) in {Kind.PICTURE, Kind.ADDRESS} for text in cells):
        return ""
    judged = Judged(table, row - 1)
    pictures = [at for at in judged.pictures() if at < len(cells) and address_kind(cells[at])]
    if not pictures:
        return ""
    pictures = [at for at in pictures if judged[at].pictures] or pictures
    keys = [at for at in judged.product_columns() if at not in pictures]
    product = f"--map sku={letters(keys[0])}" if keys else "--map sku=… (the letter of the column with the SKUs)"
    flags = " ".join(f"--map image_url={letters(at)}" for at in pictures)
    return f"The first row holds an address and no headers: add --no-header {product} {flags}."


def empty_key(table: Table, header_row: int, columns: Columns, *, foreign: bool) -> str:
    """What to say where most rows name no product: how many, and which other column could name it. Empty if few.

    Args:
        table: the sheet.
        header_row: the number of the header's last row.
        columns: the columns that are read.
        foreign: whether it is another shop's export, whose other numbers mean nothing to BigCommerce.
    """
    judged = Judged(table, header_row, columns.headers)
    places = [at for at in (columns.product_id, columns.sku) if at is not None]
    filled = max((judged[at].filled for at in places), default=0)
    if judged.rows < _ENOUGH or judged.rows - filled < _EMPTY * judged.rows:
        return ""
    name = " and ".join(columns.header(at) for at in places)
    rows = f"all {judged.rows:,}" if not filled else f"{judged.rows - filled:,} of {judged.rows:,}"
    said = f"{name} {'is' if len(places) == 1 else 'are'} empty in {rows} rows"
    taken = {*places, *(image.at for image in columns.images)}
    others = [at for at in judged.product_columns() if at not in taken]
    if foreign:
        return f"{said}: fill it in where the export comes from, and export it again."
    if not others:
        return f"{said}, and no other column looks like the products' SKUs: fill it in."
    at = others[0]
    different = "different in each" if len(judged[at].different) == judged[at].filled else "mostly different"
    return f'{said}; "{columns.header(at)}" is filled and {different}: {map_flag("sku", columns.headers, at)}.'


def told_by_cells(judged: Judged, *, product: bool, pictures: bool) -> Iterator[str]:
    """Sentences on which columns could be those that no header names, with what to type.

    Args:
        judged: the sheet's columns.
        product: whether the column for the product is missing.
        pictures: whether the column for the pictures is missing.
    """
    flags = []
    found = judged.pictures() if pictures else []
    if found:
        names = " and ".join(repr(judged.header(at)) if judged.header(at) else f"column {letters(at)}" for at in found)
        yield f"The cells of {names} are all addresses of pictures."
        flags += [map_flag("image_url", judged.headers, at) for at in found]
    keys = [at for at in judged.product_columns() if at not in found] if product else []
    if keys and (found or not pictures):
        name = repr(judged.header(keys[0])) if judged.header(keys[0]) else f"column {letters(keys[0])}"
        yield f"The cells of {name} look like SKUs."
        flags.insert(0, map_flag("sku", judged.headers, keys[0]))
    if flags:
        yield f"If so, add {' '.join(flags)}."
