"""Where the pictures are: one line for each host and port that an address led to, with a verdict to forward."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urlsplit

from importer.models import HostFinding, ImageRow, Outcome, Problem, ProblemCode, UrlFinding
from importer.problems import ADVICE
from importer.report.letters import CODES, Trouble, letter

# Trouble with the row, the product or the store says nothing about the host that the picture lies on.
_NOT_THE_HOSTS_DOING = frozenset(
    {
        ProblemCode.ROW_MALFORMED,
        ProblemCode.PRODUCT_MISSING,
        ProblemCode.PRODUCT_ID_INVALID,
        ProblemCode.PRODUCT_UNKNOWN,
        ProblemCode.SKU_UNKNOWN,
        ProblemCode.SKU_AMBIGUOUS,
        ProblemCode.KEY_AMBIGUOUS,
        ProblemCode.PRODUCT_MISMATCH,
        ProblemCode.URL_MISSING,
        ProblemCode.URL_INVALID,
        ProblemCode.URL_SCHEME,
        ProblemCode.URL_TOO_LONG,
        ProblemCode.URL_DUPLICATE,
        ProblemCode.IMAGE_LIMIT_REACHED,
        ProblemCode.STORE_REJECTED,
        ProblemCode.STORE_UNAVAILABLE,
        ProblemCode.UPLOAD_UNCERTAIN,
    }
)
_PORTS = {"http": 80, "https": 443}
_ORIGIN = re.compile(r"[^/?#]*//[^/?#]*")
"""What comes before an address's path (RFC 3986, 3.2): the same for all pictures of a host."""
_ENDS = (".", "!", "?", "…")


@dataclass(frozen=True, slots=True)
class HostLine:
    """One host and port that pictures come from, or that an address redirects through.

    Attributes:
        host: the name as people write it, with the port where it is not the usual one.
        urls: the distinct addresses that lead there or through it.
        rows: the lines of the report whose address leads there or through it.
        tls_version: the versions negotiated (`TLSv1.3`), comma-separated; empty where there was none.
        encryption: the same for people (`TLS 1.3`, `None (http)`); empty where it is not known.
        problems: the rows whose trouble happened there; wrong products and the like do not count.
        codes: their codes, most rows first.
        verdict: what to say of the host, in plain words.
        letter: a text to forward to whoever runs the host; empty where there is nothing for them to mend.
        address: the host and the port.
    """

    host: str
    urls: int
    rows: int
    tls_version: str
    encryption: str
    problems: int
    codes: tuple[ProblemCode, ...]
    verdict: str
    letter: str = ""
    address: tuple[str, int] = ("", 0)


@dataclass(slots=True)
class _Tally:
    """What is known so far of one host and port.

    `host_problems` counts the rows per trouble of the host itself. `details` has the words for each code: what all its
    rows say, or what the code means where they differ. `to_mend` has the addresses that whoever runs the host can mend
    for each code, the first one first.
    """

    host: str
    port: int
    urls: set[str] = field(default_factory=set)
    rows: int = 0
    checked: bool = False
    versions: set[str] = field(default_factory=set)
    host_problems: Counter[Problem] = field(default_factory=Counter)
    codes: Counter[ProblemCode] = field(default_factory=Counter)
    details: dict[ProblemCode, str] = field(default_factory=dict)
    to_mend: dict[ProblemCode, dict[str, None]] = field(default_factory=dict)

    def add(self, url: str, found: HostFinding | None) -> None:
        """Count one row whose address leads here, and what the check found of the host, if it looked."""
        self.urls.add(url)
        self.rows += 1
        if found is None:
            return
        self.checked = True
        if found.tls_version:
            self.versions.add(found.tls_version)
        if found.problem is not None:
            self.host_problems[found.problem] += 1

    def blame(self, code: ProblemCode, detail: str, url: str, *, for_host: bool) -> None:
        """Count one row whose trouble happened here."""
        self.codes[code] += 1
        if for_host and code in CODES:
            self.to_mend.setdefault(code, {})[url] = None
        if self.details.setdefault(code, detail) != detail:
            self.details[code] = ADVICE[code].meaning

    def line(self, *, both: bool = False) -> HostLine:
        """The line for the report; `both` where the host has a line for http and one for https, to tell them apart."""
        name = self._name(only_https=both or bool(self.versions))
        return HostLine(
            host=name,
            urls=len(self.urls),
            rows=self.rows,
            tls_version=", ".join(sorted(self.versions)),
            encryption=self._encryption(),
            problems=self.codes.total(),
            codes=tuple(code for code, _ in self.codes.most_common()),
            verdict=self._verdict(),
            letter=self._letter(name),
            address=(self.host, self.port),
        )

    def _name(self, *, only_https: bool) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        usual = {443} if only_https else set(_PORTS.values())
        return name if self.port in usual else f"{name}:{self.port}"

    def _encryption(self) -> str:
        if self.versions:
            return " and ".join(_spoken(version) for version in sorted(self.versions))
        return "None (http)" if self._plain() else ""

    def _plain(self) -> bool:
        """Whether this is http for certain: no handshake was made, and none was missing."""
        if self.versions or self.port == 443:
            return False
        refused = any(one.code.startswith("tls_") for one in self.host_problems)
        return not refused and (self.port == 80 or (self.checked and not self.host_problems))

    def _verdict(self) -> str:
        if self.host_problems:
            ((worst, _),) = self.host_problems.most_common(1)
            return _sentence(worst.detail)
        if self.codes:
            return self._trouble()
        if not self.checked:
            return "Not checked."
        if self._plain():
            return "Fine, but without encryption (http)."
        return f"Fine: {self._encryption()}." if self.versions else "Fine."

    def _letter(self, name: str) -> str:
        """What to forward: the troubles that the host's people can mend, that of most rows first."""
        codes = [code for code, _ in self.codes.most_common() if code in self.to_mend]
        troubles = [Trouble(code, self._said(code), tuple(self.to_mend[code])) for code in codes]
        return letter(name, (self.host, self.port), troubles) if troubles else ""

    def _said(self, code: ProblemCode) -> str:
        """What the check says of the host's trouble, or of all rows that have the code."""
        found = [one for one, _ in self.host_problems.most_common() if one.code == code]
        return _sentence(found[0].detail if found else self.details[code])

    def _trouble(self) -> str:
        """How many rows are in trouble, and why most of them are."""
        ((code, most),) = self.codes.most_common(1)
        count, kinds = self.codes.total(), len(self.codes) - 1
        words = _sentence(self.details[code])
        if self.rows == 1:
            return words
        share = f"All {count:,} pictures" if count == self.rows else f"{count:,} of {self.rows:,} pictures"
        if not kinds:
            return f"{share} in trouble: {words}"
        others = f"And {kinds} other {'kind' if kinds == 1 else 'kinds'} of trouble."
        return f"{share} in trouble, {most:,} of them: {words} {others}"


def host_lines(outcomes: Sequence[Outcome]) -> tuple[HostLine, ...]:
    """The hosts of all sent addresses and of all that they redirect to: those in trouble first, then most rows."""
    tallies: dict[tuple[str, int], _Tally] = {}
    for outcome in outcomes:
        if not isinstance(outcome.source, ImageRow):
            continue
        last: _Tally | None = None
        for key, found in _way(outcome.source.sent_url, outcome):
            last = tallies.get(key) or tallies.setdefault(key, _Tally(*key))
            last.add(outcome.source.sent_url, found)
        blame = _blame(outcome)
        if last is not None and blame is not None and outcome.problem is not None:
            last.blame(*blame, outcome.source.sent_url, for_host=not outcome.problem.not_for_host)
    pairs = {host for host, port in tallies if port == _PORTS["http"] and (host, _PORTS["https"]) in tallies}
    lines = [tally.line(both=tally.host in pairs) for tally in tallies.values()]
    return tuple(sorted(lines, key=lambda line: (-line.problems, -line.rows, line.host)))


def hosts_on_way(outcome: Outcome) -> tuple[tuple[str, int], ...]:
    """The hosts and ports (`HostLine.address`) that a row's address leads through, the last where the way ended."""
    source = outcome.source
    return tuple(key for key, _ in _way(source.sent_url, outcome)) if isinstance(source, ImageRow) else ()


def blamed_host(outcome: Outcome) -> tuple[str, int] | None:
    """The host and port where a row's trouble happened; None where it has none, or not there."""
    way = hosts_on_way(outcome)
    return way[-1] if way and _blame(outcome) is not None else None


def _way(url: str, outcome: Outcome) -> Iterator[tuple[tuple[str, int], HostFinding | None]]:
    """Each host and port on an address's way once, the last where the way ended, with what was found there."""
    finding = outcome.finding
    if finding is not None and finding.hosts:
        # A way may come back to a host; only its last visit there can have ended in trouble.
        visits: dict[tuple[str, int], HostFinding] = {}
        for one in finding.hosts:
            visits.pop((one.host, one.port), None)
            visits[one.host, one.port] = one
        yield from visits.items()
        return
    key = _address_key(url)
    if key is not None:
        yield key, _guessed(key, url, finding)


def _guessed(key: tuple[str, int], url: str, finding: UrlFinding | None) -> HostFinding | None:
    """What a finding without hosts says of the address's own host; one that failed early says nothing."""
    if finding is None or (finding.problem is not None and not finding.tls_version):
        return None
    return HostFinding(*key, finding.tls_version if url.lower().startswith("https:") else "")


def _address_key(url: str) -> tuple[str, int] | None:
    """The host and port of an address without user and password, or None where it has none."""
    origin = _ORIGIN.match(url)
    return _origin_key(origin[0]) if origin else None


@lru_cache
def _origin_key(origin: str) -> tuple[str, int] | None:
    try:
        parts = urlsplit(origin)
        port = parts.port or _PORTS.get(parts.scheme)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return None
    return (host, port) if host and port else None


def _blame(outcome: Outcome) -> tuple[ProblemCode, str] | None:
    """Code and words of a trouble that lies where the picture is: met by the check, or of a kind that only hosts have.

    The store's own words on it are for the row, and too long for a table of hosts.
    """
    if outcome.problem is None:
        return None
    code = outcome.problem.code
    if outcome.finding is not None and outcome.finding.problem is not None:
        return code, outcome.problem.detail
    return None if code in _NOT_THE_HOSTS_DOING else (code, ADVICE[code].meaning)


def _sentence(text: str) -> str:
    return text if text.endswith(_ENDS) else f"{text}."


def _spoken(version: str) -> str:
    """OpenSSL's name of a version as people write it: `TLSv1` is TLS 1.0."""
    return "TLS 1.0" if version == "TLSv1" else version.replace("v", " ", 1)
