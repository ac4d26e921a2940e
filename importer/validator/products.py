"""Does the product of each row exist, which one is it, and has it room for the pictures?"""

from collections import Counter
from collections.abc import Callable, Sequence

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
    room: dict[int, _Room] = {}
    for row in rows:
        product = _product(row, found)
        if isinstance(product, Problem):
            checked.append(Checked(row, problem=product))
            continue
        first = places.setdefault((product.id, row.sent_url), row)
        trouble = None if first is row else _repeated(first, product)
        if trouble is None and not room.setdefault(product.id, _Room(product)).take(row):
            trouble = problem(
                ProblemCode.IMAGE_LIMIT_REACHED,
                f"The product has {len(product.images):,} pictures; with the rows above it reaches "
                f"the limit of {MAX_IMAGES_PER_PRODUCT:,}.",
            )
        checked.append(Checked(row, product, problem=trouble))
    return checked


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
