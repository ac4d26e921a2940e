"""Sending to the pretend store over real HTTPS: each picture exactly once, in order, whatever the store does."""

import asyncio
from pathlib import Path

import pytest

from importer.models import ImageRow, Status
from importer.sandbox import Fault
from importer.uploader import Journal
from tests.uploader.uploading import count, interrupted, names, rows, running, sent, statuses, written


def test_rows_of_a_product_arrive_in_order_with_their_alt_text_and_thumbnail(pictures: str, tmp_path: Path) -> None:
    asked = rows(pictures, (1, "front.jpg"), (2, "other.jpg"), (1, "side.jpg"), (1, "back.jpg"), description="Ein Café")
    asked[3] = ImageRow("", 5, 1, "", "back", f"{pictures}/back.jpg", "Back", None, True)
    with running() as sandbox:
        result = sent(sandbox, asked, tmp_path)
        assert statuses(result) == ["uploaded"] * 4
        assert names(sandbox, 1) == ["front", "side", "back"]
        images = sorted(sandbox.images(1), key=lambda image: image["sort_order"])
        assert [image["sort_order"] for image in images] == [0, 1, 2]
        assert [image["is_thumbnail"] for image in images] == [False, False, True]
        assert [image["description"] for image in images] == ["Ein Café", "Ein Café", "Back"]
    for outcome, row in zip(result.outcomes, asked, strict=True):
        assert outcome.source is row
        assert outcome.receipt is not None
        assert outcome.receipt.image_id
        assert (outcome.receipt.attempts, outcome.receipt.route) == (1, "single")
        assert outcome.receipt.request_id


def test_an_explicit_sort_order_is_kept_and_the_next_row_follows_it(pictures: str, tmp_path: Path) -> None:
    asked = rows(pictures, (1, "a.jpg"), (1, "b.jpg"), (1, "c.jpg"))
    asked[1] = ImageRow("", 3, 1, "", "b", f"{pictures}/b.jpg", "", 7)
    with running() as sandbox:
        sent(sandbox, asked, tmp_path)
        assert sorted(image["sort_order"] for image in sandbox.images(1)) == [0, 7, 8]


def test_products_go_side_by_side_but_never_two_writes_on_one(pictures: str, tmp_path: Path) -> None:
    asked = rows(pictures, *((number % 6 + 1, f"{number}.jpg") for number in range(36)))
    with running(latency_ms=30) as sandbox:
        assert set(statuses(sent(sandbox, asked, tmp_path, concurrency=4))) == {"uploaded"}
        writes = [request for request in sandbox.requests() if request.method == "POST"]
        assert {request.in_flight_same_product for request in writes} == {1}
        assert max(request.peak for request in writes) == 4
        assert all(len(sandbox.images(number)) == 6 for number in range(1, 7))


def test_the_same_import_again_sends_nothing(pictures: str, tmp_path: Path) -> None:
    asked = rows(pictures, (1, "a.jpg"), (1, "b.jpg"), (2, "a.jpg"))
    with running() as sandbox:
        first = sent(sandbox, asked, tmp_path)
        again = sent(sandbox, asked, tmp_path)
        assert count(sandbox, "POST") == 3
    assert statuses(again) == ["already_there"] * 3
    ids = [[outcome.receipt.image_id for outcome in run.outcomes if outcome.receipt] for run in (first, again)]
    assert ids[0] == ids[1]


def test_a_picture_that_was_deleted_in_the_store_is_sent_again(pictures: str, tmp_path: Path) -> None:
    asked = rows(pictures, (1, "a.jpg"), (1, "b.jpg"))
    with running() as sandbox:
        first = sent(sandbox, asked, tmp_path)
        assert first.outcomes[0].receipt is not None
        gone = first.outcomes[0].receipt.image_id

        written(sandbox, "DELETE", f"/catalog/products/1/images/{gone}")
        assert statuses(sent(sandbox, asked, tmp_path)) == ["uploaded", "already_there"]
        assert sorted(names(sandbox, 1)) == ["a", "b"]


@pytest.mark.parametrize(
    "kind",
    ["500", "502_html", "503", "504", "429_bare", "reset_before", "reset_after", "truncated_json", "empty_200"],
)
def test_a_failing_store_ends_with_each_picture_exactly_once(pictures: str, tmp_path: Path, kind: str) -> None:
    asked = rows(pictures, *((number, name) for number in (1, 2) for name in ("a.jpg", "b.jpg", "c.jpg")))
    with running(faults=(Fault(2, kind), Fault(5, kind))) as sandbox:
        result = sent(sandbox, asked, tmp_path, concurrency=1)
        assert statuses(result) == ["uploaded"] * 6
        assert [names(sandbox, number) for number in (1, 2)] == [["a", "b", "c"]] * 2
    assert any(outcome.receipt and outcome.receipt.attempts > 0 for outcome in result.outcomes)


def test_an_answer_later_than_our_patience_is_not_sent_twice(pictures: str, tmp_path: Path) -> None:
    with running(faults=(Fault(1, "late"),)) as sandbox:
        result = sent(sandbox, rows(pictures, (1, "a.jpg"), (1, "b.jpg")), tmp_path, timeout=1.0)
        assert statuses(result) == ["uploaded"] * 2
        assert names(sandbox, 1) == ["a", "b"]


def test_a_small_quota_is_waited_for_and_never_tripped(pictures: str, tmp_path: Path) -> None:
    asked = rows(pictures, *((number, "a.jpg") for number in range(1, 13)))
    with running(quota=6, window_ms=700) as sandbox:
        assert set(statuses(sent(sandbox, asked, tmp_path))) == {"uploaded"}
        assert all(request.status == 200 for request in sandbox.requests())


@pytest.mark.parametrize("kind", ["401", "403"])
def test_a_refused_token_stops_the_run_and_leaves_the_rest_unsent(pictures: str, tmp_path: Path, kind: str) -> None:
    asked = rows(pictures, *((number, "a.jpg") for number in range(1, 6)))
    with running(faults=(Fault(3, kind),)) as sandbox:
        result = sent(sandbox, asked, tmp_path, concurrency=1)
        assert statuses(result) == ["uploaded", "uploaded", "unsent", "unsent", "unsent"]
        assert count(sandbox, "POST") == 3
        assert sandbox.access_token not in repr(result)
    assert "access token" in result.stopped
    assert {outcome.problem.code for outcome in result.outcomes if outcome.problem} == {"store_rejected"}


def test_a_store_that_fails_every_time_stops_the_run(pictures: str, tmp_path: Path) -> None:
    asked = rows(pictures, *((number, "a.jpg") for number in range(1, 16)))
    with running(faults=tuple(Fault(number, "503") for number in range(1, 100))) as sandbox:
        result = sent(sandbox, asked, tmp_path, concurrency=2, attempts=2, settle=0.0)
    assert "in a row" in result.stopped
    assert statuses(result).count("failed") >= 9
    assert statuses(result).count("unsent") >= 3


def test_a_stop_lets_rows_under_way_finish_and_the_next_run_carries_on(pictures: str, tmp_path: Path) -> None:
    asked = rows(pictures, *((number, name) for number in range(1, 5) for name in ("a.jpg", "b.jpg")))
    with running(latency_ms=20) as sandbox:
        result = sent(sandbox, asked, tmp_path, concurrency=2, stop_at=3)
        assert result.stopped == ""
        # Two at a time: when the third is told of, the fourth may have been answered and two more have left.
        assert 3 <= statuses(result).count("uploaded") <= 6
        assert statuses(result).count("unsent") == 8 - statuses(result).count("uploaded")
        again = sent(sandbox, asked, tmp_path)
        assert "unsent" not in statuses(again)
        assert count(sandbox, "POST") == 8
        assert all(names(sandbox, number) == ["a", "b"] for number in range(1, 5))


def test_a_crash_after_the_store_took_the_picture_is_not_repeated(pictures: str, tmp_path: Path) -> None:
    asked = rows(pictures, (1, "a.jpg"), (1, "b.jpg"))
    with running() as sandbox:
        sent(sandbox, asked[:1], tmp_path)
        interrupted(tmp_path, sandbox, 1, asked[0].sent_url)
        result = sent(sandbox, asked, tmp_path)
        assert statuses(result) == ["already_there", "uploaded"]
        assert names(sandbox, 1) == ["a", "b"]
    assert "interrupted" in result.outcomes[0].note


def test_a_crash_before_the_store_took_the_picture_is_made_good(pictures: str, tmp_path: Path) -> None:
    asked = rows(pictures, (1, "a.jpg"))
    with running() as sandbox:
        interrupted(tmp_path, sandbox, 1, asked[0].sent_url)
        assert statuses(sent(sandbox, asked, tmp_path)) == ["uploaded"]
        assert names(sandbox, 1) == ["a"]


def test_a_stop_while_an_open_question_settles_sends_nothing_again(pictures: str, tmp_path: Path) -> None:
    """The store may still be storing the picture of the run that was killed: giving up waiting decides nothing."""
    asked = rows(pictures, (1, "a.jpg"))
    with running() as sandbox:
        interrupted(tmp_path, sandbox, 1, asked[0].sent_url)
        result = sent(sandbox, asked, tmp_path, settle=5.0, after=0.3)
        assert statuses(result) == ["unsent"]
        assert count(sandbox, "POST") == 0
    journal = Journal(tmp_path, sandbox.store_hash)
    assert journal.entries(1)[asked[0].sent_url].image_id is None  # the next run asks again
    journal.close()


def test_a_sibling_of_the_same_name_is_not_taken_for_the_row_that_was_cut_off(pictures: str, tmp_path: Path) -> None:
    asked = rows(pictures, (1, "one/main.jpg"), (1, "two/main.jpg"))
    with running() as sandbox:
        interrupted(tmp_path, sandbox, 1, asked[0].sent_url)
        sent(sandbox, asked[1:], tmp_path)
        assert statuses(sent(sandbox, asked, tmp_path)) == ["uploaded", "already_there"]
        assert names(sandbox, 1) == ["main", "main"]


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_a_new_row_does_not_take_the_picture_of_a_row_that_was_cut_off(
    pictures: str, tmp_path: Path, order: list[int]
) -> None:
    cut_off, new = rows(pictures, (1, "main.jpg?v=1"), (1, "main.jpg?v=2"))
    with running() as sandbox:
        sent(sandbox, [cut_off], tmp_path)
        interrupted(tmp_path, sandbox, 1, cut_off.sent_url)
        result = sent(sandbox, [[cut_off, new][place] for place in order], tmp_path)
        assert sorted(statuses(result)) == ["already_there", "uploaded"]
        assert names(sandbox, 1) == ["main", "main"]
        assert len({outcome.receipt.image_id for outcome in result.outcomes if outcome.receipt}) == 2


def test_a_picture_of_the_same_name_that_was_there_before_is_skipped_or_added(pictures: str, tmp_path: Path) -> None:
    asked = rows(pictures, (1, "a.jpg"), (1, "elsewhere/a.jpg"))
    with running() as sandbox:
        (tmp_path / "before").mkdir()
        (tmp_path / "now").mkdir()
        sent(sandbox, asked[:1], tmp_path / "before")
        result = sent(sandbox, asked[:1], tmp_path / "now")
        assert statuses(result) == ["probably_there"]
        assert "most likely the same" in result.outcomes[0].note
        (tmp_path / "add").mkdir()
        assert statuses(sent(sandbox, asked[:1], tmp_path / "add", existing="add")) == ["uploaded"]
        assert names(sandbox, 1) == ["a", "a"]
        # Two pictures of this name say nothing of a third address, nor does one of two addresses.
        assert statuses(sent(sandbox, asked[1:], tmp_path / "now")) == ["uploaded"]
        sent(sandbox, rows(pictures, (2, "a.jpg")), tmp_path / "before")
        both = rows(pictures, (2, "a.jpg"), (2, "elsewhere/a.jpg"))
        assert statuses(sent(sandbox, both, tmp_path / "now")) == ["uploaded"] * 2


def test_what_the_store_refuses_is_quoted_beside_what_we_saw(tmp_path: Path) -> None:
    nowhere = "http://127.0.0.1:1/x.jpg"
    with running() as sandbox:
        result = sent(sandbox, [ImageRow("", 2, 1, "", nowhere, nowhere)], tmp_path)
    (outcome,) = result.outcomes
    assert outcome.status is Status.FAILED
    assert outcome.problem is not None
    assert outcome.problem.code == "store_could_not_fetch"
    assert "could not be downloaded" in outcome.problem.detail


def test_what_somebody_uploaded_since_the_look_up_is_not_taken_for_ours(pictures: str, tmp_path: Path) -> None:
    """Products are read anew before they are written to, so that only what comes after that can be ours."""
    asked = rows(pictures, (1, "mug.jpg"))
    with running(faults=(Fault(2, "503"),), latency_ms=20) as sandbox:

        async def before(checked: object) -> None:
            body = {"image_url": asked[0].sent_url, "description": "by hand", "sort_order": 5}
            await asyncio.to_thread(written, sandbox, "POST", "/catalog/products/1/images", body)

        result = sent(sandbox, asked, tmp_path, before=before)
        assert statuses(result) == ["probably_there"]
        assert "most likely the same" in result.outcomes[0].note
        journal = Journal(tmp_path, sandbox.store_hash)
        assert journal.entries(1) == {}  # so that an undo never deletes it
        journal.close()


def test_a_row_of_which_nobody_knows_is_not_called_unsent(pictures: str, tmp_path: Path) -> None:
    asked = rows(pictures, (1, "a.jpg"), (1, "b.jpg"))
    faults = (Fault(1, "reset_after"), *(Fault(number, "401", "GET") for number in range(3, 9)))
    with running(faults=faults) as sandbox:
        result = sent(sandbox, asked, tmp_path, concurrency=1)
        assert names(sandbox, 1) == ["a"]
    assert statuses(result) == ["unsent"] * 2
    details = [outcome.problem.detail for outcome in result.outcomes if outcome.problem]
    assert "before it was certain" in details[0]
    assert details[1].startswith("Not sent.")
