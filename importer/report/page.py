"""`results.html`: one page that opens anywhere, loads nothing and explains the run to a merchandiser."""

import base64
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import BinaryIO

from jinja2 import Environment, FunctionLoader, StrictUndefined

from importer.models import Outcome, Status
from importer.report.advice import advice
from importer.report.chart import plot_of, quota_words
from importer.report.guard import visible
from importer.report.page_rows import PageRow, RowView, page_row, picture_origins, ways_of
from importer.report.sampling import sample
from importer.report.summary import Summary, rehearsal_of
from importer.report.verdict import STATUS_WORDS

MOST_ROWS = 10_000
"""Rows on the page. A browser filters so many without a pause; the spreadsheet has them all."""

_MOST_HOSTS = 100
_BUFFERED = 500
"""Pieces of the template's text that are written at a time; each is a few characters long."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One status in the bar; `start` and `width` are in per cent of it."""

    status: Status
    label: str
    meaning: str
    count: int
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Choices:
    """What the rows on the page can be filtered by, each with the number of rows that it leaves.

    Attributes:
        statuses: by status, best first.
        problems: rows that have any problem.
        blamed: rows whose problem is where the picture is.
        codes: by problem code, most rows first.
        hosts: by place in the summary's list, of those that the page names.
    """

    statuses: dict[Status, int]
    problems: int
    blamed: int
    codes: list[tuple[str, int]]
    hosts: list[tuple[int, str, int]]


def write_page(outcomes: Sequence[Outcome], summary: Summary, stream: BinaryIO) -> None:
    """The whole page as UTF-8."""
    traffic = summary.run.traffic
    shown = sample(outcomes, MOST_ROWS)
    hosts = summary.hosts[:_MOST_HOSTS]
    sent = ways_of(outcomes)
    origins = picture_origins(shown)
    places = {line.address: place for place, line in enumerate(hosts)}
    view = RowView(ways=bool(sent), pictures=not summary.run.sandbox, hosts=places)
    rows = [page_row(outcome, view) for outcome in shown]
    pieces = (
        _environment()
        .get_template("results.html.j2")
        .stream(
            summary=summary,
            run=summary.run,
            rehearsal=rehearsal_of(summary.run),
            policy=_policy([] if summary.run.sandbox else origins),
            started=when(summary.run.started),
            duration=duration(summary.run.seconds),
            quota=quota_words(traffic) if traffic else "",
            plot=plot_of(traffic) if traffic else None,
            segments=_segments(summary),
            labels={status: words.label for status, words in STATUS_WORDS.items()},
            advice=advice(summary),
            to_mend=summary.to_mend,
            repeats=[group for group in summary.groups if group not in summary.to_mend],
            hosts=hosts,
            letters=[(place, line) for place, line in enumerate(hosts) if line.letter],
            sent=sent,
            rows=rows,
            choices=_choices(rows, [line.host for line in hosts]),
            pictures=bool(origins),
            sheets=len({outcome.source.sheet for outcome in outcomes}) > 1,
        )
    )
    pieces.enable_buffering(_BUFFERED)
    pieces.dump(stream, "utf-8")


def duration(seconds: float) -> str:
    """A length of time for people: `0.4 s`, `42 s`, `1 min 23 s`, `2 h 5 min`."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def when(started: str) -> str:
    """An ISO 8601 instant for people, in the clock of its own offset; any other text stays as it is."""
    try:
        instant = datetime.fromisoformat(started)
    except ValueError:
        return started
    zone = f" ({instant.tzname()})" if instant.tzinfo else ""
    return f"{instant.day} {_MONTHS[instant.month - 1]} {instant.year}, {instant:%H:%M}{zone}"


# Not strftime("%B"), which would answer in whatever language the machine is set to.
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def _segments(summary: Summary) -> list[Segment]:
    """The counts as lengths that fill the bar."""
    segments: list[Segment] = []
    before = 0
    for status, count in summary.counts.items():
        words = STATUS_WORDS[status]
        start, width = 100 * before / summary.lines, 100 * count / summary.lines
        repeats = summary.repeats if status is Status.REJECTED else 0
        repeated = (
            f" {repeats:,} of them only {'repeats' if repeats == 1 else 'repeat'} an earlier one." if repeats else ""
        )
        meaning = words.meaning + repeated
        segments.append(Segment(status, words.label, meaning, count, round(start, 3), round(width, 3)))
        before += count
    return segments


def _choices(rows: Sequence[PageRow], hosts: Sequence[str]) -> Choices:
    """What the rows that are on the page can be filtered by."""
    statuses = Counter(row.status for row in rows)
    codes = Counter(row.code for row in rows if row.code)
    places = Counter(int(place) for row in rows for place in row.hosts.split())
    return Choices(
        statuses={status: statuses[status] for status in STATUS_WORDS if statuses[status]},
        problems=codes.total(),
        blamed=sum(bool(row.blamed) for row in rows),
        codes=codes.most_common(),
        hosts=[(place, host, places[place]) for place, host in enumerate(hosts) if places[place]],
    )


@cache
def _environment() -> Environment:
    """Jinja2 as this page needs it: everything printed is made visible, then escaped; an unknown name is an error.

    What a macro of ours hands back has been through both already.
    """
    return Environment(
        loader=FunctionLoader(_part),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: visible(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _part(name: str) -> str:
    """A part of the page as it lies in the package, in a wheel or zipped."""
    return files("importer.report").joinpath(name).read_text(encoding="utf-8")


def _policy(origins: Sequence[str]) -> str:
    """The page's Content-Security-Policy: its own script and no other, and pictures from these origins alone."""
    script = _part("results.js").removesuffix("\n")
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    directives = [
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        f"script-src 'sha256-{digest}'",
        *([f"img-src {' '.join(origins)}"] if origins else []),
        "base-uri 'none'",
        "form-action 'none'",
    ]
    return "; ".join(directives)
