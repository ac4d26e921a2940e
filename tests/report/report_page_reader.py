"""A small reader of the page, so that the tests see what a browser would make of it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Page:
    """What was found: tags with their attributes, and the cells' text of the table of rows and of that of hosts."""

    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    hosts: list[list[str]] = field(default_factory=list)
    text: str = ""

    def values(self, attribute: str) -> list[str]:
        """Every value of the attribute on the page."""
        return [attributes[attribute] for _, attributes in self.tags if attribute in attributes]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self.table = ""
        self.cells: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.page.tags.append((tag, attributes))
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
        if self.cells:
            self.cells[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "tr":
            self.cells = None


def read_page(html: str) -> Page:
    """The page's tags, rows and text."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.page
