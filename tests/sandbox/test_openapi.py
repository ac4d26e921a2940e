"""Every kind of answer against BigCommerce's official OpenAPI file, which is not part of this project."""

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from importer.sandbox import Sandbox, SandboxSettings
from tests.sandbox.conftest import GOOD, Reply, StoreClient

SPEC = Path(__file__).resolve().parents[3] / "shared" / "bigcommerce" / "products_catalog.v3.yml"
IMAGES = "/catalog/products/{product_id}/images"
IMAGE = IMAGES + "/{image_id}"


@pytest.fixture(scope="module")
def spec() -> dict[str, Any]:
    if not SPEC.is_file():
        pytest.skip("BigCommerce's OpenAPI file is not beside the project")
    loaded = yaml.load(SPEC.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe loaders
    assert isinstance(loaded, dict)
    return loaded


def plain(spec: dict[str, Any], schema: Any, inside: tuple[str, ...] = ()) -> Any:
    """The schema in JSON Schema's words.

    `$ref` is followed, `nullable` becomes a type, and `oneOf` is read as `anyOf`: the official file's alternatives
    overlap, so that every real answer matches two of them.
    """
    if isinstance(schema, list):
        return [plain(spec, item, inside) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        name = str(schema["$ref"])
        if name in inside:
            return {}
        found: Any = spec
        for part in name.removeprefix("#/").split("/"):
            found = found[part]
        return plain(spec, found, (*inside, name))
    made = {
        "anyOf" if key == "oneOf" else key: plain(spec, value, inside)
        for key, value in schema.items()
        if key not in {"example", "examples", "x-examples", "nullable"}
    }
    if schema.get("nullable") and isinstance(schema.get("type"), str):
        made["type"] = [schema["type"], "null"]
    return made


def check(spec: dict[str, Any], reply: Reply, path: str, method: str) -> None:
    """The status is documented for the operation, and the body is what it says."""
    responses = spec["paths"][path][method]["responses"]
    assert str(reply.status) in responses, (reply.status, reply.raw)
    content = responses[str(reply.status)].get("content") or {}
    if not content:
        assert reply.raw == b""
        return
    schema = plain(spec, content["application/json"]["schema"])
    jsonschema.Draft202012Validator(schema).validate(reply.body)


def check_variants(spec: dict[str, Any], reply: Reply) -> None:
    """The file at hand has no path for variants, but their schema."""
    schema = plain(spec, spec["components"]["schemas"]["productVariant_Full"])
    assert reply.body["data"]
    for item in reply.body["data"]:
        jsonschema.Draft202012Validator(schema).validate(item)


def test_reading(spec: dict[str, Any], store: StoreClient, product: int) -> None:
    store.added(product)
    for query in ("", "?sku=MUG-BLK", "?include=images,primary_image,variants&limit=250", "?id:in=1,2"):
        check(spec, store.get(f"/products{query}"), "/catalog/products", "get")
    check(spec, store.get(f"/products/{product}?include=images,variants"), "/catalog/products/{product_id}", "get")
    for key in (product, 1104, 1115, 999_999):
        check(spec, store.get(f"/products/{key}/images"), IMAGES, "get")
    check_variants(spec, store.get("/variants?limit=250"))


def test_writing(spec: dict[str, Any], store: StoreClient, product: int) -> None:
    reply = store.post(product, image_url=f"{GOOD}/x.jpg", description="x", sort_order=1, is_thumbnail=True)
    assert reply.status == 200
    check(spec, reply, IMAGES, "post")
    path = f"/products/{product}/images/{reply.body['data']['id']}"
    check(spec, store.get(path), IMAGE, "get")
    check(spec, store.call("PUT", path, {"sort_order": 4}), IMAGE, "put")
    check(spec, store.call("PUT", path, {"sort_order": "x"}), IMAGE, "put")
    check(spec, store.call("PUT", f"/products/{product}/images/1", {"sort_order": 4}), IMAGE, "put")
    check(spec, store.get(f"/products/{product}/images/1"), IMAGE, "get")
    check(spec, store.call("DELETE", path), IMAGE, "delete")


def test_batches(spec: dict[str, Any], store: StoreClient, product: int) -> None:
    good, bad = {"image_url": f"{GOOD}/x.jpg"}, {"image_url": "relative.jpg"}
    known = store.added(product)["id"]
    for products, query, status in (
        ([{"id": product, "images": [{"id": known, "sort_order": 2}, good]}], "?include=images", 200),
        ([{"id": product, "images": [bad]}], "", 422),
        ([{"id": 999_999, "images": [good]}], "", 404),
        ([{"id": key} for key in range(1101, 1112)], "", 413),
    ):
        reply = store.call("PUT", f"/products{query}", products)
        assert reply.status == status
        check(spec, reply, "/catalog/products", "put")
    with Sandbox(SandboxSettings(batch_failure="partial")) as sandbox:
        body = [{"id": 1101, "images": [good]}, {"id": 1102, "images": [bad]}]
        reply = StoreClient(sandbox).call("PUT", "/products", body)
        assert reply.status == 207
        check(spec, reply, "/catalog/products", "put")


def test_variants(spec: dict[str, Any], store: StoreClient) -> None:
    listed = store.get("/products/1111/variants")
    check_variants(spec, listed)
    path = f"/products/1111/variants/{listed.body['data'][0]['id']}"
    assert store.call("POST", f"{path}/image", {"image_url": f"{GOOD}/x.jpg"}).status == 200
    schema = plain(spec, spec["components"]["schemas"]["productVariant_Full"])
    for reply in (store.get(path), store.call("PUT", path, {"image_url": ""})):
        jsonschema.Draft202012Validator(schema).validate(reply.body["data"])


@pytest.mark.parametrize(
    ("url", "status"),
    [
        (f"{GOOD}/x.jpg", 200),
        ("https://portal.wholesale-partner.example/x.jpg", 400),
        ("https://downloads.studio-berg.example/originals/half-uploaded.jpg", 400),
        ("https://downloads.studio-berg.example/originals/cast-iron-poster.jpg", 422),
        ("https://www.basecamp-journal.example/x.jpg", 422),
        ("relative.jpg", 422),
        ("", 422),
    ],
)
def test_refusals(spec: dict[str, Any], store: StoreClient, product: int, url: str, status: int) -> None:
    reply = store.post(product, image_url=url)
    assert reply.status == status
    check(spec, reply, IMAGES, "post")
    unknown = store.post(999_999, image_url=url)
    assert unknown.status == 404
    check(spec, unknown, IMAGES, "post")


def test_general_errors(spec: dict[str, Any], sandbox: Sandbox) -> None:
    """401 and unknown addresses have the shape that the file gives to all errors."""
    store = StoreClient(sandbox)
    schema = plain(spec, spec["components"]["schemas"]["GeneralError"])
    for reply in (store.call("GET", "/products", headers={"X-Auth-Token": "x"}), store.get("/brands")):
        jsonschema.Draft202012Validator(schema).validate(reply.body)
    not_allowed = plain(spec, spec["components"]["schemas"]["MethodNotAllowedError"])
    jsonschema.Draft202012Validator(not_allowed).validate(store.call("PATCH", "/products").body)
