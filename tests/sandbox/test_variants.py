"""A variant's one picture."""

import pytest

from tests.sandbox.conftest import GOOD, Reply, StoreClient


def variants(store: StoreClient, product: int) -> list[int]:
    return [item["id"] for item in store.get(f"/products/{product}/variants").body["data"]]


def post(store: StoreClient, product: int, variant: int, **fields: object) -> Reply:
    return store.call("POST", f"/products/{product}/variants/{variant}/image", fields)


def put(store: StoreClient, product: int, variant: int, **fields: object) -> Reply:
    return store.call("PUT", f"/products/{product}/variants/{variant}", fields)


def test_a_picture_is_set_and_a_second_one_takes_its_place(store: StoreClient) -> None:
    green, red = variants(store, 1106)
    first = post(store, 1106, green, image_url=f"{GOOD}/green.jpg")
    assert (first.status, first.body["meta"]) == (200, {})
    assert set(first.body["data"]) == {"image_url"}
    second = post(store, 1106, green, image_url=f"{GOOD}/greener.jpg").body["data"]["image_url"]
    assert second.startswith("https://cdn.")
    assert second != first.body["data"]["image_url"]
    assert (store.sandbox.variant_image(green), store.sandbox.variant_image(red)) == (second, "")
    assert store.sandbox.images(1106) == []


def test_every_way_to_read_a_variant_shows_its_picture(store: StoreClient) -> None:
    blue, steel = variants(store, 1109)
    address = post(store, 1109, blue, image_url=f"{GOOD}/blue.jpg").body["data"]["image_url"]
    assert store.get(f"/products/1109/variants/{blue}").body["data"]["image_url"] == address
    for listed in (
        store.get("/products/1109/variants").body["data"],
        store.get("/variants?product_id=1109").body["data"],
        store.get("/products/1109?include=variants").body["data"]["variants"],
    ):
        assert {item["id"]: item["image_url"] for item in listed} == {blue: address, steel: ""}


def test_a_put_restores_clears_or_downloads(store: StoreClient) -> None:
    """An address of the store's own is set to the letter; any other is downloaded like a new picture."""
    variant = variants(store, 1102)[0]
    before = post(store, 1102, variant, image_url=f"{GOOD}/one.jpg").body["data"]["image_url"]
    downloaded = put(store, 1102, variant, image_url=f"{GOOD}/two.jpg").body["data"]["image_url"]
    assert downloaded not in {before, f"{GOOD}/two.jpg"}
    assert put(store, 1102, variant, image_url=before).body["data"]["image_url"] == before
    assert put(store, 1102, variant, price=3).body["data"]["image_url"] == before
    assert put(store, 1102, variant, image_url="").body["data"]["image_url"] == ""
    assert store.sandbox.variant_image(variant) == ""


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 422),
        ({"image_url": 7}, 422),
        ({"image_url": "relative.jpg"}, 422),
        ({"image_url": "https://portal.wholesale-partner.example/x.jpg"}, 400),
        ({"image_url": f"{GOOD}/x.webp"}, 400),
    ],
)
def test_pictures_that_a_variant_does_not_take(store: StoreClient, fields: dict[str, object], status: int) -> None:
    """BigCommerce docs: a variant's picture is GIF, JPEG or PNG, fewer formats than a product's."""
    variant = variants(store, 1103)[0]
    assert post(store, 1103, variant, **fields).status == status
    assert store.sandbox.variant_image(variant) == ""


def test_unknown_variants_are_404(store: StoreClient) -> None:
    """So is another product's variant."""
    foreign = variants(store, 1106)[0]
    for product, variant in ((1101, 1), (1101, foreign), (999_999, foreign)):
        assert store.get(f"/products/{product}/variants/{variant}").status == 404
        assert post(store, product, variant, image_url=f"{GOOD}/x.jpg").status == 404
        assert put(store, product, variant, image_url="").status == 404
    assert store.get("/products/999999/variants").status == 404
