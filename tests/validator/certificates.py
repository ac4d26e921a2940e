"""Certificates that trustme does not make: signed by themselves, with the address of their issuer, with odd names."""

from datetime import UTC, datetime, timedelta

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID


def certificate(name: str, issuer: trustme.CA | None, issuer_url: str = "") -> trustme.LeafCert:
    """A certificate for one host name, without any chain to send along.

    Args:
        name: the DNS name, which may hold any ASCII character.
        issuer: who signs it, or None for a certificate that is signed by itself.
        issuer_url: where the issuer's own certificate is said to be (RFC 5280, 4.2.2.1), empty for nowhere.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name.partition("\0")[0])])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if issuer_url:
        place = x509.UniformResourceIdentifier(issuer_url)
        access = x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, place)
        builder = builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
    if issuer is None:
        signed = builder.issuer_name(subject).sign(key, hashes.SHA256())
    else:
        above = x509.load_pem_x509_certificate(issuer.cert_pem.bytes())
        above_key = serialization.load_pem_private_key(issuer.private_key_pem.bytes(), password=None)
        assert isinstance(above_key, ec.EllipticCurvePrivateKey)
        identifier = above.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False
        )
        signed = builder.issuer_name(above.subject).sign(above_key, hashes.SHA256())
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    return trustme.LeafCert(secret, signed.public_bytes(serialization.Encoding.PEM), [])


def der(authority: trustme.CA) -> bytes:
    """An authority's certificate in the form that hosts publish at the address in RFC 5280, 4.2.2.1."""
    found = x509.load_pem_x509_certificate(authority.cert_pem.bytes())
    return found.public_bytes(serialization.Encoding.DER)
