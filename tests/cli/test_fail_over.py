"""`--fail-over`: a sheet of which too much is rejected is not sent, and the exit code says so."""

import json
import os
import signal
import time
from pathlib import Path

import pytest

from importer.sandbox import Sandbox
from tests.conftest import Program, results

DEAD = "http://127.0.0.1:1/nobody-listens.jpg"


def posts(sandbox: Sandbox) -> int:
    return sum(request.method == "POST" for request in sandbox.requests())


def three_of_ten(program: Program, pictures: str) -> Path:
    """Ten rows that count, of which the loader rejects one, the store's catalog one and the URL check one.

    A further row only repeats the first. Were it counted among the rejected, they would be 4 of 11 (36%); were it
    counted among the rows alone, 3 of 11 (27%).
    """
    good: list[list[object]] = [[number, f"{pictures}/a.jpg"] for number in range(1, 8)]
    bad: list[list[object]] = [["", f"{pictures}/b.jpg"], [98765, f"{pictures}/b.jpg"], [8, DEAD]]
    return program.sheet([*good, *bad, good[0]])


@pytest.mark.long
@pytest.mark.parametrize("rule", [[], ["--fail-over", "30"]])
def test_run_sends_what_passed_without_a_rule_below_the_share_and_exactly_at_it(
    program: Program, store: Sandbox, pictures: str, rule: list[str]
) -> None:
    done = program.run("run", three_of_ten(program, pictures), "--allow-private", *rule, sandbox=store)
    assert done.returncode == 3, done.stdout + done.stderr
    assert posts(store) == 7


@pytest.mark.long
@pytest.mark.parametrize("rule", [["29.9%"], ["29%", "--yes"]])
def test_run_sends_nothing_above_the_share_and_reports_all_the_same(
    program: Program, store: Sandbox, pictures: str, rule: list[str]
) -> None:
    sheet = three_of_ten(program, pictures)
    done = program.run("run", sheet, "--allow-private", "--fail-over", *rule, sandbox=store)
    assert done.returncode == 2, done.stdout + done.stderr
    assert posts(store) == 0
    why = f"3 of 10 rows are rejected (30%): more than --fail-over {rule[0].rstrip('%')}% allows, so nothing was sent."
    assert why in done.stdout
    assert "Next: mend these rows in rows.csv and run the same command again" in done.stdout
    lines = results(program.folder / "rows-results")
    assert [line["status"] for line in lines] == ["unsent"] * 7 + ["rejected"] * 4
    assert all(line["detail"].startswith(f"Nothing is wrong with this row. {why}") for line in lines[:7])
    assert [line["code"] for line in lines[7:]] == [
        "product_missing", "product_unknown", "connect_refused", "url_duplicate",
    ]  # fmt: skip
    mended = program.run("run", sheet, "--allow-private", "--fail-over", "30%", sandbox=store)
    assert mended.returncode == 3
    assert posts(store) == 7


def test_run_with_every_row_rejected_breaks_the_rule_although_there_is_nothing_to_send(
    program: Program, store: Sandbox
) -> None:
    done = program.run("run", program.sheet([["", "x"]]), "--fail-over", "99%", sandbox=store)
    assert done.returncode == 2
    assert "1 of 1 row is rejected (100%)" in done.stdout


@pytest.mark.long
def test_the_rule_holds_in_the_sandbox_as_well(program: Program, pictures: str) -> None:
    sheet = program.sheet([[1, f"{pictures}/a.jpg"], ["", "x"]])
    kept = program.run("run", sheet, "--sandbox", "--allow-private")
    assert (kept.returncode, results(program.folder / "rows-results")[0]["status"]) == (3, "uploaded")
    done = program.run("run", sheet, "--sandbox", "--allow-private", "--fail-over", "20%")
    assert (done.returncode, results(program.folder / "rows-results")[0]["status"]) == (2, "unsent")


@pytest.mark.long
@pytest.mark.parametrize(("rule", "code"), [([], 3), (["50%"], 3), (["49%"], 2)])
def test_check_ends_with_2_instead_of_3_above_the_share(
    program: Program, pictures: str, rule: list[str], code: int
) -> None:
    rows = [["A", f"{pictures}/a.jpg"], ["A", f"{pictures}/b.jpg"], ["", f"{pictures}/c.jpg"], ["A", DEAD]]
    sheet = program.sheet(rows, header="sku,image_url")
    done = program.run("check", sheet, "--allow-private", *(["--fail-over", *rule] if rule else []))
    assert done.returncode == code, done.stdout + done.stderr
    assert ("2 of 4 rows are rejected (50%): more than --fail-over" in done.stdout) == (code == 2)
    assert "stopped early" not in done.stdout
    statuses = [line["status"] for line in results(program.folder / "rows-results")]
    assert statuses == ["ok", "ok", "rejected", "rejected"]


def test_the_strictest_rule_is_kept_where_nothing_is_rejected(program: Program, pictures: str) -> None:
    good = program.sheet([["A", f"{pictures}/a.jpg"]], header="sku,image_url")
    assert program.run("check", good, "--allow-private", "--fail-over", "0%").returncode == 0


@pytest.mark.long
@pytest.mark.parametrize(("rule", "code"), [("50%", 3), ("49%", 2)])
def test_rows_that_ask_for_nothing_are_not_counted(program: Program, pictures: str, rule: str, code: int) -> None:
    rows = [["a", "A", f"{pictures}/a.jpg"], ["a", "A", ""], ["a", "A", ""], ["b", "B", DEAD]]
    sheet = program.sheet(rows, header="Handle,Variant SKU,Image Src")
    done = program.run("check", sheet, "--allow-private", "--fail-over", rule)
    statuses = [line["status"] for line in results(program.folder / "rows-results")]
    assert statuses == ["ok", "skipped", "skipped", "rejected"]
    assert done.returncode == code, done.stdout


@pytest.mark.long
def test_a_file_in_which_no_row_counts_keeps_the_strictest_rule(program: Program) -> None:
    """An earlier run's results of which --only leaves nothing."""
    sheet = program.sheet([["A", "nonsense"]], header="sku,image_url")
    assert program.run("check", sheet).returncode == 3
    left = program.folder / "rows-results" / "results.csv"
    done = program.run("check", left, "--only", "http_forbidden", "--fail-over", "0%")
    assert done.returncode == 3, done.stdout + done.stderr
    assert [line["status"] for line in results(left.parent)] == ["rejected"]


@pytest.mark.long
@pytest.mark.parametrize("command", ["check", "run"])
def test_json_says_that_the_rule_is_broken(program: Program, store: Sandbox, pictures: str, command: str) -> None:
    sheet = three_of_ten(program, pictures)
    done = program.run(command, sheet, "--allow-private", "--json", "--fail-over", "20%", sandbox=store)
    told = json.loads(done.stdout)
    assert told["exit_code"] == done.returncode == 2
    assert told["rule_broken"].startswith("3 of 10 rows are rejected (30%): more than --fail-over 20% allows")
    assert told["stopped"] == (told["rule_broken"] if command == "run" else "")
    kept = program.run(command, sheet, "--allow-private", "--json", "--fail-over", "40%", sandbox=store)
    told = json.loads(kept.stdout)
    assert (told["exit_code"], told["rule_broken"], told["stopped"]) == (3, "", "")


def test_quiet_still_says_why_nothing_was_sent(program: Program, store: Sandbox) -> None:
    done = program.run("run", program.sheet([["", "x"]]), "--quiet", "--fail-over", "20%", sandbox=store)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: 1 of 1 row is rejected (100%)")


@pytest.mark.long
@pytest.mark.parametrize("command", ["check", "run"])
@pytest.mark.parametrize(
    ("value", "message"),
    [("0.2", "write 20% or 0.2%"), ("120%", "between 0% and 100%")],
)
def test_a_share_that_cannot_be_meant_is_wrong_usage(
    program: Program, store: Sandbox, command: str, value: str, message: str
) -> None:
    done = program.run(command, program.sheet([[1, "x"]]), "--fail-over", value, sandbox=store)
    assert done.returncode == 2
    assert message in done.stderr
    assert not (program.folder / "rows-results").exists()


def test_a_store_that_stops_the_run_is_not_hidden_by_the_rule(program: Program, store: Sandbox) -> None:
    sheet = program.sheet([[1, DEAD], ["", "x"]])
    done = program.run("run", sheet, "--fail-over", "0", sandbox=store, token="wrong-token-42")
    assert done.returncode == 4
    assert "access token" in done.stdout
    assert "than --fail-over" not in done.stdout


@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C to the whole console, the test runner included")
@pytest.mark.parametrize("command", ["check", "run"])
def test_ctrl_c_during_the_check_is_not_hidden_by_the_rule(
    program: Program, store: Sandbox, pictures: str, command: str
) -> None:
    rows = [[1, f"{pictures}/{number}.jpg?delay=1"] for number in range(20)]
    sheet = program.sheet([*rows, ["", "x"]])
    process = program.start(
        command, sheet, "--allow-private", "--per-host", "2", "--fail-over", "0", sandbox=store
    )  # fmt: skip
    with process:
        deadline = time.monotonic() + 30
        while not store.requests():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "than --fail-over" not in out
    assert posts(store) == 0
    assert "unsent" in {line["status"] for line in results(program.folder / "rows-results")}


@pytest.mark.parametrize("command", ["check", "run"])
def test_help_states_the_rule_and_what_happens_without_it(program: Program, command: str) -> None:
    told = " ".join(program.run(command, "--help").stdout.split())
    for words in (
        "exit code 2 where more than this share of the rows is rejected, such as 20%",
        "only repeat an earlier one or ask for nothing do not count",
        "Without it, `check` has no such rule",
        "above 20%, Enter then means no",
        "with --yes or --sandbox, `run` sends what passed",
        "more rows are rejected than --fail-over allows",
    ):
        assert words in told
