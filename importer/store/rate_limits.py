"""What an answer's headers say about the store's request quota, as numbers; what cannot be true is not believed."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from importer.net import retry_after_seconds

LONGEST_WAIT = 600.0
"""Seconds; the longest window of a documented plan is 30 seconds, so a longer wait is told to the person instead."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """The four headers of BigCommerce's docs, API rate limits.

    Attributes:
        window: seconds that a window lasts.
        reset: seconds until it ends, from the moment of the answer.
        quota: requests that it allows in all, to all apps of the store; at least 1.
        left: how many of them are left.
    """

    window: float
    reset: float
    quota: int
    left: int


@dataclass(frozen=True, slots=True)
class Pace:
    """The store's limit as it last told it: `quota` requests in each `window` seconds, of which `reserve` are left."""

    quota: int
    window: float
    reserve: int

    @property
    def usable(self) -> int:
        """Requests of a window that are ours to use, at least 1."""
        return max(1, self.quota - self.reserve)


def rate_limit(headers: Mapping[str, str]) -> RateLimit | None:
    """The quota as an answer tells it, or None where it does not, or tells what no plan has (a window of hours)."""
    names = ("Time-Window-Ms", "Time-Reset-Ms", "Requests-Quota", "Requests-Left")
    window, reset, quota, left = (_number(headers.get(f"X-Rate-Limit-{name}", "")) for name in names)
    if not window or reset is None or quota is None or left is None or window > LONGEST_WAIT * 1000:
        return None
    quota = max(1, quota)
    return RateLimit(window / 1000, min(reset, window) / 1000, quota, min(left, quota))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait after a 429: the longest that the headers name, or None where they name nothing.

    BigCommerce docs, migration guide: "If both X-Retry-After and X-Rate-Limit-Time-Reset-Ms are present, honor the
    longer"; a plain Retry-After (RFC 9110, 10.2.3: seconds or a date) is taken as well.
    """
    reset = _number(headers.get("X-Rate-Limit-Time-Reset-Ms", ""))
    waits = (
        retry_after_seconds(headers.get("X-Retry-After", "")),
        _plain_retry_after(headers),
        None if reset is None else reset / 1000,
    )
    return max((wait for wait in waits if wait is not None), default=None)


def _plain_retry_after(headers: Mapping[str, str]) -> float | None:
    """A date is compared with the answer's own Date, so that a wrong clock on this computer changes nothing."""
    text = headers.get("Retry-After", "")
    if not text.isdigit():
        try:
            named, answered = parsedate_to_datetime(text), parsedate_to_datetime(headers.get("Date", ""))
            return max(0.0, (named - answered).total_seconds())
        except (ValueError, TypeError, OverflowError):
            pass  # no two dates that can be compared
    return retry_after_seconds(text)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
