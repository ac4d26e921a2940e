"""When an archive unpacks to more than any spreadsheet does: one rule for every kind of archive."""

_MOST_BYTES = 4 << 30
_MOST_RATIO = 200
"""Deflate packs zeros a thousand times and spreadsheets five to fifty times."""
_RATIO_COUNTS_FROM = 100_000_000


def is_bomb(unpacked: int, packed: int, *, together: int = 0) -> bool:
    """Whether to stop unpacking.

    Args:
        unpacked: bytes of this member so far.
        packed: bytes that it takes in the archive.
        together: bytes of all members so far, where there are several.
    """
    return max(unpacked, together) > _MOST_BYTES or (unpacked > _RATIO_COUNTS_FROM and unpacked > _MOST_RATIO * packed)
