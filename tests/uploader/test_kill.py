"""The real program, killed at random moments and run again until it is done, against a store that fails now and then.

The store goes on with what it was asked before a kill. In the end it holds each picture exactly once.
"""

import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from importer.sandbox import Sandbox
from tests.conftest import Program, results
from tests.uploader.killed_imports import HEADER, Import, check_end, check_midway, drawn

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
MOST_RUNS = 4
"""So many undisturbed runs are enough: a row that met a fault five times in a row is left to the next one."""


def command(work: Import, sheet: Path, settle: float) -> list[str | Path]:
    return [
        *("run", sheet, "--no-check", "--allow-private", "--yes", "--retry-wait", "0.05", "--settle", str(settle)),
        *("--concurrency", "8", "--route", work.route, "--existing", work.existing),
    ]


def seen(sandbox: Sandbox) -> int:
    return len(sandbox._gate._seen)


def writes(sandbox: Sandbox) -> list[str]:
    return [f"{one.method} {one.path}" for one in sandbox.requests() if one.method != "GET"]


def killed(process: "subprocess.Popen[str]", sandbox: Sandbox, requests: int, after: float) -> bool:
    """Kill a run some time after it has made so many requests; whether it was still going."""
    until = seen(sandbox) + requests
    with process:
        while seen(sandbox) < until and process.poll() is None:
            time.sleep(0.002)
        time.sleep(after)
        process.kill()
        process.communicate()
        return process.wait() == -signal.SIGKILL


def imported(work: Import, program: Program, pictures: str, *, kills: int, settle: float) -> int:
    """Kill an import so many times, resume it until it is done, and look at the store; how often it was killed."""
    draw = random.Random(work.seed + 2)
    rows = work.rows(pictures)
    arguments = command(work, program.sheet(rows, header=HEADER), settle)
    needed = len(rows) if work.route == "single" else len(rows) // 8
    died = 0
    with Sandbox(work.sandbox()) as sandbox:
        before = work.stock(sandbox)
        for _ in range(kills):
            process = program.start(*arguments, sandbox=sandbox)
            # So many that the last ones come near the end, but not often after it.
            requests = draw.randint(1, max(2, 4 * needed // (3 * kills)))
            died += killed(process, sandbox, requests, draw.choice([0.0, draw.uniform(0.0, 0.1)]))
            check_midway(work, sandbox, before)
        codes: list[int] = []
        while not codes or (codes[-1] != 0 and len(codes) < MOST_RUNS):
            codes.append(program.run(*arguments, sandbox=sandbox, timeout=100).returncode)
        assert codes[-1] == 0, (work.seed, codes)
        check_end(work, sandbox, before)
        report = results(program.folder / "rows-results")
        assert [int(line["row"]) for line in report] == list(range(2, len(rows) + 2))
        assert {line["status"] for line in report} <= {"uploaded", "already_there", "probably_there"}
        done, stored = writes(sandbox), [sandbox.images(product.number) for product in work.products]
        assert program.run(*arguments, sandbox=sandbox).returncode == 0
        assert {line["status"] for line in results(program.folder / "rows-results")} <= {
            "already_there",
            "probably_there",
        }
        assert writes(sandbox) == done
        assert [sandbox.images(product.number) for product in work.products] == stored
    return died


@pytest.mark.long
@pytest.mark.parametrize(("seed", "route"), [(3, "single")])
def test_an_import_that_is_killed_and_run_again_stores_each_picture_exactly_once(
    program: Program, pictures: str, seed: int, route: str
) -> None:
    work = drawn(seed, 10, "single" if route == "single" else "batch", replaces=route == "batch")
    assert imported(work, program, pictures, kills=2, settle=0.8) >= 1


@pytest.mark.long
@pytest.mark.parametrize("seed", range(12))
def test_three_hundred_rows_killed_ten_times_end_with_each_picture_exactly_once(
    program: Program, pictures: str, seed: int
) -> None:
    work = drawn(100 + seed, 66, "batch" if seed % 3 == 2 else "single", replaces=seed % 2 == 1)
    assert len(work.rows(pictures)) >= 300
    assert imported(work, program, pictures, kills=10, settle=1.5) >= 9  # a hundred moments in all
