"""What a host's certificate says of itself, and what is wrong with it in plain words."""

import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography import x509

_MOST_NAMES = 5
_LONGEST_NAME = 80


class VerifyCode(IntEnum):
    """Why OpenSSL does not accept a certificate: the X509_V_ERR_* numbers of its x509_vfy.h."""

    ISSUER_MISSING = 2
    NOT_YET_VALID = 9
    EXPIRED = 10
    SELF_SIGNED = 18
    SELF_SIGNED_IN_CHAIN = 19
    ISSUER_UNKNOWN = 20
    CHAIN_UNFINISHED = 21
    WRONG_HOST = 62
    WRONG_IP = 64
    KEY_TOO_SHORT = 66
    ISSUER_KEY_TOO_SHORT = 67
    DIGEST_TOO_WEAK = 68


UNFINISHED = {VerifyCode.ISSUER_MISSING, VerifyCode.ISSUER_UNKNOWN, VerifyCode.CHAIN_UNFINISHED}
"""The codes of a chain that breaks off: its authority is not trusted, or a certificate in between was not sent."""
UNTRUSTED = UNFINISHED | {VerifyCode.SELF_SIGNED, VerifyCode.SELF_SIGNED_IN_CHAIN}
_DIGESTS = {"md5": "MD5", "sha1": "SHA-1"}


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What one certificate says of itself; all text is a stranger's, cleaned and cut to what a line can hold.

    Attributes:
        der: the certificate itself.
        names: the host names and IP addresses that it is made for.
        subject: whose certificate it is.
        issuer: who issued it.
        self_issued: whether it names itself as its issuer, so that nobody else vouches for it.
        not_before: when it begins to be valid.
        not_after: when it expires.
        issuer_url: where the issuer's certificate can be had over http (RFC 5280, 4.2.2.1), empty if it does not say.
        digest: the hash function of its signature as `cryptography` names it, empty where there is none or a rare one.
        key: its key in words, such as `RSA, 1024 bits`, empty where it is of a rare kind.
    """

    der: bytes
    names: tuple[str, ...]
    subject: str
    issuer: str
    self_issued: bool
    not_before: datetime
    not_after: datetime
    issuer_url: str
    digest: str
    key: str


def read_certificate(der: bytes) -> CertificateFacts | None:
    """The facts in a certificate (DER), or None where it is so odd that it cannot be read."""
    from cryptography import x509

    with warnings.catch_warnings():
        # cryptography warns of what certificates of strangers do wrong, such as a negative serial number.
        warnings.simplefilter("ignore")
        try:
            certificate = x509.load_der_x509_certificate(der)
            return CertificateFacts(
                der,
                _names(certificate),
                _called(certificate.subject),
                _called(certificate.issuer),
                certificate.subject == certificate.issuer,
                certificate.not_valid_before_utc,
                certificate.not_valid_after_utc,
                _issuer_url(certificate),
                _digest(certificate),
                _key(certificate),
            )
        except (ValueError, x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
            return None


def _names(certificate: "x509.Certificate") -> tuple[str, ...]:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        # Only then does the common name count (RFC 6125, section 6.4.4).
        common = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return tuple(_clean(str(name.value)) for name in common)
    names = [*found.get_values_for_type(x509.DNSName), *map(str, found.get_values_for_type(x509.IPAddress))]
    return tuple(map(_clean, names))


def _called(name: "x509.Name") -> str:
    from cryptography.x509.oid import NameOID

    for kind in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        for attribute in name.get_attributes_for_oid(kind):
            return _clean(str(attribute.value))
    return _clean(name.rfc4514_string())


def _issuer_url(certificate: "x509.Certificate") -> str:
    from cryptography import x509
    from cryptography.x509.oid import AuthorityInformationAccessOID

    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except x509.ExtensionNotFound:
        return ""
    for entry in access:
        place = entry.access_location
        at_issuers = entry.access_method == AuthorityInformationAccessOID.CA_ISSUERS
        if at_issuers and isinstance(place, x509.UniformResourceIdentifier) and place.value.startswith("http://"):
            return place.value
    return ""


def _digest(certificate: "x509.Certificate") -> str:
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        algorithm = certificate.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return ""
    return algorithm.name if algorithm else ""


def _key(certificate: "x509.Certificate") -> str:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return ""
    for kind, name in ((rsa.RSAPublicKey, "RSA"), (dsa.DSAPublicKey, "DSA"), (ec.EllipticCurvePublicKey, "EC")):
        if isinstance(key, kind):
            return f"{name}, {key.key_size} bits"
    return ""


def _clean(text: str) -> str:
    """Without control characters, NUL and marks that turn the direction of writing around."""
    cleaned = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)
    return cleaned if len(cleaned) <= _LONGEST_NAME else cleaned[: _LONGEST_NAME - 1] + "…"


def explain(code: int, facts: CertificateFacts, missing: str = "") -> str:
    """What is wrong with a certificate, as a clause with the facts of the certificate itself.

    Args:
        code: OpenSSL's reason.
        facts: the host's certificate.
        missing: the intermediate certificate that is known to be missing, empty where none is.

    Returns:
        the clause, empty where there is nothing to say that OpenSSL does not say itself.
    """
    if code in UNTRUSTED:
        return _explain_trust(code, facts, missing)
    if code in {VerifyCode.EXPIRED, VerifyCode.NOT_YET_VALID}:
        return _explain_dates(code, facts)
    if code in {VerifyCode.WRONG_HOST, VerifyCode.WRONG_IP}:
        return _explain_names(facts.names)
    return _explain_strength(code, facts)


def _explain_dates(code: int, facts: CertificateFacts) -> str:
    now = datetime.now(UTC)
    if code == VerifyCode.EXPIRED:
        if facts.not_after < now:
            return f"the certificate expired on {facts.not_after:%Y-%m-%d}"
        return "the certificate of one of the issuers behind it has expired"
    if facts.not_before > now:
        return f"the certificate is not valid before {facts.not_before:%Y-%m-%d}"
    return "the certificate of one of the issuers behind it is not valid yet"


def _explain_strength(code: int, facts: CertificateFacts) -> str:
    if code == VerifyCode.KEY_TOO_SHORT:
        return "the certificate's key is too short to be safe" + (f" ({facts.key})" if facts.key else "")
    if code == VerifyCode.ISSUER_KEY_TOO_SHORT:
        return "the key of one of the issuers behind the certificate is too short to be safe"
    if code == VerifyCode.DIGEST_TOO_WEAK:
        if facts.digest in _DIGESTS:
            return f"the certificate is signed with {_DIGESTS[facts.digest]}, which is no longer safe"
        return "the certificate of one of the issuers behind it is signed in a way that is no longer safe"
    return ""


def _explain_trust(code: int, facts: CertificateFacts, missing: str) -> str:
    if code == VerifyCode.SELF_SIGNED:
        return "the certificate is self-signed, so no authority vouches for it"
    if missing:
        return (
            f"the host fails to send its intermediate certificate “{missing}”; browsers hide this because they fetch "
            "it themselves, the store may not"
        )
    if code == VerifyCode.SELF_SIGNED_IN_CHAIN:
        return f"the certificate comes from the issuer “{facts.issuer}”, whose authority is private and not trusted"
    return (
        f"the certificate comes from the issuer “{facts.issuer}”, which is not a trusted authority, or the host fails "
        "to send the certificates in between"
    )


def _explain_names(names: tuple[str, ...]) -> str:
    if not names:
        return "the certificate is made for no host name at all"
    shown = ", ".join(names[:_MOST_NAMES])
    if len(names) > _MOST_NAMES:
        shown += f" and {len(names) - _MOST_NAMES} more"
    return f"the certificate is made for {shown}, not for this name"
