"""Guesses at what was meant by a mistyped word, a name with spaces, or a word in place of a number.

click guesses at options, and at commands from 8.4 on; this is for what it leaves alone.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli.typing_again import typed

if TYPE_CHECKING:
    _AnyChoice = click.Choice[str]
else:
    # Only new versions of click have it generic.
    _AnyChoice = click.Choice


_MOST_WORDS = 20
"""Words of one name."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` Did you mean check?`, to be put after a sentence; empty where nothing is near."""
    near = get_close_matches(word.lower(), list(known), 1)
    return f" Did you mean {near[0]}?" if near else ""


class Command(click.Command):
    """A command that takes one file or folder, and knows a name with spaces that was typed without quotation marks."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The words that are left, which are none.

        Raises:
            click.UsageError: there are some.
        """
        words = list(args)
        ctx.allow_extra_args = True  # so that those come back, instead of click's own sentence
        rest = super().parse_args(ctx, args)
        if rest and not ctx.resilient_parsing:
            raise click.UsageError(_one_name(ctx.command_path, words), ctx)
        return rest


def _one_name(command: str, words: Sequence[str]) -> str:
    """What to do about a word too many."""
    for first in range(len(words)):
        for last in range(min(len(words), first + _MOST_WORDS), first + 1, -1):
            name = " ".join(words[first:last])
            with suppress(OSError, ValueError):  # far too long for a name, say
                if Path(name).exists():
                    again = typed([*command.split()[1:], *words[:first], name, *words[last:]])
                    return f"Put quotation marks around a name with spaces:  {again}"
    return "One file or folder at a time; a name with spaces needs quotation marks around it."


class Commands(click.Group):
    """A group of commands that names the nearest where there is none of that name."""

    command_class = Command

    def invoke(self, ctx: click.Context) -> Any:
        """What the command returns.

        Raises:
            click.UsageError: an option holds something that cannot be meant; said without a programmer's words.
        """
        try:
            return super().invoke(ctx)
        except click.BadParameter as error:
            if error.param is not None and (takes := _number_words(error.param)):
                raise click.UsageError(f"{error.param.opts[-1]} takes {takes}.", error.ctx) from None
            raise

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


def _number_words(option: click.Parameter) -> str:
    """The number that an option takes, as "a number of seconds, such as 10 or 2.5"; empty where it takes none."""
    kind = option.type
    if isinstance(kind, click.types.FloatParamType):
        noun = "a percentage" if option.metavar == "PERCENT" else "a number of seconds"
        if isinstance(kind, click.FloatRange) and kind.min is not None and kind.max is not None:
            return f"{noun} from {kind.min:g} to {kind.max:g}, such as 10 or 2.5"
        return f"{noun}, such as 10 or 2.5"
    return "a whole number, such as 1 or 20" if isinstance(kind, click.types.IntParamType) else ""


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
