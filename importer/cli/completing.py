"""What a shell may complete an option's value to, where click cannot tell by itself."""

from collections.abc import Callable, Iterable

import click

from importer.models import ProblemCode
from importer.settings import DELIMITERS, FIELDS, LAYOUT_NAMES

Completion = Callable[[click.Context, click.Parameter, str], list[str]]


def _among(values: Iterable[str]) -> Completion:
    known = tuple(values)
    return lambda _context, _option, begun: [value for value in known if value.startswith(begun)]


layouts: Completion = _among(LAYOUT_NAMES)
codes: Completion = _among(code.value for code in ProblemCode)
delimiters: Completion = _among(DELIMITERS)
fields: Completion = _among(f"{name}=" for name in FIELDS)
"""What stands before the "=" of `--map`; the column behind it is the person's."""
