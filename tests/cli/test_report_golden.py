"""The figures of real exports against those that were computed on them independently.

The samples lie beside the checkout and are not part of it; without them these tests are skipped.
"""

import csv
import json
from decimal import Decimal
from typing import Any

import pytest

from crmcli.domain.enums import choose
from crmcli.domain.zones import to_utc
from crmcli.services import pipelines
from crmcli.services.results import Wanted
from crmcli.services.writer import write
from tests.cli.workspace import Workspace
from tests.published import PUBLISHED, needs_published
from tests.services.world import Store

FOLDER = PUBLISHED / "hubspot-export"
ZONE = "Europe/Rome"
FIGURES = {
    "deals_created": "500",
    "deals_won": "71",
    "deals_lost": "69",
    "deals_open": "360",
    "win_rate": "0.507143",
    "win_rate_amount": "0.506083",
    "won_amount": "8934361.48",
    "lost_amount": "8719582.46",
    "average_deal": "125836.08",
    "median_deal": "114354.48",
    "cycle_days_mean": "201.690141",
    "cycle_days_median": "161",
    "pipeline_amount": "44845846.23",
    "weighted_amount": "25368927.42",
    "sales_velocity": "113907.76",
}

pytestmark = needs_published


@pytest.fixture
def expected() -> dict[str, Any]:
    """The independently computed figures, by name."""
    figures = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"), parse_float=Decimal)["figures"]
    return {name: figure["value"] for name, figure in figures.items()}


def write_deals(workspace: Workspace) -> None:
    """Store the deals of the export through the write path, bare dates at local midnight."""
    store = Store(workspace.home / "data" / "crm.db")
    with (FOLDER / "hubspot_deals.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for name in sorted({row["Pipeline"] for row in rows}):
        pipelines.add(store.context(), {"name": name, "key": name.split()[0].lower() + "_hs"}, preset="hubspot")
    found = store.rows("SELECT s.id, s.name, p.name AS pipeline FROM stage s JOIN pipeline p ON p.id = s.pipeline_id")
    stages = {(stage["pipeline"], stage["name"].casefold()): stage["id"] for stage in found}
    handles = sorted({row["Deal Owner"].partition("@")[0] for row in rows})
    owners = {handle: store.add("user", handle=handle) for handle in handles}
    organization = store.add("organization", name="Acme")

    def record(row: dict[str, str]) -> dict[str, Any]:
        stage = row["Deal Stage"].casefold()
        closing = {"closed_at": to_utc(row["Close Date"], ZONE)} if stage.startswith("closed") else {}
        reason = {"lost_reason": choose("lost_reason", row["Closed Lost Reason"])} if stage == "closed lost" else {}
        return {
            "name": row["Deal Name"], "organization": organization, "amount": Decimal(row["Amount"]),
            "stage": stages[row["Pipeline"], stage], "owner": owners[row["Deal Owner"].partition("@")[0]],
            "created_at": to_utc(row["Create Date"], ZONE), **closing, **reason,
        }  # fmt: skip

    wanted = [Wanted(record(row), intent="import") for row in rows]
    write(store.context(kind="import"), lambda writer: writer.save_many("deal", wanted))


def import_files(workspace: Workspace) -> None:
    """Import the whole export as a user does."""
    workspace.ok("import", "auto", str(FOLDER))


@pytest.fixture(params=[write_deals, import_files], ids=["written", "imported"])
def export(request: pytest.FixtureRequest, workspace: Workspace) -> Workspace:
    """A workspace that holds the deals of the export."""
    request.param(workspace)
    return workspace


def test_figures_of_the_whole_file(export: Workspace) -> None:
    found = values(export)
    assert {key: found[key] for key in FIGURES} == {key: Decimal(value) for key, value in FIGURES.items()}


def test_figures_by_owner(export: Workspace, expected: dict[str, Any]) -> None:
    kpis = export.json("report", "kpi", "--period", "all", "--by", "owner")["kpis"]
    for key, name in (("deals_won", "won"), ("deals_lost", "lost"), ("won_amount", "won_value")):
        found = sorted(Decimal(str(entry["value"])) for entry in kpis if entry["key"] == key)
        assert found == sorted(owner[name] for owner in expected["by_owner"].values())


def test_lost_reasons(export: Workspace, expected: dict[str, Any]) -> None:
    rows = export.json("report", "lost", "--period", "all")["reasons"]
    assert sorted(row["deals"] for row in rows) == sorted(expected["lost_reasons"].values())


def test_the_reports_on_the_flow_tell_the_same(export: Workspace, expected: dict[str, Any]) -> None:
    """Each of these figures has a report of its own, which must agree with the figures computed independently."""

    def told(*arguments: str) -> dict[str, Any]:
        out = export.ok("report", *arguments, "--period", "all", "-o", "json")
        document: dict[str, Any] = json.loads(out, parse_float=Decimal)
        return document

    def total(key: str, *arguments: str) -> Any:
        return next(entry["value"] for entry in told(*arguments)["totals"] if entry["key"] == key)

    assert total("win_rate", "win-rate") == Decimal("0.507143") == expected["win_rate_closed"]
    assert total("win_rate_amount", "win-rate") == Decimal("0.506083")
    assert total("cycle_days_mean", "cycle-length") == Decimal("201.690141") == expected["cycle_days_mean_won"]
    assert total("cycle_days_median", "cycle-length") == expected["cycle_days_median_won"]
    assert total("sales_velocity", "velocity") == Decimal("113907.76")
    reasons = told("lost-reasons")["reasons"]
    assert (
        sorted(row["deals"] for row in reasons) == sorted(expected["lost_reasons"].values()) == [8, 9, 10, 13, 13, 16]
    )
    assert sum(row["amount"] for row in reasons) == Decimal("8719582.46")
    assert total("deals_lost", "lost-reasons") == 69
    cohort = ("win-rate", "--cohort", "created")
    assert [total(key, *cohort) for key in ("deals_created", "cohort_won", "cohort_lost", "cohort_open")] == [
        500, 71, 69, 360,
    ]  # fmt: skip
    assert total("win_rate_created", *cohort) == Decimal("0.142"), "open deals are below the line, too"


def test_won_amounts_of_each_quarter(export: Workspace, expected: dict[str, Any]) -> None:
    for quarter, amount in expected["won_value_by_close_quarter"].items():
        totals = export.json("report", "won", "--period", quarter)["totals"]
        assert Decimal(str(next(entry["value"] for entry in totals if entry["key"] == "won_amount"))) == amount


def test_the_pipeline_by_stage(export: Workspace, expected: dict[str, Any]) -> None:
    found: dict[str, Decimal] = {}
    for row in export.json("report", "pipeline")["stages"]:
        if row["deals"]:
            name = row["stage"].casefold()
            found[name] = found.get(name, Decimal(0)) + Decimal(str(row["amount"]))
    assert found == {name.casefold(): amount for name, amount in expected["open_pipeline_by_stage"].items()}


def values(workspace: Workspace) -> dict[str, Any]:
    """Return the figures of everything there is, by key."""
    kpis = json.loads(workspace.ok("report", "kpi", "--period", "all", "-o", "json"), parse_float=Decimal)["kpis"]
    return {entry["key"]: entry["value"] for entry in kpis}


def test_the_forecast_leaves_no_open_deal_out(export: Workspace) -> None:
    text = export.ok("report", "forecast", "--period", "all", "-o", "json")
    totals = {entry["key"]: entry["value"] for entry in json.loads(text, parse_float=Decimal)["totals"]}
    assert totals["won_amount"] == Decimal(FIGURES["won_amount"])
    parts = [totals[key] for key in ("forecast_open", "overdue_amount", "undated_amount")]
    assert sum(parts) == Decimal(FIGURES["pipeline_amount"]), "ahead, overdue, or without a date"
    assert totals["forecast"] == totals["won_amount"] + totals["forecast_weighted"]


@pytest.mark.parametrize("zone", ["UTC", ZONE, "America/New_York"])
def test_days_are_whole_in_every_zone(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, expected: dict[str, Any], zone: str
) -> None:
    """Bare dates are local midnights; the clock changes between many of them."""
    monkeypatch.setenv("CRMCLI_TIMEZONE", zone)
    import_files(workspace)
    found = values(workspace)
    assert {key: found[key] for key in FIGURES} == {key: Decimal(value) for key, value in FIGURES.items()}
    assert found["tickets_closed"] == expected["ticket_days_to_close"]["n"]
    assert found["ticket_resolution_hours_median"] == 24 * expected["ticket_days_to_close"]["median"]
    assert found["tickets_opened"] == found["tickets_closed"] + found["tickets_open"]


def test_a_pipeline_with_its_own_probabilities(workspace: Workspace) -> None:
    """No lost deal, five without an amount, closing dates before the creation of the records."""
    workspace.ok("import", "auto", str(PUBLISHED / "salesforce-pipeline"))
    found = values(workspace)
    assert (found["deals_won"], found["won_amount"], found["win_rate"]) == (8, 2_200_000, 1)
    assert (found["deals_open"], found["pipeline_amount"], found["weighted_amount"]) == (30, 4_070_000, 2_658_000)
    assert found["cycle_days_mean"] is None
    stages = workspace.json("report", "pipeline")["stages"]
    assert sum(row["no_amount"] for row in stages) == 5
    (cycle, *_) = workspace.json("report", "cycle-length", "--period", "all")["totals"]
    assert (cycle["value"], cycle["excluded"]) == (None, [{"reason": "closed before it was created", "count": 8}])
    (rate, *_) = workspace.json("report", "win-rate", "--period", "all")["totals"]
    assert (rate["value"], rate["count"]) == (1, 8)


def test_leads_that_a_list_calls_closed(workspace: Workspace) -> None:
    """Nine of a hundred are closed as won and nine as lost; as deals in stages of their own, that is a rate of 50 %."""
    file = PUBLISHED / "datablist-leads" / "leads-100.csv"
    with file.open(newline="", encoding="utf-8") as source:
        rows = [(row["Account Id"], row["Deal Stage"], row["Company"]) for row in csv.DictReader(source)]
    deals = workspace.home / "deals.csv"
    known = {"Closed Won": "Won", "Closed Lost": "Lost", "Proposal Sent": "Quote sent"}
    lines = [f'{name},{known.get(stage, "Potential")},"{company}"' for name, stage, company in rows]
    deals.write_text("\n".join(["Deal Name,Stage,Company", *lines]), encoding="utf-8")
    workspace.ok("import", "deal", str(deals), "--create")
    found = values(workspace)
    assert (found["deals_won"], found["deals_lost"], found["win_rate"]) == (9, 9, Decimal("0.5"))
