"""A headless Chromium for tests: opens one page, and tells what it asked for and what it looks like."""

import asyncio
import base64
import json
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

CHROMIUM = shutil.which("chromium")
_OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--enable-unsafe-swiftshader", "--window-size=1280,800", "--remote-debugging-port=0",
)  # fmt: skip
PATIENCE_S = 60


class Page:
    """A page, driven through the DevTools protocol of the browser."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._last = 0
        self.asked: list[str] = []

    async def call(self, method: str, **parameters: Any) -> Any:
        """Call a method of the protocol and return its result."""
        self._last += 1
        await self._socket.send_json({"id": self._last, "method": method, "params": parameters})
        while True:
            message = await self._socket.receive_json(timeout=PATIENCE_S)
            if message.get("method") in ("Network.requestWillBeSent", "Network.webSocketCreated"):
                told = message["params"]
                self.asked.append(told["url"] if "url" in told else told["request"]["url"])
            if message.get("id") == self._last:
                return message["result"]

    async def open(self, link: str) -> None:
        await self.call("Network.enable")
        await self.call("Page.navigate", url=link)

    async def value(self, script: str) -> Any:
        """Return what a piece of JavaScript comes to."""
        return (await self.call("Runtime.evaluate", expression=script))["result"].get("value")

    async def wait_for(self, script: str) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not await self.value(script):
                await asyncio.sleep(0.1)

    async def press(self, key: str) -> None:
        await self.call("Input.dispatchKeyEvent", type="keyDown", key=key, text=key)
        await self.call("Input.dispatchKeyEvent", type="keyUp", key=key)

    async def screenshot(self, file: Path) -> None:
        file.write_bytes(base64.b64decode((await self.call("Page.captureScreenshot"))["data"]))


@asynccontextmanager
async def page(home: Path) -> AsyncIterator[Page]:
    """Start a browser with a folder of its own, and open an empty page."""
    assert CHROMIUM
    argv = [CHROMIUM, *_OPTIONS, f"--user-data-dir={home}", "about:blank"]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            port = await _port(home / "DevToolsActivePort")
            async with aiohttp.ClientSession() as client, client.get(f"http://127.0.0.1:{port}/json") as answer:
                pages = json.loads(await answer.text())
                address = next(one["webSocketDebuggerUrl"] for one in pages if one["type"] == "page")
                async with client.ws_connect(address, max_msg_size=0) as socket:
                    yield Page(socket)
        finally:
            process.terminate()


async def _port(file: Path) -> str:
    """Return the port that a starting browser writes into a file."""
    async with asyncio.timeout(PATIENCE_S):
        while not (file.exists() and file.read_text(encoding="utf-8").strip()):
            await asyncio.sleep(0.1)
    return file.read_text(encoding="utf-8").splitlines()[0]
