"""The whole program on 200,000 rows: the memory it needs, and how soon a finished import is found to be finished.

The pictures of 40,000 products lie on 32 https hosts; the store takes them unseen and has no quota to speak of. The
file is checked while the hosts answer 50 ms late, as hosts on the internet do, then checked again with hosts that
answer at once (nginx where it is installed), imported from these, and imported again with nothing left to do, each by
the command that a person types; time and memory are those of its process, seen from outside.
"""

import csv
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from tests.benchmarks import peers
from tests.benchmarks.loader import say, yes_or_no
from tests.benchmarks.picture_server import ADDRESSES, HOSTS, NAMES, ROOT, made, served
from tests.benchmarks.pretend_store import FIRST_PRODUCT, Stock, Store, running

ROWS = 200_000
EACH = 5
"""Pictures of each product."""
LATENCY = 0.05
"""Seconds until the hosts of the first check answer."""
MOST_MEGABYTES = 700
LARGEST_SHARE = 0.1
_STAGES = ("Loading", "Looking up", "Checking", "Uploading")
"""What the program calls its stages in its progress; the report is what comes after the last of them."""


@dataclass(frozen=True, slots=True)
class Took:
    """One command: its seconds, the seconds of each of its stages, and its peak memory in MB."""

    words: str
    seconds: float
    stages: dict[str, float]
    megabytes: float


def report_whole(rows: int, folders: list[Path]) -> bool:
    """Measure and print; whether all targets are met.

    Args:
        rows: rows of the file.
        folders: where nginx may be installed.
    """
    if not hasattr(os, "wait4"):
        say("\nThis system does not count the memory of one child process: the whole program was not measured.")
        return True
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="uploader-benchmark-")))
        hosts = folder / "hosts"
        hosts.mkdir()
        site = made(hosts)
        late, prompt = (
            stack.enter_context(served(site, server, latency))
            for server, latency in (("", LATENCY), (peers.found("nginx", folders), 0.0))
        )
        store = stack.enter_context(running(Stock(rows // EACH)))
        authorities = folder / "authorities.pem"
        authorities.write_text(site.ca_file.read_text() + Path(store.ca_file).read_text(), encoding="ascii")
        variables = _variables(store, authorities, prompt)
        file = folder / "pictures.csv"
        _write(file, rows)
        check = ["check", str(file), "--allow-private", "--results", str(folder / "checked")]
        took = [
            _timed("check, hosts 50 ms late", check, _variables(store, authorities, late)),
            _timed("check", check, variables),
            *(_timed(words, ["run", str(file), "--allow-private", "--yes"], variables) for words in ("run", "again")),
        ]
        seen = store.seen()
    if not seen.pictures == seen.distinct == rows:
        raise SystemExit(f"The store should have {rows:,} pictures, each once, but has {seen}.")
    return _report(took, rows)


def _variables(store: Store, authorities: Path, port: int) -> dict[str, str]:
    mapped = (f"{name}:443:{address}:{port}" for name, address in zip(NAMES, ADDRESSES, strict=True))
    return {
        "BIGCOMMERCE_API_URL": store.api_url,
        "BIGCOMMERCE_STORE_HASH": store.store_hash,
        "BIGCOMMERCE_ACCESS_TOKEN": store.access_token,
        "SSL_CERT_FILE": str(authorities),
        "IMPORTER_CONNECT_TO": " ".join(mapped),
    }


def _write(file: Path, rows: int) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("Product ID", "Image URL", "Description"))
        for number in range(rows):
            url = f"https://{NAMES[number % HOSTS]}/small/{number:06}.jpg"
            product, position = divmod(number, EACH)
            writer.writerow((FIRST_PRODUCT + product, url, f"View {position + 1} of {EACH} on a white table"))


def _timed(words: str, arguments: list[str], variables: dict[str, str]) -> Took:
    """Run a command to its end; the last line of progress that a stage prints tells when it was over.

    Raises:
        SystemExit: the command did not end well.
    """
    start = perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "importer", *arguments],
        cwd=ROOT,
        env=os.environ | variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    ends = {"": 0.0}
    said: list[str] = []
    for line in process.stderr:
        said.append(line)
        stage = line.partition(":")[0]
        if stage in _STAGES:
            ends[stage] = perf_counter() - start
    process.stderr.close()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"importer {' '.join(arguments)} ended with {process.returncode}:\n{''.join(said[-10:])}")
    ends["report"] = seconds
    begun = list(ends.values())
    stages = {name: end - before for (name, end), before in zip(list(ends.items())[1:], begun, strict=False)}
    unit = 1 if sys.platform == "darwin" else 1024
    return Took(words, seconds, stages, usage.ru_maxrss * unit / 1e6)


def _report(took: list[Took], rows: int) -> bool:
    names = [*_STAGES, "report"]
    say(f"\n{rows:,} rows, {EACH} pictures for each product, the whole program\n")
    say(f"| command | s | {' | '.join(names)} | peak MB | target | met |")
    say("|---|---|" + "---|" * len(names) + "---|---|---|")
    met = True
    for one in took:
        fits = one.megabytes < MOST_MEGABYTES
        met = met and fits
        spent = " | ".join(f"{one.stages[name]:.1f}" if name in one.stages else "" for name in names)
        target = f"under {MOST_MEGABYTES} MB | {yes_or_no(fits)}"
        say(f"| {one.words} | {one.seconds:.1f} | {spent} | {one.megabytes:.0f} | {target} |")
    first, check, _, again = took
    say("\n| nothing to do / first check | s | share | target | met |\n|---|---|---|---|---|")
    share = again.seconds / first.seconds
    quick = share < LARGEST_SHARE
    spent = f"{again.seconds:.1f} / {first.seconds:.1f}"
    say(f"| hosts 50 ms late | {spent} | {share:.1%} | under {LARGEST_SHARE:.0%} | {yes_or_no(quick)} |")
    spent = f"{again.seconds:.1f} / {check.seconds:.1f}"
    say(f"| hosts without any delay | {spent} | {again.seconds / check.seconds:.1%} | | |")
    return met and quick
