"""The grammar of a picture's address: a cell's text becomes a URL that can be sent as it is, or a problem."""

import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import idna

from importer.models import Problem, ProblemCode
from importer.problems import problem

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_SCHEME = re.compile(r"^([a-zA-Z][a-zA-Z0-9+.-]*):")
_SECOND_ADDRESS = re.compile(r"[\s,;|]\s*https?://", re.IGNORECASE)
STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
"""A percent sign that encodes nothing."""
_HOST = re.compile(
    r"^(?=.{1,253}\.?$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?$"
)
_WIRE_HOST = r"https?://(?:(?!-)[a-z0-9-]{1,63}(?<!-)\.)++[a-z]{2,63}"
WIRE_FORM = re.compile(rf"{_WIRE_HOST}/[\w.~/!$'()*+=:@%-]*+(?:\?[\w.~/?!$&'()*+=:@%-]++)?+", re.ASCII)
"""Addresses that `parse_address` leaves as they are, but for their length and a `%` that encodes nothing."""
WIRE_LINES = re.compile(
    rf"(?:{_WIRE_HOST}/[\w~/!$'()*+=:@-]*+(?:\.(?:jpe?g|png|gif|webp))?+(?:\?[\w~/!$&'()*+=:@-]++)?+\n)*+",
    re.ASCII,
)
"""Many such addresses, a newline after each, in which nothing at all is left to look at: no `%`, no second ending."""
_PATH_SAFE = "/%:@!$&'()*+,;=~-._"
_QUERY_SAFE = _PATH_SAFE + "?[]"
_RAW_BYTES = "surrogateescape"
"""How aiohttp hands on the bytes of a Location header that are not UTF-8; they are encoded as the bytes they are."""


@dataclass(frozen=True, slots=True)
class Address:
    """A complete http or https URL.

    Attributes:
        url: the URL as it goes over the wire: percent-encoded, punycode host, no fragment.
        scheme: `http` or `https`.
        host: the host name in lower case, without the brackets of an IPv6 address.
        port: the port to connect to.
    """

    url: str
    scheme: str
    host: str
    port: int


def parse_address(text: str, max_length: int) -> Address | Problem:
    """Read the address in a cell, percent-encoding what needs it exactly once.

    Args:
        text: the cell's text.
        max_length: the longest encoded address that the store takes, in characters.

    Returns:
        the address, or a problem with code `url_missing`, `url_invalid`, `url_scheme` or `url_too_long`.
    """
    if len(text) <= max_length and WIRE_FORM.fullmatch(text) and not STRAY_PERCENT.search(text):
        scheme, _, rest = text.partition("://")
        return Address(text, scheme, rest.partition("/")[0], 443 if scheme == "https" else 80)
    cleaned = text.translate(_INVISIBLE).strip()
    if not cleaned:
        return problem(ProblemCode.URL_MISSING)
    unusable = _unusable(cleaned)
    if unusable is not None:
        return unusable
    address = _encode(cleaned)
    if address is None:
        return problem(ProblemCode.URL_INVALID, f"{_shown(cleaned)} is not a complete web address.")
    if len(address.url) > max_length:
        return problem(
            ProblemCode.URL_TOO_LONG,
            f"The address has {len(address.url)} characters as it is sent; BigCommerce takes at most {max_length}.",
        )
    return address


def _unusable(text: str) -> Problem | None:
    scheme = _SCHEME.match(text)
    name = scheme[1].lower() if scheme else ""
    if len(name) == 1:
        return problem(ProblemCode.URL_SCHEME, f"{_shown(text)} is a file on a computer, which the store cannot see.")
    if scheme and name not in {"http", "https"} and (text[scheme.end() :].startswith("//") or name in {"data", "blob"}):
        return problem(
            ProblemCode.URL_SCHEME, f"The address starts with {name}:, but the store only follows http and https."
        )
    if name not in {"http", "https"}:
        return problem(
            ProblemCode.URL_INVALID,
            f"{_shown(text)} is only part of a web address: https:// and the host name are missing.",
        )
    if _SECOND_ADDRESS.search(text):
        return problem(
            ProblemCode.URL_INVALID,
            "The cell holds more than one address.",
            fix="Give each picture a row of its own.",
        )
    if re.search(r"[\x00-\x1f\x7f]", text):
        return problem(ProblemCode.URL_INVALID, "There is a line break or control character inside the address.")
    return None


def _encode(text: str) -> Address | None:
    try:
        parts = urlsplit(text)
        port = parts.port
        host = _wire_host(parts.hostname or "")
        user = parts.netloc.rpartition("@")[0]
        user = quote(user, safe="%:!$&'()*+,;=~-._") + "@" if user else ""
        path = quote(STRAY_PERCENT.sub("%25", parts.path or "/"), safe=_PATH_SAFE, errors=_RAW_BYTES)
        query = quote(STRAY_PERCENT.sub("%25", parts.query), safe=_QUERY_SAFE, errors=_RAW_BYTES)
    except (ValueError, UnicodeError):
        return None
    if not host or port == 0:
        return None
    scheme = parts.scheme.lower()
    netloc = user + (f"[{host}]" if ":" in host else host) + (f":{port}" if port is not None else "")
    url = f"{scheme}://{netloc}{path}" + (f"?{query}" if query else "")
    return Address(url, scheme, host.rstrip("."), port or (443 if scheme == "https" else 80))


def _wire_host(name: str) -> str:
    """The host as DNS and TLS know it (IDNA 2008 with UTS #46 mapping), empty where it cannot be one."""
    if ":" in name:
        return name.lower()
    host = name.lower() if name.isascii() else idna.encode(name, uts46=True).decode("ascii")
    return host if _HOST.match(host) else ""


def _shown(text: str) -> str:
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”"
