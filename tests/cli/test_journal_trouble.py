"""Trouble with the results folder, end to end: nothing is sent without a record, and nothing is sent twice."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from importer.sandbox import Sandbox, SandboxSettings
from importer.uploader import JOURNAL_NAME, Journal
from tests.cli.test_exit_codes import stored, wait_for_posts
from tests.conftest import Program, halted, results

# The program as it is, but where no file can grow beyond a size, or where root may write no more than anybody else
# (capabilities(7): what is dropped from the bounding set is gone after the next exec).
BEFOREHAND = """
import ctypes, os, resource, sys
limit = int(sys.argv[1])
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
elif os.getuid() == 0:
    PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1
    assert ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0) == 0
os.execv(sys.executable, [sys.executable, "-m", "importer", *sys.argv[2:]])
"""
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="limits and capabilities are those of Linux")
PRODUCTS = range(1, 31)
NAMES = ["a", "b", "c"]


def restricted(
    program: Program, sandbox: Sandbox, *arguments: str | Path, limit: int = 0
) -> "subprocess.CompletedProcess[str]":
    """Run the program with a limit on the size of each file, in bytes, or with 0 as one who needs permissions."""
    return program.run_after(BEFOREHAND, str(limit), *arguments, sandbox=sandbox)


def posts(sandbox: Sandbox) -> int:
    return sum(request.method == "POST" for request in sandbox.requests())


def recorded(folder: Path, copy: Path) -> set[tuple[int, str]]:
    """Product and file name of each picture in the journal; a copy is read, because opening one tidies it up."""
    shutil.copytree(folder, copy)
    with closing(sqlite3.connect(copy / JOURNAL_NAME)) as database:
        found = database.execute("SELECT product_id, url FROM picture").fetchall()
    return {(product_id, url.rpartition("/")[2].removesuffix(".jpg")) for product_id, url in found}


@pytest.mark.long
@LINUX
def test_4_a_disk_that_fills_up_in_mid_run_stops_it_and_the_next_run_finishes(
    program: Program, store: Sandbox, pictures: str
) -> None:
    sheet = program.sheet([[number, f"{pictures}/{name}.jpg"] for number in PRODUCTS for name in NAMES])
    folder = program.folder / "rows-results"
    flags = ("--allow-private", "--no-check", "--settle", "0.2")
    done = restricted(program, store, "run", sheet, *flags, limit=150_000)
    assert done.returncode == 4, done.stderr
    assert (done.stdout + done.stderr).count("cannot be written any more") == 1
    assert "so nothing more was sent" in done.stdout
    sent = {(number, name) for number in PRODUCTS for name in stored(store, number)}
    assert 0 < len(sent) == posts(store) < len(PRODUCTS) * len(NAMES)
    assert sent <= recorded(folder, program.folder / "copy")
    lines = results(folder)
    said = {(int(line["product_id"]), Path(line["image_url"]).stem) for line in lines if line["status"] == "uploaded"}
    assert said == sent
    assert {line["status"] for line in lines if line["image_id"] == ""} == {"unsent"}
    done = program.run("run", sheet, *flags, sandbox=store)
    assert done.returncode == 0, done.stderr
    assert [stored(store, number) for number in PRODUCTS] == [NAMES] * len(PRODUCTS)
    assert posts(store) == len(PRODUCTS) * len(NAMES)


@pytest.fixture(scope="module")
def untouched() -> Iterator[Sandbox]:
    """A pretend store to which nothing is ever sent, and which many tests can therefore share."""
    with Sandbox(SandboxSettings(products=((1, ""),), allow_private=True)) as sandbox:
        yield sandbox


def in_its_place(folder: Path) -> None:
    folder.write_text("a file", encoding="utf-8")


def read_only(folder: Path) -> None:
    folder.mkdir(mode=0o500)


def read_only_journal(folder: Path) -> None:
    folder.mkdir()
    Journal(folder, "s").close()
    (folder / JOURNAL_NAME).chmod(0o400)


@pytest.mark.long
@LINUX
@pytest.mark.parametrize(
    ("obstacle", "words"),
    [
        (in_its_place, "rows-results cannot be made"),
        (read_only, "rows-results cannot be written: Permission denied"),
        (read_only_journal, "rows-results/journal.sqlite3 cannot be written: it or its folder is read-only"),
    ],
)
def test_2_a_results_folder_that_cannot_be_written(
    program: Program, untouched: Sandbox, pictures: str, obstacle: Callable[[Path], None], words: str
) -> None:
    obstacle(program.folder / "rows-results")
    done = restricted(program, untouched, "run", program.sheet([[1, f"{pictures}/a.jpg"]]), "--allow-private")
    refused(done, words, untouched)


def refused(done: "subprocess.CompletedProcess[str]", words: str, sandbox: Sandbox) -> None:
    """Exit code 2, one sentence or two on one line, and no picture in the store."""
    errors = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert (done.returncode, done.stdout, len(errors)) == (2, "", 1), done.stderr
    assert words in errors[0]
    assert posts(sandbox) == 0


@pytest.mark.long
@pytest.mark.parametrize(
    ("version", "words"), [("newer", "was written by a newer version of this tool"), ("damaged", "the file is damaged")]
)
def test_2_a_journal_that_cannot_be_read_is_left_as_it_is(
    program: Program, untouched: Sandbox, pictures: str, version: str, words: str
) -> None:
    folder = program.folder / "rows-results"
    folder.mkdir()
    journal = folder / JOURNAL_NAME
    Journal(folder, "s").close()
    if version == "newer":
        with closing(sqlite3.connect(journal)) as database:
            database.execute("PRAGMA user_version = 99")
    else:
        journal.write_bytes(b"not a database" * 500)
    before = journal.read_bytes()
    done = program.run("run", program.sheet([[1, f"{pictures}/a.jpg"]]), "--allow-private", sandbox=untouched)
    refused(done, words, untouched)
    assert journal.read_bytes() == before


@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="only Unix can halt a process for a while")
def test_2_a_second_program_with_the_same_journal_stops_and_the_first_one_finishes(
    program: Program, store: Sandbox, pictures: str
) -> None:
    sheet = program.sheet([[number, f"{pictures}/{name}.jpg?delay=1"] for number in (1, 2) for name in NAMES])
    run: list[str | Path] = ["run", sheet, "--allow-private", "--no-check"]
    with program.start(*run, sandbox=store) as first:
        wait_for_posts(store, 2)
        with halted(first):
            others = [program.start(*words, "--yes", sandbox=store) for words in (run, ["undo", "rows-results"])]
            ends = [(*other.communicate(timeout=30), other.returncode) for other in others]
        _, err = first.communicate(timeout=30)
    for out, errors, code in ends:
        assert (code, out) == (2, ""), errors
        (line,) = [line for line in errors.splitlines() if line.startswith("Error: ")]
        assert "rows-results at this moment. Wait for it to end" in line
    assert first.returncode == 0, err
    assert [stored(store, number) for number in (1, 2)] == [NAMES] * 2
    assert posts(store) == 2 * len(NAMES)
    assert all(request.method != "DELETE" for request in store.requests())
    assert [line["status"] for line in results(program.folder / "rows-results")] == ["uploaded"] * 6
