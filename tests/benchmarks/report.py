"""How long the report takes beside what it stands on, and how much memory it needs: `python -m` this module.

100,000 results of a run with good and bad rows on 40 hosts are written to disk. Ours and the bare libraries take turns
(A B A B …), each measurement in a process of its own that has written a small report first, which makes every import.
The bare libraries are given the same cells ready-made, and the clock runs for their writing alone; ours makes the cells
of the outcomes, guards them, and adds colours, links, the Summary and the Hosts. The bare workbook has the results and
the rows to mend, as ours has. Ratios are those of the medians; those of the least times stand beside.

The page is measured in seconds of CPU. The memory is the most that the process of all three files held
(`VmHWM`), imports, outcomes and all; how much of it are the outcomes is what the process grew by when they were made.
"""

import argparse
import csv
import gc
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from importer.models import (
    HostFinding,
    ImageRow,
    Outcome,
    Problem,
    ProblemCode,
    Receipt,
    RunInfo,
    Status,
    Traffic,
    UrlFinding,
)
from importer.problems import problem
from tests.benchmarks.checking import peak_megabytes
from tests.benchmarks.loader import ROOT, say, yes_or_no

ROWS = 100_000
MANY_ROWS = 200_000
FEWEST_ROUNDS = 5
HOSTS = 40
MOST_CPU_SECONDS = 2.0
MOST_MEGABYTES = 400
RUN = RunInfo(
    "run", "catalog.xlsx", "abc123xyz", sandbox=False, started="2026-03-04T09:05:33+01:00", seconds=20_000.0,
    traffic=Traffic((150,) * 670, (140,) * 670, 30.0, 20_000.0, 150, 30.0),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Target:
    """Ours against a baseline of the same rounds; `limit` is the largest ratio of the times that is met."""

    ours: str
    baseline: str
    limit: float


TARGETS = (Target("csv", "bare csv", 3.0), Target("xlsx", "bare xlsx", 1.3))


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement: seconds, seconds of CPU, the most memory that was held, and the outcomes' part of it, in MB."""

    seconds: float
    cpu: float
    peak: float
    outcomes: float


def main() -> int:
    """Measure, print the tables; 1 where a target is missed."""
    parser = argparse.ArgumentParser(description="Measure the report against what it stands on.")
    parser.add_argument("--rounds", type=int, default=FEWEST_ROUNDS)
    parser.add_argument("--measure", nargs=2, metavar=("JOB", "ROWS"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        job, rows = chosen.measure
        sys.stdout.write(json.dumps(asdict(measured(job, int(rows)))))
        return 0
    rounds = max(chosen.rounds, FEWEST_ROUNDS)
    jobs = ("csv", "bare csv", "xlsx", "bare xlsx", "html", "all")
    samples: dict[str, list[Sample]] = {job: [] for job in jobs}
    for _ in range(rounds):
        for job in jobs:
            samples[job].append(in_own_process(job, ROWS))
    return 0 if report(samples, [in_own_process("xlsx", MANY_ROWS)]) else 1


def outcomes_of(rows: int) -> list[Outcome]:
    """How the rows of a large import ended: of 100, 80 are uploaded, 5 were there, 12 are turned away and 3 failed."""
    hosts = [HostFinding(f"images{number:02}.example.com", 443, "TLSv1.3") for number in range(HOSTS)]
    old = problem(ProblemCode.TLS_TOO_OLD, "legacy.example.com speaks TLS 1.0 only.")
    hosts[3] = HostFinding("legacy.example.com", 443, "", old)
    return [_outcome(number, hosts) for number in range(rows)]


def _outcome(number: int, hosts: Sequence[HostFinding]) -> Outcome:
    product, position = divmod(number, 4)
    host = hosts[product % HOSTS]
    url = f"https://{host.host}/catalog/{product % 997:03}/{product:06}-{position + 1}.jpg"
    alt = f"Product {product}, view {position + 1} of 4 on a white table"
    row = ImageRow("", number + 2, None, f"SKU-{product:06}", url, url, alt, position, position == 0)
    kind = number % 100
    if host.problem is not None or 80 < kind <= 90:
        trouble = host.problem or problem(ProblemCode.HTTP_NOT_FOUND, f"{host.host} answered 404 Not Found.")
        finding = UrlFinding(trouble, None if host.problem else 404, host.tls_version, hosts=(host,))
        return Outcome(row, Status.REJECTED, trouble, "", 10_000 + product, finding)
    finding = UrlFinding(None, 206, host.tls_version, "image/jpeg", 181_233 + number, 1200, 900, hosts=(host,))
    if kind > 97:
        return Outcome(row, Status.FAILED, _refused(product), "", 10_000 + product, finding, Receipt(attempts=3))
    if kind > 90:
        return Outcome(row, Status.ALREADY_THERE, None, "The store has it.", 10_000 + product, finding)
    name = f"{product:06}-{position + 1}__{number % 100_000:05}"
    picture = f"https://cdn11.bigcommerce.com/s-abc123xyz/products/{product}/images/{number}/{name}.1767225600"
    receipt = Receipt(
        number + 1, f"a/{number % 1000:03}/{name}.jpg", "single", 1, 0.73219, f"{number:032x}",
        f"{picture}.1280.1280.jpg?c=1", f"{picture}.220.290.jpg?c=1",
    )  # fmt: skip
    return Outcome(row, Status.UPLOADED, None, "", 10_000 + product, finding, receipt)


def _refused(product: int) -> Problem:
    words = f"The store answered 422 Unprocessable: product {product} was not changed. Our own check could open it."
    return problem(ProblemCode.STORE_COULD_NOT_FETCH, words)


def measured(job: str, rows: int) -> Sample:
    """One measurement, in this process."""
    work = the_work(job)
    with tempfile.TemporaryDirectory(prefix="report-benchmark-") as folder:
        work(outcomes_of(100), Path(folder))()
        before = held_megabytes()
        outcomes = outcomes_of(rows)
        grown = held_megabytes() - before
        todo = work(outcomes, Path(folder))
        gc.collect()
        start, start_cpu = perf_counter(), process_time()
        todo()
        return Sample(perf_counter() - start, process_time() - start_cpu, peak_megabytes(), grown)


def the_work(job: str) -> Callable[[Sequence[Outcome], Path], Callable[[], None]]:
    """What a job does: given outcomes and a folder, everything up to the clock's start; what that returns is timed."""
    return {
        "csv": our_csv,
        "bare csv": bare_csv,
        "xlsx": our_xlsx,
        "bare xlsx": bare_xlsx,
        "html": our_page,
        "all": ours,
    }[job]


def ours(outcomes: Sequence[Outcome], folder: Path) -> Callable[[], None]:
    """The three files, as `importer run` writes them."""
    from importer.report import write_report

    def write() -> None:
        write_report(outcomes, RUN, folder)

    return write


def our_csv(outcomes: Sequence[Outcome], folder: Path) -> Callable[[], None]:
    """`results.csv`."""
    from importer.report.csv_lines import write_csv

    def write() -> None:
        with (folder / "results.csv").open("wb") as stream:
            write_csv(outcomes, stream)

    return write


def our_xlsx(outcomes: Sequence[Outcome], folder: Path) -> Callable[[], None]:
    """`results.xlsx`."""
    from importer.report import summarize
    from importer.report.workbook import write_workbook

    summary = summarize(outcomes, RUN)

    def write() -> None:
        with (folder / "results.xlsx").open("wb") as stream:
            write_workbook(outcomes, summary, stream)

    return write


def our_page(outcomes: Sequence[Outcome], folder: Path) -> Callable[[], None]:
    """`results.html`."""
    from importer.report import summarize
    from importer.report.page import write_page

    summary = summarize(outcomes, RUN)

    def write() -> None:
        with (folder / "results.html").open("wb") as stream:
            write_page(outcomes, summary, stream)

    return write


def bare_csv(outcomes: Sequence[Outcome], folder: Path) -> Callable[[], None]:
    """The same cells, by the standard library."""
    from importer.report import RESULT_COLUMNS, result_line

    lines = [RESULT_COLUMNS, *(tuple(result_line(outcome).values()) for outcome in outcomes)]

    def write() -> None:
        with (folder / "bare.csv").open("w", encoding="utf-8-sig", newline="") as stream:
            csv.writer(stream).writerows(lines)

    return write


def bare_xlsx(outcomes: Sequence[Outcome], folder: Path) -> Callable[[], None]:
    """The same cells, by openpyxl's quicker way."""
    from openpyxl import Workbook

    from importer.report import RESULT_COLUMNS, result_line
    from importer.report.to_fix import TO_FIX_COLUMNS, needs_fix, to_fix_cells

    to_fix = [tuple(TO_FIX_COLUMNS), *(to_fix_cells(outcome) for outcome in outcomes if needs_fix(outcome))]
    results = [RESULT_COLUMNS, *(tuple(result_line(outcome).values()) for outcome in outcomes)]

    def write() -> None:
        book = Workbook(write_only=True)
        for title, lines in (("To fix", to_fix), ("Results", results)):
            sheet = book.create_sheet(title)
            for line in lines:
                sheet.append(line)
        book.save(folder / "bare.xlsx")

    return write


def in_own_process(job: str, rows: int) -> Sample:
    """The same in a process that nothing else has warmed up."""
    command = [sys.executable, "-m", "tests.benchmarks.report", "--measure", job, str(rows)]
    return Sample(**json.loads(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout))


def held_megabytes() -> float:
    """The memory that this process holds now, in MB."""
    held = re.search(r"VmRSS:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    assert held is not None
    return int(held[1]) * 1024 / 1e6


def report(samples: dict[str, list[Sample]], many: Sequence[Sample]) -> bool:
    """Print the tables; whether all targets are met."""
    rounds = len(samples["csv"])
    say(f"{ROWS:,} results, {rounds} rounds in turns, imports left out\n")
    say("| job | median s | min s | median CPU s | peak MB | of it outcomes MB |\n|---|---|---|---|---|---|")
    for job, found in {**samples, f"xlsx, {MANY_ROWS:,} results": many}.items():
        seconds, cpu = [one.seconds for one in found], median(one.cpu for one in found)
        peak, outcomes = max(one.peak for one in found), median(one.outcomes for one in found)
        say(f"| {job} | {median(seconds):.2f} | {min(seconds):.2f} | {cpu:.2f} | {peak:.0f} | {outcomes:.0f} |")
    say("\n| what | found | of the least times | target | met |\n|---|---|---|---|---|")
    met = True
    for one in TARGETS:
        mine, theirs = ([sample.seconds for sample in samples[job]] for job in (one.ours, one.baseline))
        ratio, least = median(mine) / median(theirs), min(mine) / min(theirs)
        met = met and ratio < one.limit
        limit = f"under {one.limit:g}x"
        say(f"| {one.ours} / {one.baseline} | {ratio:.2f} | {least:.2f} | {limit} | {yes_or_no(ratio < one.limit)} |")
    cpu, peak = median(one.cpu for one in samples["html"]), max(one.peak for one in samples["all"])
    say(f"| html, s of CPU | {cpu:.2f} | | under {MOST_CPU_SECONDS:g} | {yes_or_no(cpu < MOST_CPU_SECONDS)} |")
    say(f"| all three, peak MB | {peak:.0f} | | under {MOST_MEGABYTES} | {yes_or_no(peak < MOST_MEGABYTES)} |")
    return met and cpu < MOST_CPU_SECONDS and peak < MOST_MEGABYTES


if __name__ == "__main__":
    raise SystemExit(main())
