"""`importer sandbox` in a process of its own, as benchmarks use it."""

import http.client
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from importer.sandbox import SandboxSettings
from importer.sandbox.faults import Faults


@contextmanager
def running(*options: str) -> Iterator[dict[str, str]]:
    """The settings that it prints, while it runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "importer", "sandbox", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    )
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline().strip() for _ in range(5)]
        yield dict(line.split("=", 1) for line in lines)
    finally:
        process.terminate()
        process.communicate(timeout=30)


def statuses(settings: dict[str, str], calls: list[tuple[str, str, str]]) -> list[tuple[int, str]]:
    """The status and the requests left of each call, on one connection."""
    parts = urlsplit(settings["BIGCOMMERCE_API_URL"])
    context = ssl.create_default_context(cafile=settings["SSL_CERT_FILE"])
    connection = http.client.HTTPSConnection(parts.hostname or "", parts.port, context=context, timeout=10)
    found = []
    for method, path, body in calls:
        base = f"/stores/{settings['BIGCOMMERCE_STORE_HASH']}/v3/catalog"
        connection.request(method, base + path, body, {"X-Auth-Token": settings["BIGCOMMERCE_ACCESS_TOKEN"]})
        answer = connection.getresponse()
        answer.read()
        found.append((answer.status, answer.headers["X-Rate-Limit-Requests-Left"]))
    connection.close()
    return found


READ = ("GET", "/products?id=1101", "")
SEED = 6
"""Draws failures that are answers, and none that cuts the connection or is late."""


def post(product: int) -> tuple[str, str, str]:
    return "POST", f"/products/{product}/images", '{"image_url": "https://nobody-knows-this.example/x.jpg"}'


def test_addresses_are_taken_unseen_for_the_products_of_a_file(tmp_path: Path) -> None:
    sheet = tmp_path / "rows.csv"
    sheet.write_text("Product ID,SKU,Image URL\n7001,CUP,https://x.example/a.jpg\n", encoding="utf-8")
    with running(str(sheet), "--no-fetch", "--quota", "9") as settings:
        assert statuses(settings, [post(7001), post(7002)]) == [(200, "8"), (404, "7")]


def test_the_seed_and_the_share_choose_the_failures() -> None:
    """The command's failures are those that the same seed and share draw here."""
    drawn = Faults(SandboxSettings(fault_seed=SEED, fault_share=0.6))
    expected = [int(drawn.next("GET")[:3] or "200") for _ in range(4)]
    assert len(set(expected)) > 1
    with running("--faults", str(SEED), "--fault-share", "60") as settings:
        assert [status for status, _ in statuses(settings, [READ] * 4)] == expected


def test_another_app_takes_its_share_of_the_quota_and_nothing_fails_without_a_seed() -> None:
    options = ("--fault-share", "100", "--other-share", "50", "--quota", "1000", "--window", "2")
    least = 1000
    with running(*options) as settings:
        for _ in range(90):
            (reply,) = statuses(settings, [READ])
            assert reply[0] == 200
            least = min(least, int(reply[1]))
            if least < 900:
                break
            time.sleep(0.05)
    assert least < 900
