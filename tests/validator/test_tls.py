"""TLS verdicts by real handshakes: which version a host speaks, and why it speaks none that the store accepts."""

import asyncio
import errno
import socket
import ssl
import warnings
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from importer.net import (
    Contexts,
    legacy_context,
    modern_context,
    outdated_context,
    speaks_legacy,
    translate,
)
from importer.settings import ConnectTo, NetworkSettings
from importer.validator import hosts as hosts_module
from importer.validator.hosts import failure_problem
from tests.validator.tls_hosts import (
    ALL,
    GOOD,
    HOST,
    ROOT,
    Certificate,
    Talk,
    alert,
    judged,
    judging,
    reset,
    saying,
    serving,
    told,
)

RSA = Certificate([HOST], ROOT, key=rsa.generate_private_key(65537, 2048))
OAKLEY_GROUP_2 = bytes.fromhex(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF"
)
"""A prime of 1,024 bits (RFC 2409, section 6.2), as many old hosts use it."""


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second look follows at once."""
    monkeypatch.setattr(hosts_module, "RETRY_DELAY", 0.01)


def without_legacy() -> Contexts:
    """Contexts as on a computer whose OpenSSL speaks neither TLS 1.0 nor 1.1."""
    legacy = legacy_context()
    assert legacy is not None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        legacy.options |= ssl.OP_NO_TLSv1 | ssl.OP_NO_TLSv1_1
    return Contexts(modern_context(NetworkSettings()), outdated_context(), legacy)


@pytest.mark.parametrize(("versions", "best"), [("1.2", "TLSv1.2"), ("1.3", "TLSv1.3"), ("1.0 1.3", "TLSv1.3")])
def test_a_modern_host_passes_with_the_best_version(versions: str, best: str) -> None:
    finding = judged(GOOD.server(versions=versions))
    assert (finding.host, finding.port, finding.tls_version, finding.problem) == (HOST, 443, best, None)


@pytest.mark.parametrize(
    ("versions", "best", "words"),
    [
        ("1.0", "TLSv1", "photos.example.com speaks TLS 1.0 only."),
        ("1.1", "TLSv1.1", "photos.example.com speaks TLS 1.1 only."),
        ("1.0 1.1", "TLSv1.1", "photos.example.com speaks TLS 1.1 only."),
    ],
)
def test_an_old_host_is_told_by_its_version(versions: str, best: str, words: str) -> None:
    finding = judged(GOOD.server(versions=versions, ciphers=ALL))
    assert told(finding) == ("tls_too_old", words)
    assert finding.tls_version == best


@pytest.mark.parametrize("versions", ["1.2", "1.0 1.2"])
def test_a_host_with_outdated_ciphers_is_not_called_old_even_if_it_also_speaks_tls_1_0(versions: str) -> None:
    finding = judged(RSA.server(versions=versions, ciphers="AECDH-AES128-SHA:@SECLEVEL=0"))
    code, words = told(finding)
    assert code == "tls_handshake_failed"
    assert words.startswith("photos.example.com speaks TLS 1.2, but only with outdated ciphers or keys: ")
    assert "no cipher in common" in words
    assert finding.tls_version == "TLSv1.2"


def test_a_key_exchange_that_is_too_short_is_an_outdated_key(tmp_path: Path) -> None:
    # The prime and the generator 2 as ASN.1 (RFC 2631 has the grammar): a sequence of two integers.
    parameters = bytes.fromhex("308187" + "02818100") + OAKLEY_GROUP_2 + bytes.fromhex("020102")
    (tmp_path / "dh.pem").write_text(ssl.DER_cert_to_PEM_cert(parameters).replace("CERTIFICATE", "DH PARAMETERS"))
    server = RSA.server(versions="1.0 1.2", ciphers="DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES128-SHA:@SECLEVEL=0")
    server.load_dh_params(str(tmp_path / "dh.pem"))
    code, words = told(judged(server))
    assert code == "tls_handshake_failed"
    assert "speaks TLS 1.2, but only with outdated ciphers or keys" in words
    assert "key that is too short" in words


def test_a_host_that_wants_to_know_its_visitor_says_so() -> None:
    server = GOOD.server(versions="1.2")
    server.verify_mode = ssl.CERT_REQUIRED
    server.load_verify_locations(cadata=ROOT.der)
    code, words = told(judged(server))
    assert code == "tls_handshake_failed"
    assert "certificate of their own" in words


@pytest.mark.parametrize(
    ("talk", "words"),
    [
        (reset, "the host closed the connection during the TLS handshake."),
        (saying(b""), "the host closed the connection during the TLS handshake."),
        (saying(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "does not speak TLS on this port."),
        (alert(40), "no cipher in common"),
        (alert(70), "refuses TLS 1.2 and newer."),
        (alert(80), "often it does not know this host name."),
        (alert(112), "does not know this host name."),
        (alert(49), "turns this computer away."),
        (alert(22), "record overflow."),
    ],
    ids=["reset", "end", "plain http", "40", "70", "80", "112", "49", "22"],
)
def test_a_host_without_any_handshake_is_told_by_its_reason(talk: Talk, words: str) -> None:
    code, detail = told(judged(None, talk))
    assert code == "tls_handshake_failed"
    assert detail.startswith("photos.example.com: the ")
    assert detail.endswith(words) or words in detail
    assert "only" not in detail


def test_one_handshake_serves_all_who_ask_and_is_known_from_then_on() -> None:
    async def work() -> None:
        async with (
            serving(GOOD.server()) as host,
            judging(ConnectTo(HOST, 443, "127.0.0.1", host.port)) as hosts,
        ):
            assert hosts.known(HOST, 443) is None
            findings = await asyncio.gather(*(hosts.judge(HOST, 443) for _ in range(10)))
            assert {finding.tls_version for finding in findings} == {"TLSv1.3"}
            assert hosts.known(HOST, 443) is findings[0]
            assert hosts.known(HOST, 8443) is None
            assert host.connections == 1

    asyncio.run(work())


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", pytest.param("::1", marks=pytest.mark.skipif(not has_ipv6(), reason="this computer has no IPv6"))],
)
def test_an_address_instead_of_a_name_passes_if_the_certificate_has_it(address: str) -> None:
    async def work() -> None:
        async with (
            serving(Certificate([address], ROOT).server(), address=address) as host,
            judging(allow_private=True) as hosts,
        ):
            assert told(await hosts.judge(address, host.port)) == ("ok", "")

    asyncio.run(work())


def test_where_this_computer_speaks_no_tls_1_0_an_old_host_is_not_told_apart() -> None:
    contexts = without_legacy()
    assert speaks_legacy(legacy_context())
    assert not speaks_legacy(contexts.legacy)
    for tls, talk in ((GOOD.server(versions="1.0", ciphers=ALL), None), (None, saying(b""))):
        code, words = told(judged(tls, talk, contexts=contexts))
        assert code == "tls_handshake_failed"
        assert "could not be told apart" in words


def test_a_python_built_without_a_version_says_that_it_cannot_tell() -> None:
    # SSL 2.0 is missing from every Python, as TLS 1.0 is from some.
    context = legacy_context(oldest=0x0002)  # type: ignore[arg-type]
    assert context is None
    assert not speaks_legacy(context)
    contexts = Contexts(modern_context(NetworkSettings()), outdated_context(), context)
    assert "could not be told apart" in told(judged(None, saying(b""), contexts=contexts))[1]


def test_a_refused_connection_names_the_address_that_was_tried() -> None:
    async def work() -> tuple[str, tuple[str, str]]:
        async with serving(None) as host:
            pass
        async with judging(ConnectTo(HOST, 443, "127.0.0.1", host.port)) as hosts:
            return str(host.port), told(await hosts.judge(HOST, 443))

    port, (code, words) = asyncio.run(work())
    assert code == "connect_refused"
    assert words == f"photos.example.com: the connection was refused (127.0.0.1 port {port})."


def test_without_dns_nobody_is_accused_of_a_wrong_name() -> None:
    """The laptop is offline: there is nothing to forward to whoever runs the host."""
    silent = failure_problem(HOST, translate(socket.gaierror(socket.EAI_AGAIN, "Try again")))
    assert (silent.code, silent.not_for_host) == ("dns_not_found", True)
    assert silent.fix == "Check this computer's connection to the internet, and run the same command again."
    unknown = failure_problem(HOST, translate(socket.gaierror(socket.EAI_NONAME, "Unknown")))
    assert not unknown.not_for_host
    assert "spelling" in unknown.fix


def test_a_host_with_ipv6_alone_says_so_where_this_computer_has_none() -> None:
    no_route = translate(OSError(errno.ENETUNREACH, "Network is unreachable"))
    problem = failure_problem(HOST, no_route, [("2001:db8::7", 443)])
    assert problem.code == "connect_refused"
    assert "IPv6 addresses only (2001:db8::7 port 443), and this computer cannot reach IPv6" in problem.detail
    assert "IPv6" in problem.fix
    both = failure_problem(HOST, no_route, [("2001:db8::7", 443), ("203.0.113.7", 443)])
    assert both.detail == f"{HOST}: there is no route to the host (2001:db8::7, 203.0.113.7 port 443)."


def test_many_addresses_are_cut_short() -> None:
    refused = translate(ConnectionRefusedError())
    problem = failure_problem(HOST, refused, [(f"203.0.113.{number}", 80) for number in range(9)])
    assert "203.0.113.3 and 5 more port 80" in problem.detail
    assert "203.0.113.4" not in problem.detail
