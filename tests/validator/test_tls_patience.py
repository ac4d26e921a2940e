"""TLS hosts that refuse, fall silent or never stop: the verdict is right, comes in time and leaves nothing open."""

import asyncio
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from importer.settings import ConnectTo
from importer.validator import hosts as hosts_module
from tests.validator.tls_hosts import (
    ALL,
    GOOD,
    HOST,
    Host,
    Talk,
    alert,
    judged,
    judging,
    reset,
    saying,
    serving,
    silence,
    told,
)


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second look follows at once."""
    monkeypatch.setattr(hosts_module, "RETRY_DELAY", 0.01)


@pytest.mark.parametrize("refuse", [reset, alert(40), alert(70), saying(b""), silence], ids=lambda one: one.__name__)
def test_however_an_old_host_refuses_a_modern_greeting_it_is_told_as_old(refuse: Talk) -> None:
    old = GOOD.server(versions="1.0", ciphers=ALL)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # The newest version that a greeting offers is in its bytes 9 and 10 (RFC 5246, 6.2.1 and 7.4.1.2).
        start = await reader.readexactly(11)
        if start[9:] >= b"\x03\x03":
            await refuse(reader, writer)
        else:
            await Host().shake_hands(old, reader, writer, start)

    finding = judged(None, talk, seconds=0.6)
    assert told(finding) == ("tls_too_old", "photos.example.com speaks TLS 1.0 only.")


def test_a_silent_host_costs_its_time_once() -> None:
    start = time.monotonic()
    code, words = told(judged(None, silence, seconds=1.0))
    assert code == "read_timeout"
    assert "in time" in words
    assert time.monotonic() - start < 1.7


def test_a_host_that_never_stops_talking_costs_its_time_once() -> None:
    # A HelloRequest, which a client ignores while a handshake is under way (RFC 5246, 7.4.1.1).
    flood = bytes([0x16, 3, 3, 0, 4, 0, 0, 0, 0]) * 5000

    def talk(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            while True:
                connection.sendall(flood)

    async def work(port: int) -> str:
        async with judging(ConnectTo(HOST, 443, "127.0.0.1", port), seconds=0.5) as hosts:
            return told(await hosts.judge(HOST, 443))[0]

    # In threads of its own, so that there is always something to be read.
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor() as threads:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    threads.submit(talk, server.accept()[0])

        threads.submit(accept)
        start = time.monotonic()
        code = asyncio.run(work(server.getsockname()[1]))
        server.shutdown(socket.SHUT_RDWR)
    assert code == "read_timeout"
    assert time.monotonic() - start < 2


def test_every_connection_to_a_silent_host_is_closed_when_the_verdict_is_there() -> None:
    async def work() -> None:
        left = 0

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal left
            await reader.read()
            left += 1

        async with serving(None, talk) as host:
            async with judging(ConnectTo(HOST, 443, "127.0.0.1", host.port), seconds=0.3) as hosts:
                await hosts.judge(HOST, 443)
            await asyncio.sleep(0.05)
            assert host.connections == left == 3

    asyncio.run(work())


def test_closing_ends_a_handshake_that_is_under_way() -> None:
    async def work() -> None:
        arrived, left = asyncio.Event(), asyncio.Event()

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            arrived.set()
            with suppress(OSError):
                while await reader.read(4096):
                    pass
            left.set()

        async with serving(None, talk) as host:
            async with judging(ConnectTo(HOST, 443, "127.0.0.1", host.port), seconds=30) as hosts:
                asking = asyncio.create_task(hosts.judge(HOST, 443))
                await arrived.wait()
            async with asyncio.timeout(5):
                await left.wait()
            with pytest.raises(asyncio.CancelledError):
                await asking

    asyncio.run(work())


def test_a_modern_host_that_hesitates_passes() -> None:
    async def work() -> None:
        async with serving(GOOD.server()) as host:

            async def slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                start = await reader.read(4096)
                await asyncio.sleep(0.7)
                onward, back = await asyncio.open_connection("127.0.0.1", host.port)
                back.write(start)
                writer.write(await onward.read(16_384))
                back.write(await reader.read(4096))
                back.transport.abort()

            async with (
                serving(None, slowly) as slow,
                judging(ConnectTo(HOST, 443, "127.0.0.1", slow.port), seconds=1.2) as hosts,
            ):
                assert told(await hosts.judge(HOST, 443)) == ("ok", "")

    asyncio.run(work())
