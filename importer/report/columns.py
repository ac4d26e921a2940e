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
