"""`importer images --missing`: products of a file without a picture, each once, with the first row that names it."""

import csv
import json

import pytest

from importer.sandbox import Sandbox, SandboxSettings
from tests.conftest import Program

HEADER = "product_id,sku,image_url"
URL = "https://images.example/a.jpg"


@pytest.mark.long
def test_0_every_product_of_the_file_has_a_picture(program: Program, store: Sandbox) -> None:
    sheet = program.sheet([["", "LAMP-SOL", URL], [1115, "", URL]], header=HEADER)
    done = program.run("images", "--missing", sheet, sandbox=store)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.splitlines()[-1] == "rows.csv names 2 products: 2 with pictures, 0 without."
    assert [request.method for request in store.requests() if request.method != "GET"] == []


@pytest.mark.long
def test_3_products_without_pictures_and_without_a_place_in_the_store(program: Program, store: Sandbox) -> None:
    rows: list[list[object]] = [
        [1, "SKU-1", URL],
        ["", "LAMP-SOL", URL],
        ["", "PACK-45-RED", URL],
        ["", "PACK-45-GRN", URL],
        ["", "SKU-1", URL],
        ["", "SKU-2", "no address"],
        [999_999, "", URL],
        ["", "NO-SUCH-SKU", ""],
        ["", "GIFT-SET", URL],
        ["", "", URL],
        ["12O4", "SKU-3", URL],
    ]
    sheet = program.sheet(rows, header=HEADER)
    done = program.run("images", "--missing", sheet, "--csv", "none.csv", sandbox=store)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.splitlines()[-3:] == [
        "Wrote none.csv.",
        "rows.csv names 7 products: 1 with pictures, 3 without, 3 that cannot be found in the store.",
        "2 rows name no product that can be looked up; `importer preview` tells why.",
    ]
    with (program.folder / "none.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    bare = "The product has no picture."
    assert lines == [
        ["product_id", "sku", "sheet", "row", "code", "detail"],
        ["1", "SKU-1", "", "2", "no_picture", bare],
        ["1106", "PACK-45-RED", "", "4", "no_picture", bare],
        ["2", "SKU-2", "", "7", "no_picture", bare],
        ["999999", "", "", "8", "product_unknown", "The store has no product with the id 999999."],
        ["", "NO-SUCH-SKU", "", "9", "sku_unknown", "The store has no product or variant with the SKU NO-SUCH-SKU."],
        ["", "GIFT-SET", "", "10", "sku_ambiguous", "The SKU GIFT-SET belongs to the products 1111, 1112."],
    ]


@pytest.mark.long
def test_3_the_pretend_store_holds_the_files_products_and_the_options_for_reading_count(program: Program) -> None:
    sheet = program.sheet([["x", "NEW-1", URL], ["y", "NEW-2", URL]], header="colour,our number,link")
    reading = ["--map", "sku=our number", "--map", "image_url=link"]
    done = program.run("images", "--missing", sheet, "--sandbox", "--json", *reading)
    assert done.returncode == 3
    lines = json.loads(done.stdout)
    assert [(line["sku"], line["row"], line["code"]) for line in lines] == [
        ("NEW-1", 2, "no_picture"),
        ("NEW-2", 3, "no_picture"),
    ]
    shown = program.run("images", "--missing", sheet, "--sandbox", *reading).stdout.splitlines()
    assert shown[0].split() == ["product_id", "sku", "row", "detail"]
    assert len(shown) == 1 + 2


@pytest.mark.long
def test_3_a_thousand_products_take_a_handful_of_requests(program: Program) -> None:
    skus = [f"P-{number}" for number in range(1000)]
    with Sandbox(SandboxSettings(products=tuple((None, sku) for sku in skus), quota=10_000)) as sandbox:
        sheet = program.sheet([["", sku, URL] for sku in skus], header=HEADER)
        done = program.run("images", "--missing", sheet, "--json", sandbox=sandbox)
        assert done.returncode == 3
        assert [line["sku"] for line in json.loads(done.stdout)] == skus
        assert len(sandbox.requests()) == 4


@pytest.mark.long
def test_2_a_file_that_is_not_there(program: Program) -> None:
    done = program.run("images", "--missing", "none.csv", "--sandbox")
    assert done.returncode == 2
    assert "There is no file none.csv" in done.stderr


@pytest.mark.long
def test_4_a_store_that_refuses_the_token(program: Program, store: Sandbox) -> None:
    sheet = program.sheet([[1, "", URL]], header=HEADER)
    done = program.run("images", "--missing", sheet, sandbox=store, token="wrong-token-42")
    assert done.returncode == 4
    assert "does not accept the access token" in done.stderr
    assert "Check the access token and the store hash (--credentials or .env)" in done.stderr
