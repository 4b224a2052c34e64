"""``crm export warehouse``: whole files for one's own eyes, and figures that are those of the reports."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crmcli.reports.warehouse import _base, _scaled
from crmcli.reports.warehouse_tables import FACTS, TABLES
from crmcli.services import deals
from tests.cli.test_report import add_deal, store
from tests.cli.workspace import Workspace
from tests.services.world import Store

__all__ = ["store"]

Query = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture
def traded(workspace: Workspace, store: Store) -> Store:
    """Deals of every outcome, in two currencies, one removed, with moves, a lead, a call and a ticket."""
    for name, amount in (("Fair", "300.25"), ("Boat", "100.10")):
        deals.win(store.context(), [add_deal(store, name, amount, source="website")])
    deals.win(store.context(), [add_deal(store, "Dollars", "70.00", currency="USD")])
    deals.lose(store.context(), [add_deal(store, "Roof", "50.00")], "price")
    add_deal(store, "Shop", "1000.01", expected_close="2026-03-31")
    add_deal(store, "Road", None)
    gone = add_deal(store, "Gone", "999.00")
    workspace.ok("log", "call", "Spoke", "--for", "O1", "--for", f"D{gone}")
    workspace.ok("deal", "rm", f"D{gone}", "--yes")
    store.add("lead", last_name="Rossi", source="event")
    store.add("lead", last_name="Bianchi", company_name="Bianchi")
    workspace.ok("lead", "convert", "L2")
    workspace.ok("ticket", "open", "Broken", "--org", "O1")
    with closing(sqlite3.connect(store.path)) as con:
        con.execute("UPDATE deal SET exchange_rate = '0.912345678' WHERE currency = 'USD'")
        con.commit()
    return store


def _sqlite(workspace: Workspace, folder: Path) -> Query:
    workspace.ok("export", "warehouse", "--to", str(folder), "--format", "sqlite")
    con = sqlite3.connect(folder / "warehouse.db")
    return lambda sql: con.execute(sql).fetchall()


def _duckdb(workspace: Workspace, folder: Path) -> Query:
    duckdb = pytest.importorskip("duckdb", reason="the extra warehouse is not installed")
    workspace.ok("export", "warehouse", "--to", str(folder))
    con = duckdb.connect()
    for name in TABLES:
        con.execute(f"CREATE VIEW {name} AS SELECT * FROM '{folder / f'{name}.parquet'}'")
    return lambda sql: con.execute(sql).fetchall()


@pytest.fixture(params=[_sqlite, _duckdb], ids=["sqlite", "parquet"])
def query(request: pytest.FixtureRequest, workspace: Workspace, traded: Store, tmp_path: Path) -> Query:
    """What a program finds in the exported files."""
    read: Query = request.param(workspace, tmp_path / "warehouse")
    return read


def _cents(number: Any) -> Decimal:
    return Decimal(str(number)).quantize(Decimal("0.01"))


def test_figures_are_those_of_the_reports(workspace: Workspace, query: Query) -> None:
    figures = {entry["key"]: entry["value"] for entry in workspace.json("report", "kpi", "--period", "all")["kpis"]}
    won = query("SELECT COUNT(*), SUM(base_amount) FROM fact_purchase")[0]
    assert (won[0], _cents(won[1])) == (figures["deals_won"], _cents(figures["won_amount"]))
    open_ = query("SELECT COUNT(*), SUM(base_amount), SUM(weighted_amount) FROM fact_deal WHERE outcome = 'open'")[0]
    assert (open_[0], _cents(open_[1]), _cents(open_[2])) == (
        figures["deals_open"], _cents(figures["pipeline_amount"]), _cents(figures["weighted_amount"]),
    )  # fmt: skip
    lost = query("SELECT SUM(base_amount) FROM fact_deal WHERE outcome = 'lost'")[0][0]
    assert _cents(lost) == _cents(figures["lost_amount"])


def test_groups_are_those_of_the_reports(workspace: Workspace, query: Query) -> None:
    rows = workspace.json("report", "won", "--period", "all", "--by", "source")["groups"]
    found = query(
        "SELECT s.source_key, COUNT(*), SUM(p.base_amount) FROM fact_purchase p"
        " JOIN dim_source s USING (source_key) GROUP BY s.source_key"
    )
    assert {(row["group"] or "(none)", row["deals"], _cents(row["amount"])) for row in rows} == {
        (source, count, _cents(amount)) for source, count, amount in found
    }


def test_no_key_leads_nowhere(query: Query) -> None:
    for table in TABLES.values():
        for column in table.columns:
            if column.of:
                of = TABLES[column.of].columns[0].key
                lost = query(
                    f"SELECT COUNT(*) FROM {table.name} WHERE {column.key} IS NOT NULL"
                    f" AND {column.key} NOT IN (SELECT {of} FROM {column.of})"
                )
                assert lost == [(0,)], (table.name, column.key)
        (twice,) = query(f"SELECT COUNT(*) - COUNT(DISTINCT {table.columns[0].key}) FROM {table.name}")
        assert twice == (0,), table.name


def test_joins_lose_no_fact(query: Query) -> None:
    for table in FACTS:
        keys = [column for column in table.columns if column.of.startswith("dim_") and column.type != "date"]
        joined = " ".join(
            f"JOIN {column.of} d{number} ON d{number}.{TABLES[column.of].columns[0].key} = f.{column.key}"
            for number, column in enumerate(keys)
        )
        whole = query(f"SELECT COUNT(*) FROM {table.name}")
        assert query(f"SELECT COUNT(*) FROM {table.name} f {joined}") == whole, table.name
        assert whole != [(0,)], table.name


def test_removed_records_are_in_no_fact(query: Query) -> None:
    assert query("SELECT COUNT(*) FROM fact_deal WHERE name = 'Gone'") == [(0,)]
    assert query("SELECT kind, organization_key, deal_key FROM fact_interaction") == [("call", 1, None)]


def test_dates_are_whole_and_local(query: Query) -> None:
    ((first, last, days),) = query("SELECT MIN(date_key), MAX(date_key), COUNT(*) FROM dim_date")
    assert (str(first), str(last), days) == ("2026-03-18", "2026-03-31", 14)
    assert query("SELECT quarter, month, week, weekday FROM dim_date WHERE date_key = '2026-03-31'") == [
        ("2026-Q1", "2026-03", "2026-W14", 2)
    ]


def test_files_are_for_the_owner_alone_and_nothing_else_is_left(workspace: Workspace, tmp_path: Path) -> None:
    pytest.importorskip("duckdb", reason="the extra warehouse is not installed")
    folder = tmp_path / "out" / "warehouse"
    for form in ("parquet", "sqlite", "parquet"):
        workspace.ok("export", "warehouse", "--to", str(folder), "--format", form)
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        ["warehouse.db", *(f"{name}.parquet" for name in TABLES)]
    )
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_hostile_texts_arrive_as_they_are(workspace: Workspace, store: Store, tmp_path: Path) -> None:
    names = ['a "quoted", one', "two\nlines\r\nand\tmore", "NULL", "'; DROP TABLE fact_deal; --", "\\N \\", "x" * 9_000]
    for name in names:
        store.add("organization", name=name)
    kept = [row["name"] for row in workspace.json("org", "list", "--columns", "name", "--sort", "id")]
    for read in (_sqlite, _duckdb):
        found = read(workspace, tmp_path / read.__name__)
        assert [name for (name,) in found("SELECT name FROM dim_organization ORDER BY organization_key")] == [
            "(none)", *kept,
        ]  # fmt: skip


def test_a_full_folder_or_an_unknown_format_is_told(workspace: Workspace, tmp_path: Path) -> None:
    assert "no 'csv'" in workspace.refused(2, "export", "warehouse", "--to", str(tmp_path), "--format", "csv")
    (tmp_path / "file").write_text("")
    workspace.refused(1, "export", "warehouse", "--to", str(tmp_path / "file"), "--format", "sqlite")


def test_the_diagram_links_what_there_is(workspace: Workspace) -> None:
    lines = workspace.ok("schema", "diagram", "--warehouse").splitlines()
    assert lines[0] == "erDiagram"
    links = [line.split() for line in lines if "||--o{" in line]
    assert {(one, other) for one, _, other, *_ in links} >= {
        ("dim_date", "fact_deal"),
        ("fact_deal", "fact_stage_move"),
    }
    assert {name for one, _, other, *_ in links for name in (one, other)} <= set(TABLES)


def test_amounts_are_exact() -> None:
    assert [_scaled(number, 2) for number in (-5, 0, 123456, None)] == ["-0.05", "0.00", "1234.56", None]
    assert _scaled(7, 0) == "7"
    assert Decimal(_base("EUR", 7000, "USD", "0.912345678", 10_000) or 0) == Decimal("63.86419746")
    assert Decimal(_base("EUR", 100, "JPY", "0.006", 2500) or 0) == Decimal("0.15")
    assert Decimal(_base("EUR", 2**62, "EUR", None, 10_000) or 0) == Decimal(2**62) / 100
    assert _base("EUR", 100, "USD", None, 10_000) is None
    assert _base("EUR", None, "EUR", None, 10_000) is None
