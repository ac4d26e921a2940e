"""Undo after an interrupted import, against a failing store, and when it is stopped itself."""

import time
from pathlib import Path

import pytest

from importer.sandbox import Fault
from importer.uploader import UndoStatus
from tests.uploader.undo_shop import Shop, ends, interrupted, shop_with


def test_an_interrupted_picture_that_may_have_arrived_is_left_with_advice(shop: Shop) -> None:
    interrupted(shop, 1, "a.jpg")
    (arrived,) = shop.by_hand(1, "a.jpg")
    (line,) = shop.undo()
    assert (line.image_id, line.status) == (None, UndoStatus.UNKNOWN)
    assert "Run the import once more, then undo it." in line.detail
    assert shop.ids(1) == [arrived]


def test_an_interrupted_picture_that_never_arrived_is_waited_for_and_then_forgotten(shop: Shop) -> None:
    (front,) = shop.by_hand(1, "front.jpg")
    interrupted(shop, 1, "a.jpg")
    began = time.monotonic()
    (line,) = shop.undo(settle=0.3)
    assert time.monotonic() - began >= 0.3
    assert line.status == UndoStatus.GONE
    assert (shop.ids(1), shop.recorded()) == ([front], [])


@pytest.mark.parametrize("kind", ["500", "502_html", "429_bare", "reset_before", "reset_after"])
def test_a_failing_store_ends_with_the_gallery_of_before(pictures: str, tmp_path: Path, kind: str) -> None:
    faults = (Fault(1, kind, "PUT"), Fault(2, kind, "DELETE"))
    with shop_with(pictures, tmp_path, faults=faults) as shop:
        before = shop.by_hand(1, "front.jpg", "side.jpg")
        shop.imported(1, "a.jpg", "b.jpg", thumbnail="b.jpg")
        lines = shop.undo(concurrency=1)
        assert [(str(line.status), line.detail) for line in lines] == [("deleted", "")] * 2
        assert (shop.asked("PUT"), shop.asked("DELETE")) == (2, 3)  # both faults struck
        assert (shop.ids(1), shop.thumbnails(1)) == (before, before[:1])
        assert shop.recorded() == []


def test_while_the_thumbnail_cannot_be_handed_over_ours_stays(pictures: str, tmp_path: Path) -> None:
    faults = tuple(Fault(number, "503", "PUT") for number in (1, 2))
    with shop_with(pictures, tmp_path, faults=faults) as shop:
        (front,) = shop.by_hand(1, "front.jpg")
        first, second = shop.imported(1, "a.jpg", "b.jpg", thumbnail="a.jpg")
        lines = shop.undo(attempts=2)
        assert ends(lines) == [(first, "failed"), (second, "deleted")]
        assert (shop.ids(1), shop.thumbnails(1)) == ([front, first], [first])
        assert ends(shop.undo()) == [(first, "deleted")]
        assert (shop.ids(1), shop.thumbnails(1)) == ([front], [front])


def test_a_product_that_is_left_with_two_thumbnails_is_mended(pictures: str, tmp_path: Path) -> None:
    with shop_with(pictures, tmp_path, two_thumbnails=True) as shop:
        front, side = shop.by_hand(1, "front.jpg", "side.jpg")
        ours = shop.imported(1, "a.jpg")
        assert len(shop.thumbnails(1)) == 2
        assert ends(shop.undo()) == [(ours[0], "deleted")]
        assert (shop.ids(1), shop.thumbnails(1)) == ([front, side], [front])
        shop.imported(1)
        shop.by_hand(1, "later.jpg")
        assert len(shop.thumbnails(1)) == 2
        assert shop.undo() == []
        assert shop.thumbnails(1) == [front]
        assert shop.recorded() == []


@pytest.mark.parametrize("kind", ["401", "403"])
def test_a_refused_token_stops_the_undo_and_the_rest_is_not_reached(pictures: str, tmp_path: Path, kind: str) -> None:
    with shop_with(pictures, tmp_path, faults=(Fault(2, kind, "DELETE"),)) as shop:
        for product in (1, 2, 3):
            shop.imported(product, "a.jpg")
        lines = shop.undo(concurrency=1)
        assert [str(line.status) for line in lines] == ["deleted", "not_reached", "not_reached"]
        assert shop.asked("DELETE") == 2
        assert shop.undone.stopped is not None
        assert shop.sandbox.access_token not in repr((lines, str(shop.undone.stopped)))
        assert shop.recorded() == [1, 2, 3]


def test_a_store_that_fails_every_time_stops_the_undo(pictures: str, tmp_path: Path) -> None:
    faults = tuple(Fault(number, "503", "DELETE") for number in range(1, 60))
    with shop_with(pictures, tmp_path, faults=faults) as shop:
        for product in range(1, 13):
            shop.imported(product, "a.jpg")
        lines = shop.undo(concurrency=1, attempts=2)
        assert "in a row" in str(shop.undone.stopped)
        counts = [str(line.status) for line in lines]
        assert (counts.count("failed"), counts.count("not_reached")) == (10, 2)


def test_a_stop_finishes_what_is_under_way_and_the_next_undo_carries_on(shop: Shop) -> None:
    for product in (1, 2, 3):
        shop.by_hand(product, "front.jpg")
        shop.imported(product, "a.jpg", "b.jpg", thumbnail="a.jpg")
    lines = shop.undo(stop_after=3, concurrency=1)
    assert [str(line.status) for line in lines].count("not_reached") == 3
    assert shop.asked("DELETE") == 3
    assert all(len(shop.thumbnails(product)) == 1 for product in (1, 2, 3))
    assert {str(line.status) for line in shop.undo()} == {"deleted"}
    assert shop.asked("DELETE") == 6
    assert all(len(shop.ids(product)) == len(shop.thumbnails(product)) == 1 for product in (1, 2, 3))
    assert shop.recorded() == []


def test_a_small_quota_is_waited_for_and_never_tripped(pictures: str, tmp_path: Path) -> None:
    with shop_with(pictures, tmp_path, quota=8, window_ms=500) as shop:
        for product in range(1, 6):
            shop.imported(product, "a.jpg")
        assert [str(line.status) for line in shop.undo()] == ["deleted"] * 5
        assert all(request.status != 429 for request in shop.requests())
