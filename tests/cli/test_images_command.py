"""`importer images` with ids and SKUs: what is one, what is the other, and what is told of those that lead nowhere."""

import csv
import json
from collections.abc import Iterator

import pytest

from importer.sandbox import Sandbox, SandboxSettings
from tests.conftest import Program


@pytest.fixture(scope="module")
def shop() -> Iterator[Sandbox]:
    """A store with a product whose SKU is made of digits, besides the built-in ones."""
    with Sandbox(SandboxSettings(products=((7, "SEVEN"), (8, "4006381333931"), (9, "1101")), quota=10_000)) as sandbox:
        yield sandbox


def test_0_ids_and_skus_side_by_side_in_few_requests(program: Program, shop: Sandbox) -> None:
    before = len(shop.requests())
    done = program.run("images", "1108", "LAMP-SOL", "00451", "4006381333931", "PACK-45-RED", "7", sandbox=shop)
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.split()[:3] for line in done.stdout.splitlines() if line.startswith("  ")]
    assert lines == [["product_id", "sku", "id"], *([["1108", "LAMP-SOL", line[2]] for line in lines[1:]])]
    assert len(lines) == 1 + 2, "a product that is asked for twice is shown once"
    assert [line for line in done.stdout.splitlines() if line.startswith("Product ")] == [
        f"Product {number} has no pictures." for number in (1103, 8, 1106, 7)
    ]
    # One request for the ids, one for the SKUs, one for the variants of what is left, one for the variant's product,
    # and one for the digits that are no product's id.
    assert len(shop.requests()) - before == 5


def test_0_digits_are_an_id_before_they_are_a_sku(program: Program, shop: Sandbox) -> None:
    done = program.run("images", "1101", sandbox=shop)
    assert (done.returncode, done.stdout) == (0, "Product 1101 has no pictures.\n")


def test_0_a_full_product_is_shown_whole(program: Program, shop: Sandbox) -> None:
    done = program.run("images", "POSTER-ARC", "--json", "--csv", "all.csv", sandbox=shop)
    assert (done.returncode, done.stderr) == (0, "Wrote all.csv.\n")
    shown = json.loads(done.stdout)
    assert [line["id"] for line in shown] == [image["id"] for image in shop.images(1115)]
    assert {line["sku"] for line in shown} == {"POSTER-ARC"}
    with (program.folder / "all.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [int(line["id"]) for line in csv.DictReader(file)] == [line["id"] for line in shown]


def test_3_what_leads_to_no_product_or_to_several_is_told(program: Program, shop: Sandbox) -> None:
    asked = ["GIFT-SET", "999999", "007", "NO-\x1b[31m", "9" * 30, "LAMP-SOL"]
    done = program.run("images", *asked, "--json", sandbox=shop)
    assert done.returncode == 3
    assert done.stderr.splitlines() == [
        "The SKU GIFT-SET belongs to the products 1111, 1112. Ask for one of these ids.",
        "The store has no product with the id 999999, and no product or variant with this SKU.",
        "The store has no product or variant with the SKU 007.",
        "The store has no product or variant with the SKU NO-\N{REPLACEMENT CHARACTER}[31m.",
        f"The store has no product or variant with the SKU {'9' * 30}.",
    ]
    assert {line["product_id"] for line in json.loads(done.stdout)} == {1108}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Give the ids or SKUs"),
        ([" "], "Give the ids or SKUs"),
        (["7", "--missing", "x.csv"], "not both"),
        (["7", "--sheet", "Pictures"], "need --missing FILE"),
        (["7"], "--sandbox"),
        (["--missing", "x.csv"], "--sandbox"),
        (["1101", "--sandbox", "--csv", "no-folder/x.csv"], "Cannot write x.csv in no-folder"),
    ],
)
def test_2_the_message_says_what_to_give(program: Program, arguments: list[str], message: str) -> None:
    done = program.run("images", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stdout == ""


def test_0_the_help_shows_both_ways(program: Program) -> None:
    shown = program.run("images", "--help").stdout
    assert "Example:  importer images 111 MUG-BLK --csv images.csv\n" in shown
    assert "Example:  importer images --missing products.xlsx\n" in shown


@pytest.mark.long
def test_who_waits_for_the_quota_learns_that_an_import_uses_it_as_well(program: Program) -> None:
    with Sandbox(SandboxSettings(products=((7, "SEVEN"),), quota=2, window_ms=3000)) as sandbox:
        done = program.run("images", "7", "PACK-45-RED", "NOBODYS", sandbox=sandbox)
    assert "an import of yours that is running uses it" in done.stderr
    assert done.stderr.count("is shared") == 1
