"""Why a TLS handshake failed, in plain words for the reasons of OpenSSL that people meet."""

_NO_TLS = "the host does not speak TLS on this port"
_NO_CIPHER = "the host has no cipher in common with modern clients"
_NO_VERSION = "the host refuses TLS 1.2 and newer"
_SHORT_KEY = "the host uses a key that is too short to be safe"
_OLD_SIGNATURE = "the host signs in a way that is no longer safe"
CLIENT_CERTIFICATE = "the host asks visitors for a certificate of their own, which the store does not have"

VERSION_REASONS = frozenset({"TLSV1_ALERT_PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL"})
"""Failures that are about the version of TLS and nothing else (RFC 8446, appendix D)."""
_WORDS = {
    "BAD_ECPOINT": "the host's key exchange is faulty",
    "BAD_SIGNATURE": "the host signs wrongly, so its certificate and key may not belong together",
    "CA_KEY_TOO_SMALL": _SHORT_KEY,
    "CA_MD_TOO_WEAK": _OLD_SIGNATURE,
    "DH_KEY_TOO_SMALL": _SHORT_KEY,
    "EE_KEY_TOO_SMALL": _SHORT_KEY,
    "HTTP_REQUEST": _NO_TLS,
    "LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED": _OLD_SIGNATURE,
    "NO_SHARED_CIPHER": _NO_CIPHER,
    "NO_SUITABLE_SIGNATURE_ALGORITHM": _OLD_SIGNATURE,
    "PACKET_LENGTH_TOO_LONG": _NO_TLS,
    "RECORD_LAYER_FAILURE": _NO_TLS,
    "SSLV3_ALERT_BAD_CERTIFICATE": CLIENT_CERTIFICATE,
    "SSLV3_ALERT_HANDSHAKE_FAILURE": _NO_CIPHER,
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": CLIENT_CERTIFICATE,
    "TLSV1_ALERT_ACCESS_DENIED": "the host turns this computer away",
    "TLSV1_ALERT_INSUFFICIENT_SECURITY": _NO_CIPHER,
    "TLSV1_ALERT_INTERNAL_ERROR": "the host reports an error of its own; often it does not know this host name",
    "TLSV1_ALERT_PROTOCOL_VERSION": _NO_VERSION,
    "TLSV1_UNRECOGNIZED_NAME": "the host does not know this host name",
    "UNKNOWN_PROTOCOL": _NO_TLS,
    "UNSAFE_LEGACY_RENEGOTIATION_DISABLED": "the host lacks the mend of a known weakness (secure renegotiation)",
    "UNSUPPORTED_PROTOCOL": _NO_VERSION,
    "WRONG_SIGNATURE_TYPE": _OLD_SIGNATURE,
    "WRONG_SSL_VERSION": _NO_VERSION,
    "WRONG_VERSION_NUMBER": _NO_TLS,
}
"""By OpenSSL's SSL_R_* names (sslerr.h), of which those with ALERT in them are what the host said (RFC 8446, 6.2)."""


def reason_words(reason: str) -> str:
    """A reason of OpenSSL (`DH_KEY_TOO_SMALL`) in plain words, or in OpenSSL's own where it is a rare one."""
    return _WORDS.get(reason, reason.replace("_", " ").lower() or "no reason given")
