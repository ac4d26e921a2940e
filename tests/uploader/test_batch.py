"""`--route batch`: up to 10 products in one request, believed only after reading back, and never twice."""

from dataclasses import replace
from pathlib import Path

import pytest

from importer.models import UploadResult
from importer.sandbox import Fault, Sandbox
from importer.uploader.lane import Lane
from tests.uploader.uploading import count, names, rows, running, sent, statuses, thumbnails

FIVE = [f"{name}.jpg" for name in "abcde"]


def routes(result: UploadResult) -> list[str]:
    return [outcome.receipt.route if outcome.receipt else "" for outcome in result.outcomes]


def batches(sandbox: Sandbox) -> int:
    return sum(request.method == "PUT" and request.path.endswith("/products") for request in sandbox.requests())


@pytest.mark.parametrize("semantics", ["append", "replace"])
def test_ten_products_go_in_one_request_whatever_the_store_does_with_pictures_not_named(
    pictures: str, tmp_path: Path, semantics: str
) -> None:
    with running(batch_images=semantics) as sandbox:
        (tmp_path / "other").mkdir()
        sent(sandbox, rows(pictures, (1, "old.jpg"), (7, "old.jpg")), tmp_path / "other")
        posts = count(sandbox, "POST")
        asked = rows(pictures, *((number, name) for number in range(1, 22) for name in FIVE))
        result = sent(sandbox, asked, tmp_path, route="batch", concurrency=2)
        assert set(statuses(result)) == {"uploaded"}
        assert set(routes(result)) == {"batch"}
        assert names(sandbox, 7) == ["old", *"abcde"]
        assert all(names(sandbox, number)[-5:] == list("abcde") for number in range(1, 22))
        assert count(sandbox, "POST") == posts
        assert batches(sandbox) == 4  # one product first, alone
        ids = [outcome.receipt.image_id for outcome in result.outcomes if outcome.receipt]
        assert len(set(ids)) == len(asked)


@pytest.mark.parametrize("failure", ["whole", "partial"])
def test_one_bad_picture_fails_its_own_row_alone(pictures: str, tmp_path: Path, failure: str) -> None:
    asked = rows(pictures, *((number, name) for number in range(1, 12) for name in ("a.jpg", "b.jpg")))
    bad = asked[10]
    asked[10] = type(bad)("", bad.row, bad.product_id, "", "gone", "http://127.0.0.1:1/gone.jpg")
    with running(batch_failure=failure) as sandbox:
        result = sent(sandbox, asked, tmp_path, route="batch", concurrency=1)
        assert statuses(result) == ["failed" if at == 10 else "uploaded" for at in range(22)]
        assert all(names(sandbox, number) == ["a", "b"] for number in range(1, 12) if number != bad.product_id)
        assert names(sandbox, bad.product_id or 0) == ["b"]


@pytest.mark.parametrize(
    "kind",
    ["500", "502_html", "503", "504", "429_bare", "429_headers", "reset_before", "reset_after", "truncated_json"],
)
def test_a_batch_that_ends_in_doubt_leaves_each_picture_once(pictures: str, tmp_path: Path, kind: str) -> None:
    asked = rows(pictures, *((number, name) for number in range(1, 13) for name in ("a.jpg", "b.jpg")))
    with running(faults=(Fault(2, kind, "PUT"),), window_ms=500) as sandbox:
        assert set(statuses(sent(sandbox, asked, tmp_path, route="batch", concurrency=1))) == {"uploaded"}
        assert all(names(sandbox, number) == ["a", "b"] for number in range(1, 13))


def test_a_store_that_takes_no_batches_gets_single_pictures(pictures: str, tmp_path: Path) -> None:
    faults = tuple(Fault(number, "500", "PUT") for number in range(1, 50))
    asked = rows(pictures, *((number, "a.jpg") for number in range(1, 31)))
    with running(faults=faults) as sandbox:
        result = sent(sandbox, asked, tmp_path, route="batch", settle=0.0)
        assert set(statuses(result)) == {"uploaded"}
        assert set(routes(result)) == {"single"}
        assert batches(sandbox) <= 10


def test_pictures_of_one_name_keep_their_rows_and_the_thumbnail_is_the_one_asked_for(
    pictures: str, tmp_path: Path
) -> None:
    asked = rows(pictures, (1, "one/main.jpg"), (1, "two/main.jpg"), (1, "three/main.jpg"))
    asked[1] = type(asked[1])("", 3, 1, "", "two", asked[1].sent_url, "The second", None, True)
    with running() as sandbox:
        result = sent(sandbox, asked, tmp_path, route="batch")
        by_id = {image["id"]: image for image in sandbox.images(1)}
        shown = [by_id[outcome.receipt.image_id or 0] for outcome in result.outcomes if outcome.receipt]
        assert [image["sort_order"] for image in shown] == [0, 1, 2]
        assert [image["description"] for image in shown] == ["", "The second", ""]
        assert [image["is_thumbnail"] for image in shown] == [False, True, False]
        assert thumbnails(sandbox, 1) == ["main"]


def test_a_second_run_sends_nothing(pictures: str, tmp_path: Path) -> None:
    asked = rows(pictures, *((number, "a.jpg") for number in range(1, 13)))
    with running() as sandbox:
        sent(sandbox, asked, tmp_path, route="batch")
        before = batches(sandbox)
        assert set(statuses(sent(sandbox, asked, tmp_path, route="batch"))) == {"already_there"}
        assert batches(sandbox) == before


def test_pictures_of_before_that_vanish_stop_the_run(
    pictures: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = Lane.update
    monkeypatch.setattr(Lane, "update", lambda lane: replace(named(lane), kept=()))
    (tmp_path / "other").mkdir()
    with running(batch_images="replace") as sandbox:
        sent(sandbox, rows(pictures, (1, "old.jpg")), tmp_path / "other")
        result = sent(sandbox, rows(pictures, *((number, "a.jpg") for number in range(1, 15))), tmp_path, route="batch")
        assert names(sandbox, 2) == []  # the first batch was the one product alone
    assert "no longer has 1 of the pictures" in result.stopped
    assert statuses(result) == ["uploaded"] + ["unsent"] * 13
