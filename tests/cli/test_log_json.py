"""`--log-json` of whole runs: every row ends in it, the token never does, and it never gets in a run's way."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from importer.sandbox import Fault, Sandbox, SandboxSettings
from tests.cli.undoing import imported
from tests.conftest import Program, results
from tests.test_event_log import events


def named(found: list[dict[str, Any]], event: str) -> list[dict[str, Any]]:
    return [one for one in found if one["event"] == event]


def test_a_run_is_told_from_its_start_to_its_end(program: Program, store: Sandbox, pictures: str) -> None:
    rows: list[list[object]] = [
        [1, f"{pictures}/a.jpg"],
        ["", "x"],
        [12345, f"{pictures}/b.jpg"],
        [2, f"{pictures}/c.jpg"],
    ]
    done = program.run("run", program.sheet(rows), "--allow-private", "--log-json", "run.jsonl", sandbox=store)
    assert done.returncode == 3, done.stderr
    found = events(program.folder / "run.jsonl")
    assert [(one["row"], one["status"]) for one in named(found, "result")] == [
        (2, "uploaded"),
        (3, "rejected"),
        (4, "rejected"),
        (5, "uploaded"),
    ]
    assert [one["event"] for one in found if one["event"] not in {"row", "message", "result"}] == [
        "run_started",
        *["stage_started", "stage_ended"] * 3,
        "plan",
        *["stage_started", "stage_ended"] * 2,
        "report_written",
        "run_ended",
    ]
    first, last = found[0], found[-1]
    assert (first["command"], Path(first["file"]).name, first["sandbox"]) == ("run", "rows.csv", False)
    assert first["store"] == last["store"] == store.store_hash
    assert first["version"]
    assert last["counts"] == {"uploaded": 2, "rejected": 2}
    assert (last["exit_code"], last["stopped"]) == (3, "")
    assert [one["stage"] for one in named(found, "stage_ended")] == ["load", "look up", "check", "upload", "report"]
    assert (named(found, "plan")[0]["add"], named(found, "plan")[0]["requests"]) == (2, 4)
    assert [Path(path).suffix for path in named(found, "report_written")[0]["paths"]] == [".csv", ".xlsx", ".html"]
    assert any(one["text"].startswith("Plan: 2 pictures") for one in named(found, "message"))
    told = {(one["row"], one["stage"]): (one["status"], one["code"]) for one in named(found, "row")}
    assert told == {
        (3, "load"): ("rejected", "product_missing"),
        (2, "check"): ("ok", ""),
        (4, "check"): ("rejected", "product_unknown"),
        (5, "check"): ("ok", ""),
        (2, "upload"): ("uploaded", ""),
        (5, "upload"): ("uploaded", ""),
    }
    (unknown,) = [one for one in named(found, "row") if one["row"] == 4]
    assert set(unknown) == {
        *("time", "event", "stage", "sheet", "row", "product_id", "sku", "image_url", "status", "code", "detail")
    }
    assert "12345" in unknown["detail"]
    assert unknown["image_url"] == f"{pictures}/b.jpg"


@pytest.mark.long
def test_waits_for_the_quota_are_told(program: Program, pictures: str) -> None:
    settings = SandboxSettings(products=((1, ""),), allow_private=True, quota=5, window_ms=1500)
    with Sandbox(settings) as store:
        sheet = program.sheet([[1, f"{pictures}/{name}.jpg"] for name in "abcdef"])
        done = program.run("run", sheet, "--no-check", "--log-json", "run.jsonl", sandbox=store)
        assert done.returncode == 0, done.stderr
    waits = named(events(program.folder / "run.jsonl"), "wait")
    assert waits
    assert {one["for"] for one in waits} == {"the store's quota"}
    assert all(1 <= one["seconds"] < 1.7 for one in waits)


@pytest.mark.long
def test_standard_error_is_the_log_and_nothing_else_with_a_hyphen(
    program: Program, store: Sandbox, pictures: str
) -> None:
    sheet = program.sheet([[1, f"{pictures}/a.jpg"]])
    done = program.run("check", sheet, "--allow-private", "--log-json", "-", "--json", sandbox=store)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["exit_code"] == 0
    found = [json.loads(line) for line in done.stderr.splitlines()]
    assert (found[0]["event"], found[-1]["event"]) == ("run_started", "run_ended")


@pytest.mark.long
def test_an_undo_tells_of_each_picture(program: Program, store: Sandbox, pictures: str) -> None:
    folder = imported(program, store, pictures)
    ids = {image["id"] for number in (1, 2) for image in store.images(number)}
    done = program.run("undo", folder, "--yes", "--log-json", "undo.jsonl", sandbox=store)
    assert done.returncode == 0, done.stderr
    found = events(program.folder / "undo.jsonl")
    assert found[0]["command"] == "undo"
    assert {one["image_id"] for one in named(found, "picture")} == ids
    assert {one["status"] for one in named(found, "picture")} == {"deleted"}
    assert found[-1]["counts"] == {"deleted": 4}
    assert named(found, "report_written")[0]["paths"] == [str(folder / "undo.csv")]


@pytest.mark.long
@pytest.mark.parametrize("log", ["rows.csv", ".", "none/run.jsonl", "/dev/full"])
def test_a_log_that_cannot_be_written_is_noticed_before_anything_is_sent(
    program: Program, store: Sandbox, pictures: str, log: str
) -> None:
    if log == "/dev/full" and not Path(log).exists():
        pytest.skip("only Linux has a device that is always full")
    sheet = program.sheet([[1, f"{pictures}/a.jpg"]])
    before = sheet.read_bytes()
    done = program.run("run", sheet, "--no-check", "--log-json", log, sandbox=store)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"Error: --log-json {log}")
    assert done.stderr.count("\n") == 1
    assert store.requests() == []
    assert sheet.read_bytes() == before


@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="only Unix bounds the size of files")
def test_a_disk_that_fills_up_later_does_not_stop_the_run(program: Program, store: Sandbox, pictures: str) -> None:
    (program.folder / "run.jsonl").write_text('{"time": "' + "x" * 10_000_000 + "\n", encoding="ascii")
    sheet = program.sheet([[1, f"{pictures}/{name}.jpg"] for name in "abc"])
    bound = (
        "import os, resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10_001_000,) * 2); "
        "os.execv(sys.executable, [sys.executable, '-m', 'importer', *sys.argv[1:]])"
    )
    done = program.run_after(bound, "run", sheet, "--no-check", "--log-json", "run.jsonl", sandbox=store)
    assert done.returncode == 0, done.stderr
    assert "Error: The log in run.jsonl is not complete: File too large." in done.stderr
    assert [line["status"] for line in results(program.folder / "rows-results")] == ["uploaded"] * 3
    assert (program.folder / "run.jsonl").stat().st_size == 10_001_000


def test_the_end_is_told_where_an_error_ends_the_run(program: Program) -> None:
    program.sheet([["red", "L"]], header="colour,size")
    done = program.run("check", "rows.csv", "--log-json", "run.jsonl")
    assert done.returncode == 2
    last = events(program.folder / "run.jsonl")[-1]
    assert (last["event"], last["exit_code"]) == ("run_ended", 2)
    assert "Headers seen: colour, size" in last["error"]


@pytest.mark.parametrize("token", ["wrong-token-42", ""], ids=["a wrong token", "a token that is revoked"])
def test_the_access_token_is_in_no_log(program: Program, pictures: str, token: str) -> None:
    settings = SandboxSettings(products=((1, ""),), allow_private=True, faults=(Fault(3, "401"),))
    with Sandbox(settings) as store:
        sheet = program.sheet([[1, f"{pictures}/{name}.jpg?token={token or store.access_token}"] for name in "abcd"])
        arguments: list[str | Path] = ["run", sheet, "--no-check", "--log-json", "run.jsonl", "--quiet"]
        done = program.run(*arguments, sandbox=store, token=token)
        text = (program.folder / "run.jsonl").read_text(encoding="ascii")
        assert (token or store.access_token) not in text
    assert done.returncode == 4, done.stderr
    assert "(access token hidden)" in text
    last = json.loads(text.splitlines()[-1])
    assert (last["event"], last["exit_code"]) == ("run_ended", 4)
    assert "access token" in last["stopped"]
