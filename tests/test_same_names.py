"""What a file name proves: what only its name tells of is counted apart, and a name that says nothing is no proof."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from openpyxl import load_workbook

from importer.models import Status
from importer.pipeline import JobResult
from importer.sandbox import Sandbox
from tests.conftest import Program, results
from tests.job_runs import job, run
from tests.uploader.uploading import count

HEADER = "sku,image_url"


FIRST = "elsewhere/first"


def imported(program: Program, store: Sandbox, folder: str, rows: Sequence[Sequence[object]]) -> JobResult:
    """One import with a results folder, and so a record, of its own."""
    (program.folder / "elsewhere").mkdir(exist_ok=True)
    return run(program, rows, replace(job(program, store), results=program.folder / folder), header=HEADER)


def test_a_name_that_says_nothing_is_sent_again(program: Program, store: Sandbox, pictures: str) -> None:
    """`same_name_first.csv` and `same_name_later.csv`: other pictures under the names of before."""
    first = [["SKU-1", "get?id=9"], ["SKU-2", "v1/image.jpg"], ["SKU-3", "SKU-3/front/01.jpg"]]
    later = [["SKU-1", "get?id=1"], ["SKU-1", "get?id=2"], ["SKU-2", "v2/image.jpg"], ["SKU-3", "SKU-3/back/01.jpg"]]
    imported(program, store, FIRST, [[sku, f"{pictures}/{path}"] for sku, path in first])
    result = imported(program, store, "later", [[sku, f"{pictures}/{path}"] for sku, path in later])
    assert [outcome.status for outcome in result.outcomes] == [Status.UPLOADED] * 4
    assert count(store, "POST") == 7


def test_a_name_that_another_row_has_as_well_says_nothing_even_where_that_row_is_rejected(
    program: Program, store: Sandbox, pictures: str
) -> None:
    imported(program, store, FIRST, [["SKU-1", f"{pictures}/front/mug.jpg"]])
    rows = [["SKU-1", f"{pictures}/back/mug.jpg"], ["NO-SUCH-SKU", f"{pictures}/front/mug.jpg"]]
    result = imported(program, store, "later", rows)
    assert [outcome.status for outcome in result.outcomes] == [Status.UPLOADED, Status.REJECTED]


@pytest.mark.long
def test_what_is_only_probably_there_is_counted_apart_everywhere(
    program: Program, store: Sandbox, pictures: str
) -> None:
    mug, lamp, pack, new = (f"{pictures}/{name}.jpg" for name in ("red-mug", "lamp-lit", "green-pack", "new-tent"))
    imported(program, store, FIRST, [["SKU-1", mug]])
    imported(program, store, "later", [["SKU-1", lamp], ["SKU-2", pack]])
    rows = [["SKU-1", lamp], ["SKU-2", pack], ["SKU-1", mug], ["SKU-3", new]]
    program.sheet(rows, header=HEADER)
    arguments = ["run", "rows.csv", "--yes", "--allow-private", "--results", "later"]
    plan = program.run(*arguments, "--plan", "--json", sandbox=store)
    told = json.loads(plan.stdout)
    assert (told["plan"]["already_there"], told["plan"]["probably_there"], told["plan"]["add"]) == (2, 1, 1)
    assert told["counts"] == {"ok": 1, "already_there": 2, "probably_there": 1}
    done = program.run(*arguments, sandbox=store)
    assert done.returncode == 0, done.stderr
    assert (
        "1 picture to add to 1 product, 2 already there, 1 probably there (same file name), 0 rejected" in done.stderr
    )
    verdict = "3 of 4 pictures are in the store; 1 is only probably there (same file name)."
    assert f"rows.csv: {verdict}" in done.stdout
    assert "1 uploaded, 2 already there, 1 probably there" in done.stdout
    folder = program.folder / "later"
    line = results(folder)[2]
    assert line["status"] == "probably_there"
    assert "has a picture with this file name already" in line["detail"]
    page = (folder / "results.html").read_text("utf-8")
    assert verdict in page
    assert "<strong>1</strong> Probably there</a>" in page
    summary = load_workbook(folder / "results.xlsx")["Summary"]
    counted = {row[0]: row[1] for row in summary.iter_rows(values_only=True)}
    assert (counted["Already there"], counted["Probably there"]) == (2, 1)
    # The report as the next file asks for the picture once more, and may add it.
    again = program.run("run", "later/results.csv", "--yes", "--allow-private", "--existing", "add", sandbox=store)
    assert again.returncode == 0, again.stderr
    assert "1 uploaded, 3 already there" in again.stdout


def test_all_are_in_the_store_is_said_only_where_that_is_certain(
    program: Program, store: Sandbox, pictures: str
) -> None:
    rows = [["SKU-1", f"{pictures}/red-mug.jpg"], ["SKU-2", f"{pictures}/green-pack.jpg"]]
    imported(program, store, FIRST, rows)
    assert imported(program, store, FIRST, rows).summary.verdict == "All 2 pictures are in the store."
    verdict = imported(program, store, "later", rows).summary.verdict
    assert verdict == "0 of 2 pictures are in the store; 2 are only probably there (same file name)."
