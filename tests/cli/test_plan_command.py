"""`importer run --plan`, and the plan that every run says before it sends anything."""

import json
import os
import pty
import subprocess
import sys
import time

import pytest

from importer.sandbox import Sandbox
from importer.settings import UploadSettings
from tests.conftest import Program, results


def posts(store: Sandbox) -> int:
    return sum(request.method == "POST" for request in store.requests())


def test_a_plan_says_what_would_be_done_and_sends_nothing(program: Program, store: Sandbox, pictures: str) -> None:
    sheet = program.sheet([[1, f"{pictures}/a.jpg"], [1, f"{pictures}/b.jpg"], [2, f"{pictures}/a.jpg"], ["", "x"]])
    done = program.run("run", sheet, "--allow-private", "--plan", sandbox=store)
    assert done.returncode == 3  # one row is rejected
    assert "Plan: 3 pictures to add to 2 products, 0 already there, 1 rejected. This takes 5 requests" in done.stdout
    assert done.stdout.splitlines()[-2] == "Nothing was sent. Next: run the same command without --plan."
    assert posts(store) == 0
    assert [line["status"] for line in results(program.folder / "rows-results")] == ["ok", "ok", "ok", "rejected"]


def test_the_help_says_how_long_late_copies_are_waited_for(program: Program) -> None:
    shown = " ".join(program.run("run", "--help").stdout.split())
    assert UploadSettings(settle=10).late == 30
    assert "copies that come later still are waited for, up to three times as long. [default: (30)]" in shown


def test_scripts_get_the_plan_as_json(program: Program, store: Sandbox, pictures: str) -> None:
    sheet = program.sheet([[1, f"{pictures}/a.jpg"]])
    program.run("run", sheet, "--allow-private", sandbox=store)
    program.sheet([[1, f"{pictures}/a.jpg"], [2, f"{pictures}/b.jpg"]])
    done = program.run("run", sheet, "--allow-private", "--plan", "--json", sandbox=store)
    plan = json.loads(done.stdout)["plan"]
    assert (plan["add"], plan["already_there"], plan["rejected"], plan["requests"]) == (1, 1, 0, 3)
    assert posts(store) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals on Windows")
def test_on_a_terminal_the_plan_stands_before_the_question(program: Program, store: Sandbox, pictures: str) -> None:
    sheet = program.sheet([[1, f"{pictures}/a.jpg"]])
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "importer", "run", str(sheet), "--allow-private"],
        cwd=program.folder,
        env=program.environment(store),
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(theirs)
    with process:
        assert process.stderr is not None
        seen = ""
        deadline = time.monotonic() + 60
        while "? [" not in seen and time.monotonic() < deadline:
            seen += process.stderr.read(1)
        os.write(ours, b"n\n")
        process.communicate(timeout=60)
    os.close(ours)
    assert seen.index("Plan: 1 picture to add to 1 product") < seen.index("Send 1 picture to the store")
    assert process.returncode == 2
    assert posts(store) == 0


@pytest.mark.long
def test_a_renamed_file_is_carried_on_with_the_journal_of_before(
    program: Program, store: Sandbox, pictures: str
) -> None:
    """The import is known by its store and what it asks for, not by the file's name or the order of its rows."""
    asked = [[1, f"{pictures}/a.jpg"], [2, f"{pictures}/b.jpg"]]
    program.run("run", program.sheet(asked), "--allow-private", sandbox=store)
    renamed = program.sheet(asked[::-1], name="final version.csv")
    done = program.run("run", renamed, "--allow-private", "--existing", "add", sandbox=store)
    assert "The same import was run before" in done.stderr
    assert posts(store) == 2
    lines = results(program.folder / "final version-results")
    assert [line["status"] for line in lines] == ["already_there"] * 2
    other = program.sheet([*asked, [3, f"{pictures}/c.jpg"]], name="other.csv")
    assert "run before" not in program.run("run", other, "--allow-private", sandbox=store).stderr
