"""Hosts that misbehave before they answer, on purpose or by accident: connections, TLS and redirects."""

import asyncio
import ssl
import warnings
from collections.abc import Sequence

import pytest

from tests.validator.certificates import certificate
from tests.validator.raw_host import ANSWER, AUTHORITY, Talk, checked, code, modern, saying, silent

URL = "http://host.example/x.jpg"
SECURE_URL = "https://host.example/x.jpg"


def redirecting(locations: Sequence[bytes], heads: list[bytes]) -> Talk:
    """Redirects to one address after another, then around again; what was asked goes to `heads`."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            heads.append(await reader.readuntil(b"\r\n\r\n"))
            location = locations[(len(heads) - 1) % len(locations)]
            writer.write(b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()

    return talk


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        (b"http://[bad/x.jpg", {"url_invalid"}),
        (b"/caf\xe9.jpg", {"redirect_loop"}),
        (b"/x.jpg?q=\xe9", {"redirect_loop"}),
        (b"file:///etc/passwd", {"url_scheme"}),
        (b"http://127.0.0.1:9/x.jpg", {"url_private"}),
        (b"//", {"redirect_loop", "url_invalid"}),
        (b"http://host.example:99999/", {"url_invalid"}),
        (b"\x01\x02", {"redirect_loop", "http_error", "connection_lost"}),
        (b"/a\tb.jpg", {"redirect_loop", "http_error", "url_invalid"}),
        (b"/a\0b.jpg", {"http_error", "url_invalid"}),
        (b"/a\rX-Planted: 1", {"http_error", "url_invalid"}),
        (b"/a\nX-Planted: 1", {"redirect_loop", "http_error", "url_invalid"}),
        (b"/a\r\n X-Planted: 1", {"redirect_loop", "http_error", "url_invalid"}),
        (b"/a%0d%0aX-Planted:%201", {"redirect_loop"}),
        (b"/" + b"a" * 7_000, {"redirect_loop"}),
        (b"/" + b"a" * 100_000, {"http_error", "url_too_long", "url_invalid"}),
    ],
)
def test_any_redirect_target_gives_a_verdict(location: bytes, expected: set[str]) -> None:
    heads: list[bytes] = []
    (item,) = checked(redirecting([location], heads), URL)
    assert code(item) in expected
    assert heads
    for head in heads:
        assert not any(line.startswith((b"X-Planted", b" X-Planted")) for line in head.splitlines())


@pytest.mark.parametrize("host", [b"", b"http://host-%d.example"])
def test_ten_thousand_redirects_are_followed_five_times(host: bytes) -> None:
    """Each leads to an address, or even a host, where nobody has been before."""
    heads: list[bytes] = []
    locations = [(host % (number % 9 + 1) if host else b"") + b"/%d.jpg" % number for number in range(10_000)]
    (item,) = checked(redirecting(locations, heads), URL)
    assert code(item) == "redirect_loop"
    assert 2 <= len(heads) <= 6


@pytest.mark.parametrize("url", [URL, SECURE_URL])
def test_a_host_that_takes_the_connection_and_says_nothing_is_left_in_time(url: str) -> None:
    (item,) = checked(silent, url, port=443 if url is SECURE_URL else 80)
    assert code(item) == "read_timeout"


def in_the_middle(begin: int, pause: float, end: Talk) -> Talk:
    """A TLS server that sends `begin` bytes of its greeting, 20 bytes at a time, and then goes on as `end`."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = modern().wrap_bio(incoming, outgoing, server_side=True)
        incoming.write(await reader.read(4096))
        with pytest.raises(ssl.SSLWantReadError):
            tls.do_handshake()
        greeting = outgoing.read()[:begin]
        for start in range(0, len(greeting), 20):
            writer.write(greeting[start : start + 20])
            await writer.drain()
            await asyncio.sleep(pause)
        await end(reader, writer)

    return talk


async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


def flooding(record: bytes) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(record * 1000)
            await writer.drain()

    return talk


@pytest.mark.parametrize(
    ("talk", "expected"),
    [
        (in_the_middle(100, 0, silent), {"read_timeout"}),
        (in_the_middle(600, 0.1, silent), {"read_timeout"}),
        (in_the_middle(100, 0, closing), {"tls_handshake_failed", "connection_lost"}),
        (in_the_middle(0, 0, closing), {"tls_handshake_failed", "connection_lost"}),
        # RFC 8446, section 6: alerts of level warning; section 5.1: records without content are not allowed here.
        (flooding(b"\x15\x03\x03\x00\x02\x01\x5a"), {"tls_handshake_failed", "read_timeout", "connection_lost"}),
        (flooding(b"\x16\x03\x03\x00\x00"), {"tls_handshake_failed", "read_timeout", "connection_lost"}),
        (flooding(b"\0"), {"tls_handshake_failed", "connection_lost"}),
    ],
    ids=["stops", "dribbles", "breaks off", "closes", "warns for ever", "empty records for ever", "zeros for ever"],
)
def test_a_handshake_that_never_ends_gives_a_verdict_and_no_version(talk: Talk, expected: set[str]) -> None:
    (item,) = checked(talk, SECURE_URL, port=443)
    assert code(item) in expected
    assert item.problem is not None
    assert "TLS 1.0" not in item.problem.detail


@pytest.mark.parametrize("name", ["host.example\0.evil.example", "*", "*.*", "host.example.", "xn--.example", " "])
def test_a_certificate_with_an_odd_name_does_not_pass(name: str) -> None:
    """The zero byte once cut names short (CVE-2009-2408): what stands before it must not count as the name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate(name, AUTHORITY).configure_cert(context)
    (item,) = checked(saying(ANSWER), SECURE_URL, port=443, tls=context)
    assert code(item) == "tls_certificate_hostname"


def test_one_dropped_connection_does_not_condemn_the_picture_or_the_host() -> None:
    calls = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            return
        await saying(ANSWER)(reader, writer)

    urls = [f"https://host.example/{number}.jpg" for number in range(5)]
    items = checked(talk, *urls, port=443, tls=modern(), timeout=1.0)
    assert {code(item) for item in items} == {"ok"}
    assert calls > 5


def test_an_old_host_that_falls_silent_at_a_modern_greeting_is_still_told_as_old() -> None:
    """Some old servers do not refuse a greeting they do not understand; they never answer it."""
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1
    old.set_ciphers("ALL:@SECLEVEL=0")
    AUTHORITY.issue_cert("host.example").configure_cert(old)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = old.wrap_bio(incoming, outgoing, server_side=True)
        for _ in range(10):
            incoming.write(await reader.read(4096))
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLError:
                await asyncio.sleep(3)
            writer.write(outgoing.read())

    (item,) = checked(talk, SECURE_URL, port=443, timeout=0.5)
    assert item.problem is not None
    assert "speaks TLS 1.0 only" in item.problem.detail
