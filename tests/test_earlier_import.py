"""What an earlier import has put into the store stays in the report, whatever ends the next run and however early."""

import asyncio
import json
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from importer.models import ProblemCode, Status
from importer.pipeline import JobResult, check_file, load_file, run_file
from importer.progress import Silence
from importer.sandbox import Sandbox
from importer.settings import UploadSettings
from importer.uploader import RECORDED, Journal
from tests.cli.test_exit_codes import wait_for_posts
from tests.cli.test_terminal import on_terminal
from tests.conftest import Program, results
from tests.job_runs import ends, imported, job, kept, notes, picture, run
from tests.uploader.uploading import PATIENCE, count, running, written

POSIX = pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals and Ctrl-C for one process are those of Unix")
WRONG = "wrong-token-42"


class Interrupting(Silence):
    """Presses Ctrl-C when a stage begins."""

    def __init__(self, stage: str) -> None:
        self._stage = stage

    def begin(self, stage: str, total: int | None) -> None:  # noqa: ARG002 - as the watcher has it
        if stage == self._stage:
            signal.raise_signal(signal.SIGINT)


def report(program: Program) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (program.folder / "results").glob("results.*")}


@pytest.mark.parametrize(
    ("header", "one", "two"), [("product_id,image_url", 1, 2), ("sku,image_url", "SKU-1", "SKU-2")], ids=["id", "sku"]
)
def test_a_wrong_token_or_a_store_out_of_reach_leaves_the_report_as_it_was(
    program: Program, pictures: str, header: str, one: object, two: object
) -> None:
    asked = [[one, f"{pictures}/a.jpg"], [one, f"{pictures}/b.jpg"], [two, f"{pictures}/c.jpg"]]
    more: list[list[object]] = [*asked, [two, f"{pictures}/new.jpg"], ["", "x"]]
    with running() as store:
        imported(program, store, asked, header)
        before = report(program)
        refused = run(program, more, job(program, store, WRONG), header=header)
        told = job(program, store)
    away = run(program, more, replace(told, upload=UploadSettings(attempts=1)), header=header)
    assert report(program) == before
    for result in (refused, away):
        assert result.kept.endswith("it tells of an earlier run, and this one learnt nothing from the store.")
        assert result.written == ()
        assert [outcome.status for outcome in result.outcomes] == [Status.UNSENT] * 4 + [Status.REJECTED]
    codes = [result.outcomes[3].problem and result.outcomes[3].problem.code for result in (refused, away)]
    assert codes == [ProblemCode.STORE_REJECTED, ProblemCode.STORE_UNAVAILABLE]


@pytest.mark.long
def test_the_end_of_a_run_with_a_wrong_token_says_what_to_mend_and_counts_nothing(
    program: Program, store: Sandbox, pictures: str
) -> None:
    imported(program, store, [[1, f"{pictures}/a.jpg"]])
    arguments = ["run", "rows.csv", "--allow-private", "--results", "results"]
    done = program.run(*arguments, sandbox=store, token=WRONG)
    assert done.returncode == 4
    first, kept_words, last, _command = done.stdout.strip().splitlines()
    assert first.startswith("rows.csv: ")
    assert "pictures are in the store" not in done.stdout
    assert "was left as it was" in kept_words
    fix = "heck the access token and the store hash (--credentials or .env), then run the same command again."
    assert last == f"Next: c{fix} It carries on with the rows that are left."
    told = json.loads(program.run(*arguments, "--json", "--quiet", sandbox=store, token=WRONG).stdout)
    assert told["kept"] == kept_words
    assert told["stopped_fix"] == f"C{fix}"
    quiet = program.run(*arguments, "--quiet", sandbox=store, token=WRONG).stderr
    assert quiet.rstrip().endswith(f"C{fix}")
    assert set(told["results"].values()) == {None}


def test_a_picture_of_which_nobody_knows_whether_it_was_sent_is_not_told_from_the_record(
    program: Program, store: Sandbox, pictures: str
) -> None:
    told, header = job(program, store, WRONG), "product_id,sku,image_url"
    told.results.mkdir()
    assert told.store is not None
    journal = Journal(told.results, told.store.identity)
    for number, name in enumerate("ab", start=1):
        asyncio.run(journal.intend(number, (f"{pictures}/{name}.jpg",), 0))
    journal.close()
    result = run(program, [[1, "", f"{pictures}/a.jpg"], ["", "SKU-2", f"{pictures}/b.jpg"]], told, header=header)
    assert [outcome.status for outcome in result.outcomes] == [Status.UNSENT] * 2


def test_a_picture_that_the_store_has_lost_is_not_called_there(program: Program, store: Sandbox, pictures: str) -> None:
    rows = [[1, f"{pictures}/a.jpg"]]
    before = imported(program, store, rows)
    written(store, "DELETE", f"/catalog/products/1/images/{picture(before[0])[0]}")
    assert ends(run(program, rows, job(program, store, plan_only=True))) == [(Status.OK, 1, None, "")]
    assert ends(run(program, rows, job(program, store), None, lambda *_: False)) == [(Status.UNSENT, 1, None, "")]


@pytest.mark.parametrize("command", ["plan", "check"])
def test_a_plan_or_a_check_after_an_import_keeps_its_pictures_and_claims_no_more_than_it_did(
    program: Program, store: Sandbox, pictures: str, command: str
) -> None:
    rows = [[1, f"{pictures}/a.jpg"], [2, f"{pictures}/b.jpg"]]
    before = imported(program, store, rows)
    sheet = program.sheet([*rows, [2, f"{pictures}/new.jpg"]])

    def looked(token: str = "") -> JobResult:
        told = job(program, store, token, plan_only=command == "plan")
        return (run_file if command == "plan" else check_file)(load_file(sheet), told)

    result = looked()
    assert ends(result) == [*kept(before), (Status.OK, 2, None, "")]
    assert notes(result) == [RECORDED, RECORDED, ""]
    assert result.summary.verdict == "1 of 3 pictures is ready to send; 2 are already in the store."
    was = report(program)
    assert looked(WRONG).kept
    assert report(program) == was
    assert count(store, "POST") == 2


def test_a_check_says_of_the_store_what_it_was_told(program: Program, store: Sandbox, pictures: str) -> None:
    """Nothing without a store; beside a running import, whose journal it cannot read, that a file has the same name."""
    imported(program, store, [[1, f"{pictures}/a.jpg"]])
    loaded, told = load_file(program.folder / "rows.csv"), job(program, store)
    assert [outcome.status for outcome in check_file(loaded, replace(told, store=None)).outcomes] == [Status.OK]
    assert told.store is not None
    journal = Journal(told.results, told.store.identity)
    try:
        (outcome,) = check_file(loaded, told).outcomes
        assert outcome.status == Status.PROBABLY_THERE
        assert "this file name already" in outcome.note
    finally:
        journal.close()


@pytest.mark.parametrize("way", ["plan", "no", "rule", "check"])
def test_what_the_plan_finds_in_the_store_is_already_there_whatever_ends_the_run(
    program: Program, store: Sandbox, pictures: str, way: str
) -> None:
    """The pretend store has this picture from the start; no journal knows it."""
    rows = [
        ["LAMP-SOL", f"{pictures}/solar-lantern-front.jpg"],
        ["LAMP-SOL", f"{pictures}/lit.jpg"],
        ["LAMP-SOL", "ftp://x/"],
    ]
    sheet = program.sheet(rows, header="sku,image_url")
    told = job(program, store, plan_only=way == "plan", fail_over=0.01 if way == "rule" else None)
    if way == "check":
        result = check_file(load_file(sheet), told)
    else:
        result = run_file(load_file(sheet), told, None, lambda *_: way != "no")
    there, other, _ = (outcome.status for outcome in result.outcomes)
    assert there == Status.PROBABLY_THERE
    assert other == (Status.OK if way in {"plan", "check"} else Status.UNSENT)
    assert result.plan is None or result.plan.probably_there == 1


def test_a_report_of_nothing_but_pictures_that_were_there_is_kept_as_well(
    program: Program, store: Sandbox, pictures: str
) -> None:
    """Its journal has no picture of its own; the store refuses the next run and tells it nothing."""
    rows = [["LAMP-SOL", f"{pictures}/solar-lantern-front.jpg"]]
    run(program, rows, job(program, store), header="sku,image_url")
    before = (program.folder / "results" / "results.csv").read_bytes()
    result = run(program, rows, job(program, store, token=WRONG), header="sku,image_url")
    assert "learnt nothing from the store" in result.kept
    assert (program.folder / "results" / "results.csv").read_bytes() == before


def test_a_check_makes_no_journal(program: Program, store: Sandbox, pictures: str) -> None:
    sheet = program.sheet([[1, f"{pictures}/a.jpg"]])
    check_file(load_file(sheet), job(program, store))
    names = sorted(path.name for path in (program.folder / "results").iterdir())
    assert names == ["results.csv", "results.html", "results.xlsx"]


def test_the_picture_of_a_variant_stays_in_the_report(program: Program, store: Sandbox, pictures: str) -> None:
    """It has no id; the plan has asked the store and seen that the variant still has it."""
    rows = [["PACK-45-GRN", f"{pictures}/a.jpg"], ["PACK-45", f"{pictures}/b.jpg"]]
    as_image = UploadSettings(**PATIENCE, variants="image")
    run(program, rows, job(program, store, upload=as_image), header="sku,image_url")
    told = job(program, store, upload=as_image, plan_only=True)
    assert notes(run(program, rows, told, header="sku,image_url")) == [RECORDED] * 2
    told = job(program, store, plan_only=True)
    assert notes(run(program, rows, told, header="sku,image_url")) == ["", RECORDED]


@POSIX
@pytest.mark.parametrize("stage", ["check", "upload"])
def test_ctrl_c_keeps_what_the_run_did_not_come_to(program: Program, store: Sandbox, pictures: str, stage: str) -> None:
    rows = [[1, f"{pictures}/a.jpg"], [2, f"{pictures}/b.jpg"]]
    before = imported(program, store, rows)
    result = run(program, [*rows, [3, f"{pictures}/new.jpg?delay=1"]], job(program, store), Interrupting(stage))
    assert result.interrupted
    assert ends(result)[:2] == kept(before)
    assert notes(result)[:2] == [RECORDED] * 2
    assert result.outcomes[2].status == Status.UNSENT
    assert result.summary.run.stopped.startswith("Stopped by Ctrl-C.")


@POSIX
def test_ctrl_c_before_the_store_was_asked_leaves_the_report_as_it_was(
    program: Program, store: Sandbox, pictures: str
) -> None:
    imported(program, store, [[1, f"{pictures}/a.jpg"]])
    before = report(program)
    result = run(program, [[1, f"{pictures}/a.jpg"]], job(program, store), Interrupting("look up"))
    assert result.interrupted
    assert result.kept
    assert report(program) == before


@POSIX
def test_ctrl_c_twice_says_of_what_was_on_its_way_that_nobody_knows(
    program: Program, store: Sandbox, pictures: str
) -> None:
    rows = [[1, f"{pictures}/a.jpg?delay=3"], [1, f"{pictures}/b.jpg"], [2, f"{pictures}/c.jpg?delay=3"]]
    process = program.start("run", program.sheet(rows), "--allow-private", "--no-check", sandbox=store)
    with process:
        wait_for_posts(store, 2)
        for _ in range(2):
            process.send_signal(signal.SIGINT)
            time.sleep(0.2)
        process.communicate(timeout=30)
    details = [line["detail"] for line in results(program.folder / "rows-results")]
    assert ["not certain" in detail or "before it was certain" in detail for detail in details] == [True, False, True]


@pytest.mark.parametrize("command", ["run", "check"])
def test_a_wrong_store_hash_leaves_the_report_of_the_right_store_as_it_was(
    program: Program, store: Sandbox, pictures: str, command: str
) -> None:
    imported(program, store, [[1, f"{pictures}/a.jpg"]])
    folder = program.folder / "results"
    before = {path.name: path.read_bytes() for path in folder.glob("results.*")}
    arguments = [command, "rows.csv", "--allow-private", "--results", "results", "--store-hash", "mistyped"]
    done = program.run(*arguments, sandbox=store)
    assert done.returncode == 4, done.stderr
    assert {path.name: path.read_bytes() for path in folder.glob("results.*")} == before
    assert f"results was left as it was: it tells of {store.api_url}/stores/{store.store_hash}" in done.stdout
    assert "Report:" not in done.stdout


@POSIX
def test_no_to_the_question_keeps_the_report_and_the_last_line_says_how_to_send_the_rest(
    program: Program, store: Sandbox, pictures: str
) -> None:
    rows = [[1, f"{pictures}/a.jpg"], [2, f"{pictures}/b.jpg"]]
    before = imported(program, store, rows)
    sheet = program.sheet([*rows, [3, f"{pictures}/new.jpg"], ["", "x"]])
    arguments: list[str | Path] = ["run", sheet, "--allow-private", "--results", "results", "--fail-over", "90%"]
    code, shown = on_terminal(program, arguments, store, "n\n")
    assert code == 2
    *_, last, _command = shown.splitlines()
    assert last == "Nothing was sent. Next: run the same command again and answer yes; it sends these pictures."
    assert "mend these rows" not in shown
    lines = results(program.folder / "results")
    assert [line["image_id"] for line in lines] == [*(str(picture(one)[0]) for one in before), "", ""]
    assert [line["status"] for line in lines] == ["already_there", "already_there", "unsent", "rejected"]
    assert lines[2]["detail"].startswith("Nothing is wrong with this row. The question before the first picture")
    assert count(store, "POST") == 2
