"""The sample files: both hold the same rows, and what they name is really in the sandbox."""

import csv
from collections import Counter
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from openpyxl import load_workbook

from importer.sandbox import Sandbox
from importer.sandbox.sites import SITES
from tests.sandbox.conftest import StoreClient
from tests.sandbox.sample_workbook import XLSX, cell_value, csv_rows, workbook

HEADER = ["Product ID", "SKU", "Product Name", "Image URL", "Description", "Sort Order", "Is Thumbnail", "Handle"]
EXPECTED = Path(__file__).resolve().parent.parent / "sample_expected.csv"


def expected() -> list[dict[str, str]]:
    with EXPECTED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def sample_rows() -> list[tuple[dict[str, str], dict[str, str]]]:
    """Each row of the sample beside what is expected of it."""
    header, *rows = csv_rows()
    return list(zip((dict(zip(header, row, strict=True)) for row in rows), expected(), strict=True))


def test_every_row_has_one_expectation() -> None:
    assert csv_rows()[0] == HEADER
    assert [int(line["row"]) for line in expected()] == list(range(2, len(csv_rows()) + 1))
    for line in expected():
        assert line["status"] in {"uploaded", "probably_there", "rejected", "failed"}
        assert bool(line["code"]) == (line["status"] in {"rejected", "failed"})


def test_the_sample_shows_every_kind_of_trouble() -> None:
    """38 problem codes, and about as many good rows as a real file has."""
    codes = Counter(line["code"] for line in expected() if line["code"])
    assert len(codes) == 38
    assert Counter(line["status"] for line in expected())["uploaded"] == 24


def test_the_workbook_holds_the_same_rows() -> None:
    """Ids and sort orders are numbers there; the SKU 00451 is text and keeps its zeros."""
    book = load_workbook(XLSX)
    assert book.sheetnames == ["Images"]
    cells = [list(row) for row in book["Images"].iter_rows(values_only=True)]
    header, *rows = csv_rows()
    assert cells == [
        header,
        *[[cell_value(name, text) for name, text in zip(header, row, strict=True)] for row in rows],
    ]
    assert "00451" in {row[1] for row in cells}
    assert {type(row[0]) for row in cells[1:]} == {int, str, type(None)}


def test_the_workbook_can_be_made_again(tmp_path: Path) -> None:
    made = tmp_path / "again.xlsx"
    workbook().save(made)
    again, kept = load_workbook(made)["Images"], load_workbook(XLSX)["Images"]
    assert list(again.values) == list(kept.values)
    assert again.freeze_panes == kept.freeze_panes == "A2"


def test_only_pretend_hosts_are_named() -> None:
    """Nobody real is asked when someone runs the sample."""
    known = {(site.host, site.port) for site in SITES}
    for row, line in sample_rows():
        parts = urlsplit(row["Image URL"])
        if line["code"] in {"url_missing", "url_invalid", "url_scheme", "url_private", "dns_not_found"}:
            assert (parts.hostname or "x.example").endswith((".example", ".invalid", "192.168.1.20"))
        else:
            assert (parts.hostname, 443 if parts.scheme == "https" else 80) in known


def test_the_store_takes_and_refuses_the_rows_as_expected() -> None:
    """Rows that are to be uploaded are taken; rows that fail only at the store are refused there."""
    with Sandbox() as sandbox:
        store = StoreClient(sandbox)
        for row, line in sample_rows():
            if line["status"] not in {"uploaded", "failed"}:
                continue
            product = int(row["Product ID"]) if row["Product ID"] else found(store, row["SKU"])
            url = quote(row["Image URL"], safe=":/?&=%")
            reply = store.post(product, image_url=url, description=row["Description"])
            assert (reply.status == 200) == (line["status"] == "uploaded"), (row, reply.raw)


def found(store: StoreClient, sku: str) -> int:
    """The one product that has the SKU, as its own or as a variant's."""
    ids = {item["id"] for item in store.get(f"/products?sku={sku}").body["data"]}
    ids |= {item["product_id"] for item in store.get(f"/variants?sku={sku}").body["data"]}
    assert len(ids) == 1
    return int(ids.pop())


@pytest.mark.parametrize("code", ["product_unknown", "sku_unknown"])
def test_unknown_products_use_reserved_names(code: str) -> None:
    for row, line in sample_rows():
        if line["code"] == code:
            assert row["Product ID"] == "999999" or row["SKU"].startswith("NO-SUCH-")
