"""What the watcher of a whole run is told of the time: what it waits for, and how much of the work is done."""

import asyncio
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from importer.models import Status
from importer.pipeline import UndoJob, undo_import
from importer.pipeline.stages import by_lookup
from importer.progress import Forecast, Silence
from importer.sandbox import Sandbox, SandboxSettings
from importer.settings import AccessToken, NetworkSettings, StoreSettings, UploadSettings
from importer.store import find_products, open_store
from tests.conftest import Program
from tests.job_runs import imported, job, run
from tests.uploader.undo_shop import interrupted, shop_with
from tests.uploader.uploading import PATIENCE, running

LATE = "pictures that may still arrive"


class Told(Silence):
    """Keeps the waits, and how much of the work of the upload was done after each row."""

    def __init__(self) -> None:
        self.waits: list[tuple[float, str]] = []
        self.shares: list[tuple[str, float]] = []
        self._forecast: Forecast | None = None

    def begin(self, stage: str, total: int | None) -> None:  # noqa: ARG002 - as the watcher has it
        self._forecast = None

    def expect(self, forecast: Forecast) -> None:
        self._forecast = forecast

    def advance(self, rows: int = 1, label: str = "") -> None:
        if rows and label and self._forecast and self._forecast.share:
            self.shares.append((label, self._forecast.share(0)))

    def wait(self, seconds: float, what: str) -> None:
        self.waits.append((seconds, what))


def patience(**values: Any) -> UploadSettings:
    return UploadSettings(**(PATIENCE | values))


@pytest.mark.long
def test_a_run_names_what_it_waits_for_when_a_late_picture_is_all_that_is_left(program: Program, pictures: str) -> None:
    with running() as store:
        told = Told()
        rows = [[1, f"{pictures}/a.jpg?delay=0.7"], [1, f"{pictures}/b.jpg"]]
        result = run(program, rows, job(program, store, upload=patience(timeout=0.4, settle=1.5)), told)
    assert {outcome.status for outcome in result.outcomes} == {Status.UPLOADED}
    ((seconds, what),) = told.waits
    assert what == LATE
    assert 1 <= seconds <= 4.5


@pytest.mark.parametrize(("settle", "waits"), [(1.5, 1), (0.1, 0)])
def test_an_undo_names_what_it_waits_for(pictures: str, tmp_path: Path, settle: float, waits: int) -> None:
    told = Told()
    with shop_with(pictures, tmp_path) as shop:
        interrupted(shop, 1, "a.jpg")
        network = NetworkSettings(shop.sandbox.ca_file)
        undo_import(UndoJob(shop.folder, shop.store, network, patience(settle=settle)), told)
    assert [what for _, what in told.waits] == [LATE] * waits


def test_pictures_that_were_there_already_are_no_work(program: Program, store: Sandbox, pictures: str) -> None:
    """So that a second run over a large file does not promise the end too early."""
    rows = [[1, f"{pictures}/{name}.jpg"] for name in "abcd"]
    imported(program, store, rows[:2])
    told = Told()
    run(program, rows, job(program, store), told)
    assert told.shares == [("already_there", 0.0)] * 2 + [("uploaded", 0.5), ("uploaded", 1.0)]


@pytest.mark.parametrize("products", [3_000, 30], ids=["products' own", "variants' or nobody's"])
def test_a_look_up_knows_how_much_of_its_work_is_done(products: int) -> None:
    """The first pass settles only the SKUs of products, which may be half of the work for one SKU in a hundred."""
    skus = [f"P-{number}" for number in range(1, 3_001)]
    shares: list[float] = []
    counts: list[int] = []

    async def work(store: Sandbox) -> None:
        address = StoreSettings(store.store_hash, AccessToken(store.access_token), store.api_url)
        async with open_store(address, NetworkSettings(store.ca_file)) as client:
            forecast = by_lookup(client, [], skus)
            assert forecast.share is not None
            share = forecast.share

            def progress(count: int) -> None:
                counts.append(count + (counts[-1] if counts else 0))
                shares.append(share(counts[-1]))

            await find_products(client, [], skus, progress)

    stocked = tuple((number, f"P-{number}") for number in range(1, products + 1))
    with Sandbox(SandboxSettings(products=stocked, quota=10_000)) as store:
        asyncio.run(work(store))
    assert (counts[-1], shares[-1]) == (len(skus), 1)
    assert all(earlier <= later + 0.1 for earlier, later in pairwise(shares))
    # Whatever is found in the first pass, about half of the work is done at its end where a second one follows.
    halfway = max(share for number, share in zip(counts, shares, strict=True) if number <= products)
    assert halfway == pytest.approx(1.0 if products == len(skus) else 0.5, abs=0.1)
