"""Every command and every code block of the manual, run as a person would type it: in a shell, with a terminal."""

import os
import pty
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from importer.sandbox import Sandbox, SandboxSettings
from tests.conftest import ROOT, Program
from tests.readme_files import IMAGES, PRODUCTS, fill_in, write_files

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = [
    (str(kind), str(text)) for kind, text in re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
]
INSTALLS = ("pip", "venv", "activate")
SHELL = [text for kind, text in BLOCKS if kind == "sh"]
COMMANDS = [line for text in SHELL if not any(word in text for word in INSTALLS) for line in text.splitlines()]
WITHOUT_END = "importer sandbox "
"""The one command that runs until Ctrl-C."""

pytestmark = pytest.mark.long


@dataclass
class Desk:
    """A folder with the files that the manual names, a terminal and the program on the path."""

    folder: Path
    environment: dict[str, str]

    def type(self, command: str) -> "subprocess.CompletedProcess[str]":
        """Run it in a shell; whoever asks a question is told yes."""
        person, terminal = pty.openpty()
        os.write(person, b"y\n")
        try:
            return subprocess.run(
                ["bash", "-e", "-c", command],
                cwd=self.folder,
                env=self.environment,
                stdin=terminal,
                capture_output=True,
                text=True,
                encoding="utf-8",
                timeout=300,
                check=False,
            )
        finally:
            os.close(terminal)
            os.close(person)


def copy_of_the_project(folder: Path) -> Path:
    """What somebody has who downloads it."""
    shutil.copytree(
        ROOT,
        folder,
        ignore=shutil.ignore_patterns(".git", ".venv", ".hypothesis", ".*_cache", "*-results", "__pycache__"),
    )
    return folder


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    with Sandbox(SandboxSettings(products=PRODUCTS)) as sandbox:
        write_files(folder, sandbox)
        shutil.copytree(ROOT / "sample_data", folder / "sample_data", ignore=shutil.ignore_patterns("*-results"))
        environment = Program(folder).environment(sandbox)
        for name in [name for name in environment if name.startswith("BIGCOMMERCE_")]:
            del environment[name]
        environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
        yield Desk(folder, environment)


def test_every_code_block_says_what_it_is() -> None:
    """So that none escapes these tests and those of `test_readme`; text is what a program prints."""
    assert {kind for kind, _ in BLOCKS} == {"sh", "bat", "console", "python", "text"}
    assert len(COMMANDS) > 15
    assert all(line.startswith("importer ") for line in COMMANDS)


def test_every_command_works_in_the_order_of_the_manual(desk: Desk) -> None:
    ends = {}
    for command in COMMANDS:
        if command.startswith(WITHOUT_END):
            continue
        done = desk.type(command)
        # 3: a picture of the sheet is gone from its host, as pictures are.
        assert done.returncode in {0, 3}, (command, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        ends[command] = done.stdout
        if command == f"importer template {IMAGES}":
            fill_in(desk.folder)
    runs = [out for command, out in ends.items() if command.startswith("importer run ") and "--credentials" in command]
    assert len(runs) >= 10
    mended = next(out for command, out in ends.items() if "results.xlsx" in command)
    assert "1 of 2 pictures is in the store; 1 needs attention." in mended, "one total over both rounds"
    assert (desk.folder / "import.log").stat().st_size


def test_a_command_of_the_console_prints_what_stands_below_it(desk: Desk) -> None:
    ((_, block),) = [found for found in BLOCKS if found[0] == "console"]
    command, _, printed = block.partition("\n")
    assert desk.type(command.removeprefix("$ ")).stdout.strip() == printed.strip()


def test_the_sandbox_hands_its_settings_to_the_commands_of_the_folder(tmp_path: Path, desk: Desk) -> None:
    (command,) = [line for line in COMMANDS if line.startswith(WITHOUT_END)]
    fill_in(tmp_path)
    settings = tmp_path / ".env"
    settings.touch()
    store = subprocess.Popen(["bash", "-c", f"exec {command}"], cwd=tmp_path, env=desk.environment)
    try:
        deadline = time.monotonic() + 60
        while "IMPORTER_CONNECT_TO" not in settings.read_text(encoding="utf-8"):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        environment = {name: text for name, text in desk.environment.items() if not name.startswith("IMPORTER_")}
        environment.pop("SSL_CERT_FILE", None)
        done = Desk(tmp_path, environment).type(f"importer run {IMAGES}")
    finally:
        store.terminate()
        store.wait(timeout=60)
    assert done.returncode == 3, done.stderr
    assert "1 of 2 pictures is in the store" in done.stdout


@pytest.mark.parametrize(
    "block", [text for text in SHELL if any(word in text for word in INSTALLS) and "&&" not in text]
)
def test_every_way_to_install_it_ends_with_a_program_that_runs(block: str, tmp_path: Path, desk: Desk) -> None:
    project = copy_of_the_project(tmp_path / "project")
    environment = desk.environment | {"PIPX_HOME": str(tmp_path / "pipx"), "PIPX_BIN_DIR": str(tmp_path / "bin")}
    if "pipx" in block:
        environment["PATH"] += f"{os.pathsep}{tmp_path / 'bin'}"
        block = f"{block}{tmp_path / 'bin' / 'importer'} --version"
    else:
        block = f"{block}which importer | grep -q '^{project}/.venv/' && importer --version"
    done = Desk(project, environment).type(block)
    assert done.returncode == 0, (done.stdout, done.stderr)
    assert "importer, version" in done.stdout


def test_the_lines_for_windows_work_once_written_for_this_system(tmp_path: Path, desk: Desk) -> None:
    project = copy_of_the_project(tmp_path / "project")
    ((_, block),) = [found for found in BLOCKS if found[0] == "bat"]
    *install, run = block.replace("Scripts", "bin").replace("\\", "/").replace("py -m", "python3 -m").splitlines()
    done = Desk(project, desk.environment).type("\n".join(install))
    assert done.returncode == 0, (done.stdout, done.stderr)
    assert Desk(project, desk.environment).type(run).returncode == 3


@pytest.mark.parametrize("command", sorted(set(re.findall(r"`(python -m tests\.[\w.]+)", README))))
def test_every_benchmark_that_the_manual_names_is_there(command: str, desk: Desk) -> None:
    done = Desk(ROOT, desk.environment).type(f"{command} --help")
    assert done.returncode == 0
    assert "usage:" in done.stdout
