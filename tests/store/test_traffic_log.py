"""What the report is told of a run's requests: counted in steps that fill the whole of it."""

import pytest

from importer.store.rate_limits import Pace
from importer.store.traffic_log import TrafficLog


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_nothing_asked_is_no_traffic() -> None:
    assert TrafficLog().traffic(None) is None


@pytest.mark.parametrize(("seconds", "step"), [(3, 1), (119, 1), (121, 2), (3600, 60), (100_000, 900), (10**6, 8334)])
def test_every_request_and_picture_is_in_one_of_at_most_120_steps(seconds: int, step: int) -> None:
    clock = Clock()
    log = TrafficLog(clock)
    for tenth in range(11):
        clock.now = 1000.0 + seconds * tenth / 10
        log.request()
        if tenth % 2:
            log.picture()
    traffic = log.traffic(Pace(150, 30.0, 0))
    assert traffic is not None
    assert (sum(traffic.requests), sum(traffic.pictures)) == (11, 5)
    assert len(traffic.requests) == len(traffic.pictures) <= 121
    assert (traffic.step, traffic.seconds) == (step, seconds)


def test_the_quota_is_what_was_left_to_us_for_as_long_as_the_run_took() -> None:
    clock = Clock()
    log = TrafficLog(clock)
    log.request()
    first = log.traffic(Pace(150, 30.0, 15))
    assert first is not None
    assert (first.quota, first.allowed) == (135, 135)
    clock.now += 75
    log.refusal()
    second = log.traffic(Pace(150, 30.0, 0))
    assert second is not None
    assert (second.allowed, second.refused) == (450, 1)


def test_a_store_that_told_no_quota_allows_nothing_that_could_be_counted() -> None:
    log = TrafficLog()
    log.request()
    traffic = log.traffic(None)
    assert traffic is not None
    assert traffic.allowed == 0
