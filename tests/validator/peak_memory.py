"""Checks one URL in a process of its own; prints the verdict and how many bytes of memory it took at its peak."""

import asyncio
import re
import sys
from pathlib import Path

from importer.models import ImageRow
from importer.settings import CheckSettings, ConnectTo, NetworkSettings
from importer.validator import check


def peak() -> int:
    """The most memory that this process ever held, in bytes (proc(5), VmHWM)."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    assert found is not None
    return int(found[1]) * 1024


def main(good_port: int, port: int, url: str) -> None:
    """`good_port` serves a picture, which is checked first so that only what `url` adds is counted."""
    network = NetworkSettings(
        None, (ConnectTo("good.example", 80, "127.0.0.1", good_port), ConnectTo("host.example", 80, "127.0.0.1", port))
    )
    settings = CheckSettings(timeout=0.5)
    good, bad = (ImageRow("", 2, 1, "", each, each) for each in ("http://good.example/x.jpg", url))
    asyncio.run(check([good], settings, network))
    before = peak()
    (item,) = asyncio.run(check([bad], settings, network))
    sys.stdout.write(f"{item.problem.code if item.problem else 'ok'} {peak() - before}")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
