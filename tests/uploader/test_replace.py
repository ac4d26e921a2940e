"""`--existing replace`: all new pictures in and confirmed, only then the old ones go."""

from pathlib import Path
from typing import Any

import pytest

from importer.sandbox import Fault, Sandbox
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
    ("store", "run"), [({"faults": (Fault(4, "503"),)}, {}), ({}, {"incomplete": {1}})], ids=["failed", "rejected"]
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
