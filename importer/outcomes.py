"""The sum that must come out: every row of the file ends in exactly one `Outcome`, in the file's order."""

from collections.abc import Sequence
from dataclasses import replace

from importer.errors import StoreStoppedError
from importer.models import Checked, LoadedRow, Outcome, RejectedRow, SkippedRow, Status
from importer.uploader import unsent


def collect(
    rows: Sequence[LoadedRow],
    checked: Sequence[Checked],
    sent: Sequence[Outcome] | None = None,
    refused: StoreStoppedError | None = None,
    withheld: str = "",
) -> tuple[Outcome, ...]:
    """One outcome for every row, in order.

    Args:
        rows: the rows of a file.
        checked: verdicts, of as many of the rows as have one.
        sent: outcomes of the rows that were sent, or None where nothing was to be sent.
        refused: why the store stopped the run before anything was sent, or None where it did not.
        withheld: the sentence on why nothing was sent although the whole check was done, empty where it was not so.
    """
    verdicts = {id(item.row): item for item in checked}
    ends = {id(outcome.source): outcome for outcome in sent or ()}
    note = f"Nothing is wrong with this row. {withheld}"
    outcomes: list[Outcome] = []
    for row in rows:
        if isinstance(row, RejectedRow):
            outcomes.append(Outcome(row, Status.REJECTED, row.problem))
        elif isinstance(row, SkippedRow):
            outcomes.append(Outcome(row, Status.SKIPPED, note=row.reason))
        elif id(row) in ends:
            outcomes.append(ends[id(row)])
        else:
            item = verdicts.get(id(row), Checked(row, skipped=True))
            if item.nothing:
                outcomes.append(Outcome(row, Status.SKIPPED, note=item.nothing))
            elif item.problem is None and (item.skipped or sent is not None):
                end = unsent(item, refused)
                outcomes.append(replace(end, note=note) if withheld else end)
            else:
                outcomes.append(_checked(item))
    return tuple(outcomes)


def _checked(item: Checked) -> Outcome:
    return Outcome(
        source=item.row,
        status=Status.OK if item.problem is None else Status.REJECTED,
        problem=item.problem,
        product_id=item.product.id if item.product else None,
        finding=item.finding,
    )
