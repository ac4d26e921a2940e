"""A small reader of the page, so that the tests see what a browser would make of it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Page:
    """What was found: tags with their attributes, and the cells' text of the table of rows."""

    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    text: str = ""

    def values(self, attribute: str) -> list[str]:
        """Every value of the attribute on the page."""
        return [attributes[attribute] for _, attributes in self.tags if attribute in attributes]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self.inside_row = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.page.tags.append((tag, attributes))
        if tag == "tr":
            self.inside_row = "data-status" in attributes
            if self.inside_row:
                self.page.rows.append([])
        elif tag in {"td", "th"} and self.inside_row:
            self.page.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        self.page.text += data
        if self.inside_row and self.page.rows[-1]:
            self.page.rows[-1][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "tr":
            self.inside_row = False


def read_page(html: str) -> Page:
    """The page's tags, rows and text."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.page
