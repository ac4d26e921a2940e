"""A file that was changed a little and saved under another name knows what the journals beside its own have."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace

import pytest

from importer.errors import ResultsError, UsageError
from importer.models import Status
from importer.pipeline import Job, JobResult, load_file, run_file
from importer.progress import Silence
from importer.sandbox import Sandbox
from importer.settings import AccessToken, CheckSettings, StoreSettings, UploadSettings
from importer.uploader import JOURNAL_NAME, RECORDED, Journal
from tests.cli.undoing import settings_of, undo_here
from tests.conftest import Program
from tests.uploader.uploading import PATIENCE, count

GENERIC = ["image.jpg", "get?id=1", "get?id=2"]
"""Names that tell nothing: only a journal knows that these pictures are there."""


class Heard(Silence):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)


def started(
    program: Program, store: Sandbox, rows: Sequence[Sequence[object]], name: str, **upload: object
) -> tuple[JobResult, list[str]]:
    """Import rows from a file of some name, into its own results folder; how it ended, and what was said."""
    address, network = settings_of(store)
    sheet, heard = program.sheet(rows, f"{name}.csv"), Heard()
    settings = UploadSettings(**(PATIENCE | {"existing": "add"} | upload))
    job = Job(program.folder / f"{name}-results", CheckSettings(urls=False), network, settings, address)
    return run_file(load_file(sheet), job, heard), heard.said


def statuses(result: JobResult) -> list[Status]:
    return [outcome.status for outcome in result.outcomes]


def rows_of(pictures: str, *products: int) -> list[list[object]]:
    return [[number, f"{pictures}/{number}/{name}"] for number in products for name in GENERIC]


@pytest.mark.parametrize("at", [0, 4, 8])
def test_one_changed_row_is_sent_and_all_others_are_there(
    program: Program, store: Sandbox, pictures: str, at: int
) -> None:
    rows = rows_of(pictures, 1, 2, 3)
    started(program, store, rows, "spring")
    before = {path.name: path.read_bytes() for path in (program.folder / "spring-results").iterdir()}
    rows[at] = [rows[at][0], f"{pictures}/changed.jpg"]
    result, _ = started(program, store, rows, "spring (2)")
    there = [Status.ALREADY_THERE] * 9
    assert statuses(result) == [*there[:at], Status.UPLOADED, *there[at + 1 :]]
    assert {one.note for one in result.outcomes if one.status == Status.ALREADY_THERE} == {RECORDED}
    assert count(store, "POST") == 10
    assert {path.name: path.read_bytes() for path in (program.folder / "spring-results").iterdir()} == before


def test_a_row_moved_to_another_product_is_sent_there(program: Program, store: Sandbox, pictures: str) -> None:
    rows = rows_of(pictures, 1, 2)
    started(program, store, rows, "spring")
    rows[0][0] = 5
    result, _ = started(program, store, rows, "moved")
    assert statuses(result) == [Status.UPLOADED, *[Status.ALREADY_THERE] * 5]
    assert [len(store.images(number)) for number in (1, 2, 5)] == [3, 3, 1]


def test_several_journals_each_know_a_part(program: Program, store: Sandbox, pictures: str) -> None:
    for number in (1, 2, 3):
        started(program, store, rows_of(pictures, number), f"part-{number}")
    result, _ = started(program, store, rows_of(pictures, 1, 2, 3, 4), "all")
    assert statuses(result) == [Status.ALREADY_THERE] * 9 + [Status.UPLOADED] * 3


def test_the_journal_beside_the_file_is_asked_wherever_the_results_are_to_go(
    program: Program, store: Sandbox, pictures: str
) -> None:
    rows = rows_of(pictures, 1)
    started(program, store, rows, "spring")
    sheet = program.sheet([*rows, [2, f"{pictures}/new.jpg"]], "spring (2).csv")
    flags = ["--no-check", "--yes", "--existing", "add", "--results", "reports/today"]
    done = program.run("run", sheet, *flags, sandbox=store)
    assert "3 already there" in done.stdout
    assert count(store, "POST") == 4


@pytest.mark.parametrize("first", ["spring", "spring (2)"])
def test_each_undo_takes_back_what_its_own_import_added(
    program: Program, store: Sandbox, pictures: str, first: str
) -> None:
    rows = rows_of(pictures, 1, 2)
    started(program, store, rows, "spring")
    rows[-1] = [2, f"{pictures}/changed.jpg"]
    started(program, store, rows, "spring (2)")
    second = {"spring": "spring (2)", "spring (2)": "spring"}[first]
    assert len(store.images(1)) + len(store.images(2)) == 7
    assert undo_here(program.folder / f"{first}-results", store).complete
    assert len(store.images(1)) + len(store.images(2)) == (1 if first == "spring" else 6)
    assert undo_here(program.folder / f"{second}-results", store).complete
    assert store.images(1) == store.images(2) == []


def test_what_was_undone_or_deleted_is_sent_again(program: Program, store: Sandbox, pictures: str) -> None:
    rows = rows_of(pictures, 1, 2)
    started(program, store, rows, "spring")
    assert undo_here(program.folder / "spring-results", store).complete
    result, _ = started(program, store, [*rows, [3, f"{pictures}/new.jpg"]], "again")
    assert statuses(result) == [Status.UPLOADED] * 7


# Dies between its request, which the store has done, and the answer: an intention is in the log alone.
DIES = """
import asyncio, os, signal, sys
from pathlib import Path
from importer.uploader import Journal
journal = Journal(Path(sys.argv[1]), sys.argv[2])
asyncio.run(journal.intend(1, [sys.argv[3]], 0))
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_the_question_of_a_killed_import_is_answered_by_the_file_of_another_name(
    program: Program, store: Sandbox, pictures: str
) -> None:
    url = f"{pictures}/named.jpg"
    started(program, store, [[1, url]], "elsewhere")  # the picture is in the store
    (program.folder / "elsewhere-results" / JOURNAL_NAME).unlink()
    folder = program.folder / "spring-results"
    folder.mkdir()
    identity = settings_of(store)[0].identity
    died = subprocess.run([sys.executable, "-c", DIES, str(folder), identity, url], timeout=60, check=False)
    assert died.returncode == -signal.SIGKILL
    result, _ = started(program, store, [[1, url], [2, f"{pictures}/other.jpg"]], "spring (2)")
    assert statuses(result) == [Status.ALREADY_THERE, Status.UPLOADED]
    assert count(store, "POST") == 2
    # That the picture is the killed import's own is likely, but no answer of the store has said so.
    end = undo_here(program.folder / "spring (2)-results", store)
    assert [(line.product_id, line.status) for line in end.lines] == [(1, "unknown"), (2, "deleted")]
    assert (len(store.images(1)), store.images(2)) == (1, [])


def test_an_own_question_is_answered_by_a_later_import_of_another_name(
    program: Program, store: Sandbox, pictures: str
) -> None:
    url = f"{pictures}/get?id=7"
    folder = program.folder / "spring-results"
    folder.mkdir()
    journal = Journal(folder, settings_of(store)[0].identity)
    asyncio.run(journal.intend(1, [url], 0))
    journal.close()
    other = program.folder / "out of reach"
    other.mkdir()
    started(Program(other), store, [[1, url], [2, url]], "spring (2)")
    (other / "spring (2)-results").rename(program.folder / "spring (2)-results")
    result, _ = started(program, store, [[1, url]], "spring")
    assert statuses(result) == [Status.ALREADY_THERE]
    assert len(store.images(1)) == 1


def test_a_replacement_keeps_what_another_file_sent_and_this_one_asks_for(
    program: Program, store: Sandbox, pictures: str
) -> None:
    rows = rows_of(pictures, 1)
    started(program, store, rows, "spring")
    before = [image["id"] for image in store.images(1)]
    started(program, store, [*rows[:2], [1, f"{pictures}/changed.jpg"]], "spring (2)", existing="replace")
    after = [image["id"] for image in store.images(1)]
    assert after[:2] == before[:2]
    assert len(after) == 3
    assert count(store, "POST") == 4


def test_a_journal_in_use_stops_a_new_import_and_is_told_to_one_that_is_carried_on(
    program: Program, store: Sandbox, pictures: str
) -> None:
    rows = rows_of(pictures, 1)
    started(program, store, rows, "own")
    started(program, store, rows_of(pictures, 2), "busy")
    journal = Journal(program.folder / "busy-results", settings_of(store)[0].identity)
    try:
        with pytest.raises(ResultsError, match="may be the same one under another name"):
            started(program, store, rows_of(pictures, 1, 2), "new")
        result, said = started(program, store, [*rows, [3, f"{pictures}/new.jpg"]], "own")
    finally:
        journal.close()
    assert statuses(result) == [Status.ALREADY_THERE] * 3 + [Status.UPLOADED]
    assert any("busy-results was not read, because another import is using it" in text for text in said)


@pytest.mark.parametrize("content", [b"no database at all", b""])
def test_a_journal_beside_that_is_damaged_is_told_and_left_alone(
    program: Program, store: Sandbox, pictures: str, content: bytes
) -> None:
    folder = program.folder / "broken"
    folder.mkdir()
    (folder / JOURNAL_NAME).write_bytes(content)
    _, said = started(program, store, rows_of(pictures, 1), "spring")
    assert any("broken was not read, because it is damaged" in text for text in said) == bool(content)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {JOURNAL_NAME: content}


def test_a_journal_of_another_version_is_told(program: Program, store: Sandbox, pictures: str) -> None:
    started(program, store, rows_of(pictures, 1), "spring")
    database = sqlite3.connect(program.folder / "spring-results" / JOURNAL_NAME)
    database.execute("PRAGMA user_version = 99")
    database.close()
    _, said = started(program, store, rows_of(pictures, 2), "summer")
    assert any("written by another version" in text for text in said)


SAME = [
    ("abc", "https://api.example"),
    ("ABC", "https://api.example"),
    (" abc ", "https://api.example"),
    ("abc/", "https://api.example"),
    ("abc", "https://api.example/"),
    ("abc", "https://api.example//"),
    ("abc", " https://api.example "),
    ("abc", "https://api.example:443"),
    ("abc", "https://API.Example"),
    ("abc", "HTTPS://api.example:443/"),
    ("abc", "https://api.example."),
]


def test_a_store_written_differently_is_the_same_store() -> None:
    token = AccessToken("secret")
    assert {StoreSettings(name, token, url).identity for name, url in SAME} == {"https://api.example/stores/abc"}
    others = [("abd", "https://api.example"), ("abc", "https://api.example:8443"), ("abc", "https://api.example/x")]
    assert len({StoreSettings(name, token, url).identity for name, url in [*others, SAME[0]]}) == 4


def test_the_journal_of_a_store_written_differently_is_carried_on(
    program: Program, store: Sandbox, pictures: str
) -> None:
    rows = rows_of(pictures, 1)
    started(program, store, rows, "spring")
    address, network = settings_of(store)
    written = replace(address, store_hash=f" {address.store_hash} ", api_url=f"{address.api_url.upper()}//")
    for name in ("spring", "summer"):
        told = Job(program.folder / f"{name}-results", CheckSettings(urls=False), network, UploadSettings(), written)
        result = run_file(load_file(program.sheet([*rows, [2, f"{pictures}/x.jpg"]], f"{name}.csv")), told)
        assert statuses(result)[:3] == [Status.ALREADY_THERE] * 3
    assert count(store, "POST") == 4


@pytest.mark.parametrize("url", ["https://[::1", "https://api.example:port", "https://api.example:99999", "https://"])
def test_an_api_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="is not an API address"):
        StoreSettings("abc", AccessToken("secret"), url)
