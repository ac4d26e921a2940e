"""The Retry-After header: how long a server asks us to stay away."""

import time
from email.utils import parsedate_to_datetime


def retry_after_seconds(text: str) -> float | None:
    """Seconds that a Retry-After header asks for (RFC 9110, 10.2.3: seconds or a date); None where it says nothing."""
    if text.isascii() and text.isdigit() and len(text) < 16:
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None
