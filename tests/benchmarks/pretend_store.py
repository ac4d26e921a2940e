"""The sandbox store in a process of its own, which tells what it saw: requests, pictures, and each window of its quota.

A program that measures itself shares its clock and its processor with what it measures, so the store counts by itself.
Its end of the talk is `python -m` this module: settings as JSON in the first argument, answers as lines of JSON.
"""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import IO, Any

from tests.benchmarks.picture_server import ROOT

FIRST_PRODUCT = 100_000
"""The id of the first product; the sandbox has some of its own with lower ids."""
UNLIMITED = 16_000_000
"""A quota as the unlimited plan tells it (seen in bigcommerce-for-wordpress issue 303)."""


@dataclass(frozen=True, slots=True)
class Stock:
    """What the store holds and how it answers.

    Attributes:
        products: how many products it has, ids from `FIRST_PRODUCT` on, all without pictures.
        latency_ms: milliseconds added to each answer.
        quota: requests in one window.
        window_ms: the length of a window in milliseconds.
        other_share: the share of each window's quota that another client takes, 0 to 1.
    """

    products: int
    latency_ms: int = 0
    quota: int = UNLIMITED
    window_ms: int = 30_000
    other_share: float = 0.0


@dataclass(frozen=True, slots=True)
class Window:
    """One window of the quota as the store saw it: requests answered, refused, and those of the other client."""

    ours: int
    refused: int
    other: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What the store saw.

    Attributes:
        requests: how many it got, by method.
        pictures: how many it holds.
        distinct: the same without those that a product has twice.
        windows: the windows of its quota, in order.
    """

    requests: dict[str, int]
    pictures: int
    distinct: int
    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class Store:
    """A running store and how to talk to it."""

    process: "subprocess.Popen[str]"
    api_url: str
    store_hash: str
    access_token: str
    ca_file: str

    def seen(self) -> Seen:
        """What it saw so far."""
        assert self.process.stdin is not None
        self.process.stdin.write("seen\n")
        self.process.stdin.flush()
        told = _line(self.process.stdout)
        windows = tuple(Window(**window) for window in told["windows"])
        return Seen(told["requests"], told["pictures"], told["distinct"], windows)


@contextmanager
def running(stock: Stock) -> Iterator[Store]:
    """A store of its own for one measurement.

    Raises:
        SystemExit: it did not start.
    """
    command = [sys.executable, "-m", "tests.benchmarks.pretend_store", json.dumps(asdict(stock))]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Store(process, **_line(process.stdout))
        finally:
            if process.stdin is not None:
                process.stdin.close()
            process.wait()


def _line(stream: IO[str] | None) -> Any:
    line = stream.readline() if stream is not None else ""
    if not line:
        raise SystemExit("The pretend store has ended before its time.")
    return json.loads(line)


def _serve(stock: Stock) -> None:
    """Run the store until there is nobody left to ask it anything."""
    from importer.sandbox import Sandbox, SandboxSettings

    products = range(FIRST_PRODUCT, FIRST_PRODUCT + stock.products)
    settings = SandboxSettings(
        products=tuple((number, f"SKU-{number}") for number in products),
        quota=stock.quota,
        window_ms=stock.window_ms,
        latency_ms=stock.latency_ms,
        fetch=False,
        other_share=stock.other_share,
    )
    with Sandbox(settings) as sandbox:
        _tell(
            {
                "api_url": sandbox.api_url,
                "store_hash": sandbox.store_hash,
                "access_token": sandbox.access_token,
                "ca_file": str(sandbox.ca_file),
            }
        )
        for _ in sys.stdin:
            galleries = [sandbox.images(number) for number in products]
            _tell(
                {
                    "requests": Counter(request.method for request in sandbox.requests()),
                    "pictures": sum(map(len, galleries)),
                    "distinct": sum(len({_name(picture) for picture in gallery}) for gallery in galleries),
                    "windows": [
                        {"ours": one.used - one.others, "refused": one.refused, "other": one.others}
                        for one in sandbox.windows()
                    ],
                }
            )


def _name(picture: dict[str, Any]) -> str:
    """The name of the file that was sent, without what the store adds to it."""
    return str(picture["image_file"]).rpartition("/")[2].rpartition("__")[0]


def _tell(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _serve(Stock(**json.loads(sys.argv[1])))
