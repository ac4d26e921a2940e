"""The commands."""

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from importer.cli import ExitCode, printable, show
from importer.cli.asking import agreed
from importer.cli.completion_command import completion
from importer.cli.counting import counted
from importer.cli.ending import print_end, tell_end
from importer.cli.images_command import images
from importer.cli.log_option import watching
from importer.cli.options import (
    Target,
    check_options,
    check_settings,
    loader_options,
    loader_settings,
    real_target,
    report_options,
    sandbox_target,
    spreadsheet,
    store_options,
)
from importer.cli.sandbox_command import sandbox
from importer.cli.spelling import Commands
from importer.cli.typing_again import typed
from importer.cli.undo_command import undo
from importer.cli.upload_options import upload_options, upload_settings
from importer.errors import UsageError
from importer.stop_rule import DOUBTFUL_SHARE, Rejections, parse_share

_HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(
    cls=Commands,
    context_settings=_HELP,
    epilog="Try it without an account:  importer run sample_data/products.csv --sandbox",
)
@click.version_option(package_name="bigcommerce-image-importer", prog_name="importer")
def importer() -> None:
    """Import product images into a BigCommerce store from a spreadsheet.

    Every URL is checked before anything is sent, every row ends in the report, and running the same command again
    carries on where the last run ended.
    """


@importer.command(epilog="Example:  importer run products.xlsx --credentials api-account.txt")
@spreadsheet
@loader_options
@store_options
@check_options
@report_options
@upload_options
def run(file: Path, **options: Any) -> int:
    """Load, check, upload, report; run it again to resume.

    Exit codes: 0 every row is uploaded, already or probably there, or asks for nothing, 2 nothing was sent (the file
    or a setting cannot be used, more rows are rejected than --fail-over allows, or you said no), 3 some rows did not
    make it or the report could not be written, 4 stopped by the store, 130 Ctrl-C, 143 asked to end by the
    system.
    """
    return _job(file, options, sending=True)


@importer.command(epilog="Example:  importer check products.xlsx --timeout 20")
@spreadsheet
@loader_options
@store_options
@check_options
@report_options
def check(file: Path, **options: Any) -> int:
    """Load and check only; needs no account.

    Where a store is set, the products are looked up as well. Exit codes: 0 every row is ok or asks for nothing,
    2 the file or a setting cannot be used, or more rows are rejected than --fail-over allows, 3 some rows are not ok,
    4 stopped by the store, 130 Ctrl-C, 143 asked to end by the system.
    """
    return _job(file, options, sending=False)


def _job(file: Path, options: dict[str, Any], *, sending: bool) -> int:
    from importer import pipeline
    from importer.cli import printing
    from importer.credentials import NO_CREDENTIALS

    loading, checking, uploading = loader_settings(options), check_settings(options), upload_settings(options)
    fail_over = None if options["fail_over"] is None else parse_share(options["fail_over"])
    asks = sending and not (options["yes"] or options["sandbox"] or options["plan_only"])
    if asks and not sys.stdin.isatty():
        raise UsageError(
            "A run sends pictures to a live shop, and there is no terminal to ask you. If you are sure, add --yes; "
            "--plan says what would be done."
        )
    target = None if options["sandbox"] else real_target(options)
    if target is not None and sending and target.store is None:
        raise UsageError(NO_CREDENTIALS)
    store = target.store if target else None
    started = {"command": "run" if sending else "check", "file": str(file), "store": store.store_hash if store else ""}
    secret = store.access_token.reveal() if store else ""
    with ExitStack() as stack:
        watch = stack.enter_context(watching(options, started | {"sandbox": options["sandbox"]}, secret))
        loaded = pipeline.load_file(file, loading, watch)
        for line in (*printing.understood(loaded), *loaded.notes):
            watch.say(printable(line))
        if target is None:
            stock = pipeline.rehearsal_stock([loaded])
            target = stack.enter_context(
                sandbox_target(stock.products, stock.families, allow_private=options["allow_private"])
            )
        folder = options["results"] or pipeline.results_folder(file, loaded, sandbox=options["sandbox"])
        job = pipeline.Job(
            results=folder,
            check=checking,
            network=target.network,
            upload=uploading,
            store=target.store,
            sandbox=target.sandbox,
            journal=target.journal or pipeline.continued_journal(file, loaded),
            file_folder=file.parent,
            fail_over=fail_over,
            plan_only=options.get("plan_only", False),
            earlier=pipeline.earlier_outcomes(file, loaded, folder, sandbox=options["sandbox"]),
        )
        if sending:
            result = pipeline.run_file(
                loaded, job, watch, lambda plan, found: _told(plan, watch) and _agreed(plan, found, target, options)
            )
        else:
            result = pipeline.check_file(loaded, job, watch)
        code = _exit_code(result)
        tell_end(watch, result, code)
    print_end(result, code, options, sending=sending)
    return code


def _told(plan: Any, watch: Any) -> bool:
    from importer.cli.plan_printing import plan_text

    watch.say(plan_text(plan))
    return True


def _agreed(plan: Any, found: Rejections, target: Target, options: dict[str, Any]) -> bool:
    """Ask a person before the first write to a real store.

    Enter means no where many rows are rejected, unless the person has said with --fail-over how many are too many.
    """
    if options["yes"] or not (plan.add or plan.delete):
        return True
    if target.sandbox or target.store is None:
        return True
    pictures = counted(plan.add, "picture")
    then = f", then delete {plan.delete:,} old ones" if plan.delete else ""
    question = f"Send {pictures} to the store {target.store.store_hash}{then}?"
    if found.rejected:
        question = f"{found}. {question}"
    # What is deleted cannot be brought back, so that Enter must not do it.
    likely = not plan.delete and (options["fail_over"] is not None or not found.more_than(DOUBTFUL_SHARE))
    return agreed(question, likely=likely)


def _exit_code(result: Any) -> int:
    from importer.models import Status

    good = {Status.UPLOADED, Status.ALREADY_THERE, Status.PROBABLY_THERE, Status.OK, Status.SKIPPED}
    if result.interrupted:
        return ExitCode.TERMINATED if result.terminated else ExitCode.INTERRUPTED
    if result.declined or result.rule_broken:
        return ExitCode.USAGE
    if result.summary.run.stopped:
        return ExitCode.STOPPED
    fine = set(result.summary.counts) <= good and not result.unwritten
    return ExitCode.FINE if fine else ExitCode.INCOMPLETE


@importer.command(epilog="Example:  importer preview export.csv --map sku=Artikelnummer")
@spreadsheet
@loader_options
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON, with every row.")
def preview(file: Path, *, as_json: bool, **options: Any) -> int:
    """Show what was understood: layout, columns, rows, problems; touches no network.

    Exit codes: 0 the file was understood, 2 it cannot be used.
    """
    from importer import pipeline
    from importer.cli import printing
    from importer.loader import preview as sum_up

    settings = loader_settings(options)
    if as_json:
        show(printing.preview_json(pipeline.load_file(file, settings)))
    else:
        show(printable(printing.preview_text(sum_up(file, settings))))
    return ExitCode.FINE


@importer.command(epilog="Example:  importer template images.xlsx")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@click.option("--yes", is_flag=True, help="Replace the file where it exists.")
def template(file: Path, *, yes: bool) -> int:
    """Write an empty sheet (.csv or .xlsx) to fill in, with examples and notes."""
    from importer.loader import write_template

    write_template(file, overwrite=yes)
    show(printable(f"Wrote {file}. Replace its two example rows, then:  {typed(['check', str(file)])}"))
    return ExitCode.FINE


importer.add_command(completion)
importer.add_command(images)
importer.add_command(sandbox)
importer.add_command(undo)
