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
PROMPT = "ready:"
WHOLE = ("Sales  1 deal", "Potential  1", "Spring order", "Filter", "palette")


@pytest.fixture
def planned(workspace: Workspace) -> Workspace:
    def make() -> None:
        workspace.ok("org", "add", "Acme")
        workspace.ok("deal", "add", "Spring order", "--org", "O1", "--amount", "40k")
        workspace.ok("event", "add", "Workshop", "--start", "2026-03-18 15:00")

    return workspace.once(make)


class Terminal:
    """A tmux of its own, apart from any that runs on the machine, with a shell in which the application was started."""

    def __init__(self, home: Path, socket: Path, size: tuple[int, int]) -> None:
        self._socket = socket
        env = environment(home, **{**ENVIRONMENT, "CRMCLI_HOME": str(home)})
        del env["COLUMNS"]  # the terminal says how wide it is
        given = [f"{name}={value}" for name, value in env.items()]
        program = socket.with_name("board.sh")
        program.write_text(
            f"exec {join(['env', *given, sys.executable, '-c', PROGRAM, 'tui', 'board'])}\n", encoding="utf-8"
        )
        shell = join(["env", "-i", f"PATH={env['PATH']}", "TERM=screen-256color", f"PS1={PROMPT}", "sh", "-i"])
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", str(size[0]), "-y", str(size[1]), shell)
        self.wait_for(PROMPT)
        self.tell(f"sh {program}")

    def _tmux(self, *words: str) -> str:
        assert TMUX
        argv = [TMUX, "-S", str(self._socket), *words]
        return subprocess.run(argv, capture_output=True, text=True, check=True, timeout=PATIENCE_S).stdout

    def press(self, *keys: str) -> None:
        self._tmux("send-keys", *keys)

    def tell(self, command: str) -> None:
        """Type a command for the shell."""
        self.type(command)
        self.press("Enter")

    def type(self, text: str) -> None:
        self._tmux("send-keys", "-l", text)

    def mouse(self, button: int, column: int, row: int, *, is_down: bool = True) -> None:
        """Send what a terminal sends of a mouse: ``button`` 0 is the left one, 32 more while it moves."""
        self.type(f"\x1b[<{button};{column + 1};{row + 1}{'M' if is_down else 'm'}")

    def screen(self) -> str:
        return self._tmux("capture-pane", "-p")

    def wait_for(self, text: str) -> None:
        self.place_of(text)

    def place_of(self, text: str, before: int = 1000) -> tuple[int, int]:
        """Return the column and row of a text, once it is on the screen, left of the column ``before``."""
        found: list[tuple[int, int]] = []

        def look() -> bool:
            rows = enumerate(self.screen().splitlines())
            found.extend((line.index(text), row) for row, line in rows if text in line[:before])
            return bool(found)

        wait_until(look, lambda: f"{text!r} is not on\n{self.screen()}")
        return found[0]

    def wait_for_shell(self) -> None:
        """Wait until the screen is the shell's again, with a prompt at its end."""

        def is_back() -> bool:
            lines = self.screen().rstrip().splitlines()
            return bool(lines) and lines[-1].strip() == PROMPT and "palette" not in self.screen()

        wait_until(is_back, self.screen)

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
    terminal.wait_for("Negotiating  1")  # what stays, since what is told in the corner fades
    terminal.press("u")
    stored("deal", "D1", "stage_ref", "potential")
    terminal.wait_for("Potential  1")
    target, _ = terminal.place_of("Negotiating  0")
    column, row = terminal.place_of("Spring order", before=target)
    terminal.mouse(0, column, row)
    terminal.mouse(32, target, row)
    terminal.wait_for("Spring order → Negotiating")
    terminal.mouse(0, target, row, is_down=False)
    stored("deal", "D1", "stage_ref", "negotiation")

    terminal.press("4")
    terminal.wait_for("March 2026")
    terminal.press("Tab", "e")
    terminal.wait_for("Enter: next")
    terminal.press("End")
    terminal.type(" in Rome")
    terminal.press("C-s")
    stored("event", "E1", "title", "Workshop in Rome")
    terminal.wait_for("Workshop in Rome")
    terminal.press("q")
    terminal.wait_for_shell()


def test_it_is_put_aside_and_comes_back_whole(planned: Workspace, terminal: Terminal) -> None:
    terminal.wait_for("Spring order")
    terminal.press("C-z")
    terminal.wait_for_shell()
    terminal.tell("echo it is $((40 + 2))")
    terminal.wait_for("it is 42")
    terminal.tell("fg")
    wait_until(lambda: all(text in terminal.screen() for text in WHOLE), terminal.screen)
    assert "it is 42" not in terminal.screen()
    terminal.press("L")
    terminal.wait_for("Negotiating  1")
    assert planned.json("deal", "show", "D1")["stage_ref"] == "negotiation"
    terminal.press("q")
    terminal.wait_for_shell()
