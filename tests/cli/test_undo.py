import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from crmcli.cli.registry import LOG_KINDS
from crmcli.output import progress
from tests.cli.workspace import Workspace

WRITES = (  # every verb that writes activities and tickets
    ["task", "add", "Write", "--for", "C1"],
    ["task", "edit", "T1", "--due", "+3d", "--rm-for", "C1"],
    ["task", "done", "T1", "--note", "Fine"],
    ["task", "snooze", "T1", "+3d"],
    ["task", "cancel", "T1"],
    ["task", "rm", "T1", "--yes"],
    ["event", "add", "Talk", "--start", "tomorrow 9:00", "--for", "C1", "--attendee", "C1"],
    ["event", "edit", "E1", "--start", "2026-04-01T10:00"],
    ["event", "rm", "E1", "--yes"],
    *(["log", kind, "Words", "--with", "C1"] for kind in LOG_KINDS),
    ["log", "edit", "A1", "--subject", "Habits"],
    ["log", "rm", "A1", "--yes"],
    ["ticket", "open", "Help", "--contact", "C1", "--comment", "We look"],
    ["ticket", "edit", "K1", "--priority", "urgent"],
    ["ticket", "reply", "K1", "Try again"],
    ["ticket", "reply", "K1", "Still fails", "--by-contact"],
    ["ticket", "reply", "K2", "Again", "--by-contact"],
    ["ticket", "note", "K1", "Hm"],
    ["ticket", "assign", "K1", "--to", "me"],
    ["ticket", "resolve", "K1", "--code", "fixed"],
    ["ticket", "close", "K1", "--code", "fixed"],
    ["ticket", "rm", "K1", "--yes"],
    ["ticket", "reopen", "K3"],
)


@pytest.fixture
def busy(workspace: Workspace) -> Workspace:
    def make() -> None:
        workspace.ok("contact", "add", "Anna Rossi", "--email", "anna@example.com")
        workspace.ok("task", "add", "Call", "--for", "C1", "--due", "tomorrow 9:00")
        workspace.ok("event", "add", "Demo", "--start", "tomorrow 15:00", "--for", "C1")
        workspace.ok("log", "note", "Prefers the morning", "--with", "C1")
        workspace.ok("ticket", "open", "Cannot log in", "--contact", "C1")
        workspace.ok("ticket", "open", "Cannot get in")
        workspace.ok("ticket", "close", "K2", "--code", "fixed")
        workspace.ok("ticket", "open", "Cannot get out")
        workspace.ok("ticket", "resolve", "K3", "--code", "answered")

    return workspace.once(make)


@pytest.mark.parametrize("words", WRITES, ids=" ".join)
def test_undo_and_redo_are_exact(busy: Workspace, words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    before = busy.ok("export", "all")
    monkeypatch.setenv("CRMCLI_NOW", "2026-03-18T12:30:00+01:00")
    busy.ok(*words)
    after = busy.ok("export", "all")
    assert after != before
    monkeypatch.setenv("CRMCLI_NOW", "2026-03-18T12:40:00+01:00")
    busy.ok("undo", "--yes")
    assert busy.ok("export", "all") == before
    assert busy.ok("check") == ""
    busy.ok("redo", "--yes")
    assert busy.ok("export", "all") == after
    assert busy.ok("check") == ""


def test_several_steps_go_back_and_come_again(workspace: Workspace) -> None:
    states = [workspace.ok("export", "all")]
    for name in ("Acme", "Beta", "Gamma"):
        workspace.ok("org", "add", name)
        states.append(workspace.ok("export", "all"))
    done = workspace.crm("undo", "2", "--yes")
    assert [line.split("\t")[3] for line in done.out.splitlines()] == ["crm org add …", "crm org add …"]
    assert workspace.ok("export", "all") == states[1]
    workspace.ok("undo", "--yes")
    assert workspace.ok("export", "all") == states[0]
    workspace.ok("redo", "3", "--yes")
    assert workspace.ok("export", "all") == states[3]


def test_a_newer_command_ends_redo(workspace: Workspace) -> None:
    workspace.ok("org", "add", "Acme")
    workspace.ok("undo", "--yes")
    workspace.ok("org", "add", "Beta")
    assert "a newer command stands since 2026-03-18 12:00" in workspace.refused(5, "redo", "--yes")


def test_what_the_journal_does_not_know_is_a_conflict_that_force_overrides(workspace: Workspace) -> None:
    workspace.ok("org", "add", "Acme")
    workspace.ok("org", "edit", "O1", "--set", "type=partner")
    with closing(sqlite3.connect(workspace.home / "data" / "crm.db")) as con:
        con.execute("UPDATE organization SET type = 'supplier'")
        con.commit()
    said = workspace.refused(5, "undo", "--yes")
    assert "Type is now 'supplier', not 'partner'" in said
    workspace.ok("undo", "--yes", "--force")
    assert workspace.json("org", "show", "O1")["type"] == "prospect"


def test_what_was_changed_since_names_the_command_that_forces(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "orgs.csv"
    file.write_text("Name\nAcme\n", encoding="utf-8")
    workspace.ok("import", "org", str(file))
    with closing(sqlite3.connect(workspace.home / "data" / "crm.db")) as con:
        con.execute("UPDATE organization SET type = 'supplier'")
        con.commit()
    assert "crm import undo 1 --force puts" in workspace.refused(5, "import", "undo", "1", "--yes")
    assert "crm undo --force puts" in workspace.refused(5, "undo", "--yes")


def test_a_preview_shows_the_first_twenty_records(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "orgs.csv"
    file.write_text("Name\n" + "".join(f"Org {n}\n" for n in range(23)), encoding="utf-8")
    workspace.ok("import", "org", str(file))
    _, screen = workspace.at_terminal("undo", typed="n\n")
    assert screen.count("  removed\n") == 20
    assert "… and 3 more\n" in screen


@pytest.mark.parametrize(
    ("words", "part"), [(["undo"], "undo: 3"), (["import", "undo", "1"], "undo: 3"), (["redo"], "redo: 10")]
)
def test_what_takes_long_tells_on_a_terminal_how_far_it_is(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], part: str
) -> None:
    file = tmp_path / "orgs.csv"
    file.write_text("Name\n" + "".join(f"Org {n}\n" for n in range(23)), encoding="utf-8")
    workspace.ok("import", "org", str(file), "--batch", "10")
    if words == ["redo"]:
        workspace.ok("undo", "--yes")
    assert workspace.crm(*words, "--dry-run").err == "Dry run: nothing was saved\n", "not off a terminal"
    monkeypatch.setattr(progress, "_PATIENCE_S", 0)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    looked_at = workspace.crm(*words, "--dry-run").err
    assert f"\rpreview: {part.split()[1]} of 23 records, " in looked_at
    told = workspace.crm(*words, "--yes").err
    assert f"\r{part} of 23 records, " in told
    assert "preview" not in told


def test_nothing_to_take_back(workspace: Workspace) -> None:
    assert "nothing to take back" in workspace.refused(4, "undo", "--yes")
    assert "nothing to do again" in workspace.refused(4, "redo", "--yes")
    workspace.ok("org", "add", "Acme")
    assert "only 1 command to take back" in workspace.refused(4, "undo", "2", "--yes")


def test_the_list_shows_what_can_be_taken_back(workspace: Workspace) -> None:
    workspace.ok("org", "add", "Acme")
    workspace.ok("org", "add", "Beta", "--reason", "for the fair")
    assert [(row["command"], row["reason"]) for row in workspace.json("undo", "--list")] == [
        ("crm org add … --reason …", "for the fair"),
        ("crm org add …", None),
    ]


def test_without_yes_nothing_happens_off_a_terminal(workspace: Workspace) -> None:
    workspace.ok("org", "add", "Acme")
    assert "Say so with --yes" in workspace.refused(2, "undo")
    workspace.ok("undo", "--yes")
    assert "Say so with --yes" in workspace.refused(2, "redo")


def test_a_dry_run_shows_what_would_go_back(workspace: Workspace) -> None:
    workspace.ok("org", "add", "Acme")
    workspace.ok("org", "edit", "O1", "--set", "type=partner")
    before = workspace.state()
    done = workspace.crm("undo", "2", "--dry-run")
    assert "Dry run: nothing was saved" in done.err
    assert done.out.count("O1  Acme") == 1
    assert workspace.state() == before


@pytest.mark.parametrize(("typed", "code", "count"), [("y\n", 0, 0), ("n\n", 1, 1)])
def test_a_person_sees_it_and_is_asked(workspace: Workspace, typed: str, code: int, count: int) -> None:
    workspace.ok("org", "add", "Acme")
    done, screen = workspace.at_terminal("undo", typed=typed)
    assert done == code
    assert "- O1  Acme  removed\nTake back" in screen
    assert "Take back: crm org add …? [y/N]" in screen
    assert ("Took back: crm org add …  (1 record)" in screen) == (code == 0)
    assert len(workspace.json("org", "list")) == count


@pytest.mark.parametrize("verb", ["undo", "redo"])
def test_a_format_that_cannot_be_written_stops_before_anything_is_done(workspace: Workspace, verb: str) -> None:
    workspace.ok("tag", "add", workspace.ok("lead", "add", "Anna"), "vip")
    if verb == "redo":
        workspace.ok("undo", "--yes")
    assert "the formats are table, json" in workspace.refused(2, verb, "--yes", "-o", "ids")
