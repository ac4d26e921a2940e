"""The log for machines: what a line holds, and what happens where it cannot be written."""

import json
import re
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from importer.errors import UsageError
from importer.progress import EventLog


def events(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="ascii").splitlines()]


def test_each_event_is_one_line_with_its_time_in_utc_and_its_name(tmp_path: Path) -> None:
    with closing(EventLog.open(str(tmp_path / "run.jsonl"))) as log:
        log.begin("upload", 2)
        log.advance(2, "uploaded")
        log.advance(0)
        log.wait(12.3456, "the store's quota")
        log.wait(0, "")
        log.say("Zwölf\nTöpfe “hier”")
        log.end()
    found = events(tmp_path / "run.jsonl")
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", one.pop("time")) for one in found)
    assert found[3].pop("seconds") < 60
    assert found == [
        {"event": "stage_started", "stage": "upload", "total": 2},
        {"event": "wait", "seconds": 12.346, "for": "the store's quota"},
        {"event": "message", "text": "Zwölf\nTöpfe “hier”"},
        {"event": "stage_ended", "stage": "upload", "total": 2, "done": 2, "counts": {"uploaded": 2}},
    ]


def test_strangers_text_is_written_as_plain_ascii(tmp_path: Path) -> None:
    with closing(EventLog.open(str(tmp_path / "run.jsonl"))) as log:
        strange = "\x1b[31m\u202e\u2028\udc80\x00é"
        log.tell("row", {"sku": strange})
    assert (tmp_path / "run.jsonl").read_bytes().isascii()
    assert events(tmp_path / "run.jsonl")[0]["sku"] == strange


def test_the_access_token_is_kept_out_wherever_it_stands(tmp_path: Path) -> None:
    with closing(EventLog.open(str(tmp_path / "run.jsonl"))) as log:
        log.keep_out('se"cret\\1')
        log.say('The store said se"cret\\1.')
        log.tell("plan", {"deep": {"paths": ['a/se"cret\\1/b']}})
        log.tell("row", {"detail": ('se"cret\\1',)})
    text = (tmp_path / "run.jsonl").read_text(encoding="ascii")
    assert text.count("(access token hidden)") == 3
    assert 'se"cret\\1' not in "".join(str(one) for one in events(tmp_path / "run.jsonl"))


def test_a_log_of_an_earlier_run_is_appended_to_even_where_it_ends_in_half_a_line(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with closing(EventLog.open(str(path))) as log:
        log.say("one")
    with path.open("ab") as file:
        file.write(b'{"time": "2026-')
    with closing(EventLog.open(str(path))) as log:
        log.say("two")
    lines = path.read_text(encoding="ascii").splitlines()
    assert [json.loads(line)["text"] for line in (lines[0], lines[2])] == ["one", "two"]
    assert len(lines) == 3


@pytest.mark.parametrize("held", [b"sku,image_url\n", b"\xef\xbb\xbf{", b"{}\n"])
def test_a_file_of_something_else_is_left_alone(tmp_path: Path, held: bytes) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(held)
    with pytest.raises(UsageError, match=r"rows\.csv: this file holds something else"):
        EventLog.open(str(path))
    assert path.read_bytes() == held


@pytest.mark.parametrize("name", [".", "none/run.jsonl"])
def test_a_file_that_cannot_be_opened_is_a_usage_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"--log-json .* cannot be written"):
        EventLog.open(str(tmp_path / name))


def test_a_disk_that_fills_up_ends_the_log_and_nothing_else() -> None:
    written: list[bytes] = []

    def write(line: bytes) -> None:
        if len(written) == 2:
            raise OSError(28, "No space left on device")
        written.append(line)

    log = EventLog(write)
    for number in range(5):
        log.say(str(number))
    assert [json.loads(line)["text"] for line in written] == ["0", "1"]
    assert log.trouble == "No space left on device"
