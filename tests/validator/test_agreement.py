"""The id and the SKU of a row must be one product's; the store is asked again only in doubt."""

import asyncio
from collections.abc import Callable, Iterator

import pytest

from importer.models import Checked, ImageRow, ProblemCode
from importer.sandbox import Sandbox, SandboxSettings
from importer.settings import AccessToken, NetworkSettings, StoreSettings
from importer.store import open_store
from importer.validator import look_up

URL = "https://images.example/pack.jpg"
SHOP = ((1000, "A-0"), (1001, "A-1"), (1002, "A-2"), (None, "A-3"), (1005, ""), (1006, "00451-X"), (1007, "00815"))


LookedUp = Callable[..., tuple[list[Checked], int]]


@pytest.fixture(scope="module")
def shop() -> Iterator[Sandbox]:
    with Sandbox(SandboxSettings(quota=10_000, products=SHOP)) as sandbox:
        yield sandbox


@pytest.fixture
def looked_up(shop: Sandbox) -> LookedUp:
    """Looks pairs of id and SKU up: each row's verdict, and how many requests that took."""
    return lambda *pairs: _looked_up(shop, pairs)


def _looked_up(shop: Sandbox, pairs: tuple[tuple[int, str], ...]) -> tuple[list[Checked], int]:
    rows = [ImageRow("", at, number, sku, f"{URL}?{at}", f"{URL}?{at}") for at, (number, sku) in enumerate(pairs, 2)]

    async def run() -> tuple[list[Checked], int]:
        settings = StoreSettings(shop.store_hash, AccessToken(shop.access_token), shop.api_url)
        async with open_store(settings, NetworkSettings(shop.ca_file)) as client:
            found = await look_up(rows, client, stop=asyncio.Event())
            assert client.traffic is not None
            return found, sum(client.traffic.requests)

    return asyncio.run(run())


def test_a_row_whose_id_and_sku_agree_costs_no_further_request(looked_up: LookedUp) -> None:
    checked, requests = looked_up((1000, "A-0"), (1001, "a-1"), (1107, "STOVE-GAS"), (1005, ""))
    assert [item.problem for item in checked] == [None] * 4
    assert requests == 1


@pytest.mark.parametrize(
    ("pair", "told"),
    [
        ((1001, "A-2"), "the product 1001 has the SKU A-1, and the SKU A-2 belongs to the product 1002."),
        ((1002, "NO-SUCH-SKU"), "the product 1002 has the SKU A-2, and no product has the SKU NO-SUCH-SKU."),
        ((1005, "NO-SUCH-SKU"), "the product 1005 has no SKU, and no product has the SKU NO-SUCH-SKU."),
        ((999999, "A-1"), "there is no product 999999, and the SKU A-1 belongs to the product 1001."),
        ((3000000000, "A-1"), "there is no product 3000000000, and the SKU A-1 belongs to the product 1001."),
        ((1001, "PACK-45-GRN"), "has the SKU A-1, and the SKU PACK-45-GRN belongs to the product 1106."),
        ((1001, "GIFT-SET"), "has the SKU A-1, and the SKU GIFT-SET belongs to the products 1111, 1112."),
    ],
)
def test_a_row_whose_id_and_sku_disagree_names_both(pair: tuple[int, str], told: str, looked_up: LookedUp) -> None:
    (item,), _ = looked_up(pair)
    assert item.product is None
    assert item.problem is not None
    assert item.problem.code is ProblemCode.PRODUCT_MISMATCH
    assert item.problem.detail.startswith(f"The row says product id {pair[0]} and SKU {pair[1]}. In the store, ")
    assert item.problem.detail.endswith(told)
    assert '--map product_id="…"' in item.problem.fix


@pytest.mark.parametrize(
    "pair",
    [
        (1106, "PACK-45-GRN"),  # a variant's of that product
        (1112, "GIFT-SET"),  # one of several products that have it
        (1007, "815"),  # as Excel writes 00815
        (1007, "815.0"),
        (1007, "'00815"),
        (1001, "n/a"),
        (1001, "-"),
    ],
)
def test_a_variants_sku_and_a_number_without_its_zeros_agree(pair: tuple[int, str], looked_up: LookedUp) -> None:
    (item,), _ = looked_up(pair)
    assert item.problem is None
    assert item.product is not None
    assert item.product.id == pair[0]


def test_an_unknown_id_with_an_unknown_sku_is_an_unknown_product(looked_up: LookedUp) -> None:
    (item,), _ = looked_up((999999, "NO-SUCH-SKU"))
    assert item.problem is not None
    assert item.problem.code is ProblemCode.PRODUCT_UNKNOWN


def test_many_doubts_are_asked_together(looked_up: LookedUp) -> None:
    """One request for the ids, one for the SKUs as products' and one as variants'."""
    checked, requests = looked_up(*[(1106, "PACK-45-GRN"), (1106, "PACK-45-RED"), (1109, "BTL-1L-BLU")] * 40)
    assert [item.problem for item in checked] == [None] * 120
    assert requests <= 5
