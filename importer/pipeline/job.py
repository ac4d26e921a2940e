"""What a run is given and how it ends."""

from dataclasses import dataclass
from pathlib import Path

from importer.models import Outcome
from importer.report import ReportFiles, Summary
from importer.settings import CheckSettings, NetworkSettings, StoreSettings, UploadSettings
from importer.uploader import Plan

__all__ = ["Job", "JobResult", "Plan"]


@dataclass(frozen=True, slots=True)
class Job:
    """Everything that `check` and `run` need besides the rows.

    Attributes:
        results: the folder for the report, made where it is missing.
        store: the store to ask and to write to, or None to check the URLs alone.
        journal: the folder for the journal, the results folder where it is None.
        file_folder: the folder of the file: the journals in folders beside it are asked what they know of its pictures,
            as are those beside the results folder.
        plan_only: whether to stop before the first picture is sent.
        earlier: the lines of an earlier run's report that this one carries on; none where it begins its own.
        fail_over: the share of rows, 0 to 1, that may be rejected at most; where more are, nothing is sent.
    """

    results: Path
    check: CheckSettings
    network: NetworkSettings
    upload: UploadSettings
    store: StoreSettings | None = None
    sandbox: bool = False
    journal: Path | None = None
    fail_over: float | None = None
    plan_only: bool = False
    file_folder: Path | None = None
    earlier: tuple[Outcome, ...] = ()


@dataclass(frozen=True, slots=True)
class JobResult:
    """How a run ended.

    Attributes:
        files: where the report belongs.
        written: the files that hold the report of this run.
        unwritten: why the report, or a part of it, could not be written; empty where it could.
        kept: why the report of an earlier run was left in its place, as a sentence; empty where it was not.
        interrupted: whether Ctrl-C ended it, or the system's request to end.
        terminated: whether it was the latter (SIGTERM).
        declined: whether the person said no before the first picture was sent.
        plan: what was to be done, or None where it did not come to that.
        rule_broken: that more rows are rejected than `Job.fail_over` allows, as a sentence; empty where not.
    """

    outcomes: tuple[Outcome, ...]
    summary: Summary
    files: ReportFiles
    written: tuple[Path, ...] = ()
    unwritten: str = ""
    kept: str = ""
    interrupted: bool = False
    terminated: bool = False
    declined: bool = False
    rule_broken: str = ""
    plan: Plan | None = None
