"""The application on a terminal of its own: it starts, acts on a key, leaves the terminal as it was."""

import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from threading import Event, Thread

import pytest

import crmcli.tui.app
from tests.cli.workspace import ENVIRONMENT, Workspace
from tests.command import PROGRAM, environment
from tests.tui.driving import Driver, drive


@pytest.fixture
def screen(workspace: Workspace) -> Iterator["Screen"]:
    workspace.ok("org", "add", "Acme")
    workspace.ok("deal", "add", "Big", "--org", "O1")
    with Screen(workspace) as screen:
        yield screen


class Screen:
    """The application in a process on a terminal of its own; what it showed is waited for before a key is pressed."""

    def __init__(self, workspace: Workspace) -> None:
        self._env = environment(workspace.home, **ENVIRONMENT, CRMCLI_HOME=str(workspace.home), TERM="xterm")
        self.shown = b""

    def __enter__(self) -> "Screen":
        self._controller, self._terminal = pty.openpty()
        Thread(target=self._drain, daemon=True).start()
        return self

    def _drain(self) -> None:
        """Read all that comes, as a terminal does, or the program would wait for room."""
        with suppress(OSError):
            while part := os.read(self._controller, 65536):
                self.shown += part

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        argv = [sys.executable, "-c", PROGRAM, *words]
        end = self._terminal
        self._process = subprocess.Popen(argv, env=self._env, stdin=end, stdout=end, stderr=end)
        return self._process

    def wait_for(self, text: bytes) -> None:
        for _ in range(2400):
            if text in self.shown:
                return
            time.sleep(0.05)
        raise AssertionError(f"{text!r} is not shown in {self.shown[-2000:]!r}")

    def press(self, key: bytes) -> None:
        os.write(self._controller, key)

    def hang_up(self) -> None:
        """Go away, as a lost connection does; nobody is told, since the program is not the leader of a session."""
        os.close(self._terminal)
        os.close(self._controller)

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self.hang_up()
        self._process.kill()


@pytest.mark.parametrize("words", [("tui",), ("tui", "today"), ("tui", "tickets"), ("tui", "leads")])
def test_it_starts_and_leaves(screen: Screen, words: tuple[str, ...]) -> None:
    process = screen.start(*words)
    screen.wait_for(b"palette")
    assert b"\x1b[?1049h" in screen.shown, "it takes the other screen"
    while b"\x1b[?1049l" not in screen.shown and process.poll() is None:
        screen.press(b"q")  # a key that comes while the first screen is being made may be lost, as on any terminal
        time.sleep(2)
    assert process.wait(60) == 0
    assert b"\x1b[?1049l" in screen.shown, "and gives it back"


def test_it_is_refused_where_there_is_no_screen(workspace: Workspace) -> None:
    assert "terminal" in workspace.refused(2, "tui")
    code, said = workspace.at_terminal("tui", env={"TERM": "dumb"})
    assert (code, "terminal" in said) == (2, True)
    assert "nowhere" in workspace.refused(2, "tui", "nowhere")


def test_it_ends_when_its_terminal_is_gone_without_a_signal(screen: Screen) -> None:
    process = screen.start("tui")
    screen.wait_for(b"palette")
    screen.hang_up()
    assert process.wait(60) == 0


def test_it_ends_although_its_terminal_takes_nothing_any_more(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = Event()
    monkeypatch.setattr(crmcli.tui.app, "_LONGEST_S", 0)
    monkeypatch.setattr(crmcli.tui.app.os, "_exit", lambda code: left.set())

    async def story(user: Driver) -> None:
        user.app._end()
        assert left.wait(60)

    drive(workspace, story)


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_its_terminal_goes(workspace: Workspace, screen: Screen, number: signal.Signals) -> None:
    process = screen.start("tui", "board")
    screen.wait_for(b"Big")
    screen.wait_for(b"palette")
    screen.press(b"L")  # after a write that is done commands answer in peace, but a screen does not stay
    end = time.monotonic() + 120
    while workspace.json("deal", "show", "D1")["stage_ref"] == "potential":
        assert process.poll() is None
        assert time.monotonic() < end, screen.shown[-2000:]
    process.send_signal(number)
    assert process.wait(60) == 0
