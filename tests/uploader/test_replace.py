"""`--existing replace`: all new pictures in and confirmed, only then the old ones go."""

from pathlib import Path
from typing import Any

import pytest

from importer.sandbox import Fault, Sandbox
from importer.uploader import Remainder
from tests.uploader.uploading import count, names, notes, rows, running, sent, statuses, thumbnails

OLD = ((1, "old-1.jpg"), (1, "old-2.jpg"))
NEW = ((1, "new-1.jpg"), (1, "new-2.jpg"))


def filled(sandbox: Sandbox, pictures: str, folder: Path, *asked: tuple[int, str]) -> None:
    """Pictures that another tool put there."""
    folder.mkdir(exist_ok=True)
    sent(sandbox, rows(pictures, *asked), folder)


def test_the_old_gallery_goes_once_all_new_pictures_are_in(pictures: str, tmp_path: Path) -> None:
    with running() as sandbox:
        filled(sandbox, pictures, tmp_path / "other", *OLD, (2, "stays.jpg"))
        result = sent(sandbox, rows(pictures, *NEW), tmp_path, existing="replace")
        assert statuses(result) == ["uploaded"] * 2
        assert names(sandbox, 1) == ["new-1", "new-2"]
        assert thumbnails(sandbox, 1) == ["new-1"]
        assert names(sandbox, 2) == ["stays"]
        order = [request.method for request in sandbox.requests() if request.method in {"POST", "DELETE"}]
        assert order[-4:] == ["POST", "POST", "DELETE", "DELETE"]
    assert "took the place of 2 old ones" in notes(result)[0]


def test_an_old_picture_of_the_same_name_is_replaced_too(pictures: str, tmp_path: Path) -> None:
    with running() as sandbox:
        filled(sandbox, pictures, tmp_path / "other", (1, "front.jpg"))
        before = sandbox.images(1)[0]["id"]
        assert statuses(sent(sandbox, rows(pictures, (1, "front.jpg")), tmp_path, existing="replace")) == ["uploaded"]
        assert [image["id"] for image in sandbox.images(1)] != [before]
        assert names(sandbox, 1) == ["front"]


@pytest.mark.parametrize(
    ("store", "run"),
    [({"faults": (Fault(4, "503"),)}, {}), ({}, {"remainder": Remainder({1: "Held."})})],
    ids=["failed", "rejected"],
)
def test_a_failure_leaves_the_old_gallery_whole(
    pictures: str, tmp_path: Path, store: dict[str, Any], run: dict[str, Any]
) -> None:
    with running(**store) as sandbox:
        filled(sandbox, pictures, tmp_path / "other", *OLD)
        sent(sandbox, rows(pictures, *NEW), tmp_path, existing="replace", attempts=1, settle=0.0, **run)
        assert set(names(sandbox, 1)) >= {"old-1", "old-2"}
        assert count(sandbox, "DELETE") == 0
        assert len(thumbnails(sandbox, 1)) == 1
        sent(sandbox, rows(pictures, *NEW), tmp_path, existing="replace")
        assert names(sandbox, 1) == ["new-1", "new-2"]


def test_a_second_run_deletes_nothing_that_somebody_added_since(pictures: str, tmp_path: Path) -> None:
    with running() as sandbox:
        filled(sandbox, pictures, tmp_path / "other", *OLD)
        sent(sandbox, rows(pictures, *NEW), tmp_path, existing="replace")
        filled(sandbox, pictures, tmp_path / "other", (1, "added.jpg"))
        assert statuses(sent(sandbox, rows(pictures, *NEW), tmp_path, existing="replace")) == ["already_there"] * 2
        assert names(sandbox, 1) == ["new-1", "new-2", "added"]


def test_a_run_stopped_before_the_old_ones_went_is_carried_on(pictures: str, tmp_path: Path) -> None:
    with running() as sandbox:
        filled(sandbox, pictures, tmp_path / "other", *OLD)
        sent(sandbox, rows(pictures, *NEW), tmp_path, existing="replace", stop_at=2)
        assert names(sandbox, 1) == ["old-1", "old-2", "new-1", "new-2"]
        sent(sandbox, rows(pictures, *NEW), tmp_path, existing="replace")
        assert names(sandbox, 1) == ["new-1", "new-2"]


def test_an_old_picture_that_the_store_keeps_is_told(pictures: str, tmp_path: Path) -> None:
    faults = tuple(Fault(number, "503", "DELETE") for number in range(1, 20))
    with running(faults=faults) as sandbox:
        filled(sandbox, pictures, tmp_path / "other", *OLD)
        result = sent(sandbox, rows(pictures, *NEW), tmp_path, existing="replace", attempts=2)
        assert statuses(result) == ["uploaded"] * 2
        assert "could not be deleted" in notes(result)[0]
        assert names(sandbox, 1) == ["old-1", "old-2", "new-1", "new-2"]


def test_replacing_after_an_ordinary_import_removes_the_old_gallery_as_well(pictures: str, tmp_path: Path) -> None:
    with running() as sandbox:
        filled(sandbox, pictures, tmp_path / "other", *OLD)
        sent(sandbox, rows(pictures, *NEW), tmp_path)
        assert names(sandbox, 1) == ["old-1", "old-2", "new-1", "new-2"]
        result = sent(sandbox, rows(pictures, *NEW), tmp_path, existing="replace")
        assert statuses(result) == ["already_there"] * 2
        assert names(sandbox, 1) == ["new-1", "new-2"]
        assert thumbnails(sandbox, 1) == ["new-1"]


def test_replacing_after_an_ordinary_import_that_was_stopped(pictures: str, tmp_path: Path) -> None:
    with running() as sandbox:
        filled(sandbox, pictures, tmp_path / "other", *OLD)
        sent(sandbox, rows(pictures, *NEW), tmp_path, stop_at=1)
        sent(sandbox, rows(pictures, *NEW), tmp_path, existing="replace")
        assert names(sandbox, 1) == ["new-1", "new-2"]


def test_a_stopped_run_says_that_the_old_pictures_are_still_there(pictures: str, tmp_path: Path) -> None:
    with running() as sandbox:
        filled(sandbox, pictures, tmp_path / "other", *OLD)
        result = sent(sandbox, rows(pictures, *NEW), tmp_path, existing="replace", stop_at=2)
    assert "before the old pictures were deleted" in notes(result)[0]


def test_next_weeks_file_in_the_same_folder_replaces_this_weeks_pictures(pictures: str, tmp_path: Path) -> None:
    with running() as sandbox:
        filled(sandbox, pictures, tmp_path / "other", *OLD)
        for week in range(1, 4):
            asked = rows(pictures, (1, f"week-{week}-a.jpg"), (1, f"week-{week}-b.jpg"))
            sent(sandbox, asked, tmp_path, existing="replace")
            assert names(sandbox, 1) == [f"week-{week}-a", f"week-{week}-b"]
        first = rows(pictures, (1, "week-1-a.jpg"), (1, "week-1-b.jpg"))
        sent(sandbox, first, tmp_path, existing="replace")
        assert names(sandbox, 1) == ["week-1-a", "week-1-b"]


def test_a_picture_of_both_weeks_stays_and_is_not_sent_again(pictures: str, tmp_path: Path) -> None:
    with running() as sandbox:
        sent(sandbox, rows(pictures, (1, "a.jpg"), (1, "b.jpg")), tmp_path, existing="replace")
        before = {image["image_file"]: image["id"] for image in sandbox.images(1)}
        result = sent(sandbox, rows(pictures, (1, "b.jpg"), (1, "c.jpg")), tmp_path, existing="replace")
        assert statuses(result) == ["already_there", "uploaded"]
        assert names(sandbox, 1) == ["b", "c"]
        assert any(before.get(image["image_file"]) == image["id"] for image in sandbox.images(1))


def test_what_an_unfinished_week_wanted_to_delete_is_not_deleted_where_it_is_asked_for_again(
    pictures: str, tmp_path: Path
) -> None:
    week_1, week_2 = rows(pictures, (1, "a.jpg"), (1, "b.jpg")), rows(pictures, (1, "c.jpg"), (1, "d.jpg"))
    with running() as sandbox:
        sent(sandbox, week_1, tmp_path, existing="replace")
        sent(sandbox, week_2, tmp_path, existing="replace", stop_at=1)  # a and b are to be deleted, and are there still
        assert statuses(sent(sandbox, week_1, tmp_path, existing="replace")) == ["already_there"] * 2
        assert names(sandbox, 1) == ["a", "b"]
        sent(sandbox, week_2, tmp_path, existing="replace")
        assert names(sandbox, 1) == ["c", "d"]


def test_an_address_that_the_check_refused_this_time_is_no_other_file(pictures: str, tmp_path: Path) -> None:
    """Its picture of the run before is none of the old ones, and neither is what somebody added since."""
    urls = [row.sent_url for row in rows(pictures, *NEW)]
    whole = Remainder(addresses={1: frozenset(urls)})
    held = Remainder({1: "Held."}, whole.addresses)
    with running() as sandbox:
        filled(sandbox, pictures, tmp_path / "other", *OLD)
        sent(sandbox, rows(pictures, *NEW), tmp_path, existing="replace", remainder=whole)
        filled(sandbox, pictures, tmp_path / "other", (1, "added.jpg"))
        for remainder in (held, whole):
            sent(sandbox, rows(pictures, *NEW)[:1], tmp_path, existing="replace", remainder=remainder)
            assert names(sandbox, 1) == ["new-1", "new-2", "added"]


@pytest.mark.parametrize("stop_at", [1, 2, 3])
def test_a_resumed_second_week_does_not_take_its_own_pictures_for_old_ones(
    pictures: str, tmp_path: Path, stop_at: int
) -> None:
    week_2 = rows(pictures, (1, "c.jpg"), (1, "d.jpg"), (1, "e.jpg"))
    with running() as sandbox:
        sent(sandbox, rows(pictures, (1, "a.jpg"), (1, "b.jpg")), tmp_path, existing="replace")
        sent(sandbox, week_2, tmp_path, existing="replace", stop_at=stop_at)
        assert count(sandbox, "POST") == 2 + stop_at
        sent(sandbox, week_2, tmp_path, existing="replace")
        assert names(sandbox, 1) == ["c", "d", "e"]
        assert count(sandbox, "POST") == 5
