"""Real TLS hosts on ports of this computer, with every kind of certificate, and what `Hosts` says of them."""

import asyncio
import ipaddress
import ssl
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from importer.models import HostFinding
from importer.net import Contexts, Resolver
from importer.settings import ConnectTo, NetworkSettings
from importer.validator.hosts import Hosts

HOST = "photos.example.com"
ALL = "ALL:@SECLEVEL=0"
"""Every cipher there is, however weak."""
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def alert(number: int) -> Talk:
    """A host that answers every greeting with a fatal alert (RFC 5246, 7.2)."""
    return saying(bytes([0x15, 3, 1, 0, 2, 2, number]))


def saying(answer: bytes) -> Talk:
    """A host that answers every greeting so, and leaves."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        writer.write(answer)
        await writer.drain()

    return talk


async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Listens, and says nothing."""
    await reader.read()


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Leaves with the greeting unread, which the system tells the visitor as a reset."""
    await asyncio.sleep(0.05)


class Certificate:
    """A certificate with its key; `issuer` None means that it has signed itself.

    Args:
        names: the host names and addresses it is for; without any, it is an authority's.
        days: from when to when it is valid, counted from now.
        issuer_url: where it says its issuer's certificate is.
    """

    def __init__(
        self,
        names: Sequence[str] = (),
        issuer: "Certificate | None" = None,
        *,
        called: str = "",
        days: tuple[int, int] = (-10, 10),
        issuer_url: str = "",
        key: Key | None = None,
    ) -> None:
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        self.called = called or names[0].partition("\0")[0]
        self.issuer = issuer
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.called)])
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer.signed.subject if issuer else subject)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + timedelta(days=days[0]))
            .not_valid_after(now + timedelta(days=days[1]))
            .add_extension(x509.BasicConstraints(ca=not names, path_length=None), critical=True)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(list(map(general_name, names))), critical=False)
        if issuer_url:
            place = x509.UniformResourceIdentifier(issuer_url)
            access = x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, place)
            builder = builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
        self.signed: x509.Certificate = builder.sign((issuer or self).key, hashes.SHA256())
        self.der = self.signed.public_bytes(Encoding.DER)

    def with_sha1(self) -> "Certificate":
        """The same with a SHA-1 signature of its RSA issuer, which `cryptography` no longer makes as a whole."""
        assert self.issuer is not None
        assert isinstance(self.issuer.key, rsa.RSAPrivateKey)
        ours, outdated = (bytes.fromhex("06092a864886f70d0101" + last) for last in ("0b", "05"))
        to_sign = self.signed.tbs_certificate_bytes.replace(ours, outdated)
        signature = self.issuer.key.sign(to_sign, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 - on purpose
        self.der = self.der.replace(ours, outdated).replace(self.signed.signature, signature)
        return self

    def server(self, *chain: "Certificate", versions: str = "1.2 1.3", ciphers: str = "") -> ssl.SSLContext:
        """A server's context that sends this certificate and a chain after it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        known = {"1.0": "TLSv1", "1.1": "TLSv1_1", "1.2": "TLSv1_2", "1.3": "TLSv1_3"}
        oldest, *_, newest = versions.split() * 2
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = ssl.TLSVersion[known[oldest]]
            context.maximum_version = ssl.TLSVersion[known[newest]]
        # Nothing is too weak for this server: it is the visitor who is to judge.
        context.set_ciphers(ciphers or "DEFAULT:@SECLEVEL=0")
        secret = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        with TemporaryDirectory() as folder:
            path = Path(folder, "server.pem")
            path.write_bytes(secret + "".join(ssl.DER_cert_to_PEM_cert(one.der) for one in (self, *chain)).encode())
            context.load_cert_chain(path)
        return context


def general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


ROOT = Certificate(called="Root of Trust")
GOOD = Certificate([HOST], ROOT)


class Host:
    """A host that is up: its port, and what it saw."""

    def __init__(self) -> None:
        self.port = 0
        self.connections = 0
        self.heard = b""

    async def shake_hands(
        self, tls: ssl.SSLContext, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, start: bytes = b""
    ) -> None:
        """Shake hands, note whatever is said after that, and leave with an alert where something is wrong.

        asyncio's own servers leave without the alert. `start` is what was read of the greeting already.
        """
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        incoming.write(start)
        side = tls.wrap_bio(incoming, outgoing, server_side=True)
        done = False
        while data := await reader.read(16_384):
            incoming.write(data)
            try:
                if not done:
                    side.do_handshake()
                    done = True
                self.heard += side.read()
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLError:
                writer.write(outgoing.read())
                await writer.drain()
                return
            writer.write(outgoing.read())
            await writer.drain()


@asynccontextmanager
async def serving(
    tls: ssl.SSLContext | None, talk: Talk | None = None, address: str = "127.0.0.1"
) -> AsyncIterator[Host]:
    """A host that shakes hands or talks so; every conversation is over when the block is."""
    host = Host()
    talks: set[asyncio.Task[Any]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        host.connections += 1
        try:
            if talk is not None:
                await talk(reader, writer)
            elif tls is not None:
                await host.shake_hands(tls, reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(serve, address, 0)
    host.port = server.sockets[0].getsockname()[1]
    try:
        yield host
    finally:
        server.close()
        for task in talks:
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
        await asyncio.sleep(0.01)


@contextmanager
def trusting_root(connect_to: tuple[ConnectTo, ...]) -> Iterator[NetworkSettings]:
    """Settings with `ROOT` among the authorities."""
    with TemporaryDirectory() as folder:
        ca_file = Path(folder, "ca.pem")
        ca_file.write_text(ssl.DER_cert_to_PEM_cert(ROOT.der), encoding="ascii")
        yield NetworkSettings(ca_file, connect_to)


@asynccontextmanager
async def judging(
    *connect_to: ConnectTo, seconds: float = 1.0, contexts: Contexts | None = None, allow_private: bool = False
) -> AsyncIterator[Hosts]:
    """`Hosts` that trust `ROOT`."""
    with trusting_root(connect_to) as network:
        resolver = Resolver(network, allow_private=allow_private)
        hosts = Hosts(resolver, network, seconds, contexts)
        try:
            yield hosts
        finally:
            await hosts.close()
            await resolver.close()


def judged(
    tls: ssl.SSLContext | None, talk: Talk | None = None, *, seconds: float = 1.0, contexts: Contexts | None = None
) -> HostFinding:
    """The verdict on one host that is up just for this."""

    async def work() -> HostFinding:
        async with (
            serving(tls, talk) as host,
            judging(ConnectTo(HOST, 443, "127.0.0.1", host.port), seconds=seconds, contexts=contexts) as hosts,
        ):
            finding = await hosts.judge(HOST, 443)
        assert host.heard == b"", "a handshake is all that is ever sent"
        return finding

    return asyncio.run(work())


def told(finding: HostFinding) -> tuple[str, str]:
    """The code and the detail of a finding, `ok` and nothing where there is no problem."""
    return (finding.problem.code.value, finding.problem.detail) if finding.problem else ("ok", "")
