"""How `check` and `run` end, for the person and for machines."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from importer.cli import ExitCode, complain, show

if TYPE_CHECKING:
    from importer.pipeline import JobResult
    from importer.progress import Watcher


def tell_end(watch: "Watcher", result: "JobResult", code: int) -> None:
    """The last two events of the log: which files were written, and how the rows ended."""
    run = result.summary.run
    watch.tell("report_written", {"paths": [str(path) for path in result.written], "trouble": result.unwritten})
    counts = {status.value: count for status, count in result.summary.counts.items()}
    ending = {"counts": counts, "exit_code": code, "stopped": run.stopped, "rule_broken": result.rule_broken}
    watch.tell("run_ended", ending | {"store": run.store, "sandbox": run.sandbox, "seconds": round(run.seconds, 3)})


def print_end(result: "JobResult", code: int, options: Mapping[str, Any], *, sending: bool) -> None:
    """The summary as the options ask for it; what a script must know is said even with --quiet."""
    from importer.cli import printing
    from importer.cli.next_step import NOTHING_TWICE, next_step
    from importer.cli.summary_printing import MOST_ROWS, plain_text, summary_lines, terminal_text
    from importer.cli.terminal import coloured, columns

    trouble = f"{result.unwritten} {NOTHING_TWICE}" if result.unwritten and sending else result.unwritten
    if trouble:
        complain(trouble)
    if options["as_json"]:
        show(printing.summary_json(result, code))
        return
    if options["quiet"]:
        run = result.summary.run
        why = result.rule_broken or (f"{run.stopped} {run.stopped_fix}".strip() if code == ExitCode.STOPPED else "")
        if why:
            complain(why)
        return
    plan_only = options.get("plan_only", False)
    step = next_step(result, code, sending=sending, plan_only=plan_only, arguments=sys.argv[1:])
    lines, width = summary_lines(result, step), columns(sys.stdout)
    if width is None:
        show(plain_text(lines))
        return
    room = MOST_ROWS - -(-len(trouble) // width)
    show(terminal_text(lines, width, room, code, coloured=coloured(sys.stdout)))
