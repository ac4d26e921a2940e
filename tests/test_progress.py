"""Plain lines for a pipe: one now and then, on a clock of our own."""

import io

import pytest

from importer.progress import Lines


def test_a_line_is_printed_every_few_seconds_even_while_nothing_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("importer.progress.time.monotonic", lambda: now)
    stream = io.StringIO()
    lines = Lines(stream)
    lines.begin("upload", 3)
    for _ in range(12):
        now += 1
        lines.advance(0)  # the pipeline's heartbeat during a wait for the quota
    lines.advance(1, "uploaded")
    lines.advance(2, "already_there")
    lines.end()
    assert stream.getvalue().splitlines() == [
        "Uploading: 0/3 rows",
        "Uploading: 0/3 rows",
        "Uploading: 3/3 rows, 2 already there, 1 uploaded",
    ]
