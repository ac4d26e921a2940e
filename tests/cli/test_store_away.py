"""A store that goes away in the middle: the person is told that it is waited for, and when it is back."""

import io

import pytest

from importer.pipeline import UndoJob, undo_import
from importer.progress import Lines
from importer.sandbox import Sandbox, SandboxSettings
from importer.settings import UploadSettings
from tests.cli.undoing import deletes, galleries, imported, settings_of
from tests.conftest import Program

AWAY = "The store cannot be reached at the moment. Waiting for it, up to 5 minutes; nothing is lost. Ctrl-C stops."


def said_of_the_store(screen: str) -> list[str]:
    return [line for line in screen.splitlines() if line.startswith("The store ")]


@pytest.mark.long
def test_a_run_tells_of_a_store_that_is_away_and_goes_on_when_it_is_back(program: Program, pictures: str) -> None:
    products = tuple((number, "") for number in range(1, 7))
    with Sandbox(SandboxSettings(products=products, allow_private=True, outage=(6, 0.6), latency_ms=10)) as sandbox:
        sheet = program.sheet([[number, f"{pictures}/{name}.jpg"] for number in range(1, 7) for name in "ab"])
        done = program.run("run", sheet, "--allow-private", "--retry-wait", "0.1", "--settle", "0.5", sandbox=sandbox)
        assert done.returncode == 0, done.stdout + done.stderr
        assert [len(gallery) for gallery in galleries(sandbox, 6)] == [2] * 6
    away, back = said_of_the_store(done.stderr)
    assert away == AWAY
    assert back.startswith("The store is back after ")


@pytest.mark.long
def test_an_undo_tells_of_a_store_that_is_away_and_goes_on_when_it_is_back(program: Program, pictures: str) -> None:
    products = tuple((number, "") for number in range(1, 7))
    with Sandbox(SandboxSettings(products=products, allow_private=True, outage=(18, 0.6), latency_ms=10)) as sandbox:
        folder = imported(program, sandbox, pictures, 6, "ab")
        assert deletes(sandbox) == 0
        screen = io.StringIO()
        job = UndoJob(folder, *settings_of(sandbox), UploadSettings(first_backoff=0.1))
        assert undo_import(job, Lines(screen)).complete
        assert galleries(sandbox, 6) == [[]] * 6
    away, back = said_of_the_store(screen.getvalue())
    assert away == AWAY
    assert back.startswith("The store is back after ")
