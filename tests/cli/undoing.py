"""Imports that are undone, and what the store has then."""

import csv
import http.client
import shutil
import ssl
from pathlib import Path
from typing import Any

from importer.models import Status
from importer.pipeline import Job, UndoEnd, UndoJob, load_file, run_file, undo_import
from importer.sandbox import Sandbox
from importer.settings import AccessToken, CheckSettings, NetworkSettings, StoreSettings, UploadSettings
from tests.conftest import Program

HEADER = "product_id,image_url,is_thumbnail"


def imported(program: Program, sandbox: Sandbox, pictures: str, products: int = 2, names: str = "ab") -> Path:
    """An import of some pictures for each product, the last of them its thumbnail; its results folder."""
    rows = [
        [number, f"{pictures}/{name}.jpg", "yes" if name == names[-1] else ""]
        for number in range(1, products + 1)
        for name in names
    ]
    return sent(program.sheet(rows, header=HEADER), sandbox)


def sent(sheet: Path, sandbox: Sandbox, **upload: Any) -> Path:
    """A whole import, in this process because starting one takes longer than the import; its results folder."""
    folder = sheet.with_name(f"{sheet.stem}-results")
    store, network = settings_of(sandbox)
    run = run_file(load_file(sheet), Job(folder, CheckSettings(urls=False), network, UploadSettings(**upload), store))
    assert {outcome.status for outcome in run.outcomes} == {Status.UPLOADED}
    return folder


def undo_here(folder: Path, sandbox: Sandbox) -> UndoEnd:
    """An undo in this process, for a test that is about another one."""
    return undo_import(UndoJob(folder, *settings_of(sandbox), UploadSettings()))


def settings_of(sandbox: Sandbox) -> tuple[StoreSettings, NetworkSettings]:
    store = StoreSettings(sandbox.store_hash, AccessToken(sandbox.access_token), sandbox.api_url)
    return store, NetworkSettings(sandbox.ca_file)


def undone(folder: Path) -> list[dict[str, str]]:
    with (folder / "undo.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def galleries(sandbox: Sandbox, products: int) -> list[list[tuple[int, bool]]]:
    """Ids and thumbnails of the products' pictures, in the shop's order."""
    return [
        [(image["id"], image["is_thumbnail"]) for image in sandbox.images(number)] for number in range(1, products + 1)
    ]


def filled(program: Program, sandbox: Sandbox, pictures: str, products: int) -> list[list[tuple[int, bool]]]:
    """Give every product two pictures, by an import of which nothing is known afterwards; the galleries."""
    rows = [[number, f"{pictures}/old-{name}.jpg"] for number in range(1, products + 1) for name in "xy"]
    shutil.rmtree(sent(program.sheet(rows, "before.csv"), sandbox))
    return galleries(sandbox, products)


def deletes(sandbox: Sandbox) -> int:
    return sum(request.method == "DELETE" for request in sandbox.requests())


def edit(sandbox: Sandbox, image_id: int) -> None:
    """Somebody changes a description of product 1 by hand."""
    connection = http.client.HTTPSConnection(
        sandbox.api_url.removeprefix("https://"), context=ssl.create_default_context(cafile=str(sandbox.ca_file))
    )
    connection.request(
        "PUT",
        f"/stores/{sandbox.store_hash}/v3/catalog/products/1/images/{image_id}",
        b'{"description": "By hand"}',
        {"X-Auth-Token": sandbox.access_token, "Content-Type": "application/json"},
    )
    assert connection.getresponse().status == 200
    connection.close()
