"""A store that refuses nearly everything stops the run."""

from pathlib import Path
from typing import Any

import pytest

from importer.models import UploadResult
from tests.uploader.uploading import count, rows, running, sent, statuses


def refused(sandbox_rows: int, folder: Path, **settings: Any) -> tuple[UploadResult, int]:
    """An import of which the store can fetch no picture; how it ended and how many requests were sent."""
    asked = rows("http://127.0.0.1:1", *((number % 40 + 1, f"{number}.jpg") for number in range(sandbox_rows)))
    with running() as sandbox:
        return sent(sandbox, asked, folder, concurrency=4, **settings), count(sandbox, "POST")


def test_fifty_refusals_in_a_row_stop_the_run_and_say_how_to_go_on(tmp_path: Path) -> None:
    result, posts = refused(80, tmp_path)
    assert 50 <= posts <= 54
    assert "refused 50 pictures in a row" in result.stopped
    assert statuses(result).count("unsent") >= 26
    (fix,) = {outcome.problem.fix for outcome in result.outcomes if outcome.status == "unsent" and outcome.problem}
    assert "--stop-after 0" in fix


@pytest.mark.parametrize(("stop_after", "posts"), [(0, 30), (31, 30), (5, 8)])
def test_how_many_are_too_many_can_be_said(tmp_path: Path, stop_after: int, posts: int) -> None:
    result, sent_posts = refused(30, tmp_path, stop_after=stop_after)
    assert sent_posts <= posts
    assert (result.stopped != "") == (stop_after == 5)


def test_a_picture_that_is_taken_starts_the_count_anew(pictures: str, tmp_path: Path) -> None:
    bad = [f"http://127.0.0.1:1/{number}.jpg" for number in range(8)]
    good = [f"{pictures}/{number}.jpg" for number in range(2)]
    asked = rows(pictures, *((1, "x.jpg") for _ in range(10)))
    urls = [*bad[:4], good[0], *bad[4:], good[1]]
    asked = [type(row)("", row.row, 1, "", url, url) for row, url in zip(asked, urls, strict=True)]
    with running() as sandbox:
        result = sent(sandbox, asked, tmp_path, stop_after=5)
    assert result.stopped == ""


def test_the_rows_of_a_product_deleted_meanwhile_are_no_sign_of_trouble(pictures: str, tmp_path: Path) -> None:
    asked = rows(pictures, *((1, f"{number}.jpg") for number in range(8)), (2, "a.jpg"))
    with running(deletes=((2, 1),)) as sandbox:
        result = sent(sandbox, asked, tmp_path, stop_after=3, concurrency=1)
        assert statuses(result) == ["failed"] * 8 + ["uploaded"]
        assert count(sandbox, "POST") == 2  # one told that the product is gone
    assert {outcome.problem.code for outcome in result.outcomes if outcome.problem} == {"product_unknown"}
