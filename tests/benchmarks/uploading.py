"""What the uploader's benchmark measures, each in a process of its own: our upload, a bare loop, the official client.

All send the same pictures to a pretend store of their own, made for the one measurement: the time runs from the opening
of the session to the last answer, for ours with the journal in a folder on disk, opened and closed within it.
"""

import asyncio
import gc
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter, process_time
from typing import Literal

from tests.benchmarks.checking import Sample, peak_megabytes
from tests.benchmarks.picture_server import ROOT
from tests.benchmarks.pretend_store import FIRST_PRODUCT, Seen, Stock, running

WIDTH = 16
"""Requests under way at once, ours and the bare loop's."""


@dataclass(frozen=True, slots=True)
class Work:
    """What one process does.

    Attributes:
        job: `upload` (ours), `bare` (an aiohttp loop) or `official` (the `bigcommerce` client in a loop).
        products: products, from `FIRST_PRODUCT` on.
        each: pictures of each product.
        route: how ours sends them.
        profile: a file for the profile of ours, empty for none; measured so, everything is slower.
    """

    job: str
    products: int
    each: int = 1
    route: Literal["single", "batch"] = "single"
    profile: str = ""

    @property
    def count(self) -> int:
        """Pictures in all."""
        return self.products * self.each

    def pictures(self) -> Iterator[tuple[int, int, str]]:
        """Product, position and address of each picture, product after product."""
        for product in range(FIRST_PRODUCT, FIRST_PRODUCT + self.products):
            for position in range(self.each):
                yield product, position, f"https://images.example.com/catalog/{product}/{product}-{position}.jpg"


@dataclass(frozen=True, slots=True)
class Door:
    """How to reach a store."""

    api_url: str
    store_hash: str
    access_token: str
    ca_file: str


@dataclass(frozen=True, slots=True)
class Measured:
    """One measurement and what the store saw of it."""

    sample: Sample
    seen: Seen


def in_own_process(work: Work, stock: Stock, python: str = sys.executable) -> Measured:
    """One measurement against a store of its own. `python` runs the official client.

    Raises:
        SystemExit: not every picture is in the store exactly once.
    """
    with running(stock) as store, tempfile.TemporaryDirectory(prefix="uploader-benchmark-") as folder:
        door = Door(store.api_url, store.store_hash, store.access_token, store.ca_file)
        told = json.dumps(
            {"work": asdict(work), "door": asdict(door), "folder": folder, "pictures": list(work.pictures())}
        )
        module = (
            [str(Path(__file__).with_name("official_client.py"))] if work.job == "official" else ["-m", __spec__.name]
        )
        start = perf_counter()
        done = subprocess.run(
            [python, *module],
            cwd=ROOT,
            env=os.environ | {"REQUESTS_CA_BUNDLE": store.ca_file},
            input=told,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        whole = perf_counter() - start
        found, seen = json.loads(done.stdout), store.seen()
    if not found["good"] == seen.pictures == seen.distinct == work.count:
        raise SystemExit(f"{work.job}: {found['good']} of {work.count} pictures sent, but the store has {seen}.")
    return Measured(Sample(found["loop"], whole, found["cpu"], found["peak"]), seen)


def python_with(package: str, folders: Sequence[Path]) -> str:
    """The Python of the first virtual environment that has a package, our own where it has; empty for none."""
    for folder in folders:
        for place in ("bin/python", "Scripts/python.exe"):
            python = folder.absolute() / place
            if python.exists() and _succeeds([str(python), "-c", f"import {package}"]):
                return str(python)
    return sys.executable if importlib.util.find_spec(package) else ""


def _succeeds(command: list[str]) -> bool:
    return subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0


def measured(work: Work, door: Door, folder: str) -> dict[str, float]:
    """Do the work in this process: seconds of the loop, of the CPU, how many pictures were taken, peak memory."""
    todo = {"upload": our_upload, "bare": bare_loop}[work.job](work, door, folder)
    gc.collect()
    start, start_cpu = perf_counter(), process_time()
    with asyncio.Runner() as runner:
        good = runner.run(_finished(todo))
    loop, cpu = perf_counter() - start, process_time() - start_cpu
    return {"loop": loop, "cpu": cpu, "good": good, "peak": peak_megabytes()}


async def _finished(todo: Callable[[], Awaitable[int]]) -> int:
    return await todo()


def our_upload(work: Work, door: Door, folder: str) -> Callable[[], Awaitable[int]]:
    """Every picture through `importer.uploader.upload`."""
    from importer.models import Checked, ImageRow, Product, Status
    from importer.settings import AccessToken, NetworkSettings, StoreSettings, UploadSettings
    from importer.store import open_store
    from importer.uploader import Journal, upload

    store = StoreSettings(door.store_hash, AccessToken(door.access_token), door.api_url)
    settings = UploadSettings(concurrency=WIDTH, route=work.route)
    products = {product: Product(product, "", ()) for product, _, _ in work.pictures()}
    checked = [
        Checked(ImageRow("", number, product, "", url, url, "A mug on a white table"), products[product])
        for number, (product, _, url) in enumerate(work.pictures(), start=2)
    ]

    async def todo() -> int:
        journal = Journal(Path(folder), store.identity)
        try:
            async with open_store(store, NetworkSettings(Path(door.ca_file)), settings) as client:
                result = await upload(checked, client, journal, settings)
        finally:
            journal.close()
        return sum(outcome.status == Status.UPLOADED for outcome in result.outcomes)

    return todo


def bare_loop(work: Work, door: Door, _folder: str) -> Callable[[], Awaitable[int]]:
    """The floor that aiohttp sets: as many POSTs at once, each answer read and nothing made of it."""
    import ssl

    import aiohttp

    pictures = work.pictures()
    base = f"{door.api_url}/stores/{door.store_hash}/v3/catalog/products"

    async def worker(session: aiohttp.ClientSession) -> int:
        good = 0
        for product, position, url in pictures:
            body = {"image_url": url, "description": "A mug on a white table", "sort_order": position}
            async with session.post(f"{base}/{product}/images", json=body) as answer:
                good += answer.status == 200 and bool(await answer.read())
        return good

    async def todo() -> int:
        context = ssl.create_default_context()
        context.load_verify_locations(door.ca_file)
        connector = aiohttp.TCPConnector(ssl=context, limit=WIDTH)
        headers = {"X-Auth-Token": door.access_token}
        async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
            return sum(await asyncio.gather(*(worker(session) for _ in range(WIDTH))))

    return todo


def profiled(work: Work, door: Door, folder: str) -> dict[str, float]:
    """The same under the profiler, whose findings go into the file that the work names."""
    import cProfile

    profile = cProfile.Profile()
    found: dict[str, float] = profile.runcall(measured, work, door, folder)
    profile.dump_stats(work.profile)
    return found


if __name__ == "__main__":
    asked = json.loads(sys.stdin.read())
    task = Work(**asked["work"])
    run = profiled if task.profile else measured
    sys.stdout.write(json.dumps(run(task, Door(**asked["door"]), asked["folder"])))
