"""The columns of the results and what one outcome puts into them."""

from importer.models import ImageRow, Outcome, Receipt, UrlFinding

_ENDS = (".", "!", "?", "…")

Cell = str | int | float | None

RESULT_COLUMNS: tuple[str, ...] = (
    "sheet",
    "row",
    "product_id",
    "sku",
    "image_url",
    "sent_url",
    "status",
    "code",
    "detail",
    "fix",
    "image_id",
    "image_file",
    "http_status",
    "tls_version",
    "content_type",
    "bytes",
    "width",
    "height",
    "route",
    "attempts",
    "seconds",
    "request_id",
)

NUMERIC_COLUMNS = frozenset(
    ("row", "product_id", "image_id", "http_status", "bytes", "width", "height", "attempts", "seconds")
)


def result_line(outcome: Outcome) -> dict[str, Cell]:
    """The values of one outcome by column, in the order of `RESULT_COLUMNS`; None is an empty cell."""
    source, problem = outcome.source, outcome.problem
    finding = outcome.finding or UrlFinding()
    receipt = outcome.receipt or Receipt()
    tried = outcome.receipt is not None
    return {
        "sheet": source.sheet,
        "row": source.row,
        "product_id": source.product_id if outcome.product_id is None else outcome.product_id,
        "sku": source.sku,
        "image_url": source.image_url,
        "sent_url": source.sent_url if isinstance(source, ImageRow) else "",
        "status": outcome.status.value,
        "code": problem.code.value if problem else "",
        "detail": detail_of(outcome),
        "fix": problem.fix if problem else "",
        "image_id": receipt.image_id,
        "image_file": receipt.image_file,
        "http_status": finding.http_status,
        "tls_version": finding.tls_version,
        "content_type": finding.content_type,
        "bytes": finding.size,
        "width": finding.width,
        "height": finding.height,
        "route": receipt.route,
        "attempts": receipt.attempts if tried else None,
        "seconds": round(receipt.seconds, 3) if tried else None,
        "request_id": receipt.request_id,
    }


def detail_of(outcome: Outcome) -> str:
    """What happened, or the note where there is no problem, and then each warning about the row once."""
    parts = [(outcome.problem.detail if outcome.problem else "") or outcome.note]
    if isinstance(outcome.source, ImageRow):
        parts.append(outcome.source.warning)
    if outcome.finding:
        parts.append(outcome.finding.warning)
    sentences = dict.fromkeys(part.strip() for part in parts if part.strip())
    return " ".join(part if part.endswith(_ENDS) else f"{part}." for part in sentences)
