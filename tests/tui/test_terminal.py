"""The application on a terminal of its own: it starts, acts on a key, leaves the terminal as it was."""

import os
import pty
import signal
import subprocess
import sys

import pytest

from tests.cli.workspace import ENVIRONMENT, Workspace
from tests.command import PROGRAM, environment


@pytest.mark.parametrize("words", [("tui",), ("tui", "tickets"), ("tui", "leads")])
def test_it_starts_and_leaves(workspace: Workspace, words: tuple[str, ...]) -> None:
    workspace.ok("org", "add", "Acme")
    workspace.ok("deal", "add", "Big", "--org", "O1")
    code, screen = workspace.at_terminal(*words, typed="q")
    assert code == 0
    assert "\x1b[?1049h" in screen, "it takes the other screen"
    assert "\x1b[?1049l" in screen.partition("\x1b[?1049h")[2], "and gives it back"


def test_it_is_refused_where_there_is_no_screen(workspace: Workspace) -> None:
    assert "terminal" in workspace.refused(2, "tui")
    code, said = workspace.at_terminal("tui", env={"TERM": "dumb"})
    assert (code, "terminal" in said) == (2, True)
    assert "nowhere" in workspace.refused(2, "tui", "nowhere")


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_it_ends_when_its_terminal_goes(workspace: Workspace, number: signal.Signals) -> None:
    workspace.ok("org", "add", "Acme")
    workspace.ok("deal", "add", "Big", "--org", "O1")
    controller, terminal = pty.openpty()
    env = environment(workspace.home, **ENVIRONMENT, CRMCLI_HOME=str(workspace.home), TERM="xterm")
    with subprocess.Popen([sys.executable, "-c", PROGRAM, "tui"], env=env, stdin=terminal, stdout=terminal) as process:
        shown = b""
        while b"Big" not in shown:
            shown += os.read(controller, 65536)
        os.write(controller, b"L")  # a write that is done lets commands answer in peace, but not a screen stay
        while b"1 deal to Negotiating" not in shown:
            shown += os.read(controller, 65536)
        process.send_signal(number)
        assert process.wait(60) == 0
    os.close(controller)
    os.close(terminal)
