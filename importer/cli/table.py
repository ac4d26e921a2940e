"""Columns side by side, as a terminal shows them."""

from collections.abc import Sequence


def table(header: Sequence[str], lines: Sequence[Sequence[str]]) -> list[str]:
    """A line for the header and for each of `lines`; columns are as wide as what is in them, the last is ragged."""
    clean = [[" ".join(cell.split()) for cell in line] for line in (header, *lines)]
    widths = [max(len(line[at]) for line in clean) for at in range(len(header))]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in clean
    ]
