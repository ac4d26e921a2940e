"""What is read from an answer's headers about the quota."""

import pytest

from importer.store.rate_limits import rate_limit, retry_after
from tests.store.simulation import limit_headers


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"X-Retry-After": "15"}, 15),
        ({"Retry-After": "7"}, 7),
        ({"X-Retry-After": "2", "X-Rate-Limit-Time-Reset-Ms": "9500"}, 9.5),
        ({"X-Retry-After": "20", "X-Rate-Limit-Time-Reset-Ms": "9500"}, 20),
        ({"Retry-After": "nonsense"}, None),
        ({"Retry-After": "-7"}, None),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0),
    ],
)
def test_the_longest_wait_that_the_headers_name(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_a_date_is_compared_with_the_stores_clock_and_not_with_ours() -> None:
    headers = {"Retry-After": "Wed, 21 Oct 2015 07:28:30 GMT", "Date": "Wed, 21 Oct 2015 07:28:00 GMT"}
    assert retry_after(headers) == 30


def test_the_four_headers_are_read_in_seconds_and_requests() -> None:
    limit = rate_limit(limit_headers(30, 12.5, 150, 149))
    assert limit is not None
    assert (limit.window, limit.reset, limit.quota, limit.left) == (30.0, 12.5, 150, 149)


@pytest.mark.parametrize("name", ["Time-Window-Ms", "Time-Reset-Ms", "Requests-Quota", "Requests-Left"])
@pytest.mark.parametrize("value", ["", "-1", "1.5", "many", "9" * 30, "٣"])
def test_a_number_that_is_none_makes_the_limit_unknown(name: str, value: str) -> None:
    assert rate_limit(limit_headers(30, 12, 150, 149) | {f"X-Rate-Limit-{name}": value}) is None
