"""What the validator's benchmark measures, each in a process of its own: our check, the bare loop, the TLS verdicts."""

import asyncio
import gc
import json
import re
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from time import perf_counter, process_time

from tests.benchmarks.picture_server import ADDRESSES, HOSTS, NAMES, ROOT

WIDTH = 64
"""URLs under way at once, ours and the bare loop's."""
START_BYTES = 65_536
LOOPS = ("asyncio", "uvloop", "aiofastnet", "uvloop+aiofastnet")


@dataclass(frozen=True, slots=True)
class Work:
    """What one process does, on which URLs.

    Attributes:
        job: `check`, `bare` or `judge`.
        path: what stands before the number in each URL's path, such as `/small/`.
        count: distinct URLs, spread evenly over the hosts.
        ca_file: the authority to trust.
        port: where the hosts listen.
        loop: one of `LOOPS`.
    """

    job: str
    path: str
    count: int
    ca_file: str
    port: int
    loop: str = "asyncio"

    def urls(self) -> list[str]:
        """The URLs by host name, at the port that https has by default."""
        return [f"https://{NAMES[n % HOSTS]}{self.path}{n:05}.jpg" for n in range(self.count)]


@dataclass(frozen=True, slots=True)
class Sample:
    """Seconds of the work alone, of the whole process, and on the CPU for the work; peak memory in MB.

    The last two are 0 where they are not known.
    """

    loop: float
    whole: float
    cpu: float = 0.0
    peak: float = 0.0


def in_own_process(work: Work) -> Sample:
    """One measurement.

    Raises:
        SystemExit: an answer was not what it should be.
    """
    start = perf_counter()
    command = [sys.executable, "-m", "tests.benchmarks.checking", json.dumps(asdict(work))]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    whole = perf_counter() - start
    told = json.loads(done.stdout)
    if told["good"] != work.count:
        raise SystemExit(f"{work.job} {work.path}: only {told['good']} of {work.count} answers were good.")
    return Sample(told["loop"], whole, told["cpu"], told["peak"])


def measured(work: Work) -> dict[str, float]:
    """Do the work in this process: its seconds without imports, how many answers were good, and the peak memory."""
    todo = {"check": our_check, "bare": bare_loop, "judge": our_verdicts}[work.job](work)
    factory = loop_factory(work.loop)
    gc.collect()
    start, start_cpu = perf_counter(), process_time()
    with asyncio.Runner(loop_factory=factory) as runner:
        good = runner.run(_finished(todo))
    loop, cpu = perf_counter() - start, process_time() - start_cpu
    return {"loop": loop, "cpu": cpu, "good": good, "peak": peak_megabytes()}


async def _finished(todo: Callable[[], Awaitable[int]]) -> int:
    return await todo()


def loop_factory(name: str) -> Callable[[], asyncio.AbstractEventLoop] | None:
    """How the event loop is made; None for asyncio's own."""
    if name == "asyncio":
        return None
    base: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
    if name.startswith("uvloop"):
        base = import_module("uvloop").new_event_loop
    if name.endswith("aiofastnet"):
        base = import_module("aiofastnet").loop_factory(base)
    return base


def our_check(work: Work) -> Callable[[], Awaitable[int]]:
    """Every URL through `importer.validator.check`; counts the pictures that pass with a size and a TLS version."""
    from importer.models import ImageRow
    from importer.settings import CheckSettings, ConnectTo, NetworkSettings
    from importer.validator import check

    routes = (ConnectTo(name, 443, address, work.port) for name, address in zip(NAMES, ADDRESSES, strict=True))
    network = NetworkSettings(Path(work.ca_file), tuple(routes))
    rows = [ImageRow("", number, number, "", url, url) for number, url in enumerate(work.urls(), start=2)]

    async def todo() -> int:
        found = (item.finding for item in await check(rows, CheckSettings(concurrency=WIDTH), network))
        return sum(1 for one in found if one and one.problem is None and one.width and one.tls_version == "TLSv1.3")

    return todo


def our_verdicts(work: Work) -> Callable[[], Awaitable[int]]:
    """The TLS verdict of each host, all at once; counts those that are well."""
    from importer.net import Resolver
    from importer.settings import ConnectTo, NetworkSettings
    from importer.validator.hosts import Hosts

    routes = (ConnectTo(name, 443, address, work.port) for name, address in zip(NAMES, ADDRESSES, strict=True))
    network = NetworkSettings(Path(work.ca_file), tuple(routes))

    async def todo() -> int:
        resolver = Resolver(network, allow_private=False)
        hosts = Hosts(resolver, network, 10.0)
        try:
            verdicts = await asyncio.gather(*(hosts.judge(name, 443) for name in NAMES))
        finally:
            await hosts.close()
            await resolver.close()
        return sum(1 for one in verdicts if one.problem is None and one.tls_version == "TLSv1.3")

    return todo


def bare_loop(work: Work) -> Callable[[], Awaitable[int]]:
    """The floor that aiohttp sets: ranged GETs of as many workers, each answer read and nothing made of it."""
    import ssl

    import aiohttp
    from aiohttp.abc import AbstractResolver, ResolveResult

    class Fixed(AbstractResolver):
        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
        ) -> list[ResolveResult]:
            address = ADDRESSES[NAMES.index(host)]
            to_port = work.port if port == 443 else port
            return [ResolveResult(hostname=host, host=address, port=to_port, family=family, proto=0, flags=0)]

        async def close(self) -> None:
            """Nothing to close."""

    urls = iter(work.urls())

    async def worker(session: aiohttp.ClientSession) -> int:
        good = 0
        for url in urls:
            async with session.get(url, headers={"Range": f"bytes=0-{START_BYTES - 1}"}) as answer:
                start = await answer.content.read(START_BYTES)
                while len(start) < START_BYTES and (more := await answer.content.read(START_BYTES - len(start))):
                    start += more
                good += answer.status == 206 and start.startswith(b"\xff\xd8")
        return good

    async def todo() -> int:
        context = ssl.create_default_context()
        context.load_verify_locations(work.ca_file)
        connector = aiohttp.TCPConnector(ssl=context, resolver=Fixed(), limit=WIDTH, ttl_dns_cache=None)
        async with aiohttp.ClientSession(connector=connector) as session:
            return sum(await asyncio.gather(*(worker(session) for _ in range(WIDTH))))

    return todo


def peak_megabytes() -> float:
    """The most memory that this process held, in MB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    # Not ru_maxrss: Linux counts there what the parent held when it started this process.
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert peak is not None
    return int(peak[1]) * 1024 / 1e6


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measured(Work(**json.loads(sys.argv[1])))))
