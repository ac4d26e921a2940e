"""Comma lists of ids and SKUs, as many in one request as its address has room for."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote

from importer.settings import LARGEST_PRODUCT_ID

_Item = TypeVar("_Item")

_ITEMS_PER_REQUEST = 250
"""BigCommerce docs, LimitParam: one page holds at most 250 items, so more would only make further pages."""
_CHARACTERS_PER_REQUEST = 6_000
"""Web servers take addresses of 8,000 bytes at least (RFC 9110, 4.1); this leaves room for everything else in it."""
_COMMA = 3
"""Characters of a comma where it is percent-encoded."""
_LONGEST_SKU = 255
"""BigCommerce docs, product_Base: `sku` has at most 255 characters."""


@dataclass(frozen=True, slots=True)
class IdList:
    """Ids that one request asks for."""

    ids: tuple[int, ...]

    @property
    def query(self) -> dict[str, str]:
        """The filter."""
        return {"id:in": ",".join(map(str, self.ids))}


@dataclass(frozen=True, slots=True)
class SkuList:
    """SKUs that one request asks for; one with a comma in it stands alone, since it cannot be part of a comma list."""

    skus: tuple[str, ...]

    @property
    def query(self) -> dict[str, str]:
        """The filter."""
        return {"sku": self.skus[0]} if len(self.skus) == 1 else {"sku:in": ",".join(self.skus)}

    def single(self) -> "Iterator[SkuList]":
        """A request for each of them."""
        return (SkuList((sku,)) for sku in self.skus)


def possible_id(number: int) -> bool:
    """Whether a product can have this id."""
    return 0 < number <= LARGEST_PRODUCT_ID


def possible_sku(sku: str) -> bool:
    """Whether a product or variant can have this SKU; a longer text would only make the request too long."""
    return 0 < len(sku) <= _LONGEST_SKU


def id_lists(ids: Iterable[int]) -> list[IdList]:
    """The ids in as few requests as possible, without those that no product can have."""
    return [IdList(tuple(map(int, part))) for part in _parts([str(number) for number in ids if possible_id(number)])]


def sku_lists(skus: Iterable[str]) -> list[SkuList]:
    """The SKUs in as few requests as possible, without those that nothing can have."""
    possible = [sku for sku in skus if possible_sku(sku)]
    alone = [SkuList((sku,)) for sku in possible if "," in sku]
    return [*map(SkuList, _parts([sku for sku in possible if "," not in sku])), *alone]


def matches(skus: Sequence[str], found: Iterable[tuple[str, _Item]]) -> dict[str, list[_Item]]:
    """For each SKU what has it: to the letter where there is such, else whatever the case.

    BigCommerce docs, product variants: a SKU is unique "regardless of the letter case".
    """
    exact: dict[str, list[_Item]] = {}
    folded: dict[str, list[_Item]] = {}
    for sku, item in found:
        exact.setdefault(sku, []).append(item)
        folded.setdefault(sku.casefold(), []).append(item)
    return {sku: own for sku in skus if (own := exact.get(sku) or folded.get(sku.casefold()))}


def _parts(items: Sequence[str]) -> Iterator[tuple[str, ...]]:
    part: list[str] = []
    room = _CHARACTERS_PER_REQUEST
    for item in items:
        # An upper bound: some characters that are counted as three travel as one.
        length = len(quote(item, safe="")) + _COMMA
        if part and (length > room or len(part) == _ITEMS_PER_REQUEST):
            yield tuple(part)
            part, room = [], _CHARACTERS_PER_REQUEST
        part.append(item)
        room -= length
    if part:
        yield tuple(part)
