"""What a reader finds on the page in a real browser: by host, by words, and where the page has a part of the file."""

from dataclasses import replace
from pathlib import Path

import pytest

from importer.models import ProblemCode, Status
from importer.problems import problem
from importer.report import page
from tests.report.browser_devtools import Tab, in_browser
from tests.report.browser_pages import NEEDS_BROWSER, on_legacy_host, page_file, pictured
from tests.report.report_samples import troubled, uploaded
from tests.report.test_report_browser import rows_of

pytestmark = NEEDS_BROWSER


def test_the_rows_of_a_host_to_write_to_are_those_of_its_own_trouble(tmp_path: Path) -> None:
    """As many as its card says: a wrong SKU on the same host is nothing that its people could mend."""
    unknown = problem(ProblemCode.SKU_UNKNOWN)
    elsewhere = replace(on_legacy_host(2), status=Status.REJECTED, problem=unknown, finding=None)
    outcomes = [elsewhere, on_legacy_host(3), uploaded(4), on_legacy_host(5, "other.example")]
    address = page_file(tmp_path, outcomes)

    async def steps(tab: Tab) -> None:
        await tab.open(address)
        await tab.click("button.show[data-host]")
        assert await rows_of(tab) == [3]
        assert await tab.evaluate("document.querySelector('#status').value") == "blamed"
        chosen = "document.querySelector('#status').selectedOptions[0].text"
        assert await tab.evaluate(chosen) == "With a problem at the host (2)"
        await tab.evaluate("document.querySelector('#host').value = ''")
        await tab.evaluate("document.querySelector('#host').dispatchEvent(new Event('change'))")
        assert await rows_of(tab) == [3, 5]

    in_browser(tmp_path / "profile", steps)


def test_our_own_words_on_the_pictures_are_not_searched_and_cells_stay_apart(tmp_path: Path) -> None:
    """The link to the picture in the store is in every row."""
    address = page_file(tmp_path, [pictured(2, "https://cdn.shop.example"), uploaded(3, sku="STORE-7")])

    async def steps(tab: Tab) -> None:
        await tab.open(address)
        await tab.click("#search")
        await tab.type("store")
        await tab.wait_for("document.querySelector('#showing').textContent === 'Showing 1 of 2 rows'")
        assert await rows_of(tab) == [3]
        await tab.evaluate("document.querySelector('#again').click()")
        await tab.type("7id")
        await tab.wait_for("!document.querySelector('#nothing').hidden")

    in_browser(tmp_path / "profile", steps)


def test_who_copies_row_numbers_from_a_part_of_the_file_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "MOST_ROWS", 3)
    address = page_file(tmp_path, [troubled(row, ProblemCode.SKU_UNKNOWN) for row in range(2, 1_502)])

    async def steps(tab: Tab) -> None:
        await tab.browser.call(
            "Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"]
        )
        await tab.open(address)
        await tab.click("button.show[data-code]")
        shown = await tab.text("#showing")
        assert shown == "Showing 3 of the 3 rows on this page; the file has 1,500"
        await tab.click("#copy-numbers")
        await tab.wait_for("document.querySelector('#said').textContent.startsWith('3 row numbers are copied.')")
        assert (await tab.text("#said")).endswith("not among them; results.xlsx has all.")

    in_browser(tmp_path / "profile", steps)
