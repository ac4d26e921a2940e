"""The journal's records: found by store, product and address, seen at once, and there again after reopening."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path

import pytest

from importer.models import StoreImage
from importer.uploader import Journal
from importer.uploader.journal import Entry, ProductRecord, VariantRecord

URL = "https://a.example/x.jpg"
OTHER = "https://a.example/y.jpg"
IMAGE = StoreImage(501, 111, "a/1/x__12345.jpg", "A mug", 0, True, "", "")

Do = Callable[[Journal], Coroutine[None, None, None]]


def in_one_opening(folder: Path, do: Do, store: str = "s") -> None:
    journal = Journal(folder, store)
    try:
        asyncio.run(do(journal))
    finally:
        journal.close()


def test_an_intention_becomes_a_result_and_survives_reopening(tmp_path: Path) -> None:
    async def send(journal: Journal) -> None:
        await journal.intend(111, [URL], newest_id=500)
        assert journal.entries(111) == {URL: Entry(None, "", "", 500)}
        journal.stored(111, URL, IMAGE)
        assert journal.entries(111) == {URL: Entry(501, "a/1/x__12345.jpg", "A mug", 500)}

    async def look(journal: Journal) -> None:
        assert journal.entries(111) == {URL: Entry(501, "a/1/x__12345.jpg", "A mug", 500)}
        assert journal.entries(112) == {}

    in_one_opening(tmp_path, send)
    in_one_opening(tmp_path, look)


def test_records_of_another_store_are_not_ours(tmp_path: Path) -> None:
    async def send(journal: Journal) -> None:
        await journal.begin(111, 7, old=[7])
        await journal.intend(111, [URL], newest_id=0)
        await journal.intend_variant(111, 5, URL, "")
        journal.add_plan("plan-a")

    async def look(journal: Journal) -> None:
        assert journal.entries(111) == {}
        assert journal.product(111) is None
        assert journal.variants(111) == {}
        assert journal.old_pictures(111) == frozenset()
        assert journal.products() == []
        assert journal.plans() == frozenset()

    in_one_opening(tmp_path, send, "store-a")
    in_one_opening(tmp_path, look, "store-b")


def test_a_picture_intended_anew_is_unknown_again(tmp_path: Path) -> None:
    async def send(journal: Journal) -> None:
        await journal.intend(1, [URL, OTHER], newest_id=5)
        journal.stored(1, URL, IMAGE)
        journal.stored(1, OTHER, IMAGE)

    async def again(journal: Journal) -> None:
        await journal.intend(1, [URL], newest_id=9)
        assert journal.entries(1)[URL] == Entry(None, "", "", 9)
        assert journal.entries(1)[OTHER] == Entry(501, "a/1/x__12345.jpg", "A mug", 5)
        journal.forget(1, URL)
        assert list(journal.entries(1)) == [OTHER]

    in_one_opening(tmp_path, send)
    in_one_opening(tmp_path, again)


def test_the_first_thumbnail_is_kept_and_every_run_unsettles_the_product(tmp_path: Path) -> None:
    async def first(journal: Journal) -> None:
        assert journal.product(1) is None
        await journal.begin(1, 40)
        await journal.begin(2, None)
        assert journal.product(1) == ProductRecord(40, settled=False, old_taken=False)
        journal.settle(1)
        journal.settle(2)
        assert journal.product(1) == ProductRecord(40, settled=True, old_taken=False)

    async def second(journal: Journal) -> None:
        await journal.begin(1, 99)
        await journal.begin(2, 99)  # the product had no thumbnail: 99 is one of ours
        assert journal.product(1) == ProductRecord(40, settled=False, old_taken=False)
        assert journal.product(2) == ProductRecord(None, settled=False, old_taken=False)

    in_one_opening(tmp_path, first)
    in_one_opening(tmp_path, second)


def test_old_pictures_are_remembered_until_they_are_deleted(tmp_path: Path) -> None:
    async def first(journal: Journal) -> None:
        await journal.begin(1, 40, old=[40, 41])
        journal.old_deleted(1, 40)

    async def second(journal: Journal) -> None:
        assert journal.old_pictures(1) == {41}
        await journal.begin(1, 41, old=[41, 42])
        assert journal.old_pictures(1) == {41, 42}
        await journal.begin(1, 41)
        assert journal.old_pictures(1) == {41, 42}
        await journal.begin(1, 41, old=[43])
        assert journal.old_pictures(1) == {43}
        assert journal.old_pictures(2) == frozenset()

    in_one_opening(tmp_path, first)
    in_one_opening(tmp_path, second)


def test_that_old_pictures_were_told_apart_is_remembered_even_where_there_are_none(tmp_path: Path) -> None:
    def taken(journal: Journal) -> list[bool]:
        return [record.old_taken for number in (1, 2, 3) if (record := journal.product(number)) is not None]

    async def first(journal: Journal) -> None:
        await journal.begin(1, 40)
        await journal.begin(2, 40, old=[])
        await journal.begin(3, 40, old=[40])
        assert taken(journal) == [False, True, True]
        await journal.begin(2, 40)
        await journal.begin(3, 40)
        assert taken(journal) == [False, True, True]
        journal.old_deleted(3, 40)

    async def second(journal: Journal) -> None:
        assert taken(journal) == [False, True, True]
        await journal.begin(1, 40, old=[])
        assert taken(journal) == [True, True, True]
        assert [journal.old_pictures(number) for number in (1, 2, 3)] == [frozenset()] * 3
        journal.forget_product(3)
        await journal.begin(3, 41)
        assert taken(journal) == [True, True, False]

    in_one_opening(tmp_path, first)
    in_one_opening(tmp_path, second)


def test_a_forgotten_product_has_nothing_to_restore_and_nothing_to_delete(tmp_path: Path) -> None:
    async def undo(journal: Journal) -> None:
        await journal.begin(1, 40, old=[40])
        await journal.begin(2, 50, old=[50])
        journal.forget_product(1)
        assert journal.product(1) is None
        assert journal.old_pictures(1) == frozenset()
        assert journal.product(2) == ProductRecord(50, settled=False, old_taken=True)
        assert journal.old_pictures(2) == {50}
        assert journal.products() == [2]

    in_one_opening(tmp_path, undo)


def test_a_variants_first_picture_is_kept_whatever_is_sent_later(tmp_path: Path) -> None:
    async def first(journal: Journal) -> None:
        await journal.intend_variant(1, 5, URL, "https://cdn.example/before.jpg")
        assert journal.variants(1) == {5: VariantRecord(1, URL, "", "https://cdn.example/before.jpg")}
        journal.variant_stored(5, "https://cdn.example/x.jpg")

    async def second(journal: Journal) -> None:
        assert journal.variants(1)[5].image_url == "https://cdn.example/x.jpg"
        await journal.intend_variant(1, 5, OTHER, "https://cdn.example/x.jpg")
        await journal.intend_variant(1, 6, OTHER, "")
        assert journal.variants(1) == {
            5: VariantRecord(1, OTHER, "", "https://cdn.example/before.jpg"),
            6: VariantRecord(1, OTHER, "", ""),
        }
        journal.forget_variant(5)
        assert list(journal.variants(1)) == [6]

    in_one_opening(tmp_path, first)
    in_one_opening(tmp_path, second)


def test_a_variants_record_is_put_back_after_a_refusal_and_the_first_picture_stays_the_first(tmp_path: Path) -> None:
    async def send(journal: Journal) -> None:
        await journal.intend_variant(1, 5, URL, "https://cdn.example/before.jpg")
        await journal.intend_variant(1, 6, URL, "")
        journal.variant_stored(5, "https://cdn.example/x.jpg")
        earlier = journal.variants(1)[5]
        await journal.intend_variant(1, 5, OTHER, "https://cdn.example/x.jpg")
        journal.restore_variant(5, replace(earlier, image_url_before="https://cdn.example/x.jpg"))

    async def look(journal: Journal) -> None:
        assert journal.variants(1) == {
            5: VariantRecord(1, URL, "https://cdn.example/x.jpg", "https://cdn.example/before.jpg"),
            6: VariantRecord(1, URL, "", ""),
        }

    in_one_opening(tmp_path, send)
    in_one_opening(tmp_path, look)


def test_every_import_that_was_run_with_the_journal_is_remembered_once(tmp_path: Path) -> None:
    async def first(journal: Journal) -> None:
        assert journal.plans() == frozenset()
        journal.add_plan("plan-a")
        assert journal.plans() == {"plan-a"}

    async def second(journal: Journal) -> None:
        journal.add_plan("plan-a")
        journal.add_plan("plan-b")
        assert journal.plans() == {"plan-a", "plan-b"}
        assert journal.products() == []

    in_one_opening(tmp_path, first)
    in_one_opening(tmp_path, second)


def test_every_product_with_any_record_is_listed_once_in_order(tmp_path: Path) -> None:
    async def send(journal: Journal) -> None:
        await journal.intend(30, [URL, OTHER], newest_id=0)
        await journal.begin(4, None)
        await journal.begin(30, None)
        await journal.intend_variant(200, 5, URL, "")
        assert journal.products() == [4, 30, 200]

    in_one_opening(tmp_path, send)


def test_opened_says_how_long_this_process_has_had_the_journal(tmp_path: Path) -> None:
    before = time.monotonic()
    journal = Journal(tmp_path, "s")
    assert before <= journal.opened <= time.monotonic()
    journal.close()


@pytest.mark.parametrize("url", ["https://a.example/'; DROP TABLE picture; --", "https://a.example/é☕.jpg", ""])
def test_an_address_is_kept_as_it_is_whatever_is_in_it(tmp_path: Path, url: str) -> None:
    async def send(journal: Journal) -> None:
        await journal.intend(1, [url], newest_id=0)

    async def look(journal: Journal) -> None:
        assert list(journal.entries(1)) == [url]

    in_one_opening(tmp_path, send)
    in_one_opening(tmp_path, look)
