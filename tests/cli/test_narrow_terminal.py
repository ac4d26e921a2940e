"""A terminal of forty columns, one without colours, and one whose code page lacks characters."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from importer.sandbox import Sandbox, SandboxSettings
from tests.cli.test_terminal import on_terminal
from tests.conftest import ROOT, Program

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals are a Unix thing")
COLOUR = re.compile(r"\x1b\[[\d;]*m")
CODE_PAGES = ["cp437", "cp850", "cp1252", "ascii"]


def rows_of(shown: str) -> list[str]:
    """Everything that was written into one row of the screen, in its order; a bar is drawn over the one before."""
    return [row for row in re.split(r"[\r\n]+", COLOUR.sub("", shown)) if row.strip()]


@pytest.mark.long
def test_in_forty_columns_no_bar_wraps_and_a_wait_for_the_quota_is_counted_down(
    program: Program, pictures: str
) -> None:
    settings = SandboxSettings(products=((1, ""),), allow_private=True, quota=6, window_ms=2600)
    with Sandbox(settings) as store:
        sheet = program.sheet([[1, f"{pictures}/{name}.jpg"] for name in "abcdef"])
        code, shown = on_terminal(program, ["run", sheet.name, "--no-check", "--yes"], store, columns=40)
    assert code == 0, shown
    rows = rows_of(shown)
    assert max(map(len, rows)) < 40, rows
    uploading = [row for row in rows if row.startswith("Uploading") or "waiting" in row]
    waits = [int(found[1]) for row in uploading if (found := re.search(r"waiting (\d) s for the store's quota", row))]
    assert waits == sorted(waits, reverse=True)
    assert {2, 1} <= set(waits)
    assert "waiting" not in uploading[-1]
    assert re.fullmatch(r"Uploading +100%\|.+\| 6/6 \[00:0\d.*\]", uploading[-1].strip())


@pytest.mark.parametrize(
    ("environment", "colours"),
    [
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, True),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, False),
        pytest.param({"TERM": "dumb"}, False, marks=pytest.mark.long),
    ],
    ids=["colours", "NO_COLOR", "TERM=dumb"],
)
def test_colours_are_for_terminals_that_have_them_and_people_who_want_them(
    program: Program, store: Sandbox, pictures: str, environment: dict[str, str], colours: bool
) -> None:
    sheet = program.sheet([[1, f"{pictures}/a.jpg"], ["", "x"]])
    arguments: list[str | Path] = ["run", sheet, "--no-check", "--yes"]
    code, shown = on_terminal(program, arguments, store, environment={"NO_COLOR": "", **environment})
    assert code == 3
    assert ("\x1b[32m1 uploaded\x1b[0m, \x1b[31m1 rejected\x1b[0m" in shown) == colours
    assert bool(COLOUR.search(shown)) == colours


@pytest.mark.long
@pytest.mark.parametrize("code_page", CODE_PAGES)
def test_what_a_code_page_lacks_has_a_plain_form(program: Program, code_page: str) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "importer", "preview", ROOT / "sample_data" / "shopify-export.csv"],
        env=program.environment() | {"PYTHONIOENCODING": code_page},
        capture_output=True,
        check=True,
    )
    out = process.stdout.decode(code_page)
    (line,) = [line for line in out.splitlines() if "Enamel mug by the campfire" in line]
    plain = code_page != "cp1252"
    assert ('alt text "Enamel mug by the campfire"' in line) == plain
    assert "?v=1698" in out
    assert out.replace("?v=", "").count("?") == 0


@pytest.mark.parametrize(
    "code_page", ["cp437", *(pytest.param(name, marks=pytest.mark.long) for name in CODE_PAGES[1:])]
)
def test_bars_are_plain_where_the_code_page_has_no_blocks(
    program: Program, store: Sandbox, pictures: str, code_page: str
) -> None:
    sheet = program.sheet([["→ … ✓ Ω", f"{pictures}/a.jpg"]], header="sku,image_url")
    arguments: list[str | Path] = ["check", sheet, "--allow-private"]
    code, shown = on_terminal(program, arguments, store, environment={"PYTHONIOENCODING": code_page})
    assert code == 3, shown
    assert "Traceback" not in shown
    assert re.search(r"Checking +100%\|#+\| 1/1", shown)
