"""Does the product of each row exist, which one is it, and has it room for the pictures?"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

from importer.models import Checked, ImageRow, Problem, ProblemCode, Product
from importer.problems import problem
from importer.settings import MAX_IMAGES_PER_PRODUCT
from importer.store import FoundProducts, StoreClient, find_products, stored_name, telling_names
from importer.validator.agreement import disagreements

Existing = Literal["skip", "add", "replace"]
Variants = Literal["product", "image"]
_FOR_VARIANTS = {"GIF", "JPEG", "PNG"}
"""BigCommerce docs, Create a Variant Image: "must be in GIF, JPEG, or PNG"."""


_NO_VARIANT = (
    "The product's gallery has the picture; its product has no variant with the SKU {} in the store to set it on."
)


async def match_products(
    rows: Sequence[ImageRow],
    client: StoreClient,
    progress: Callable[[int], None],
    variants: Variants = "product",
) -> list[Checked]:
    """Each row with its product and, where its SKU is a variant's, that variant; or with the problem of why not.

    Args:
        rows: the rows.
        client: the store to ask.
        progress: told with each answer of the store how many more ids and SKUs it settles.
        variants: where the picture of a variant's row goes (`UploadSettings.variants`). Rows for the gallery and for
            each of the variants never repeat one another, whatever their URLs.

    Raises:
        StoreStoppedError: the store refuses the token, cannot be reached, or keeps failing.
    """
    ids = dict.fromkeys(row.product_id for row in rows if row.product_id is not None)
    skus = dict.fromkeys(row.sku for row in rows if row.product_id is None or row.of_variant)
    found = await find_products(client, ids, skus, progress)
    wrong = await disagreements(rows, found, client)
    checked: list[Checked] = []
    names = telling_names(row.sent_url for row in rows)
    places: dict[tuple[int, int, str], ImageRow] = {}
    pictured: dict[int, ImageRow] = {}
    for row in rows:
        product = (wrong.get((row.product_id, row.sku)) if row.product_id else None) or _product(row, found)
        if isinstance(product, Problem):
            checked.append(Checked(row, problem=product))
            continue
        variant = found.variants.get(row.sku) if row.product_id is None or row.of_variant else None
        if row.of_variant and (variant is None or variant.product_id != product.id):
            checked.append(Checked(row, product, nothing=_NO_VARIANT.format(row.sku)))
            continue
        item = Checked(row, product, variant=variant, file_name=names.get(row.sent_url, ""))
        if own := _own_variant(item, variants):
            first = pictured.setdefault(own, row)
            if row.of_variant and first is not row:
                checked.append(replace(item, nothing=f"The variant has its one picture from row {first.row}."))
                continue
        first = places.setdefault((product.id, _own_variant(item, variants), row.sent_url), row)
        checked.append(item if first is row else replace(item, problem=_repeated(first, row, product)))
    return checked


def keep_to_limit(
    rows: Sequence[Checked], existing: Existing = "skip", variants: Variants = "product"
) -> list[Checked]:
    """The same rows, those rejected that the store will not take although their URLs are fine.

    That is what would give a product more pictures than the store allows, and what a variant cannot have as its own
    picture. Only rows that may be sent take a place, so this comes after the verdicts on their URLs.

    Args:
        rows: the rows, after their check.
        existing: what becomes of pictures that seem to be there (`UploadSettings.existing`): only where they are
            skipped does a picture of the same name take no place. Where a gallery is replaced, the old pictures stay
            until the new ones are in, so that both need a place for a while.
        variants: where the picture of a variant's row goes; the first for each variant takes no place as its `image`.
    """
    rooms = _Rooms(rows, existing)
    pictured: set[int] = set()
    kept: list[Checked] = []
    for item in rows:
        if item.product is None or item.problem is not None or item.skipped or item.nothing:
            kept.append(item)
            continue
        variant = _own_variant(item, variants)
        if not variant or variant in pictured:
            trouble = rooms.take(item.product, item)
        else:
            trouble = _not_for_variants(item)
            if trouble is None:
                pictured.add(variant)
        kept.append(item if trouble is None else replace(item, problem=trouble))
    return kept


class _Rooms:
    """The places left on all products."""

    def __init__(self, rows: Sequence[Checked], existing: Existing) -> None:
        self._asked = Counter(item.product.id for item in rows if item.product is not None)
        self._existing = existing
        self._rooms: dict[int, _Room] = {}

    def take(self, product: Product, item: Checked) -> Problem | None:
        """Give a row a place, or say why there is none."""
        if len(product.images) + self._asked[product.id] <= MAX_IMAGES_PER_PRODUCT:
            # Far from the limit, as nearly all products are: no names need be compared.
            return None
        if product.id not in self._rooms:
            self._rooms[product.id] = _Room(product, self._existing)
        if self._rooms[product.id].take(item):
            return None
        words = (
            f"The product has {len(product.images):,} pictures; with the rows above it reaches "
            f"the limit of {MAX_IMAGES_PER_PRODUCT:,}."
        )
        return problem(ProblemCode.IMAGE_LIMIT_REACHED, words)


class _Room:
    """The places left on a product. A picture that is there already, or seems to be and is skipped, needs none."""

    def __init__(self, product: Product, existing: Existing) -> None:
        self._left = MAX_IMAGES_PER_PRODUCT - len(product.images)
        names = (stored_name(image.image_file) for image in product.images)
        self._names = Counter(names if existing == "skip" else ())

    def take(self, item: Checked) -> bool:
        if item.recorded or (item.file_name and self._names[item.file_name] == 1):
            return True
        self._left -= 1
        return self._left >= 0


def _not_for_variants(item: Checked) -> Problem | None:
    """Why a variant cannot have a picture that a product could have, as far as the check has seen what it is."""
    seen = item.finding.format if item.finding else ""
    if not seen or seen in _FOR_VARIANTS:
        return None
    return problem(
        ProblemCode.IMAGE_FORMAT_UNSUPPORTED,
        f"The file is {seen}; as the picture of a variant BigCommerce takes only JPEG, PNG and GIF.",
        fix="Save the picture as JPEG, PNG or GIF and use the new address, or leave out --variants image: the product "
        "itself can have it.",
    )


def _own_variant(item: Checked, variants: Variants) -> int:
    """The id of the variant whose own picture the row asks for, or 0 for the product's gallery."""
    if variants != "image" or item.variant is None or item.row.in_gallery:
        return 0
    return item.variant.id


def _product(row: ImageRow, found: FoundProducts) -> Product | Problem:
    if row.product_id is not None:
        product = found.by_id.get(row.product_id)
        return product or problem(
            ProblemCode.PRODUCT_UNKNOWN, f"The store has no product with the id {row.product_id}."
        )
    products = found.by_sku.get(row.sku, ())
    if not products:
        return problem(ProblemCode.SKU_UNKNOWN, f"The store has no product or variant with the SKU {row.sku[:100]}.")
    if len(products) > 1:
        ids = ", ".join(str(product.id) for product in products[:10])
        return problem(ProblemCode.SKU_AMBIGUOUS, f"The SKU {row.sku[:100]} belongs to the products {ids}.")
    return products[0]


def _repeated(first: ImageRow, row: ImageRow, product: Product) -> Problem:
    sheet = f" of the sheet {first.sheet}" if first.sheet != row.sheet else ""
    return problem(
        ProblemCode.URL_DUPLICATE,
        f"Row {first.row}{sheet} asks for the same picture on the same product (id {product.id}) already.",
    )
