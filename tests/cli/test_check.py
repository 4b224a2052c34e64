import sqlite3
from contextlib import closing

import pytest

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


@pytest.fixture
def people(workspace: Workspace) -> Workspace:
    def make() -> None:
        workspace.ok("contact", "add", "Anna Rossi", "--phone", "02 1234567", "--email", "anna@example.com")
        workspace.ok("contact", "add", "Bo Li", "--tag", "vip")
        workspace.ok("contact", "rm", "C2", "--yes")
        workspace.ok("deal", "add", "Shop fittings", "--contact", "C1")

    return workspace.once(make)


@pytest.mark.parametrize(
    ("harm", "ref", "what"),
    [
        ("DELETE FROM search_index WHERE rowid = 19", "C1", "not found by the words that it has"),
        ("UPDATE search_index SET name = 'Else' WHERE rowid = 19", "C1", "not found by the words that it has"),
        ("INSERT INTO search_index (rowid, name) VALUES (35, 'Bo Li')", "C2", "found, and not there"),
        ("INSERT INTO search_index (rowid, name) VALUES (932, 'Gone')", "D58", "found, and not there"),
        ("UPDATE search_index_content SET c0 = 'Else' WHERE id = 20", "search_index", "its index is damaged"),
        ("DELETE FROM search_index_data WHERE id > 10", "search_index", "its index is damaged"),
        ("UPDATE search_index_data SET block = x'00' WHERE id <= 10", "search_index", "its index is damaged"),
    ],
)
def test_a_search_that_would_miss_records_is_told_and_mended(people: Workspace, harm: str, ref: str, what: str) -> None:
    assert people.ok("check") == ""
    found = people.ok("find", "anna", "-o", "ids")
    with closing(sqlite3.connect(people.home / "data" / "crm.db")) as con:
        con.execute(harm)
        con.commit()
    before = people.state()
    done = people.crm("check")
    assert (done.code, people.state()) == (1, before), "it only looks"
    told = {line.split("\t")[1]: line.split("\t")[2] for line in done.out.splitlines()}
    assert told[ref].startswith(f"search: {what}") and told[ref].endswith(": crm doctor --reindex")
    assert people.crm("doctor").out.count("search index\tfailure\t") == (ref == "search_index")
    assert people.crm("doctor", "--reindex").err == "2 records can be found again\n"
    assert (people.ok("check"), people.ok("find", "anna", "-o", "ids")) == ("", found)
    assert people.crm("doctor").code == 0


def test_the_search_is_looked_at_while_another_program_writes(people: Workspace) -> None:
    with closing(sqlite3.connect(people.home / "data" / "crm.db", isolation_level=None)) as con:
        con.execute("BEGIN IMMEDIATE")
        assert people.ok("check") == ""
