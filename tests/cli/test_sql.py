"""``crm sql``: it reads whatever there is, and nothing that is typed makes it do more."""

import hashlib
import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from crmcli.domain.sql_words import line_of, named_parameters
from crmcli.reports.asking import Bounds, Store, ask, typed
from crmcli.reports.warehouse_tables import TABLES
from crmcli.services import deals
from tests.cli.test_report import add_deal, store
from tests.cli.workspace import Workspace
from tests.services.world import Store as Filled

__all__ = ["store"]

WRITES = (
    "DELETE FROM deal", "UPDATE deal SET name = 'x' RETURNING 1", "INSERT INTO tag(name) VALUES ('x')",
    "WITH x AS (SELECT 1) DELETE FROM deal", "DROP VIEW fact_deal", "DROP TABLE deal", "CREATE TEMP TABLE x(a)",
    "CREATE VIEW x AS SELECT 1", "ALTER TABLE deal ADD x", "ATTACH '/tmp/x' AS x", "DETACH temp", "PRAGMA user_version",
    "PRAGMA query_only=OFF", "PRAGMA writable_schema=ON", "SELECT * FROM pragma_table_info('deal')", "REINDEX",
    "ANALYZE", "VACUUM", "VACUUM INTO '/tmp/x'", "COMMIT", "BEGIN", "SAVEPOINT x", "SELECT load_extension('x')",
    "CREATE TRIGGER x AFTER INSERT ON deal BEGIN SELECT 1; END", "REPLACE INTO tag(id) VALUES (1)",
)  # fmt: skip
NOT_UNDERSTOOD = (
    "SELECT 1; DELETE FROM deal", "SELEC 1", "SELECT nothing FROM deal", "",
    "-- nothing", "SELECT writefile('/tmp/x', 'x')", "SELECT readfile('/etc/passwd')", "SELECT edit('x')",
)  # fmt: skip


@pytest.fixture
def sold(store: Filled) -> Filled:
    """A deal won and an open one."""
    deals.win(store.context(), [add_deal(store, "Fair", "300.25")])
    add_deal(store, "Shop", "1000.00")
    return store


def _digest(workspace: Workspace) -> str:
    return hashlib.sha256((workspace.home / "data" / "crm.db").read_bytes()).hexdigest()


@pytest.mark.parametrize("statement", WRITES)
def test_nothing_but_reading_is_let_through(workspace: Workspace, sold: Filled, statement: str) -> None:
    before = _digest(workspace)
    assert "may only read" in workspace.refused(4, "sql", statement)
    assert _digest(workspace) == before


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE deal SET name = 'x'", "UPDATE is not allowed"),
        ("CREATE TABLE x(a)", "CREATE is not allowed"),
        ("DROP TABLE deal", "DROP is not allowed"),
        (
            "SELECT * FROM pragma_table_info('deal')",
            "a table of SQLite's own, such as pragma_table_info, is not allowed",
        ),
        ("SELECT * FROM dbstat", "a table of SQLite's own, such as pragma_table_info, is not allowed"),
        ("VACUUM", "VACUUM is not allowed"),
    ],
)
def test_a_refusal_names_what_was_wanted(workspace: Workspace, sold: Filled, statement: str, told: str) -> None:
    said = workspace.refused(4, "sql", statement)
    assert f"SQL of yours may only read: {told}" in said
    assert ("crm schema sql" in said) == ("SQLite's own" in told), "who asks for the tables is told where they stand"


@pytest.mark.parametrize("statement", NOT_UNDERSTOOD)
def test_what_is_no_query_is_refused(workspace: Workspace, sold: Filled, statement: str) -> None:
    before = _digest(workspace)
    workspace.refused(2, "sql", statement)
    assert _digest(workspace) == before
    assert not Path("/tmp/x").exists()


@pytest.mark.usefixtures("sold")
def test_rows_come_in_every_form(workspace: Workspace) -> None:
    query = "SELECT ref, name, base_amount FROM fact_deal ORDER BY ref"
    assert workspace.ok("sql", query) == "D1\tFair\t300.25\nD2\tShop\t1000"
    assert workspace.json("sql", query)[0] == {"ref": "D1", "name": "Fair", "base_amount": 300.25}
    assert workspace.ok("sql", query, "-o", "ids") == "D1\nD2"
    assert workspace.ok("sql", query, "-o", "md").splitlines()[0] == "| ref | name | base_amount |"
    assert workspace.ok("sql", "-", stdin=query) == workspace.ok("sql", query)
    assert workspace.json("sql", "SELECT 1 AS a, 2 AS a, x'00ff', 1e999 AS far") == [
        {"a": 1, "a_2": 2, "x'00ff'": "00ff", "far": "inf"}
    ]


@pytest.mark.usefixtures("sold")
def test_amounts_of_the_tables_are_as_they_are_stored(workspace: Workspace) -> None:
    assert workspace.ok("sql", "SELECT amount_minor FROM deal WHERE id = 1") == "30025"


@pytest.mark.usefixtures("sold")
def test_parameters_are_bound(workspace: Workspace) -> None:
    query = "SELECT name FROM deal WHERE amount_minor > :least AND name <> ':no' LIMIT :most"
    assert workspace.ok("sql", query, "--param", "least=50000", "--param", "most=5") == "Shop"
    assert "a parameter needs a name, such as :least" in workspace.refused(2, "sql", "SELECT ?")
    assert "a parameter needs a name, such as :least" in workspace.refused(2, "sql", "SELECT ?2, :a", "--param", "a=1")
    assert "no value for :most" in workspace.refused(2, "sql", query, "--param", "least=1")
    assert "no parameter :more" in workspace.refused(2, "sql", "SELECT 1", "--param", "more=1")
    assert "NAME=VALUE" in workspace.refused(2, "sql", "SELECT 1", "--param", "more")
    hostile = "'; DROP TABLE deal; --"
    assert workspace.ok("sql", "SELECT :text", "--param", f"text={hostile}") == hostile


@pytest.mark.usefixtures("sold")
def test_lists_in_json_and_the_search_can_be_read(workspace: Workspace) -> None:
    assert workspace.ok("sql", "SELECT value FROM json_each('[1, 2]')") == "1\n2"
    assert workspace.ok("sql", "SELECT COUNT(*) FROM search_index WHERE search_index MATCH 'shop'") == "1"


def test_a_store_with_a_log_is_read_and_left_tidy(workspace: Workspace, sold: Filled) -> None:
    with closing(sqlite3.connect(sold.path)) as con:
        assert con.execute("PRAGMA journal_mode=WAL").fetchone() == ("wal",)
    assert workspace.ok("sql", "SELECT COUNT(*) FROM fact_deal") == "2"
    assert not [path.name for path in sold.path.parent.iterdir() if path.name.startswith("crm.db-")]


@pytest.mark.usefixtures("store")
def test_time_and_rows_are_bounded(workspace: Workspace) -> None:
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT"
    workspace.ok("config", "set", "sql_seconds", "1")
    workspace.ok("config", "set", "sql_rows", "10")
    assert "took more than 1 second" in workspace.refused(1, "sql", f"{endless} COUNT(*) FROM n")
    assert "more than 10 rows" in workspace.refused(1, "sql", f"{endless} x FROM n LIMIT 11")
    assert len(workspace.ok("sql", f"{endless} x FROM n LIMIT 10").splitlines()) == 10
    assert "too large" in workspace.refused(1, "sql", "SELECT zeroblob(1000000000)")
    wide = f"{endless} hex(zeroblob(15000000)) FROM n LIMIT 10"
    assert "more than 256 MB" in workspace.refused(1, "sql", wide)


@pytest.mark.usefixtures("sold")
def test_nothing_found_is_no_failure_unless_asked(workspace: Workspace) -> None:
    nothing = ("sql", "SELECT 1 FROM deal WHERE name = 'x'")
    assert workspace.ok(*nothing) == ""
    assert workspace.crm(*nothing, "--exit-code").code == 1


def test_every_view_can_be_read_on_an_empty_store(workspace: Workspace) -> None:
    asked = Store(workspace.home / "data" / "crm.db", "Europe/Rome", "EUR")
    for table in TABLES.values():
        answer = ask(asked, f"SELECT * FROM {table.name}", {}, Bounds())
        assert answer.columns == tuple(column.key for column in table.columns)
        assert all(row[0] is not None for row in answer.rows)


def test_figures_of_the_views_are_those_of_the_reports(workspace: Workspace, sold: Filled) -> None:
    report = {entry["key"]: entry["value"] for entry in workspace.json("report", "kpi", "--period", "all")["kpis"]}
    won, open_ = workspace.ok(
        "sql", "SELECT SUM(base_amount) FROM fact_deal WHERE outcome IN ('won', 'open') GROUP BY outcome ORDER BY 1"
    ).splitlines()
    assert (Decimal(won), Decimal(open_)) == (
        Decimal(str(report["won_amount"])), Decimal(str(report["pipeline_amount"]))
    )  # fmt: skip


def test_words_of_the_language() -> None:
    assert named_parameters("SELECT :a, ':b', \":c\", @d -- :e\n/* :f */ , :a, $g") == ["a", "d", "g"]
    assert [typed(text) for text in ("5", "-1.5", "007", "1e3", "x", "")] == [5, -1.5, "007", "1e3", "x", ""]
    sql = "SELECT name,\n  amoun\nFROM deal"
    assert line_of("no such column: amoun", sql) == 2
    assert line_of('near "FROM": syntax error', sql) == 3
    assert line_of("something else", sql) == 1
