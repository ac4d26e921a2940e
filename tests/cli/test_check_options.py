"""Options of the check and the loader that must arrive where they work."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from importer.cli.commands import check, run
from importer.cli.options import check_settings
from importer.sandbox import Sandbox
from importer.settings import USER_AGENT
from tests.conftest import Program, results


@contextmanager
def listening_host() -> Iterator[tuple[str, list[str]]]:
    """A host that has no picture but notes the name that each visitor gives; its address and the names."""
    names: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            names.append(self.headers.get("User-Agent", ""))
            self.send_error(404)

        def log_request(self, code: object = "-", size: object = "-") -> None:
            """Keep quiet."""

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", names
        server.shutdown()
        thread.join()


@pytest.mark.long
@pytest.mark.parametrize("command", ["check", "run"])
@pytest.mark.parametrize(("options", "expected"), [((), USER_AGENT), (("--user-agent", "Ruby"), "Ruby")])
def test_image_hosts_are_told_the_name_that_was_asked_for(
    program: Program, store: Sandbox, command: str, options: tuple[str, ...], expected: str
) -> None:
    with listening_host() as (address, names):
        sheet = program.sheet([[1, f"{address}/a.jpg"]])
        done = program.run(command, sheet, "--allow-private", *options, sandbox=store)
    assert done.returncode == 3, done.stderr
    assert set(names) == {expected}


def test_a_name_that_no_header_may_hold_is_wrong_usage(program: Program) -> None:
    done = program.run("check", program.sheet([[1, "x"]]), "--user-agent", "two\nlines")
    assert done.returncode == 2
    assert "--user-agent takes one line" in done.stderr


@pytest.mark.long
def test_a_long_address_is_let_through_as_far_as_asked(program: Program, pictures: str) -> None:
    address = f"{pictures}/{'a' * 300}"[:300]
    sheet = program.sheet([["A", address]], header="sku,image_url")
    for options, code, word in (([], 3, "url_too_long"), (["--max-url-length", "1024"], 0, "")):
        assert program.run("check", sheet, "--allow-private", *options).returncode == code
        assert [line["code"] for line in results(program.folder / "rows-results")] == [word]
        shown = program.run("preview", sheet, *options).stdout
        assert ("url_too_long" in shown) == bool(word)
    refused = program.run("check", sheet, "--allow-private", "--max-url-length", "299")
    assert refused.returncode == 3


@pytest.mark.long
@pytest.mark.parametrize("command", ["check", "run", "preview"])
@pytest.mark.parametrize("value", ["0", "-1", "8193", "long"])
def test_a_longest_address_that_cannot_be_is_wrong_usage(program: Program, command: str, value: str) -> None:
    sheet = program.sheet([[1, "x"]])
    more = [] if command == "preview" else ["--sandbox"]
    done = program.run(command, sheet, *more, "--max-url-length", value)
    assert done.returncode == 2
    assert "--max-url-length" in done.stderr


@pytest.mark.parametrize("command", ["check", "run", "preview"])
def test_help_names_both_lengths_that_bigcommerce_gives(program: Program, command: str) -> None:
    told = " ".join(program.run(command, "--help").stdout.split())
    assert "255 for the API" in told
    assert "1,024 for the import in the control panel" in told


@pytest.mark.parametrize("command", [check, run], ids=["check", "run"])
def test_deep_reaches_the_settings_of_the_check(command: object) -> None:
    def settings(*arguments: str) -> bool:
        context = command.make_context("importer", ["rows.csv", *arguments])  # type: ignore[attr-defined]
        return check_settings(context.params).deep

    assert settings("--deep")
    assert not settings()
