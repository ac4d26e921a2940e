"""README's reference tables, made from the code: `python -m tests.reference_tables` writes them anew.

Each stands between two comments that a reader does not see, `<!-- options -->` and `<!-- /options -->`.
"""

from collections.abc import Iterable, Sequence

import click

from importer.cli.commands import importer
from importer.models import ProblemCode
from importer.problems import ADVICE
from importer.report import COLUMN_MEANINGS, STATUS_WORDS
from tests.conftest import ROOT

README = ROOT / "README.md"


def tables() -> dict[str, str]:
    """Each table as Markdown, by its name."""
    return {
        "commands": _table(("command", "what it does"), _commands()),
        "options": _table(("option", "of", "meaning"), _options()),
        "statuses": _table(
            ("status", "in the report", "meaning"),
            ((f"`{status}`", words.label, words.meaning) for status, words in STATUS_WORDS.items()),
        ),
        "columns": _table(
            ("column", "what it holds"), ((f"`{name}`", meaning) for name, meaning in COLUMN_MEANINGS.items())
        ),
        "codes": _table(
            ("code", "what it means", "example", "what to do"),
            ((f"`{code}`", ADVICE[code].meaning, ADVICE[code].example, ADVICE[code].fix) for code in ProblemCode),
        ),
    }


def with_tables(text: str) -> str:
    """The text with each table between its comments as the code has it."""
    for name, table in tables().items():
        start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        before, _, rest = text.partition(start)
        _, found, after = rest.partition(end)
        assert found, f"there is no place for the table of {name}"
        text = f"{before}{start}\n{table}\n{end}{after}"
    return text


def _commands() -> Iterable[tuple[str, str]]:
    for name, command in importer.commands.items():
        arguments = [
            param.make_metavar(_context(name)) for param in command.params if isinstance(param, click.Argument)
        ]
        yield f"`{' '.join(['importer', name, *arguments])}`", (command.help or "").partition("\n\n")[0]


def _options() -> Iterable[tuple[str, str, str]]:
    """Each option with the commands that have it; where its meaning differs among them, once for each meaning."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, command in importer.commands.items():
        for param in command.params:
            record = param.get_help_record(_context(name)) if isinstance(param, click.Option) else None
            if record is not None:
                found.setdefault(record, []).append(name)
    for (option, meaning), commands in found.items():
        yield f"`{option}`", ", ".join(commands), meaning


def _context(name: str) -> click.Context:
    return click.Context(importer.commands[name], info_name=name)


def _table(names: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rule = "|" + "---|" * len(names)
    return "\n".join([_line(names), rule, *map(_line, lines)]) + "\n"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    README.write_text(with_tables(README.read_text(encoding="utf-8")), encoding="utf-8")
