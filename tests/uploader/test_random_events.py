"""Imports through random events: failures, late answers, deaths, stops, and other people at the same products.

The journal is a real file and verdicts, lanes and finishing are the real ones; the store is `ModelStore`. A failure
names its seed: `importing(seed)` repeats it to the letter.
"""

import asyncio
import random
import selectors
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import pytest

from importer.errors import StoreStoppedError, WaitAbandonedError
from importer.models import Checked, ImageRow, Outcome, Status, UploadResult
from importer.settings import UploadSettings
from importer.store import read_products
from importer.uploader import Journal, upload
from tests.uploader.model_store import SETTLE, ModelClient, ModelStore

SEEDS = 240
PARTS = 4
TIME = SimpleNamespace(monotonic=lambda: 0.0, time=lambda: 0.0)
IN_STORE = {Status.UPLOADED, Status.ALREADY_THERE}


class _Selector(selectors.SelectSelector):
    """Instead of waiting, time goes on."""

    store: ModelStore

    def select(self, timeout: float | None = None) -> Any:
        if timeout:
            self.store.now += timeout
        return super().select(0)


class _Loop(asyncio.SelectorEventLoop):
    """An event loop in the store's time."""

    def __init__(self, store: ModelStore) -> None:
        selector = _Selector()
        selector.store = store
        self._store = store
        super().__init__(selector)

    def time(self) -> float:
        return self._store.now


@dataclass
class Process:
    """One run of the import: it may die or be stopped at the step that is drawn for it."""

    store: ModelStore
    journal: Journal
    dies_at: int
    stops_at: int
    others: bool
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    steps: int = 0
    dead: bool = False
    told: dict[int, Outcome] = field(default_factory=dict)

    async def step(self) -> None:
        """Something may happen here."""
        if self._dies():
            await asyncio.Event().wait()
        if self.steps == self.stops_at:
            self.stop.set()
        if self.others and self.store.draw.random() < 0.04:
            _others(self.store)

    def submit(self, _sync: Callable[[], None]) -> "Future[None]":
        """Stands for the thread that brings commits to the disk; it may die after the commit."""
        done: Future[None] = Future()
        if not self._dies():
            done.set_result(None)
        return done

    def shutdown(self) -> None:
        """As a thread has it."""

    def tell(self, outcome: Outcome) -> None:
        if not self.dead:
            self.told[outcome.source.row] = outcome

    def _dies(self) -> bool:
        if self.dead:
            raise asyncio.CancelledError
        self.steps += 1
        if self.steps != self.dies_at:
            return False
        self.dead = True
        # As the end of a process would: what was not committed is taken back, and the file is free.
        self.journal._commits.close()
        self.journal._file.close()
        asyncio.get_running_loop().stop()
        return True


def _others(store: ModelStore) -> None:
    """Somebody adds a picture to a product, or deletes one."""
    product = store.draw.choice([*store.products])
    gallery = store.products[product]
    # Where old pictures make room, no import could know that a new one goes between its look and its deletion.
    theirs = [image.id for image in gallery.values() if not store.deletes_old or image.url not in store.wanted[product]]
    if theirs and store.draw.random() < 0.3:
        store.delete(product, store.draw.choice(theirs))
    else:
        last = max((image.sort_order for image in gallery.values()), default=-1)
        store.add(product, f"https://other.example/other-{store.draw.randrange(10**6)}.jpg", {"sort_order": last + 1})


@dataclass
class Scenario:
    """A file, a store and the settings, all drawn from one seed."""

    seed: int
    store: ModelStore
    rows: list[ImageRow]
    settings: UploadSettings
    folder: Path

    def run(self, *, calm: bool) -> tuple[Process, UploadResult | None]:
        """One run, from the look at the products to its end; None where it died or could not even look."""
        draw = self.store.draw
        process = Process(
            self.store,
            Journal(self.folder, "s"),
            dies_at=0 if calm or draw.random() < 0.3 else draw.randint(1, 60),
            stops_at=0 if calm or draw.random() < 0.8 else draw.randint(1, 60),
            others=not calm,
        )
        process.journal._commits._thread = process  # type: ignore[assignment]  # inline, so that a seed repeats itself
        loop = _Loop(self.store)
        main = loop.create_task(self._work(process, 0.0 if calm else 0.3))
        try:
            result = loop.run_until_complete(main)
        except RuntimeError:
            assert process.dead, f"seed {self.seed}"
            result = None
        finally:
            for task in asyncio.all_tasks(loop):
                task.cancel()
            with suppress(BaseException):
                loop.run_until_complete(asyncio.gather(*asyncio.all_tasks(loop), return_exceptions=True))
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()
        if not process.dead:
            process.journal.close()
        self.store.now += draw.uniform(0.5, 5.0)
        return process, result

    async def _work(self, process: Process, faults: float) -> UploadResult | None:
        client = ModelClient(self.store, process.stop, process.step, faults)
        try:
            products = await read_products(client, [*self.store.products])
        except (StoreStoppedError, WaitAbandonedError):
            return None
        await asyncio.sleep(1.0)
        checked = [
            Checked(row, products[row.product_id]) for row in self.rows if row.product_id and row.product_id in products
        ]
        return await upload(checked, client, process.journal, self.settings, watch=process.tell, stop=process.stop)


def _drawn(seed: int, folder: Path) -> Scenario:
    draw = random.Random(seed)
    shuffle = draw.random() < 0.25
    rows: list[ImageRow] = []
    for product in range(1, draw.randint(1, 3) + 1):
        many = draw.randint(1, 4)
        thumbnail = draw.choice([None, draw.randrange(many)])
        named: Callable[[int], str] = draw.choice(_NAMES[: 2 if shuffle else 3])
        order: Callable[[int], int | None] = draw.choice(_ORDERS)
        for at in range(many):
            url = f"https://h.example/{product}/{named(at)}"
            # Pictures that nobody could tell apart would prove nothing.
            words = f"Picture {at}" if named is not _NAMES[0] or draw.random() < 0.3 else ""
            rows.append(ImageRow("", len(rows) + 2, product, "", url, url, words, order(at), at == thumbnail or None))
    draw.shuffle(rows)
    existing: Literal["skip", "replace"] = draw.choice(["skip", "replace"])
    wanted = {number: frozenset(row.sent_url for row in rows if row.product_id == number) for number in (1, 2, 3)}
    store = ModelStore(draw, shuffle, draw.random() < 0.5, wanted, existing == "replace")
    for product in {row.product_id or 0 for row in rows}:
        store.products[product] = {}
        for at in range(draw.choice([0, 0, 1, 2])):
            store.add(product, f"https://before.example/{product}/old-{at}.jpg", {"sort_order": at})
    settings = UploadSettings(
        concurrency=draw.randint(1, 3),
        settle=SETTLE,
        existing=existing,
        route=draw.choice(["single", "single", "batch"]),
        stop_after=0,
    )
    return Scenario(seed, store, rows, settings, folder)


_NAMES: tuple[Callable[[int], str], ...] = (
    lambda at: f"p{at}.jpg",
    lambda at: f"{at}/main.jpg",
    lambda at: f"?id={at}",
)
_ORDERS: tuple[Callable[[int], int | None], ...] = (lambda _: None, lambda at: 100 + at, lambda at: 200 - at)


def _check(work: Scenario, outcomes: Sequence[Outcome]) -> None:
    """Each picture once, in order, one thumbnail; what the outcomes say is so."""
    where = f"seed {work.seed}: {work.settings.route}, {work.settings.existing}, shuffle {work.store.shuffle}"
    assert not work.store.breaches, f"{where}: {work.store.breaches}"
    assert [outcome.source for outcome in outcomes] == work.rows, where
    assert {outcome.status for outcome in outcomes} <= IN_STORE, f"{where}: {outcomes}"
    for product in work.store.products:
        rows = [row for row in work.rows if row.product_id == product]
        rows.sort(key=lambda row: row.sort_order or 0)
        shown = work.store.in_order(product)
        ours = [image.url for image in shown if image.url in work.store.wanted[product]]
        more = f"{where}, product {product}: {shown}"
        assert Counter(ours) == Counter(row.sent_url for row in rows), more
        assert ours == [row.sent_url for row in rows], more
        thumbnails = [image.url for image in shown if image.is_thumbnail]
        wanted = [row.sent_url for row in rows if row.is_thumbnail]
        assert len(thumbnails) == 1, more
        assert thumbnails == wanted or not wanted, more


def importing(seed: int, folder: Path) -> Counter[str]:
    """One scenario: disturbed runs, an undisturbed one, and one more that must find nothing to do."""
    random.seed(seed)
    work = _drawn(seed, folder)
    TIME.monotonic = lambda: work.store.now
    seen: Counter[str] = Counter()
    for _ in range(work.store.draw.randint(1, 4)):
        process, result = work.run(calm=False)
        seen["died" if process.dead else "stopped" if process.stop.is_set() else "ended"] += 1
    work.store.now += work.store.draw.choice([0.0, SETTLE])
    _, result = work.run(calm=True)
    assert result is not None
    _check(work, result.outcomes)
    writes = work.store.writes
    _, again = work.run(calm=True)
    assert again is not None
    assert {outcome.status for outcome in again.outcomes} == {Status.ALREADY_THERE}, f"seed {seed}"
    assert work.store.writes == writes, f"seed {seed}: a finished import wrote again"
    return seen


@pytest.fixture
def virtual(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The uploader reads the store's time, and its jitter repeats itself."""
    for name, module in list(sys.modules.items()):
        if name.startswith("importer.uploader.") and getattr(module, "time", None) is time:
            monkeypatch.setattr(module, "time", TIME)
    state = random.getstate()
    yield
    random.setstate(state)


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_happens_each_picture_is_stored_exactly_once(virtual: None, part: int) -> None:
    seen: Counter[str] = Counter()
    for seed in range(part, SEEDS, PARTS):
        with tempfile.TemporaryDirectory() as folder:
            seen += importing(seed, Path(folder))
    assert min(seen["died"], seen["stopped"], seen["ended"]) > 5, seen
