"""`importer undo`: takes an import back."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli import ExitCode, complain, printable, show
from importer.cli.asking import agreed, remark
from importer.cli.counting import counted
from importer.cli.log_option import log_option, watching
from importer.cli.options import account_options, real_target
from importer.cli.spelling import Command
from importer.cli.terminal import columns, wrapped
from importer.cli.typing_again import typed
from importer.errors import UsageError

if TYPE_CHECKING:
    from importer.pipeline import UndoEnd, UndoSurvey
    from importer.progress import Watcher


@click.command(cls=Command, epilog="Example:  importer undo products-results --credentials api-account.txt")
@click.argument("folder", type=click.Path(path_type=Path), metavar="RESULTS_DIR")
@account_options
@click.option("--concurrency", default=8, show_default=True, help="Products worked on at once.")
@click.option("--yes", is_flag=True, help="Do not ask before the first picture is deleted.")
@click.option("--quiet", is_flag=True, help="No progress and no summary; undo.csv is written all the same.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON on standard output.")
@log_option
def undo(folder: Path, *, yes: bool, as_json: bool, **options: Any) -> int:
    """Take imports back: delete exactly the pictures that they added.

    RESULTS_DIR is the folder with the report and the journal. Everything that imports with this results folder added
    is taken back, not the last one's alone. Thumbnails and pictures of variants become what they were before.
    Pictures that someone has changed since stay and are listed. Run it again to resume. The list of an earlier undo is
    kept as undo-1.csv, undo-2.csv and so on.

    Exit codes: 0 all is undone, 2 nothing was changed (wrong usage, settings or folder, or you said no), 3 something
    was left, all of it listed in undo.csv, 4 stopped by the store, 130 Ctrl-C, 143 asked to end by the system.
    """
    from importer.credentials import NO_CREDENTIALS
    from importer.pipeline import UndoJob, undo_import
    from importer.settings import UploadSettings

    if not yes and not sys.stdin.isatty():
        raise UsageError("An undo deletes pictures, and there is no terminal to ask you. If you are sure, add --yes.")
    upload, target = UploadSettings(concurrency=options["concurrency"]), real_target(options)
    if target.store is None:
        raise UsageError(NO_CREDENTIALS)
    job = UndoJob(folder, target.store, target.network, upload)
    store, quiet = target.store.store_hash, options["quiet"]
    started = {"command": "undo", "folder": str(folder), "store": store, "sandbox": False}
    with watching(options, started, target.store.access_token.reveal()) as watch:
        end = undo_import(job, watch, lambda survey: _agreed(survey, store, watch, yes=yes, quiet=quiet))
        code = _exit_code(end)
        _tell_end(watch, end, code)
    if end.unwritten:
        complain(end.unwritten)
    if as_json:
        show(_as_json(end, store, code))
    elif not quiet:
        show(_laid_out(_text(end, code)))
    elif code == ExitCode.STOPPED:
        complain(end.stopped)
    return code


def _tell_end(watch: "Watcher", end: "UndoEnd", code: ExitCode) -> None:
    """The last two events of the log."""
    written = [str(end.file)] if end.file is not None and not end.unwritten else []
    watch.tell("report_written", {"paths": written, "trouble": end.unwritten})
    watch.tell("run_ended", {"counts": end.counts, "exit_code": code, "stopped": end.stopped})


def _agreed(survey: "UndoSurvey", store: str, watch: "Watcher", *, yes: bool, quiet: bool) -> bool:
    """Ask a person; Enter means no, since what is deleted cannot be brought back."""
    lines = []
    if survey.changed and not yes:
        lines.append(f"{counted(survey.changed, 'picture')} changed in the store since the import will stay.")
    if survey.doubtful and not yes:
        lines.append(
            f"The import was interrupted while sending {counted(survey.doubtful, 'picture')}, which may stay. To have "
            "them undone as well, say no, run the import once more, then undo it."
        )
    if survey.variants and not yes:
        lines.append(f"{counted(survey.variants, 'variant')} will get the picture of before, if any.")
    if survey.pictures_lost and not quiet:
        lines.append(
            f"{counted(survey.pictures_lost, 'product')} lost pictures of before the import (--existing replace "
            "deletes them). An undo cannot bring those back."
        )
    for line in lines:
        # A question needs what it is about, even where nothing else is shown.
        (remark if quiet else watch.say)(line)
    if yes:
        return True
    everything = "everything that imports with this results folder"
    pictures = f"{counted(survey.pictures, 'picture')} of {counted(survey.products, 'product')}"
    question = (
        f"Delete {everything} added, {pictures}, from the store {store}?"
        if survey.pictures
        else f"Take back {everything} changed, {counted(survey.variants, 'variant')}, in the store {store}?"
    )
    return agreed(question, likely=False)


def _exit_code(end: "UndoEnd") -> ExitCode:
    if end.interrupted:
        return ExitCode.TERMINATED if end.terminated else ExitCode.INTERRUPTED
    if end.declined:
        return ExitCode.USAGE
    if end.stopped:
        return ExitCode.STOPPED
    return ExitCode.FINE if end.complete and not end.unwritten else ExitCode.INCOMPLETE


_WORDS = {
    "deleted": "{} deleted",
    "restored": "{} of variants set back",
    "gone": "{} gone already",
    "changed": "{} left, changed since the import",
    "unknown": "{} left, not certain which it is",
    "failed": "{} left, the store refused",
    "not_reached": "{} not reached",
}


def _laid_out(text: str) -> str:
    """The text as wide as the terminal, where standard output is one."""
    width = columns(sys.stdout)
    lines = printable(text).splitlines()
    if width is not None:
        # A command is left in one piece, to be copied.
        lines = [row for line in lines for row in (wrapped(line, width) if not line.startswith("  ") else [line])]
    return "\n".join(lines)


def _text(end: "UndoEnd", code: ExitCode) -> str:
    lines = [end.stopped] if end.stopped else []
    if not end.lines and code == ExitCode.FINE:
        lines.append("Nothing is left to undo.")
    lines += [_WORDS[status].format(counted(count, "picture")) for status, count in end.counts.items()]
    if end.file is not None and not end.unwritten:
        lines.append(f"List: {end.file}")
        lines.append("This list tells what was taken back; results.html and results.csv still tell of the import.")
    if code in {ExitCode.STOPPED, ExitCode.INTERRUPTED, ExitCode.TERMINATED}:
        lines.append("Next: run the same command again; it carries on with what is left.")
        lines.append(f"  {typed(sys.argv[1:])}")
    elif code == ExitCode.INCOMPLETE and not end.complete:
        lines.append("Next: the list says why each of these was left and what to do.")
    return "\n".join(lines)


def _as_json(end: "UndoEnd", store: str, code: ExitCode) -> str:
    return json.dumps(
        {
            "command": "undo",
            "store": store,
            "counts": end.counts,
            "stopped": end.stopped,
            "list": str(end.file) if end.file is not None and not end.unwritten else "",
            "exit_code": code,
        },
        indent=2,
    )
