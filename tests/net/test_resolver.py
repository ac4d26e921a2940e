"""Looking names up: once each, twice where DNS has no answer just now, and never for longer than is allowed.

No computer's own lookup can be made slow or shaky, so `socket.getaddrinfo` is replaced here where that is the point.
"""

import asyncio
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from importer.net import FailureKind, Resolver, is_private, resolver, translate
from importer.net.failures import PrivateAddressError
from importer.settings import ConnectTo, NetworkSettings

ROOT = Path(__file__).resolve().parents[2]
PUBLIC = "93.184.215.14"
Found = list[tuple[Any, ...]]


class Dns:
    """What stands in for the system's lookup.

    Attributes:
        asked: how often each name was looked up.
        zones: what a name comes to; an exception is raised, and a missing name hangs until the test is over.
    """

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.zones: dict[str, Callable[[int], list[str]]] = {}
        self.over = threading.Event()

    def getaddrinfo(self, host: str, *_arguments: object, **_more: object) -> Found:
        self.asked[host] += 1
        if host not in self.zones:
            self.over.wait(5)
            raise socket.gaierror(socket.EAI_FAIL, "hung")
        found = self.zones[host](self.asked[host])
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in found]


@pytest.fixture
def dns(monkeypatch: pytest.MonkeyPatch) -> Iterator[Dns]:
    replaced = Dns()
    monkeypatch.setattr("importer.net.resolver.socket.getaddrinfo", replaced.getaddrinfo)
    monkeypatch.setattr(resolver, "RETRY_DELAY", 0.05)
    yield replaced
    replaced.over.set()


def no_answer_until(number: int) -> Callable[[int], list[str]]:
    """A name that DNS has an answer for only from the given time on."""

    def zone(asked: int) -> list[str]:
        if asked < number:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return [PUBLIC]

    return zone


def looked_up(*hosts: str, port: int = 80, seconds: float = 5.0, private: bool = False) -> list[Any]:
    """What each of these names came to, asked for all at once: (address, port) pairs or an exception."""

    async def work() -> list[Any]:
        names = Resolver(NetworkSettings(), allow_private=private, seconds=seconds)
        found = await asyncio.gather(*(names.lookup(host, port) for host in hosts), return_exceptions=True)
        await names.close()
        return found

    return asyncio.run(work())


def test_a_name_without_an_answer_just_now_is_asked_for_twice(dns: Dns) -> None:
    dns.zones = {"shaky.example": no_answer_until(2), "down.example": no_answer_until(3)}
    good, bad = looked_up("shaky.example", "down.example")
    assert good == [(PUBLIC, 80)]
    assert translate(bad).kind is FailureKind.DNS
    assert "just now" in translate(bad).detail
    assert dns.asked == {"shaky.example": 2, "down.example": 2}


def test_a_name_that_does_not_exist_is_asked_for_once(dns: Dns) -> None:
    def nobody(_asked: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    dns.zones = {"nobody.example": nobody}
    (error,) = looked_up("nobody.example")
    assert translate(error).detail == "there is no such host name"
    assert dns.asked["nobody.example"] == 1


def test_a_lookup_that_takes_too_long_is_a_failure_of_dns_in_time(dns: Dns) -> None:
    started = time.monotonic()
    (error,) = looked_up("slow.example", seconds=0.3)
    assert 0.25 < time.monotonic() - started < 1.5
    assert translate(error).kind is FailureKind.DNS
    assert "just now" in translate(error).detail


def test_many_slow_names_fail_alone_and_the_good_one_behind_them_is_found(dns: Dns) -> None:
    """More than are looked up at once: the good name has to wait for its place, which its own time does not count."""
    dns.zones = {"good.example": lambda _asked: [PUBLIC]}
    *slow, good = looked_up(*(f"slow-{number}.example" for number in range(70)), "good.example", seconds=0.2)
    assert good == [(PUBLIC, 80)]
    assert {translate(error).kind for error in slow} == {FailureKind.DNS}


def test_no_more_names_than_32_are_looked_up_at_once(dns: Dns) -> None:
    busy: list[int] = []
    lock = threading.Lock()

    def zone(_asked: int) -> list[str]:
        with lock:
            busy.append(max(busy, default=0))
            under_way.add(threading.get_ident())
            busy[-1] = len(under_way)
        time.sleep(0.02)
        with lock:
            under_way.discard(threading.get_ident())
        return [PUBLIC]

    under_way: set[int] = set()
    names = [f"{number}.example" for number in range(100)]
    dns.zones = dict.fromkeys(names, zone)
    assert looked_up(*names) == [[(PUBLIC, 80)]] * 100
    assert 8 < max(busy) <= 32


def test_a_slow_lookup_does_not_hold_up_the_end_of_the_program() -> None:
    program = """
import asyncio, socket, time
from importer.net import Resolver
from importer.settings import NetworkSettings

socket.getaddrinfo = lambda *arguments, **more: time.sleep(20)

async def work():
    try:
        await Resolver(NetworkSettings(), allow_private=True, seconds=0.2).lookup("slow.example", 80)
    except socket.gaierror as error:
        print("no answer from DNS" if error.errno == socket.EAI_AGAIN else error)

asyncio.run(work())
"""
    started = time.monotonic()
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert ran.stdout.strip() == "no answer from DNS", ran.stderr
    assert ran.stderr == ""
    assert time.monotonic() - started < 10


def test_each_host_and_port_is_looked_up_once(dns: Dns) -> None:
    dns.zones = {"good.example": lambda _asked: [PUBLIC, PUBLIC]}

    async def work() -> None:
        names = Resolver(NetworkSettings(), allow_private=False)
        spellings = ["good.example", "GOOD.example", "good.example."] * 10
        assert await asyncio.gather(*(names.lookup(host, 443) for host in spellings)) == [[(PUBLIC, 443)]] * 30
        assert await names.lookup("good.example", 443) == [(PUBLIC, 443)]
        assert [one["host"] for one in await names.resolve("good.example", 443)] == [PUBLIC]
        assert dns.asked == {"good.example": 1}

    asyncio.run(work())


def test_connect_to_and_names_that_cannot_exist_are_not_looked_up(dns: Dns) -> None:
    async def work() -> None:
        network = NetworkSettings(None, (ConnectTo("a.example", 443, "127.0.0.1", 8443),))
        names = Resolver(network, allow_private=False)
        assert await names.lookup("A.example.", 443) == [("127.0.0.1", 8443)]
        with pytest.raises(socket.gaierror):
            await names.lookup("no.such.invalid", 443)
        assert not dns.asked

    asyncio.run(work())


def test_a_host_with_one_public_address_is_asked_there_alone(dns: Dns) -> None:
    dns.zones = {
        "mixed.example": lambda _asked: ["10.0.0.1", PUBLIC],
        "inside.example": lambda _asked: ["10.0.0.1", "::ffff:127.0.0.1"],
    }
    mixed, inside = looked_up("mixed.example", "inside.example")
    assert mixed == [(PUBLIC, 80)]
    assert isinstance(inside, PrivateAddressError)
    assert str(inside) == "the name leads to the private address 10.0.0.1"
    assert looked_up("mixed.example", private=True) == [[("10.0.0.1", 80), (PUBLIC, 80)]]


def test_an_address_in_place_of_a_name_is_taken_as_it_is() -> None:
    public, private, nonsense = looked_up(PUBLIC, "127.0.0.1", "x" * 70 + ".example")
    assert public == [(PUBLIC, 80)]
    assert str(private) == "this is a private address"
    assert translate(nonsense).kind is FailureKind.DNS


@pytest.mark.parametrize(
    ("address", "private"),
    [
        ("64:ff9b::10.0.0.1", True),  # NAT64, RFC 6052
        ("64:ff9b::127.0.0.1", True),
        ("64:ff9b::8.8.8.8", False),
        ("64:ff9b:1::8.8.8.8", True),  # NAT64 of a network of one's own, RFC 8215
        ("64:ff9b:1:fffe::1", True),
        ("2002:0a00:0001::1", True),  # 6to4 of 10.0.0.1, RFC 3056
        ("2002:7f00:0001::", True),
        ("2002:0808:0808::1", False),
        ("::10.0.0.1", True),  # IPv4-compatible, RFC 4291
        ("::8.8.8.8", False),
        ("::", True),
        ("::ffff:0:192.168.1.1", True),  # IPv4-translated, RFC 2765
        ("::ffff:0:8.8.8.8", False),
        ("::ffff:10.0.0.1", True),  # IPv4-mapped
        ("::ffff:8.8.8.8", False),
        ("fec0::1", True),  # site-local, RFC 3879
        ("feff::1", True),
        ("ff02::1", True),
        ("2001:db8::1", True),
        ("2001:4860:4860::8888", False),
        ("198.18.0.1", True),
        ("240.0.0.1", True),
        ("172.32.0.1", False),
    ],
)
def test_private_addresses_in_every_disguise(address: str, private: bool) -> None:
    assert is_private(address) is private
