"""The application on a terminal of its own: it starts, acts on a key, leaves the terminal as it was."""

import pytest

from tests.cli.workspace import Workspace


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
