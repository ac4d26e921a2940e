"""What a sandbox is started with. Inert values."""

from dataclasses import dataclass, field
from typing import Literal

FAULT_KINDS = frozenset(
    {
        "500",
        "500_limit",
        "502_html",
        "503",
        "504",
        "429_bare",
        "429_headers",
        "reset_before",
        "reset_after",
        "late",
        "truncated_json",
        "empty_200",
        "401",
        "403",
    }
)
"""What a `Fault` can do. `reset_before` cuts the connection and stores nothing; `reset_after`, `late`,
`truncated_json` and `empty_200` do what was asked and then spoil the answer; `429_bare` tells no quota, `429_headers`
does and costs none; `500_limit` is a 500 that speaks of the rate limit; `401` revokes the token for good."""
LASTING_KINDS = frozenset({"401", "403"})
"""Faults that no second try can mend. All the others pass."""
_MOST_SHARED_QUOTA = 100_000


@dataclass(frozen=True, slots=True)
class Fault:
    """One scripted failure: the `nth` request (from 1) with this method, once past token and quota, fails so.

    Attributes:
        nth: which of the requests with `method`, counted from 1.
        kind: one of `FAULT_KINDS`.
        method: the HTTP method that is counted.

    Raises:
        ValueError: there is no such kind, or `nth` is below 1.
    """

    nth: int
    kind: str
    method: str = "POST"

    def __post_init__(self) -> None:
        _check_kind(self.kind)
        if self.nth < 1:
            raise ValueError("Faults are counted from 1.")


def _check_kind(kind: str) -> None:
    if kind not in FAULT_KINDS:
        raise ValueError(f"There is no fault {kind!r}; there are {', '.join(sorted(FAULT_KINDS))}.")


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """How the pretend store behaves. "The n-th request" counts those of any method that got past token and quota.

    Attributes:
        products: further products as (id or None, main SKU or empty), merged with the built-in ones.
        families: further products with variants as (id or None, main SKU or empty, SKUs of its variants).
        quota: requests that the store answers in one window. BigCommerce docs, API rate limits: 150 on most plans.
        window_ms: the length of a window in milliseconds. BigCommerce docs, API rate limits: 30 seconds.
        latency_ms: milliseconds added to each answer, half of them before the request is counted.
        allow_private: whether the store may download pictures from loopback and private addresses.
        fetch: whether the store downloads and decodes pictures; False takes every well-formed address unseen.
        fetch_timeout: seconds that the store gives to one download.
        port: the store's port on loopback, 0 for any free one.
        store_hash: the store's hash, empty for a random one.
        access_token: the token that the store accepts, empty for a random one.
        faults: scripted failures.
        fault_share: the part (0 to 1) of all requests that meet a random fault.
        fault_seed: what these are drawn from; None draws anew at every start.
        fault_kinds: the kinds to draw from; empty for all that pass.
        late_seconds: how long a `late` answer is held back after the request is done, in seconds.
        quota_changes: (n, quota): once the n-th request is answered, the quota is this.
        other_share: the part (0 to 1) of each window's quota that another client of the store takes.
        other_seed: what that client's moments are drawn from.
        outage: (n, seconds): once the n-th request is answered, the port is shut for so long and connections are cut.
        deletes: (n, product id): once the n-th request is answered, there is no such product.
        shuffle: every added picture lands somewhere before the last one, whatever `sort_order` was asked for.
        lose_thumbnail: an added picture leaves its product without thumbnail, until a PUT names one.
        two_thumbnails: a picture added to others leaves its product with two thumbnails, until a PUT names one.
        batch_images: what becomes of pictures that a batch does not name. The docs do not say.
        batch_failure: whether one bad picture refuses the whole batch or its own product. The docs allow both.

    Raises:
        ValueError: a number is out of range, or there is no such kind of fault.
    """

    products: tuple[tuple[int | None, str], ...] = ()
    families: tuple[tuple[int | None, str, tuple[str, ...]], ...] = ()
    quota: int = 150
    window_ms: int = 30_000
    latency_ms: int = 0
    allow_private: bool = False
    fetch: bool = True
    fetch_timeout: float = 10.0
    port: int = 0
    store_hash: str = ""
    access_token: str = field(default="", repr=False)
    faults: tuple[Fault, ...] = ()
    fault_share: float = 0.0
    fault_seed: int | None = None
    fault_kinds: tuple[str, ...] = ()
    late_seconds: float = 3.0
    quota_changes: tuple[tuple[int, int], ...] = ()
    other_share: float = 0.0
    other_seed: int = 0
    outage: tuple[int, float] | None = None
    deletes: tuple[tuple[int, int], ...] = ()
    shuffle: bool = False
    lose_thumbnail: bool = False
    two_thumbnails: bool = False
    batch_images: Literal["append", "replace"] = "append"
    batch_failure: Literal["whole", "partial"] = "whole"

    def __post_init__(self) -> None:
        quotas = (self.quota, *(quota for _, quota in self.quota_changes))
        if min(quotas) < 1 or self.window_ms < 1 or self.latency_ms < 0 or self.fetch_timeout <= 0:
            raise ValueError("Quota, window and fetch timeout must be above 0, and the latency not below 0.")
        if not 0 <= self.port <= 65_535:
            raise ValueError("A port lies between 0 and 65535.")
        if not (0 <= self.fault_share <= 1 and 0 <= self.other_share < 1):
            raise ValueError("A share lies between 0 and 1.")
        if self.other_share and max(quotas) > _MOST_SHARED_QUOTA:
            raise ValueError(f"Another client needs a quota of at most {_MOST_SHARED_QUOTA:,}.")
        if self.late_seconds < 0 or (self.outage is not None and self.outage[1] <= 0):
            raise ValueError("Late answers and outages last for some seconds.")
        if self.lose_thumbnail and self.two_thumbnails:
            raise ValueError("The store shows either no thumbnail or two.")
        for kind in self.fault_kinds:
            _check_kind(kind)
