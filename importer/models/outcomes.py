"""How rows and runs end."""

from dataclasses import dataclass

from importer.models.checked import UrlFinding
from importer.models.codes import Status
from importer.models.rows import LoadedRow, Problem
from importer.models.traffic import Traffic


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is known of the request or requests that carried one row to the store.

    Attributes:
        image_id: BigCommerce's id of the picture, or None where the store did not take it.
        image_file: the store's own name of the file.
        route: how the row went: `single` (one POST for one picture), `batch` (one PUT for up to 10 products),
            `variant` (as the picture of a variant), empty where nothing was sent.
        attempts: requests that tried to write this picture.
        seconds: from the first attempt to the final answer.
        request_id: the store's X-Request-ID of the final answer, for BigCommerce's support.
        image_url: the picture's address at the store, in the size that pages show; empty where it is not known.
        thumbnail_url: the same in the size that lists show.
    """

    image_id: int | None = None
    image_file: str = ""
    route: str = ""
    attempts: int = 0
    seconds: float = 0.0
    request_id: str = ""
    image_url: str = ""
    thumbnail_url: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one row: one line of the report.

    `problem` says why and how to mend it; `note` is what is worth saying of a row that has no problem. `differs` says
    whether the store's picture has another alt text, position or thumbnail than the row asks for.
    """

    source: LoadedRow
    status: Status
    problem: Problem | None = None
    note: str = ""
    product_id: int | None = None
    finding: UrlFinding | None = None
    receipt: Receipt | None = None
    differs: bool = False


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What the report says of the run as a whole.

    Attributes:
        command: `run` or `check`.
        file: the spreadsheet's name, without its folder.
        store: the store hash, empty where no store was asked.
        sandbox: whether the store was the pretend one.
        started: the start in ISO 8601 with its offset.
        seconds: from the start to the writing of the report.
        stopped: why the run ended before its last row, empty where it did not.
        stopped_fix: what the person does about that, empty where running the same command again is enough.
        traffic: what was asked of the store, or None where nothing was.
        hosts_outside: of a rehearsal, the hosts beyond this computer that were asked for pictures, in the file's order.
        variants_left: pictures named for variants that are not set on them, because that was not asked for.
    """

    command: str
    file: str
    store: str
    sandbox: bool
    started: str
    seconds: float
    stopped: str = ""
    stopped_fix: str = ""
    traffic: Traffic | None = None
    hosts_outside: tuple[str, ...] = ()
    variants_left: int = 0


@dataclass(frozen=True, slots=True)
class UploadResult:
    """One outcome for each row that was to be sent, in order, and why the store stopped the run, if it did.

    `stopped` and `stopped_fix` are as in `RunInfo`.
    """

    outcomes: tuple[Outcome, ...]
    stopped: str = ""
    stopped_fix: str = ""
