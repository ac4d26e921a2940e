"""A small reader of the page, so that the tests see what a browser would make of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from io import BytesIO

from importer.models import Outcome, RunInfo
from importer.report import summarize
from importer.report.page import write_page
from tests.report.report_samples import RUN


@dataclass
class Page:
    """What was found: tags with their attributes, the cells' text of the two tables, and the letters."""

    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    hosts: list[list[str]] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)
    text: str = ""

    def values(self, attribute: str) -> list[str]:
        """Every value of the attribute on the page."""
        return [attributes[attribute] for _, attributes in self.tags if attribute in attributes]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self.table = ""
        self.tag = ""
        self.cells: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.page.tags.append((tag, attributes))
        self.tag = tag
        if tag == "pre":
            self.page.letters.append("")
        if tag == "table":
            self.table = attributes.get("class", "")
        elif tag == "tr":
            self.cells = self._new_line(attributes)
        elif tag in {"td", "th"} and self.cells is not None:
            self.cells.append("")

    def _new_line(self, attributes: dict[str, str]) -> list[str] | None:
        """The line that a row begins, or None where it is the header of the table of rows."""
        line: list[str] = []
        if self.table == "hosts":
            self.page.hosts.append(line)
        elif "data-status" in attributes:
            self.page.rows.append(line)
        else:
            return None
        return line

    def handle_data(self, data: str) -> None:
        self.page.text += data
        if self.tag == "pre":
            self.page.letters[-1] += data
        if self.cells:
            self.cells[-1] += data

    def handle_endtag(self, tag: str) -> None:
        self.tag = ""
        if tag == "tr":
            self.cells = None


def read_page(html: str) -> Page:
    """The page's tags, rows and text."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.page


def rendered(outcomes: Sequence[Outcome], run: RunInfo = RUN) -> str:
    """The page of these outcomes as text."""
    stream = BytesIO()
    write_page(outcomes, summarize(outcomes, run), stream)
    return stream.getvalue().decode("utf-8")


def opened(outcomes: Sequence[Outcome], run: RunInfo = RUN) -> Page:
    """The page of these outcomes as a browser reads it."""
    return read_page(rendered(outcomes, run))
