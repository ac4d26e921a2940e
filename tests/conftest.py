"""What many tests stand on: a picture server, the pretend store, and the program run as a process."""

import csv
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from importer.sandbox import Sandbox, SandboxSettings
from tests.picture_host import picture_host

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def pictures() -> Iterator[str]:
    """The address of a server with a picture under every path."""
    with picture_host() as address:
        yield address


def confirmed(arguments: Sequence[str | Path]) -> list[str]:
    """The arguments, with `--yes` where an import would ask a person."""
    words = list(map(str, arguments))
    asks = "run" in words and not {"--yes", "--sandbox", "--plan"} & {*words}
    return [*words, "--yes"] if asks else words


@dataclass(frozen=True)
class Program:
    """The command line, run as a process in a folder of its own."""

    folder: Path

    def environment(self, sandbox: Sandbox | None = None) -> dict[str, str]:
        """This process's environment without any store in it, or with a sandbox's."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("BIGCOMMERCE_", "IMPORTER_"))}
        kept["COLUMNS"] = "120"
        if sandbox is not None:
            kept |= {
                "BIGCOMMERCE_API_URL": sandbox.api_url,
                "BIGCOMMERCE_STORE_HASH": sandbox.store_hash,
                "BIGCOMMERCE_ACCESS_TOKEN": sandbox.access_token,
                "SSL_CERT_FILE": str(sandbox.ca_file),
                "IMPORTER_CONNECT_TO": " ".join(":".join(map(str, entry)) for entry in sandbox.connect_to),
            }
        return kept

    def start(self, *arguments: str | Path, sandbox: Sandbox | None = None, token: str = "") -> "subprocess.Popen[str]":
        """Start it and go on; a test that hangs must not hang the whole suite, so it ends after two minutes.

        There is no terminal, so an import says yes beforehand.
        """
        process = subprocess.Popen(
            [sys.executable, "-m", "importer", *confirmed(arguments)],
            cwd=self.folder,
            env=self.environment(sandbox) | ({"BIGCOMMERCE_ACCESS_TOKEN": token} if token else {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        deadline = threading.Timer(120, process.kill)
        deadline.daemon = True
        deadline.start()
        return process

    def run(
        self, *arguments: str | Path, sandbox: Sandbox | None = None, timeout: float = 60, token: str = ""
    ) -> "subprocess.CompletedProcess[str]":
        """Run it to its end; whatever happens, a person must never see a traceback."""
        process = self.start(*arguments, sandbox=sandbox, token=token)
        with process:
            out, err = process.communicate(timeout=timeout)
        assert "Traceback" not in err, err
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def run_after(
        self, beforehand: str, *arguments: str | Path, sandbox: Sandbox
    ) -> "subprocess.CompletedProcess[str]":
        """Run Python that ends by becoming the program, for what must be so before it starts."""
        return self.finished([sys.executable, "-c", beforehand, *confirmed(arguments)], sandbox)

    def finished(self, command: Sequence[str], sandbox: Sandbox | None = None) -> "subprocess.CompletedProcess[str]":
        """Run any command in the folder to its end; it may be the program itself, which shows no traceback."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment(sandbox),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        assert "Exception ignored" not in done.stderr, done.stderr
        return done

    @contextmanager
    def sandbox_in_dot_env(self, *arguments: str | Path) -> "Iterator[subprocess.Popen[str]]":
        """`importer sandbox` as README has it: it runs, and its settings are in the file `.env`."""
        with (self.folder / ".env").open("w") as settings:
            store = subprocess.Popen(
                [sys.executable, "-m", "importer", "sandbox", *map(str, arguments)],
                cwd=self.folder,
                env=self.environment(),
                stdout=settings,
                stderr=subprocess.PIPE,
                text=True,
            )
        assert store.stderr is not None
        with store:
            try:
                while "is running" not in store.stderr.readline():
                    assert store.poll() is None
                yield store
            finally:
                store.kill()

    def sheet(
        self, rows: Sequence[Sequence[object]], name: str = "rows.csv", header: str = "product_id,image_url"
    ) -> Path:
        """Write a CSV file."""
        path = self.folder / name
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header.split(","), *rows])
        return path


@contextmanager
def halted(process: "subprocess.Popen[str]") -> Iterator[None]:
    """The process does nothing meanwhile, however long that takes; on Unix alone."""
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """The program in an empty folder."""
    return Program(tmp_path)


@pytest.fixture
def store() -> Iterator[Sandbox]:
    """A pretend store with the products 1 to 40, which may fetch pictures from this computer."""
    products = tuple((number, f"SKU-{number}") for number in range(1, 41))
    with Sandbox(SandboxSettings(products=products, allow_private=True, quota=100_000)) as sandbox:
        yield sandbox


def results(folder: Path) -> list[dict[str, str]]:
    """The lines of a results.csv."""
    with (folder / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
