"""``crm report``: what people and programs get, errors, and a past that does not change."""

import csv
import io
import json
from decimal import Decimal
from typing import Any

import pytest

from crmcli.domain.kpis import MAIN
from crmcli.output.formats import FORMATS
from crmcli.reports.index import REPORTS
from crmcli.services import deals
from tests.cli.workspace import Workspace
from tests.services.world import Store


@pytest.fixture
def store(workspace: Workspace) -> Store:
    """The store of the workspace, with an organization ``O1``."""
    store = Store(workspace.home / "data" / "crm.db")
    store.add("organization", name="Acme")
    return store


def add_deal(store: Store, name: str, amount: str | None = "100.00", **more: Any) -> int:
    return store.add("deal", name=name, organization=1, amount=None if amount is None else Decimal(amount), **more)


@pytest.fixture
def sold(store: Store) -> Store:
    """Two deals won, one lost, two open."""
    for name, amount in (("Fair", "300.00"), ("Boat", "100.50")):
        deals.win(store.context(), [add_deal(store, name, amount)])
    deals.lose(store.context(), [add_deal(store, "Roof", "50.00")], "price")
    add_deal(store, "Shop", "1000.00", expected_close="2026-03-31")
    add_deal(store, "Road", None)
    return store


def test_list_and_show(workspace: Workspace) -> None:
    rows = workspace.json("report", "list")
    assert [row["key"] for row in rows] == list(REPORTS)
    assert [row["key"] for row in workspace.json("report", "show", "kpi")] == list(MAIN)
    (rate,) = workspace.json("report", "show", "win_rate")
    assert "won + lost" in rate["definition"]
    assert "did you mean win_rate" in workspace.refused(2, "report", "show", "win_rte")


def test_kpi_is_the_document_of_the_contract(workspace: Workspace, sold: Store) -> None:
    out = workspace.ok("report", "kpi", "-o", "json")
    document = json.loads(out, parse_float=Decimal)
    assert document["period"] == {"from": "2026-01-01", "to": "2026-04-01", "label": "2026-Q1"}
    assert document["currency"] == "EUR"
    assert [entry["key"] for entry in document["kpis"]] == list(MAIN)
    found = {entry["key"]: entry for entry in document["kpis"]}
    assert found["win_rate"] == {
        "key": "win_rate", "label": "Win rate", "value": Decimal("0.666667"), "unit": "ratio", "numerator": 2,
        "denominator": 3, "count": 3, "reason": None, "excluded": [],
    }  # fmt: skip
    assert found["won_amount"]["value"] == Decimal("400.50")
    assert found["weighted_amount"]["value"] == Decimal("100.00")
    assert found["lead_conversion_rate"]["reason"] == "no lead converted or lost"
    groups = workspace.json("report", "kpi", "--by", "owner")["kpis"]
    assert all("group" in entry for entry in groups)


def test_a_table_shows_percentages_and_marks_small_samples(workspace: Workspace, sold: Store) -> None:
    out = workspace.ok("report", "kpi", "-o", "table")
    lines = {line.strip().split("  ")[0]: line.split() for line in out.splitlines() if line}
    assert lines["Win rate"] == ["Win", "rate", "66.7%", "3", "few", "records"]
    assert lines["Lead conversion rate"][3] == "n/a"
    assert lines["Amount won"] == ["Amount", "won", "€400.50", "2"]
    assert "period 2026-Q1 (2026-01-01..2026-04-01, end excluded), in EUR" in out


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("form", FORMATS)
def test_every_format(workspace: Workspace, sold: Store, name: str, form: str) -> None:
    """Only refs are not to be had of every report; what has no rows still tells its period."""
    done = workspace.crm("report", name, "--period", "all", "-o", form)
    if form == "ids" and done.code == 2:
        assert "no format 'ids'" in done.err
        return
    assert done.code == 0, done.err
    assert form not in ("table", "json", "md") or done.out
    assert form == "table" or "period all, in EUR" in done.err


def test_won_lists_deals_for_programs_and_groups_where_asked(workspace: Workspace, sold: Store) -> None:
    rows = list(csv.DictReader(io.StringIO(workspace.ok("report", "won", "-o", "csv"))))
    assert sorted((row["name"], row["amount"]) for row in rows) == [("Boat", "100.50"), ("Fair", "300.00")]
    assert sorted(workspace.ok("report", "won", "-o", "ids").split()) == ["D1", "D2"]
    (group,) = csv.DictReader(io.StringIO(workspace.ok("report", "won", "--by", "organization", "-o", "csv")))
    assert (group["group"], group["deals"], group["amount"], group["average"]) == ("Acme", "2", "400.50", "200.25")


def test_lost_and_pipeline_documents(workspace: Workspace, sold: Store) -> None:
    lost = workspace.json("report", "lost")
    assert [(row["group"], row["deals"]) for row in lost["reasons"]] == [("price", 1)]
    assert [row["name"] for row in lost["deals"]] == ["Roof"]
    assert [(row["group"], row["deals"]) for row in lost["last_open_stages"]] == [("Potential", 1)]
    pipeline = workspace.json("report", "pipeline")
    assert [(row["stage"], row["deals"], row["no_amount"]) for row in pipeline["stages"]] == [
        ("Potential", 2, 1), ("Negotiating", 0, 0), ("Quote sent", 0, 0),
    ]  # fmt: skip
    assert [row["pipeline"] for row in pipeline["pipelines"]] == ["Sales"]


def test_where_an_imported_deal_was_lost_is_not_known(workspace: Workspace, sold: Store) -> None:
    file = workspace.home / "deals.csv"
    file.write_text("Deal Name,Stage,Company,Amount\nOld,Lost,Acme,10.00\n", encoding="utf-8")
    workspace.ok("import", "deal", str(file))
    assert workspace.json("deal", "show", "Old")["last_open_stage"] == "Quote sent", "where reopening would put it"
    lost = workspace.json("report", "lost")
    assert [(row["group"], row["deals"]) for row in lost["last_open_stages"]] == [("Potential", 1), (None, 1)]
    assert {row["name"]: row["last_open_stage"] for row in lost["deals"]} == {"Roof": "Potential", "Old": None}
    assert "(not known)" in workspace.ok("report", "lost", "-o", "table")


def test_explain_takes_a_figure_apart(workspace: Workspace, sold: Store) -> None:
    document = workspace.json("report", "kpi", "--explain", "win_rate")
    assert [(row["title"], row["numerator"]) for row in document["rows"]] == [("Fair", 1), ("Boat", 1), ("Roof", 0)]
    assert document["figures"][0]["formula"] == "win_rate = deals won / (deals won + deals lost) = 2 / 3 = 0.666667"
    screen = workspace.ok("report", "kpi", "--explain", "win_rate", "-o", "table")
    assert "Formula" in screen
    assert "win_rate = deals won / (deals won + deals lost)" in screen


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--period", "this-mont"], "did you mean this-month"),
        (["--by", "ownr"], "did you mean owner?"),
        (["--by", "id"], "cannot be grouped by id"),
        (["--by", "uid"], "by one of"),
        (["--by", "amount"], "owner"),
        (["--where", "amout > 3"], "did you mean amount?"),
        (["--explain", "win_rat"], "did you mean win_rate"),
        (["-o", "jsn"], "did you mean json?"),
    ],
)
def test_mistakes_are_told_with_the_nearest_names(workspace: Workspace, arguments: list[str], told: str) -> None:
    assert told in workspace.refused(2, "report", "kpi", *arguments)


def test_exit_code_tells_whether_something_matched(workspace: Workspace, sold: Store) -> None:
    assert workspace.crm("report", "won", "--exit-code").code == 0
    assert workspace.crm("report", "won", "--period", "2020", "--exit-code").code == 1
    assert workspace.crm("report", "won", "--period", "2020").code == 0


def test_amounts_without_a_rate_stand_apart_with_a_warning(workspace: Workspace, store: Store) -> None:
    add_deal(store, "Fair", "300.00")
    add_deal(store, "Boat", "700.00", currency="USD")
    done = workspace.crm("report", "pipeline", "-o", "json")
    document = json.loads(done.out, parse_float=Decimal)
    assert document["stages"][0]["amount"] == Decimal("300.00")
    assert document["unconverted"][0]["amount"] == Decimal("700.00")
    assert "warning: open deals expected to close: 1 worth 700.00 USD stand apart" in done.err


def test_a_past_month_stays_as_it_was(workspace: Workspace, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Won in January, reopened and lost in March: of January it was won then, and is nothing today."""

    def at(day: str) -> None:
        monkeypatch.setenv("CRMCLI_NOW", f"{day}T12:00:00+01:00")

    at("2026-01-05")
    deal = add_deal(store, "Fair", "300.00")
    at("2026-01-20")
    deals.win(store.context(), [deal])
    at("2026-03-02")
    deals.reopen(store.context(), deal)
    store.edit("deal", deal, amount=Decimal("800.00"))
    at("2026-03-10")
    deals.lose(store.context(), [deal], "price")

    def entry(key: str, *arguments: str) -> Any:
        kpis = workspace.json("report", "kpi", *arguments)["kpis"]
        return next(entry for entry in kpis if entry["key"] == key)

    assert entry("win_rate", "--period", "2026-01")["value"] is None
    assert entry("win_rate", "--period", "2026-03")["value"] == 0
    then = ("--period", "2026-01", "--as-of", "2026-01-31")
    assert entry("win_rate", *then)["value"] == 1
    assert entry("won_amount", *then)["value"] == 300
    assert entry("deals_open", "--as-of", "2026-01-19")["value"] == 1
    assert entry("pipeline_amount", "--period", "all", "--as-of", "2026-03-02")["value"] == 800
    assert ", as known on 2026-01-31, in EUR" in workspace.ok("report", "won", *then, "-o", "table")
    assert ", as known on 2026-01-31 10:30, in" in workspace.ok(
        "report", "won", "--as-of", "2026-01-31 10:30", "-o", "table"
    )
    (won,) = workspace.json("report", "won", *then)["deals"]
    assert (won["ref"], won["closed_at"]) == ("D1", "2026-01-20T11:00:00Z")


def test_figures_stand_beside_those_of_another_period(workspace: Workspace, sold: Store) -> None:
    """Each measured column tells what it was; the document holds the whole report of then."""
    document = workspace.json("report", "won", "--period", "2026", "--compare", "last-year")
    assert document["compared_with"]["period"]["label"] == "2025"
    table = workspace.ok("report", "kpi", "--period", "2026", "--compare", "previous", "-o", "table")
    assert "Before" in table
    assert "Compared with  2025" in table
    told = workspace.refused(2, "report", "kpi", "--period", "all", "--compare", "previous")
    assert "has no other to compare it with" in told


def test_top_keeps_the_greatest_groups(workspace: Workspace, sold: Store) -> None:
    """The groups are ordered by what is drawn."""
    for name, source in (("Barn", "referral"), ("Mill", "ads"), ("Gate", "ads")):
        deals.win(sold.context(), [add_deal(sold, name, "10.00", source=source)])
    whole = workspace.json("report", "won", "--by", "source")["groups"]
    assert [row["deals"] for row in whole] == [1, 2, 2]
    top = workspace.json("report", "won", "--by", "source", "--top", "2")["groups"]
    assert [row["deals"] for row in top] == [2, 2]
    workspace.refused(2, "report", "pipeline", "--top", "0")
