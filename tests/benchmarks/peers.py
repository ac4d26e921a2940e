"""Other tools on the same hosts, as far as they are installed: linkinator, LinkChecker and sslyze.

They know nothing of names that lead elsewhere, so they are given the hosts' loopback addresses, which the certificate
names as well; each is told to trust the authority in its own way. Each runs as fast as it goes: linkinator with as many
links at once as ours, LinkChecker with its ten threads (64 are slower), sslyze with TLS 1.0 alone.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from time import perf_counter

from tests.benchmarks.checking import WIDTH, Sample
from tests.benchmarks.picture_server import ADDRESSES, HOSTS, NAMES, Site

_PLACES = ("", "bin", "Scripts", "node_modules/.bin", "usr/sbin", "sbin")
"""Where a program lies in a virtual environment, an npm folder or an unpacked package."""
FEW = 500
"""URLs for LinkChecker, whose time for more is reckoned from these: all 5,000 would take it a minute and a half."""


def found(name: str, folders: Sequence[Path]) -> str:
    """The program's path in one of the folders or on PATH; empty where it is not installed."""
    places = [str(folder.resolve() / place) for folder in folders for place in _PLACES]
    return shutil.which(name, path=os.pathsep.join([*places, os.environ.get("PATH", os.defpath), "/usr/sbin"])) or ""


def linkinator(program: str, site: Site, port: int, count: int) -> Sample:
    """Check a page with that many links, all of them at other hosts.

    Raises:
        SystemExit: it did not find all of them good.
    """
    page = _page(site, port, count)
    command = [program, page.name, "--concurrency", str(WIDTH), "--verbosity", "error"]
    seconds, said = _timed(command, site, {"NODE_EXTRA_CA_CERTS": str(site.ca_file)})
    _expect(f"Successfully scanned {count + 1} links", said)
    return Sample(seconds, seconds)


def linkchecker(program: str, site: Site, port: int, count: int) -> Sample:
    """The same for LinkChecker: a run with few links, and its seconds for each link as often as needed."""
    config = Path(site.folder, "linkcheckerrc")
    config.write_text(f"[checking]\nsslverify={site.ca_file}\n[filtering]\ncheckextern=1\n", encoding="utf-8")
    spent = []
    for links in (1, FEW):
        page = _page(site, port, links)
        command = [program, "-f", str(config), "--no-status", "--no-robots", str(page)]
        seconds, said = _timed(command, site, {})
        _expect(f"{links + 1} links in {links + 1} URLs checked. 0 warnings found. 0 errors found", said)
        spent.append(seconds)
    each = (spent[1] - spent[0]) / (FEW - 1)
    return Sample(each * count, spent[0] + each * count)


def sslyze(program: str, site: Site, port: int) -> Sample:
    """Scan all hosts for TLS 1.0; the loop is what sslyze itself says that its scans took."""
    report = Path(site.folder, "sslyze.json")
    hosts = [f"{name}:{port}{{{address}}}" for name, address in zip(NAMES, ADDRESSES, strict=True)]
    command = [program, "--tlsv1", "--mozilla_config=disable", "--quiet", f"--json_out={report}", *hosts]
    seconds, _ = _timed(command, site, {})
    told = json.loads(report.read_text(encoding="utf-8"))
    scanned = [one["scan_result"]["tls_1_0_cipher_suites"]["status"] for one in told["server_scan_results"]]
    if scanned != ["COMPLETED"] * HOSTS:
        raise SystemExit(f"sslyze did not scan all hosts: {scanned}")
    begun, ended = (datetime.fromisoformat(told[f"date_scans_{moment}"]) for moment in ("started", "completed"))
    return Sample((ended - begun).total_seconds(), seconds)


def _page(site: Site, port: int, count: int) -> Path:
    links = (f"https://{ADDRESSES[n % HOSTS]}:{port}/small/{n:05}.jpg" for n in range(count))
    path = Path(site.folder, f"links-{count}.html")
    anchors = "\n".join(f'<a href="{link}">Picture</a>' for link in links)
    path.write_text(f"<!doctype html>\n<title>Links</title>\n{anchors}\n", encoding="utf-8")
    return path


def _timed(command: list[str], site: Site, variables: dict[str, str]) -> tuple[float, str]:
    said = Path(site.folder, "said.txt")
    # Into a file: node ends without waiting for a pipe to take what it has said.
    with said.open("wb") as output:
        start = perf_counter()
        subprocess.run(
            command, cwd=site.folder, env=os.environ | variables, stdout=output, stderr=subprocess.STDOUT, check=False
        )
        seconds = perf_counter() - start
    return seconds, re.sub(r"\s+", " ", said.read_text(encoding="utf-8", errors="replace"))


def _expect(words: str, said: str) -> None:
    if words not in said:
        raise SystemExit(f"A peer should have said “{words}”, but it ended with: {said[-600:]}")
