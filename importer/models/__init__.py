"""What flows between the rooms: a row of the spreadsheet on its way to one line of the report.

Everything here is a frozen value with no behaviour of its own and no import of ours. A row that cannot go on
carries a `Problem`; only what stops the whole run is an exception (see `importer.errors`).
"""

from importer.models.checked import Checked, HostFinding, UrlFinding
from importer.models.codes import ProblemCode, Status
from importer.models.outcomes import Outcome, Receipt, RunInfo, UploadResult
from importer.models.rows import ImageRow, LoadedRow, Problem, RejectedRow, SkippedRow
from importer.models.store import Product, StoreImage, Variant
from importer.models.traffic import Traffic

__all__ = [
    "Checked",
    "HostFinding",
    "ImageRow",
    "LoadedRow",
    "Outcome",
    "Problem",
    "ProblemCode",
    "Product",
    "Receipt",
    "RejectedRow",
    "RunInfo",
    "SkippedRow",
    "Status",
    "StoreImage",
    "Traffic",
    "UploadResult",
    "UrlFinding",
    "Variant",
]
