"""Products are found by id and SKU in few requests, many under way at once, and no SKU or id of a file stops a run."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from importer.errors import StoreStoppedError
from importer.sandbox import Fault, Sandbox, SandboxSettings
from importer.settings import AccessToken, NetworkSettings, StoreSettings, UploadSettings
from importer.store import FoundProducts, StoreClient, find_products, list_images, open_store, read_products
from tests.serving import Quiet, serving

QUICK = UploadSettings(attempts=2, first_backoff=0.01, longest_backoff=0.02, timeout=10.0)
Shop = Callable[[str, dict[str, str]], Any]


def asked(sandbox: Sandbox, work: Callable[[StoreClient], Any]) -> Any:
    """What `work` gives for a client of the sandbox."""
    settings = StoreSettings(sandbox.store_hash, AccessToken(sandbox.access_token), sandbox.api_url)
    return with_client(settings, work, NetworkSettings(sandbox.ca_file))


def with_client(
    settings: StoreSettings, work: Callable[[StoreClient], Any], network: NetworkSettings | None = None
) -> Any:
    async def run() -> Any:
        async with open_store(settings, network, QUICK) as client:
            return await work(client)

    return asyncio.run(run())


@contextmanager
def shop(answer: Shop) -> Iterator[tuple[StoreSettings, list[str]]]:
    """A store whose `answer` gives the data for a path and query, or None for 404; and the paths that were asked."""
    heard: list[str] = []

    class Handler(Quiet, BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)
            parts = urlsplit(self.path)
            data = answer(
                parts.path.partition("/v3")[2], {name: values[0] for name, values in parse_qs(parts.query).items()}
            )
            body = json.dumps({"data": data}).encode()
            self.send_response(404 if data is None else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with serving(Handler) as address:
        yield StoreSettings("abc", AccessToken("secret-4711"), address), heard


def test_ids_and_skus_are_asked_for_by_the_250_and_everything_is_settled_once() -> None:
    products = tuple((number, f"S-{number}") for number in range(5001, 5601))
    settled: list[int] = []
    ids = [number for number, _ in products]
    skus = [sku for _, sku in products] + ["PACK-45-GRN", "PACK-45-RED", "GIFT-SET", "NOBODYS", "x" * 40_000]
    with Sandbox(SandboxSettings(products=products, quota=10_000)) as sandbox:
        found: FoundProducts = asked(
            sandbox, lambda client: find_products(client, [*ids, 999_999, 4_006_381_333_931], skus, settled.append)
        )
        paths = [request.path for request in sandbox.requests()]
    assert sorted(found.by_id) == ids
    assert {sku: [product.id for product in several] for sku, several in found.by_sku.items()} == {
        **{sku: [number] for number, sku in products},
        "PACK-45-GRN": [1106],
        "PACK-45-RED": [1106],
        "GIFT-SET": [1111, 1112],
    }
    # 601 ids and 604 SKUs in three requests each, one for the variants of the four that are left, one for their owners.
    assert len(paths) == 3 + 3 + 1 + 1
    assert not any("4006381333931" in path for path in paths), "a bar code is no id; a store may refuse to be asked"
    assert sum(settled) == len(ids) + 2 + len(skus)


def test_addresses_stay_below_8_kb_whatever_the_skus_are_made_of() -> None:
    skus = [f"{number:03}" + "Ü-鞋" * 60 for number in range(40)] + [f"{number:03},{'%' * 200}" for number in range(3)]
    with Sandbox(SandboxSettings(products=tuple((None, sku) for sku in skus), quota=10_000)) as sandbox:
        found: FoundProducts = asked(sandbox, lambda client: find_products(client, [], skus))
        paths = [request.path for request in sandbox.requests()]
    assert all(len(found.by_sku[sku]) == 1 for sku in skus)
    assert max(map(len, paths)) < 8_000
    assert len(paths) < len(skus)


def test_full_galleries_are_read_whole_and_others_come_with_their_products() -> None:
    with Sandbox(SandboxSettings(quota=10_000)) as sandbox:
        found = asked(sandbox, lambda client: read_products(client, [1108, 1115, 1101, 424_242, 1108]))
        paths = [request.path.partition("/catalog")[2] for request in sandbox.requests()]
        assert [image.id for image in found[1108].images] == [image["id"] for image in sandbox.images(1108)]
    assert {number: len(product.images) for number, product in found.items()} == {1101: 0, 1108: 2, 1115: 1000}
    assert len(paths) == 1 + 4
    assert all(path.startswith("/products/1115/images?") for path in paths[1:])


def test_requests_are_under_way_side_by_side() -> None:
    ids = range(5001, 6501)
    settings = SandboxSettings(products=tuple((number, "") for number in ids), quota=10_000, latency_ms=300)
    with Sandbox(settings) as sandbox:
        found: FoundProducts = asked(sandbox, lambda client: find_products(client, ids, []))
        peak = max(request.peak for request in sandbox.requests())
    assert len(found.by_id) == len(ids)
    assert peak >= 3


def test_of_many_failures_the_first_comes_out_as_itself() -> None:
    with (
        Sandbox(SandboxSettings(quota=10_000, faults=(Fault(3, "401", "GET"),))) as sandbox,
        pytest.raises(StoreStoppedError, match="does not accept the access token"),
    ):
        asked(sandbox, lambda client: find_products(client, range(1, 3_000), []))


# Python leaves the transport of a TLS handshake that is cancelled half-way to its garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_cancelled_search_leaves_nothing_behind_and_the_client_goes_on() -> None:
    settled: list[int] = []

    async def work(client: StoreClient) -> tuple[int, Any]:
        before = asyncio.all_tasks()
        search = asyncio.create_task(find_products(client, range(1, 3_000), ["A"], settled.append))
        await asyncio.sleep(0.3)  # long enough for every handshake
        search.cancel()
        await asyncio.gather(search, return_exceptions=True)
        assert search.cancelled()
        return len(asyncio.all_tasks() - before), await list_images(client, 1108)

    with Sandbox(SandboxSettings(quota=10_000, latency_ms=700)) as sandbox:
        left, images = asked(sandbox, work)
    assert (left, len(images), settled) == (0, 2, [0])


def test_a_variants_sku_leads_to_the_variant_and_its_product_and_a_main_sku_to_the_product_alone() -> None:
    with Sandbox(SandboxSettings(quota=10_000)) as sandbox:
        skus = ["PACK-45-GRN", "PACK-45", "MUG-BLK", "GIFT-SET"]
        found: FoundProducts = asked(sandbox, lambda client: find_products(client, [], skus))
    assert [product.id for sku in skus for product in found.by_sku[sku]] == [1106, 1106, 1101, 1111, 1112]
    variant = found.variants.pop("PACK-45-GRN")
    assert (variant.product_id, variant.sku, variant.image_url) == (1106, "PACK-45-GRN", "")
    assert found.variants == {}


def one_product(*variants: dict[str, Any], sku: str = "MAIN") -> Shop:
    """A store with the product 7; its list of products knows only ids, and its list of variants ignores filters."""

    def answer(path: str, query: dict[str, str]) -> Any:
        if path == "/catalog/variants":
            return list(variants)
        return [{"id": 7, "sku": sku, "images": []}] if "7" in query.get("id:in", "").split(",") else []

    return answer


def test_the_base_variant_of_a_product_without_options_is_no_variant() -> None:
    base = {"id": 70, "product_id": 7, "sku": "MAIN", "option_values": []}
    with shop(one_product(base)) as (settings, _):
        found: FoundProducts = with_client(settings, lambda client: find_products(client, [], ["MAIN"]))
    assert found.by_sku["MAIN"][0].id == 7
    assert found.variants == {}


@pytest.mark.parametrize(("sku", "options"), [("MAIN", [{"id": 1}]), ("main-red", [])])
def test_options_or_a_sku_of_its_own_make_a_variant(sku: str, options: list[dict[str, int]]) -> None:
    listed = {"id": 70, "product_id": 7, "sku": sku, "option_values": options, "image_url": "https://cdn.example/v.jpg"}
    with shop(one_product(listed)) as (settings, _):
        found: FoundProducts = with_client(settings, lambda client: find_products(client, [], [sku]))
    assert found.variants[sku].image_url == "https://cdn.example/v.jpg"


def test_a_sku_is_found_whatever_its_case_but_to_the_letter_first() -> None:
    listed = [{"id": 70 + at, "product_id": 7, "sku": sku} for at, sku in enumerate(("red-L", "Red-M", "RED-M"))]
    with shop(one_product(*listed)) as (settings, _):
        found: FoundProducts = with_client(settings, lambda client: find_products(client, [], ["RED-l", "RED-M"]))
    assert {sku: variant.id for sku, variant in found.variants.items()} == {"RED-l": 70, "RED-M": 72}


def test_a_store_that_ignores_the_list_of_skus_is_asked_for_each_and_not_for_all_its_pages() -> None:
    def answer(path: str, query: dict[str, str]) -> Any:
        if path != "/catalog/variants":
            return [{"id": 7, "sku": "MAIN", "images": []}] if "id:in" in query else []
        if "sku" in query:
            return [{"id": int(query["sku"]), "product_id": 7, "sku": query["sku"]}]
        return [{"id": number, "product_id": 7, "sku": f"other-{number}"} for number in range(1, 251)]

    settled: list[int] = []
    with shop(answer) as (settings, heard):
        found: FoundProducts = with_client(
            settings, lambda client: find_products(client, [], ["301", "302", "303"], settled.append)
        )
    assert {sku: variant.id for sku, variant in found.variants.items()} == {"301": 301, "302": 302, "303": 303}
    assert len([path for path in heard if "/variants" in path]) == 1 + 3
    assert sum(settled) == 3


def test_pictures_that_an_answer_leaves_out_are_read_by_themselves() -> None:
    def answer(path: str, query: dict[str, str]) -> Any:
        if path.endswith("/images"):
            return [{"id": 1, "product_id": 7, "image_file": "a/b/c__00001.jpg"}] if "/7/" in path else None
        return [{"id": 7, "sku": "A"}, {"id": 8, "sku": "B"}, {"id": 9, "sku": "C", "images": []}]

    with shop(answer) as (settings, heard):
        found = with_client(settings, lambda client: read_products(client, [7, 8, 9]))
    assert {number: len(product.images) for number, product in found.items()} == {7: 1, 9: 0}, "8 was deleted meanwhile"
    assert len(heard) == 3
