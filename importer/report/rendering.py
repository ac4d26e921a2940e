"""How far the writing of a file has come."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TypeVar

Watch = Callable[[int], None]
"""Is told of so many rows that are written; what it raises ends the writing."""

_AT_A_TIME = 1_000
_T = TypeVar("_T")


def ignored(_: int) -> None:
    """For who does not ask."""


def told(rows: Iterable[_T], watch: Watch) -> Iterator[_T]:
    """The rows, of which `watch` is told whenever some have been taken."""
    rest = iter(rows)
    while some := list(islice(rest, _AT_A_TIME)):
        yield from some
        watch(len(some))
