"""The sum that must come out: every row of the file ends in exactly one `Outcome`, in the file's order."""

from collections.abc import Sequence

from importer.models import Checked, ImageRow, Outcome, RejectedRow, Status
from importer.uploader import unsent


def collect(
    rows: Sequence[ImageRow | RejectedRow], checked: Sequence[Checked], sent: Sequence[Outcome] | None = None
) -> tuple[Outcome, ...]:
    """One outcome for every row, in order.

    Args:
        rows: the rows of a file.
        checked: verdicts, of as many of the rows as have one.
        sent: outcomes of the rows that were sent, or None where nothing was to be sent.
    """
    verdicts = {id(item.row): item for item in checked}
    ends = {id(outcome.source): outcome for outcome in sent or ()}
    outcomes: list[Outcome] = []
    for row in rows:
        if isinstance(row, RejectedRow):
            outcomes.append(Outcome(row, Status.REJECTED, row.problem))
        elif id(row) in ends:
            outcomes.append(ends[id(row)])
        else:
            item = verdicts.get(id(row), Checked(row, skipped=True))
            outcomes.append(_not_sent(item, sending=sent is not None))
    return tuple(outcomes)


def _not_sent(item: Checked, *, sending: bool) -> Outcome:
    if item.problem is None and (sending or item.skipped):
        return unsent(item)
    return Outcome(
        source=item.row,
        status=Status.OK if item.problem is None else Status.REJECTED,
        problem=item.problem,
        product_id=item.product.id if item.product else None,
        finding=item.finding,
    )
