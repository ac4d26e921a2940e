"""Guesses at what a mistyped word was meant to be.

click makes them for options, and for commands from 8.4 on; this is for what it leaves alone.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    _AnyChoice = click.Choice[str]
else:
    # Only new versions of click have it generic.
    _AnyChoice = click.Choice


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` Did you mean check?`, to be put after a sentence; empty where nothing is near."""
    near = get_close_matches(word.lower(), list(known), 1)
    return f" Did you mean {near[0]}?" if near else ""


class Commands(click.Group):
    """A group of commands that names the nearest where there is none of that name."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command of that name.

        Raises:
            click.UsageError: there is none.
        """
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            if not hasattr(error, "possibilities"):
                raise click.UsageError(error.message + did_you_mean(args[0], self.commands), ctx) from None
            raise


def one_of(*choices: str) -> "click.Choice[str]":
    """The values that an option takes."""
    return _Choice(choices)


class _Choice(_AnyChoice):
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The choice.

        Raises:
            click.BadParameter: it is none of the choices.
        """
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            guess = did_you_mean(str(value), map(str, self.choices))
            raise click.BadParameter(error.message.rstrip(".") + "." + guess, ctx, param) from None
