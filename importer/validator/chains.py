"""A URL with the redirect chain that it leads along, and what one request of it can come to. Only values."""

from dataclasses import dataclass, field

from importer.addresses import Address
from importer.models import HostFinding, Problem, UrlFinding


@dataclass(slots=True)
class RedirectChain:
    """One URL of the spreadsheet while it is checked.

    Attributes:
        url: the address in the spreadsheet as it is sent.
        address: where the next request goes.
        seconds_left: what is left of the time for all requests; waiting for a turn does not count.
        visited: the addresses asked so far, in order; the last is `address` once it was asked.
        hosts: the verdict on the host of each of `visited`.
        retries: how often a trouble that may pass made us ask the present address again.
        pauses: how often the present host made us wait by 429 or 503.
        problem: the trouble of the last attempt, where there is another.
        answered: of the last attempt: whether the host answered in any way, False where it stayed silent, and None
            where it was not asked at all.
        refusal: of the last attempt: the trouble where the host refused it for being one too many.
        lacks: how often this computer had nothing left to ask the present address with.
        oddities: what broke the rules of HTTP in the answers so far, in a few words each.
        whole: whether the present address is asked for without a Range, which its host may not bear.
    """

    url: str
    address: Address
    seconds_left: float
    visited: list[str] = field(default_factory=list)
    hosts: list[HostFinding] = field(default_factory=list)
    retries: int = 0
    pauses: int = 0
    problem: Problem | None = None
    answered: bool | None = None
    refusal: Problem | None = None
    whole: bool = False
    lacks: int = 0
    oddities: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Retry:
    """Ask the same address once more, in `seconds`.

    Attributes:
        whole_host: whether its host wants nothing until then.
        fewer: whether this computer can bear no more addresses at once.
    """

    seconds: float
    problem: Problem
    whole_host: bool = False
    fewer: bool = False


Step = UrlFinding | Address | Retry
"""The end of a chain, its next address, or the same one once more."""
