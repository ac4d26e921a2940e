"""A process is killed in the middle of its writing: what it was told to be on the disk is there, whole."""

import itertools
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from importer.uploader import Journal

WORKERS = 8
PICTURES = 3
KILLS = 8

# Each line is written after the call that it speaks of has returned, in one piece. The process that writes is a fork,
# so that only the first one has to load the program.
WRITES = """
import asyncio, os, sys
from pathlib import Path
from importer.models import StoreImage
from importer.uploader import Journal
def tell(text):
    os.write(1, (text + "\\n").encode())

async def work(journal, numbers):
    for product_id in numbers:
        await journal.begin(product_id, product_id + 1, old=[product_id + 1, product_id + 2])
        tell(f"begun {product_id}")
        urls = [f"https://a.example/{product_id}/{number}.jpg" for number in range(PICTURES)]
        await journal.intend(product_id, urls, newest_id=product_id)
        tell(f"intended {product_id}")
        for number, url in enumerate(urls):
            journal.stored(product_id, url, StoreImage(number + 1, product_id, "f", "", 0, False, "", ""))
        await journal.intend_variant(product_id, product_id, urls[0], "before")
        tell(f"stored {product_id}")

async def main(first):
    journal = Journal(Path(sys.argv[1]), "s")
    await asyncio.gather(*(work(journal, range(first + n, first + 10**6, WORKERS)) for n in range(WORKERS)))

for line in sys.stdin:
    writer = os.fork()
    if writer == 0:
        tell(f"process {os.getpid()}")
        asyncio.run(main(int(line)))
    _, status = os.waitpid(writer, 0)
    tell(f"ended {os.WTERMSIG(status)}")
""".replace("PICTURES", str(PICTURES)).replace("WORKERS", str(WORKERS))


def killed(parent: "subprocess.Popen[str]", first: int, after: float) -> dict[str, set[int]]:
    """Have a process write, kill it `after` seconds from its first record, and return what it had said."""
    assert parent.stdin is not None
    assert parent.stdout is not None
    parent.stdin.write(f"{first}\n")
    parent.stdin.flush()
    process = int(parent.stdout.readline().removeprefix("process "))
    lines = [parent.stdout.readline()]
    time.sleep(after)
    os.kill(process, signal.SIGKILL)
    lines += itertools.takewhile(f"ended {int(signal.SIGKILL)}\n".__ne__, parent.stdout)
    said: dict[str, set[int]] = {"begun": set(), "intended": set(), "stored": set()}
    for line in lines:
        what, product_id = line.split()
        said[what].add(int(product_id))
    return said


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_nothing_that_was_said_to_be_on_the_disk_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    moments = random.Random(5)
    begun: set[int] = set()
    intended: set[int] = set()
    stored: set[int] = set()
    with subprocess.Popen(
        [sys.executable, "-c", WRITES, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        for kill in range(KILLS):
            said = killed(parent, kill * 10**6, moments.uniform(0.001, 0.08))
            begun, intended, stored = begun | said["begun"], intended | said["intended"], stored | said["stored"]
            journal = Journal(tmp_path, "s")
            products = journal.products()
            assert begun | intended <= {*products}
            for product_id in (product_id for product_id in products if product_id >= kill * 10**6):
                record, entries = journal.product(product_id), journal.entries(product_id)
                assert record is not None
                assert record.thumbnail_id == product_id + 1
                assert journal.old_pictures(product_id) == {product_id + 1, product_id + 2}
                assert len(entries) in ({PICTURES} if product_id in intended else {0, PICTURES})
                known = {entry.image_id for entry in entries.values()}
                assert known in ([{1, 2, 3}] if product_id in stored else [set(), {None}, {1, 2, 3}])
                assert (product_id in journal.variants(product_id)) or product_id not in stored
            journal.close()
    assert parent.returncode == 0
    assert len(stored) > KILLS * WORKERS  # the kills came while it was busy, not before
