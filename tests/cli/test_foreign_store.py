"""A store file that a stranger prepared: nothing in it acts, and nothing of it holds a command up."""

import sqlite3
from contextlib import closing

import pytest

from tests.cli.workspace import Workspace

ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT"


def prepare(workspace: Workspace, *statements: str) -> None:
    """Do to the store what its owner never would."""
    with closing(sqlite3.connect(workspace.home / "data" / "crm.db", isolation_level=None)) as con:
        con.execute("PRAGMA legacy_alter_table=ON")
        for statement in statements:
            con.execute(statement)


@pytest.fixture
def endless(workspace: Workspace) -> Workspace:
    """A store whose tags are a question without end."""
    workspace.ok("lead", "add", "Anna Rossi")
    with closing(sqlite3.connect(workspace.home / "data" / "crm.db")) as con:
        columns = [row[1] for row in con.execute("PRAGMA table_info(tag)")]
    values = ", ".join(f"x AS {column}" for column in columns)
    prepare(workspace, "ALTER TABLE tag RENAME TO label", f"CREATE VIEW tag AS {ENDLESS} {values} FROM n")
    return workspace


READING = (
    ("tag", "list"),
    ("lead", "list", "--where", "tags has x"),
    ("check",),
    ("export", "all"),
    ("sql", "SELECT 1"),
)
WRITING = (("lead", "add", "Eva"), ("lead", "edit", "L1", "--set", "city=Rome"), ("tag", "add", "L1", "vip"))


@pytest.mark.parametrize("words", READING + WRITING)
def test_a_view_in_the_place_of_a_table_is_not_looked_into(endless: Workspace, words: tuple[str, ...]) -> None:
    told = endless.refused(7, *words)
    assert "view tag is not of this program" in told
    assert "crm doctor" in told


def test_doctor_and_its_rescue_still_work(endless: Workspace) -> None:
    done = endless.crm("doctor")
    assert (done.code, "view tag is not of this program" in done.out) == (1, True)
    saved = endless.home / "saved.db"
    endless.ok("doctor", "--recover", str(saved))
    assert endless.ok("--db", str(saved), "lead", "list", "--columns", "name") == "Anna Rossi"


@pytest.mark.parametrize(
    "trigger",
    [
        f"CREATE TRIGGER evil AFTER INSERT ON lead BEGIN INSERT INTO tag(id) {ENDLESS} x FROM n; END",
        "CREATE TRIGGER evil AFTER INSERT ON lead BEGIN DELETE FROM deal; END",
        "CREATE TRIGGER change_no_delete BEFORE INSERT ON lead BEGIN DELETE FROM deal; END",
    ],
)
def test_a_foreign_trigger_is_read_past_and_never_set_off(workspace: Workspace, trigger: str) -> None:
    workspace.ok("org", "add", "Acme")
    workspace.ok("deal", "add", "New plant", "--org", "O1")
    prepare(workspace, *(["DROP TRIGGER change_no_delete"] if "change_no_delete" in trigger else []), trigger)
    assert "is not of this program" in workspace.refused(7, "lead", "add", "Eva")
    assert workspace.ok("deal", "list", "-o", "ids") == "D1"
    assert workspace.ok("lead", "list", "-o", "ids") == ""
