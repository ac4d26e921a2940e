"""What happens, for machines: one JSON object a line."""

import io
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from importer.errors import UsageError
from importer.progress.watching import Forecast

_HIDDEN = "(access token hidden)"
_OURS = b'{"time": "'
"""How each line of such a log begins."""


class EventLog:
    """Writes each event at once, with its time (ISO 8601, UTC, milliseconds) and its name, in ASCII.

    Args:
        write: takes a whole line of bytes, its end included.
        close: called by `close`.

    Attributes:
        close: closes what the log is written to.
        trouble: why nothing is written any more, in the words of the system; empty while it is.
    """

    def __init__(self, write: Callable[[bytes], object], close: Callable[[], None] = lambda: None) -> None:
        self._write = write
        self.close = close
        self._secrets: list[str] = []
        self._stage = ""
        self._total: int | None = None
        self._counts: Counter[str] = Counter()
        self._done = 0
        self._begun = 0.0
        self.trouble = ""

    @classmethod
    def open(cls, path: str) -> "EventLog":
        """The log in this file, after what is in it already; `-` is standard error.

        Raises:
            UsageError: the file cannot be opened, or holds something else than such a log.
        """
        if path == "-":
            return cls(_to_standard_error)
        try:
            file = _appended(Path(path))
        except OSError as error:
            raise UsageError(f"--log-json {path} cannot be written: {error.strerror or error}.") from None
        return cls(file.write, file.close)

    def keep_out(self, secret: str) -> None:
        """Never write this text, whoever says it."""
        self._secrets.append(secret)

    def begin(self, stage: str, total: int | None) -> None:
        """Log the stage's start."""
        self._stage, self._total, self._done, self._counts = stage, total, 0, Counter()
        self._begun = time.monotonic()
        self.tell("stage_started", {"stage": stage, "total": total})

    def expect(self, forecast: Forecast) -> None:
        """Nothing to log."""

    def advance(self, rows: int = 1, label: str = "") -> None:
        """Count; rows are logged by `tell`, one by one."""
        self._done += rows
        if label:
            self._counts[label] += rows

    def wait(self, seconds: float, what: str) -> None:
        """Log a wait when it begins."""
        if seconds:
            self.tell("wait", {"seconds": round(seconds, 3), "for": what})

    def end(self) -> None:
        """Log the stage's end."""
        if not self._stage:
            return
        took = round(time.monotonic() - self._begun, 3)
        facts: dict[str, object] = {"stage": self._stage, "total": self._total, "done": self._done}
        self.tell("stage_ended", facts | {"counts": dict(self._counts), "seconds": took})
        self._stage = ""

    def say(self, text: str) -> None:
        """Log what people are told."""
        self.tell("message", {"text": text})

    def tell(self, event: str, facts: Mapping[str, object]) -> None:
        """Write one event; what cannot be written stops the log and not the run."""
        if self.trouble:
            return
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = json.dumps({"time": now, "event": event, **self._without_secrets(facts)}, default=str)
        try:
            self._write(line.encode("ascii") + b"\n")
        except (OSError, ValueError) as error:
            self.trouble = (error.strerror if isinstance(error, OSError) else "") or str(error)

    def _without_secrets(self, value: Any) -> Any:
        if isinstance(value, str):
            for secret in self._secrets:
                value = value.replace(secret, _HIDDEN)
            return value
        if isinstance(value, Mapping):
            return {str(name): self._without_secrets(inner) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self._without_secrets(inner) for inner in value]
        return value


def _appended(path: Path) -> io.FileIO:
    """The file, opened for appending whole lines.

    Raises:
        OSError: it cannot be opened.
        UsageError: it is a file of something else, such as the spreadsheet.
    """
    if path.is_file() and (start := _start(path)) and not start.startswith(_OURS):
        raise UsageError(f"--log-json {path}: this file holds something else. Name a new file, or an earlier log.")
    torn = path.is_file() and not _ends_a_line(path)
    file = path.open("ab", buffering=0)
    if torn:
        file.write(b"\n")
    return file


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(len(_OURS))


def _ends_a_line(path: Path) -> bool:
    """Whether the next line may follow: a run that was killed, or a full disk, leaves half a line."""
    with path.open("rb") as file:
        if not file.seek(0, os.SEEK_END):
            return True
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _to_standard_error(line: bytes) -> None:
    sys.stderr.write(line.decode("ascii"))
    sys.stderr.flush()
