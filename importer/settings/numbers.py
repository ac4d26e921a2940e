"""What several settings check about a number."""

from importer.errors import UsageError


def at_least_one(flag: str, value: int) -> None:
    """Refuse a number below 1.

    Raises:
        UsageError: it is.
    """
    if value < 1:
        raise UsageError(f"{flag} takes a number of at least 1.")
