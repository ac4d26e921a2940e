"""The page in a real browser, looked at: small and large, light and dark, on paper, without script, with pictures."""

import asyncio
import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from PIL import Image

from importer.models import RunInfo
from tests.report.browser_devtools import Tab, in_browser
from tests.report.browser_pages import BUSY, NEEDS_BROWSER, axe_core, everything, page_file, pictured
from tests.report.report_samples import RUN, uploaded

pytestmark = NEEDS_BROWSER

PHONE, DESKTOP = (390, 844), (1280, 900)
SCREENS = pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
SCHEMES = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
OPEN_ALL = "document.querySelectorAll('details').forEach(part => { part.open = true; })"


@SCREENS
@SCHEMES
def test_nothing_overflows_and_the_colours_follow_the_reader_s(
    tmp_path: Path, size: tuple[int, int], dark: bool
) -> None:
    """Not even words of five hundred letters widen the page; its ground is light or dark, its words the opposite."""
    address = page_file(tmp_path, everything())

    async def steps(tab: Tab) -> None:
        await tab.size(*size, dark=dark)
        await tab.open(address)
        await tab.evaluate(OPEN_ALL)
        assert await tab.evaluate("document.scrollingElement.scrollWidth") <= size[0]
        for place in ("header", "[aria-labelledby=pace-title]", "#rows"):
            await tab.evaluate(f"document.querySelector({json.dumps(place)}).scrollIntoView()")
            await tab.screenshot(tmp_path / "screen.png")
            with Image.open(tmp_path / "screen.png") as shot:
                grey = shot.convert("L")
            assert grey.size == size
            ground = max(range(256), key=grey.histogram().__getitem__)
            assert ground < 60 if dark else ground > 220
            darkest, brightest = grey.getextrema()
            assert brightest > 200, "there are light words on the dark ground"  # type: ignore[operator]  # one band
            assert darkest < 60, "there are dark words on the light ground"  # type: ignore[operator]  # one band

    in_browser(tmp_path / "profile", steps)


@SCREENS
@SCHEMES
def test_axe_finds_nothing_that_keeps_people_out(tmp_path: Path, size: tuple[int, int], dark: bool) -> None:
    """Contrast, names, roles, order: no finding of impact serious or critical, with all parts of the page open."""
    source = axe_core()
    address = page_file(tmp_path, everything())

    async def steps(tab: Tab) -> list[dict[str, Any]]:
        await tab.size(*size, dark=dark)
        await tab.call("Page.enable")
        await tab.call("Page.setBypassCSP", enabled=True)
        await tab.open(address)
        await tab.evaluate(OPEN_ALL)
        await tab.evaluate(f"{source};0")
        found: list[dict[str, Any]] = await tab.evaluate("axe.run(document).then(found => found.violations)")
        return found

    violations = in_browser(tmp_path / "profile", steps)
    grave = [
        (one["id"], one["impact"], [node["html"][:120] for node in one["nodes"]][:5])
        for one in violations
        if one["impact"] in {"serious", "critical"}
    ]
    assert grave == []


def test_the_printed_page_has_every_row_and_every_letter(tmp_path: Path) -> None:
    """All that match, and what is folded away on the screen; afterwards the screen is as it was."""
    address = page_file(tmp_path, [*everything(), *(uploaded(row) for row in range(1000, 2000))])
    seen = (
        "addEventListener('beforeprint', () => { window.seen = [document.querySelectorAll('#table tbody tr').length,"
        "document.querySelectorAll('details:not([open])').length]; })"
    )
    state = "[document.querySelectorAll('#table tbody tr').length, document.querySelectorAll('details[open]').length]"

    async def steps(tab: Tab) -> None:
        await tab.open(address)
        await tab.evaluate(seen)
        before = await tab.evaluate(state)
        await tab.call("Page.printToPDF")
        await tab.wait_for("window.seen")
        assert await tab.evaluate("window.seen") == [1000 + len(everything()), 0]
        await tab.wait_for(f"JSON.stringify({state}) === {json.dumps(json.dumps(before, separators=(',', ':')))}")

    in_browser(tmp_path / "profile", steps)


def test_without_script_every_row_and_letter_can_be_read(tmp_path: Path) -> None:
    """And nothing is there that would do nothing."""
    outcomes = everything()
    address = page_file(tmp_path, outcomes)
    in_sight = "Array.from(document.querySelectorAll('SELECTOR')).filter(one => one.checkVisibility()).length"

    async def steps(tab: Tab) -> None:
        await tab.call("Emulation.setScriptExecutionDisabled", value=True)
        await tab.open(address)
        assert await tab.evaluate(in_sight.replace("SELECTOR", "#table tbody tr")) == len(outcomes)
        assert await tab.evaluate(in_sight.replace("SELECTOR", "button, input, select, textarea")) == 0
        await tab.click(".fold summary")
        await tab.click("details.letter summary")
        assert (await tab.text("details.letter pre")).endswith("Thank you")

    in_browser(tmp_path / "profile", steps)


async def picture_host(asked: list[str]) -> tuple[web.AppRunner, str]:
    """A server of pictures that remembers what it was asked for, with the referring page if told; and its address."""
    stream = BytesIO()
    Image.new("RGB", (8, 8), "teal").save(stream, "PNG")

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path + request.headers.get("Referer", ""))
        return web.Response(body=stream.getvalue(), content_type="image/png")

    app = web.Application()
    app.router.add_get("/{tail:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"


def test_pictures_are_loaded_when_the_reader_asks_and_where_the_reader_looks(tmp_path: Path) -> None:
    """None before; one for one row; then those in sight and not those far below; none any more when hidden."""

    async def steps(tab: Tab) -> None:
        asked: list[str] = []
        runner, server = await picture_host(asked)
        await tab.size(*DESKTOP)
        await tab.open(page_file(tmp_path, [pictured(row, server) for row in range(2, 152)]))
        await tab.evaluate("document.scrollingElement.scrollTo(0, 1e9)")
        await asyncio.sleep(0.3)
        assert asked == []
        await tab.click("#table tbody tr:nth-child(1) button.open")
        await tab.wait_for("document.querySelector('#table img').naturalWidth === 8")
        assert asked == ["/small/2.jpg"]
        await tab.click("#pictures")
        await tab.wait_for("document.querySelectorAll('#table img').length === 150")
        await tab.until(lambda: "/small/3.jpg" in asked, "the pictures in sight")
        await asyncio.sleep(0.3)
        assert "/small/151.jpg" not in asked
        assert await tab.evaluate("document.querySelector('#table img').referrerPolicy") == "no-referrer"
        assert await tab.evaluate("document.querySelector('#table img').alt") == "The picture in the store for row 2"
        await tab.click("#pictures")
        assert await tab.evaluate("document.querySelectorAll('#table img').length") == 0
        await runner.cleanup()

    in_browser(tmp_path / "profile", steps)


@pytest.mark.parametrize("run", [RUN, BUSY], ids=["no pace", "pace"])
def test_the_pace_is_drawn_as_wide_as_its_place(tmp_path: Path, run: RunInfo) -> None:
    """Bars in the plot's colour, where there is one; its labels are as large on a phone as the words around it."""
    address = page_file(tmp_path, [uploaded(2)], run)

    async def steps(tab: Tab) -> None:
        await tab.size(*PHONE)
        await tab.open(address)
        assert await tab.evaluate("document.querySelectorAll('.drawing rect').length") == (30 if run is BUSY else 0)
        if run is BUSY:
            size = "document.querySelector('.axes text').getBoundingClientRect().height"
            assert await tab.evaluate(size) >= 11
            assert await tab.evaluate("document.querySelector('.drawing').getBoundingClientRect().width") > 200

    in_browser(tmp_path / "profile", steps)
