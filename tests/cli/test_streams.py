"""Standard streams that are closed or full: what cannot be printed does not change how a command ends."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from importer.sandbox import Sandbox
from tests.conftest import Program, confirmed, results

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the shell's redirections are Unix's")
FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="only Linux has a device that is always full")


def redirected(
    program: Program, redirections: str, *arguments: str | Path, sandbox: Sandbox | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run it as a shell does with such redirections after the command."""
    command = shlex.join([sys.executable, "-m", "importer", *confirmed(arguments)])
    done = program.finished(["sh", "-c", f"{command} {redirections}"], sandbox)
    assert "bug" not in done.stderr, done.stderr
    return done


@pytest.mark.long
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_a_run_with_closed_streams_ends_as_it_would(
    program: Program, store: Sandbox, pictures: str, closed: str
) -> None:
    sheet = program.sheet([[1, f"{pictures}/a.jpg"], ["", "x"]])
    done = redirected(program, closed, "run", sheet, "--allow-private", sandbox=store)
    assert done.returncode == 3, done.stderr
    assert [line["status"] for line in results(program.folder / "rows-results")] == ["uploaded", "rejected"]
    assert bool(done.stdout) == (">&-" not in closed.split())
    assert bool(done.stderr) == ("2>&-" not in closed)


def test_an_error_is_not_printed_among_the_results_where_standard_error_is_closed(program: Program) -> None:
    done = redirected(program, "2>&-", "check", "none.csv")
    assert (done.returncode, done.stdout) == (2, "")


@needs_full
@pytest.mark.parametrize(
    ("arguments", "code"), [(("template", "t.csv"), 0), (("template", "none/t.csv"), 2), (("chek", "t.csv"), 2)]
)
def test_full_streams_change_no_exit_code(program: Program, arguments: tuple[str, ...], code: int) -> None:
    assert redirected(program, ">/dev/full 2>/dev/full", *arguments).returncode == code
    assert (program.folder / "t.csv").exists() == (code == 0)


@needs_full
def test_what_a_full_disk_takes_no_more_is_said(program: Program) -> None:
    done = redirected(program, ">/dev/full", "template", "t.csv")
    assert done.returncode == 0
    assert done.stderr == "Error: What belongs here cannot be printed: No space left on device.\n"


@pytest.mark.long
def test_what_cannot_be_said_on_standard_error_changes_nothing(program: Program, store: Sandbox) -> None:
    done = redirected(program, "2>/dev/full", "images", "1", "NOPE", sandbox=store)
    assert (done.returncode, done.stdout) == (3, "Product 1 has no pictures.\n")


@pytest.mark.long
def test_the_command_after_a_template_can_be_typed_as_it_stands(program: Program) -> None:
    done = program.run("template", "my images.xlsx")
    command = done.stdout.partition("then:  ")[2].strip()
    assert shlex.split(command)[-2:] == ["check", "my images.xlsx"]
    again = subprocess.run(
        ["sh", "-c", command.replace(" check ", " preview ")],
        cwd=program.folder,
        env=program.environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert again.returncode == 0, again.stderr
