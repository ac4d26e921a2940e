"""The grammar of a picture's address: a cell's text becomes a URL that can be sent as it is, or a problem."""

import ipaddress
import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from urllib.parse import quote, unquote

import idna

from importer.models import Problem, ProblemCode
from importer.problems import problem

PICTURE_ENDINGS = "jpe?g|jfif|png|gif|webp|bmp|svg|avif|tiff?|heic"
"""How the names of pictures end, as a regular expression. None of these is a top-level domain."""
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_TURNS = "\u200e\u200f\u202a-\u202e\u2066-\u2069"
"""What turns the direction of writing, so that an address looks other than it is."""
_EDGES = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069" + "".join(map(chr, range(33)))
_SCHEME = re.compile(r"^([a-zA-Z][a-zA-Z0-9+.-]*):")
_SECOND_ADDRESS = re.compile(r"[\s,;|]\s*https?://", re.IGNORECASE)
STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
"""A percent sign that encodes nothing."""
_PARTS = re.compile(r"(https?):[/\\]*([^/\\?#]*)([^?#]*)(?:\?([^#]*))?", re.IGNORECASE | re.DOTALL)
_LABEL = "[a-z0-9_-]{1,63}"
_HOST = re.compile(rf"^(?=.{{1,253}}\.?$){_LABEL}(?:\.{_LABEL})*\.?$")
_NO_HOST = re.compile(rf"https?|[^:]*\.(?:{PICTURE_ENDINGS})", re.IGNORECASE)
"""What stands in a host's place by mistake: a scheme once more, or the name of a picture."""
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")
_BEGINNING = re.compile(r"([a-z]{1,8})?\s*([:;.,]*)\s*([/\\]+)\s*", re.IGNORECASE)
_PROPER_BEGINNING = re.compile(r"https?:[/\\]*", re.IGNORECASE)
_NAMED_HOST = re.compile(r"(?:[\w-]+\.)+[^\W\d_]{2,}\.?(?::\d+)?(?=[/\\?#]|$)")
_LIKE_HTTP = 0.75
"""The `difflib` ratio from which a word is http or https mistyped; `ftps` has 0.67."""
_WIRE_HOST = rf"https?://(?:(?!-|xn--)[a-z0-9-]{{1,63}}(?<!-)\.)++(?!(?:{PICTURE_ENDINGS})/)[a-z]{{2,63}}"
_NO_DOTS = r"(?![^?]*/(?:\.|%2[eE]){1,2}(?:[/?]|$))"
WIRE_FORM = re.compile(rf"{_WIRE_HOST}(?=/){_NO_DOTS}[\w.~/!$'()*+=:@%-]*+(?:\?[\w.~/?!$&'()*+=:@%-]++)?+", re.ASCII)
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
    cleaned = text.translate(_INVISIBLE).strip(_EDGES).strip()
    if not cleaned:
        return problem(ProblemCode.URL_MISSING)
    unusable = _unusable(cleaned)
    if unusable is not None:
        return unusable
    address = _encode(re.sub(r"[\t\r\n]", "", cleaned))
    if address is None:
        return problem(ProblemCode.URL_INVALID, f"{shown(cleaned)} is not a complete web address.")
    if len(address.url) > max_length:
        return problem(
            ProblemCode.URL_TOO_LONG,
            f"The address has {len(address.url)} characters as it is sent; BigCommerce takes at most {max_length}.",
        )
    return address


def mistyped(text: str) -> str:
    """The address that is meant where its beginning is a slip of the keyboard (`ttps://`, `http//`, `https://https://`).

    Returns:
        the address, or an empty text where the beginning is right as a browser reads it, or is something else.
    """
    rest, scheme, proper = text, "", True
    while (found := _BEGINNING.match(rest)) and (meant := _meant_scheme(found[1] or "", found[2], found[3])):
        proper = proper and not scheme and _PROPER_BEGINNING.fullmatch(found[0]) is not None
        scheme, rest = meant, rest[found.end() :]
    host = _NAMED_HOST.match(rest)
    if not scheme or proper or host is None or _NO_HOST.fullmatch(host[0]):
        return ""
    return f"{scheme}://{rest}"


def _meant_scheme(word: str, marks: str, slashes: str) -> str:
    """`http` or `https` where a word before `://`, or what is left of both, can be nothing else; otherwise empty."""
    word = word.casefold()
    if not word:
        return "https" if ":" in marks else ""
    if word not in {"http", "https"} and not (":" in marks or len(slashes) > 1):
        return ""
    likeness = max(SequenceMatcher(None, word, one).ratio() for one in ("http", "https"))
    if likeness < _LIKE_HTTP and not (set("tp") <= set(word) <= set("https")) and word not in {"hxxp", "hxxps"}:
        return ""
    return "http" if "s" not in word else "https"


def _unusable(text: str) -> Problem | None:
    scheme = _SCHEME.match(text)
    name = scheme[1].lower() if scheme else ""
    if len(name) == 1 or name == "file" or text.startswith("\\\\"):
        return problem(ProblemCode.URL_SCHEME, f"{shown(text)} is a file on a computer, which the store cannot see.")
    if meant := mistyped(text):
        words = f"The beginning of {shown(text)} is mistyped."
        return problem(ProblemCode.URL_INVALID, words, fix=f"If {meant} is meant, write that.")
    if scheme and name not in {"http", "https"} and (text[scheme.end() :].startswith("//") or name in {"data", "blob"}):
        return problem(
            ProblemCode.URL_SCHEME, f"The address starts with {name}:, but the store only follows http and https."
        )
    return _hidden(text) if name in {"http", "https"} else _incomplete(text)


def _hidden(text: str) -> Problem | None:
    """What stands inside of an address and is no part of it."""
    if turn := re.search(f"[{_TURNS}]", text):
        plain = re.sub(f"[{_TURNS}]", "", text)
        return problem(
            ProblemCode.URL_INVALID,
            f"The address holds an invisible character that turns the direction of writing (U+{ord(turn[0]):04X}), so "
            "that it looks other than it is.",
            fix=f"Copy the address anew from the browser; without that character it would be {plain}",
        )
    if _SECOND_ADDRESS.search(text):
        return problem(
            ProblemCode.URL_INVALID,
            "The cell holds more than one address.",
            fix="Give each picture a row of its own.",
        )
    if re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text):
        return problem(ProblemCode.URL_INVALID, "There is a control character inside the address.")
    return None


def _incomplete(text: str) -> Problem:
    """What is no address: the end of one, or something else altogether."""
    if not re.search(r"[/\\.]", text):
        return problem(ProblemCode.URL_INVALID, f"{shown(text)} is not a web address.")
    host = _NAMED_HOST.match(text)
    fix = "" if host is None or _NO_HOST.fullmatch(host[0]) else f"If https://{text} is meant, write that."
    return problem(
        ProblemCode.URL_INVALID,
        f"{shown(text)} is only part of a web address: https:// and the host name are missing.",
        fix=fix,
    )


def _encode(text: str) -> Address | None:
    """The parts as a browser takes them (WHATWG URL Standard, "URL parsing"), encoded as RFC 3986 has it.

    A backslash is a slash, any number of slashes or none may follow the scheme, `.` and `..` are gone along, and the
    scheme's own port is left out. What browsers leave bare and RFC 3986 does not know (`|`, `[`, `^`, a `%` that
    encodes nothing) is encoded: to a server it is the same.
    """
    parts = _PARTS.match(text)
    if parts is None:
        return None
    scheme = parts[1].lower()
    user, _, place = parts[2].rpartition("@")
    user = user.removesuffix(":")
    name, _, digits = place.rpartition(":") if re.search(r":[^\]]*$", place) else (place, "", "")
    try:
        host = _wire_host(name)
        user = quote(user, safe="%:!$&'()*+,;=~-._") + "@" if user.strip(":") else ""
        path = quote(STRAY_PERCENT.sub("%25", _walked(parts[3])), safe=_PATH_SAFE, errors=_RAW_BYTES)
        query = quote(STRAY_PERCENT.sub("%25", parts[4] or ""), safe=_QUERY_SAFE, errors=_RAW_BYTES)
    except (ValueError, UnicodeError):
        return None
    usual = 443 if scheme == "https" else 80
    if not host or _NO_HOST.fullmatch(host) or not re.fullmatch(r"[0-9]*", digits) or len(digits.lstrip("0")) > 5:
        return None
    port = int(digits) if digits else usual
    if not 0 < port < 1 << 16:
        return None
    netloc = user + (f"[{host}]" if ":" in host else host) + (f":{port}" if port != usual else "")
    url = f"{scheme}://{netloc}{path}" + (f"?{query}" if query else "")
    return Address(url, scheme, host.rstrip("."), port)


def _walked(path: str) -> str:
    """The path with slashes alone, each `.` and `..` gone along."""
    walked: list[str] = []
    _, *steps = path.replace("\\", "/").split("/") if path else ["", ""]
    for at, step in enumerate(steps):
        dots = re.sub("%2e", ".", step, flags=re.IGNORECASE)
        if dots == "..":
            del walked[-1:]
        if dots not in {".", ".."}:
            walked.append(step)
        elif at == len(steps) - 1:
            walked.append("")
    return "/" + "/".join(walked)


def _wire_host(name: str) -> str:
    """The host as DNS and TLS know it, empty where it cannot be one.

    Source: WHATWG URL Standard, "host parsing": percent-decoded, mapped by UTS #46 without the rules that would refuse
    `_`, emoji and hyphens anywhere, and a number in any writing of the C library is an IPv4 address. A host that no DNS
    can hold (`a,b.example`, `a..example`), which browsers try all the same, is refused.

    Raises:
        ValueError: it cannot be one.
    """
    if name.startswith("["):
        return ipaddress.IPv6Address(name[1:-1]).compressed if name.endswith("]") and "%" not in name else ""
    labels = idna.uts46_remap(unquote(name, errors="strict"), std3_rules=False).split(".")
    host = ".".join(map(_wire_label, labels))
    numbers = labels[:-1] if len(labels) > 1 and not labels[-1] else labels
    if _NUMBER.fullmatch(numbers[-1]):
        return _ipv4(numbers)
    return host if _HOST.match(host) else ""


def _wire_label(label: str) -> str:
    """One part of a host name, in punycode where it is not ASCII."""
    if label.isascii() and not label.startswith("xn--"):
        return label
    shown_as = label[4:].encode("ascii").decode("punycode") if label.startswith("xn--") else label
    if shown_as.isascii() or idna.uts46_remap(shown_as, std3_rules=False) != shown_as:
        raise ValueError(f"{label} is no part of a host name")
    idna.check_initial_combiner(shown_as)
    idna.check_bidi(shown_as)
    return "xn--" + shown_as.encode("punycode").decode("ascii")


def _ipv4(parts: list[str]) -> str:
    """The address that up to four numbers name, each decimal, octal or hexadecimal; the last one fills what is left."""
    if len(parts) > 4 or not all(map(_NUMBER.fullmatch, parts)):
        return ""
    numbers = [
        int(part[2:] or "0", 16) if part.startswith("0x") else int(part, 8 if _octal(part) else 10) for part in parts
    ]
    if max(numbers[:-1], default=0) > 255 or numbers[-1] >= 256 ** (5 - len(numbers)):
        return ""
    whole = sum(number << (24 - 8 * at) for at, number in enumerate(numbers[:-1])) + numbers[-1]
    return str(ipaddress.IPv4Address(whole))


def _octal(digits: str) -> bool:
    return len(digits) > 1 and digits.startswith("0")


def shown(text: str) -> str:
    """A cell's text in quotation marks, cut where it is long."""
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”"
