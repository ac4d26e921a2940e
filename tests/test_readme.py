"""The manual is a test subject: its commands run from a built wheel in an empty environment, its tables are true."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from importer.cli.commands import importer
from importer.models import ProblemCode
from importer.settings import LAYOUT_NAMES
from tests.conftest import ROOT, Program
from tests.reference_tables import tables, with_tables

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
SCRIPTS = "Scripts" if os.name == "nt" else "bin"


def set_up_lines() -> list[str]:
    return [line for line in README.splitlines() if line.startswith("python3 -m venv .venv && ")]


def block(start: str) -> str:
    """The one code block that begins so."""
    (found,) = [str(text) for _, text in BLOCKS if text.startswith(start)]
    return found


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with sample_data and a `.venv` that holds the wheel and what it depends on, and nothing else."""
    folder = tmp_path_factory.mktemp("bare")
    source = folder / "source"
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(".*", "*-results", "__pycache__", "*.egg-info"))
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(source)]
    subprocess.run(build, check=True, capture_output=True)
    shutil.copytree(source / "sample_data", folder / "sample_data")
    shutil.rmtree(source)
    (wheel,) = folder.glob("*.whl")
    subprocess.run([sys.executable, "-m", "venv", folder / ".venv"], check=True)
    python = folder / ".venv" / SCRIPTS / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", "--no-compile", wheel], check=True, capture_output=True)
    return folder


def test_there_are_two_set_up_lines_and_ci_runs_both() -> None:
    main_job, tests = set_up_lines()
    assert main_job.endswith("importer run sample_data/products.csv --sandbox")
    assert tests.endswith("-m pytest -q")
    assert r"grep -E '^python3 -m venv \.venv && ' README.md" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


@pytest.mark.long
def test_the_main_job_prints_what_the_readme_shows(bare: Path) -> None:
    command = shlex.split(set_up_lines()[0].rpartition("&&")[2])
    program = bare / ".venv" / SCRIPTS / "importer"
    environment = Program(bare).environment()
    done = subprocess.run(
        [program, *command[1:]],
        cwd=bare,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 3, done.stderr
    assert done.stdout.replace(os.sep, "/").strip() == block("products.csv: ").strip()
    for name in ("results.csv", "results.xlsx", "results.html"):
        assert (bare / "sample_data" / "products-results" / name).stat().st_size


@pytest.mark.long
def test_the_library_example_runs_as_it_stands(bare: Path) -> None:
    ((_, example),) = [found for found in BLOCKS if found[0] == "python"]
    python = bare / ".venv" / SCRIPTS / "python"
    done = subprocess.run(
        [python, "-W", "error", "-c", example], cwd=bare, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert Path(bare / lines[0]).is_file()
    assert len(lines) == 11
    assert sum("uploaded" in line for line in lines) == 8


@pytest.mark.long
def test_the_wheel_brings_its_types_and_the_reports_template(bare: Path) -> None:
    (package,) = (bare / ".venv").rglob("site-packages/importer")
    assert (package / "py.typed").is_file()
    assert (package / "report" / "results.html.j2").is_file()
    assert not list((bare / ".venv").rglob("site-packages/pytest"))


def test_the_reference_tables_are_those_of_the_code() -> None:
    """`python -m tests.reference_tables` writes them anew."""
    assert with_tables(README) == README
    assert all(f"`{code}`" in README for code in ProblemCode)


@pytest.mark.parametrize("name", sorted(tables()))
def test_a_table_that_is_out_of_date_is_noticed(name: str) -> None:
    assert with_tables(README.replace(f"<!-- {name} -->\n\n|", f"<!-- {name} -->\n\n| old", 1)) == README
    assert f"<!-- {name} -->\n\n|" in README


@pytest.mark.parametrize("command", sorted(importer.commands))
def test_every_command_and_its_help_agree_with_the_readme(program: Program, command: str) -> None:
    assert re.search(rf"^\| `importer {command}[ `]", README, re.MULTILINE)
    done = program.run(command, "--help")
    assert done.returncode == 0
    assert f"Example:  importer {command} " in done.stdout


def test_every_option_that_the_readme_names_exists(program: Program) -> None:
    told = set(re.findall(r"`(--[a-z-]+)", README))
    helps = "".join(program.run(name, "--help").stdout for name in importer.commands)
    assert told <= set(re.findall(r"--[a-z-]+", helps))


def test_the_preview_is_what_the_readme_shows(program: Program) -> None:
    done = program.run("preview", ROOT / "sample_data" / "shopify-export.csv")
    assert done.stdout.strip() in README


def test_every_layout_is_in_the_table() -> None:
    assert all(f"| `{name}` |" in README for name in LAYOUT_NAMES)


def test_the_first_forty_lines_hold_the_way_in() -> None:
    start = "\n".join(README.splitlines()[:40])
    for needed in ("tls_too_old", "--sandbox", "-m pytest", "pictures are in the store", "your own store"):
        assert needed in start
