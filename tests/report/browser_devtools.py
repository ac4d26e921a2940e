"""A headless Chromium, driven over the DevTools protocol (chromedevtools.github.io/devtools-protocol)."""

import asyncio
import base64
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--remote-debugging-port=0",
)
PATIENCE = 30.0
"""Seconds that one step may take."""
KEYS = {"Tab": 9, "Enter": 13, " ": 32, "ArrowDown": 40}
"""Windows virtual-key codes, which the protocol asks for beside the names (UI Events, `keyCode`)."""

_MIDDLE = """(() => {
  const element = document.querySelector(SELECTOR);
  element.scrollIntoView({block: "center"});
  const {x, y, width, height} = element.getBoundingClientRect();
  return [x + width / 2, y + height / 2];
})()"""

T = TypeVar("T")


class DevToolsError(Exception):
    """The browser refused a command, or a script on the page threw."""


@dataclass
class Tab:
    """One page of the browser, and what the browser told of it."""

    browser: "Browser"
    session: str
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    async def call(self, method: str, **parameters: object) -> dict[str, Any]:
        """One command of the protocol."""
        return await self.browser.call(method, self.session, **parameters)

    async def open(self, address: str) -> None:
        """Load the address and wait until everything on the page has loaded."""
        for domain in ("Page", "Network", "Runtime", "Log"):
            await self.call(f"{domain}.enable")
        # By the processor's time, which other programs on the machine cannot lengthen.
        await self.call("Performance.enable", timeDomain="threadTicks")
        await self.call("Page.navigate", url=address)
        await self.until(lambda: "Page.loadEventFired" in [name for name, _ in self.events], "the page to load")

    async def until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait for something that the browser tells of."""
        for _ in range(int(PATIENCE * 50)):
            if holds():
                return
            await asyncio.sleep(0.02)
        raise TimeoutError(f"Waited {PATIENCE:g} s for {what}.")

    async def wait_for(self, expression: str) -> None:
        """Wait until an expression is true on the page."""
        for _ in range(int(PATIENCE * 50)):
            if await self.evaluate(expression):
                return
            await asyncio.sleep(0.02)
        raise TimeoutError(f"Waited {PATIENCE:g} s for {expression}.")

    async def evaluate(self, expression: str) -> Any:  # any JSON that the page may answer
        """The value of an expression on the page; a promise is awaited.

        Raises:
            DevToolsError: it threw.
        """
        found = await self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in found:
            raise DevToolsError(json.dumps(found["exceptionDetails"]))
        return found["result"].get("value")

    async def text(self, selector: str) -> str:
        """What a reader sees of an element."""
        return str(await self.evaluate(f"document.querySelector({json.dumps(selector)}).innerText"))

    async def click(self, selector: str) -> None:
        """A real click into the middle of the element, which is scrolled into sight first."""
        place = await self.evaluate(_MIDDLE.replace("SELECTOR", json.dumps(selector)))
        for kind in ("mousePressed", "mouseReleased"):
            await self.call("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)

    async def press(self, key: str, *, shift: bool = False) -> None:
        """One key, down and up."""
        code = KEYS.get(key, 0)
        text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
        parameters = {"key": key, "windowsVirtualKeyCode": code, "modifiers": 8 if shift else 0}
        down = "keyDown" if text else "rawKeyDown"
        await self.call("Input.dispatchKeyEvent", type=down, **parameters, **({"text": text} if text else {}))
        await self.call("Input.dispatchKeyEvent", type="keyUp", **parameters)

    async def type(self, text: str) -> None:
        """Each letter as a key of its own."""
        for letter in text:
            await self.press(letter)

    async def size(self, width: int, height: int, *, dark: bool = False) -> None:
        """A screen so wide, in pixels, whose owner likes it light or dark."""
        await self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.call("Emulation.setEmulatedMedia", media="", features=[scheme])

    async def screenshot(self, path: Path) -> None:
        """What is on the screen, as PNG."""
        shot = await self.call("Page.captureScreenshot", format="png")
        await asyncio.to_thread(path.write_bytes, base64.b64decode(shot["data"]))

    async def script_seconds(self) -> float:
        """The processor time that scripts have taken so far, as the browser measures it."""
        metrics = (await self.call("Performance.getMetrics"))["metrics"]
        return float(next(metric["value"] for metric in metrics if metric["name"] == "ScriptDuration"))

    def requested(self) -> list[str]:
        """Every address that the page asked for."""
        return [event["request"]["url"] for name, event in self.events if name == "Network.requestWillBeSent"]


class Browser:
    """The connection to a running browser."""

    def __init__(self, connection: aiohttp.ClientWebSocketResponse) -> None:
        self._connection = connection
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._tabs: dict[str, Tab] = {}

    async def call(self, method: str, session: str = "", **parameters: object) -> dict[str, Any]:
        """One command and its answer.

        Raises:
            DevToolsError: the browser refused it.
        """
        number = len(self._answers) + 1
        self._answers[number] = asyncio.get_running_loop().create_future()
        command = {"id": number, "method": method, "params": parameters}
        await self._connection.send_json(command | ({"sessionId": session} if session else {}))
        answer = await asyncio.wait_for(self._answers[number], PATIENCE)
        if "error" in answer:
            raise DevToolsError(f"{method}: {answer['error']}")
        result: dict[str, Any] = answer["result"]
        return result

    async def new_tab(self) -> Tab:
        """An empty page."""
        target = await self.call("Target.createTarget", url="about:blank")
        attached = await self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        tab = Tab(self, attached["sessionId"])
        self._tabs[tab.session] = tab
        return tab

    async def listen(self) -> None:
        """Take what the browser says to whom it is for, until it hangs up."""
        async for message in self._connection:
            told = json.loads(message.data)
            if "id" in told:
                self._answers[told["id"]].set_result(told)
            elif told.get("sessionId") in self._tabs:
                self._tabs[told["sessionId"]].events.append((told["method"], told["params"]))


@asynccontextmanager
async def _running(profile: Path) -> AsyncIterator[Browser]:
    """A browser with a profile of its own, which is gone at the end."""
    assert BROWSER
    process = await asyncio.create_subprocess_exec(
        BROWSER,
        *FLAGS,
        f"--user-data-dir={profile}",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        address = await _address(profile / "DevToolsActivePort")
        async with aiohttp.ClientSession() as session, session.ws_connect(address, max_msg_size=0) as connection:
            browser = Browser(connection)
            listening = asyncio.create_task(browser.listen())
            yield browser
            await browser.call("Browser.close")
            await asyncio.wait_for(listening, PATIENCE)
    finally:
        # A browser that was told to close may be gone by now.
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _address(told: Path) -> str:
    """Where the browser listens, once it has written it down."""
    for _ in range(int(PATIENCE * 20)):
        lines = await asyncio.to_thread(_lines, told)
        if len(lines) == 2:
            return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
        await asyncio.sleep(0.05)
    raise TimeoutError("The browser did not start.")


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def in_browser(profile: Path, steps: Callable[[Tab], Awaitable[T]]) -> T:
    """What the steps return that are taken in a fresh tab of a fresh browser."""

    async def run() -> T:
        async with _running(profile) as browser:
            return await steps(await browser.new_tab())

    return asyncio.run(run())
