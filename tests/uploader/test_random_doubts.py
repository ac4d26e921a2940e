"""Imports through random events where nothing but the journal tells pictures apart: what cannot be told is said.

Siblings share a file name, with and without alt texts, or have names that the store changes; what was given up arrives
later than anybody waits for it, and runs are stopped while they wait. Everything else is as in `test_random_events`.
"""

import random
import tempfile
from collections import Counter
from pathlib import Path

import pytest

from importer.models import ImageRow, Outcome, ProblemCode
from importer.settings import UploadSettings
from tests.uploader.model_store import SETTLE, ModelStore
from tests.uploader.test_random_events import IN_STORE, TIME, Scenario, virtual

__all__ = ["virtual"]
SEEDS = 160
PARTS = 4
_NAMES = ("{at}/main.jpg", "?id={at}", "mug%20({at}).jpg", "main-{at}.jpg", "{at}/%D0%BA{at}.jpg")


def _drawn(seed: int, folder: Path) -> Scenario:
    draw = random.Random(seed)
    rows: list[ImageRow] = []
    for product in (1, 2):
        name, described = draw.choice(_NAMES), draw.random() < 0.4
        first = draw.choice([None, 100])
        for at in range(draw.randint(2, 4)):
            url = f"https://h.example/{product}/{name.format(at=at)}"
            words = f"Picture {at}" if described else ""
            order = None if first is None else first + at
            rows.append(ImageRow("", len(rows) + 2, product, "", url, url, words, order))
    draw.shuffle(rows)
    wanted = {number: frozenset(row.sent_url for row in rows if row.product_id == number) for number in (1, 2)}
    store = ModelStore(draw, draw.random() < 0.15, False, wanted, deletes_old=False)
    for product in (1, 2):
        store.products[product] = {}
        for at in range(draw.choice([0, 1, 2])):
            store.add(product, f"https://before.example/{product}/old-{at}.jpg", {"sort_order": at})
    settings = UploadSettings(
        concurrency=draw.randint(1, 2),
        settle=draw.choice([SETTLE, SETTLE / 3]),
        route=draw.choice(["single", "single", "batch"]),
        stop_after=0,
    )
    return Scenario(seed, store, rows, settings, folder)


def _check(work: Scenario, outcomes: tuple[Outcome, ...]) -> int:
    """No row is said to be there that is not, or twice; how many could not be told."""
    where = f"seed {work.seed}: {work.settings}"
    assert not work.store.breaches, f"{where}: {work.store.breaches}"
    assert [outcome.source for outcome in outcomes] == work.rows, where
    for product in work.store.products:
        stored = Counter(image.url for image in work.store.products[product].values())
        ends = [one for one in outcomes if isinstance(one.source, ImageRow) and one.source.product_id == product]
        told = {one.source.sent_url for one in ends if isinstance(one.source, ImageRow) and one.status in IN_STORE}
        codes = {one.problem.code for one in ends if one.problem}
        assert codes <= {ProblemCode.UPLOAD_UNCERTAIN}, f"{where}: {ends}"
        assert all(stored[url] >= 1 for url in told), f"{where}, product {product}: {stored}, {ends}"
        doubled = {url for url in work.store.wanted[product] if stored[url] > 1}
        assert not doubled or codes, f"{where}, product {product}: {stored}, {ends}"
    return sum(outcome.status not in IN_STORE for outcome in outcomes)


def importing(seed: int, folder: Path) -> Counter[str]:
    """One scenario: disturbed runs, an undisturbed one, and one more that must say the same."""
    random.seed(seed)
    work = _drawn(seed, folder)
    TIME.monotonic = lambda: work.store.now
    for _ in range(work.store.draw.randint(1, 4)):
        work.run(calm=False)
    _, result = work.run(calm=True)
    assert result is not None
    unclear = _check(work, result.outcomes)
    writes = work.store.writes
    _, again = work.run(calm=True)
    assert again is not None
    assert _check(work, again.outcomes) == unclear, f"seed {seed}"
    assert work.store.writes == writes, f"seed {seed}: a finished import wrote again"
    return Counter(rows=len(work.rows), unclear=unclear)


@pytest.mark.parametrize("part", range(PARTS))
def test_what_cannot_be_told_is_said_and_never_called_uploaded(virtual: None, part: int) -> None:
    seen: Counter[str] = Counter()
    for seed in range(part, SEEDS, PARTS):
        with tempfile.TemporaryDirectory() as folder:
            seen += importing(seed, Path(folder))
    assert 0 < seen["unclear"] < seen["rows"] / 5, seen
