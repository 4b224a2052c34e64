"""The sample exports, where they lie beside the checkout: counts and figures that are known of them."""

import json
from collections import Counter
from decimal import Decimal
from statistics import mean, median

from crmcli.domain.zones import day_number
from crmcli.importing.plan import plan_files
from crmcli.importing.presets import Preset
from crmcli.importing.rows import Draft, Prepared
from tests.published import PUBLISHED, needs_published

from .conftest import ROME, drafts, prepare_path

pytestmark = needs_published


def hubspot(name: str, entity: str) -> list[Draft]:
    return drafts(prepare_path(PUBLISHED / "hubspot-export" / f"hubspot_{name}.csv", entity))


def days(start: str, end: str) -> int:
    return day_number(end, ROME.zone) - day_number(start, ROME.zone)


def test_golden_b_files_and_rows(presets: dict[str, Preset]) -> None:
    plan = plan_files([PUBLISHED / "hubspot-export"], presets)
    rows = [len(drafts(prepare_path(planned.path, planned.entity))) for planned in plan.files]
    assert [planned.kind.name for planned in plan.files] == ["companies", "contacts", "deals", "activities", "tickets"]
    assert rows == [200, 950, 500, 2000, 300]


def test_golden_b_contacts() -> None:
    contacts = hubspot("contacts", "contact")
    assert sum("organization" not in contact.links for contact in contacts) == 271
    stages = Counter(contact.values["lifecycle_stage"] for contact in contacts)
    assert (stages["mql"], stages["sql"], stages["customer"]) == (131, 101, 120)
    assert sum("lead_status" in contact.values.get("custom", {}) for contact in contacts) == 321


def test_golden_b_deals() -> None:
    deals = hubspot("deals", "deal")
    assert Counter(deal.values["outcome"] for deal in deals) == {"open": 360, "won": 71, "lost": 69}
    assert sum(deal.values["outcome"] == "lost" and "lost_reason" not in deal.values for deal in deals) == 13
    won = [deal for deal in deals if deal.values["outcome"] == "won"]
    assert sum(deal.values["amount"] for deal in won) == Decimal("8934361.48")
    cycles = [days(str(deal.created_at), deal.values["closed_at"]) for deal in won]
    assert round(mean(cycles), 6) == 201.690141
    assert median(cycles) == 161
    assert all({"organization", "contact", "owner", "stage", "pipeline"} <= deal.links.keys() for deal in deals)


def test_golden_b_weighted_pipeline() -> None:
    built = prepare_path(PUBLISHED / "hubspot-export" / "hubspot_deals.csv", "deal")
    assert [pipeline.name for pipeline in built.decisions.pipelines] == ["Sales Pipeline", "Renewals Pipeline"]
    assert round(weighted(built), 2) == Decimal("25368927.42")


def test_golden_b_tickets_and_activities() -> None:
    tickets = hubspot("tickets", "ticket")
    assert Counter(ticket.values["status"] for ticket in tickets) == {
        "open": 90,
        "closed": 74,
        "new": 68,
        "waiting_customer": 68,
    }
    closed = [days(t.values["opened_at"], t.values["closed_at"]) for t in tickets if t.values["status"] == "closed"]
    assert (round(mean(closed), 6), median(closed)) == (262.675676, 229)
    activities = hubspot("activities", "interaction")
    assert Counter(activity.entity for activity in activities) == {"interaction": 1203, "event": 412, "task": 385}
    assert all("contact" in activity.links for activity in activities)


def test_golden_c_support_requests() -> None:
    tickets = drafts(prepare_path(PUBLISHED / "support-requests" / "support_tickets.csv", "ticket"))
    assert (len(tickets), len({ticket.external for ticket in tickets})) == (151, 148)


def test_golden_d_salesforce() -> None:
    folder = PUBLISHED / "salesforce-pipeline"
    expected = json.loads((folder / "expected.json").read_text())["figures"]
    assert len(drafts(prepare_path(folder / "accountData.csv", "organization"))) == expected["accounts"]["value"]
    built = prepare_path(folder / "opportunityData.csv", "deal")
    deals = drafts(built)
    assert Counter(deal.values["outcome"] for deal in deals) == {"won": 8, "open": 30}
    assert sum("amount" not in deal.values for deal in deals) == expected["without_amount"]["value"]
    [pipeline] = built.decisions.pipelines
    counts = {stage.name: stage.deals for stage in pipeline.stages if stage.deals}
    assert counts == expected["by_stage"]["value"]
    assert weighted(built) == Decimal("2658000")


def test_golden_a_linkedin() -> None:
    contacts = drafts(prepare_path(PUBLISHED / "linkedin-connections" / "Connections.csv", "contact"))
    assert (len(contacts), sum("emails" in contact.values for contact in contacts)) == (10, 7)


def test_golden_e_messy_headers() -> None:
    folder = PUBLISHED / "messy-contacts"
    accounts = drafts(prepare_path(folder / "accounts_messy.csv", "organization"))
    assert all({"name", "website", "billing_country"} <= account.values.keys() for account in accounts)


def weighted(built: Prepared) -> Decimal:
    """Return amount times probability of the open deals, by the file's or else the stage's probability."""
    chances = {(p.name, stage.name): stage.probability for p in built.decisions.pipelines for stage in p.stages}
    total = Decimal(0)
    for deal in drafts(built):
        if deal.values["outcome"] == "open":
            place = tuple(deal.links[name][0].keys[0].value for name in ("pipeline", "stage"))
            chance = deal.values.get("probability", chances[place[0], place[1]])
            total += deal.values.get("amount", Decimal(0)) * chance / 100
    return total
