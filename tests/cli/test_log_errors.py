"""Errors in `--log-json`: an event like any other, so that standard error stays JSON where it is the log."""

import json
from pathlib import Path
from typing import Any

import pytest

from importer.cli import error_facts
from importer.sandbox import Sandbox
from tests.cli.test_streams import redirected
from tests.cli.undoing import imported, sent
from tests.conftest import Program
from tests.test_event_log import events

HEADERS = "Headers seen: colour, size"


def logged(program: Program, *arguments: str | Path) -> list[dict[str, Any]]:
    """The events on standard error, which holds nothing else."""
    done = program.run(*arguments)
    assert done.returncode == 2, done.stderr
    found: list[dict[str, Any]] = [json.loads(line) for line in done.stderr.splitlines()]
    assert all(set(one) > {"time", "event"} for one in found)
    return found


@pytest.mark.long
def test_what_an_undo_remarks_is_an_event(program: Program, store: Sandbox, pictures: str) -> None:
    for name in "ab":
        imported(program, store, pictures, names=name)
    folder = sent(program.sheet([[1, f"{pictures}/c.jpg"]], name="new.csv"), store, existing="replace")
    done = program.run("undo", folder, "--yes", "--log-json", "-", sandbox=store)
    told = [json.loads(line) for line in done.stderr.splitlines()]
    assert any("lost pictures of before the import" in one.get("text", "") for one in told)


def test_a_file_that_is_not_there_is_an_event(program: Program) -> None:
    found = logged(program, "check", "nofile.csv", "--log-json", "-")
    assert [one["event"] for one in found if not one["event"].startswith("stage")] == [
        "run_started",
        "error",
        "run_ended",
    ]
    (error,) = [one for one in found if one["event"] == "error"]
    assert error["text"].startswith("There is no file nofile.csv")
    assert (found[-1]["exit_code"], found[-1]["error"]) == (2, error["text"])


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["run", "rows.csv"], "No store is set."),
        (["check", "rows.csv", "--timeout", "soon"], "--timeout"),
        (["check", "rows.csv", "--only", "tls"], "'tls' is none"),
        (["check", "rows.csv", "--shop", "x"], "No such option"),
    ],
)
def test_so_is_what_ends_a_command_before_it_begins(program: Program, arguments: list[str], text: str) -> None:
    program.sheet([[1, "https://a.example/a.jpg"]])
    for hyphen in (["--log-json", "-"], ["--log-json=-"]):
        (error,) = logged(program, *arguments, *hyphen)
        assert error["event"] == "error"
        assert text in error["text"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_so_is_a_summary_that_nobody_can_read(program: Program) -> None:
    sheet = program.sheet([["", "x"]])
    done = redirected(program, ">/dev/full", "check", sheet, "--log-json", "-")
    assert done.returncode == 3, done.stderr
    ended, error = [json.loads(line) for line in done.stderr.splitlines()][-2:]
    assert (ended["event"], error["event"]) == ("run_ended", "error")
    assert "No space left" in error["text"]


def test_a_bug_is_told_with_where_it_happened() -> None:
    with pytest.raises(ValueError) as raised:  # noqa: PT011 - any error does
        int("a")
    facts = error_facts(raised.value)
    assert facts["text"].endswith("Please report it with this line.")
    assert facts["traceback"].startswith("Traceback")
    assert facts["traceback"].endswith("invalid literal for int() with base 10: 'a'\n")


def test_a_log_in_a_file_tells_it_too_and_a_person_reads_it_as_ever(program: Program) -> None:
    program.sheet([["red", "L"]], header="colour,size")
    done = program.run("check", "rows.csv", "--log-json", "run.jsonl")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("Error: ")
    assert HEADERS in done.stderr
    error, ended = events(program.folder / "run.jsonl")[-2:]
    assert (error["event"], ended["event"]) == ("error", "run_ended")
    assert HEADERS in error["text"]


def test_a_product_id_is_a_number_or_null(program: Program, store: Sandbox, pictures: str) -> None:
    rows: list[list[object]] = [
        [1, f"{pictures}/a.jpg"],
        [12345, f"{pictures}/b.jpg"],
        [7, ""],
        ["12O4", f"{pictures}/c.jpg"],
        ["", f"{pictures}/d.jpg"],
        ["00012", ""],
        ["9" * 5000, ""],
    ]
    program.run("check", program.sheet(rows), "--allow-private", "--log-json", "run.jsonl", sandbox=store)
    found = events(program.folder / "run.jsonl")
    for event in ("row", "result"):
        ids = {one["row"]: one["product_id"] for one in found if one["event"] == event}
        assert ids == {2: 1, 3: 12345, 4: 7, 5: None, 6: None, 7: None, 8: None}
