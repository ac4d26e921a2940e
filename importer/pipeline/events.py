"""What machines are told of each row, and of what was planned."""

from collections.abc import Iterable
from dataclasses import asdict

from importer.models import Checked, ImageRow, LoadedRow, Outcome, Problem, RejectedRow, SkippedRow
from importer.pipeline.store_pictures import looks_like_id
from importer.progress import Watcher
from importer.uploader import Plan, UndoLine


def tell_loaded(watcher: Watcher, rows: tuple[LoadedRow, ...]) -> None:
    """Tell of the rows that end where the file is read: those that are rejected and those that ask for nothing."""
    for row in rows:
        if isinstance(row, RejectedRow):
            watcher.tell("row", _row("load", row, "rejected", row.problem))
        elif isinstance(row, SkippedRow):
            watcher.tell("row", _row("load", row, "skipped", None, row.reason))


def tell_checked(watcher: Watcher, item: Checked, status: str) -> None:
    """Tell of a row that the check is done with."""
    product = item.product.id if item.product else None
    watcher.tell("row", _row("check", item.row, status, item.problem, product_id=product))


def tell_sent(watcher: Watcher, outcome: Outcome) -> None:
    """Tell of a row that the upload is done with."""
    facts = _row("upload", outcome.source, outcome.status, outcome.problem, outcome.note, outcome.product_id)
    watcher.tell("row", facts)


def tell_ended(watcher: Watcher, outcomes: Iterable[Outcome]) -> None:
    """Tell how each row ended, once for each, so that these add up to the counts."""
    for outcome in outcomes:
        facts = _row("", outcome.source, outcome.status, outcome.problem, outcome.note, outcome.product_id)
        del facts["stage"]
        watcher.tell("result", facts | {"image_id": outcome.receipt.image_id if outcome.receipt else None})


def tell_planned(watcher: Watcher, plan: Plan) -> None:
    """Tell of the plan, before anything is sent."""
    watcher.tell("plan", asdict(plan) | {"seconds": plan.seconds})


def tell_undone(watcher: Watcher, line: UndoLine) -> None:
    """Tell of a picture that the undo is done with."""
    facts = {"product_id": line.product_id, "image_id": line.image_id, "image_url": line.url}
    watcher.tell("picture", {"stage": "undo", **facts, "status": line.status, "detail": line.detail})


def _row(
    stage: str, row: LoadedRow, status: str, problem: Problem | None, note: str = "", product_id: int | None = None
) -> dict[str, object]:
    return {
        "stage": stage,
        "sheet": row.sheet,
        "row": row.row,
        "product_id": _id(row) if product_id is None else product_id,
        "sku": row.sku,
        "image_url": row.image_url,
        "status": status,
        "code": problem.code if problem else "",
        "detail": problem.detail if problem else note,
    }


def _id(row: LoadedRow) -> int | None:
    """The product id that the row names: what a rejected row has in that column may be something else."""
    if isinstance(row, ImageRow):
        return row.product_id
    text = row.product_id.strip()
    return int(text) if looks_like_id(text) else None
