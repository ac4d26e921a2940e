"""The run in one or two sentences, and the words for each status."""

from collections.abc import Mapping
from dataclasses import dataclass

from importer.models import RunInfo, Status


@dataclass(frozen=True, slots=True)
class StatusWords:
    """A status in a merchandiser's words: a label of one or two words, and what it means."""

    label: str
    meaning: str


STATUS_WORDS: Mapping[Status, StatusWords] = {
    Status.UPLOADED: StatusWords("Uploaded", "The picture is now in the store."),
    Status.OK: StatusWords("Ready", "Nothing stands in the way of sending it."),
    Status.ALREADY_THERE: StatusWords("Already there", "The product has this picture already; nothing was sent."),
    Status.PROBABLY_THERE: StatusWords(
        "Probably there", "The product has a picture with this file name, most likely the same one; nothing was sent."
    ),
    Status.REJECTED: StatusWords("Needs a fix", "It was not sent, because the row or its picture needs a correction."),
    Status.FAILED: StatusWords("Failed", "Sending it was tried, and the store did not take it."),
    Status.UNSENT: StatusWords("Not reached", "The run ended before this row."),
    Status.SKIPPED: StatusWords("Nothing to do", "The row names no picture of its own, or asks for nothing new."),
}
"""In the order in which results are counted: best first."""

_EMPTY = "The file has no rows with pictures."


def verdict_of(counts: Mapping[Status, int], run: RunInfo, repeats: int) -> str:
    """What the run came to, in plain words; the numbers add up to the rows.

    Args:
        counts: rows per status.
        run: which command it was and whether it stopped early.
        repeats: rows that only repeat an earlier row, for which there is nothing to do.
    """
    skipped = counts.get(Status.SKIPPED, 0)
    rows = sum(counts.values()) - skipped
    if not rows:
        opening = "The file asks for no picture that is not in the store." if skipped else _EMPTY
    else:
        opening = _sentence(counts, rows, repeats, checked=run.command == "check")
    ending = f" The {'check' if run.command == 'check' else 'run'} stopped early." if run.stopped else ""
    return opening + ending


def _sentence(counts: Mapping[Status, int], rows: int, repeats: int, *, checked: bool) -> str:
    """The sentence for a file that has rows: the good news, then everything that is left, in pictures.

    A row may name several pictures; one that names none for a fault of its own counts as the one that it meant.
    """
    there = counts.get(Status.ALREADY_THERE, 0) + counts.get(Status.UPLOADED, 0)
    probably = counts.get(Status.PROBABLY_THERE, 0)
    good = counts.get(Status.OK, 0) if checked else there
    state = "ready to send" if checked else "in the store"
    trouble = counts.get(Status.REJECTED, 0) + counts.get(Status.FAILED, 0) - repeats
    unreached, skipped = counts.get(Status.UNSENT, 0), counts.get(Status.SKIPPED, 0)
    rest = [
        f"{there:,} {_are(there)} already in the store" if checked and there else "",
        f"{'it' if rows == 1 else f'{probably:,}'} {_are(probably)} only probably there (same file name)"
        if probably
        else "",
        f"{'it' if rows == 1 else f'{trouble:,}'} {'needs' if trouble == 1 else 'need'} attention" if trouble else "",
        f"{repeats:,} only {'repeats' if repeats == 1 else 'repeat'} an earlier one" if repeats else "",
        f"{'it' if rows == 1 else f'{unreached:,}'} {'was' if unreached == 1 else 'were'} not reached"
        if unreached
        else "",
        f"{skipped:,} {'row asks' if skipped == 1 else 'rows ask'} for nothing" if skipped else "",
    ]
    opening = f"All {rows:,} pictures are {state}" if good == rows > 1 else _share(good, rows, state)
    *early, last = [clause for clause in rest if clause] or [""]
    clauses = f"{', '.join(early)} and {last}" if early else last
    return f"{opening}; {clauses}." if clauses else f"{opening}."


def _share(good: int, rows: int, state: str) -> str:
    """How many of the pictures made it."""
    if rows == 1:
        return f"The one picture is {'' if good else 'not '}{state}"
    return f"{good:,} of {rows:,} pictures {_are(good)} {state}"


def _are(count: int) -> str:
    """The verb for the number."""
    return "is" if count == 1 else "are"
