"""What products have in the store."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from importer.loaded import LoadedFile
from importer.models import ImageRow, LoadedRow, ProblemCode, Product, RejectedRow
from importer.pipeline.stages import by_lookup, heartbeat, stage
from importer.progress import Silence, Watcher
from importer.settings import NetworkSettings, StoreSettings, UploadSettings
from importer.store import FoundProducts, find_products, open_store

NO_PICTURE = "no_picture"
"""The code of a product that the store has, but without a picture; the others are problem codes."""

_SHARED = "Its quota of requests is shared: an import of yours that is running uses it, and so do other apps."
_LONGEST_ID = 18
"""Digits; what is longer cannot be an id of any store."""
_NAMELESS = {
    ProblemCode.PRODUCT_MISSING,
    ProblemCode.PRODUCT_ID_INVALID,
    ProblemCode.ROW_MALFORMED,
    ProblemCode.KEY_AMBIGUOUS,
}
"""Problems that leave it open which product a row means."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An id or SKU as it was asked for, and the products that have it: none, one, or several with the same SKU."""

    text: str
    products: tuple[Product, ...]


@dataclass(frozen=True, slots=True)
class Pictureless:
    """A product of a file that has no picture in the store.

    Attributes:
        product_id: BigCommerce's id, or None where the store does not have the product and the file names no id.
        sku: the SKU as the file has it, otherwise the store's; empty where there is neither.
        sheet: the worksheet of the first row that names the product, empty for a CSV file.
        row: that row, as the spreadsheet program counts.
        code: `no_picture`, or the problem code of why it cannot be looked up.
        detail: the same as a sentence.
    """

    product_id: int | None
    sku: str
    sheet: str
    row: int
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class PicturelessProducts:
    """The products of a file without a picture, in the file's order.

    Attributes:
        products: how many products the file names, those that the store does not have included.
        nameless: rows of which it cannot be told what product they mean.
    """

    lines: tuple[Pictureless, ...]
    products: int
    nameless: int


async def product_images(
    store: StoreSettings, network: NetworkSettings, asked: Sequence[str], watcher: Watcher | None = None
) -> list[Asked]:
    """The products with these ids or SKUs, with their pictures, in the order asked for.

    Digits without a leading zero are an id and, where no product has it, a SKU; anything else is a SKU.

    Args:
        store: which store.
        network: how it is connected to.
        asked: the ids or SKUs.
        watcher: told of waits.

    Raises:
        StoreStoppedError: the store refuses the token, cannot be reached, or keeps failing.
    """
    texts = list(dict.fromkeys(asked))
    ids = {text: int(text) for text in texts if looks_like_id(text)}
    async with open_store(store, network, UploadSettings(), waits=_waits(watcher or Silence())) as client:
        found = await find_products(client, ids.values(), [text for text in texts if text not in ids])
        by_sku = dict(found.by_sku)
        left = [text for text, number in ids.items() if number not in found.by_id]
        if left:
            by_sku |= (await find_products(client, [], left)).by_sku
    return [
        Asked(text, (found.by_id[ids[text]],) if ids.get(text) in found.by_id else by_sku.get(text, ()))
        for text in texts
    ]


def _waits(watcher: Watcher) -> Callable[[float, str], None]:
    """Tells a watcher of waits, and first of all why there may be one: whoever asks may not think of the import."""
    told = False

    def wait(seconds: float, what: str) -> None:
        nonlocal told
        if not told:
            watcher.say(f"The store has to be waited for, {seconds:.0f} seconds for now. {_SHARED}")
        told = True
        watcher.wait(seconds, what)

    return wait


def looks_like_id(text: str) -> bool:
    """Whether this may be a product id: digits without a leading zero."""
    return text.isascii() and text.isdigit() and not text.startswith("0") and len(text) <= _LONGEST_ID


def named_products(loaded: LoadedFile) -> dict[tuple[int | None, str], LoadedRow]:
    """The products that a file names, as (id, SKU) with one of the two, each with the first row that names it.

    Rows without a picture, or with a wrong address, name their product all the same.
    """
    named: dict[tuple[int | None, str], LoadedRow] = {}
    for row in loaded.rows:
        key = _named(row)
        if key is not None:
            named.setdefault(key, row)
    return named


async def pictureless_products(
    store: StoreSettings, network: NetworkSettings, loaded: LoadedFile, watcher: Watcher | None = None
) -> PicturelessProducts:
    """The products of a file that have no picture in the store yet, or that the store does not have.

    Raises:
        StoreStoppedError: the store refuses the token, cannot be reached, or keeps failing.
    """
    watcher = watcher or Silence()
    named = named_products(loaded)
    ids = [number for number, _ in named if number is not None]
    skus = [sku for number, sku in named if number is None]
    never = asyncio.Event()
    async with (
        open_store(store, network, UploadSettings(), waits=_waits(watcher)) as client,
        heartbeat(watcher, never),
    ):
        with stage(watcher, "look up", len(named), by_lookup(client, ids, skus)):
            found = await find_products(client, ids, skus, watcher.advance)
    lines: list[Pictureless] = []
    seen: set[int] = set()
    elsewhere = 0
    for (number, sku), row in named.items():
        products = _products(number, sku, found)
        if len(products) != 1:
            elsewhere += 1
            lines.append(_without_product(number, sku, row, products))
            continue
        product = products[0]
        if product.id not in seen and not product.images:
            name = row.sku.strip() or product.sku
            lines.append(Pictureless(product.id, name, row.sheet, row.row, NO_PICTURE, "The product has no picture."))
        seen.add(product.id)
    nameless = sum(_named(row) is None for row in loaded.rows)
    return PicturelessProducts(tuple(lines), products=len(seen) + elsewhere, nameless=nameless)


def _named(row: LoadedRow) -> tuple[int | None, str] | None:
    """The id or the SKU by which a row names its product, or None where that cannot be told."""
    if isinstance(row, ImageRow):
        return (row.product_id, "") if row.product_id is not None else (None, row.sku)
    if isinstance(row, RejectedRow) and row.problem.code in _NAMELESS:
        return None
    number, sku = row.product_id.strip(), row.sku.strip()
    if looks_like_id(number):
        return int(number), ""
    return (None, sku) if sku and not number else None


def _products(number: int | None, sku: str, found: FoundProducts) -> tuple[Product, ...]:
    if number is None:
        return found.by_sku.get(sku, ())
    return (found.by_id[number],) if number in found.by_id else ()


def _without_product(number: int | None, sku: str, row: LoadedRow, products: tuple[Product, ...]) -> Pictureless:
    """The line of a product that the store does not have, or has several times."""
    name = row.sku.strip()
    if number is not None:
        words = f"The store has no product with the id {number}."
        return Pictureless(number, name, row.sheet, row.row, ProblemCode.PRODUCT_UNKNOWN, words)
    if not products:
        words = f"The store has no product or variant with the SKU {sku[:100]}."
        return Pictureless(None, name, row.sheet, row.row, ProblemCode.SKU_UNKNOWN, words)
    ids = ", ".join(str(product.id) for product in products[:10])
    words = f"The SKU {sku[:100]} belongs to the products {ids}."
    return Pictureless(None, name, row.sheet, row.row, ProblemCode.SKU_AMBIGUOUS, words)
