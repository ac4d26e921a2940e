"""`importer completion`: real bash, and what zsh and fish are told."""

import os
import shutil
import stat
import subprocess
import sys

import pytest

from importer.models import ProblemCode
from importer.settings import LAYOUT_NAMES
from tests.conftest import Program


@pytest.fixture
def on_the_path(program: Program) -> dict[str, str]:
    """An environment in which a shell finds the program by its name."""
    script = program.folder / "bin" / "importer"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m importer "$@"\n', encoding="utf-8")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    environment = program.environment()
    return environment | {"PATH": f"{script.parent}{os.pathsep}{environment['PATH']}"}


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["che"], ["check"]),
        (["run", "rows.csv", "--lay"], ["--layout"]),
        (["run", "--existing", ""], ["skip", "add", "replace"]),
        (["check", "--only", "tls_"], [code.value for code in ProblemCode if code.value.startswith("tls_")]),
        (["check", "--map", "s"], ["sku=", "sort_order="]),
        (["check", "--delimiter", ""], ["tab", "comma", "semicolon", "pipe"]),
    ],
)
def test_bash_completes(program: Program, on_the_path: dict[str, str], words: list[str], expected: list[str]) -> None:
    script = program.folder / "script"
    script.write_text(program.run("completion", "bash").stdout, encoding="utf-8")
    asked = ["importer", *words]
    lines = f"""
        source "{script}"
        COMP_WORDS=({" ".join(f"'{word}'" for word in asked)})
        COMP_CWORD={len(words)}
        function=$(complete -p importer | sed 's/.*-F \\([^ ]*\\) .*/\\1/')
        "$function" importer '{words[-1]}' '{asked[-2]}' 2>/dev/null
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["bash", "--norc", "-c", lines],
        cwd=program.folder,
        env=on_the_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == expected, done.stderr


def completed(program: Program, shell: str, words: list[str], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the program answers a shell's completion function."""
    for name, value in {
        "_IMPORTER_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": " ".join(["importer", *words]),
        "COMP_CWORD": words[-1] if shell == "fish" else str(len(words)),
    }.items():
        monkeypatch.setenv(name, value)
    done = program.run()
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_zsh_and_fish_are_told_the_same(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    zsh = completed(program, "zsh", ["run", "--layout", "m"], monkeypatch)
    assert zsh[:2] == ["plain", "magento2"]
    fish = completed(program, "fish", ["run", "--layout", "m"], monkeypatch)
    assert [line.split()[0] for line in fish] == ["plain,magento2"]
    commands = completed(program, "fish", ["un"], monkeypatch)
    assert [line.split("\t")[0].split()[0] for line in commands] == ["plain,undo"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_the_shells_own_and_asks_the_program(program: Program, shell: str) -> None:
    done = program.run("completion", shell)
    assert done.returncode == 0, done.stderr
    assert f"_IMPORTER_COMPLETE={shell}_complete" in done.stdout
    assert done.stderr == ""


def test_every_layout_can_be_completed(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [line.split()[0] for line in completed(program, "fish", ["run", "--layout", ""], monkeypatch)] == [
        f"plain,{name}" for name in LAYOUT_NAMES
    ]
