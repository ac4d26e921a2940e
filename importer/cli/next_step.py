"""What to do next, down to the command to type."""

from collections.abc import Sequence
from dataclasses import dataclass

from importer.cli import ExitCode
from importer.cli.typing_again import typed
from importer.models import Status
from importer.pipeline import JobResult

_CREDENTIALS_FILE = "BigCommerceAPI-credentials.txt"
"""As the control panel names the file that it offers for download."""
NOTHING_TWICE = "Nothing is sent twice."


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to do next.

    Attributes:
        sentence: in full; empty where the command says it all, or where nothing is left to do.
        short: the same where there is no room.
        command: what to type for it; empty where nothing is left to do.
    """

    sentence: str
    short: str
    command: str


def next_step(result: JobResult, code: int, *, sending: bool, plan_only: bool, arguments: Sequence[str]) -> NextStep:
    """What a person does after `check` or `run`.

    Args:
        result: how it ended.
        code: the exit code.
        sending: whether it was `run`.
        plan_only: whether it was to stop before the first picture.
        arguments: what was typed after the program's name.
    """
    again, sends = typed(arguments), sending and not plan_only
    short = "Next: run the same command again:"
    if result.declined:
        sentence = "Nothing was sent. Next: run the same command again and answer yes; it sends these pictures."
        return NextStep(sentence, short, again)
    run = result.summary.run
    if code in {ExitCode.STOPPED, ExitCode.INTERRUPTED, ExitCode.TERMINATED} and (run.stopped or not result.unwritten):
        return _after_stop(run.stopped_fix, code, again, resumes=sends and not run.sandbox)
    if result.unwritten:
        twice = f" {NOTHING_TWICE}" if sends else ""
        return NextStep(f"Next: run the same command again, and it writes the report.{twice}", short, again)
    planned = _after_plan(result, code, arguments) if plan_only else None
    if planned is not None:
        return planned
    if not sending:
        return _after_any_check(result, arguments)
    what = "; it sends only what is not in the store yet" if sends else ""
    sentence = f"Next: mend these rows in {run.file} and run the same command again{what}."
    nothing = NextStep("", "", "")
    return NextStep(sentence, "Next: mend these and run:", again) if result.summary.to_mend else nothing


def _after_check(arguments: Sequence[str], *, with_store: bool) -> NextStep:
    """What follows a check that found nothing wrong; one without a store needs an account from now on."""
    command = ["run", *arguments[1:]]
    if with_store:
        return NextStep("", "", typed(command))
    sentence = "Next, with the file of credentials from your store's control panel:"
    return NextStep(sentence, sentence, typed([*command, "--credentials", _CREDENTIALS_FILE]))


def _after_any_check(result: JobResult, arguments: Sequence[str]) -> NextStep:
    """What follows a check: pictures that are ready need not wait for the others."""
    run, ready = result.summary.run, result.summary.counts.get(Status.OK, 0)
    if not result.summary.to_mend:
        return _after_check(arguments, with_store=bool(run.store))
    if not ready:
        sentence = f"Next: mend these rows in {run.file} and run the same command again, until every row is ok."
        return NextStep(sentence, "Next: mend these and run:", typed(arguments))
    pictures = "the picture that is" if ready == 1 else f"the {ready:,} pictures that are"
    account = "" if run.store else ", with the file of credentials from your store's control panel"
    sentence = f"Next: mend these rows in {run.file}; {pictures} ready can be sent right away{account}:"
    command = _after_check(arguments, with_store=bool(run.store)).command
    return NextStep(sentence, f"Next: mend these, and send {pictures} ready:", command)


def _after_stop(fix: str, code: int, again: str, *, resumes: bool) -> NextStep:
    """What follows a run that ended early, and what has to be mended before that; a pretend store starts afresh."""
    first = "Next: when that is mended," if code == ExitCode.STOPPED else "Next:"
    carries_on = "it carries on with the rows that are left" if resumes and "carries on" not in fix else ""
    sentence = f"{first} run the same command again{f'; {carries_on}' if carries_on else ''}."
    if fix:
        sentence = f"Next: {fix[:1].lower()}{fix[1:]}{f' {carries_on.capitalize()}.' if carries_on else ''}"
    return NextStep(sentence, f"{first} run this again:", again)


def _after_plan(result: JobResult, code: int, arguments: Sequence[str]) -> NextStep | None:
    """What follows `--plan`; None where all that is left is to mend rows."""
    if result.plan is not None and (result.plan.add or result.plan.delete):
        sentence = "Nothing was sent. Next: run the same command without --plan."
        return NextStep(sentence, sentence, typed([word for word in arguments if word != "--plan"]))
    return NextStep("Nothing is left to send.", "Nothing is left to send.", "") if code == ExitCode.FINE else None
