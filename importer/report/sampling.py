"""Which rows of a very long file the page shows: its problems, and enough of the others to see that they are well."""

from collections.abc import Mapping, Sequence

from importer.models import Outcome, ProblemCode

_FOR_THE_GOOD = 20
"""At least one row in so many is one without a problem, however many problems there are."""


def sample(outcomes: Sequence[Outcome], most: int) -> Sequence[Outcome]:
    """At most so many of the outcomes, in their order.

    All of them where they fit. Otherwise every problem, filled up with rows without one; where even the problems are
    too many, each code has a fair share and a rare one keeps all of its rows. Shares are spread over the whole file.
    """
    if len(outcomes) <= most:
        return outcomes
    good: list[int] = []
    bad: dict[ProblemCode, list[int]] = {}
    for index, outcome in enumerate(outcomes):
        if outcome.problem is None:
            good.append(index)
        else:
            bad.setdefault(outcome.problem.code, []).append(index)
    problems = sum(map(len, bad.values()))
    others = min(len(good), max(most - problems, most // _FOR_THE_GOOD))
    shares = fair_shares({code: len(group) for code, group in bad.items()}, most - others)
    chosen = _spread(good, others)
    for code, group in bad.items():
        chosen += _spread(group, shares[code])
    return [outcomes[index] for index in sorted(chosen)]


def fair_shares(sizes: Mapping[ProblemCode, int], room: int) -> dict[ProblemCode, int]:
    """How many of each group there is room for: the same for all, but what a small one leaves goes to the others."""
    shares: dict[ProblemCode, int] = {}
    for left, (code, size) in zip(
        range(len(sizes), 0, -1), sorted(sizes.items(), key=lambda item: item[1]), strict=True
    ):
        shares[code] = min(size, room // left)
        room -= shares[code]
    return shares


def _spread(indexes: Sequence[int], count: int) -> list[int]:
    """So many of the indexes at even distances, each from the middle of its stretch."""
    return [indexes[(2 * place + 1) * len(indexes) // (2 * count)] for place in range(count)]
