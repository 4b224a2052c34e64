"""The screen in a browser: who has the link sees and works, nobody else gets anything."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import pytest

from tests.cli.workspace import ENVIRONMENT, Workspace
from tests.command import PROGRAM, environment
from tests.tui.chromium import CHROMIUM, page

PATIENCE_S = 60
OTHERS = ("", "/", "/ws", "/static/js/textual.js", "/download/x", "/x/", "/%00/", "/{token}x/", "/{part}/ws")


class Served(NamedTuple):
    """A running server, and the link that it printed."""

    process: subprocess.Popen[str]
    link: str

    @property
    def root(self) -> str:
        return self.link.rsplit("/", 2)[0]

    @property
    def token(self) -> str:
        return self.link.rsplit("/", 2)[1]

    @property
    def socket(self) -> str:
        return f"{self.link}ws?width=80&height=24"


@pytest.fixture
def served(workspace: Workspace) -> Iterator[Served]:
    workspace.ok("org", "add", "Acme")
    workspace.ok("deal", "add", "Spring order", "--org", "O1", "--amount", "40k")
    argv = [sys.executable, "-c", PROGRAM, "tui", "board", "--serve"]
    env = environment(workspace.home, **{**ENVIRONMENT, "CRMCLI_HOME": str(workspace.home)})
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background has it ignored
    with subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        signal.signal(signal.SIGINT, before)
        assert process.stdout
        yield Served(process, process.stdout.readline().strip())
        process.terminate()


def ask(story: Callable[[aiohttp.ClientSession], Any]) -> Any:
    async def run() -> Any:
        async with aiohttp.ClientSession() as client:
            return await story(client)

    return asyncio.run(run())


def code_of(address: str, **headers: str) -> int:
    async def story(client: aiohttp.ClientSession) -> int:
        async with client.get(address, headers=headers) as answer:
            return answer.status

    return int(ask(story))


def children(process: subprocess.Popen[str]) -> list[int]:
    file = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(one) for one in file.read_text(encoding="utf-8").split()]


def gone(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z"


def wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_without_the_token_there_is_nothing(served: Served) -> None:
    assert served.link.startswith("http://127.0.0.1:")
    assert len(served.token) >= 43, "256 random bits"
    for path in OTHERS:
        assert code_of(served.root + path.format(token=served.token, part=served.token[:-1])) == 403, path
    assert code_of(f"{served.root}/ws", Connection="Upgrade", Upgrade="websocket") == 403
    assert code_of(served.link, Origin="http://127.0.0.1:1") == 403, "a page of another server"
    assert code_of(f"{served.link}ws") == 400, "no way for what is no WebSocket"
    assert children(served.process) == [], "nothing was started"


def test_no_connection_without_the_token_nor_for_other_pages(served: Served) -> None:
    async def story(client: aiohttp.ClientSession) -> None:
        for address, origin in ((f"{served.root}/ws", served.root), (served.socket, "http://localhost:1")):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await client.ws_connect(address, origin=origin)
            assert refused.value.status == 403

    ask(story)
    assert children(served.process) == []


def test_the_page_needs_nothing_from_elsewhere(served: Served) -> None:
    async def story(client: aiohttp.ClientSession) -> tuple[str, Any]:
        async with client.get(served.link) as answer:
            return await answer.text(), answer.headers

    text, headers = ask(story)
    assert "http" not in text.replace(served.socket.split("?")[0].replace("http", "ws"), "")
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    for name in ("css/xterm.css", "js/textual.js", "fonts/RobotoMono-VariableFont_wght.ttf", "../page.js"):
        path = f"static/{name}".replace("static/../", "")
        assert path in text
        assert code_of(served.link + path) == 200


async def shown(socket: aiohttp.ClientWebSocketResponse, text: str) -> None:
    """Wait until the page was sent a text, whatever moves of the cursor and colours stand between its letters."""
    seen = b""
    async with asyncio.timeout(PATIENCE_S):
        while text not in re.sub(r"\x1b\[[\d;?]*[A-Za-z]|\n", "", seen.decode(errors="replace")):
            message = await socket.receive()
            assert isinstance(message.data, bytes), message
            seen += message.data


def test_keys_act_on_the_store_and_the_program_ends_with_the_page(workspace: Workspace, served: Served) -> None:
    started: list[int] = []

    async def story(client: aiohttp.ClientSession) -> None:
        async with client.ws_connect(served.socket, origin=served.root) as socket:
            await shown(socket, "Spring order")
            started.extend(children(served.process))
            await socket.send_json(["stdin", "L"])
            await shown(socket, "1 deal to Negotiating")
            await asyncio.sleep(2.5)  # longer than it looks whether its terminal is there
            await socket.send_json(["stdin", "u"])
            await shown(socket, "took back")

    ask(story)
    assert len(started) == 1
    wait_until(lambda: gone(started[0]))
    assert workspace.json("deal", "show", "D1")["stage_ref"] == "potential"


def test_the_token_is_in_no_argument(served: Served) -> None:
    async def story(client: aiohttp.ClientSession) -> None:
        async with client.ws_connect(served.socket) as socket:
            await shown(socket, "Spring order")
            for pid in (served.process.pid, *children(served.process)):
                for name in ("cmdline", "environ"):
                    assert served.token.encode() not in Path(f"/proc/{pid}/{name}").read_bytes()

    ask(story)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_when_the_server_ends_so_does_what_it_started(served: Served, number: signal.Signals) -> None:
    started: list[int] = []

    async def story(client: aiohttp.ClientSession) -> None:
        async with asyncio.timeout(2 * PATIENCE_S), client.ws_connect(served.socket) as socket:
            await shown(socket, "Spring order")
            started.extend(children(served.process))
            served.process.send_signal(number)
            while not (await socket.receive(timeout=PATIENCE_S)).type.name.startswith("CLOS"):
                pass

    ask(story)
    assert served.process.wait(PATIENCE_S) == (-number if number == signal.SIGKILL else 0)
    for pid in started:
        wait_until(lambda pid=pid: gone(pid))  # type: ignore[misc] # bound now


def test_a_port_that_is_taken_is_told(workspace: Workspace, served: Served) -> None:
    port = served.root.rpartition(":")[2]
    assert f"port {port} cannot be had" in workspace.refused(1, "tui", "--serve", "--port", port)


def test_a_port_is_only_for_a_server(workspace: Workspace) -> None:
    assert "--serve" in workspace.refused(2, "tui", "--port", "8000")


def test_without_the_extra_it_is_said_how_to_get_it(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "crmcli.tui.serving.server", raising=False)
    monkeypatch.setitem(sys.modules, "textual_serve.server", None)
    told = workspace.refused(2, "tui", "--serve")
    assert told.splitlines() == [
        "crm: showing it in a browser needs an extra part",
        "  hint: pip install 'crmcli[serve]'",
    ]


@pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium to open the page")
def test_a_browser_shows_it_and_its_keys_work(workspace: Workspace, served: Served, tmp_path: Path) -> None:
    def stage() -> str:
        return str(workspace.json("deal", "show", "D1")["stage_ref"])

    async def story() -> list[str]:
        async with asyncio.timeout(2 * PATIENCE_S), page(tmp_path / "chromium") as opened:
            await opened.open(served.link)
            await opened.wait_for("document.body.classList.contains('-first-byte')")
            await opened.wait_for("document.fonts.check('16px \"Roboto Mono\"')")
            await opened.wait_for("document.activeElement.className.includes('xterm')")
            while stage() == "potential":  # a key that comes before the first cards does nothing
                await opened.press("L")
                await asyncio.sleep(2)
            picture = tmp_path / "page.png"
            await opened.screenshot(picture)
            assert picture.stat().st_size > 20_000, "a blank page has about 5 kB"
            if keep := os.environ.get("CRMCLI_TEST_PICTURE"):  # to look at it
                Path(keep).write_bytes(picture.read_bytes())
            await opened.press("q")
            await opened.wait_for("document.body.classList.contains('-closed')")
            return opened.asked

    asked = asyncio.run(story())
    assert len(asked) > 4
    assert all(address.startswith((served.link, served.link.replace("http", "ws", 1), "data:")) for address in asked)
