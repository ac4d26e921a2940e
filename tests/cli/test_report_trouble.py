"""A report that cannot be written, end to end: one sentence, no traceback, and nothing is sent twice."""

import json
import subprocess
from pathlib import Path

import pytest

from importer.sandbox import Sandbox
from tests.cli.test_journal_trouble import LINUX, posts, restricted
from tests.conftest import Program, results

# The program as it is, but where some files find the disk full: full(4), "writes fail with ENOSPC".
BEFOREHAND = """
import sys
from pathlib import Path
import importer.report.files as files
from importer.cli import main
names, *sys.argv[1:] = sys.argv[1:]
full, created = tuple(f".{name}." for name in names.split()), files._created
files._created = lambda draft: Path("/dev/full").open("wb") if draft.name.startswith(full) else created(draft)
main()
"""
ALL = ("results.csv", "results.xlsx", "results.html")


def on_a_full_disk(
    program: Program, store: Sandbox, files: tuple[str, ...], *arguments: str
) -> "subprocess.CompletedProcess[str]":
    """Run it where these files of the report find no room."""
    return program.run_after(BEFOREHAND, " ".join(files), *arguments, sandbox=store)


@pytest.mark.long
@LINUX
@pytest.mark.parametrize(
    ("files", "left"),
    [(ALL, ()), (ALL[1:], ALL[:1]), (ALL[:2], ALL[2:])],
    ids=["nothing fits", "a part fits", "the page fits"],
)
def test_a_full_disk_after_everything_was_sent_is_one_sentence_and_the_next_run_sends_nothing(
    program: Program, store: Sandbox, pictures: str, files: tuple[str, ...], left: tuple[str, ...]
) -> None:
    program.sheet([[1, f"{pictures}/a.jpg"], [2, f"{pictures}/b.jpg"]])
    run = ("run", "rows.csv", "--allow-private")
    done = on_a_full_disk(program, store, files, *run)
    assert done.returncode == 3, done.stderr
    (error,) = [line for line in done.stderr.splitlines() if "annot" in line or "full" in line]
    assert error == (
        f"Error: Cannot write {', '.join(files[:-1])} and {files[-1]} in rows-results: the disk is full. Make room on "
        "it, then run the same command again. Nothing is sent twice."
    )
    folder = program.folder / "rows-results"
    assert sorted(path.name for path in folder.glob("*results.*")) == sorted(left)
    told = [line for line in done.stdout.splitlines() if line.startswith("Report")]
    assert all(all((program.folder / name).exists() for name in line.split(": ")[1].split(" and ")) for line in told)
    assert len(told) == bool(left)
    assert "All 2 pictures are in the store." in done.stdout
    assert "mend" not in done.stdout
    assert done.stdout.splitlines()[-2] == (
        "Next: run the same command again, and it writes the report. Nothing is sent twice."
    )
    assert program.run(*run, sandbox=store).returncode == 0
    assert [line["status"] for line in results(folder)] == ["already_there"] * 2
    assert posts(store) == 2


@pytest.mark.long
@LINUX
def test_a_script_is_told_which_files_there_are(program: Program, store: Sandbox, pictures: str) -> None:
    program.sheet([[1, f"{pictures}/a.jpg"]])
    done = on_a_full_disk(program, store, ALL[1:], "check", "rows.csv", "--allow-private", "--json", "--quiet")
    told = json.loads(done.stdout)
    assert told["exit_code"] == done.returncode == 3
    assert told["results"] == {"csv": str(Path("rows-results") / "results.csv"), "xlsx": None, "html": None}
    assert done.stderr.count("\n") == 1
    assert "twice" not in done.stderr


@pytest.mark.long
@LINUX
def test_a_disk_without_room_is_noticed_before_anything_is_sent(
    program: Program, store: Sandbox, pictures: str
) -> None:
    program.sheet([[1, f"{pictures}/a.jpg"]])
    done = restricted(program, store, "run", "rows.csv", "--allow-private", limit=1)
    assert done.returncode == 2, done.stdout
    assert "rows-results cannot be written: the disk takes no file as large as this. Use another disk" in done.stderr
    assert posts(store) == 0


@pytest.mark.long
@LINUX
def test_what_cannot_be_printed_is_said_in_a_sentence_and_changes_nothing(
    program: Program, store: Sandbox, pictures: str
) -> None:
    program.sheet([[1, f"{pictures}/a.jpg"]])
    printing = BEFOREHAND.replace("main()", 'import os; os.dup2(os.open("/dev/full", os.O_WRONLY), 1)\nmain()')
    (program.folder / "rows-results").mkdir()
    done = program.run_after(printing, "", "run", "rows.csv", "--allow-private", sandbox=store)
    assert done.returncode == 0, done.stderr
    assert "Error: What belongs here cannot be printed: No space left on device." in done.stderr
    assert [line["status"] for line in results(program.folder / "rows-results")] == ["uploaded"]
