"""How fast the check is beside a bare aiohttp loop and its peers, and the memory it needs: `python -m` this module.

5,000 distinct URLs on 32 https host names are checked, 64 at a time, verdicts included: small pictures (3 to 8 kB) and
ordinary ones (64 to 100 kB, of which the first 64 kB are asked for). The baseline asks for the same bytes over one
aiohttp session with as many workers, and makes nothing of the answers. The hosts are one process of their own: nginx,
or for latency a small asyncio server that answers 50 ms late.

Ours and the others take turns (A B C A B C …). Each measurement is a process of its own, which says how long its loop
took (imports left out); the whole process is timed from outside. Ratios are those of the medians; beside them stand
the least and the largest ratio of one round. `--loop` runs ours and the baseline on another event loop, if installed.

Peers are looked for on PATH and in the folders given with --peers (virtual environments, npm folders); a line whose
peer is not installed says so and counts as neither met nor missed.
"""

import argparse
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from tests.benchmarks import peers
from tests.benchmarks.checking import LOOPS, WIDTH, Sample, Work, in_own_process
from tests.benchmarks.loader import say, yes_or_no
from tests.benchmarks.picture_server import HOSTS, Site, made, served

URLS = 5_000
FEW_URLS = 500
LATENCY = 0.05
ROUNDS = 5
Job = Callable[[], Sample]


@dataclass(frozen=True, slots=True)
class Target:
    """One line of the table: how many times as fast as its baseline ours is.

    `by` is the clock that counts: `loop`, or `whole` for those of whom only the whole process can be timed.
    """

    words: str
    ours: str
    baseline: str
    by: str
    least: float


TARGETS = (
    Target("small pictures / bare loop", "check small", "bare small", "loop", 0.7),
    Target("ordinary pictures / bare loop", "check ordinary", "bare ordinary", "loop", 0.7),
    Target("ordinary, 50 ms latency / bare loop", "check late", "bare late", "loop", 0.95),
    Target("small pictures / linkinator", "check small", "linkinator", "whole", 8.0),
    Target("small pictures / LinkChecker", "check small", "linkchecker", "whole", 50.0),
    Target("TLS verdicts / sslyze", "judge", "sslyze", "loop", 15.0),
)
MEMORY = (("heavy", "hosts that honour Range"), ("whole/heavy", "hosts that ignore Range"))
LARGEST_PEAK = 1.1


def main() -> int:
    """Make the data, measure, print the tables; 1 where a target is missed."""
    parser = argparse.ArgumentParser(description="Measure the check against a bare loop and its peers.")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--peers", nargs="*", type=Path, default=[], metavar="FOLDER", help="where peers are installed")
    parser.add_argument("--loop", choices=LOOPS, default=LOOPS[0], help="the event loop of ours and of the baseline")
    chosen = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="validator-benchmark-")))
        folder.chmod(0o755)  # LinkChecker, started by root, reads as nobody.
        site = made(folder)
        nginx = peers.found("nginx", chosen.peers)
        if not nginx:
            say("nginx is not installed: a slower server of our own stands in, and holds the faster side back.")
        quick = stack.enter_context(served(site, nginx, 0.0))
        late = stack.enter_context(served(site, "", LATENCY))
        jobs = our_jobs(site, quick, late, chosen.loop) | peer_jobs(site, quick, chosen.peers)
        samples = in_turns(jobs, max(1, chosen.rounds))
    say(f"\n{URLS:,} URLs on {HOSTS} https hosts, {WIDTH} at a time, {chosen.loop}, {chosen.rounds} rounds in turns")
    report_times(samples)
    speed = report_targets(samples)
    return 0 if report_memory(samples) and speed else 1


def our_jobs(site: Site, quick: int, late: int, loop: str) -> dict[str, Job]:
    """What is measured of ours and of the bare loop; `quick` and `late` are the servers' ports."""

    def job(name: str, path: str, count: int, port: int) -> Job:
        return partial(in_own_process, Work(name, path, count, str(site.ca_file), port, loop))

    return {
        "bare small": job("bare", "/small/", URLS, quick),
        "check small": job("check", "/small/", URLS, quick),
        "bare ordinary": job("bare", "/ordinary/", URLS, quick),
        "check ordinary": job("check", "/ordinary/", URLS, quick),
        "bare late": job("bare", "/ordinary/", URLS, late),
        "check late": job("check", "/ordinary/", URLS, late),
        "judge": job("judge", "/", HOSTS, quick),
        "light": job("check", "/light/", FEW_URLS, quick),
        **{name: job("check", f"/{name}/", FEW_URLS, quick) for name, _ in MEMORY},
    }


def peer_jobs(site: Site, port: int, folders: Sequence[Path]) -> dict[str, Job]:
    """The peers that are installed."""
    jobs: dict[str, Job] = {}
    if program := peers.found("linkinator", folders):
        jobs["linkinator"] = partial(peers.linkinator, program, site, port, URLS)
    if program := peers.found("linkchecker", folders):
        jobs["linkchecker"] = partial(peers.linkchecker, program, site, port, URLS)
    if program := peers.found("sslyze", folders):
        jobs["sslyze"] = partial(peers.sslyze, program, site, port)
    return jobs


def in_turns(jobs: dict[str, Job], rounds: int) -> dict[str, list[Sample]]:
    """Every job once in every round."""
    samples: dict[str, list[Sample]] = {name: [] for name in jobs}
    for number in range(rounds):
        say(f"Round {number + 1} of {rounds} …")
        for name, job in jobs.items():
            samples[name].append(job())
    return samples


def report_times(samples: dict[str, list[Sample]]) -> None:
    """Print what was measured."""
    say("\n| job | loop, median s | min to max | of it on the CPU | whole process, median s | peak MB |")
    say("|---|---|---|---|---|---|")
    for name, found in samples.items():
        loops = [one.loop for one in found]
        cpu, peak = median(one.cpu for one in found), max(one.peak for one in found)
        say(
            f"| {name} | {median(loops):.3f} | {min(loops):.3f} to {max(loops):.3f} | {f'{cpu:.3f}' if cpu else ''} "
            f"| {median(one.whole for one in found):.3f} | {f'{peak:.0f}' if peak else ''} |"
        )


def report_targets(samples: dict[str, list[Sample]]) -> bool:
    """Print how many times as fast ours is as each baseline; whether all targets are met."""
    say("\n| ours / baseline | by | ratio | of one round | by the other clock | target | met |")
    say("|---|---|---|---|---|---|---|")
    met = True
    for one in TARGETS:
        start = f"| {one.words} | {one.by} "
        end = f"| at least {one.least:g}x "
        if one.baseline not in samples:
            say(f"{start}| | | {end}| not installed |")
            continue
        ours, baseline = samples[one.ours], samples[one.baseline]
        ratio, least, largest = ratios(ours, baseline, one.by)
        other = "" if one.by == "whole" else f"whole process {ratios(ours, baseline, 'whole')[0]:.2f}x"
        met = met and ratio >= one.least
        end += f"| {yes_or_no(ratio >= one.least)} |"
        say(f"{start}| {ratio:.2f}x | {least:.2f} to {largest:.2f} | {other} {end}")
    return met


def ratios(ours: list[Sample], baseline: list[Sample], by: str) -> tuple[float, float, float]:
    """The baseline's time over ours: of the medians, and the least and largest of one round."""
    mine, theirs = ([float(getattr(one, by)) for one in side] for side in (ours, baseline))
    each = [their / my for my, their in zip(mine, theirs, strict=True)]
    return median(theirs) / median(mine), min(each), max(each)


def report_memory(samples: dict[str, list[Sample]]) -> bool:
    """Print how much more memory large pictures need than light ones; whether that stays within the limit."""
    light = median(one.peak for one in samples["light"])
    say(f"\n| peak of {FEW_URLS} pictures of 7.9 MB / of 20 kB | MB | ratio | target | met |")
    say("|---|---|---|---|---|")
    met = True
    for name, words in MEMORY:
        heavy = median(one.peak for one in samples[name])
        fits = heavy / light <= LARGEST_PEAK
        met = met and fits
        ratio = f"{heavy:.0f} / {light:.0f} | {heavy / light:.2f}"
        say(f"| {words} | {ratio} | at most {LARGEST_PEAK} | {yes_or_no(fits)} |")
    return met


if __name__ == "__main__":
    raise SystemExit(main())
