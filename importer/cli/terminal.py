"""Where the standard streams lead: how wide a terminal is, whether it takes colours, and what stands in for none."""

import os
import sys
import textwrap
from typing import TextIO

_USUAL_WIDTH = 80
_STREAMS = (("stdin", os.O_RDONLY, "r"), ("stdout", os.O_WRONLY, "w"), ("stderr", os.O_WRONLY, "w"))


def open_closed_streams() -> None:
    """Let each standard stream that is closed lead nowhere, so that printing to it is no mistake.

    Python has None for such a stream, and the next file to be opened would get its number. They are opened in the order
    of their numbers, since the system gives out the lowest that is free (POSIX.1-2017, open).
    """
    for name, flags, mode in _STREAMS:
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, flags)
            stream = open(nowhere, mode, encoding="utf-8", closefd=False)  # noqa: SIM115 - open to the program's end
            setattr(sys, name, stream)


def columns(stream: TextIO) -> int | None:
    """How many columns the terminal behind a stream has; None where it is no terminal."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or _USUAL_WIDTH
    except (OSError, ValueError):
        return None


def coloured(stream: TextIO) -> bool:
    """Whether to use colours: on a terminal that has them, unless NO_COLOR is set to anything (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def wrapped(text: str, width: int, hang: int = 2) -> list[str]:
    """The rows that a text takes on a terminal of so many columns, broken between words.

    The last column stays free, since some terminals begin a new row there.

    Args:
        text: one line; the spaces at its start stay.
        width: columns.
        hang: columns by which every row but the first is indented, where there are so many to spare.
    """
    start = text[: len(text) - len(text.lstrip())]
    rows = textwrap.wrap(
        text[len(start) :],
        width - 1,
        initial_indent=start,
        subsequent_indent=" " * min(hang, width // 4),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return rows or [""]
