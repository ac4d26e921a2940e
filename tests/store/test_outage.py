"""What a person is told while the store is away: when the waiting begins, and when it is over."""

from dataclasses import dataclass, field

import pytest

from importer.net import FailureKind, NetFailure
from importer.store.outage import Outage
from importer.store.verdict import RetryPolicy

REFUSED = NetFailure(FailureKind.REFUSED, "refused")
AWAY = "The store cannot be reached at the moment. Waiting for it, up to {}; nothing is lost. Ctrl-C stops."
BACK = "The store is back after {}."


@dataclass
class Watched:
    """An outage on a clock that is turned by hand."""

    patience: float = 300.0
    now: float = 1000.0
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        policy = RetryPolicy(attempts=5, first_backoff=1.0, longest_backoff=60.0)
        self.outage = Outage(self.patience, policy, self.said.append, lambda: self.now)

    def fails(self) -> float | None:
        return self.outage.wait(REFUSED, 0.5)


def test_both_ends_of_the_wait_are_told_once_whoever_waits() -> None:
    watched = Watched()
    watched.outage.over()
    watched.outage.over()
    assert watched.said == []
    for _ in range(3):
        watched.fails()
        watched.fails()
        watched.now += 14
        assert watched.outage.lasts
    assert watched.said == [AWAY.format("5 minutes")]
    watched.outage.over()
    watched.outage.over()
    assert not watched.outage.lasts
    assert watched.said[1:] == [BACK.format("42 seconds")]


@pytest.mark.parametrize(
    ("patience", "away", "most", "length"),
    [
        (10.0, 0.2, "10 seconds", "less than a second"),
        (60.0, 1.2, "1 minute", "1 second"),
        (90.0, 59.0, "2 minutes", "59 seconds"),
        (300.0, 200.0, "5 minutes", "3 minutes"),
    ],
)
def test_lengths_are_told_in_whole_seconds_or_minutes(patience: float, away: float, most: str, length: str) -> None:
    watched = Watched(patience)
    watched.outage.over()
    watched.fails()
    watched.now += away
    watched.outage.over()
    assert watched.said == [AWAY.format(most), BACK.format(length)]


def test_a_store_that_comes_and_goes_is_told_of_once_a_minute() -> None:
    watched = Watched()
    for _ in range(60):
        watched.outage.over()
        watched.fails()
        watched.now += 1
    watched.outage.over()
    assert watched.said == [AWAY.format("5 minutes"), BACK.format("1 second")]
    watched.fails()
    assert len(watched.said) == 3


def test_an_outage_soon_after_another_is_told_as_soon_as_the_minute_is_over() -> None:
    watched = Watched()
    for seconds in (5, 40, 25):
        watched.outage.over()
        watched.fails()
        watched.now += seconds
        watched.fails()
    assert watched.said == [AWAY.format("5 minutes"), BACK.format("5 seconds"), AWAY.format("5 minutes")]
    watched.outage.over()
    assert watched.said[3:] == [BACK.format("25 seconds")]


def test_nothing_is_told_of_a_wait_that_does_not_begin() -> None:
    watched = Watched()
    assert watched.fails() is None
    watched.outage.over()
    assert watched.outage.wait(NetFailure(FailureKind.READ_TIMEOUT, "late"), 0.5) is None
    assert watched.said == []


def test_what_this_computer_runs_out_of_is_waited_for_and_not_called_the_stores_fault() -> None:
    watched = Watched()
    watched.outage.over()
    assert watched.outage.wait(NetFailure(FailureKind.COMPUTER, "no more files"), 0.5)
    assert len(watched.said) == 1
    assert watched.said[0].startswith(
        "This computer has run out of open files or connections. Waiting up to 5 minutes;"
    )
