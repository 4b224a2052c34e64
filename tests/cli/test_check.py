import sqlite3
from contextlib import closing

from tests.cli.workspace import Workspace


def test_all_good(workspace: Workspace) -> None:
    done = workspace.crm("check")
    assert (done.code, done.out) == (0, "")
    assert "all good" in done.err
    assert workspace.json("check") == []


def test_what_was_broken_by_hand_is_found(workspace: Workspace) -> None:
    workspace.ok("org", "add", "Acme")
    with closing(sqlite3.connect(workspace.home / "data" / "crm.db")) as con:
        con.execute("UPDATE organization SET description = 'by hand'")
        con.commit()
    done = workspace.crm("check")
    assert done.code == 1
    assert "organization\tO1\t" in done.out
    assert workspace.crm("check", "-o", "json").code == 1
