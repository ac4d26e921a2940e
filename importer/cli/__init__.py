"""The command line: flags become settings, errors become one line, outcomes become an exit code."""

import os
import re
import sys
import traceback
from contextlib import suppress
from enum import IntEnum
from typing import NoReturn

import click

from importer.errors import ImporterError, UsageError


class ExitCode(IntEnum):
    """What a script can rely on."""

    FINE = 0
    """Every row is uploaded, already there (for `check`: ok) or asks for nothing."""
    BUG = 1
    """Something that should never happen."""
    USAGE = 2
    """Wrong usage, settings or file, or more rejected rows than --fail-over allows; nothing was sent."""
    INCOMPLETE = 3
    """Finished, but some rows did not make it, or the report could not be written."""
    STOPPED = 4
    """Stopped half-way by the store, or because the journal cannot be written; can be resumed."""
    INTERRUPTED = 130
    """Ctrl-C; can be resumed. 128 + SIGINT, as shells have it."""


def main() -> NoReturn:
    """Run the command line and leave the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A Windows console may lack a character of someone's product name: show "?" rather than fail.
            stream.reconfigure(errors="replace")
    sys.exit(_run())


def _run() -> int:
    from importer.cli.commands import importer

    try:
        code = importer.main(prog_name="importer", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except UsageError as error:
        return _say(str(error), ExitCode.USAGE)
    except ImporterError as error:
        return _say(str(error), ExitCode.STOPPED)
    except (KeyboardInterrupt, click.Abort):
        return _say("Stopped. Nothing was sent.", ExitCode.INTERRUPTED)
    except Exception:  # noqa: BLE001 - the last door: a bug is reported as one
        traceback.print_exc()
        return _say("This is a bug in importer, not your mistake. Please report it with the lines above.", ExitCode.BUG)
    return code if isinstance(code, int) else ExitCode.FINE


_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """The text without what a terminal would obey: names and cells are strangers' words."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)


def show(text: str) -> None:
    """Print on standard output.

    Neither whoever stopped reading it (`importer … | head`) nor a disk too full for it changes how the run ends.
    """
    try:
        click.echo(text)
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            _say(f"What belongs here cannot be printed: {error.strerror or error}.", ExitCode.FINE)


def _say(text: str, code: ExitCode) -> ExitCode:
    with suppress(BrokenPipeError):
        click.echo(printable(f"Error: {text}"), err=True)
    return code
