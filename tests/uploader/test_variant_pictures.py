"""A SKU that belongs to a variant: its picture goes to the product's gallery, or becomes the variant's own."""

from dataclasses import replace
from pathlib import Path

import pytest

from importer.models import ImageRow
from importer.sandbox import Fault
from importer.uploader import Journal
from tests.uploader.uploading import count, names, notes, running, sent, statuses

GREEN, RED = "PACK-45-GRN", "PACK-45-RED"
PARENT = 1106


def of(pictures: str, *asked: tuple[str, str]) -> list[ImageRow]:
    return [
        ImageRow("", number, None, sku, f"{pictures}/{name}", f"{pictures}/{name}")
        for number, (sku, name) in enumerate(asked, start=2)
    ]


def test_by_default_the_picture_goes_to_the_product_and_the_report_says_so(pictures: str, tmp_path: Path) -> None:
    with running() as sandbox:
        result = sent(sandbox, of(pictures, (GREEN, "green.jpg"), ("PACK-45", "pack.jpg")), tmp_path)
        assert names(sandbox, PARENT) == ["green", "pack"]
    assert "variant" in notes(result)[0]
    assert "added to its product" in notes(result)[0]
    assert notes(result)[1] == ""


def test_as_image_it_becomes_the_variants_own_and_a_second_one_goes_to_the_product(
    pictures: str, tmp_path: Path
) -> None:
    asked = of(pictures, (GREEN, "green.jpg"), (RED, "red.jpg"), (GREEN, "green-back.jpg"), ("PACK-45", "pack.jpg"))
    with running() as sandbox:
        result = sent(sandbox, asked, tmp_path, variants="image")
        assert statuses(result) == ["uploaded"] * 4
        assert names(sandbox, PARENT) == ["green-back", "pack"]
        routes = [outcome.receipt.route for outcome in result.outcomes if outcome.receipt]
        assert routes == ["variant", "variant", "single", "single"]
        assert [word in note for word, note in zip(("Set as", "Set as", "added"), notes(result), strict=False)]
        posts = count(sandbox, "POST")
        again = sent(sandbox, asked, tmp_path, variants="image")
        assert statuses(again) == ["already_there"] * 4
        assert count(sandbox, "POST") == posts


def test_a_picture_of_the_gallery_never_becomes_a_variants(pictures: str, tmp_path: Path) -> None:
    asked = [replace(row, in_gallery=True) for row in of(pictures, (GREEN, "green.jpg"))]
    with running() as sandbox:
        result = sent(sandbox, asked, tmp_path, variants="image")
        assert names(sandbox, PARENT) == ["green"]
    assert notes(result) == [""]


@pytest.mark.parametrize("kind", ["503", "429_bare", "reset_before", "reset_after", "truncated_json", "empty_200"])
def test_faults_on_the_way_end_with_the_picture_set(pictures: str, tmp_path: Path, kind: str) -> None:
    with running(faults=(Fault(1, kind),)) as sandbox:
        result = sent(sandbox, of(pictures, (GREEN, "green.jpg")), tmp_path, variants="image")
        assert statuses(result) == ["uploaded"]
        assert names(sandbox, PARENT) == []
        journal = Journal(tmp_path, sandbox.store_hash)
        (record,) = journal.variants(PARENT).values()
        journal.close()
        (variant,) = [one for one in sandbox._catalog.variants() if one.sku == GREEN]
        assert record.image_url == sandbox.variant_image(variant.id) != ""
    assert (record.url, record.image_url_before) == (f"{pictures}/green.jpg", "")


def test_what_the_store_cannot_fetch_fails_its_row(tmp_path: Path) -> None:
    asked = of("http://127.0.0.1:1", (GREEN, "green.jpg"))
    with running() as sandbox:
        result = sent(sandbox, asked, tmp_path, variants="image")
    assert statuses(result) == ["failed"]
    assert result.outcomes[0].problem is not None
    assert result.outcomes[0].problem.code == "store_could_not_fetch"


def test_a_picture_that_is_refused_leaves_the_record_of_the_one_before(pictures: str, tmp_path: Path) -> None:
    """An undo must still know what the variant had before the first of the two."""
    with running() as sandbox:
        sent(sandbox, of(pictures, (GREEN, "green.jpg")), tmp_path, variants="image")
        sent(sandbox, of("http://127.0.0.1:1", (GREEN, "other.jpg")), tmp_path, variants="image")
        journal = Journal(tmp_path, sandbox.store_hash)
        (record,) = journal.variants(PARENT).values()
        journal.close()
    assert record.url == f"{pictures}/green.jpg"
    assert record.image_url
