"""A mistyped word is answered with the one that was meant, in plain words, and help fits the usual terminal."""

import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from importer.cli.commands import importer
from importer.errors import UsageError

COMMANDS = sorted(importer.commands)


def answer(arguments: list[str]) -> str:
    """What stands behind `Error:`, without quotation marks."""
    with pytest.raises((click.ClickException, UsageError)) as caught:
        importer.main(arguments, prog_name="importer", standalone_mode=False)
    error = caught.value
    return (error.format_message() if isinstance(error, click.ClickException) else str(error)).replace("'", "")


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["chekc", "rows.csv"], "check"),
        (["run", "rows.csv", "--sandbx"], "--sandbox"),
        (["run", "rows.csv", "--existing", "replcae"], "replace"),
        (["run", "rows.csv", "--variants", "imgae"], "image"),
        (["run", "rows.csv", "--layout", "Shopfy"], "shopify"),
        (["check", "rows.csv", "--only", "tls_to_old"], "tls_too_old"),
        (["check", "rows.csv", "--quiet", "--map", "image_url=Image Ulr"], "Image URL"),
        (["check", "rows.csv", "--quiet", "--map", "image_url=Imgae"], "Image URL"),
        (["check", "rows.csv", "--quiet", "--map", "image_url=imgae_url"], "Image URL"),
        (["check", "rows.csv", "--quiet", "--map", "image_ulr=Image URL"], "image_url"),
        (["completion", "bsh"], "bash"),
    ],
)
def test_the_word_that_was_meant_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], meant: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("rows.csv").write_text("Product ID,Image URL\n1,https://a.invalid/x.jpg\n", encoding="utf-8")
    told = answer(arguments)
    assert f"Did you mean {meant}?" in told
    assert told.count("Did you mean") == 1


def test_a_mistyped_command_gets_its_guess_from_a_click_that_makes_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before 8.4, `click.Group.resolve_command` failed with a plain `UsageError`."""

    def refuse(group: click.Group, ctx: click.Context, args: list[str]) -> None:
        ctx.fail(f"No such command {args[0]!r}.")

    monkeypatch.setattr(click.Group, "resolve_command", refuse)
    assert answer(["chekc"]) == "No such command chekc. Did you mean check?"


@pytest.mark.parametrize(
    "arguments", [["qqq"], ["run", "x.csv", "--existing", "qqq"], ["run", "x.csv", "--layout", "qqq"]]
)
def test_a_word_that_is_like_none_is_answered_without_a_guess(arguments: list[str]) -> None:
    told = answer(arguments)
    assert "qqq" in told
    assert "Did you mean" not in told


@pytest.mark.parametrize(
    ("arguments", "again"),
    [
        (["run", "my", "own", "rows.csv", "--sandbox"], 'run "my own rows.csv" --sandbox'),
        (["check", "--map", "sku=Art no", "./my", "own", "rows.csv"], 'check --map "sku=Art no" "./my own rows.csv"'),
        (["run", "a.csv", "--credentials", "my", "own", "rows.csv"], 'run a.csv --credentials "my own rows.csv"'),
        (["undo", "my", "results", "--yes"], 'undo "my results" --yes'),
    ],
)
def test_a_name_with_spaces_is_recognised_without_its_quotation_marks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], again: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("my own rows.csv").touch()
    Path("my results").mkdir()
    with pytest.raises(click.UsageError) as caught:
        importer.main(arguments, prog_name="importer", standalone_mode=False)
    words, _, command = caught.value.format_message().partition(":  ")
    assert words == "Put quotation marks around a name with spaces"
    assert shlex.split(command) == shlex.split(f"importer {again}")


@pytest.mark.parametrize(
    "arguments",
    [["run", "a.csv", "b.csv"], ["undo", "a", "b"], ["check", *(f"{number}.csv" for number in range(1_000))]],
)
def test_several_names_are_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    monkeypatch.chdir(tmp_path)
    assert answer(arguments) == ("One file or folder at a time; a name with spaces needs quotation marks around it.")


NUMBERS = [
    (name, param.opts[-1], "3,5 s")
    for name, command in sorted(importer.commands.items())
    for param in command.params
    if isinstance(param.type, click.types.IntParamType | click.types.FloatParamType)
]


@pytest.mark.parametrize(
    ("command", "option", "typed"),
    [*NUMBERS, ("sandbox", "--fault-share", "101"), ("check", "--per-host", "1.5")],
)
def test_what_is_no_number_is_answered_in_plain_words(command: str, option: str, typed: str) -> None:
    told = answer([command, "rows.csv", option, typed])
    assert re.fullmatch(
        re.escape(option)
        + r" takes (a whole number, such as 1 or 20|a (number of seconds|percentage)[\w ]*, such as 10 or 2\.5)\.",
        told,
    )


def test_every_kind_of_number_is_among_those() -> None:
    assert {option for _, option, _ in NUMBERS} >= {"--timeout", "--per-host", "--settle", "--fault-share", "--port"}


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_fits_eighty_columns_and_has_an_example(command: str) -> None:
    arguments = [command, "--help"] if command else ["--help"]
    done = CliRunner().invoke(importer, arguments, prog_name="importer", terminal_width=80)
    assert done.exit_code == 0
    lines = done.output.splitlines()
    assert max(map(len, lines)) <= 80
    assert f"importer {command or 'run'} " in lines[-1]
