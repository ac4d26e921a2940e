"""BigCommerce product-image importer: a spreadsheet in, pictures in the store, a report out.

The command line is `importer`. As a library, the same four steps are the functions `load`, `check`, `upload` and
`write_report`; each name below is imported only when it is first used, so that `import importer` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importer.errors import FileError, ImporterError, ResultsError, StoreStoppedError, UsageError
    from importer.loaded import LoadedFile, Preview
    from importer.loader import load, preview
    from importer.models import (
        Checked,
        ImageRow,
        Outcome,
        Problem,
        ProblemCode,
        RejectedRow,
        RunInfo,
        SkippedRow,
        Status,
        UploadResult,
    )
    from importer.outcomes import collect
    from importer.report import ReportFiles, write_report
    from importer.settings import (
        AccessToken,
        CheckSettings,
        ColumnMap,
        ConnectTo,
        LoaderSettings,
        NetworkSettings,
        StoreSettings,
        UploadSettings,
    )
    from importer.store import StoreClient, open_store
    from importer.uploader import Journal, upload
    from importer.validator import check

_HOMES = {
    "errors": ("FileError", "ImporterError", "ResultsError", "StoreStoppedError", "UsageError"),
    "loaded": ("LoadedFile", "Preview"),
    "loader": ("load", "preview"),
    "models": (
        "Checked",
        "ImageRow",
        "Outcome",
        "Problem",
        "ProblemCode",
        "RejectedRow",
        "RunInfo",
        "SkippedRow",
        "Status",
        "UploadResult",
    ),
    "outcomes": ("collect",),
    "report": ("ReportFiles", "write_report"),
    "settings": (
        "AccessToken",
        "CheckSettings",
        "ColumnMap",
        "ConnectTo",
        "LoaderSettings",
        "NetworkSettings",
        "StoreSettings",
        "UploadSettings",
    ),
    "store": ("StoreClient", "open_store"),
    "uploader": ("Journal", "upload"),
    "validator": ("check",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "AccessToken",
    "CheckSettings",
    "Checked",
    "ColumnMap",
    "ConnectTo",
    "FileError",
    "ImageRow",
    "ImporterError",
    "Journal",
    "LoadedFile",
    "LoaderSettings",
    "NetworkSettings",
    "Outcome",
    "Preview",
    "Problem",
    "ProblemCode",
    "RejectedRow",
    "ReportFiles",
    "ResultsError",
    "RunInfo",
    "SkippedRow",
    "Status",
    "StoreClient",
    "StoreSettings",
    "StoreStoppedError",
    "UploadResult",
    "UploadSettings",
    "UsageError",
    "check",
    "collect",
    "load",
    "open_store",
    "preview",
    "upload",
    "write_report",
]


def __getattr__(name: str) -> Any:
    """Import a public name from its room on first use (PEP 562)."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'importer' has no attribute {name!r}")
    return getattr(import_module(f"importer.{_HOME_OF[name]}"), name)
