"""How a row ends: the `Outcome`s that the uploader gives."""

from dataclasses import replace

from importer.errors import StoreStoppedError
from importer.models import Checked, Outcome, Problem, ProblemCode, Receipt, Status, StoreImage
from importer.problems import problem

AGAIN = "Run the same command again: it carries on with the rows that are left."


def ended(
    item: Checked, status: Status, trouble: Problem | None = None, receipt: Receipt | None = None, note: str = ""
) -> Outcome:
    """The outcome of a row whose product is known."""
    return Outcome(
        source=item.row,
        status=status,
        problem=trouble,
        note=note,
        product_id=item.product.id if item.product else None,
        finding=item.finding,
        receipt=receipt,
    )


def already_there(item: Checked, image: StoreImage, note: str) -> Outcome:
    """The outcome of a row whose picture the product has."""
    return ended(item, Status.ALREADY_THERE, receipt=Receipt(image_id=image.id, image_file=image.image_file), note=note)


def unsent(item: Checked, stopped: StoreStoppedError | None = None) -> Outcome:
    """The outcome of a row that the run stopped before, or in the middle of."""
    if stopped is None:
        return ended(item, Status.UNSENT, note=f"The run was stopped before this row was done. {AGAIN}")
    return ended(item, Status.UNSENT, problem(stopped.code, f"Not sent. {stopped}", fix=stopped.fix or AGAIN))


def both_sides(trouble: Problem, item: Checked) -> Problem:
    """Where the store could not fetch what we could, show both findings: together they point at the host."""
    finding = item.finding
    if trouble.code != ProblemCode.STORE_COULD_NOT_FETCH or finding is None or finding.http_status is None:
        return trouble
    parts = [f"status {finding.http_status}", finding.tls_version, finding.content_type]
    seen = ", ".join(part for part in parts if part)
    return replace(trouble, detail=f"{trouble.detail} Our own check could open it ({seen}).")
