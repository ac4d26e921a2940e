"""A URL on its way to its picture, and what one stretch of that way can come to. Only values."""

from dataclasses import dataclass, field

from importer.addresses import Address
from importer.models import HostFinding, Problem, UrlFinding


@dataclass(slots=True)
class Journey:
    """One URL of the spreadsheet while it is looked at.

    Attributes:
        url: the address in the spreadsheet as it is sent; the journey's name.
        address: where the next request goes.
        visited: the addresses asked so far, in order; the last is `address` once it was asked.
        hosts: the verdict on the host of each of `visited`.
        seconds_left: what is left of the time for the whole journey; waiting for a turn does not count.
        looks: how often a trouble that may pass made us ask the present address again.
        pauses: how often the present host made us wait by 429 or 503.
        tried: whether the last look asked the host anything, rather than rely on what was known of it.
        problem: the trouble of the last look, where there is another.
    """

    url: str
    address: Address
    seconds_left: float
    visited: list[str] = field(default_factory=list)
    hosts: list[HostFinding] = field(default_factory=list)
    looks: int = 0
    pauses: int = 0
    tried: bool = False
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Again:
    """Ask the same address once more, in `seconds`; `whole_host` says that its host wants nothing until then."""

    seconds: float
    problem: Problem
    whole_host: bool = False


Step = UrlFinding | Address | Again
"""The end of the journey, the next address of it, or the same one once more."""
