"""`results.html`: one page that opens anywhere, loads nothing and explains the run to a merchandiser."""

import base64
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import BinaryIO

from jinja2 import Environment, FunctionLoader, StrictUndefined

from importer.models import ImageRow, Outcome, Status
from importer.report.columns import detail_of
from importer.report.guard import visible, web_link
from importer.report.summary import Summary
from importer.report.verdict import STATUS_WORDS

MOST_ROWS = 10_000
"""Rows on the page. A browser scrolls and filters so many without a pause; the spreadsheet has them all."""

_MOST_HOSTS = 100
_WAYS = {
    "batch": ("in a batch", "in batches"),
    "single": ("by itself", "one by one"),
    "variant": ("as a variant's picture", "as pictures of variants"),
}
"""How a row was sent (`Receipt.route`), in words: of one row, and of several."""


@dataclass(frozen=True, slots=True)
class PageRow:
    """One row of the page's table, as text.

    `link` is empty where a link would not be safe, and `way` where nothing is to be said of how the row was sent.
    """

    sheet: str
    number: int
    product: str
    sku: str
    address: str
    link: str
    status: Status
    code: str
    detail: str
    fix: str
    way: str


@dataclass(frozen=True, slots=True)
class Segment:
    """One status in the bar; `start` and `width` are in per cent of it."""

    status: Status
    label: str
    meaning: str
    count: int
    start: float
    width: float


def write_page(outcomes: Sequence[Outcome], summary: Summary, stream: BinaryIO) -> None:
    """The whole page as UTF-8."""
    environment = _environment()
    shown = shown_outcomes(outcomes)
    ways = not {_route(outcome) for outcome in outcomes} <= {"", "single"}
    pieces = environment.get_template("results.html.j2").generate(
        summary=summary,
        run=summary.run,
        started=when(summary.run.started),
        duration=duration(summary.run.seconds),
        segments=_segments(summary),
        labels={status: words.label for status, words in STATUS_WORDS.items()},
        hosts=summary.hosts[:_MOST_HOSTS],
        sent=_sent(outcomes) if ways else "",
        rows=(_page_row(outcome, ways=ways) for outcome in shown),
        shown=len(shown),
        sheets=len({outcome.source.sheet for outcome in outcomes}) > 1,
        script_hash=_script_hash(),
    )
    stream.writelines(piece.encode("utf-8") for piece in pieces)


def shown_outcomes(outcomes: Sequence[Outcome]) -> Sequence[Outcome]:
    """All outcomes in their order, or of a very long file the first `MOST_ROWS` with problems before the others."""
    if len(outcomes) <= MOST_ROWS:
        return outcomes
    return sorted(outcomes, key=lambda outcome: outcome.problem is None)[:MOST_ROWS]


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
        start, width = 100 * before / summary.rows, 100 * count / summary.rows
        segments.append(Segment(status, words.label, words.meaning, count, round(start, 3), round(width, 3)))
        before += count
    return segments


def _route(outcome: Outcome) -> str:
    return outcome.receipt.route if outcome.receipt else ""


def _way(route: str, count: int) -> str:
    one, several = _WAYS.get(route, ("", ""))
    return one if count == 1 else several


def _sent(outcomes: Sequence[Outcome]) -> str:
    """How many of the uploaded rows went in which way."""
    routes = Counter(_route(outcome) for outcome in outcomes if outcome.status is Status.UPLOADED)
    return ", ".join(f"{count:,} {_way(route, count)}" for route in _WAYS if (count := routes[route]))


def _page_row(outcome: Outcome, *, ways: bool) -> PageRow:
    """The outcome as the table shows it; the link leads where the request went."""
    source, problem = outcome.source, outcome.problem
    product = source.product_id if outcome.product_id is None else outcome.product_id
    return PageRow(
        sheet=source.sheet,
        number=source.row,
        product="" if product is None else str(product),
        sku=source.sku,
        address=source.image_url,
        link=web_link(source.sent_url if isinstance(source, ImageRow) else source.image_url),
        status=outcome.status,
        code=problem.code.value if problem else "",
        detail=detail_of(outcome),
        fix=problem.fix if problem else "",
        way=_way(_route(outcome), 1) if ways else "",
    )


def _environment() -> Environment:
    """Jinja2 as this page needs it: everything printed is made visible, then escaped; an unknown name is an error."""
    return Environment(
        loader=FunctionLoader(_part),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: visible(value) if isinstance(value, str) else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _part(name: str) -> str:
    """A part of the page as it lies in the package, in a wheel or zipped."""
    return files("importer.report").joinpath(name).read_text(encoding="utf-8")


def _script_hash() -> str:
    """The page's own script for its Content-Security-Policy: no other script runs, whatever a row may hold."""
    script = _part("results.js").removesuffix("\n")
    return base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
