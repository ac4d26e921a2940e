"""The page in a real browser, used by somebody with a mouse and a keyboard."""

from collections import Counter
from pathlib import Path

import pytest

from importer.models import Outcome, ProblemCode, Status
from tests.report.browser_devtools import Tab, in_browser
from tests.report.browser_pages import (
    NEEDS_BROWSER,
    everything,
    on_legacy_host,
    page_file,
    ten_thousand,
)
from tests.report.report_samples import every_kind, image_row, troubled, uploaded

pytestmark = NEEDS_BROWSER

ROW_NUMBERS = "Array.from(document.querySelectorAll('#table tbody tr'), row => parseInt(row.cells[0].textContent))"
SHOWING = "#showing"
HOSTILE = "<script>document.title='taken'</script><img src=https://a.example/x onerror=document.title='taken'>"


async def rows_of(tab: Tab) -> list[int]:
    """The numbers of the rows that are in the document, from top to bottom."""
    numbers: list[int] = await tab.evaluate(ROW_NUMBERS)
    return numbers


def test_opening_the_page_asks_for_nothing_but_itself(tmp_path: Path) -> None:
    """Our script runs, a stranger's does not, and no request leaves, with the network cut off and with it there."""
    outcomes = [*everything(), uploaded(999, sku=HOSTILE, image_url=HOSTILE)]
    address = page_file(tmp_path, outcomes)

    async def steps(tab: Tab) -> None:
        await tab.call("Network.enable")
        for offline in (True, False):
            conditions = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
            await tab.call("Network.emulateNetworkConditions", offline=offline, **conditions)
            tab.events.clear()
            await tab.open(address)
            await tab.wait_for("document.querySelector('#showing').textContent")
            assert tab.requested() == [address]
            assert await tab.text(SHOWING) == f"Showing {len(outcomes)} of {len(outcomes)} rows"
            assert str(await tab.evaluate("document.title")).startswith("spring catalog.xlsx")
            told = [
                parameters for name, parameters in tab.events if name in {"Log.entryAdded", "Runtime.exceptionThrown"}
            ]
            assert told == [], "neither an error nor a breach of the page's policy"

    in_browser(tmp_path / "profile", steps)


def test_typing_into_the_search_leaves_the_rows_that_have_all_words(tmp_path: Path) -> None:
    """In any order and case; the button brings all rows back."""
    address = page_file(tmp_path, [uploaded(2, sku="MUG-RED"), uploaded(3, sku="MUG-BLUE"), uploaded(4, sku="HAT-RED")])

    async def steps(tab: Tab) -> None:
        await tab.open(address)
        await tab.click("#search")
        await tab.type("red mug")
        await tab.wait_for("document.querySelector('#showing').textContent === 'Showing 1 of 3 rows'")
        assert await rows_of(tab) == [2]
        await tab.type("x")
        await tab.wait_for("!document.querySelector('#nothing').hidden")
        await tab.click("#again")
        await tab.wait_for("document.querySelector('#showing').textContent === 'Showing 3 of 3 rows'")
        assert await rows_of(tab) == [2, 3, 4]

    in_browser(tmp_path / "profile", steps)


def test_the_keyboard_leads_from_the_top_of_the_page_to_a_filter(tmp_path: Path) -> None:
    """Tab, Enter on the link to the rows, Tab to the search, Tab to the results, an arrow."""
    outcomes = every_kind()
    address = page_file(tmp_path, outcomes)
    focused = "document.activeElement.id || document.activeElement.className"

    async def steps(tab: Tab) -> None:
        await tab.open(address)
        await tab.press("Tab")
        assert await tab.evaluate(focused) == "skip"
        await tab.press("Enter")
        await tab.wait_for("document.activeElement.id === 'rows'")
        await tab.press("Tab")
        assert await tab.evaluate(focused) == "search"
        await tab.press("Tab")
        assert await tab.evaluate(focused) == "status"
        await tab.press("ArrowDown")
        await tab.wait_for(
            f"document.querySelector('#showing').textContent !== 'Showing {len(outcomes)} of {len(outcomes)} rows'"
        )
        assert await rows_of(tab) == [outcome.source.row for outcome in outcomes if outcome.problem]

    in_browser(tmp_path / "profile", steps)


def test_a_click_on_a_problem_a_host_or_a_count_leads_to_its_rows(tmp_path: Path) -> None:
    outcomes = [uploaded(2), troubled(3, ProblemCode.SKU_UNKNOWN), on_legacy_host(4), uploaded(5), on_legacy_host(6)]
    address = page_file(tmp_path, outcomes)

    async def steps(tab: Tab) -> None:
        await tab.open(address)
        for selector, rows in [
            ("button.show[data-code=sku_unknown]", [3]),
            ("button.show[data-host]", [4, 6]),
            (".legend a[data-status=uploaded]", [2, 5]),
        ]:
            await tab.click(selector)
            assert await rows_of(tab) == rows
            assert await tab.evaluate("document.activeElement.id") == "rows"
        assert await tab.evaluate("document.querySelector('#status').value") == "uploaded"
        assert await tab.evaluate("document.querySelector('#host').value") == ""

    in_browser(tmp_path / "profile", steps)


def test_a_click_on_a_column_sorts_by_it_and_the_next_turns_it_round(tmp_path: Path) -> None:
    """Numbers in words by their value, empty cells last either way, and the header says so."""
    skus = {2: "MUG-10", 3: "", 4: "mug-9", 5: "APRON"}
    rows = [image_row(row, sku=sku) for row, sku in skus.items()]
    address = page_file(tmp_path, [Outcome(row, Status.OK) for row in rows])
    sorting = "Array.from(document.querySelectorAll('#table thead th'), header => header.getAttribute('aria-sort'))"

    async def steps(tab: Tab) -> None:
        await tab.open(address)
        assert await tab.evaluate(sorting) == ["ascending", *[None] * 5]
        await tab.click("#table thead th:nth-child(2) button")
        assert await rows_of(tab) == [5, 4, 2, 3]
        assert await tab.evaluate(sorting) == [None, "ascending", *[None] * 4]
        await tab.click("#table thead th:nth-child(2) button")
        assert await rows_of(tab) == [2, 4, 5, 3]
        await tab.click("#table thead th:nth-child(1) button")
        assert await rows_of(tab) == [2, 3, 4, 5]

    in_browser(tmp_path / "profile", steps)


CLIPBOARD = "navigator.clipboard.readText()"
NO_CLIPBOARD = (
    "window.kept = navigator.clipboard;"
    "Object.defineProperty(Navigator.prototype, 'clipboard', {get: () => { throw new DOMException('no'); }});"
)


@pytest.mark.parametrize("refused", [False, True], ids=["clipboard", "older way"])
def test_row_numbers_and_letters_are_copied(tmp_path: Path, refused: bool) -> None:
    """Those of the rows that are shown, each once and in the file's order; and where a browser allows no clipboard."""
    outcomes = [on_legacy_host(9), uploaded(2), on_legacy_host(4), on_legacy_host(4), uploaded(5)]
    address = page_file(tmp_path, outcomes)
    clipboard = "window.kept.readText()" if refused else CLIPBOARD

    async def steps(tab: Tab) -> None:
        await tab.browser.call(
            "Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"]
        )
        await tab.call("Emulation.setFocusEmulationEnabled", enabled=True)
        await tab.call("Page.enable")
        if refused:
            await tab.call("Page.addScriptToEvaluateOnNewDocument", source=NO_CLIPBOARD)
        await tab.open(address)
        await tab.click("button.show[data-host]")
        await tab.click("#copy-numbers")
        await tab.wait_for("document.querySelector('#said').textContent === '2 row numbers are copied.'")
        assert await tab.evaluate(clipboard) == "9, 4"
        await tab.click("details.letter summary")
        await tab.click("button.copy")
        await tab.wait_for("document.querySelector('#said').textContent === 'The text is copied.'")
        assert await tab.evaluate(clipboard) == await tab.evaluate("document.querySelector('pre').textContent")

    in_browser(tmp_path / "profile", steps)


def test_where_nothing_can_be_copied_the_text_is_marked(tmp_path: Path) -> None:
    """The reader is told which keys copy it."""
    address = page_file(tmp_path, [on_legacy_host(2)])

    async def steps(tab: Tab) -> None:
        await tab.call("Page.enable")
        await tab.call(
            "Page.addScriptToEvaluateOnNewDocument", source=f"{NO_CLIPBOARD} document.execCommand = () => false;"
        )
        await tab.open(address)
        await tab.click("details.letter summary")
        await tab.click("button.copy")
        await tab.wait_for("document.querySelector('#said').textContent.startsWith('Press Ctrl+C')")
        marked = "getSelection().toString().trim() === document.querySelector('pre').textContent.trim()"
        assert await tab.evaluate(marked)

    in_browser(tmp_path / "profile", steps)


def test_ten_thousand_rows_are_filtered_in_less_than_a_tenth_of_a_second(tmp_path: Path) -> None:
    """Of script time, as the browser measures it; few rows are in the document, and more come as one scrolls."""
    outcomes = ten_thousand()
    address = page_file(tmp_path, outcomes)
    codes = Counter(one.problem.code for one in outcomes if one.problem)
    most = max(count for code, count in codes.items() if code is not ProblemCode.URL_DUPLICATE)

    async def steps(tab: Tab) -> list[float]:
        await tab.open(address)
        await tab.wait_for("document.querySelector('#showing').textContent === 'Showing 10,000 of 10,000 rows'")
        assert len(await rows_of(tab)) < 1_000
        await tab.click("#search")
        times = []
        for typed, left in [("bad", 1_000), ("-5", 111)]:
            before = await tab.script_seconds()
            await tab.type(typed)
            await tab.wait_for(f"document.querySelector('#showing').textContent.startsWith('Showing {left:,} ')")
            times.append(await tab.script_seconds() - before)
        for selector, left in [("button.show[data-code]", most), (".legend a[data-status=uploaded]", 9_000)]:
            before = await tab.script_seconds()
            await tab.click(selector)
            await tab.wait_for(f"document.querySelector('#showing').textContent.startsWith('Showing {left:,} ')")
            times.append(await tab.script_seconds() - before)
        few = len(await rows_of(tab))
        await tab.evaluate("document.scrollingElement.scrollTo(0, 1e9)")
        await tab.wait_for(f"document.querySelectorAll('#table tbody tr').length > {few}")
        return times

    times = in_browser(tmp_path / "profile", steps)
    assert max(times) < 0.1, times
