"""GET endpoints of the pretend store."""

import pytest

from tests.sandbox.conftest import StoreClient


def test_a_product_is_found_by_its_main_sku_with_its_pictures(store: StoreClient) -> None:
    """`include=images` shows the pictures in the shop's order, and exactly one thumbnail."""
    found = store.get("/products?sku=LAMP-SOL&include=images,primary_image,variants").body["data"]
    assert [(item["id"], item["sku"]) for item in found] == [(1108, "LAMP-SOL")]
    assert [image["sort_order"] for image in found[0]["images"]] == [0, 1]
    assert found[0]["images"][0]["image_file"].split("/")[2].startswith("solar-lantern-front__")
    assert found[0]["primary_image"]["id"] == found[0]["images"][0]["id"]
    assert [variant["sku"] for variant in found[0]["variants"]] == ["LAMP-SOL"]


def test_sku_filter_of_products_does_not_see_variants(store: StoreClient) -> None:
    """BigCommerce docs: `sku` on products is the main SKU; a variant's is found at /catalog/variants."""
    assert store.get("/products?sku=PACK-45-GRN").body["data"] == []
    assert [item["product_id"] for item in store.get("/variants?sku=PACK-45-GRN").body["data"]] == [1106]


def test_an_ambiguous_sku_is_on_variants_of_two_products(store: StoreClient) -> None:
    assert {item["product_id"] for item in store.get("/variants?sku=GIFT-SET").body["data"]} == {1111, 1112}


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("id=1101", [1101]),
        ("id:in=1101,1103,999999", [1101, 1103]),
        ("sku:in=MUG-BLK,00451,NO-SUCH-MUG", [1101, 1103]),
        ("sku=mug-blk", []),
        ("id:in=1101,1103&sku=00451", [1103]),
    ],
)
def test_product_filters(store: StoreClient, query: str, ids: list[int]) -> None:
    assert [item["id"] for item in store.get(f"/products?{query}").body["data"]] == ids


def test_variant_filters(store: StoreClient) -> None:
    by_product = store.get("/variants?product_id=1109").body["data"]
    assert [item["sku"] for item in by_product] == ["BTL-1L-BLU", "BTL-1L-STL"]
    listed = store.get("/variants?sku:in=BTL-1L-BLU,PACK-45-RED").body["data"]
    assert {item["product_id"] for item in listed} == {1106, 1109}


def test_pages_say_where_they_are(store: StoreClient) -> None:
    """`meta.pagination` counts all, and its links keep the filters."""
    first = store.get("/products/1115/images?limit=250").body
    assert len(first["data"]) == 250
    assert first["meta"]["pagination"] == {
        "total": 1000,
        "count": 250,
        "per_page": 250,
        "current_page": 1,
        "total_pages": 4,
        "links": {"current": "?page=1&limit=250", "next": "?page=2&limit=250"},
    }
    last = store.get("/products/1115/images?limit=250&page=4").body
    assert last["meta"]["pagination"]["links"] == {"current": "?page=4&limit=250", "previous": "?page=3&limit=250"}
    assert {image["id"] for image in first["data"]}.isdisjoint(image["id"] for image in last["data"])
    assert store.get("/products?id:in=1101,1102&limit=1").body["meta"]["pagination"]["links"]["next"] == (
        "?id:in=1101,1102&page=2&limit=1"
    )


def test_fifty_a_page_unless_told_and_never_more_than_250(store: StoreClient) -> None:
    assert len(store.get("/products/1115/images").body["data"]) == 50
    assert len(store.get("/products/1115/images?limit=900").body["data"]) == 250
    assert store.get("/products?page=99").body["data"] == []


def test_no_pictures_are_an_empty_list_or_204(store: StoreClient, product: int) -> None:
    """The docs allow both, so one built-in product answers 204."""
    assert store.get(f"/products/{product}/images").body["data"] == []
    reply = store.get("/products/1104/images")
    assert (reply.status, reply.raw) == (204, b"")


def test_single_product_and_single_picture(store: StoreClient, product: int) -> None:
    picture = store.added(product)
    assert store.get(f"/products/{product}").body["data"]["sku"] == f"MINE-{product}"
    assert store.get(f"/products/{product}/images/{picture['id']}").body == {"data": picture, "meta": {}}


def test_fields_can_be_chosen(store: StoreClient) -> None:
    data = store.get("/products?id=1101&include_fields=sku&include=images").body["data"]
    assert set(data[0]) == {"id", "sku", "images"}
    assert "name" not in store.get("/products?id=1101&exclude_fields=name,id").body["data"][0]


@pytest.mark.parametrize(
    "path", ["/products/999999/images", "/products/999999", "/products/1101/images/1", "/products/7/images/1"]
)
def test_unknown_things_are_404_with_the_documented_members(store: StoreClient, path: str) -> None:
    reply = store.get(path)
    assert reply.status == 404
    assert set(reply.body) == {"status", "title", "type", "instance"}


def test_other_addresses_are_404_and_other_methods_405(store: StoreClient) -> None:
    assert store.get("/brands").status == 404
    assert store.get("/products/abc/images").body["status"] == 404
    assert store.call("PATCH", "/products/1101/images").body["status"] == 405


@pytest.mark.parametrize("query", ["nmae=x", "id=x", "id:in=1,x", "page=0", "limit=-1"])
def test_filters_that_make_no_sense_are_422(store: StoreClient, query: str) -> None:
    assert store.get(f"/products?{query}").status == 422
