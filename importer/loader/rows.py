"""Entries become rows: to import, rejected with a problem, or skipped with a reason; at least one for each data row.

Values are read column by column, some thousand rows at a time: a look at a whole column at C speed tells whether there
is anything unusual in it, and only then it is cleaned cell by cell.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import compress, repeat
from typing import TypeVar, cast

from importer.addresses import STRAY_PERCENT, WIRE_FORM, WIRE_LINES, parse_address, shown
from importer.loader import values
from importer.loader.address_lists import addresses, largest
from importer.loader.columns import Columns
from importer.loader.layouts import Layout
from importer.loader.layouts.entries import Batch
from importer.loader.shared_keys import SharedKeys
from importer.models import ImageRow, LoadedRow, Problem, ProblemCode, RejectedRow, SkippedRow
from importer.problems import ADVICE, problem
from importer.settings import MAX_DESCRIPTION_LENGTH, LoaderSettings

_UNUSUAL_KEY = ('"', "=", "E+", "e+", "_x000")
_UNUSUAL_TEXT = ('"', "_x000")
_MOST_REMEMBERED = 20_000
_ROW_BITS = 40
_NO_SKU = "The row has no SKU, and no other row of its product has one either."

Value = TypeVar("Value")

_SLOTS = [getattr(ImageRow, field.name).__set__ for field in fields(ImageRow)]


class _Remembered(dict[str, Value]):
    """What a text was read as: columns repeat themselves."""

    def __init__(self, read: Callable[[str], Value]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: str) -> Value:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        value = self[text] = self._read(text)
        return value


@dataclass(slots=True)
class Repeats:
    """Which pictures of which products were asked for already, in all sheets of a file.

    A product and an address are remembered by their common 64-bit hash: in full, a million of both would take more room
    than the rows themselves, and two of a million share a hash once in forty million files.
    """

    products: set[int] | None = None
    """The products among them, by their hashes, where somebody counts them."""
    _seen: dict[int, int] = field(default_factory=dict)
    _sheets: list[str] = field(default_factory=list)

    def before(
        self, products: Sequence[object], urls: Sequence[object], sheet: str, rows: Sequence[int]
    ) -> dict[int, tuple[str, int]]:
        """The place of each repeated picture among these -> the sheet and row that asked for it first."""
        if not self._sheets or self._sheets[-1] != sheet:
            self._sheets.append(sheet)
        sheet_bits = len(self._sheets) - 1 << _ROW_BITS
        here = [row | sheet_bits for row in rows] if sheet_bits else list(rows)
        if self.products is not None:
            self.products.update(map(hash, products))
        keys = list(map(hash, zip(products, urls, strict=True)))
        found = list(map(self._seen.setdefault, keys, here))
        repeats: dict[int, tuple[str, int]] = {}
        if found != here:
            pairs = enumerate(zip(found, here, strict=True))
            repeats = {place: self._place(first) for place, (first, mine) in pairs if first != mine}
        if len(set(here)) < len(here):
            # Several pictures of one row: two ways of writing the same address show only now.
            mine = set[tuple[int, int]]()
            for place, own in enumerate(zip(here, keys, strict=True)):
                if own in mine:
                    repeats.setdefault(place, (sheet, rows[place]))
                mine.add(own)
        return repeats

    def _place(self, packed: int) -> tuple[str, int]:
        return self._sheets[packed >> _ROW_BITS], packed & ((1 << _ROW_BITS) - 1)


class RowReader:
    """Reads the entries of one sheet.

    Args:
        sheet: its name.
        columns: its columns.
        settings: limits and the base URL.
        layout: how it is laid out.
        repeats: shared by the sheets of a file.
        shared: the keys of the file that stand for several products.

    Attributes:
        variants_left: pictures named for variants that were left out, because the product or another variant has them.
    """

    def __init__(
        self,
        sheet: str,
        columns: Columns,
        settings: LoaderSettings,
        layout: Layout,
        repeats: Repeats,
        shared: SharedKeys,
    ) -> None:
        self._shared = shared
        self._sheet = sheet
        self._columns = columns
        self._settings = settings
        self._layout = layout
        self._repeats = repeats
        self.variants_left = 0
        names = columns.named()
        id_column, sku_column = columns.header(columns.product_id), columns.header(columns.sku)
        order_column, flag_column = names.get("sort_order", ""), names.get("is_thumbnail", "")
        self._key_column = id_column or sku_column
        self._ids = _Remembered(lambda text: values.product_id(text, id_column))
        self._skus = _Remembered(lambda text: values.sku(text, sku_column))
        self._orders = _Remembered(lambda text: values.sort_order(values.clean(text), order_column))
        self._flags = _Remembered(lambda text: values.is_thumbnail(values.clean(text), flag_column))

    def read(self, batch: Batch) -> list[LoadedRow]:
        """One row for each entry, in order, but for pictures of variants that are left out."""
        if any(batch.of_variant):
            batch = self._with_variants(batch)
            if not batch.row:
                return []
        ids = self._product_ids(batch.product_id)
        usual = _usual(batch.sku) and max(map(len, batch.sku)) <= values.LONGEST_SKU
        skus = batch.sku if usual else list(map(values.key, batch.sku))
        urls = self._sent_urls(batch)
        texts = batch.description
        if not _usual(texts, _UNUSUAL_TEXT):
            texts = list(map(values.alt_text, texts))
        orders = list(map(self._orders.__getitem__, batch.sort_order))
        flags = list(map(self._flags.__getitem__, batch.is_thumbnail))
        troubles = list(batch.problem)
        self._shared.add_problems(troubles, self._sheet, batch.row, ids, skus)
        _add(troubles, ids)
        self._add_missing_products(troubles, ids, skus)
        if not usual:
            _add(troubles, list(map(self._skus.__getitem__, batch.sku)))
        for column in (urls, orders, flags):
            _add(troubles, column)
        ends: list[Problem | str | None] = [*troubles]
        if any(batch.skipped):
            ends = [skipped or trouble for skipped, trouble in zip(batch.skipped, troubles, strict=True)]
        self._add_repeats(ends, batch, ids, skus, urls)
        # A row without a problem has none in any of its values; the others are replaced below.
        names = (repeat(self._sheet), batch.row, ids, skus, batch.image_url, urls)
        marks = (batch.in_gallery, batch.of_variant, batch.product, batch.main_sku)
        values_of = (*names, texts, orders, flags, repeat(""), *marks)
        rows: list[LoadedRow] = list(_image_rows(len(ends), values_of))
        if any(ends) or max(map(len, texts)) > MAX_DESCRIPTION_LENGTH:
            for at, end in enumerate(ends):
                if end:
                    rows[at] = self._left_out(batch, at, end)
                elif len(texts[at]) > MAX_DESCRIPTION_LENGTH:
                    text, warning = values.description(texts[at])
                    rows[at] = replace(cast("ImageRow", rows[at]), description=text, warning=warning)
        return rows

    def _with_variants(self, batch: Batch) -> Batch:
        """The entries without those that would only set a picture on a variant, unless that is asked for."""
        if self._settings.variant_images:
            skipped = ["" if own else why for own, why in zip(batch.of_variant, batch.skipped, strict=True)]
            return batch._replace(skipped=skipped)
        self.variants_left += sum(batch.of_variant)
        kept = [not own or bool(why) for own, why in zip(batch.of_variant, batch.skipped, strict=True)]
        return Batch._make([*compress(column, kept)] for column in batch)

    def _left_out(self, batch: Batch, at: int, end: Problem | str) -> LoadedRow:
        """The row as the person wrote it, with the problem or the reason."""
        written = self._sheet, batch.row[at], batch.product_id[at], batch.sku[at], batch.image_url[at]
        if isinstance(end, str):
            return SkippedRow(*written, end, batch.product[at], batch.main_sku[at])
        return RejectedRow(*written, end, batch.description[at], batch.sort_order[at], batch.is_thumbnail[at])

    def _add_repeats(
        self,
        ends: list[Problem | str | None],
        batch: Batch,
        ids: Sequence[int | Problem | None],
        skus: Sequence[str],
        urls: Sequence[str | Problem],
    ) -> None:
        """Reject what an earlier row asks for already."""
        keys: Sequence[object] = ids
        if None in ids:
            keys = [sku if number is None else number for number, sku in zip(ids, skus, strict=True)]
        if any(batch.product):
            keys = [f"\0{product}" if product else key for product, key in zip(batch.product, keys, strict=True)]
        if any(batch.of_variant):
            keys = [(key, sku) if own else key for key, sku, own in zip(keys, skus, batch.of_variant, strict=True)]
        asking: Sequence[int] = range(len(ends))
        rows = batch.row
        if any(ends):
            asking = [
                at for at, end in enumerate(ends) if not end or (batch.sent_before[at] and isinstance(urls[at], str))
            ]
            keys, urls, rows = [keys[at] for at in asking], [urls[at] for at in asking], [rows[at] for at in asking]
        for place, before in self._repeats.before(keys, urls, self._sheet, rows).items():
            if not ends[asking[place]]:
                ends[asking[place]] = _repeated(before, batch.column[asking[place]])

    def _product_ids(self, texts: Sequence[str]) -> Sequence[int | Problem | None]:
        if (
            "" not in texts
            and (together := "".join(texts)).isascii()
            and together.isdecimal()
            and max(map(len, texts)) < 16
        ):
            numbers = list(map(int, texts))
            if min(numbers) > 0:
                return numbers
        return list(map(self._ids.__getitem__, texts if _usual(texts) else map(values.key, texts)))

    def _add_missing_products(
        self, troubles: list[Problem | None], ids: Sequence[int | Problem | None], skus: Sequence[str]
    ) -> None:
        if "" not in skus:
            return
        for at, (product_id, sku) in enumerate(zip(ids, skus, strict=True)):
            if product_id is None and not sku and troubles[at] is None:
                words = _NO_SKU if self._layout.foreign and self._columns.product_id is None else ""
                troubles[at] = problem(ProblemCode.PRODUCT_MISSING, words, column=self._key_column)

    def _sent_urls(self, batch: Batch) -> list[str | Problem]:
        urls, limit = batch.image_url, self._settings.max_url_length
        together = "\n".join([*urls, ""])
        odd: object = any(batch.address)
        if not odd and max(map(len, urls)) <= limit and WIRE_LINES.fullmatch(together):
            return list(urls)
        odd = (
            odd or together.count("://") > len(urls) or values.GLUED.search(together) or STRAY_PERCENT.search(together)
        )
        return [
            text
            if not odd and len(text) <= limit and WIRE_FORM.fullmatch(text)
            else self._sent_url(text, address, column)
            for text, address, column in zip(urls, batch.address, batch.column, strict=True)
        ]

    def _sent_url(self, text: str, address: str, column: str) -> str | Problem:
        found = [address] if address else addresses(text)
        if len(found) != 1:
            return _not_one(text, column, several=bool(found))
        one = largest(found[0])
        meant = address or values.address(one, self._settings.base_url, self._layout.media_path)
        trouble = values.surplus(one, column) or values.address_trouble(meant, column)
        if trouble is not None:
            return trouble
        parsed = parse_address(meant, self._settings.max_url_length)
        if not isinstance(parsed, Problem):
            return text if parsed.url == text else parsed.url
        fix = parsed.fix
        if fix == ADVICE[ProblemCode.URL_INVALID].fix and not self._settings.base_url and "://" not in text:
            fix += " If the beginning is the same in every row, name it with --base-url https://…"
        return problem(parsed.code, parsed.detail, fix=fix, column=column)


def _not_one(text: str, column: str, *, several: bool) -> Problem:
    """The trouble with a cell that names no picture or more than its layout has room for."""
    if several:
        words = f"The cell in the column {column} holds more than one address: {shown(text)}"
        return problem(ProblemCode.URL_INVALID, words, fix="Give each picture a row of its own.", column=column)
    words = f"{shown(text)} in the column {column} names no picture." if text.strip() else ""
    return problem(ProblemCode.URL_MISSING, words, column=column)


def _repeated(before: tuple[str, int], column: str) -> Problem:
    sheet, row = before
    here = f"row {row}" + (f" of the sheet {sheet}" if sheet else "")
    return problem(
        ProblemCode.URL_DUPLICATE,
        f"The same picture is asked for on the same product in {here} already.",
        column=column,
    )


def _image_rows(count: int, columns: Iterable[Iterable[object]]) -> list[ImageRow]:
    """Rows out of their columns, in the order of the class's fields: twice as fast as calling it for each row."""
    rows = list(map(object.__new__, repeat(ImageRow, count)))
    for put, column in zip(_SLOTS, columns, strict=True):
        deque(map(put, rows, column), maxlen=0)
    return rows


def _usual(texts: Iterable[str], marks: Iterable[str] = _UNUSUAL_KEY) -> bool:
    """Whether no text of a column can hold anything that has to be looked at more closely."""
    together = "".join(texts)
    return together.isascii() and together.isprintable() and not any(mark in together for mark in marks)


def _add(troubles: list[Problem | None], column: Sequence[object]) -> None:
    """Take over the problems of a column, where an entry has none yet."""
    if Problem in set(map(type, column)):
        for at, value in enumerate(column):
            if isinstance(value, Problem) and troubles[at] is None:
                troubles[at] = value
