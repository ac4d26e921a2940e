"""How long the loader takes beside what it stands on, and how much memory a preview needs: `python -m` this module.

100,000 rows of six columns are loaded to finished rows as CSV and as XLSX, and the same files are read by pandas alone.
Ours and the others take turns (A B C A B C …), so that a slow moment of the computer meets all of them. Each
measurement is a process of its own, so that none finds the memory that another one has warmed up. In it, a file of
three rows is read first: that makes every import, the late ones too, and is not timed. The clock stops when the rows
are there; taking them down again is not timed. Ratios are those of the medians; those of the least times stand beside.

The preview of 1,000,000 CSV rows is the whole command, imports included; its peak is what the system counted for that
one process (`ru_maxrss`), the largest of three runs.
"""

import argparse
import csv
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

ROOT = Path(__file__).resolve().parents[2]
HEADER = ("Product ID", "SKU", "Image URL", "Description", "Sort Order", "Is Thumbnail")
ROWS = 100_000
MANY_ROWS = 1_000_000
FEWEST_ROUNDS = 5
PREVIEWS = 3


@dataclass(frozen=True)
class Target:
    """One line of the table: ours against a baseline of the same round.

    `limit` is the largest ratio of ours to the baseline's time.
    """

    ours: str
    baseline: str
    limit: float
    words: str


TARGETS = (
    Target("load csv", "pandas csv", 5.0, "at most 5x"),
    Target("load xlsx", "pandas calamine", 1.5, "at most 1.5x"),
    Target("load xlsx", "pandas openpyxl", 0.25, "at least 4x faster"),
)
MOST_MEGABYTES = 600


def main() -> int:
    """Make the data, measure, print the table; 1 where a target is missed."""
    parser = argparse.ArgumentParser(description="Measure the loader against what it stands on.")
    parser.add_argument("--rounds", type=int, default=FEWEST_ROUNDS)
    parser.add_argument("--measure", nargs=2, metavar=("JOB", "FILE"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        say(repr(seconds_of(chosen.measure[0], Path(chosen.measure[1]))))
        return 0
    with tempfile.TemporaryDirectory(prefix="loader-benchmark-") as folder:
        files = made(Path(folder))
        rounds = max(chosen.rounds, FEWEST_ROUNDS)
        times = {
            job: found
            for jobs in (("pandas csv", "load csv"), ("pandas calamine", "load xlsx", "pandas openpyxl"))
            for job, found in in_turns(jobs, files, rounds).items()
        }
        met = report(times, rounds)
        return 0 if preview_fits(files["many"]) and met else 1


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def rows(count: int) -> Iterator[tuple[object, ...]]:
    """A catalogue with four pictures of each product."""
    yield HEADER
    for number in range(count):
        product, position = divmod(number, 4)
        yield (
            10_000 + product,
            f"SKU-{product:06}",
            f"https://images.example.com/catalog/{product % 997:03}/{product:06}-{position + 1}.jpg",
            f"Product {product}, view {position + 1} of 4 on a white table",
            position,
            "no" if position else "yes",
        )


def made(folder: Path) -> dict[str, Path]:
    """The files to read, each with a small one beside it."""
    say(f"Making {ROWS:,} rows as CSV and XLSX, and {MANY_ROWS:,} rows as CSV …")
    files = {kind: folder / f"rows.{kind}" for kind in ("csv", "xlsx")} | {"many": folder / "many.csv"}
    for name, path in files.items():
        for target, count in ((path, MANY_ROWS if name == "many" else ROWS), (small(path), 3)):
            if path.suffix == ".xlsx":
                write_workbook(target, count)
            else:
                with target.open("w", encoding="utf-8", newline="") as file:
                    csv.writer(file).writerows(rows(count))
    return files


def small(path: Path) -> Path:
    """The file that is read before the clock runs."""
    return path.with_name(f"small{path.suffix}")


def write_workbook(path: Path, count: int) -> None:
    """The rows as a workbook, without keeping them all."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Pictures")
    for row in rows(count):
        sheet.append(row)
    book.save(path)


def seconds_of(job: str, path: Path) -> float:
    """One measurement, in this process."""
    work = the_work(job)
    work(small(path))
    start = perf_counter()
    kept = work(path)
    end = perf_counter()
    del kept
    return end - start


def the_work(job: str) -> Callable[[Path], object]:
    """What a job does with a file."""
    if job.startswith("load"):
        from importer.loader import load

        return load
    import pandas as pd

    if job == "pandas csv":
        return lambda path: pd.read_csv(path, dtype=str)
    if job == "pandas calamine":
        return lambda path: pd.read_excel(path, engine="calamine", dtype=str)
    return lambda path: pd.read_excel(path, engine="openpyxl", dtype=str)


def in_turns(jobs: Sequence[str], files: dict[str, Path], rounds: int) -> dict[str, list[float]]:
    """The times of jobs that read the same file, one after the other in every round."""
    times: dict[str, list[float]] = {job: [] for job in jobs}
    for _ in range(rounds):
        for job in jobs:
            path = files["csv" if job.endswith("csv") else "xlsx"]
            command = [sys.executable, "-m", "tests.benchmarks.loader", "--measure", job, str(path)]
            done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
            times[job].append(float(done.stdout))
    return times


def report(times: dict[str, list[float]], rounds: int) -> bool:
    """Print the tables; whether all targets are met."""
    say(f"\n{ROWS:,} rows x {len(HEADER)} columns, {rounds} rounds in turns, imports left out\n")
    say("| job | median s | min s |\n|---|---|---|")
    for job, found in times.items():
        say(f"| {job} | {median(found):.3f} | {min(found):.3f} |")
    say("\n| ours / baseline | ratio of medians | ratio of minima | target | met |\n|---|---|---|---|---|")
    met = True
    for one in TARGETS:
        ours, baseline = times[one.ours], times[one.baseline]
        ratio, least = median(ours) / median(baseline), min(ours) / min(baseline)
        met = met and ratio <= one.limit
        shown = f"{ratio:.2f} | {least:.2f}" if one.limit >= 1 else f"1/{1 / ratio:.1f} | 1/{1 / least:.1f}"
        say(f"| {one.ours} / {one.baseline} | {shown} | {one.words} | {yes_or_no(ratio <= one.limit)} |")
    return met


def preview_fits(path: Path) -> bool:
    """Print the peak memory of a preview; whether it stays within the limit."""
    if not hasattr(os, "wait4"):
        say("\nThis system does not count the memory of one child process: the preview was not measured.")
        return True
    runs = [previewed(path) for _ in range(PREVIEWS)]
    peak = max(megabytes for megabytes, _ in runs)
    fits = peak < MOST_MEGABYTES
    say(f"\n| preview of {MANY_ROWS:,} CSV rows | peak MB | median s | target | met |\n|---|---|---|---|---|")
    say(
        f"| whole process, {PREVIEWS} runs | {peak:.0f} | {median(seconds for _, seconds in runs):.1f} "
        f"| under {MOST_MEGABYTES} MB | {yes_or_no(fits)} |"
    )
    return fits


def previewed(path: Path) -> tuple[float, float]:
    """The peak memory in MB and the seconds of one `importer preview`."""
    start = perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "importer", "preview", str(path)], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"importer preview ended with {process.returncode}")
    unit = 1 if sys.platform == "darwin" else 1024
    return usage.ru_maxrss * unit / 1e6, perf_counter() - start


def yes_or_no(met: bool) -> str:
    """The last cell of a line."""
    return "yes" if met else "NO"


if __name__ == "__main__":
    raise SystemExit(main())
