"""The built-in shop: the products that the sample files name, and those that misbehave on purpose."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from importer.sandbox.catalog import MAX_IMAGES, Catalog, Product
from importer.sandbox.pictures import NewPicture

NEVER_AN_ID = 999_999
"""This product id never exists, whatever the settings name."""
NEVER_A_SKU = "NO-SUCH-"
"""A SKU that starts like this never exists, whatever the settings name."""
LOCKED_ID = 1116
FAILING_ID = 1117
FULL_ID = 1115
NO_CONTENT_ID = 1104

_FIRST_FRESH_ID = 2001


@dataclass(frozen=True, slots=True)
class _Article:
    """A product of the built-in shop; `pictures` are (file name, ending, alt text)."""

    id: int
    sku: str
    name: str
    variants: tuple[str, ...] = ()
    pictures: tuple[tuple[str, str, str], ...] = ()


_ARTICLES = (
    _Article(1101, "MUG-BLK", "Enamel Mug 350 ml, Black"),
    _Article(1102, "MUG-CRM", "Enamel Mug 350 ml, Cream"),
    _Article(1103, "00451", "Cast Iron Skillet 26 cm"),
    _Article(1104, "KTL-COP", "Copper Kettle 1.2 l"),
    _Article(1105, "TENT-2P", "Ridgeline Tent, 2 Persons"),
    _Article(1106, "PACK-45", "Trail Pack 45 l", ("PACK-45-GRN", "PACK-45-RED")),
    _Article(1107, "STOVE-GAS", "Pocket Gas Stove"),
    _Article(
        1108,
        "LAMP-SOL",
        "Solar Lantern",
        (),
        (
            ("solar-lantern-front", "jpg", "Solar lantern from the front"),
            ("solar-lantern-packed", "jpg", "Solar lantern, folded flat"),
        ),
    ),
    _Article(1109, "BTL-1L", "Steel Bottle 1 l", ("BTL-1L-BLU", "BTL-1L-STL")),
    _Article(1110, "BOARD-WAL", "Walnut Cutting Board"),
    _Article(1111, "GIFT-MUGS", "Gift Box Mugs", ("GIFT-MUGS-S", "GIFT-SET")),
    _Article(1112, "GIFT-CAMP", "Gift Box Camp Kitchen", ("GIFT-CAMP-S", "GIFT-SET")),
    _Article(1113, "SPOON-OLV", "Olive Wood Spoon"),
    _Article(1114, "BLKT-WOOL", "Wool Blanket, Fjord"),
    _Article(FULL_ID, "POSTER-ARC", "Poster Archive 1950-2020"),
    _Article(LOCKED_ID, "KNIFE-CHF", "Chef's Knife 20 cm"),
    _Article(FAILING_ID, "PRESS-FR", "French Press 0.8 l"),
    _Article(1118, "ROPE-30", "Climbing Rope 30 m"),
    _Article(1119, "AXE-CAMP", "Camp Axe"),
    _Article(1120, "BOWL-SET", "Stoneware Bowls, Set of 4"),
)


Family = tuple[int | None, str, tuple[str, ...]]
"""A product with variants: its id or None, its main SKU or an empty text, and the SKUs of its variants."""


def stock(extra: tuple[tuple[int | None, str], ...], seed: int, families: tuple[Family, ...] = ()) -> Catalog:
    """A catalog with the built-in products, `families`, and `extra` products, given as (id or None, main SKU or empty).

    A family takes the place of built-in products with its SKUs. One that cannot be, because an earlier one has a SKU
    of it, say, gives a product for each of its SKUs, as if they were `extra`. There, an id makes sure that there is
    such a product; it gets the SKU if nothing else has it, and as variants the further SKUs that stand beside its id.
    A SKU alone makes a product with an id of its own, unless the SKU is known as one of a product or a variant.
    """
    catalog = Catalog(seed)
    reserved = {article.id for article in _ARTICLES} | {NEVER_AN_ID}
    taken = reserved | {number for number, *_ in (*extra, *families) if number is not None}
    fresh = (number for number in count(_FIRST_FRESH_ID) if number not in taken and catalog.product(number) is None)
    known: set[str] = set()
    single = list(extra)
    for number, main, variants in families:
        skus = (*filter(None, [main]), *variants)
        possible = number is None or (number > 0 and number not in reserved and catalog.product(number) is None)
        if not (possible and len({*skus} - known) == len(skus) and not any(map(_never, skus))):
            single += [(number, main), *((None, sku) for sku in variants)]
            continue
        known.update(skus)
        catalog.add_product(Product(number or next(fresh), main, f"Product {main or variants[0]}"), variants)
    own = _beside_ids(single, known)
    for article in _ARTICLES:
        if known.isdisjoint((article.sku, *article.variants)):
            product = Product(article.id, article.sku, article.name)
            catalog.add_product(product, (*article.variants, *own.get(article.id, ())))
            for at, (stem, ending, text) in enumerate(article.pictures):
                catalog.add_picture(product, NewPicture(stem, ending, text, at))
    _misbehave(catalog)
    _add(catalog, single, own, fresh)
    return catalog


def _misbehave(catalog: Catalog) -> None:
    for product in catalog.products():
        if product.id == FULL_ID:
            for at in range(MAX_IMAGES):
                catalog.add_picture(product, NewPicture(f"poster-{at + 1:04d}", "jpg", "", at))
        product.post_status = {LOCKED_ID: 423, FAILING_ID: 503}.get(product.id, 0)
        product.no_content = product.id == NO_CONTENT_ID


def _never(sku: str) -> bool:
    return not sku or sku.startswith(NEVER_A_SKU)


def _beside_ids(extra: list[tuple[int | None, str]], known: set[str]) -> dict[int, list[str]]:
    """Product id -> the SKUs beside it that are nobody else's, so that whoever names them finds them together."""
    claimed = known.union(*((article.sku, *article.variants) for article in _ARTICLES))
    found: dict[int, list[str]] = {}
    for product_id, sku in extra:
        if product_id is not None and not _never(sku) and sku not in claimed:
            claimed.add(sku)
            found.setdefault(product_id, []).append(sku)
    return found


def _add(
    catalog: Catalog, extra: list[tuple[int | None, str]], own: dict[int, list[str]], fresh: Iterator[int]
) -> None:
    for product_id, _ in extra:
        if product_id is None or product_id < 1 or product_id == NEVER_AN_ID or catalog.product(product_id) is not None:
            continue
        main, *variants = own.get(product_id, [""])
        catalog.add_product(Product(product_id, main, f"Product {main or product_id}"), variants)
    known = {product.sku for product in catalog.products()} | {variant.sku for variant in catalog.variants()}
    for product_id, sku in extra:
        if product_id is None and not _never(sku) and sku not in known:
            known.add(sku)
            catalog.add_product(Product(next(fresh), sku, f"Product {sku}"))
