"""Ids and SKUs that stand for several products of the file: no row of theirs can be sent to the right one."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from importer.loader import values
from importer.loader.identity import DOUBT, Shown, here
from importer.models import Problem, ProblemCode
from importer.problems import problem

_MOST_NAMED = 5
_FIX_OF_IDS = (
    "Write each product's own BigCommerce id, or name the products by their SKUs alone; where the numbers are another "
    'shop\'s, add --map sku="…" with the column that holds the SKUs.'
)
_WHOLE = re.compile(r"(\d+)[.,]0+", re.ASCII)

Key = tuple[str, str]
"""`id` or `sku`, and the text without what does not tell ids or SKUs apart."""


@dataclass(slots=True)
class SharedKeys:
    """The keys of a file that several products share, with the products' names.

    Attributes:
        names: by key, the products in the file's order.
        here: by sheet and row, the product that the row shows; of files with such keys only.
        doubted: keys that stand beside several names, as written and with the first two, where nothing else tells their
            products.
    """

    names: dict[Key, tuple[str, ...]] = field(default_factory=dict)
    here: dict[tuple[str, int], str] = field(default_factory=dict)
    doubted: dict[Key, tuple[str, str, str]] = field(default_factory=dict)

    @property
    def remark(self) -> str:
        """What a person should look at, as a sentence; empty where there is nothing."""
        doubted = {key: names for key, names in self.doubted.items() if key not in self.names}
        if not doubted:
            return ""
        (kind, _), (text, first, second) = next(iter(doubted.items()))
        key = f"{'product id' if kind == 'id' else 'SKU'} {text[:100]}"
        more = f" (as do {len(doubted) - 1:,} more)" if len(doubted) > 1 else ""
        return (
            f"The {key} stands beside different names{more}, such as “{first[:60]}” and “{second[:60]}”. If these are "
            "different products, give each its own before you send anything."
        )

    def add_problems(
        self,
        troubles: list[Problem | None],
        sheet: str,
        rows: Sequence[int],
        ids: Sequence[int | Problem | None],
        skus: Sequence[str],
    ) -> None:
        """Put a problem on each row whose key is shared, but for rows that are damaged as such."""
        if not self.names:
            return
        for at, (number, sku) in enumerate(zip(ids, skus, strict=True)):
            if troubles[at] is None and not isinstance(number, Problem):
                names = self.names.get(_key(number, sku))
                if names:
                    written = f"product id {number}" if number is not None else f"SKU {sku[:100]}"
                    troubles[at] = _ambiguous(written, names, self.here.get((sheet, rows[at]), ""))


def shared_keys(sheets: Sequence[tuple[str, Iterable[Shown]]]) -> SharedKeys:
    """Go through all sheets of a file, and once more where there are such keys.

    Args:
        sheets: names of sheets, and what the rows of each show, from the top each time it is gone through.
    """
    told: dict[tuple[Key, str], str] = {}
    id_of: dict[Key, int] = {}
    shared: set[Key] = set()
    under_ids: set[Key] = set()
    doubted: dict[Key, tuple[str, str, str]] = {}
    for _, rows in sheets:
        for row in rows:
            number, key = _read(row)
            if key is not None:
                for kind, value in row.facts:
                    first = told.setdefault((key, kind), value)
                    if first != value and kind == DOUBT:
                        doubted.setdefault(key, (row.sku if key[0] == "sku" else row.product_id, first, value))
                    elif first != value:
                        shared.add(key)
            sku = _key(None, row.sku)
            if number is not None and sku[1] and id_of.setdefault(sku, number) != number:
                under_ids.add(sku)
    found = _named(sheets, shared, under_ids) if shared or under_ids else SharedKeys()
    found.doubted = doubted
    return found


def _named(sheets: Iterable[tuple[str, Iterable[Shown]]], shared: set[Key], under_ids: set[Key]) -> SharedKeys:
    """The shared keys with their products; a SKU under several ids is none on the rows that have one of the ids."""
    found = SharedKeys()
    names: dict[Key, dict[str, None]] = {}
    for sheet, rows in sheets:
        for row in rows:
            number, key = _read(row)
            if row.name:
                found.here[sheet, row.row] = row.name
                if key in shared:
                    names.setdefault(key, {})[row.name] = None
            sku = _key(None, row.sku)
            if number is not None and sku in under_ids:
                names.setdefault(sku, {})[f"product id {number}"] = None
    found.names = {key: tuple(several) for key, several in names.items()}
    return found


def _read(row: Shown) -> tuple[int | None, Key | None]:
    """The row's product id, if it has a good one, and the key by which it is matched, if it has any."""
    number = values.product_id(values.key(row.product_id), "")
    if isinstance(number, Problem):
        return None, None
    key = _key(number, row.sku)
    return number, key if key[1] else None


def _key(number: int | None, sku: str) -> Key:
    if number is not None:
        return "id", str(number)
    text = " ".join(values.key(sku).lstrip("'").casefold().split())
    return "sku", _WHOLE.sub(r"\1", text) if _WHOLE.fullmatch(text) else text


def _ambiguous(key: str, names: Sequence[str], own: str) -> Problem:
    others = [f"“{name}”" for name in names if name != own]
    more = f" and {len(others) - _MOST_NAMED} more" if len(others) > _MOST_NAMED else ""
    listed = ", ".join(others[:_MOST_NAMED]) + more
    products = f"{here(own)}, {listed} in others" if own and others else listed
    return problem(
        ProblemCode.KEY_AMBIGUOUS,
        f"The {key} stands for several products in this file: {products}.",
        fix="" if key.startswith("SKU") else _FIX_OF_IDS,
    )
