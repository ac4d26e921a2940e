"""Which rows a page of a very long file shows."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importer.models import Outcome, ProblemCode
from importer.report.sampling import fair_shares, sample
from tests.report.report_samples import troubled, uploaded

_C = ProblemCode
CODES = (_C.SKU_UNKNOWN, _C.HTTP_NOT_FOUND, _C.TLS_TOO_OLD)


def codes_of(outcomes: list[Outcome]) -> Counter[ProblemCode | None]:
    """How many have each code."""
    return Counter(outcome.problem.code if outcome.problem else None for outcome in outcomes)


def test_what_fits_is_shown_whole() -> None:
    outcomes = [uploaded(2), troubled(3, _C.SKU_UNKNOWN), uploaded(4)]
    assert sample(outcomes, 3) is outcomes


def test_every_problem_is_shown_and_good_rows_from_the_whole_file() -> None:
    """In the file's order; the good ones are spread evenly and leave no third of the file out."""
    outcomes = [troubled(row, _C.SKU_UNKNOWN) if row % 100 == 0 else uploaded(row) for row in range(2, 3002)]
    shown = sample(outcomes, 300)
    numbers = [outcome.source.row for outcome in shown]
    assert len(shown) == 300
    assert numbers == sorted(numbers)
    assert {row for row in range(2, 3002) if row % 100 == 0} <= set(numbers)
    good = [outcome.source.row for outcome in shown if outcome.problem is None]
    assert all(80 <= sum(low <= row < low + 1000 for row in good) <= 100 for low in (2, 1002, 2002))


def test_of_too_many_problems_rare_ones_are_whole_and_the_rest_share_alike() -> None:
    """And a few good rows are there, so that a look at them is possible."""
    outcomes = [troubled(row, _C.SKU_UNKNOWN) for row in range(1000)]
    outcomes += [troubled(row, _C.HTTP_NOT_FOUND) for row in range(1000, 1500)]
    outcomes += [troubled(row, _C.TLS_TOO_OLD) for row in range(1500, 1507)]
    outcomes += [uploaded(row) for row in range(1507, 2000)]
    counts = codes_of(list(sample(outcomes, 200)))
    assert counts == {_C.SKU_UNKNOWN: 92, _C.HTTP_NOT_FOUND: 91, _C.TLS_TOO_OLD: 7, None: 10}


@pytest.mark.parametrize(
    ("sizes", "room", "shares"),
    [
        ((10, 10, 1), 21, (10, 10, 1)),
        ((10, 10, 1), 9, (4, 4, 1)),
        ((5, 0, 50), 20, (5, 0, 15)),
        ((3, 3, 3), 2, (0, 1, 1)),
    ],
)
def test_room_is_shared_fairly(sizes: tuple[int, ...], room: int, shares: tuple[int, ...]) -> None:
    """What a small group leaves goes to the others, and nothing is left over."""
    assert fair_shares(dict(zip(CODES, sizes, strict=True)), room) == dict(zip(CODES, shares, strict=True))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from((None, *CODES)), max_size=60), st.integers(1, 70))
def test_the_sample_is_always_as_large_as_it_may_be_and_in_order(kinds: list[ProblemCode | None], most: int) -> None:
    outcomes = [uploaded(row) if kind is None else troubled(row, kind) for row, kind in enumerate(kinds)]
    shown = sample(outcomes, most)
    numbers = [outcome.source.row for outcome in shown]
    assert len(shown) == min(most, len(outcomes))
    assert numbers == sorted(set(numbers))
