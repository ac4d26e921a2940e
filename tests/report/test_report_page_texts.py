"""Any text in every place that strangers write to goes through the page, is read back, and adds nothing of its own."""

from collections import Counter
from dataclasses import replace

from hypothesis import example, given, settings
from hypothesis import strategies as st

from importer.models import HostFinding, Outcome, Problem, ProblemCode, Receipt, RunInfo, Status, UrlFinding
from importer.report import summarize
from importer.report.guard import visible, web_link
from tests.report.report_page_reader import Page, opened
from tests.report.report_samples import RUN, image_row, malformed, uploaded

SNIPPETS = (
    "<b>",
    "</td></tr></table>",
    "</script><script>alert(1)</script>",
    "</style>",
    "</pre>",
    "<!--",
    "]]>",
    '" onmouseover="alert(1)',
    "' autofocus onfocus='alert(1)",
    "&lt;b&gt;",
    "&#60;",
    "{{ 7*7 }}",
    "{% raw %}",
    "\x00",
    "\r\n",
    "\u202e",
    "https://a.example/",
)
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=()), min_size=1),
    st.lists(st.sampled_from(SNIPPETS), min_size=1, max_size=4).map("".join),
).filter(str.strip)


def everywhere(text: str) -> tuple[list[Outcome], RunInfo]:
    """Rows and a run with the text in every cell, answer and name."""
    trouble = Problem(ProblemCode.HTTP_FORBIDDEN, text, text, text)
    finding = UrlFinding(trouble, 403, text, text, hosts=(HostFinding(text, 443, text, trouble),), warning=text)
    receipt = Receipt(9, text, text, 1, 0.5, text, f"https://cdn.example/{text}", f"https://cdn.example/{text}")
    return [
        uploaded(2, sku=text, image_url=text, sent_url=text, warning=text, sheet=text, description=text),
        replace(uploaded(3, sheet="another"), receipt=receipt),
        malformed(4, product_id=text, sku=text, image_url=text),
        Outcome(image_row(5, sent_url=f"https://a.example/{text}"), Status.FAILED, trouble, text, finding=finding),
        Outcome(image_row(6, sku=text), Status.ALREADY_THERE, note=text),
    ], replace(RUN, file=text, store=text, stopped=text, started=text)


def kinds(page: Page) -> set[tuple[str, tuple[str, ...]]]:
    """Each element that occurs, with the names of its attributes."""
    return {(tag, tuple(attributes)) for tag, attributes in page.tags}


def counts(page: Page) -> Counter[str]:
    """How often each element occurs, without those whose number depends on how many hosts and links there are."""
    return Counter(tag for tag, _ in page.tags if tag not in {"tr", "th", "td", "option", "a", "small", "button"})


WORD = opened(*everywhere("word"))
ADDRESS = opened(*everywhere("https://word.example/"))


@settings(max_examples=80, deadline=None)
@given(TEXTS)
@example("".join(SNIPPETS))
def test_the_page_says_what_was_written_and_nothing_is_made_of_it(text: str) -> None:
    """The same elements with the same attributes as for a word or an address, and each cell up to its guard."""
    outcomes, run = everywhere(text)
    summary = summarize(outcomes, run)
    found = opened(outcomes, run)
    assert len(found.rows) == len(outcomes)
    assert found.rows[0][2] == visible(text)
    assert found.rows[0][1] == f"{visible(text)}id 1002"
    assert found.rows[2][1] == f"{visible(text)}id {visible(text)}"
    assert found.rows[3][5] == visible(text)
    assert found.letters == [visible(line.letter) for line in summary.hosts if line.letter]
    links = [attributes["href"] for tag, attributes in found.tags if attributes.get("target") == "_blank"]
    assert all(web_link(link) == link for link in links)
    assert kinds(found) <= kinds(WORD) | kinds(ADDRESS)
    assert counts(found) == counts(WORD) == counts(ADDRESS)
