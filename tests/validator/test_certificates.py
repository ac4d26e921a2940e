"""Certificates that the store would not accept: each defect by its name, with the facts of the certificate itself."""

import asyncio
import ssl
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from importer.models import HostFinding
from importer.net.certificates import read_certificate
from importer.settings import ConnectTo
from tests.validator.tls_hosts import GOOD, HOST, ROOT, Certificate, Host, Talk, judged, judging, serving, told

AIA = "http://authority.example/issuer.cer"
BETWEEN = Certificate(issuer=ROOT, called="Intermediate One")
PRIVATE_ROOT = Certificate(called="Private Root")


def date(days: int) -> str:
    return f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}"


def small_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 1024)  # noqa: S505 - too short on purpose


DEFECTS: dict[str, tuple[Certificate, str, str]] = {
    "expired": (
        Certificate([HOST], ROOT, days=(-9, -2)),
        "expired",
        f"photos.example.com: the certificate expired on {date(-2)}.",
    ),
    "not yet valid": (
        Certificate([HOST], ROOT, days=(3, 9)),
        "expired",
        f"photos.example.com: the certificate is not valid before {date(3)}.",
    ),
    "wrong name": (
        Certificate(["www.example.net", "192.0.2.1"], ROOT),
        "hostname",
        "photos.example.com: the certificate is made for www.example.net, 192.0.2.1, not for this name.",
    ),
    "many names": (
        Certificate([f"{letter}.example.net" for letter in "abcdefgh"], ROOT),
        "hostname",
        "made for a.example.net, b.example.net, c.example.net, d.example.net, e.example.net and 3 more, not for",
    ),
    "NUL in the name": (
        Certificate([f"{HOST}\0.example.net"], ROOT),
        "hostname",
        "made for photos.example.com\N{REPLACEMENT CHARACTER}.example.net, not for this name.",
    ),
    "NUL in the common name, which is the only name": (
        Certificate(issuer=ROOT, called=f"{HOST}\0.example.net"),
        "hostname",
        "made for photos.example.com\N{REPLACEMENT CHARACTER}.example.net, not for this name.",
    ),
    "line break in the name": (
        Certificate(["a\r\nb.example.net"], ROOT),
        "hostname",
        "made for a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}b.example.net, not for this name.",
    ),
    "endless name": (Certificate(["a" * 3000], ROOT, called="a"), "hostname", "made for " + "a" * 79 + "…, not for"),
    "self-signed": (
        Certificate([HOST]),
        "untrusted",
        "the certificate is self-signed, so no authority vouches for it.",
    ),
    "untrusted issuer": (
        Certificate([HOST], PRIVATE_ROOT),
        "untrusted",
        "comes from the issuer “Private Root”, which is not a trusted authority, or the host fails to send",
    ),
    "short key": (
        Certificate([HOST], ROOT, key=small_key()),
        "untrusted",
        "key is too short to be safe (RSA, 1024 bits)",
    ),
}


@pytest.mark.parametrize("name", list(DEFECTS))
def test_each_defect_has_its_name_and_the_facts(name: str) -> None:
    certificate, kind, words = DEFECTS[name]
    finding = judged(certificate.server())
    code, detail = told(finding)
    assert code == f"tls_certificate_{kind}"
    assert words in detail
    assert finding.tls_version == "TLSv1.3"


@pytest.mark.parametrize(
    ("between", "kind", "words"),
    [
        (Certificate(issuer=ROOT, called="Old", days=(-9, -2)), "expired", "one of the issuers behind it has expired"),
        (Certificate(issuer=ROOT, called="Soon", days=(2, 9)), "expired", "issuers behind it is not valid yet"),
        (
            Certificate(issuer=ROOT, called="Small", key=small_key()),
            "untrusted",
            "issuers behind the certificate is too",
        ),
    ],
    ids=["expired", "not yet valid", "short key"],
)
def test_a_defect_of_an_issuer_is_not_blamed_on_the_certificate(between: Certificate, kind: str, words: str) -> None:
    code, detail = told(judged(Certificate([HOST], between).server(between)))
    assert code == f"tls_certificate_{kind}"
    assert words in detail


def test_a_signature_with_sha_1_is_told_of_the_certificate_and_of_its_issuer() -> None:
    upper = Certificate(issuer=ROOT, called="Upper", key=rsa.generate_private_key(65537, 2048))
    code, words = told(judged(Certificate([HOST], upper).with_sha1().server(upper)))
    assert code == "tls_certificate_untrusted"
    assert "the certificate is signed with SHA-1, which is no longer safe." in words
    lower = Certificate(issuer=upper, called="Lower").with_sha1()
    code, words = told(judged(Certificate([HOST], lower).server(lower, upper)))
    assert code == "tls_certificate_untrusted"
    assert "the certificate of one of the issuers behind it is signed in a way that is no longer safe." in words


def test_a_private_authority_that_is_sent_along_is_told_by_its_name() -> None:
    code, words = told(judged(Certificate([HOST], PRIVATE_ROOT).server(PRIVATE_ROOT)))
    assert code == "tls_certificate_untrusted"
    assert "“Private Root”, whose authority is private and not trusted" in words


def test_the_host_name_is_sent_so_that_a_host_with_two_certificates_shows_the_right_one() -> None:
    server = Certificate(["other.example"], ROOT).server()
    right = GOOD.server()
    asked: list[str | None] = []

    def choose(connection: Any, name: str | None, context: ssl.SSLContext) -> None:
        asked.append(name)
        if name == HOST:
            connection.context = right

    server.sni_callback = choose
    assert told(judged(server)) == ("ok", "")
    assert asked == [HOST]


def completed(certificate: Certificate, answer: Talk, *chain: Certificate) -> tuple[HostFinding, Host]:
    """The verdict on a host whose certificate names `AIA`, and the host that answers there."""

    async def work() -> tuple[HostFinding, Host]:
        async with (
            serving(certificate.server(*chain)) as host,
            serving(None, answer) as authority,
            judging(
                ConnectTo(HOST, 443, "127.0.0.1", host.port),
                ConnectTo("authority.example", 80, "127.0.0.1", authority.port),
            ) as hosts,
        ):
            return await hosts.judge(HOST, 443), authority

    return asyncio.run(work())


def publishing(*files: bytes) -> Talk:
    """An authority that answers with one file after the other."""
    left = list(files)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = left.pop(0)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()

    return talk


MISSING = "photos.example.com: the host fails to send its intermediate certificate “{}”; browsers hide this because"
UNCERTAIN = "which is not a trusted authority, or the host fails to send the certificates in between"


def test_a_missing_intermediate_is_proven_by_fetching_it() -> None:
    finding, authority = completed(Certificate([HOST], BETWEEN, issuer_url=AIA), publishing(BETWEEN.der))
    code, words = told(finding)
    assert code == "tls_certificate_untrusted"
    assert words.startswith(MISSING.format("Intermediate One"))
    assert authority.connections == 1


def test_two_missing_intermediates_are_fetched_one_after_the_other() -> None:
    lower = Certificate(issuer=BETWEEN, called="Intermediate Two", issuer_url=AIA)
    finding, _ = completed(Certificate([HOST], lower, issuer_url=AIA), publishing(lower.der, BETWEEN.der))
    assert told(finding)[1].startswith(MISSING.format("Intermediate One"))


def test_a_missing_intermediate_comes_before_a_wrong_name() -> None:
    finding, _ = completed(Certificate(["other.example"], BETWEEN, issuer_url=AIA), publishing(BETWEEN.der))
    assert told(finding)[1].startswith(MISSING.format("Intermediate One"))


def test_a_private_root_that_can_be_fetched_is_not_trusted_for_that() -> None:
    finding, authority = completed(Certificate([HOST], PRIVATE_ROOT, issuer_url=AIA), publishing(PRIVATE_ROOT.der))
    code, words = told(finding)
    assert code == "tls_certificate_untrusted"
    assert UNCERTAIN in words
    assert authority.connections == 1


def test_an_intermediate_of_a_private_authority_is_not_called_missing() -> None:
    between = Certificate(issuer=PRIVATE_ROOT, called="Private Intermediate")
    finding, _ = completed(Certificate([HOST], between, issuer_url=AIA), publishing(between.der))
    assert UNCERTAIN in told(finding)[1]


@pytest.mark.parametrize(
    "answer",
    [
        publishing(b"no certificate at all"),
        publishing(b""),
        publishing(BETWEEN.der + PRIVATE_ROOT.der),
    ],
    ids=["something else", "nothing", "more than one"],
)
def test_what_is_not_one_certificate_proves_nothing(answer: Talk) -> None:
    finding, authority = completed(Certificate([HOST], BETWEEN, issuer_url=AIA), answer)
    code, words = told(finding)
    assert code == "tls_certificate_untrusted"
    assert UNCERTAIN in words
    assert authority.connections == 1


def test_an_authority_that_never_ends_is_read_no_further_than_a_certificate_can_be_long() -> None:
    sent = 0

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while sent < 100_000_000:
            writer.write(bytes(65_536))
            await writer.drain()
            sent += 65_536

    finding, _ = completed(Certificate([HOST], BETWEEN, issuer_url=AIA), endless)
    assert UNCERTAIN in told(finding)[1]
    assert sent < 10_000_000


def test_an_authority_that_says_nothing_costs_no_more_than_the_time_there_is() -> None:
    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await reader.read()

    start = time.monotonic()
    finding, _ = completed(Certificate([HOST], BETWEEN, issuer_url=AIA), silence)
    assert UNCERTAIN in told(finding)[1]
    assert time.monotonic() - start < 2


def test_an_issuer_in_a_private_network_is_never_asked() -> None:
    async def work() -> tuple[HostFinding, Host]:
        async with serving(None, publishing(BETWEEN.der)) as authority:
            certificate = Certificate([HOST], BETWEEN, issuer_url=f"http://127.0.0.1:{authority.port}/issuer.cer")
            async with (
                serving(certificate.server()) as host,
                judging(ConnectTo(HOST, 443, "127.0.0.1", host.port)) as hosts,
            ):
                return await hosts.judge(HOST, 443), authority

    finding, authority = asyncio.run(work())
    assert UNCERTAIN in told(finding)[1]
    assert authority.connections == 0


@pytest.mark.parametrize("data", [b"", b"\x30\x03\x02\x01\x01", GOOD.der[:-1], GOOD.der + b"\0", bytes(1000)])
def test_a_certificate_that_cannot_be_read_has_no_facts(data: bytes) -> None:
    assert read_certificate(data) is None


def test_facts_are_what_the_certificate_says() -> None:
    facts = read_certificate(Certificate([HOST, "2001:db8::7"], ROOT, issuer_url=AIA).der)
    assert facts is not None
    assert (facts.names, facts.subject, facts.issuer) == ((HOST, "2001:db8::7"), HOST, "Root of Trust")
    assert (facts.self_issued, facts.issuer_url, facts.digest, facts.key) == (False, AIA, "sha256", "EC, 256 bits")
    root = read_certificate(ROOT.der)
    assert root is not None
    assert (root.self_issued, root.issuer_url) == (True, "")
