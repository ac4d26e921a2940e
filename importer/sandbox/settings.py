"""What a sandbox is started with, and what it tells about the requests it got. Inert values."""

from dataclasses import dataclass, field

FAULT_KINDS = frozenset(
    {
        "500",
        "502_html",
        "503",
        "504",
        "429_bare",
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
`truncated_json` and `empty_200` store the picture and then spoil the answer; `401` revokes the token for good."""

LATE_SECONDS = 3.0
"""How long a `late` answer is held back after the picture is stored, in seconds."""


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
        if self.kind not in FAULT_KINDS:
            raise ValueError(f"There is no fault {self.kind!r}; there are {', '.join(sorted(FAULT_KINDS))}.")
        if self.nth < 1:
            raise ValueError("Faults are counted from 1.")


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """How the pretend store behaves.

    Attributes:
        products: further products as (id or None, main SKU or empty), merged with the built-in ones.
        quota: requests that the store answers in one window. BigCommerce docs, API rate limits: 150 on most plans.
        window_ms: the length of a window in milliseconds. BigCommerce docs, API rate limits: 30 seconds.
        latency_ms: milliseconds added to each answer of the store.
        allow_private: whether the store may download pictures from loopback and private addresses.
        fetch_timeout: seconds that the store gives to one download.
        port: the store's port on loopback, 0 for any free one.
        store_hash: the store's hash, empty for a random one.
        access_token: the token that the store accepts, empty for a random one.
        faults: scripted failures.

    Raises:
        ValueError: a number is out of range.
    """

    products: tuple[tuple[int | None, str], ...] = ()
    quota: int = 150
    window_ms: int = 30_000
    latency_ms: int = 0
    allow_private: bool = False
    fetch_timeout: float = 10.0
    port: int = 0
    store_hash: str = ""
    access_token: str = field(default="", repr=False)
    faults: tuple[Fault, ...] = ()

    def __post_init__(self) -> None:
        if self.quota < 1 or self.window_ms < 1 or self.latency_ms < 0 or self.fetch_timeout <= 0:
            raise ValueError("Quota, window and fetch timeout must be above 0, and the latency not below 0.")
        if not 0 <= self.port <= 65_535:
            raise ValueError("A port lies between 0 and 65535.")


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One request that the store got.

    Attributes:
        method: the HTTP method.
        path: the path with its query, as sent.
        status: the status answered, 0 while under way and where the connection was cut instead.
        received: when the request came in, in seconds of the monotonic clock.
        product_id: the product in the path, or None where there is none.
        in_flight_same_product: writes (POST, PUT, DELETE) to that product under way at that moment, this one
            included; 0 for a read.
        peak: requests of any kind under way at that moment, this one included.
    """

    method: str
    path: str
    status: int
    received: float
    product_id: int | None
    in_flight_same_product: int
    peak: int


@dataclass(frozen=True, slots=True)
class HostRequest:
    """One request that a pretend image host got: the host's name, the path as sent, and the Range header or ""."""

    host: str
    path: str
    range_header: str
