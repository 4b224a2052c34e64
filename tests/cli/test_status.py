import pytest

from tests.cli.workspace import Workspace


@pytest.fixture
def busy(workspace: Workspace) -> Workspace:
    workspace.ok("org", "add", "Acme")
    workspace.ok("deal", "add", "Support", "--org", "O1", "--amount", "12k", "--expected-close", "2026-03-20")
    workspace.ok("task", "add", "Call", "--due", "today")
    workspace.ok("event", "add", "Demo", "--start", "today 15:00")
    workspace.ok("ticket", "open", "Help")
    workspace.ok("lead", "add", "Anna Rossi")
    return workspace


def test_the_screen_shows_what_there_is(busy: Workspace) -> None:
    code, screen = busy.at_terminal("status", "--no-pager")
    assert code == 0
    assert screen.startswith("Wednesday 18 March 2026  anna\n")
    for words in ("Due today and overdue", "T1", "E1", "Open deals", "€12,000.00", "D1", "L1", "K1"):
        assert words in screen


def test_the_object_has_every_part(busy: Workspace) -> None:
    parts = busy.json("status")
    assert list(parts) == ["tasks", "events", "open_deals", "closing", "new_leads", "open_tickets"]
    assert [len(rows) for rows in parts.values()] == [1, 1, 1, 1, 1, 1]


def test_lines_name_their_part(busy: Workspace) -> None:
    lines = [line.split("\t")[:2] for line in busy.ok("status").splitlines()]
    assert lines[0] == ["tasks", "T1"]
    assert ["open_tickets", "K1"] in lines


def test_an_empty_day(workspace: Workspace) -> None:
    assert workspace.ok("status") == ""
    assert "nothing is due" in workspace.at_terminal("status", "--no-pager")[1]


def test_other_formats_are_refused(workspace: Workspace) -> None:
    assert "table, tsv or json" in workspace.refused(2, "status", "-o", "csv")
