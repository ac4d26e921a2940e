"""A computer without the internet is told once, at the top, and no host is blamed for it."""

import asyncio
import sys

import pytest

from importer.models import Checked, ImageRow
from importer.settings import CheckSettings, ConnectTo, NetworkSettings
from importer.validator import check, is_offline, offline
from tests.conftest import Program, results
from tests.validator.image_host import code, detail

HOSTS = ("cdn.one-shop.invalid", "img.two-shop.invalid", "three.invalid")


def verdicts(*urls: str, connect_to: tuple[ConnectTo, ...] = (), allow_private: bool = False) -> list[Checked]:
    rows = [ImageRow("", number, 1, "", url, url) for number, url in enumerate(urls, start=2)]
    settings = CheckSettings(timeout=1.0, allow_private=allow_private)
    return asyncio.run(check(rows, settings, NetworkSettings(None, connect_to)))


@pytest.fixture
def cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """No name is found, the one that exists for certain included; these are never asked for outside."""
    monkeypatch.setattr(offline, "_WITNESS", "nowhere.invalid")
    monkeypatch.setattr(offline, "_NEVER_THERE", (".nobody",))


@pytest.mark.usefixtures("cut_off")
def test_where_no_host_is_found_rows_blame_this_computer_briefly() -> None:
    items = verdicts(*(f"http://{host}/{number}.jpg" for host in HOSTS for number in range(5)))
    assert {code(item) for item in items} == {"dns_not_found"}
    assert {detail(item) for item in items} == {offline._ROW}
    assert is_offline(items)
    for item in items:
        assert item.problem is not None
        assert item.problem.not_for_host
        assert item.finding is not None
        assert all(host.problem is None or host.problem.not_for_host for host in item.finding.hosts)


@pytest.mark.usefixtures("cut_off")
def test_a_host_that_answers_shows_that_this_computer_is_not_offline(pictures: str) -> None:
    port = int(pictures.rpartition(":")[2])
    urls = [*(f"http://{host}/x.jpg" for host in HOSTS), "http://good.example/x.jpg"]
    items = verdicts(*urls, connect_to=(ConnectTo("good.example", 80, "127.0.0.1", port),))
    assert [code(item) for item in items] == ["dns_not_found"] * 3 + ["ok"]
    assert "no such host name" in detail(items[0])
    assert not is_offline(items)


def test_a_name_that_is_found_shows_that_this_computer_is_not_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offline, "_WITNESS", "localhost")
    monkeypatch.setattr(offline, "_NEVER_THERE", (".nobody",))
    if not offline._has_route():
        pytest.skip("this computer is offline")
    items = verdicts(*(f"http://{host}/x.jpg" for host in HOSTS), allow_private=True)
    assert not is_offline(items)
    assert "no such host name" in detail(items[0])


def test_names_that_never_exist_say_nothing_of_this_computer() -> None:
    if not offline._has_route():
        pytest.skip("this computer is offline")
    assert not is_offline(verdicts(*(f"http://{host}/x.jpg" for host in HOSTS)))


OFFLINE = """
import sys
from importer.validator import offline
offline._WITNESS, offline._NEVER_THERE = "nowhere.invalid", (".nobody",)
sys.argv = ["importer", *sys.argv[1:]]
from importer.cli import main
main()
"""


def test_the_program_says_so_once_at_the_top_of_all_that_it_prints(program: Program) -> None:
    sheet = program.sheet([[number, f"http://{HOSTS[number % 3]}/{number}.jpg"] for number in range(1, 31)])
    done = program.finished([sys.executable, "-c", OFFLINE, "check", str(sheet), "--results", "out"])
    assert done.returncode == 4, done.stdout + done.stderr
    said = " ".join(done.stdout.split())
    assert said.count("seems to have no connection to the internet: none of") == 1
    assert {row["code"] for row in results(program.folder / "out")} == {"dns_not_found"}
    page = (program.folder / "out" / "results.html").read_text(encoding="utf-8")
    assert "seems to have no connection to the internet: none of" in page
    assert "Dear" not in page
