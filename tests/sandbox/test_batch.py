"""PUT /catalog/products: up to ten products with all their pictures in one request."""

from collections.abc import Iterator
from typing import Any, Literal

import pytest

from importer.sandbox import Sandbox, SandboxSettings
from tests.sandbox.conftest import GOOD, MINE, Reply, StoreClient

BAD = "https://portal.wholesale-partner.example/x.jpg"
TOO_MANY = "The request payload is too large. The maximum items allowed in the array is 10."


def put(store: StoreClient, *products: object, query: str = "") -> Reply:
    return store.call("PUT", f"/products{query}", list(products))


def entry(product: int, *images: dict[str, Any]) -> dict[str, Any]:
    return {"id": product, "images": list(images)}


def new(name: str, **fields: object) -> dict[str, Any]:
    return {"image_url": f"{GOOD}/{name}.jpg"} | fields


def stems(store: StoreClient, product: int) -> list[str]:
    return [image["image_file"][6:].partition("__")[0] for image in store.sandbox.images(product)]


def behaving(images: Literal["append", "replace"], failure: Literal["whole", "partial"]) -> Sandbox:
    products = tuple((number, "") for number in MINE)
    return Sandbox(SandboxSettings(products=products, batch_images=images, batch_failure=failure, fetch_timeout=1.0))


@pytest.fixture(scope="module")
def partial_store() -> Iterator[StoreClient]:
    with behaving("append", "partial") as sandbox:
        yield StoreClient(sandbox)


def test_pictures_of_several_products_are_added_and_changed_at_once(
    store: StoreClient, product: int, numbers: Iterator[int]
) -> None:
    other = next(numbers)
    known = store.added(product, "known.jpg", sort_order=5)
    reply = put(
        store,
        entry(product, {"id": known["id"], "description": "now"}, new("a", sort_order=6, is_thumbnail=True)),
        entry(other, new("b", description="b"), new("c", sort_order=1)),
    )
    assert (reply.status, reply.body["meta"]) == (200, {})
    assert [item["id"] for item in reply.body["data"]] == [product, other]
    assert all("images" not in item for item in reply.body["data"])
    first, second = store.sandbox.images(product)
    assert (first["id"], first["description"], first["sort_order"]) == (known["id"], "now", 5)
    assert (first["is_thumbnail"], second["is_thumbnail"]) == (False, True)
    assert stems(store, product) == ["known", "a"]
    assert stems(store, other) == ["b", "c"]


def test_the_answer_shows_pictures_where_they_are_asked_for(store: StoreClient, product: int) -> None:
    reply = put(store, entry(product, new("a")), query="?include=images")
    assert reply.body["data"][0]["images"] == store.sandbox.images(product)


def test_pictures_that_are_not_named_stay_by_default(store: StoreClient, product: int) -> None:
    store.added(product, "old.jpg")
    assert put(store, entry(product, new("new", sort_order=1))).status == 200
    assert put(store, {"id": product}).status == 200
    assert stems(store, product) == ["old", "new"]


def test_replacing_deletes_what_is_not_named_and_only_where_pictures_are_named() -> None:
    with behaving("replace", "whole") as sandbox:
        store, product = StoreClient(sandbox), MINE[0]
        kept, _ = store.added(product, "kept.jpg"), store.added(product, "lost.jpg", sort_order=1)
        assert put(store, {"id": product, "name": "Mug"}).status == 200
        assert stems(store, product) == ["kept", "lost"]
        assert put(store, entry(product, {"id": kept["id"]}, new("new", sort_order=2))).status == 200
        assert stems(store, product) == ["kept", "new"]
        assert put(store, entry(product)).status == 200
        assert stems(store, product) == []


def test_one_bad_picture_refuses_the_whole_batch(store: StoreClient, product: int, numbers: Iterator[int]) -> None:
    """The error is the picture's own, and not even the good products are changed."""
    other = next(numbers)
    known = store.added(product)
    reply = put(
        store,
        entry(product, {"id": known["id"], "description": "now"}, new("a")),
        entry(other, new("b"), {"image_url": BAD}),
    )
    assert (reply.status, reply.body["status"]) == (422, 422)
    assert reply.body["title"] == "The field 'image_file' is invalid."
    assert BAD in reply.body["errors"]["invalid_reason"]
    assert store.sandbox.images(product) == [known]
    assert store.sandbox.images(other) == []


def test_a_partial_failure_is_207_and_spares_the_good_products(partial_store: StoreClient) -> None:
    good, bad = MINE[1], MINE[2]
    reply = put(partial_store, entry(bad, new("a"), {"image_url": BAD}), entry(good, new("b")))
    assert reply.status == 207
    assert [item["id"] for item in reply.body["data"]] == [good]
    assert reply.body["errors"]["status"] == 422
    assert BAD in reply.body["errors"]["errors"]["invalid_reason"]
    assert stems(partial_store, good) == ["b"]
    assert stems(partial_store, bad) == []


def test_nothing_good_in_a_batch_is_an_error_even_where_failures_are_partial(partial_store: StoreClient) -> None:
    assert put(partial_store, entry(MINE[3], {"image_url": BAD})).status == 422
    assert put(partial_store, entry(999_999, new("a"))).status == 404


def test_more_than_ten_products_are_413(store: StoreClient) -> None:
    reply = put(store, *({"id": number} for number in range(1101, 1112)))
    assert (reply.status, reply.body["title"]) == (413, TOO_MANY)
    assert put(store, *({"id": number} for number in range(1101, 1111))).status == 200


@pytest.mark.parametrize(
    ("products", "status"),
    [
        ([], 422),
        ([{"images": []}], 422),
        ([{"id": "1101"}], 422),
        ([{"id": True}], 422),
        ([[]], 422),
        ([{"id": 1101}, {"id": 1101}], 422),
        ([{"id": 999_999}], 404),
        ([{"id": 1101, "images": {}}], 422),
        ([{"id": 1101, "images": [7]}], 422),
        ([{"id": 1101, "images": [{"id": "x"}]}], 422),
        ([{"id": 1101, "images": [{"id": 1}]}], 422),
        ([{"id": 1101, "images": [{"description": "no address"}]}], 422),
        ([{"id": 1101, "images": [{"image_url": "relative.jpg"}]}], 422),
        ([{"id": 1115, "images": [{"image_url": f"{GOOD}/x.jpg"}]}], 422),
        ([{"id": 1116, "images": [{"image_url": f"{GOOD}/x.jpg"}]}], 423),
        ([{"id": 1117, "images": [{"image_url": f"{GOOD}/x.jpg"}]}], 503),
    ],
)
def test_batches_that_are_refused(store: StoreClient, products: list[object], status: int) -> None:
    before = {key: store.sandbox.images(key) for key in (1101, 1115, 1116, 1117)}
    assert put(store, *products).status == status
    assert {key: store.sandbox.images(key) for key in before} == before


def test_a_batch_that_is_no_list_is_422(store: StoreClient) -> None:
    assert store.call("PUT", "/products", {"id": 1101}).status == 422
    assert store.call("PUT", "/products", b"[").status == 422
