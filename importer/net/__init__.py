"""The network: sessions, names, TLS, and the translation of foreign errors. Knows neither BigCommerce nor files."""

from importer.net.certificates import VerifyCode
from importer.net.connecting import affordable
from importer.net.diagnosis import diagnose
from importer.net.failures import FailureKind, NetFailure, translate
from importer.net.lenient import LenientAnswer, lenient_get
from importer.net.lenient import Patience as LenientPatience
from importer.net.once import SingleFlight
from importer.net.patience import Patience
from importer.net.probing import Contexts, Greetings, Target, greet
from importer.net.resolver import Resolver, is_private
from importer.net.retry_after import retry_after_seconds
from importer.net.sessions import negotiated, open_session
from importer.net.tls import Handshake, host_context, legacy_context, modern_context, outdated_context, speaks_legacy
from importer.net.waiting import waited

__all__ = [
    "Contexts",
    "FailureKind",
    "Greetings",
    "Handshake",
    "LenientAnswer",
    "LenientPatience",
    "NetFailure",
    "Patience",
    "Resolver",
    "SingleFlight",
    "Target",
    "VerifyCode",
    "affordable",
    "diagnose",
    "greet",
    "host_context",
    "is_private",
    "legacy_context",
    "lenient_get",
    "modern_context",
    "negotiated",
    "open_session",
    "outdated_context",
    "retry_after_seconds",
    "speaks_legacy",
    "translate",
    "waited",
]
