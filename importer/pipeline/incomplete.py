"""What the rows that are not sent say of a product: its old pictures stay where a file's pictures replace them."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from importer.addresses import parse_address
from importer.loader import key, product_id
from importer.models import Checked, ImageRow, LoadedRow, Problem, ProblemCode, Product, RejectedRow
from importer.settings import LONGEST_URL
from importer.store import FoundProducts, StoreClient, find_products
from importer.uploader import Journal, Remainder

_WHOLE = re.compile(r"(\d+)(?:\.0*)?(?:[eE]\+?0*([0-9]))?", re.ASCII)
"""A whole number as programs write it: `12`, `12.0`, `1e1`."""
_LONGEST_ID = 18
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class _LeftOut:
    """A row that is not sent, and everything that its product may be called in the store."""

    row: LoadedRow
    product: Product | None
    ids: frozenset[int]
    skus: frozenset[str]


async def find_remainder(
    rows: Sequence[LoadedRow], checked: Sequence[Checked], client: StoreClient, journal: Journal
) -> Remainder:
    """Which products' old pictures must stay, and what the file asks for on each product in all.

    A product of which any row is not sent keeps its old pictures; and all products keep them where a row does not tell
    its product. A row that only repeats another one lacks nothing, and neither does one whose picture an earlier run
    has put on the product.

    Args:
        rows: the rows of the file.
        checked: the verdicts on those of them that name a product and a picture.
        client: the store, which is asked for the products of the other rows.
        journal: what earlier runs sent.

    Raises:
        StoreStoppedError: the store refuses the token, cannot be reached, or keeps failing.
        WaitAbandonedError: the run was stopped while this waited.
    """
    left = [*_left_out(rows, checked)]
    ids = {number for one in left for number in one.ids}
    skus = {sku for one in left for sku in one.skus}
    found = await find_products(client, sorted(ids), sorted(skus)) if left else FoundProducts()
    addresses: dict[int, set[str]] = {}
    by_sku: dict[str, set[int]] = {}
    for item in checked:
        if item.product is not None:
            addresses.setdefault(item.product.id, set()).add(item.row.sent_url)
            for sku in (item.row.sku, item.product.sku):
                by_sku.setdefault(sku.casefold(), set()).add(item.product.id)
    holding: dict[int, list[LoadedRow]] = {}
    nameless: list[LoadedRow] = []
    for one in left:
        products = _products(one, found)
        url = _sent_before(one.row, products, journal)
        if url:
            addresses.setdefault(products[0].id, set()).add(url)
            continue
        numbers = {product.id for product in products}.union(*(by_sku.get(sku.casefold(), ()) for sku in one.skus))
        if not numbers:
            nameless.append(one.row)
        for number in numbers:
            holding.setdefault(number, []).append(one.row)
    held: dict[int, str] = {}
    for number in addresses if nameless else ():
        held[number] = (
            f"The old pictures were kept: it cannot be told which product {_named(nameless)} is about, and it may be "
            "this one."
        )
    for number, about in holding.items():
        held[number] = f"The old pictures were kept, because {_named(about)} is about this product and was not sent."
    return Remainder(held, {number: frozenset(urls) for number, urls in addresses.items()}, _for_all(nameless))


def _for_all(nameless: Sequence[LoadedRow]) -> str:
    if not nameless:
        return ""
    return (
        f"No old picture will be deleted: it cannot be told which product {_named(nameless)} is about, so it may be "
        "any one. Mend the file and run it again, and the old pictures go."
    )


def _left_out(rows: Sequence[LoadedRow], checked: Sequence[Checked]) -> Iterator[_LeftOut]:
    for item in checked:
        problem = item.problem.code if item.problem else None
        if (problem is None and not item.skipped) or problem == ProblemCode.URL_DUPLICATE:
            continue
        ids = {item.row.product_id} if item.row.product_id is not None else ()
        yield _LeftOut(item.row, item.product, frozenset(ids), _skus(item.row.sku))
    for row in rows:
        if isinstance(row, ImageRow):
            continue
        repeats = isinstance(row, RejectedRow) and row.problem.code == ProblemCode.URL_DUPLICATE
        names_picture = isinstance(row, RejectedRow) or bool(key(row.image_url))
        if names_picture and not repeats:
            yield _LeftOut(row, None, _ids(row.product_id), _skus(row.sku))


def _products(one: _LeftOut, found: FoundProducts) -> list[Product]:
    """The products that a row may be about; none where that cannot be told."""
    products = {one.product.id: one.product} if one.product is not None else {}
    products |= {number: found.by_id[number] for number in one.ids if number in found.by_id}
    products |= {product.id: product for sku in one.skus for product in found.by_sku.get(sku, ())}
    return [*products.values()]


def _sent_before(row: LoadedRow, products: Sequence[Product], journal: Journal) -> str:
    """The address of a row that is not sent because an earlier run did it, and its product has the picture still."""
    if isinstance(row, ImageRow | RejectedRow) or len(products) != 1:
        return ""
    address = parse_address(row.image_url, LONGEST_URL)
    if isinstance(address, Problem):
        return ""
    entry = journal.entries(products[0].id).get(address.url)
    held = {image.id for image in products[0].images}
    return address.url if entry is not None and entry.image_id in held else ""


def _ids(text: str) -> frozenset[int]:
    """The id that a cell may mean, however it is written; none where it is no id."""
    number = product_id(key(text), "")
    if isinstance(number, int):
        return frozenset((number,))
    match = _WHOLE.fullmatch(_plain(text).lstrip("#"))
    digits = match[1] + "0" * int(match[2] or 0) if match else ""
    return frozenset((int(digits),)) if digits and len(digits) <= _LONGEST_ID else frozenset()


def _skus(text: str) -> frozenset[str]:
    """The SKUs that a cell may mean, as a spreadsheet program, an export or a person may have changed them."""
    plain = _plain(text)
    whole = _WHOLE.fullmatch(plain)
    readings = {text.strip(), key(text), plain, "".join(plain.split()), whole[1] if whole and not whole[2] else ""}
    return frozenset(readings - {""})


def _plain(text: str) -> str:
    """The text in ASCII forms where it has any, without apostrophes and quotation marks around it."""
    return key(unicodedata.normalize("NFKC", key(text)).strip("'\"`\u00b4\u2018\u2019 "))


def _named(rows: Iterable[LoadedRow]) -> str:
    places = [f"row {row.row}" + (f" of the sheet {row.sheet}" if row.sheet else "") for row in rows]
    more = len(places) - _MOST_NAMED
    return ", ".join(places[:_MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")
