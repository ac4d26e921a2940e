"""Does the product of each row exist, which one is it, and has it room for the pictures?"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from importer.models import Checked, ImageRow, Problem, ProblemCode, Product
from importer.problems import problem
from importer.settings import MAX_IMAGES_PER_PRODUCT
from importer.store import FoundProducts, StoreClient, expected_name, find_products, stored_name


async def match_products(
    rows: Sequence[ImageRow], client: StoreClient, progress: Callable[[int], None]
) -> list[Checked]:
    """Each row with its product, or with the problem of why there is none.

    Raises:
        StoreStoppedError: the store refuses the token, cannot be reached, or keeps failing.
    """
    ids = dict.fromkeys(row.product_id for row in rows if row.product_id is not None)
    skus = dict.fromkeys(row.sku for row in rows if row.product_id is None)
    found = await find_products(client, ids, skus, progress)
    checked: list[Checked] = []
    places: dict[tuple[int, str], ImageRow] = {}
    for row in rows:
        product = _product(row, found)
        if isinstance(product, Problem):
            checked.append(Checked(row, problem=product))
            continue
        first = places.setdefault((product.id, row.sent_url), row)
        checked.append(Checked(row, product, problem=None if first is row else _repeated(first, product)))
    return checked


def keep_to_limit(rows: Sequence[Checked]) -> list[Checked]:
    """The same rows, those rejected that would give a product more pictures than the store allows.

    Only rows that may be sent take a place, so this comes after the verdicts on their URLs.
    """
    room: dict[int, _Room] = {}
    kept: list[Checked] = []
    for item in rows:
        product = item.product
        if (
            product is None
            or item.problem is not None
            or item.skipped
            or room.setdefault(product.id, _Room(product)).take(item.row)
        ):
            kept.append(item)
        else:
            words = (
                f"The product has {len(product.images):,} pictures; with the rows above it reaches "
                f"the limit of {MAX_IMAGES_PER_PRODUCT:,}."
            )
            kept.append(replace(item, problem=problem(ProblemCode.IMAGE_LIMIT_REACHED, words)))
    return kept


class _Room:
    """The places left on a product. A picture that seems to be there already needs none."""

    def __init__(self, product: Product) -> None:
        self._left = MAX_IMAGES_PER_PRODUCT - len(product.images)
        self._names = Counter(stored_name(image.image_file) for image in product.images)

    def take(self, row: ImageRow) -> bool:
        name = expected_name(row.sent_url)
        if self._names[name]:
            self._names[name] -= 1
            return True
        self._left -= 1
        return self._left >= 0


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


def _repeated(first: ImageRow, product: Product) -> Problem:
    return problem(
        ProblemCode.URL_DUPLICATE,
        f"Row {first.row} asks for the same picture on the same product (id {product.id}) already.",
    )
