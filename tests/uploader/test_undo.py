"""Undo against the pretend store: the import's pictures go, everything else is as it was before it."""

import asyncio
from pathlib import Path

from importer.uploader import UndoStatus, UndoSurvey
from tests.uploader.undo_shop import Shop, ends, interrupted, shop_with


def test_exactly_the_imports_pictures_go_and_the_thumbnail_of_before_is_back(shop: Shop) -> None:
    front, side = shop.by_hand(1, "front.jpg", "side.jpg")
    shop.change(1, side, is_thumbnail=True)
    ours = shop.imported(1, "a.jpg", "b.jpg", "c.jpg", thumbnail="b.jpg")
    (later,) = shop.by_hand(1, "later.jpg", sort_order=9)
    assert shop.thumbnails(1) == [ours[1]]
    assert ends(shop.undo()) == [(number, "deleted") for number in ours]
    assert shop.ids(1) == [front, side, later]
    assert shop.thumbnails(1) == [side]
    assert shop.recorded() == []


def test_the_thumbnail_is_handed_over_before_the_first_picture_is_deleted(shop: Shop) -> None:
    shop.by_hand(1, "front.jpg")
    shop.imported(1, "a.jpg", "b.jpg", thumbnail="a.jpg")
    shop.undo()
    writes = [request.method for request in shop.requests() if request.method in {"PUT", "DELETE"}]
    assert writes == ["PUT", "DELETE", "DELETE"]


def test_a_thumbnail_that_the_import_did_not_displace_costs_no_request(shop: Shop) -> None:
    (front,) = shop.by_hand(1, "front.jpg")
    shop.imported(1, "a.jpg")
    shop.undo()
    assert (shop.asked("PUT"), shop.thumbnails(1)) == (0, [front])


def test_a_product_that_was_empty_is_empty_again(shop: Shop) -> None:
    ours = shop.imported(1, "a.jpg", "b.jpg")
    assert ends(shop.undo()) == [(number, "deleted") for number in ours]
    assert shop.ids(1) == []
    assert shop.asked("PUT") == 0


def test_a_second_undo_has_nothing_to_do(shop: Shop) -> None:
    shop.imported(1, "a.jpg")
    shop.undo()
    seen = len(shop.requests())
    assert shop.undo() == []
    assert len(shop.requests()) == seen


def test_what_is_gone_already_is_reported_and_forgotten(shop: Shop) -> None:
    first, second = shop.imported(1, "a.jpg", "b.jpg")
    shop.delete(1, first)
    assert ends(shop.undo()) == [(first, "gone"), (second, "deleted")]
    assert shop.recorded() == []
    # The product's own list was asked before a record was forgotten.
    assert any(request.method == "GET" and "/products/1/images" in request.path for request in shop.requests())


def test_a_picture_that_someone_has_edited_is_left_and_reported_each_time(shop: Shop) -> None:
    first, second = shop.imported(1, "a.jpg", "b.jpg")
    shop.change(1, second, description="Written by hand")
    for expected in ([(first, "deleted"), (second, "changed")], [(second, "changed")]):
        lines = shop.undo()
        assert ends(lines) == expected
    assert "description" in lines[0].detail
    assert shop.ids(1) == [second]
    assert shop.recorded() == [1]


def test_a_new_place_in_the_gallery_is_no_edit(shop: Shop) -> None:
    (first,) = shop.imported(1, "a.jpg")
    shop.change(1, first, sort_order=7)
    assert ends(shop.undo()) == [(first, "deleted")]


def test_a_product_that_is_gone_takes_its_records_with_it(shop: Shop) -> None:
    async def record() -> None:
        with shop.journal() as journal:
            await journal.begin(987_654, 5)
            await journal.intend(987_654, ["https://a.example/x.jpg", "https://a.example/y.jpg"], 5)

    asyncio.run(record())
    lines = shop.undo()
    assert [line.status for line in lines] == [UndoStatus.GONE] * 2
    assert "product itself" in lines[0].detail
    assert shop.recorded() == []


def test_a_thumbnail_that_someone_has_chosen_since_is_left_and_told(shop: Shop) -> None:
    front, side = shop.by_hand(1, "front.jpg", "side.jpg")
    shop.imported(1, "a.jpg", thumbnail="a.jpg")
    shop.change(1, side, is_thumbnail=True)
    (line,) = shop.undo()
    assert (line.status, shop.thumbnails(1)) == (UndoStatus.DELETED, [side])
    assert "thumbnail" in line.detail
    assert shop.asked("PUT") == 1  # the one by hand
    assert shop.ids(1) == [front, side]


def test_where_the_thumbnail_of_before_is_gone_the_first_of_the_others_is_made_it(shop: Shop) -> None:
    front, side = shop.by_hand(1, "front.jpg", "side.jpg")
    ours = shop.imported(1, "a.jpg", "b.jpg", thumbnail="b.jpg")
    shop.delete(1, front)
    lines = shop.undo()
    assert (shop.ids(1), shop.thumbnails(1)) == ([side], [side])
    assert ends(lines) == [(number, "deleted") for number in ours]
    assert any("gone" in line.detail for line in lines)


def test_our_edited_thumbnail_stays_the_thumbnail(shop: Shop) -> None:
    shop.by_hand(1, "front.jpg")
    first, second = shop.imported(1, "a.jpg", "b.jpg", thumbnail="a.jpg")
    shop.change(1, first, description="Better words")
    assert ends(shop.undo()) == [(first, "changed"), (second, "deleted")]
    assert shop.thumbnails(1) == [first]


def test_pictures_that_were_still_to_be_replaced_stay_for_good(shop: Shop) -> None:
    old = shop.by_hand(1, "front.jpg", "side.jpg")
    first, _ = shop.imported(1, "a.jpg", "b.jpg", old=old)
    shop.change(1, first, description="By hand")  # so that the product is not done with
    with shop.journal() as journal:
        assert journal.old_pictures(1) == frozenset(old)
    shop.undo()
    with shop.journal() as journal:
        assert journal.old_pictures(1) == frozenset()
    assert sorted(shop.ids(1)) == [*old, first]


def test_products_go_side_by_side_but_never_two_writes_on_one(pictures: str, tmp_path: Path) -> None:
    with shop_with(pictures, tmp_path, latency_ms=30) as shop:
        for product in range(1, 5):
            shop.by_hand(product, "front.jpg")
            shop.imported(product, "a.jpg", "b.jpg", thumbnail="b.jpg")
        seen = len(shop.requests())
        assert len(shop.undo(concurrency=3)) == 8
        requests = shop.requests()[seen:]
        writes = [request for request in requests if request.method != "GET"]
        assert {request.in_flight_same_product for request in writes} == {1}
        assert max(request.peak for request in writes) == 3
        # One request reads all products before, one after.
        assert len(requests) - len(writes) == 2
        assert all(len(shop.ids(product)) == len(shop.thumbnails(product)) == 1 for product in range(1, 5))


def test_the_survey_counts_and_writes_nothing(shop: Shop) -> None:
    old = shop.by_hand(1, "front.jpg")
    first, _ = shop.imported(1, "a.jpg", "b.jpg", thumbnail="a.jpg")
    shop.change(1, first, description="By hand")
    shop.imported(2, "a.jpg")
    interrupted(shop, 3, "a.jpg")
    shop.delete(1, old[0])
    seen = len(shop.requests())
    found = shop.survey()
    assert found == UndoSurvey(records=4, products=2, pictures=2, changed=1, doubtful=1, pictures_lost=1)
    assert [request.method for request in shop.requests()[seen:]] == ["GET"]
