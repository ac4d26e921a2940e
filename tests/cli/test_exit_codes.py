"""One process for each exit code, and one clear message for each way to go wrong."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from importer.sandbox import Fault, Sandbox, SandboxSettings
from tests.conftest import ROOT, Program, results


def wait_for_posts(sandbox: Sandbox, count: int) -> None:
    deadline = time.monotonic() + 30
    while sum(request.method == "POST" for request in sandbox.requests()) < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def stored(sandbox: Sandbox, product: int) -> list[str]:
    images = sorted(sandbox.images(product), key=lambda image: image["sort_order"])
    return [image["image_file"].rpartition("/")[2].rpartition("__")[0] for image in images]


def test_0_every_row_is_uploaded_and_then_already_there(program: Program, store: Sandbox, pictures: str) -> None:
    sheet = program.sheet([[1, f"{pictures}/a.jpg"], [1, f"{pictures}/b.jpg"], [2, f"{pictures}/a.jpg"]])
    first = program.run("run", sheet, "--allow-private", sandbox=store)
    assert first.returncode == 0, first.stderr
    assert first.stderr.splitlines() == [
        "Loading: 3 rows",
        (
            "The column product_id is taken for BigCommerce's own product ids. If they are another shop's, match by "
            'SKU instead: --map sku="…".'
        ),
        "Looking up: 2/2 products",
        "Checking: 3/3 pictures, 3 ok",
        (
            "Plan: 3 pictures to add to 2 products, 0 already there, 0 rejected. This takes 5 requests, within the "
            "store's quota of 100,000 requests in 30 seconds."
        ),
        "Uploading: 3/3 pictures, 3 uploaded",
        "Reporting: 3/3 lines",
    ]
    folder = program.folder / "rows-results"
    assert [line["status"] for line in results(folder)] == ["uploaded"] * 3
    assert all((folder / name).stat().st_size for name in ("results.csv", "results.xlsx", "results.html"))
    again = program.run("run", sheet, "--allow-private", sandbox=store)
    assert again.returncode == 0
    assert [line["status"] for line in results(folder)] == ["already_there"] * 3
    assert [stored(store, number) for number in (1, 2)] == [["a", "b"], ["a"]]


def test_0_check_needs_no_account(program: Program, pictures: str) -> None:
    sheet = program.sheet([["ANY", f"{pictures}/a.jpg"]], header="sku,image_url")
    done = program.run("check", sheet, "--allow-private")
    assert done.returncode == 0, done.stderr
    (line,) = results(program.folder / "rows-results")
    assert (line["status"], line["code"], line["http_status"], line["bytes"] != "") == ("ok", "", "200", True)


def test_1_a_bug_is_reported_as_one(tmp_path: Path) -> None:
    broken = "import sys, importer.pipeline as p; p.load_file = None; sys.argv = ['importer', 'check', 'x.csv']; "
    done = subprocess.run(
        [sys.executable, "-c", broken + "from importer.cli import main; main()"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "This is a bug" in done.stderr


@pytest.mark.long
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "rows.csv"], "--sandbox"),
        (["run", "rows.csv", "--store-hash", "abc"], "no access token"),
        (["run", "none.csv", "--sandbox"], "There is no file"),
        (["check", "."], "is a folder"),
        (["check", "wrong.csv"], "Headers seen: colour, size"),
        (["check", "rows.csv", "--timeout", "0"], "--timeout"),
        (["check", "rows.csv", "--per-host", "zero"], "--per-host"),
        (["run", "rows.csv", "--sandbox", "--results", "rows.csv"], "rows.csv"),
        (["launch"], "No such command"),
        (["images", "--sandbox"], "--missing"),
        (["run", "rows.csv", "--sandbox", "--reserve", "many"], "--reserve"),
        (["run", "rows.csv", "--sandbox", "--settle", "-1"], "--settle"),
        (["template", "t.txt"], ".csv or .xlsx"),
    ],
)
def test_2_nothing_was_sent_and_the_message_says_why(program: Program, arguments: list[str], message: str) -> None:
    program.sheet([[1, "https://a.invalid/x.jpg"]])
    program.sheet([["red", "L"]], name="wrong.csv", header="colour,size")
    done = program.run(*arguments)
    assert done.returncode == 2, done.stdout
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 8


def test_2_a_results_folder_that_cannot_be_made(program: Program, store: Sandbox, pictures: str) -> None:
    sheet = program.sheet([[1, f"{pictures}/a.jpg"]])
    done = program.run("run", sheet, "--allow-private", "--results", sheet / "below-a-file", sandbox=store)
    assert done.returncode == 2
    assert "cannot be made" in done.stderr
    assert store.images(1) == []


@pytest.mark.parametrize("command", ["run", "undo"])
def test_2_no_terminal_to_ask_at_and_no_yes(program: Program, store: Sandbox, pictures: str, command: str) -> None:
    sheet = program.sheet([[1, f"{pictures}/a.jpg"]])
    asked = [command, sheet if command == "run" else program.folder]
    done = program.finished([sys.executable, "-m", "importer", *map(str, asked)], store)
    assert done.returncode == 2
    assert "there is no terminal to ask you" in done.stderr
    assert "--yes" in done.stderr
    assert store.images(1) == []
    assert not (program.folder / "rows-results").exists()


def test_3_finished_but_some_rows_did_not_make_it(program: Program, store: Sandbox, pictures: str) -> None:
    sheet = program.sheet([[1, f"{pictures}/a.jpg"], [12345, f"{pictures}/a.jpg"], ["", "x"]])
    done = program.run("run", sheet, "--allow-private", sandbox=store)
    assert done.returncode == 3, done.stderr
    lines = results(program.folder / "rows-results")
    assert [(line["status"], line["code"]) for line in lines] == [
        ("uploaded", ""),
        ("rejected", "product_unknown"),
        ("rejected", "product_missing"),
    ]
    assert "1 of 3 pictures" in done.stdout


def test_4_a_wrong_token(program: Program, store: Sandbox, pictures: str) -> None:
    sheet = program.sheet([[1, f"{pictures}/a.jpg"]])
    done = program.run("run", sheet, "--allow-private", sandbox=store, token="wrong-token-42")
    assert done.returncode == 4
    assert "access token" in done.stdout
    (line,) = results(program.folder / "rows-results")
    assert (line["status"], line["code"]) == ("unsent", "store_rejected")
    everything = done.stdout + done.stderr
    everything += "".join(path.read_bytes().decode("latin-1") for path in (program.folder / "rows-results").iterdir())
    assert "wrong-token-42" not in everything


def test_4_a_token_that_is_revoked_half_way(program: Program, pictures: str) -> None:
    sheet = program.sheet([[1, f"{pictures}/{name}.jpg"] for name in "abcd"])
    products = ((1, ""),)
    settings = SandboxSettings(products=products, allow_private=True, faults=(Fault(3, "401"),))
    with Sandbox(settings) as store:
        done = program.run("run", sheet, "--allow-private", sandbox=store)
        assert done.returncode == 4, done.stderr
        assert store.access_token not in done.stdout + done.stderr
        statuses = [line["status"] for line in results(program.folder / "rows-results")]
        assert statuses == ["uploaded", "uploaded", "unsent", "unsent"]
        assert stored(store, 1) == ["a", "b"]


def test_4_images_with_a_wrong_token(program: Program, store: Sandbox) -> None:
    done = program.run("images", "1", sandbox=store, token="wrong-token-42")
    assert done.returncode == 4
    assert done.stderr.startswith("Error: The store does not accept the access token.")
    assert "wrong-token-42" not in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C to the whole console, the test runner included")
def test_130_ctrl_c_once_lets_rows_finish_and_the_next_run_carries_on(
    program: Program, store: Sandbox, pictures: str
) -> None:
    sheet = program.sheet([[1, f"{pictures}/{name}.jpg?delay=0.4"] for name in "abcdef"])
    process = program.start("run", sheet, "--allow-private", "--no-check", sandbox=store)
    with process:
        wait_for_posts(store, 2)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert "Press Ctrl-C again" in err
    statuses = [line["status"] for line in results(program.folder / "rows-results")]
    assert statuses[:1] == ["uploaded"]
    assert statuses[-1:] == ["unsent"]
    assert set(statuses) == {"uploaded", "unsent"}
    assert "run the same command again" in out
    assert program.run("run", sheet, "--allow-private", "--no-check", sandbox=store).returncode == 0
    assert stored(store, 1) == list("abcdef")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM that a program could hear")
def test_143_a_request_to_end_is_like_ctrl_c(program: Program, store: Sandbox, pictures: str) -> None:
    sheet = program.sheet([[1, f"{pictures}/{name}.jpg?delay=0.4"] for name in "abcdef"])
    process = program.start("run", sheet, "--allow-private", "--no-check", sandbox=store)
    with process:
        wait_for_posts(store, 2)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 143, err
    assert "Stopped by the system (SIGTERM)." in out
    statuses = [line["status"] for line in results(program.folder / "rows-results")]
    assert statuses[:1] == ["uploaded"]
    assert set(statuses) == {"uploaded", "unsent"}
    assert len(stored(store, 1)) == statuses.count("uploaded")
    assert "run the same command again" in out


@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM that a program could hear")
def test_143_before_anything_was_begun(program: Program) -> None:
    """Here while it waits for the rest of its file; nothing is left behind."""
    pipe = program.folder / "rows.csv"
    os.mkfifo(pipe)
    process = program.start("check", pipe, "--sandbox")
    with process, pipe.open("wb"):
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 143, err
    assert err.splitlines()[-1:] == ["Error: Stopped. Nothing was sent."]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM that a program could hear")
@pytest.mark.parametrize(("number", "code"), [("SIGTERM", 143), ("SIGINT", 130)])
def test_a_signal_while_the_program_is_still_being_loaded(tmp_path: Path, number: str, code: int) -> None:
    started = f"""
import signal, sys

class Moment:
    def find_spec(self, name, path, target=None):
        if name == "importer.cli.commands":
            signal.raise_signal(signal.{number})

sys.meta_path.insert(0, Moment())
from importer.__main__ import main
main()
"""
    done = subprocess.run([sys.executable, "-c", started], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert done.stderr == "Error: Stopped. Nothing was sent.\n"


@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C to the whole console, the test runner included")
def test_130_ctrl_c_twice_stops_now_and_nothing_is_lost_or_repeated(
    program: Program, store: Sandbox, pictures: str
) -> None:
    sheet = program.sheet([[number, f"{pictures}/{name}.jpg?delay=2.5"] for number in (1, 2) for name in "ab"])
    process = program.start("run", sheet, "--allow-private", "--no-check", sandbox=store)
    with process:
        wait_for_posts(store, 2)
        process.send_signal(signal.SIGINT)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert time.monotonic() - began < 2.2  # the pictures alone take longer
    assert {line["status"] for line in results(program.folder / "rows-results")} == {"unsent"}
    assert program.run("run", sheet, "--allow-private", "--no-check", sandbox=store).returncode == 0
    assert [stored(store, number) for number in (1, 2)] == [["a", "b"], ["a", "b"]]


@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="there is no kill -9 on Windows")
@pytest.mark.parametrize("posts", [1, 5])
def test_kill_9_in_mid_upload_and_a_second_run_leave_each_picture_exactly_once(
    program: Program, store: Sandbox, pictures: str, posts: int
) -> None:
    asked = [[number, f"{pictures}/{name}.jpg?delay=0.3"] for number in (1, 2, 3) for name in "abc"]
    sheet = program.sheet(asked)
    process = program.start("run", sheet, "--allow-private", "--no-check", "--settle", "1", sandbox=store)
    with process:
        wait_for_posts(store, posts)
        process.kill()
        process.communicate()
    done = program.run("run", sheet, "--allow-private", "--no-check", "--settle", "1", sandbox=store)
    assert done.returncode == 0, done.stderr
    lines = results(program.folder / "rows-results")
    assert {line["status"] for line in lines} <= {"uploaded", "already_there"}
    assert "already_there" in {line["status"] for line in lines}
    assert len(lines) == len(asked)
    assert [stored(store, number) for number in (1, 2, 3)] == [["a", "b", "c"]] * 3


def test_json_says_everything_a_script_needs(program: Program, store: Sandbox, pictures: str) -> None:
    sheet = program.sheet([[1, f"{pictures}/a.jpg"], ["", "x"]])
    done = program.run("run", sheet, "--allow-private", "--json", "--quiet", sandbox=store)
    summary = json.loads(done.stdout)
    assert done.stderr == ""
    assert summary["exit_code"] == done.returncode == 3
    assert summary["rows"] == 2
    assert summary["counts"] == {"uploaded": 1, "rejected": 1}
    assert summary["codes"] == {"product_missing": 1}
    assert Path(summary["results"]["html"]).is_file()


def test_quiet_is_quiet(program: Program, store: Sandbox, pictures: str) -> None:
    sheet = program.sheet([[1, f"{pictures}/a.jpg"]])
    done = program.run("run", sheet, "--allow-private", "--quiet", sandbox=store)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_sandbox_alone_is_enough_for_an_own_file(program: Program, pictures: str) -> None:
    sheet = program.sheet(
        [["MY-OWN-SKU", f"{pictures}/a.jpg"], ["MY-OWN-SKU", f"{pictures}/b.jpg"]], header="sku,image_url"
    )
    done = program.run("run", sheet, "--sandbox", "--allow-private")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "pretend store" in done.stdout
    assert [line["status"] for line in results(program.folder / "rows-results")] == ["uploaded"] * 2


@pytest.mark.long
def test_a_rehearsal_does_not_write_over_the_report_of_a_real_import(
    program: Program, store: Sandbox, pictures: str
) -> None:
    sheet = program.sheet([[1, f"{pictures}/a.jpg"]])
    assert program.run("run", sheet, "--allow-private", sandbox=store).returncode == 0
    real = (program.folder / "rows-results" / "results.csv").read_bytes()
    done = program.run("run", sheet, "--allow-private", "--sandbox")
    assert "rows-sandbox-results" in done.stdout
    assert (program.folder / "rows-results" / "results.csv").read_bytes() == real


def test_the_program_runs_from_the_projects_root_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "importer", "--version"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert done.stdout.startswith("importer, version ")


def test_3_every_key_stands_for_several_products(program: Program, store: Sandbox, pictures: str) -> None:
    """Nothing is sent, and the report tells of each row; there is no product to look up."""
    sheet = program.sheet(
        [["A", "mug", f"{pictures}/a.jpg"], ["A", "pan", f"{pictures}/b.jpg"]], header="sku,handle,image_url"
    )
    done = program.run("run", sheet, "--allow-private", sandbox=store)
    assert done.returncode == 3, done.stderr
    assert [line["code"] for line in results(program.folder / "rows-results")] == ["key_ambiguous"] * 2
