"""How a row ends: the `Outcome`s that the uploader gives."""

from collections.abc import Sequence
from dataclasses import replace

from importer.errors import StoreStoppedError, UnansweredError
from importer.models import Checked, Outcome, Problem, ProblemCode, Receipt, Status, StoreImage
from importer.problems import problem

_UNCERTAIN = (
    "The run stopped before it was certain whether the store took the picture; the next one looks before it sends it."
)
_BEFORE = "The run was stopped before this row was done."
MAY_ARRIVE = "pictures that may still arrive"
"""What a run waits for where requests ended without an answer."""
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


def with_image(receipt: Receipt, image: StoreImage) -> Receipt:
    """The receipt with what the store says of the picture."""
    return replace(
        receipt,
        image_id=image.id,
        image_file=image.image_file,
        image_url=image.url_standard,
        thumbnail_url=image.url_thumbnail,
    )


def already_there(
    item: Checked, image: StoreImage, note: str, *, certain: bool = True, differs: bool = False
) -> Outcome:
    """The outcome of a row whose picture the product has, or probably has; `differs` is as in `Outcome`."""
    outcome = ended(item, there_status(certain=certain), receipt=with_image(Receipt(), image), note=note)
    return replace(outcome, differs=differs)


def there_status(*, certain: bool) -> Status:
    """How a row ends whose picture is there, by our own record or by its file name alone."""
    return Status.ALREADY_THERE if certain else Status.PROBABLY_THERE


def unsent(item: Checked, stopped: StoreStoppedError | None = None, *, uncertain: bool = False) -> Outcome:
    """The outcome of a row that the run stopped before, or in the middle of.

    Args:
        item: the row.
        stopped: why the store stopped the run, if it did.
        uncertain: whether a request was under way, so that the store may have the picture.
    """
    state = _UNCERTAIN if uncertain else "Not sent."
    if stopped is not None:
        return ended(item, Status.UNSENT, problem(stopped.code, f"{state} {stopped}", fix=stopped.fix or AGAIN))
    return ended(item, Status.UNSENT, note=f"{_UNCERTAIN if uncertain else _BEFORE} {AGAIN}")


def unknown(error: UnansweredError) -> Problem:
    """The trouble of a row that may be in the store, where the store could not be asked whether it is."""
    words = f"It is not certain whether the store took the picture: its pictures could not be listed. {error}"
    return problem(ProblemCode.STORE_UNAVAILABLE, words)


def unclear(images: Sequence[StoreImage]) -> Problem:
    """The trouble of a row whose request got no answer, where new pictures may be its own or somebody else's."""
    words = (
        f"The store did not say whether it took the picture, and {_new_pictures(images)} may be it. It was not sent "
        "again."
    )
    return problem(ProblemCode.UPLOAD_UNCERTAIN, words)


def maybe_twice(image_id: int, images: Sequence[StoreImage]) -> Problem:
    """The trouble of a row whose picture is there, perhaps a second time."""
    words = (
        f"The picture is in the store (id {image_id}), and {_new_pictures(images)} may be a second copy of it: a "
        "request for it got no answer. Nothing was deleted, because it may be somebody else's."
    )
    fix = "Look at the product in the control panel and delete what is there twice, then run the same command again."
    return problem(ProblemCode.UPLOAD_UNCERTAIN, words, fix=fix)


def _new_pictures(images: Sequence[StoreImage]) -> str:
    named = ", ".join(f"{image.image_file}, id {image.id}" for image in images[:5])
    return f"a new picture of the product ({named})" if len(images) == 1 else f"one of its new pictures ({named})"


def unlisted(error: UnansweredError) -> Problem:
    """The trouble of the other rows of such a product: what is sent now could not be told from what may be there."""
    words = f"Not sent, because the product's pictures could not be listed and an earlier row is in doubt. {error}"
    return problem(ProblemCode.STORE_UNAVAILABLE, words)


def both_sides(trouble: Problem, item: Checked) -> Problem:
    """Where the store could not fetch what we could, show both findings: together they point at the host."""
    finding = item.finding
    if trouble.code != ProblemCode.STORE_COULD_NOT_FETCH or finding is None or finding.http_status is None:
        return trouble
    parts = [f"status {finding.http_status}", finding.tls_version, finding.content_type]
    seen = ", ".join(part for part in parts if part)
    return replace(trouble, detail=f"{trouble.detail} Our own check could open it ({seen}).")
