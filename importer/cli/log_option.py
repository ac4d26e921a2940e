"""`--log-json`: what a command tells machines while it runs, and how it begins and ends."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from importer.cli import complain, error_facts, exit_code_of
from importer.errors import UsageError

if TYPE_CHECKING:
    from importer.progress import EventLog, Watcher

log_option: Callable[[Any], Any] = click.option(
    "--log-json",
    metavar="FILE",
    help="Write each event into this file as one line of JSON: stages, rows, waits, the end. A file of an earlier run "
    "is appended to; - is standard error, which then shows nothing else.",
)


@contextmanager
def watching(options: Mapping[str, Any], started: Mapping[str, object], secret: str = "") -> Iterator["Watcher"]:
    """Who is told of the run in this block: the terminal, and the log where there is one.

    The log begins with `run_started` and ends with `run_ended`: told by the command, or here, after `error`, where an
    error ends it. On standard error nothing more is to be said of that error then.

    Args:
        options: of the command.
        started: what the first event says.
        secret: the access token, which must never be in the log.

    Raises:
        UsageError: the log cannot be written.
        click.exceptions.Exit: an error has ended the block and is told already.
    """
    from importer.progress import Several, watcher

    path = options["log_json"]
    if not path:
        yield watcher(quiet=options["quiet"])
        return
    log = _begun(path, started, secret)
    try:
        yield log if path == "-" else Several([watcher(quiet=options["quiet"]), log])
    except BaseException as error:
        code = exit_code_of(error)
        log.tell("error", error_facts(error))
        log.tell("run_ended", {"exit_code": code, "error": str(error) or type(error).__name__})
        if path == "-":
            raise click.exceptions.Exit(code) from error
        raise
    finally:
        log.close()
        if log.trouble:
            complain(f"The log in {path} is not complete: {log.trouble}.")


def _begun(path: str, started: Mapping[str, object], secret: str) -> "EventLog":
    """The log with its first event."""
    from importer.progress import EventLog

    log = EventLog.open(path)
    if secret:
        log.keep_out(secret)
    log.tell("run_started", {**started, "version": _version()})
    if log.trouble:
        log.close()
        raise UsageError(f"--log-json {path} cannot be written: {log.trouble}.")
    return log


def _version() -> str:
    from importlib.metadata import version

    return version("bigcommerce-image-importer")
