"""A store that goes away in the middle: the person is told that it is waited for, and when it is back."""

import io

from importer.pipeline import UndoJob, undo_import
from importer.progress import Lines
from importer.sandbox import Sandbox, SandboxSettings
from importer.settings import UploadSettings
from tests.cli.test_undo_command import deletes, galleries, imported, settings_of
from tests.conftest import Program


def test_an_undo_tells_of_a_store_that_is_away_and_goes_on_when_it_is_back(program: Program, pictures: str) -> None:
    products = tuple((number, "") for number in range(1, 7))
    with Sandbox(SandboxSettings(products=products, allow_private=True, outage=(18, 0.6), latency_ms=10)) as sandbox:
        folder = imported(program, sandbox, pictures, 6, "ab")
        assert deletes(sandbox) == 0
        screen = io.StringIO()
        job = UndoJob(folder, *settings_of(sandbox), UploadSettings(first_backoff=0.1))
        assert undo_import(job, Lines(screen)).complete
        assert galleries(sandbox, 6) == [[]] * 6
    said = [line for line in screen.getvalue().splitlines() if line.startswith("The store ")]
    assert said[0] == (
        "The store cannot be reached at the moment. Waiting for it, up to 5 minutes; nothing is lost. Ctrl-C stops."
    )
    assert said[1].startswith("The store is back after ")
    assert len(said) == 2
