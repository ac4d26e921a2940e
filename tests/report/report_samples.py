"""Outcomes and a run made by hand for the tests of the report."""

from importer.models import (
    ImageRow,
    Outcome,
    ProblemCode,
    Receipt,
    RejectedRow,
    RunInfo,
    SkippedRow,
    Status,
    UrlFinding,
)
from importer.problems import problem

RUN = RunInfo(
    command="run",
    file="spring catalog.xlsx",
    store="abc123xyz",
    sandbox=False,
    started="2025-03-04T09:05:33+01:00",
    seconds=83.25,
)


def image_row(row: int, **changes: object) -> ImageRow:
    """A row of a usual catalog."""
    address = f"https://cdn.example.com/img/{row}.jpg"
    values: dict[str, object] = {
        "sheet": "",
        "row": row,
        "product_id": None,
        "sku": f"00{row}",
        "image_url": address,
        "sent_url": address,
    }
    return ImageRow(**{**values, **changes})  # type: ignore[arg-type]  # the tests pass what fits


def uploaded(row: int, **changes: object) -> Outcome:
    """A row that made it into the store."""
    return Outcome(
        source=image_row(row, **changes),
        status=Status.UPLOADED,
        product_id=1000 + row,
        finding=UrlFinding(None, 200, "TLSv1.3", "image/jpeg", 181_233, 1200, 900),
        receipt=Receipt(5000 + row, f"a/{row}__01.jpg", "single", 1, 0.73219, f"req-{row}"),
    )


def troubled(row: int, code: ProblemCode, status: Status = Status.REJECTED, **changes: object) -> Outcome:
    """A row with a problem in its usual words."""
    return Outcome(source=image_row(row, **changes), status=status, problem=problem(code), product_id=77)


def malformed(row: int, product_id: str = "12a", sku: str = "", image_url: str = "") -> Outcome:
    """A row that the loader turned away."""
    trouble = problem(ProblemCode.PRODUCT_ID_INVALID, f"The product id is {product_id!r}.", column="Product ID")
    return Outcome(RejectedRow("", row, product_id, sku, image_url, trouble), Status.REJECTED, trouble)


def every_kind() -> list[Outcome]:
    """Each status and each problem code at least once, in the file's order."""
    outcomes = [uploaded(2), uploaded(3, warning="Spaces around the SKU were removed")]
    outcomes.append(Outcome(image_row(4), Status.ALREADY_THERE, note="Sent by an earlier run.", product_id=9))
    outcomes.append(Outcome(image_row(4), Status.PROBABLY_THERE, note="A picture has this file name.", product_id=9))
    outcomes.append(Outcome(image_row(5), Status.OK, finding=UrlFinding(warning="The picture is only 80 pixels wide.")))
    outcomes.append(Outcome(image_row(6), Status.UNSENT, note="The run stopped first."))
    outcomes.append(malformed(7))
    outcomes.append(
        Outcome(SkippedRow("", 8, "", "0008", "", "It names no picture."), Status.SKIPPED, note="No picture.")
    )
    for row, code in enumerate(ProblemCode, start=9):
        status = Status.FAILED if code.startswith("store_") else Status.REJECTED
        outcomes.append(troubled(row, code, status))
    return outcomes
