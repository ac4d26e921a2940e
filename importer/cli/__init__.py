"""The command line: flags become settings, errors become one line, outcomes become an exit code."""

import os
import re
import signal
import sys
import traceback
from collections.abc import Mapping
from contextlib import suppress
from enum import IntEnum
from itertools import pairwise
from typing import NoReturn

import click

from importer.cli.code_pages import plain_where_needed
from importer.cli.terminal import open_closed_streams
from importer.errors import ImporterError, UsageError

_BUG = "This is a bug in importer, not your mistake. Please report it with"


class ExitCode(IntEnum):
    """What a script can rely on."""

    FINE = 0
    """Every row is uploaded, already or probably there (for `check`: ok) or asks for nothing."""
    BUG = 1
    """Something that should never happen."""
    USAGE = 2
    """Wrong usage, settings or file, or more rejected rows than --fail-over allows; nothing was sent."""
    INCOMPLETE = 3
    """Finished, but some rows did not make it, or the report could not be written."""
    STOPPED = 4
    """Stopped half-way by the store, because the journal cannot be written, or offline; can be resumed."""
    INTERRUPTED = 130
    """Ctrl-C; can be resumed. 128 + SIGINT, as shells have it."""
    TERMINATED = 143
    """The system asked it to end (SIGTERM); can be resumed. 128 + SIGTERM."""


class TerminatedError(KeyboardInterrupt):
    """The system asked the program to end (SIGTERM)."""


def main() -> NoReturn:
    """Run the command line and leave the process with its exit code."""
    signal.signal(signal.SIGTERM, _terminate)
    open_closed_streams()
    plain_where_needed()
    sys.exit(_run())


def exit_code_of(error: BaseException) -> ExitCode:
    """The exit code of a command that ends with an error."""
    match error:
        case click.ClickException() | UsageError():
            return ExitCode.USAGE
        case ImporterError():
            return ExitCode.STOPPED
        case TerminatedError():
            return ExitCode.TERMINATED
        # click makes an Abort of what ends a command.
        case click.Abort() if isinstance(error.__cause__, TerminatedError):
            return ExitCode.TERMINATED
        case KeyboardInterrupt() | click.Abort():
            return ExitCode.INTERRUPTED
        case _:
            return ExitCode.BUG


def _terminate(*_: object) -> NoReturn:
    raise TerminatedError


def _run() -> int:
    try:
        # Half of a short command's time goes by here, so that a signal may well come in the middle of it.
        from importer.cli.commands import importer

        code = importer.main(prog_name="importer", standalone_mode=False)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last door: a bug is reported as one
        _report(error)
        return exit_code_of(error)
    return code if isinstance(code, int) else ExitCode.FINE


def _report(error: BaseException) -> None:
    """Tell on standard error what has ended a command."""
    if is_log_on_standard_error():
        _log(error_facts(error))
        return
    with suppress(OSError):
        if isinstance(error, click.ClickException):
            error.show(sys.stderr)
            return
        if exit_code_of(error) is ExitCode.BUG:
            traceback.print_exception(error)
            complain(f"{_BUG} the lines above.")
            return
    complain(error_facts(error)["text"])


def error_facts(error: BaseException) -> dict[str, str]:
    """What the event `error` says of what has ended a command: a sentence, and of a bug where it happened."""
    match error:
        case click.Abort() | KeyboardInterrupt():
            return {"text": "Stopped. Nothing was sent."}
        case click.ClickException():
            return {"text": error.format_message()}
        case ImporterError():
            return {"text": error.sentence}
        case _:
            return {"text": f"{_BUG} this line.", "traceback": "".join(traceback.format_exception(error))}


def is_log_on_standard_error() -> bool:
    """Whether `--log-json -` was typed; asked of the words themselves, since some errors come before they are read."""
    words = sys.argv[1:]
    return "--log-json=-" in words or ("--log-json", "-") in pairwise(words)


def _log(facts: Mapping[str, str]) -> None:
    from importer.progress import EventLog

    EventLog.open("-").tell("error", facts)


_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """The text without what a terminal would obey: names and cells are strangers' words."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)


def show(text: str) -> None:
    """Print on standard output.

    Neither whoever stopped reading it (`importer … | head`) nor a disk too full for it changes how the run ends.
    """
    try:
        # Named, or click takes a stream of plain ASCII for a mistake and writes UTF-8 to it.
        click.echo(text, file=sys.stdout)
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            complain(f"What belongs here cannot be printed: {error.strerror or error}.")


def mention(text: str) -> None:
    """Print a sentence on standard error; one that nobody can read changes nothing."""
    with suppress(OSError):
        click.echo(printable(text), file=sys.stderr)


def complain(text: str) -> None:
    """Print a sentence on standard error, as an error; one that nobody can read changes nothing."""
    if is_log_on_standard_error():
        _log({"text": text})
        return
    mention(f"Error: {text}")
