"""The quota by its own clock: its windows, its changes, and another client that takes a share of it."""

import time
from itertools import pairwise

from importer.sandbox import Sandbox, SandboxSettings
from importer.sandbox.other_client import OtherClient
from importer.sandbox.window import Window
from tests.sandbox.conftest import StoreClient


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def left(window: Window) -> int:
    return int(window.headers()["X-Rate-Limit-Requests-Left"])


def test_a_window_starts_with_its_first_request() -> None:
    clock = Clock()
    window = Window(1, 30_000, clock)
    assert left(window) == 1
    assert window.take()
    clock.now = 129.5
    assert not window.take()
    assert window.headers()["X-Rate-Limit-Time-Reset-Ms"] == "500"
    assert window.retry_after() == "1"
    clock.now = 131.0
    assert window.take()
    assert window.headers()["X-Rate-Limit-Time-Reset-Ms"] == "30000"
    assert [(it.opened, it.used, it.refused) for it in window.records()] == [(100.0, 1, 1), (131.0, 1, 0)]


def test_a_changed_quota_counts_what_was_used_before() -> None:
    window = Window(10, 30_000, Clock())
    assert all(window.take() for _ in range(4))
    window.change(5)
    assert left(window) == 1
    window.change(2)
    assert left(window) == 0
    assert not window.take()
    window.change(6)
    assert (left(window), window.take()) == (2, True)


def test_another_client_takes_its_share_of_every_window_at_odd_moments() -> None:
    """Its requests count as our own do, and it opens windows of its own where nobody else does."""
    clock = Clock()
    window = Window(50, 2_000, clock, OtherClient(0.3, seed=4))
    assert window.take()
    lefts = []
    for _ in range(20_000):
        clock.now += 0.002
        lefts.append(left(window))
    assert len(set(lefts[:1_000])) > 5
    *inner, _ = window.records()
    assert len(inner) >= 15
    assert all(it.others == 15 for it in inner)
    assert inner[0].used == 16
    assert all(it.used == 15 for it in inner[1:])
    gaps = [after.opened - before.opened - 2 for before, after in pairwise(inner)]
    assert all(0 <= gap < 1.0 for gap in gaps)
    assert len({round(gap, 3) for gap in gaps}) > 5


def test_another_client_never_takes_more_than_is_left() -> None:
    clock = Clock()
    window = Window(10, 2_000, clock, OtherClient(0.5, seed=1))
    assert sum(window.take() for _ in range(20)) == 10
    clock.now += 1.99
    assert left(window) == 0
    (record,) = window.records()
    assert (record.used, record.others, record.refused) == (10, 0, 10)


def test_bursts_are_one_to_three_requests_and_spread_over_the_window() -> None:
    other = OtherClient(0.4, seed=9)
    other.plan(100, 0.0, 10.0)
    early, late = list(other.until(5.0)), list(other.until(10.0))
    assert sum(early + late) == 40
    assert set(early + late) == {1, 2, 3}
    assert 5 <= sum(early) <= 35
    assert list(other.until(10.0)) == []


def test_the_store_tells_what_another_client_has_left() -> None:
    with Sandbox(SandboxSettings(quota=100, window_ms=60_000, other_share=0.9, other_seed=1)) as sandbox:
        store = StoreClient(sandbox)
        deadline, others = time.monotonic() + 10, 0
        while not others and time.monotonic() < deadline:
            reply = store.get("/products?id=1101")
            (window,) = sandbox.windows()
            others = window.others
            assert int(reply.headers["X-Rate-Limit-Requests-Left"]) == 100 - window.used
            time.sleep(0.2)
        assert others > 0
        assert window.used - others == len(sandbox.requests())
