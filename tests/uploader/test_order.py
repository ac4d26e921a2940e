"""After the last picture of a product: order, thumbnail and copies are read back and put right."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from importer.models import ProblemCode
from importer.sandbox import Fault
from importer.uploader import Journal
from tests.uploader.uploading import (
    count,
    interrupted,
    names,
    notes,
    rows,
    running,
    sent,
    statuses,
    thumbnails,
    written,
)

ABC = ("a.jpg", "b.jpg", "c.jpg")


def test_many_products_are_read_back_in_one_request_and_nothing_is_written_where_all_is_well(
    pictures: str, tmp_path: Path
) -> None:
    asked = rows(pictures, *((number, name) for number in range(1, 31) for name in ABC))
    with running() as sandbox:
        assert set(statuses(sent(sandbox, asked, tmp_path))) == {"uploaded"}
        assert count(sandbox, "GET") == 3  # looked up, read anew, and read back
        assert count(sandbox, "PUT") == 0


def test_a_store_that_shuffles_is_put_right(pictures: str, tmp_path: Path) -> None:
    asked = rows(pictures, *((number, f"{name}.jpg") for number in (1, 2, 3) for name in "abcde"))
    with running(shuffle=True) as sandbox:
        assert set(statuses(sent(sandbox, asked, tmp_path))) == {"uploaded"}
        assert [names(sandbox, number) for number in (1, 2, 3)] == [list("abcde")] * 3
        writes = [request for request in sandbox.requests() if request.method in {"PUT", "POST"}]
        assert {request.in_flight_same_product for request in writes} == {1}


@pytest.mark.parametrize("store", [{"lose_thumbnail": True}, {"two_thumbnails": True}])
@pytest.mark.parametrize("wanted", [None, 0, 2])
def test_exactly_one_thumbnail_is_left_and_the_right_one(
    pictures: str, tmp_path: Path, store: dict[str, bool], wanted: int | None
) -> None:
    asked = [
        *rows(pictures, *((1, name) for name in ABC[: wanted or 0])),
        *(rows(pictures, (1, ABC[wanted]), is_thumbnail=True) if wanted is not None else []),
        *rows(pictures, *((1, name) for name in ABC[(-1 if wanted is None else wanted) + 1 :])),
    ]
    with running(**store) as sandbox:
        assert statuses(sent(sandbox, asked, tmp_path)) == ["uploaded"] * 3
        shown = thumbnails(sandbox, 1)
    assert len(shown) == 1
    if wanted is not None:
        assert shown == [ABC[wanted][0]]


def test_of_two_rows_that_ask_to_be_the_thumbnail_the_first_is_it(pictures: str, tmp_path: Path) -> None:
    asked = rows(pictures, (1, "a.jpg"), (1, "b.jpg"), is_thumbnail=True)
    with running() as sandbox:
        sent(sandbox, asked, tmp_path)
        assert thumbnails(sandbox, 1) == ["a"]


def test_a_row_that_comes_late_is_put_where_the_file_has_it(pictures: str, tmp_path: Path) -> None:
    asked = rows(pictures, (1, "a.jpg"), (1, "b.jpg"), (1, "c.jpg"))
    with running(faults=(Fault(2, "503"),)) as sandbox:
        first = sent(sandbox, asked, tmp_path, concurrency=1, attempts=1, settle=0.0)
        assert statuses(first) == ["uploaded", "failed", "uploaded"]
        assert statuses(sent(sandbox, asked, tmp_path)) == ["already_there", "uploaded", "already_there"]
        assert names(sandbox, 1) == ["a", "b", "c"]


@pytest.mark.parametrize("left", ["c", "cd", "dc"])
def test_rows_that_were_left_go_behind_what_earlier_runs_sent(pictures: str, tmp_path: Path, left: str) -> None:
    """A file of the rows that were left, as the sheet to mend is, or next week's file with the new pictures alone."""
    with running() as sandbox:
        sent(sandbox, rows(pictures, (1, "a.jpg"), (1, "b.jpg")), tmp_path)
        assert set(statuses(sent(sandbox, rows(pictures, *((1, f"{name}.jpg") for name in left)), tmp_path))) == {
            "uploaded"
        }
        assert names(sandbox, 1) == [*"ab", *left]
        assert thumbnails(sandbox, 1) == ["a"]


def test_what_somebody_moved_after_the_import_is_left_there(pictures: str, tmp_path: Path) -> None:
    asked = rows(pictures, (1, "a.jpg"), (1, "b.jpg"), (1, "c.jpg"))
    with running() as sandbox:
        sent(sandbox, asked[:2], tmp_path)
        first = sandbox.images(1)[0]["id"]
        written(sandbox, "PUT", f"/catalog/products/1/images/{first}", {"sort_order": 7})
        sent(sandbox, asked, tmp_path)
        assert names(sandbox, 1)[-1] == "a"


def test_equal_positions_in_the_file_are_kept(pictures: str, tmp_path: Path) -> None:
    asked = rows(pictures, (1, "a.jpg"), (1, "b.jpg"), sort_order=4)
    with running() as sandbox:
        sent(sandbox, asked, tmp_path)
        assert [image["sort_order"] for image in sandbox.images(1)] == [4, 4]
        assert count(sandbox, "PUT") == 0


def test_a_product_that_was_not_put_right_is_put_right_by_the_next_run(pictures: str, tmp_path: Path) -> None:
    asked = rows(pictures, (1, "a.jpg"), (1, "b.jpg"), (1, "c.jpg"))
    with running(shuffle=True) as sandbox:
        sent(sandbox, asked, tmp_path, stop_at=3)
        assert names(sandbox, 1) != ["a", "b", "c"]
        assert statuses(sent(sandbox, asked, tmp_path)) == ["already_there"] * 3
        assert names(sandbox, 1) == ["a", "b", "c"]


def test_a_copy_that_arrives_after_all_is_deleted(pictures: str, tmp_path: Path) -> None:
    """The store is still storing the picture of an earlier process when ours has waited long enough."""
    asked = rows(pictures, (1, "a.jpg"), (1, "b.jpg"))
    with running(latency_ms=150) as sandbox:
        interrupted(tmp_path, sandbox, 1, asked[0].sent_url)
        late: list[str] = []

        def arrive(_: object) -> None:
            if not late:
                late.append("once")
                body = {"image_url": asked[0].sent_url, "sort_order": 0}
                written(sandbox, "POST", "/catalog/products/1/images", body)

        with ThreadPoolExecutor(1) as other:
            result = sent(sandbox, asked, tmp_path, settle=0.0, watch=lambda row: other.submit(arrive, row).result())
        assert statuses(result) == ["uploaded", "uploaded"]
        assert count(sandbox, "POST") == 3
        assert names(sandbox, 1) == ["a", "b"]


def test_pictures_that_are_gone_when_read_back_are_told_and_sent_by_the_next_run(pictures: str, tmp_path: Path) -> None:
    asked = rows(pictures, (1, "a.jpg"), (2, "b.jpg"))
    with running(deletes=((4, 2),)) as sandbox:
        result = sent(sandbox, asked, tmp_path, concurrency=1)
    assert statuses(result) == ["uploaded", "failed"]
    assert result.outcomes[1].problem is not None
    assert "gone" in result.outcomes[1].problem.detail
    journal = Journal(tmp_path, sandbox.store_hash)
    assert list(journal.entries(2)) == [asked[1].sent_url]  # the next run asks for it by its id
    journal.close()
    assert notes(result)[0] == ""


def test_a_new_picture_of_the_same_name_that_may_be_somebodys_is_left_and_told(pictures: str, tmp_path: Path) -> None:
    asked = rows(pictures, (1, "a.jpg"), (1, "b.jpg"))
    with running(latency_ms=150) as sandbox:
        interrupted(tmp_path, sandbox, 1, asked[0].sent_url)
        once: list[str] = []

        def somebody(_: object) -> None:
            if not once:
                once.append("done")
                body = {"image_url": asked[0].sent_url, "sort_order": 9}
                written(sandbox, "POST", "/catalog/products/1/images", body)

        with ThreadPoolExecutor(1) as other:
            result = sent(sandbox, asked, tmp_path, settle=0.0, watch=lambda row: other.submit(somebody, row).result())
        assert names(sandbox, 1) == ["a", "b", "a"]
    assert result.outcomes[0].problem is not None
    assert result.outcomes[0].problem.code == ProblemCode.UPLOAD_UNCERTAIN
    assert "may be a second copy" in result.outcomes[0].problem.detail


def test_a_product_that_can_not_be_read_back_is_told_and_put_right_by_the_next_run(
    pictures: str, tmp_path: Path
) -> None:
    asked = rows(pictures, (1, "a.jpg"), (1, "b.jpg"), (1, "c.jpg"))
    faults = tuple(Fault(number, "503", "GET") for number in range(4, 40))
    with running(shuffle=True, faults=faults) as sandbox:
        result = sent(sandbox, asked, tmp_path, attempts=2)
        assert statuses(result) == ["uploaded"] * 3
        assert result.stopped == "" or "asked" in result.stopped
    journal = Journal(tmp_path, sandbox.store_hash)
    record = journal.product(1)
    journal.close()
    assert record is not None
    assert not record.settled
