"""The columns of the results and what one outcome puts into them."""

from collections.abc import Mapping

from importer.models import ImageRow, Outcome, Receipt, UrlFinding

_ENDS = (".", "!", "?", "…")

Cell = str | int | float | None

COLUMN_MEANINGS: Mapping[str, str] = {
    "sheet": "the worksheet; empty for a text file",
    "row": "the row's number, as the spreadsheet program shows it; a row that names several pictures has several lines",
    "product_id": "BigCommerce's number of the product, as the file has it or as the store told it",
    "sku": "the SKU, as the file has it",
    "image_url": "the picture's address, as the file has it",
    "sent_url": "the same as it goes over the wire: percent-encoded once, without the part after `#`",
    "status": "how the row ended",
    "code": "the problem's code; empty where there is none",
    "detail": "what happened",
    "fix": "what to do about it",
    "image_id": "BigCommerce's number of the picture",
    "image_file": "the store's name of the picture's file",
    "http_status": "the status with which the picture's host answered the check",
    "tls_version": "the version of TLS that the host and the check agreed on, such as `TLSv1.3`",
    "content_type": "what the host calls the file, such as `image/jpeg`",
    "bytes": "the file's size",
    "width": "the picture's width in pixels",
    "height": "its height in pixels",
    "route": "how it was sent: `single`, `batch`, or `variant` (as a variant's own image)",
    "attempts": "requests that tried to send it",
    "seconds": "from the first try to the final answer",
    "request_id": "the store's number of the final answer, which BigCommerce's support asks for",
}
"""The columns of the results in their order, and what each holds."""

RESULT_COLUMNS = tuple(COLUMN_MEANINGS)

NUMERIC_COLUMNS = frozenset(
    ("row", "product_id", "image_id", "http_status", "bytes", "width", "height", "attempts", "seconds")
)


_NO_FINDING = UrlFinding()
_NO_RECEIPT = Receipt()


def result_line(outcome: Outcome) -> dict[str, Cell]:
    """The values of one outcome by column, in the order of `RESULT_COLUMNS`; None is an empty cell."""
    return dict(zip(RESULT_COLUMNS, result_cells(outcome), strict=True))


def result_cells(outcome: Outcome) -> tuple[Cell, ...]:
    """The same values without the columns' names."""
    source, problem = outcome.source, outcome.problem
    finding = outcome.finding or _NO_FINDING
    receipt = outcome.receipt or _NO_RECEIPT
    tried = outcome.receipt is not None
    return (
        source.sheet,
        source.row,
        source.product_id if outcome.product_id is None else outcome.product_id,
        source.sku,
        source.image_url,
        source.sent_url if isinstance(source, ImageRow) else "",
        outcome.status.value,
        problem.code.value if problem else "",
        detail_of(outcome),
        problem.fix if problem else "",
        receipt.image_id,
        receipt.image_file,
        finding.http_status,
        finding.tls_version,
        finding.content_type,
        finding.size,
        finding.width,
        finding.height,
        receipt.route,
        receipt.attempts if tried else None,
        round(receipt.seconds, 3) if tried else None,
        receipt.request_id,
    )


def detail_of(outcome: Outcome) -> str:
    """What happened, or the note where there is no problem, and then each warning about the row once."""
    parts = [(outcome.problem.detail if outcome.problem else "") or outcome.note]
    if isinstance(outcome.source, ImageRow):
        parts.append(outcome.source.warning)
    if outcome.finding:
        parts.append(outcome.finding.warning)
    sentences = dict.fromkeys(part.strip() for part in parts if part.strip())
    return " ".join(part if part.endswith(_ENDS) else f"{part}." for part in sentences)
