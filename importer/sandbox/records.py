"""What a sandbox tells about the requests that it got. Inert values."""

from dataclasses import dataclass


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
class WindowRecord:
    """One window of the store's quota.

    Attributes:
        opened: when its first request was counted, in seconds of the monotonic clock.
        quota: the quota at its end, or now.
        used: requests that were let through, those of the other client included.
        others: how many of `used` the other client of `SandboxSettings.other_share` made.
        refused: requests that were answered with 429 because the quota was used up.
    """

    opened: float
    quota: int
    used: int
    others: int
    refused: int


@dataclass(frozen=True, slots=True)
class HostRequest:
    """One request that a pretend image host got: the host's name, the path as sent, and the Range header or ""."""

    host: str
    path: str
    range_header: str
