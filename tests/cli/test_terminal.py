"""What a person sees: bars on a terminal, a question before the first write, and commands that work together."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from importer.sandbox import Sandbox
from tests.conftest import Program, results

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals are a Unix thing")


def on_terminal(
    program: Program,
    arguments: Sequence[str | Path],
    sandbox: Sandbox,
    answer: str = "",
    columns: int = 120,
    environment: dict[str, str] | None = None,
) -> tuple[int, str]:
    """Run the program with a terminal for its input and output, type `answer`, and return all that was shown."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "importer", *map(str, arguments)],
        cwd=program.folder,
        env=program.environment(sandbox) | (environment or {}),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        close_fds=True,
        start_new_session=True,
    )
    os.close(theirs)
    deadline = threading.Timer(60, process.kill)
    deadline.start()
    shown = b""
    with process:
        while True:
            try:
                block = os.read(ours, 65536)
            except OSError:
                break
            if not block:
                break
            shown += block
            if answer and re.search(rb"\[(Y/n|y/N)\]", shown):
                if answer == "\x03":
                    time.sleep(0.5)  # a person reads the question first
                    process.send_signal(signal.SIGINT)
                else:
                    os.write(ours, answer.encode())
                answer = ""
    deadline.cancel()
    os.close(ours)
    return process.returncode, shown.decode(errors="replace")


def test_a_terminal_shows_a_bar_for_each_stage(program: Program, store: Sandbox, pictures: str) -> None:
    sheet = program.sheet([[1, f"{pictures}/a.jpg"], [12345, f"{pictures}/b.jpg"]])
    code, shown = on_terminal(program, ["run", sheet, "--allow-private", "--yes"], store)
    assert code == 3
    for words in (
        "Loading",
        "Looking up",
        "Checking",
        "Uploading",
        "Reporting",
        "100%",
        "1 uploaded",
        "1 rejected",
        "pictures/s",
    ):
        assert words in shown, words
    assert "Send 1 picture" not in shown


@pytest.mark.parametrize(("answer", "code", "status"), [("y\n", 0, "uploaded"), ("n\n", 2, "unsent")])
def test_a_person_is_asked_before_the_first_write(
    program: Program, store: Sandbox, pictures: str, answer: str, code: int, status: str
) -> None:
    sheet = program.sheet([[1, f"{pictures}/a.jpg"]])
    ended, shown = on_terminal(program, ["run", sheet, "--allow-private"], store, answer)
    assert f"Send 1 picture to the store {store.store_hash}?" in shown
    assert ended == code, shown
    assert [line["status"] for line in results(program.folder / "rows-results")] == [status]
    assert len(store.images(1)) == (1 if code == 0 else 0)


@pytest.mark.parametrize(
    ("rejected", "rule", "answer", "question", "end"),
    [
        (1, [], "\n", "1 of 5 rows is rejected. Send 4 pictures to the store {}? [Y/n]", (3, 4)),
        (2, [], "\n", "2 of 6 rows are rejected. Send 4 pictures to the store {}? [y/N]", (2, 0)),
        (2, [], "y\n", "2 of 6 rows are rejected. Send 4 pictures to the store {}? [y/N]", (3, 4)),
        (2, ["--fail-over", "40%"], "\n", "2 of 6 rows are rejected. Send 4 pictures to the store {}? [Y/n]", (3, 4)),
    ],
    ids=["a fifth and enter", "a third and enter", "a third and yes", "a third within the rule and enter"],
)
def test_the_question_says_how_many_rows_are_rejected_and_enter_means_no_above_a_fifth(  # noqa: PLR0917 - a table
    program: Program,
    store: Sandbox,
    pictures: str,
    rejected: int,
    rule: list[str],
    answer: str,
    question: str,
    end: tuple[int, int],
) -> None:
    rows = [[number, f"{pictures}/a.jpg"] for number in (1, 2, 3, 4)]
    rows += [["", f"{pictures}/{number}.jpg"] for number in range(rejected)]
    code, shown = on_terminal(program, ["run", program.sheet(rows), "--allow-private", *rule], store, answer)
    assert question.format(store.store_hash) in shown
    posts = sum(request.method == "POST" for request in store.requests())
    assert (code, posts) == end, shown


@pytest.mark.parametrize(("more", "code", "posts"), [(["--yes"], 3, 1), (["--fail-over", "50%"], 2, 0)])
def test_nobody_is_asked_with_yes_or_where_the_rule_is_broken(
    program: Program, store: Sandbox, pictures: str, more: list[str], code: int, posts: int
) -> None:
    sheet = program.sheet([[1, f"{pictures}/a.jpg"], ["", "x"], ["", "y"]])
    ended, shown = on_terminal(program, ["run", sheet, "--allow-private", *more], store)
    assert ended == code, shown
    assert "Send 1 picture" not in shown
    assert sum(request.method == "POST" for request in store.requests()) == posts


def test_ctrl_c_at_the_question_sends_nothing(program: Program, store: Sandbox, pictures: str) -> None:
    sheet = program.sheet([[1, f"{pictures}/a.jpg"]])
    code, shown = on_terminal(program, ["run", sheet, "--allow-private"], store, "\x03")
    assert code == 130, shown
    assert "Nothing was sent" in shown
    assert "Traceback" not in shown
    assert store.images(1) == []


@pytest.mark.long
def test_the_sandbox_prints_settings_that_a_dot_env_file_hands_on(program: Program, pictures: str) -> None:
    sheet = program.sheet([[4711, f"{pictures}/a.jpg"], [4711, f"{pictures}/b.jpg"]])
    with program.sandbox_in_dot_env(sheet, "--allow-private") as process:
        done = program.run("run", sheet, "--allow-private")
        assert done.returncode == 0, done.stderr
        again = program.run("run", sheet, "--allow-private")
        assert [line["status"] for line in results(program.folder / "rows-results")] == ["already_there"] * 2
        assert again.returncode == 0
        shown = program.run("images", "4711")
        assert shown.returncode == 0
        assert "a__" in shown.stdout
        as_json = json.loads(program.run("images", "4711", "--json").stdout)
        assert [image["sort_order"] for image in as_json] == [0, 1]
        unknown = program.run("images", "4711", "999999", "--csv", "images.csv")
        assert unknown.returncode == 3
        assert "no product with the id 999999" in unknown.stderr
        assert len((program.folder / "images.csv").read_text(encoding="utf-8-sig").splitlines()) == 3
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        assert process.wait(timeout=10) == 0
        assert time.monotonic() - began < 5


def test_preview_json_keeps_its_shape(program: Program) -> None:
    header = "Product ID,SKU,Image URL,Alt text,Sort Order,Is Thumbnail"
    sheet = program.sheet(
        [[1, "A", "https://a.example/x.jpg", "Mug", 3, "yes"], ["", "", "https://a.example/x.jpg", "", "", ""]],
        header=header,
    )
    done = program.run("preview", sheet, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [note.partition(" ")[0] for note in told.pop("notes")] == ["Product", "The"]
    assert told == {
        "sheets": [
            {
                "name": "",
                "header_row": 1,
                "rows": 2,
                "columns": {
                    "product_id": "Product ID",
                    "sku": "SKU",
                    "image_url": "Image URL",
                    "description": "Alt text",
                    "sort_order": "Sort Order",
                    "is_thumbnail": "Is Thumbnail",
                },
            }
        ],
        "layout": "plain",
        "rows": [
            {
                "sheet": "",
                "row": 2,
                "product_id": 1,
                "sku": "A",
                "image_url": "https://a.example/x.jpg",
                "description": "Mug",
                "sort_order": 3,
                "is_thumbnail": True,
            }
        ],
        "problems": [
            {
                "sheet": "",
                "row": 3,
                "column": "Product ID",
                "code": "product_missing",
                "detail": "The row names no product.",
                "fix": "Fill in the product id or the SKU of the product that the picture belongs to.",
            }
        ],
        "skipped": [],
        "sheets_left_out": [],
    }


@pytest.mark.long
@pytest.mark.parametrize(
    "flags", [["--port", "99999"], ["--quota", "0"], ["--window", "nan"], ["--window", "0"], ["--latency", "-1"]]
)
def test_a_sandbox_that_cannot_be_is_a_usage_error(program: Program, flags: list[str]) -> None:
    done = program.run("sandbox", *flags)
    assert done.returncode == 2
    assert "The sandbox cannot" in done.stderr


def test_whoever_stops_reading_the_output_does_not_stop_the_run(
    program: Program, store: Sandbox, pictures: str
) -> None:
    sheet = program.sheet([[1, f"{pictures}/a.jpg"], ["", "x"]])
    process = program.start("run", sheet, "--allow-private", sandbox=store)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    process.stderr.close()
    assert process.wait(timeout=60) == 3
    assert [line["status"] for line in results(program.folder / "rows-results")] == ["uploaded", "rejected"]


@pytest.mark.long
def test_a_template_is_written_previewed_and_not_overwritten(program: Program) -> None:
    for name in ("t.csv", "t.xlsx"):
        assert program.run("template", name).returncode == 0
        assert "EXAMPLE-SKU" in program.run("preview", name).stdout
        assert program.run("template", name).returncode == 2
        assert program.run("template", name, "--yes").returncode == 0


def test_an_open_report_is_noticed_before_anything_is_sent(program: Program, store: Sandbox, pictures: str) -> None:
    sheet = program.sheet([[1, f"{pictures}/a.jpg"]])
    (program.folder / "rows-results" / "results.xlsx").mkdir(parents=True)  # as good as a file that is locked
    done = program.run("run", sheet, "--allow-private", sandbox=store)
    assert done.returncode == 2
    assert "results.xlsx" in done.stderr
    assert store.images(1) == []


def test_a_sandbox_that_a_script_has_put_into_the_background_can_be_ended(program: Program) -> None:
    """A shell has such a program ignore SIGINT (POSIX.1-2017, Shell, 2.11)."""
    background = (
        "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); "
        "os.execv(sys.executable, [sys.executable, '-m', 'importer', 'sandbox'])"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", background],
        cwd=program.folder,
        env=program.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    with process:
        try:
            while "is running" not in process.stderr.readline():
                assert process.poll() is None
            process.terminate()
            assert process.wait(timeout=20) == 0
        finally:
            process.kill()
