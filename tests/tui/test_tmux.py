"""The application in a real terminal: keys are sent, the screen is captured, and the store shows what was done."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from shlex import join
from typing import Any

import pytest

from tests.cli.workspace import ENVIRONMENT, Workspace
from tests.command import PROGRAM, environment

TMUX = shutil.which("tmux")
pytestmark = pytest.mark.skipif(TMUX is None, reason="there is no tmux to be the terminal")
PATIENCE_S = 60


@pytest.fixture
def planned(workspace: Workspace) -> Workspace:
    def make() -> None:
        workspace.ok("org", "add", "Acme")
        workspace.ok("deal", "add", "Spring order", "--org", "O1", "--amount", "40k")
        workspace.ok("event", "add", "Workshop", "--start", "2026-03-18 15:00")

    return workspace.once(make)


class Terminal:
    """A tmux of its own, apart from any that runs on the machine, with the application in it."""

    def __init__(self, home: Path, socket: Path, size: tuple[int, int]) -> None:
        self._socket = socket
        env = environment(home, **{**ENVIRONMENT, "CRMCLI_HOME": str(home)})
        del env["COLUMNS"]  # the terminal says how wide it is
        given = [f"{name}={value}" for name, value in env.items()]
        program = join(["env", *given, sys.executable, "-c", PROGRAM, "tui", "board"])
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", str(size[0]), "-y", str(size[1]), program)

    def _tmux(self, *words: str) -> str:
        assert TMUX
        argv = [TMUX, "-S", str(self._socket), *words]
        return subprocess.run(argv, capture_output=True, text=True, check=True, timeout=PATIENCE_S).stdout

    def press(self, *keys: str) -> None:
        self._tmux("send-keys", *keys)

    def type(self, text: str) -> None:
        self._tmux("send-keys", "-l", text)

    def mouse(self, button: int, column: int, row: int, *, is_down: bool = True) -> None:
        """Send what a terminal sends of a mouse: ``button`` 0 is the left one, 32 more while it moves."""
        self.type(f"\x1b[<{button};{column + 1};{row + 1}{'M' if is_down else 'm'}")

    def screen(self) -> str:
        return self._tmux("capture-pane", "-p")

    def wait_for(self, text: str) -> None:
        self.place_of(text)

    def place_of(self, text: str) -> tuple[int, int]:
        """Return the column and row of a text, once it is on the screen."""
        found: list[tuple[int, int]] = []

        def look() -> bool:
            rows = enumerate(self.screen().splitlines())
            found.extend((line.index(text), row) for row, line in rows if text in line)
            return bool(found)

        wait_until(look, lambda: f"{text!r} is not on\n{self.screen()}")
        return found[0]

    def close(self) -> None:
        self._tmux("kill-server")


def wait_until(holds: Callable[[], bool], told: Callable[[], str]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, told()
        time.sleep(0.1)


@pytest.fixture(params=[(80, 24), (140, 45)], ids=["80x24", "140x45"])
def terminal(planned: Workspace, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Terminal]:
    terminal = Terminal(planned.home, tmp_path / "tmux", request.param)
    yield terminal
    terminal.close()


def test_a_deal_moves_and_comes_back_and_an_event_is_edited(planned: Workspace, terminal: Terminal) -> None:
    def stored(noun: str, ref: str, key: str, value: Any) -> None:
        def found() -> Any:
            return planned.json(noun, "show", ref)[key]

        wait_until(lambda: found() == value, lambda: f"{ref} has {key} {found()!r}\n{terminal.screen()}")

    terminal.wait_for("Spring order")
    terminal.press("L")
    stored("deal", "D1", "stage_ref", "negotiation")
    terminal.wait_for("1 deal to Negotiating")
    terminal.press("u")
    stored("deal", "D1", "stage_ref", "potential")
    terminal.wait_for("took back: crm deal move D1")

    target, _ = terminal.place_of("Negotiating  0")
    column, row = terminal.place_of("Spring order")
    terminal.mouse(0, column, row)
    terminal.mouse(32, target, row)
    terminal.wait_for("Spring order → Negotiating")
    terminal.mouse(0, target, row, is_down=False)
    stored("deal", "D1", "stage_ref", "negotiation")

    terminal.press("4")
    terminal.wait_for("March 2026")
    terminal.press("Tab", "e")
    terminal.wait_for("Ctrl-S: save")
    terminal.press("End")
    terminal.type(" in Rome")
    terminal.press("C-s")
    stored("event", "E1", "title", "Workshop in Rome")
    terminal.wait_for("Workshop in Rome")
    terminal.press("q")
