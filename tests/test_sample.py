"""The whole sample file through the program, in both formats: every row ends as it should, and none is lost."""

import csv
import re
from pathlib import Path

import pytest

from importer.models import ProblemCode
from importer.problems import ADVICE
from tests.conftest import ROOT, Program, results

SAMPLE = ROOT / "sample_data"
BY_ACCIDENT = {ProblemCode.UPLOAD_UNCERTAIN}
"""What no file brings about: an answer of the store has to be lost."""


def expected() -> list[tuple[str, str, str]]:
    with (ROOT / "tests" / "sample_expected.csv").open(encoding="utf-8", newline="") as file:
        return [(line["row"], line["status"], line["code"]) for line in csv.DictReader(file)]


def without_digits(text: str) -> str:
    """The text with one mark for each number: dates, sizes, ports and ids differ from run to run."""
    return re.sub(r"\d+", "#", text)


def ran(program: Program, name: str, sheet: str) -> list[dict[str, str]]:
    """The lines of a run, each of which ended as it should."""
    done = program.run("run", SAMPLE / name, "--sandbox", "--timeout", "2", "--results", program.folder / "out")
    assert done.returncode == 3, done.stderr
    lines = results(program.folder / "out")
    assert [(line["row"], line["status"], line["code"]) for line in lines] == expected()
    assert {line["sheet"] for line in lines} == {sheet}
    assert all(line["detail"] and line["fix"] for line in lines if line["code"])
    assert all(line["image_id"] for line in lines if line["status"] in {"uploaded", "probably_there"})
    return lines


@pytest.mark.long
def test_every_row_of_the_workbook_ends_as_expected(program: Program) -> None:
    ran(program, "products.xlsx", "Images")


def test_every_row_of_the_sample_ends_as_expected_and_says_the_example_of_its_code(program: Program) -> None:
    lines = ran(program, "products.csv", "")
    said = {(line["code"], without_digits(line["detail"])) for line in lines}
    examples = {(code.value, without_digits(ADVICE[code].example)) for code in ProblemCode if code not in BY_ACCIDENT}
    assert sorted(examples - said) == []


@pytest.mark.long
def test_check_finds_all_that_the_run_would_reject(program: Program, tmp_path: Path) -> None:
    done = program.run("check", SAMPLE / "products.csv", "--sandbox", "--timeout", "2", "--results", tmp_path / "out")
    assert done.returncode == 3
    found = [(line["row"], line["status"], line["code"]) for line in results(tmp_path / "out")]
    sendable = {"uploaded", "failed"}
    assert found == [(row, "ok", "") if status in sendable else (row, status, code) for row, status, code in expected()]


def test_the_sample_shows_every_problem_that_the_tool_knows() -> None:
    assert {code for _, _, code in expected() if code} == set(ProblemCode) - BY_ACCIDENT
