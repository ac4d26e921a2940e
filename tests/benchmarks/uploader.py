"""How fast the upload is and how well it keeps to a quota: `python -m` this module. It sends to the sandbox store.

Speed: 6,000 pictures go to a store without a quota to speak of, 16 at a time, one or five for each product; our upload
with its journal on, a bare aiohttp loop, and the official client take turns (A B C A B C …), each in a process of its
own and against a store of its own. Ratios are those of the medians; beside them stand the least and the largest ratio
of one round. The official client sends one picture after another, so a few tell its pace.

Quota, requests and memory are counted, not timed, so they are measured once. `--only` takes one of the four parts.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from tests.benchmarks.checking import Sample
from tests.benchmarks.loader import say, yes_or_no
from tests.benchmarks.pretend_store import Stock
from tests.benchmarks.uploader_quota import report_quota
from tests.benchmarks.uploader_whole import ROWS, report_whole
from tests.benchmarks.uploading import WIDTH, Work, in_own_process, python_with

PICTURES = 6_000
FEW = 200
"""Pictures for the official client, which would take all of them nearly six minutes."""
LATENCY_MS = 50
ROUNDS = 5
FEWEST_REQUESTS = 20.0
"""How many pictures the batch route is to send for each of its requests."""
PARTS = ("speed", "quota", "batch", "whole")


@dataclass(frozen=True, slots=True)
class Target:
    """One line of the table: how many times the baseline's pictures per second ours sends."""

    words: str
    ours: str
    baseline: str
    least: float


TARGETS = (
    Target("50 ms latency / bare loop", "ours late", "bare late", 0.95),
    Target("the same, 5 pictures for each product", "ours late x5", "bare late x5", 0.95),
    Target("50 ms latency / official client", "ours late", "official late", 14.0),
    Target("0 ms / bare loop", "ours", "bare", 0.5),
    Target("the same, 5 pictures for each product", "ours x5", "bare x5", 0.5),
)


@dataclass(frozen=True, slots=True)
class Job:
    """A measurement and the number of pictures that it sends."""

    measure: Callable[[], Sample]
    pictures: int

    def rate(self, sample: Sample) -> float:
        """Pictures per second of the loop."""
        return self.pictures / sample.loop


def main() -> int:
    """Measure, print the tables; 1 where a target is missed."""
    parser = argparse.ArgumentParser(description="Measure the upload against a bare loop, a peer and a quota.")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of the speed")
    parser.add_argument("--peers", nargs="*", type=Path, default=[], metavar="FOLDER", help="where peers are installed")
    parser.add_argument("--only", choices=PARTS, help="one part of the whole")
    parser.add_argument("--rows", type=int, default=ROWS, help="of the file for the whole program")
    parser.add_argument("--profile", type=Path, metavar="FILE", help="profile our upload at 0 ms instead")
    chosen = parser.parse_args()
    if chosen.profile:
        work = Work("upload", PICTURES, profile=str(chosen.profile.absolute()))
        say(f"{PICTURES / in_own_process(work, Stock(PICTURES)).sample.loop:,.0f} pictures/s under the profiler")
        return 0
    official = python_with("bigcommerce", chosen.peers)
    parts: dict[str, Callable[[], bool]] = {
        "speed": partial(report_speed, max(1, chosen.rounds), official),
        "quota": partial(report_quota, official),
        "batch": report_batch,
        "whole": partial(report_whole, chosen.rows, chosen.peers),
    }
    # All are measured before any is judged: a missed target must not keep the rest from being seen.
    met = [part() for name, part in parts.items() if chosen.only in {None, name}]
    return 0 if all(met) else 1


def report_speed(rounds: int, official: str) -> bool:
    """Measure and print how many pictures a second go out; whether all targets are met."""
    jobs = speed_jobs(official)
    samples: dict[str, list[Sample]] = {name: [] for name in jobs}
    for number in range(rounds):
        say(f"Round {number + 1} of {rounds} …")
        for name, job in jobs.items():
            samples[name].append(job.measure())
    say(f"\n{PICTURES:,} pictures, {WIDTH} at a time, {rounds} rounds in turns\n")
    say("| job | pictures/s, median | min to max | CPU ms a picture | whole process, median s | peak MB |")
    say("|---|---|---|---|---|---|")
    for name, found in samples.items():
        rates = [jobs[name].rate(one) for one in found]
        cpu = median(one.cpu for one in found) / jobs[name].pictures * 1000
        say(
            f"| {name} | {median(rates):,.0f} | {min(rates):,.0f} to {max(rates):,.0f} | {cpu:.2f} "
            f"| {median(one.whole for one in found):.2f} | {max(one.peak for one in found):.0f} |"
        )
    say("\n| ours / baseline | ratio | of one round | target | met |\n|---|---|---|---|---|")
    met = [report_ratio(one, jobs, samples) for one in TARGETS]
    return all(met)


def speed_jobs(official: str) -> dict[str, Job]:
    """What is measured; the official client where a Python has it."""

    def job(kind: str, latency_ms: int, each: int) -> Job:
        work, stock = Work(kind, PICTURES // each, each), Stock(PICTURES // each, latency_ms)
        return Job(lambda: in_own_process(work, stock).sample, work.count)

    jobs = {
        "bare late": job("bare", LATENCY_MS, 1),
        "ours late": job("upload", LATENCY_MS, 1),
        "bare late x5": job("bare", LATENCY_MS, 5),
        "ours late x5": job("upload", LATENCY_MS, 5),
        "bare": job("bare", 0, 1),
        "ours": job("upload", 0, 1),
        "bare x5": job("bare", 0, 5),
        "ours x5": job("upload", 0, 5),
    }
    if official:
        work, stock = Work("official", FEW), Stock(FEW, LATENCY_MS)
        jobs["official late"] = Job(lambda: in_own_process(work, stock, official).sample, FEW)
    return jobs


def report_ratio(target: Target, jobs: dict[str, Job], samples: dict[str, list[Sample]]) -> bool:
    """Print one line of the table; whether its target is met, which one without its peer does not say."""
    end = f"| at least {target.least:g}x "
    if target.baseline not in samples:
        say(f"| {target.words} | | {end}| not installed |")
        return True
    ours, baseline = ([jobs[name].rate(one) for one in samples[name]] for name in (target.ours, target.baseline))
    ratio = median(ours) / median(baseline)
    each = [mine / its for mine, its in zip(ours, baseline, strict=True)]
    met = ratio >= target.least
    say(f"| {target.words} | {ratio:.2f}x | {min(each):.2f} to {max(each):.2f} {end}| {yes_or_no(met)} |")
    return met


def report_batch() -> bool:
    """Count and print the requests of the batch route; whether there are few enough."""
    work = Work("upload", PICTURES // 5, 5, "batch")
    found = in_own_process(work, Stock(work.products, LATENCY_MS))
    requests = sum(found.seen.requests.values())
    ratio = work.count / requests
    kinds = ", ".join(f"{count} {method}" for method, count in sorted(found.seen.requests.items()))
    say("\n| batch route, 5 pictures for each product | requests | pictures for each | target | met |")
    say("|---|---|---|---|---|")
    met = ratio >= FEWEST_REQUESTS
    rate = f"{work.count / found.sample.loop:,.0f} pictures/s at {LATENCY_MS} ms"
    say(f"| {work.count:,} pictures, {rate} | {kinds} | {ratio:.1f} | {FEWEST_REQUESTS:g} | {yes_or_no(met)} |")
    return met


if __name__ == "__main__":
    raise SystemExit(main())
