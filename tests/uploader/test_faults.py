"""The store fails in every way that is known of: at most one more run, and each picture is there exactly once."""

import itertools
import socket
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from importer.models import ImageRow, ProblemCode
from importer.sandbox import Fault, Sandbox, SandboxSettings
from importer.sandbox.faults import Faults
from importer.sandbox.pictures import NewPicture
from importer.sandbox.settings import FAULT_KINDS, LASTING_KINDS
from tests.conftest import Program, results
from tests.uploader.breaking_proxy import BAD_RECORD, PLAIN_TEXT, breaking_proxy
from tests.uploader.uploading import PRODUCTS, count, names, rows, running, sent, statuses, thumbnails

PASSING = sorted(FAULT_KINDS - LASTING_KINDS)
FAILING = [kind for kind in PASSING if kind not in {"429_bare", "429_headers", "500_limit"}]
"""Those that make nobody wait; of the others, each costs a second."""
ABC = ("a.jpg", "b.jpg", "c.jpg")


def asked_of(pictures: str, products: int, files: tuple[str, ...] = ABC) -> list[ImageRow]:
    """The same files for each of so many products, product by product."""
    return rows(pictures, *((number, file) for number in range(1, products + 1) for file in files))


def galleries(sandbox: Sandbox, products: int) -> list[list[str]]:
    return [names(sandbox, number) for number in range(1, products + 1)]


@pytest.mark.parametrize("kind", ["429_headers", "500_limit"])
def test_a_store_that_speaks_of_its_limit_gets_each_picture_once(pictures: str, tmp_path: Path, kind: str) -> None:
    with running(faults=(Fault(3, kind),), window_ms=500) as sandbox:
        assert statuses(sent(sandbox, asked_of(pictures, 2), tmp_path, concurrency=1)) == ["uploaded"] * 6
        assert galleries(sandbox, 2) == [["a", "b", "c"]] * 2


def test_looks_changes_and_deletions_that_fail_are_repeated(pictures: str, tmp_path: Path) -> None:
    """The store leaves two thumbnails behind and the gallery is replaced, so every kind of request is needed."""
    faults = tuple(
        Fault(at + 1, kind, method)
        for method in ("GET", "PUT", "DELETE")
        for at, kind in enumerate(PASSING if method == "PUT" else FAILING)
    )
    with running(two_thumbnails=True, late_seconds=0.1, window_ms=300) as sandbox:
        before = [sandbox._catalog.product(number) for number in range(1, 13)]
        for product in filter(None, before):
            sandbox._catalog.add_picture(product, NewPicture("old", "jpg"))
        sandbox._gate._faults = Faults(SandboxSettings(faults=faults))
        result = sent(sandbox, asked_of(pictures, 12, ("a.jpg", "b.jpg")), tmp_path, existing="replace", attempts=10)
        assert statuses(result) == ["uploaded"] * 24
        assert galleries(sandbox, 12) == [["a", "b"]] * 12
        assert [len(thumbnails(sandbox, number)) for number in range(1, 13)] == [1] * 12
        last = {method: max(fault.nth for fault in faults if fault.method == method) for method in ("PUT", "DELETE")}
        assert all(count(sandbox, method) >= nth for method, nth in last.items())  # none was left untried


@pytest.mark.long
def test_a_picture_that_is_stored_only_after_our_timeout_is_found_and_not_sent_again(
    pictures: str, tmp_path: Path
) -> None:
    asked = asked_of(pictures, 2, ("a.jpg?delay=0.7", "b.jpg"))
    with running() as sandbox:
        result = sent(sandbox, asked, tmp_path, timeout=0.4, settle=2.0)
        assert statuses(result) == ["uploaded"] * 4
        assert count(sandbox, "POST") == 4
        assert galleries(sandbox, 2) == [["a", "b"]] * 2


def test_a_quota_that_drops_to_a_tenth_and_rises_again_is_kept_to(pictures: str, tmp_path: Path) -> None:
    files = tuple(f"{number}.jpg" for number in range(8))
    with running(quota=40, window_ms=200, quota_changes=((25, 4), (40, 40)), latency_ms=10) as sandbox:
        assert set(statuses(sent(sandbox, asked_of(pictures, 9, files), tmp_path))) == {"uploaded"}
        assert galleries(sandbox, 9) == [[str(number) for number in range(8)]] * 9
        refused = [request for request in sandbox.requests() if request.status == 429]
        # Those under way when the quota dropped could not know.
        assert len(refused) <= 8
        assert max(window.used for window in sandbox.windows()) <= 40


def test_a_computers_clock_that_jumps_changes_nothing(
    pictures: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, jumps = time.time, itertools.cycle([0.0, -1e8, 1e8])
    monkeypatch.setattr(time, "time", lambda: real() + next(jumps))
    faults = (Fault(2, "reset_before"), Fault(4, "reset_after"), Fault(6, "429_headers"), Fault(8, "503"))
    began = time.monotonic()
    with running(faults=faults, quota=12, window_ms=400) as sandbox:
        assert statuses(sent(sandbox, asked_of(pictures, 4), tmp_path)) == ["uploaded"] * 12
        assert statuses(sent(sandbox, asked_of(pictures, 4), tmp_path)) == ["already_there"] * 12
        assert galleries(sandbox, 4) == [["a", "b", "c"]] * 4
    assert time.monotonic() - began < 8


@pytest.mark.parametrize("route", ["single", "batch"])
def test_a_store_out_of_reach_for_a_while_is_waited_for(pictures: str, tmp_path: Path, route: str) -> None:
    nth = 9 if route == "single" else 3
    with running(outage=(nth, 0.6), latency_ms=10) as sandbox:
        result = sent(sandbox, asked_of(pictures, 8), tmp_path, outage=10.0, route=route)
        assert statuses(result) == ["uploaded"] * 24
        assert galleries(sandbox, 8) == [["a", "b", "c"]] * 8


def test_a_store_out_of_reach_for_longer_stops_the_run_and_the_next_one_carries_on(
    pictures: str, tmp_path: Path
) -> None:
    with running(outage=(9, 1.0), latency_ms=10) as sandbox:
        result = sent(sandbox, asked_of(pictures, 8), tmp_path, outage=0.3, attempts=2)
        assert "cannot be reached" in result.stopped
        assert {"uploaded", "unsent"} <= set(statuses(result)) <= {"uploaded", "unsent", "failed"}
        wait_for_port(sandbox.api_url)
        again = sent(sandbox, asked_of(pictures, 8), tmp_path)
        assert set(statuses(again)) == {"uploaded", "already_there"}
        assert galleries(sandbox, 8) == [["a", "b", "c"]] * 8


def wait_for_port(url: str) -> None:
    parts = urlsplit(url)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            socket.create_connection((parts.hostname or "", parts.port or 0), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the store has not come back")


@pytest.mark.parametrize("route", ["single", "batch"])
def test_a_product_deleted_meanwhile_costs_its_own_rows_alone(pictures: str, tmp_path: Path, route: str) -> None:
    asked = asked_of(pictures, 5)
    with running(deletes=((5 if route == "single" else 3, 2),)) as sandbox:
        result = sent(sandbox, asked, tmp_path, route=route, concurrency=2)
        codes = {outcome.problem.code for outcome in result.outcomes if outcome.problem}
        assert codes <= {ProblemCode.PRODUCT_UNKNOWN, ProblemCode.STORE_REJECTED}
        assert codes
        others = [outcome.status for outcome, row in zip(result.outcomes, asked, strict=True) if row.product_id != 2]
        assert set(others) == {"uploaded"}
        sent(sandbox, asked, tmp_path, route=route)
        assert galleries(sandbox, 5) == [["a", "b", "c"], [], *[["a", "b", "c"]] * 3]


@pytest.mark.long
def test_a_token_revoked_meanwhile_stops_the_program_and_a_new_one_carries_on(program: Program, pictures: str) -> None:
    sheet = program.sheet([[number, f"{pictures}/{file}"] for number in range(1, 9) for file in ABC])
    arguments = ("run", sheet, "--no-check", "--allow-private", "--yes", "--settle", "0.3", "--retry-wait", "0.05")
    settings = SandboxSettings(products=PRODUCTS, allow_private=True, quota=100_000, faults=(Fault(9, "401"),))
    with Sandbox(settings) as sandbox:
        ended = program.run(*arguments, sandbox=sandbox)
        assert ended.returncode == 4
        assert "access token" in ended.stdout + ended.stderr
        lines = results(program.folder / "rows-results")
        assert len(lines) == 24
        assert {line["status"] for line in lines} == {"uploaded", "unsent"}
        assert sum(line["status"] == "uploaded" for line in lines) >= 8
        sandbox._gate._token, sandbox._gate._revoked = b"a-new-one", False
        assert program.run(*arguments, sandbox=sandbox, token="a-new-one").returncode == 0
        assert galleries(sandbox, 8) == [["a", "b", "c"]] * 8
        assert {line["status"] for line in results(program.folder / "rows-results")} == {"uploaded", "already_there"}


def spoils_once(sandbox: Sandbox, nth: int, junk: bytes) -> Callable[[], bytes | None]:
    """What takes the place of the answer to the nth POST, which the store has carried out."""
    done: list[bool] = []

    def instead() -> bytes | None:
        posts = sum(request.method == "POST" and request.status == 200 for request in sandbox.requests())
        if done or posts < nth:
            return None
        done.append(True)
        return junk

    return instead


@pytest.mark.parametrize("junk", [b"", BAD_RECORD, PLAIN_TEXT], ids=["closed", "bad_record", "plain_text"])
def test_a_connection_that_breaks_in_its_encryption_after_the_picture_was_stored_sends_it_once(
    pictures: str, tmp_path: Path, junk: bytes
) -> None:
    asked = asked_of(pictures, 1)
    with running() as sandbox, breaking_proxy(sandbox.api_url, spoils_once(sandbox, 2, junk)) as proxy:
        sandbox.api_url = proxy
        sent(sandbox, asked, tmp_path, concurrency=1)
        assert set(statuses(sent(sandbox, asked, tmp_path))) <= {"uploaded", "already_there"}
        assert names(sandbox, 1) == ["a", "b", "c"]


@pytest.mark.long
@pytest.mark.parametrize(("route", "existing"), [("single", "skip"), ("batch", "replace")])
def test_under_all_faults_at_once_at_most_one_more_run_is_needed(
    pictures: str, tmp_path: Path, route: str, existing: str
) -> None:
    with running(fault_share=0.2, fault_seed=8, fault_kinds=tuple(FAILING), late_seconds=0.1) as sandbox:
        asked = asked_of(pictures, 10)
        first = sent(sandbox, asked, tmp_path, route=route, existing=existing)
        assert first.stopped == ""
        assert statuses(first).count("uploaded") > 25
        sandbox._gate._faults._share = 0.0
        again = sent(sandbox, asked, tmp_path, route=route, existing=existing)
        assert set(statuses(again)) <= {"uploaded", "already_there"}
        assert galleries(sandbox, 10) == [["a", "b", "c"]] * 10
        assert [len(thumbnails(sandbox, number)) for number in range(1, 11)] == [1] * 10
