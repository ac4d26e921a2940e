"""Questions to a person at a terminal."""

import sys

import click

from importer.cli import mention
from importer.cli.terminal import columns, wrapped

_ANSWERS = {"y": True, "yes": True, "n": False, "no": False}
_ROOM = 2
"""Columns for the answer."""


def agreed(question: str, *, likely: bool) -> bool:
    """Ask until the answer is yes or no.

    Args:
        question: what is asked.
        likely: what Enter means.

    Raises:
        KeyboardInterrupt: the person gave no answer, but Ctrl-C or the end of the input.
    """
    *above, last = _rows(f"{question} [{'Y/n' if likely else 'y/N'}]", _ROOM)
    while True:
        # The whole question each time: what is answered may not have left the screen.
        for row in above:
            mention(row)
        try:
            word = click.prompt(last, default="", show_default=False, err=True).strip().lower()
        except click.Abort:
            mention("")
            raise KeyboardInterrupt from None
        if not word:
            return likely
        if word in _ANSWERS:
            return _ANSWERS[word]
        mention("Please answer y or n.")


def remark(text: str) -> None:
    """A sentence to be read before a question."""
    for row in _rows(text, 0):
        mention(row)


def _rows(text: str, room: int) -> list[str]:
    width = columns(sys.stderr)
    return [text] if width is None else wrapped(text, width - room, hang=0)
