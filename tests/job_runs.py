"""Runs in this process, and what their reports say of the pictures."""

from collections.abc import Iterable, Sequence
from typing import Any

from importer.models import Outcome, Status
from importer.pipeline import Job, JobResult, load_file, run_file
from importer.sandbox import Sandbox
from importer.settings import AccessToken, CheckSettings, NetworkSettings, StoreSettings, UploadSettings
from tests.conftest import Program, results
from tests.uploader.uploading import PATIENCE


def job(program: Program, store: Sandbox, token: str = "", **values: Any) -> Job:
    """An import into the store, or with another token or hash."""
    address = StoreSettings(store.store_hash, AccessToken(token or store.access_token), store.api_url)
    settings = {"store": address, "upload": UploadSettings(**PATIENCE), **values}
    authority = program.folder / "ca.pem"  # outlives the store
    authority.write_bytes(store.ca_file.read_bytes())
    return Job(program.folder / "results", CheckSettings(allow_private=True), NetworkSettings(authority), **settings)


def run(program: Program, rows: Iterable[Sequence[object]], told: Job, *more: Any, header: str = "") -> JobResult:
    """Run rows of a product, or what the header names, and an address."""
    sheet = program.sheet([*rows], header=header or "product_id,image_url")
    return run_file(load_file(sheet), told, *more)


def imported(program: Program, store: Sandbox, rows: Sequence[Sequence[object]], header: str = "") -> list[Outcome]:
    """Import rows to the end; the ends that a later report is to tell of them."""
    result = run(program, rows, job(program, store), header=header)
    assert {outcome.status for outcome in result.outcomes} == {Status.UPLOADED}
    return list(result.outcomes)


def kept(before: Iterable[Outcome]) -> list[tuple[object, ...]]:
    """The same as `ends` of these rows, once they count as already there."""
    return [(Status.ALREADY_THERE, one.product_id, *picture(one)) for one in before]


def ends(result: JobResult) -> list[tuple[object, ...]]:
    """Of each row its status, product, image id and image file; the report says the same."""
    lines = results(result.files.csv.parent)
    assert [line["status"] for line in lines] == [outcome.status for outcome in result.outcomes]
    shown = [(int(line["image_id"] or 0) or None, line["image_file"]) for line in lines]
    assert shown == [picture(outcome) for outcome in result.outcomes]
    return [(one.status, one.product_id, *picture(one)) for one in result.outcomes]


def picture(outcome: Outcome) -> tuple[int | None, str]:
    """The id and the file of its picture in the store."""
    return (outcome.receipt.image_id, outcome.receipt.image_file) if outcome.receipt else (None, "")


def notes(result: JobResult) -> list[str]:
    """What is said of each row."""
    return [outcome.note for outcome in result.outcomes]
