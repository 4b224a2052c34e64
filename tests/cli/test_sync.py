"""``crm sync`` as it is typed, with a real server: what it says, its codes, and a process that is killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from crmcli.integrations import hidden
from tests.cli.workspace import ENVIRONMENT, Workspace
from tests.command import PROGRAM, environment
from tests.services.dav_server import PASSWORD, DavServer, serving_dav

PATH = "/anna/office/"
EVENT = (
    "BEGIN:VEVENT\r\nUID:{0}\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:{0}\r\nDTSTART:20260401T100000Z\r\nEND:VEVENT\r\n"
)


class Desk(NamedTuple):
    workspace: Workspace
    server: DavServer


@pytest.fixture
def desk(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("CRMCLI_WORK_PASSWORD", PASSWORD)
    with serving_dav(tmp_path) as server:
        configure(workspace, f'url = "{server.make(PATH)}"', 'user = "anna"')
        yield Desk(workspace, server)
    hidden.forget()


def configure(workspace: Workspace, *lines: str) -> None:
    text = "\n".join(["[[calendar.account]]", 'name = "work"', *lines, ""])
    (workspace.home / "config" / "config.toml").write_text(text)


def test_it_says_what_it_did_where_asked_and_is_silent_in_cron(desk: Desk) -> None:
    desk.workspace.ok("event", "add", "Ours", "--start", "2026-04-02 10:00")
    desk.server.put(f"{PATH}x.ics", EVENT.format("Theirs"))
    dry = desk.workspace.crm("sync", "--dry-run")
    assert dry.out == "work\tnew here\tE2\tTheirs\t\nwork\tnew there\tE1\tOurs\t\n"
    assert "nothing was changed, here or there" in dry.err
    rows = desk.workspace.json("sync", "work")
    assert [(row["action"], row["ref"], row["title"]) for row in rows] == [
        ("new here", "E2", "Theirs"), ("new there", "E1", "Ours"),
    ]  # fmt: skip
    desk.workspace.ok("event", "edit", "E1", "--set", "location=Rome")
    assert desk.workspace.crm("sync") == (0, "", "")
    assert "LOCATION:Rome" in "".join(desk.server.text(f"{PATH}{name}") for name in desk.server.names(PATH))
    history = desk.workspace.ok("history", "-o", "tsv")
    assert "crm sync work" in history


def test_old_events_and_closed_tasks_are_not_sent_unless_asked(desk: Desk) -> None:
    desk.workspace.ok("event", "add", "Past", "--start", "2026-01-02 10:00")
    desk.workspace.ok("task", "add", "Done")
    desk.workspace.ok("task", "done", "T1")
    assert desk.workspace.json("sync") == []
    url = f"http://127.0.0.1:{desk.server.port}{PATH}"
    configure(desk.workspace, f'url = "{url}"', 'user = "anna"', 'events = "title ~ past"', "tasks = false")
    assert [row["title"] for row in desk.workspace.json("sync")] == ["Past"]


def test_a_conflict_is_code_6_and_a_side_decides(desk: Desk) -> None:
    desk.workspace.ok("event", "add", "Ours", "--start", "2026-04-02 10:00", "--set", "location=Rome")
    desk.workspace.ok("sync")
    (name,) = desk.server.names(PATH)
    desk.server.edit(f"{PATH}{name}", "LOCATION:Rome", "LOCATION:Mil\x1b[2Jan".replace("\x1b", "~"))
    desk.workspace.ok("event", "edit", "E1", "--set", "location=Turin")
    done = desk.workspace.crm("sync")
    assert (done.code, done.out) == (6, "")
    assert "warning: work: conflict: E1 Ours: location: here 'Turin', there 'Mil~[2Jan'" in done.err
    assert "crm sync --prefer remote, or local, decides" in done.err
    desk.workspace.refused(2, "sync", "--prefer", "both")
    desk.workspace.ok("sync", "--prefer", "remote")
    assert desk.workspace.json("event", "show", "E1")["location"] == "Mil~[2Jan"
    desk.workspace.ok("undo", "--yes")
    assert desk.workspace.json("event", "show", "E1")["location"] == "Turin"


def test_what_is_wrong_is_told_in_one_line(workspace: Workspace) -> None:
    assert "[[calendar.account]]" in workspace.refused(2, "sync")
    configure(workspace, 'url = "http://127.0.0.1:9/x/"')
    assert "127.0.0.1: " in workspace.refused(8, "sync")
    assert "one of work" in workspace.refused(3, "sync", "wrok")
    configure(workspace, 'url = "http://127.0.0.1:9/x/"', 'user = "anna"')
    assert "crm secret set work" in workspace.refused(8, "sync")
    assert workspace.json("secret", "status")[0]["account"] == "work"


@pytest.mark.parametrize(
    "lines",
    [["url = 'http://dav.example.com/'"], ["url = 'https://x/'", "password = 'pw'"],
     ["url = 'https://x/'", "events = 3"], ["url = 'https://x/'", "contacts = true"], [],
     ["url = 'https://u:p@x/'"]],
)  # fmt: skip
def test_mistakes_in_the_configuration_are_told(workspace: Workspace, lines: list[str]) -> None:
    configure(workspace, *lines)
    told = workspace.refused(2, "sync")
    assert "calendar.account" in told and "pw" not in told


def test_one_that_fails_does_not_keep_the_others(desk: Desk) -> None:
    url = f"http://127.0.0.1:{desk.server.port}{PATH}"
    configure(desk.workspace, 'url = "http://127.0.0.1:9/x/"', "[[calendar.account]]", 'name = "two"', f'url = "{url}"',
              'user = "anna"', 'password_command = ["echo", "wrong"]')  # fmt: skip
    done = desk.workspace.crm("sync")
    assert done.code == 8 and "work: 127.0.0.1" in done.err and "two: " in done.err


@pytest.mark.parametrize("killed_at", ["PUT", "REPORT"])
def test_a_killed_process_doubles_nothing(desk: Desk, killed_at: str) -> None:
    for number in range(3):
        desk.workspace.ok("event", "add", f"Ours {number}", "--start", "2026-04-02 10:00")
    desk.server.put(f"{PATH}x.ics", EVENT.format("Theirs"))
    environ = environment(desk.workspace.home) | {**ENVIRONMENT, "CRMCLI_WORK_PASSWORD": PASSWORD}
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, "sync"], env=environ, stderr=subprocess.DEVNULL)
    left = [2]

    def kill(method: str, path: str) -> None:
        left[0] -= method == killed_at
        if not left[0]:
            os.kill(process.pid, signal.SIGKILL)

    desk.server.before = kill
    assert process.wait(timeout=60) == -signal.SIGKILL
    desk.server.before = lambda *_: None
    desk.workspace.ok("sync")
    assert desk.workspace.json("sync") == []
    titles = sorted(row["title"] for row in desk.workspace.json("event", "list"))
    assert titles == ["Ours 0", "Ours 1", "Ours 2", "Theirs"] and len(desk.server.names(PATH)) == 4
