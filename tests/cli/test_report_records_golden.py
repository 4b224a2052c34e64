"""How many records of which kind real exports hold, as pivots and reports tell it, against independent counts."""

from typing import Any

import pytest

from tests.cli.samples import cells, expected, groups, totals
from tests.cli.workspace import Workspace
from tests.published import PUBLISHED, needs_published

_HUBSPOT, _SALESFORCE = PUBLISHED / "hubspot-export", PUBLISHED / "salesforce-pipeline"
_STATUS = {"Waiting on us": "open", "Closed": "closed", "New": "new", "Waiting on contact": "waiting_customer"}
_PRIORITY = {"High": "high", "Medium": "normal", "Urgent": "urgent", "Low": "low"}
_LIFE_CYCLE = {
    "Marketing Qualified Lead": "mql", "Sales Qualified Lead": "sql", "Opportunity": "opportunity", "Lead": "lead",
    "Subscriber": "subscriber", "Customer": "customer", "Evangelist": "evangelist", "Other": "other",
}  # fmt: skip

pytestmark = needs_published


@pytest.fixture
def export(workspace: Workspace) -> Workspace:
    """The whole export of one vendor, imported as a user does."""
    workspace.ok("import", "auto", str(_HUBSPOT))
    return workspace


@pytest.fixture
def known() -> dict[str, Any]:
    """The independently computed figures of that export, by name."""
    return expected("hubspot-export")


def called(figures: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """Return figures by the keys that their names became."""
    return {names[name]: value for name, value in figures.items()}


def test_the_records_of_each_file(export: Workspace, known: dict[str, Any]) -> None:
    nouns = {"companies": "org", "contacts": "contact", "deals": "deal", "tickets": "ticket"}
    found = {name: len(export.json(noun, "list")) for name, noun in nouns.items()}
    activities = {noun: len(export.json(noun, "list")) for noun in ("log", "event", "task")}
    assert found | {"activities": sum(activities.values())} == known["rows"]
    kinds = cells(export, "log", "kind", "count") | {"meeting": activities["event"], "task": activities["task"]}
    assert kinds == {name.casefold(): count for name, count in known["activities_by_type"].items()}
    away = export.json("contact", "list", "--where", "organization is empty")
    assert len(away) == known["contacts_without_company"]


def test_deals_by_stage_and_pipeline(export: Workspace, known: dict[str, Any]) -> None:
    stages: dict[str, int] = {}
    for label, count in cells(export, "deal", "stage", "count").items():
        name = label.partition(" (")[0].casefold()
        stages[name] = stages.get(name, 0) + count
    assert stages == {name.casefold(): count for name, count in known["deals_by_stage"].items()}
    sizes, amounts = (cells(export, "deal", "pipeline", measure) for measure in ("count", "amount"))
    assert {name: {"size": sizes[name], "sum": amounts[name]} for name in sizes} == known["by_pipeline"]
    days = totals(export, "cycle-length", "--period", "all")["cycle_days_mean"]
    assert (days["count"], days["excluded"], known["negative_cycle_deals"]) == (71, [], 0)


def test_tickets_by_status_and_priority(export: Workspace, known: dict[str, Any]) -> None:
    for by, names in (("status", _STATUS), ("priority", _PRIORITY)):
        rows = groups(export, "tickets", "--period", "all", "--by", by)
        assert {row["group"]: row["opened"] for row in rows} == called(known[f"tickets_by_{by}"], names)
    found = totals(export, "resolution", "--period", "all")["ticket_resolution_hours_mean"]
    days = known["ticket_days_to_close"]
    assert (found["count"], round(found["value"] / 24, 6)) == (days["n"], days["mean"])


def test_contacts_by_the_stage_of_their_life_cycle(workspace: Workspace, known: dict[str, Any]) -> None:
    """As they are told while no deal says more; with the deals of the export, people go on by themselves."""
    workspace.ok("import", "contact", str(_HUBSPOT / "hubspot_contacts.csv"), "--create")
    asked = ("contact", "lifecycle_stage", "count")
    assert cells(workspace, *asked) == called(known["contacts_by_lifecycle_stage"], _LIFE_CYCLE)


def test_records_and_stages_of_another_vendor(workspace: Workspace) -> None:
    known = expected("salesforce-pipeline")
    workspace.ok("import", "auto", str(_SALESFORCE))
    found = cells(workspace, "deal", "stage", "count")
    assert {name.casefold(): count for name, count in found.items()} == {
        name.casefold(): count for name, count in known["by_stage"].items()
    }
    assert (sum(found.values()), len(workspace.json("org", "list"))) == (known["rows"], known["accounts"])
    kpis = {entry["key"]: entry for entry in workspace.json("report", "kpi", "--period", "all")["kpis"]}
    assert (kpis["deals_lost"]["value"], kpis["win_rate"]["denominator"]) == (known["lost"], 8)
    assert kpis["weighted_amount"]["value"] == known["expected_revenue_column_open"]
    assert kpis["won_amount"]["value"] == known["won_value"]
    assert kpis["pipeline_amount"]["value"] == known["open_pipeline_value"]
