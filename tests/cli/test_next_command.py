"""The command that is shown at the end can be typed as it stands."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from importer.cli.typing_again import typed
from importer.sandbox import Sandbox
from tests.conftest import Program, results

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the quoting of Unix shells")


def shown_command(screen: str) -> str:
    """The last line, without what stands before the command."""
    return screen.splitlines()[-1].removeprefix("Next:").strip()


@pytest.mark.long
def test_the_command_with_all_its_options_is_shown_and_does_what_it_says(
    program: Program, store: Sandbox, pictures: str
) -> None:
    name = "it's a $HOME sheet; really.csv"
    sheet = program.sheet([[1, f"{pictures}/a.jpg"]], name=name, header="Our number,Picture & more")
    arguments = [
        "check",
        name,
        "--allow-private",
        "--map",
        "product_id=Our number",
        "--map",
        "image_url=Picture & more",
    ]
    done = program.run(*arguments, sandbox=store)
    assert done.returncode == 0, done.stderr
    command = shown_command(done.stdout)
    assert shlex.split(command) == [sys.executable, "-m", "importer", "run", *arguments[1:]]
    environment = program.environment(store)
    again = subprocess.run(
        ["/bin/sh", "-c", f"{command} --yes"],
        cwd=program.folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert again.returncode == 0, again.stderr
    assert [line["status"] for line in results(sheet.with_name(f"{sheet.stem}-results"))] == ["uploaded"]


@pytest.mark.long
def test_the_same_command_is_shown_where_rows_are_to_be_mended_or_the_run_was_stopped(
    program: Program, store: Sandbox, pictures: str
) -> None:
    program.sheet([[1, f"{pictures}/a.jpg"], ["", "x"]])
    arguments = ["run", "rows.csv", "--no-check", "--store-hash", store.store_hash, "--yes"]
    for token, code in (("", 3), ("wrong-token-42", 4)):
        done = program.run(*arguments, sandbox=store, token=token)
        assert done.returncode == code
        assert shlex.split(shown_command(done.stdout)) == [sys.executable, "-m", "importer", *arguments]
        assert (token or store.access_token) not in done.stdout


@pytest.mark.long
def test_rows_that_only_repeat_an_earlier_one_are_not_to_be_mended(
    program: Program, store: Sandbox, pictures: str
) -> None:
    program.sheet([[1, f"{pictures}/a.jpg"]] * 2)
    checked = program.run("check", "rows.csv", "--allow-private", sandbox=store)
    assert shlex.split(shown_command(checked.stdout))[-3:] == ["run", "rows.csv", "--allow-private"]
    done = program.run("run", "rows.csv", "--allow-private", sandbox=store)
    assert (checked.returncode, done.returncode) == (3, 3)
    assert "1 only repeats an earlier one" in done.stdout
    assert "mend" not in checked.stdout + done.stdout


@pytest.mark.long
def test_after_a_check_without_an_account_the_command_names_the_file_of_credentials(
    program: Program, store: Sandbox, pictures: str
) -> None:
    program.sheet([[1, f"{pictures}/a.jpg"]])
    done = program.run("check", "rows.csv", "--allow-private")
    *_, sentence, _command = done.stdout.splitlines()
    assert sentence == "Next, with the file of credentials from your store's control panel:"
    file = "BigCommerceAPI-credentials.txt"
    words = shlex.split(shown_command(done.stdout))
    assert words[2:] == ["importer", "run", "rows.csv", "--allow-private", "--credentials", file]
    (program.folder / file).write_text(
        f"ACCESS TOKEN: {store.access_token}\nAPI PATH: {store.api_url}/stores/{store.store_hash}/v3/\n"
    )
    environment = program.environment() | {"SSL_CERT_FILE": str(store.ca_file)}
    again = subprocess.run(
        [*words, "--yes"], cwd=program.folder, env=environment, capture_output=True, text=True, check=False
    )
    assert again.returncode == 0, again.stderr


def test_the_command_after_a_plan_is_the_one_without_it(program: Program, store: Sandbox, pictures: str) -> None:
    program.sheet([[1, f"{pictures}/a.jpg"]])
    done = program.run("run", "rows.csv", "--plan", "--no-check", sandbox=store)
    assert done.returncode == 0, done.stderr
    assert shlex.split(shown_command(done.stdout))[-3:] == ["run", "rows.csv", "--no-check"]


@pytest.mark.parametrize(
    ("started", "on_the_path", "shown"),
    [
        ("bin/importer", True, "importer run x.csv"),
        ("{here}/bin/importer", True, "importer run x.csv"),
        ("bin/importer", False, "bin/importer run x.csv"),
        ("{here}/bin/importer", False, "bin/importer run x.csv"),
        ("/elsewhere/bin/importer", False, "/elsewhere/bin/importer run x.csv"),
        ("-c", False, "importer run x.csv"),
    ],
)
def test_the_program_is_called_as_the_shell_finds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started: str, on_the_path: bool, shown: str
) -> None:
    script = tmp_path / "bin" / "importer"
    script.parent.mkdir()
    script.touch(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(script.parent) if on_the_path else "/nowhere")
    monkeypatch.setattr("sys.argv", [started.format(here=tmp_path)])
    assert typed(["run", "x.csv"]) == shown


def test_a_store_that_refuses_a_quiet_run_is_told_in_one_line(program: Program, store: Sandbox, pictures: str) -> None:
    program.sheet([[1, f"{pictures}/a.jpg"]])
    done = program.run("run", "rows.csv", "--no-check", "--quiet", sandbox=store, token="wrong-token-42")
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.startswith("Error: The store does not accept the access token")
    assert done.stderr.count("\n") == 1


@pytest.mark.long
def test_a_store_that_refuses_a_quiet_undo_is_told_in_one_line(program: Program, store: Sandbox, pictures: str) -> None:
    program.sheet([[1, f"{pictures}/a.jpg"]])
    assert program.run("run", "rows.csv", "--no-check", "--quiet", sandbox=store).returncode == 0
    done = program.run("undo", "rows-results", "--yes", "--quiet", sandbox=store, token="wrong-token-42")
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.startswith("Error: The store does not accept the access token")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments", [["run", "none.csv"], ["check", "rows.csv", "--layout", "shopfy"], ["run", "--jsn"]]
)
def test_nothing_is_on_standard_output_where_nothing_was_done(program: Program, arguments: list[str]) -> None:
    program.sheet([[1, "https://a.invalid/x.jpg"]])
    done = program.run(*arguments, "--sandbox", "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr


def test_json_is_all_that_is_on_standard_output_where_the_store_refuses(
    program: Program, store: Sandbox, pictures: str
) -> None:
    program.sheet([[1, f"{pictures}/a.jpg"], ["", "x"]])
    done = program.run("run", "rows.csv", "--no-check", "--json", sandbox=store, token="wrong-token-42")
    told = json.loads(done.stdout)
    assert told["exit_code"] == done.returncode == 4
    assert told["counts"] == {"rejected": 1, "unsent": 1}
    assert told["codes"] == {"store_rejected": 1, "product_missing": 1}
    assert {"hosts", "results", "stopped"} <= set(told)
