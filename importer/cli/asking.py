"""Questions to a person at a terminal."""

import sys

import click

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
    for row in above:
        click.echo(row, err=True)
    try:
        return click.prompt(
            last,
            default="y" if likely else "n",
            show_default=False,
            err=True,
            value_proc=lambda answer: _understood(answer, likely=likely),
        )
    except click.Abort:
        raise KeyboardInterrupt from None


def remark(text: str) -> None:
    """A sentence to be read before a question."""
    for row in _rows(text, 0):
        click.echo(row, err=True)


def _rows(text: str, room: int) -> list[str]:
    width = columns(sys.stderr)
    return [text] if width is None else wrapped(text, width - room, hang=0)


def _understood(answer: str, *, likely: bool) -> bool:
    word = answer.strip().lower()
    if word and word not in _ANSWERS:
        raise click.UsageError("Please answer y or n.")
    return _ANSWERS.get(word, likely)
