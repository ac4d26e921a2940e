"""What this computer runs out of is never blamed on a host: fewer addresses are asked at once instead."""

import asyncio
import errno
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest

from importer.models import ProblemCode, UrlFinding
from importer.net import FailureKind, affordable, translate
from importer.problems import problem
from importer.validator.chains import RedirectChain, Retry
from importer.validator.host_queue import HostQueue
from importer.validator.schedule import Schedule
from tests.conftest import Program
from tests.validator.hop_record import address

pytest.importorskip("resource", reason="this system has no bound on open files")

KEY = aiohttp.client_reqrep.ConnectionKey("a.example", 80, False, True, None, None, None)


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL])
@pytest.mark.parametrize(
    "wrap",
    [
        lambda error: error,
        lambda error: aiohttp.ClientConnectorError(KEY, error),
        lambda error: OSError(f"Multiple exceptions: {error}, [Errno 111] Connect call failed"),
    ],
    ids=["bare", "of aiohttp", "one of several"],
)
def test_what_a_computer_runs_out_of_has_a_kind_of_its_own(number: int, wrap: Callable[[OSError], OSError]) -> None:
    assert translate(wrap(OSError(number, os.strerror(number)))).kind is FailureKind.COMPUTER


def test_dns_without_a_number_of_its_own_is_not_taken_for_that() -> None:
    assert translate(socket.gaierror(errno.ENOMEM, "x")).kind is FailureKind.DNS


CHECK = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, ({0}, {0}))
sys.argv = ["importer", *sys.argv[1:]]
from importer.cli import main
main()
"""


@pytest.mark.long
@pytest.mark.parametrize("bound", [24, 40])
@pytest.mark.parametrize("option", [[], ["--deep"]], ids=["starts", "whole files"])
def test_good_addresses_pass_with_few_open_files(
    program: Program, pictures: str, bound: int, option: list[str]
) -> None:
    sheet = program.sheet([[number, f"{pictures}/{number}.jpg"] for number in range(1, 301)])
    done = subprocess.run(
        [sys.executable, "-c", CHECK.format(bound), "check", str(sheet), "--allow-private", *option],
        cwd=program.folder,
        env=program.environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr.count("few open files") == 1


def test_fewer_are_asked_at_once_and_it_is_said_once() -> None:
    """A computer that bears three at once: each further one is asked again later, and none is lost."""
    busy = most = 0
    said: list[str] = []
    settled: list[UrlFinding] = []

    async def hop(chain: RedirectChain, queue: HostQueue) -> UrlFinding | Retry:
        nonlocal busy, most
        chain.answered = None
        if busy >= 3:
            await asyncio.sleep(0)
            return Retry(0.01, problem(ProblemCode.CONNECTION_LOST), fewer=True)
        busy += 1
        most = max(most, busy)
        await asyncio.sleep(0.002)
        busy -= 1
        chain.answered = True
        return UrlFinding()

    async def work() -> None:
        schedule = Schedule(32, 32, hop, lambda _, finding: settled.append(finding), asyncio.Event(), said.append)
        urls = [f"http://a{number % 9}.example/{number}.jpg" for number in range(300)]
        await schedule.run([RedirectChain(url, address(url), 60.0) for url in urls])

    asyncio.run(work())
    assert len(settled) == 300
    assert all(finding.problem is None for finding in settled)
    assert said == ["This computer has run out of open files or connections, so fewer addresses are checked at once."]


def test_no_more_is_afforded_than_there_are_open_files() -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (sum(1 for _ in Path("/dev/fd").iterdir()) + 20, before[1]))
        assert 1 <= affordable(32) <= 5
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert affordable(1) == 1
