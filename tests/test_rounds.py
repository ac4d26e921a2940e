"""Mending in the results of an earlier run carries its report on: a line for each picture, a total over all rounds."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from openpyxl import load_workbook

from importer.loader import read_results
from importer.models import ImageRow, Outcome, ProblemCode, SkippedRow, Status
from importer.pipeline.rounds import carried_on
from importer.problems import problem
from importer.report import write_report
from importer.sandbox import Sandbox
from tests.conftest import Program, results
from tests.report.report_samples import RUN, every_kind

MISSING = problem(ProblemCode.HTTP_NOT_FOUND)


def test_a_report_read_back_tells_the_same(tmp_path: Path) -> None:
    outcomes = every_kind()
    path = write_report(outcomes, RUN, tmp_path).csv
    read = read_results(path)
    assert [line["row"] for line in results(tmp_path)] == [str(one.source.row) for one in read]
    again = tmp_path / "again"
    write_report(read, RUN, again)
    for before, after in zip(results(tmp_path), results(again), strict=True):
        if before["http_status"] or not before["tls_version"]:
            assert after == before
    assert {one.status for one in read} == {one.status for one in outcomes}


def image(row: int, url: str, status: Status, sheet: str = "", product: int = 1) -> Outcome:
    bad = status in {Status.REJECTED, Status.FAILED}
    return Outcome(ImageRow(sheet, row, product, "", url, url), status, MISSING if bad else None)


def told(outcomes: tuple[Outcome, ...]) -> list[tuple[int, str, str]]:
    return [(one.source.row, one.source.image_url, one.status.value) for one in outcomes]


def test_a_mended_address_takes_the_place_of_the_one_that_failed() -> None:
    """Even in the middle of a row with several pictures."""
    earlier = (
        image(2, "a", Status.UPLOADED),
        image(2, "b", Status.REJECTED),
        image(2, "c", Status.FAILED),
        image(3, "d", Status.ALREADY_THERE),
    )
    now = (image(2, "better", Status.UPLOADED), image(2, "c", Status.FAILED))
    assert told(carried_on(now, earlier)) == [
        (2, "a", "uploaded"),
        (2, "better", "uploaded"),
        (2, "c", "failed"),
        (3, "d", "already_there"),
    ]


def test_rows_that_this_round_leaves_out_or_adds() -> None:
    earlier = (image(2, "a", Status.UPLOADED), image(3, "b", Status.REJECTED), image(4, "c", Status.REJECTED))
    left_out = Outcome(SkippedRow("", 3, "1", "", "b", "Left out."), Status.SKIPPED)
    new = image(9, "new", Status.UPLOADED, "To fix")
    assert told(carried_on((left_out, image(4, "c", Status.UPLOADED), new), earlier)) == [
        (2, "a", "uploaded"),
        (3, "b", "rejected"),
        (4, "c", "uploaded"),
        (9, "new", "uploaded"),
    ]


def test_without_the_columns_that_tell_the_place_nothing_is_counted_twice() -> None:
    earlier = (image(2, "a", Status.UPLOADED), image(3, "b", Status.REJECTED))
    assert told(carried_on((image(2, "better", Status.UPLOADED, "To fix"),), earlier)) == [
        (2, "a", "uploaded"),
        (3, "better", "uploaded"),
    ]


def test_without_the_columns_that_tell_the_place_a_deleted_line_is_still_told() -> None:
    earlier = (
        image(2, "a", Status.UPLOADED),
        image(2, "b", Status.REJECTED),
        image(3, "c", Status.REJECTED, product=2),
        image(4, "d", Status.REJECTED, product=3),
    )
    mended = image(2, "better", Status.UPLOADED, "To fix", product=3)
    assert told(carried_on((mended,), earlier)) == [
        (2, "a", "uploaded"),
        (2, "b", "rejected"),
        (3, "c", "rejected"),
        (4, "better", "uploaded"),
    ]


def test_without_the_columns_that_tell_the_place_what_was_left_out_stands() -> None:
    earlier = (image(2, "a", Status.REJECTED), image(3, "b", Status.REJECTED))
    left_out = Outcome(SkippedRow("To fix", 3, "", "", "b", "Left out."), Status.SKIPPED)
    assert told(carried_on((image(2, "a", Status.UPLOADED, "To fix"), left_out), earlier)) == [
        (2, "a", "uploaded"),
        (3, "b", "rejected"),
    ]


def test_without_the_columns_that_tell_the_place_a_product_found_by_its_sku_is_the_same() -> None:
    """And a row that named an unknown SKU is known by its address, once the SKU is right."""
    missing = replace(MISSING, code=ProblemCode.SKU_UNKNOWN)
    earlier = (
        Outcome(ImageRow("", 2, None, "MUG", "bad", "bad"), Status.REJECTED, MISSING, product_id=7),
        Outcome(ImageRow("", 3, None, "BOWK", "c", "c"), Status.REJECTED, missing),
    )
    now = (
        Outcome(ImageRow("To fix", 2, 7, "", "better", "better"), Status.UPLOADED),
        Outcome(ImageRow("To fix", 3, None, "BOWL", "c", "c"), Status.UPLOADED, product_id=8),
    )
    assert told(carried_on(now, earlier)) == [(2, "better", "uploaded"), (3, "c", "uploaded")]


@given(
    st.lists(st.tuples(st.integers(2, 5), st.sampled_from("abc"), st.sampled_from(Status)), max_size=12),
    st.data(),
)
def test_no_line_is_lost_or_doubled(lines: list[tuple[int, str, Status]], data: st.DataObject) -> None:
    earlier = tuple(image(*line) for line in lines)
    left = [one for one in earlier if one.status in {Status.REJECTED, Status.FAILED, Status.UNSENT, Status.OK}]
    again = data.draw(st.lists(st.sampled_from(left), unique_by=id) if left else st.just([]))
    now = tuple(replace(one, status=Status.UPLOADED) for one in again)
    assume(now)
    whole = carried_on(now, earlier)
    assert len(whole) == len(earlier)
    assert {id(one) for one in now} <= {id(one) for one in whole}


@pytest.mark.long
@pytest.mark.parametrize("rounds", [1, 2])
def test_mending_on_the_sheet_to_fix_goes_on_in_the_same_folder(
    program: Program, store: Sandbox, pictures: str, rounds: int
) -> None:
    sheet = program.sheet(
        [
            ["1", f"{pictures}/a.jpg", "Front"],
            ["1", "nonsense", "Back"],
            ["2", "http://127.0.0.1:9/c.jpg", "Side"],
        ],
        header="product_id,image_url,alt text",
    )
    first = program.run("run", sheet, "--allow-private", sandbox=store)
    assert first.returncode == 3, first.stderr
    folder = program.folder / "rows-results"
    for at in range(rounds):
        book = load_workbook(folder / "results.xlsx")
        book["To fix"]["C2"] = f"{pictures}/mended-{at}.jpg"
        book.save(folder / "results.xlsx")
        done = program.run("run", folder / "results.xlsx", "--allow-private", sandbox=store)
    lines = results(folder)
    assert [line["row"] for line in lines] == ["2", "3", "4"]
    assert [line["status"] for line in lines[:2]] == ["uploaded"] * 2
    assert f"{rounds + 1} of 3 pictures" in done.stdout or "All 3 pictures are in the store." in done.stdout
    assert {image["description"] for image in store.images(1)} == {"Front", "Back"}
    assert not list(program.folder.rglob("results-results"))


@pytest.mark.long
def test_results_saved_in_another_form_go_on_in_the_same_folder(
    program: Program, store: Sandbox, pictures: str
) -> None:
    """As a spreadsheet program saves them as text: with tabs."""
    sheet = program.sheet([["1", f"{pictures}/a.jpg"], ["1", "nonsense"]], header="product_id,image_url")
    program.run("run", sheet, "--allow-private", sandbox=store)
    folder = program.folder / "rows-results"
    with (folder / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    text = "\n".join("\t".join(line) for line in lines).replace("nonsense", f"{pictures}/b.jpg")
    (folder / "Results.txt").write_text(text, encoding="utf-8")
    done = program.run("run", folder / "Results.txt", "--allow-private", sandbox=store)
    assert done.returncode == 0, done.stderr
    assert "All 2 pictures are in the store." in done.stdout
    assert [line["row"] for line in results(folder)] == ["2", "3"]
    assert not list(program.folder.rglob("*-results/*-results"))
