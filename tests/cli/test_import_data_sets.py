"""Every sample that is an export or a table goes in by the commands a user would type, with the figures known of it.

In each store the second import changes nothing, and what is exported comes back as it was. The samples lie beside the
checkout and are not part of it; without them these tests are skipped. What reports tell of them is tested with reports.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from decimal import Decimal
from statistics import mean, median
from typing import Any, NamedTuple

import pytest

from crmcli.domain.enums import label
from crmcli.domain.zones import day_number
from tests.cli.samples import expected, rows_of
from tests.cli.workspace import Workspace
from tests.published import PUBLISHED, needs_published

ZONE = "Europe/Rome"
Records = list[dict[str, Any]]
Held = Mapping[str, Records]  # what a store holds, by noun

pytestmark = needs_published


class Sample(NamedTuple):
    """What is typed before and for the import of a sample, what the store then holds, and what is known of that."""

    folder: str
    words: tuple[str, ...]  # of the import; the last but for options is the file
    counts: Mapping[str, int]  # of records by noun
    before: tuple[tuple[str, ...], ...] = ()
    code: int = 0
    check: Callable[[Held, Mapping[str, Any]], None] = lambda *_: None


def records(workspace: Workspace, noun: str) -> Records:
    found: Records = json.loads(workspace.ok("export", noun, "-o", "json"), parse_float=Decimal)
    return found


def tagged(found: Records) -> Counter[str]:
    return Counter(tag for one in found for tag in one["tags"])


def near(value: Any, expected: Any) -> bool:
    return abs(Decimal(value) - Decimal(expected)) <= Decimal("0.000001")


def hubspot(held: Held, figures: Mapping[str, Any]) -> None:
    deals, tickets = held["deal"], held["ticket"]
    _hubspot_deals(deals, figures)
    contacts = held["contact"]
    assert sum(one["organization"] is None for one in contacts) == figures["contacts_without_company"]
    known_stages = figures["contacts_by_lifecycle_stage"]
    stages = Counter(one["lifecycle_stage"] for one in contacts)
    further = stages["opportunity"] + stages["customer"] - known_stages["Opportunity"] - known_stages["Customer"]
    behind = sum(known_stages.values()) - known_stages["Opportunity"] - known_stages["Customer"] - stages["evangelist"]
    assert further == behind - sum(stages[one] for one in ("subscriber", "lead", "mql", "sql", "other")) > 0
    assert stages["evangelist"] == known_stages["Evangelist"], "deals move nobody back"
    statuses = Counter(label("ticket_status", one["status"]) for one in tickets)
    assert sorted(statuses.values()) == sorted(figures["tickets_by_status"].values())
    priorities = Counter({"normal": "medium"}.get(one["priority"], one["priority"]) for one in tickets)
    assert priorities == folded(figures["tickets_by_priority"])
    closed = [days(one["opened_at"], one["closed_at"]) for one in tickets if one["closed_at"]]
    wanted = figures["ticket_days_to_close"]
    assert (len(closed), median(closed)) == (wanted["n"], wanted["median"])
    assert near(mean(map(Decimal, closed)), wanted["mean"])
    kinds = Counter(one["kind"].capitalize() for one in held["log"])
    kinds["Meeting"], kinds["Task"] = len(held["event"]), len(held["task"])
    assert kinds == figures["activities_by_type"]


@pytest.mark.parametrize("noun", ["contact", "auto"])
def test_contacts_come_with_the_funnel_stages_of_their_file(workspace: Workspace, noun: str) -> None:
    """Deals that come after them move those they are made with forward, here as everywhere."""
    workspace.ok("import", noun, str(PUBLISHED / "hubspot-export" / "hubspot_contacts.csv"), "--create")
    stages = Counter(label("lifecycle_stage", one["lifecycle_stage"]) for one in records(workspace, "contact"))
    assert folded(stages) == folded(expected("hubspot-export")["contacts_by_lifecycle_stage"])


def _hubspot_deals(deals: Records, figures: Mapping[str, Any]) -> None:
    assert folded(Counter(one["stage"] for one in deals)) == folded(figures["deals_by_stage"])
    won, lost, still = ([one for one in deals if one["outcome"] == outcome] for outcome in ("won", "lost", "open"))
    amounts = [one["amount"] for one in won]
    assert near(Decimal(len(won)) / (len(won) + len(lost)), figures["win_rate_closed"])
    assert (sum(amounts), median(amounts)) == (figures["won_value"], figures["median_deal_won"])
    assert near(mean(amounts), figures["average_deal_won"])
    assert sum(one["amount"] for one in still) == figures["open_pipeline_value"]
    assert folded(sums(still, "stage")) == folded(figures["open_pipeline_by_stage"])
    cycles = [days(one["created_at"], one["closed_at"]) for one in won]
    assert near(mean(map(Decimal, cycles)), figures["cycle_days_mean_won"])
    assert (median(cycles), sum(cycle < 0 for cycle in cycles)) == (
        figures["cycle_days_median_won"],
        figures["negative_cycle_deals"],
    )
    for owner, wanted in figures["by_owner"].items():
        of = [one for one in deals if one["owner_ref"] == owner.partition("@")[0]]
        counts = Counter(one["outcome"] for one in of)
        assert (counts["won"], counts["lost"]) == (wanted["won"], wanted["lost"])
        assert sum(one["amount"] for one in of if one["outcome"] == "won") == wanted["won_value"]
    reasons = Counter(one["lost_reason"] for one in lost)
    assert reasons["unknown"] == figures["lost_reasons"][""]
    assert sorted(reasons.values()) == sorted(figures["lost_reasons"].values())
    for pipeline, wanted in figures["by_pipeline"].items():
        sizes = [one["amount"] for one in deals if one["pipeline"] == pipeline]
        assert (len(sizes), sum(sizes)) == (wanted["size"], wanted["sum"])


def salesforce(held: Held, figures: Mapping[str, Any]) -> None:
    deals = held["deal"]
    assert folded(Counter(one["stage"] for one in deals)) == folded(figures["by_stage"])
    still = [one for one in deals if one["outcome"] == "open"]
    assert sum(one["amount"] for one in deals if one["outcome"] == "won") == figures["won_value"]
    assert sum(one["amount"] or 0 for one in still) == figures["open_pipeline_value"]
    weighted = sum((one["amount"] or 0) * Decimal(one["probability"]) / 100 for one in still)
    assert weighted == figures["weighted_open_pipeline"] == figures["expected_revenue_column_open"]
    assert sum(one["amount"] is None for one in deals) == figures["without_amount"]
    assert sum(one["outcome"] == "lost" for one in deals) == figures["lost"]


def support(held: Held, figures: Mapping[str, Any]) -> None:
    """Three ids occur twice with other words: the later row counts, so three records of the file are in others."""
    tickets, contacts = held["ticket"], held["contact"]
    assert len(tickets) == figures["distinct_ids"] == figures["rows"] - 3
    assert len(contacts) == figures["distinct_emails"]
    rows = {row["TICKET_ID"]: row for row in rows_of("support-requests", "support_tickets.csv")}  # the later of an id
    assert Counter(one["category"] for one in tickets) == Counter(row["SERVICE_TYPE"] for row in rows.values())
    assert {one["category"] for one in tickets} == set(figures["by_service"])
    preferred = Counter(row["CONTACT_PREFERENCE"] for row in rows.values())
    assert tagged(tickets).keys() == preferred.keys() == figures["by_contact_preference"].keys()
    both = sum(len(one["tags"]) == 2 for one in tickets)
    assert sum(tagged(tickets).values()) == sum(preferred.values()) + both, "who asked twice may have said both"


def leads(held: Held, figures: Mapping[str, Any]) -> None:
    found = held["lead"]
    assert len({one["external_refs"][0]["external_id"] for one in found}) == figures["distinct_accounts"]
    assert tagged(found) == figures["by_stage"]
    sources = Counter(one["source_detail"] or label("source", one["source"]) for one in found)
    assert folded(sources) == folded(figures["by_source"])
    won, lost = (tagged(found)[stage] for stage in ("Closed Won", "Closed Lost"))
    assert Decimal(won) / (won + lost) == figures["win_rate_closed"]


def connections(held: Held, _figures: Mapping[str, Any]) -> None:
    """The note beside the sample says 6 with an e-mail, and the file holds 7."""
    found = held["contact"]
    assert sum(bool(one["emails"]) for one in found) == 7
    assert {one["source"] for one in found} == {"linkedin"}
    assert {one["kind"] for one in held["log"]} == {"social"}


def accounts(held: Held, figures: Mapping[str, Any]) -> None:
    found = held["org"]
    assert len({one["domain"] for one in found}) == len(found) == figures["accounts_distinct_domains"]
    assert sum(not one["website"] for one in found) == figures["accounts_without_website"]


def people(held: Held, figures: Mapping[str, Any]) -> None:
    """One of 37 distinct ways to write an address differs from another in its case alone; one is no address."""
    found = [email for one in held["contact"] for email in one["emails"]]
    assert len({one.lower() for one in found}) == len(found) == figures["contacts_distinct_emails"] - 1


def customers(held: Held, figures: Mapping[str, Any]) -> None:
    found = held["contact"]
    assert len(found) == figures["customer_records"] == figures["customers"]
    assert found[0]["last_name"] == "Gonçalves"


def telco(held: Held, figures: Mapping[str, Any]) -> None:
    found = [one["custom"] for one in held["contact"]]
    gone = [one for one in found if one["churn"]]
    assert (len(found), len(gone)) == (figures["customers"], figures["churned"])
    assert near(Decimal(len(gone)) / len(found), figures["churn_rate"])
    assert near(1 - Decimal(len(gone)) / len(found), figures["retention_rate"])
    for column, wanted in (("contract", "churn_by_contract"), ("paymentmethod", "churn_by_payment")):
        left, all_ = (Counter(one[column] for one in of) for of in (gone, found))
        assert all(near(Decimal(left[name]) / all_[name], rate) for name, rate in figures[wanted].items())
    assert near(mean(Decimal(one["monthlycharges"]) for one in found), figures["arpu"])
    assert sum(Decimal(one["monthlycharges"]) for one in found) == figures["mrr_total"]
    assert sum(Decimal(one["monthlycharges"]) for one in gone) == figures["mrr_lost"]
    assert near(mean(Decimal(one["tenure"]) for one in found), figures["tenure_months_mean"])
    total = [one["totalcharges"] for one in found if "totalcharges" in one]
    assert len(found) - len(total) == figures["blank_total_charges"]
    assert sum(map(Decimal, total)) == figures["total_charges_sum"]
    for product, share in figures["product_penetration"].items():
        key = "internetservice" if product == "Internet" else product.lower()
        having = sum(one[key] not in ("No", "No internet service") for one in found)
        assert near(Decimal(having) / len(found), share)


def bank(held: Held, figures: Mapping[str, Any]) -> None:
    found = [one["custom"] for one in held["contact"]]
    yes = [one for one in found if one["subscribed"]]
    assert (len(found), len(yes)) == (figures["rows"], figures["subscribed"])
    assert near(Decimal(len(yes)) / len(found), figures["redemption"])
    fields = {"month": "last_month", "job": "job", "contact": "channel", "poutcome": "earlier_outcome",
              "marital": "marital", "education": "education"}  # fmt: skip
    for name, key in fields.items():
        of, subscribed = (Counter(one[key] for one in part) for part in (found, yes))
        assert {
            value: {"contacted": count, "subscribed": subscribed[value]} for value, count in of.items()
        } == {value: {key: one[key] for key in ("contacted", "subscribed")}
              for value, one in figures[f"redemption_by_{name}"].items()}  # fmt: skip
        assert all(
            near(Decimal(subscribed[value]) / of[value], one["rate"])
            for value, one in figures[f"redemption_by_{name}"].items()
        )
    calls = sum(one["calls"] for one in found)
    assert calls == figures["calls_total"]
    assert near(Decimal(calls) / len(yes), figures["calls_per_subscription"])
    of, subscribed = (Counter(str(min(one["calls"], 6)) for one in part) for part in (found, yes))
    assert all(near(Decimal(subscribed[n]) / of[n], rate) for n, rate in figures["redemption_by_contacts"].items())
    assert sum(one["last_seconds"] for one in found) == figures["talk_seconds_total"]
    before = [one["subscribed"] for one in found if one["days_since"] != -1]
    assert len(before) == figures["previously_contacted"]
    assert near(Decimal(sum(before)) / len(before), figures["redemption_previously_contacted"])


def days(start: str, end: str) -> int:
    return day_number(end, ZONE) - day_number(start, ZONE)


def sums(found: Records, key: str) -> dict[str, Decimal]:
    totals: dict[str, Decimal] = {}
    for one in found:
        totals[one[key]] = totals.get(one[key], Decimal(0)) + one["amount"]
    return totals


def folded(counts: Mapping[str, Any]) -> dict[str, Any]:
    return {name.casefold(): count for name, count in counts.items()}


_MANY = 1_000  # records that need no second reading to show the same
_TELCO = {
    "tenure": "int", "PhoneService": "text", "InternetService": "text", "OnlineSecurity": "text",
    "OnlineBackup": "text", "DeviceProtection": "text", "TechSupport": "text", "StreamingTV": "text",
    "StreamingMovies": "text", "Contract": "text", "PaymentMethod": "text", "MonthlyCharges": "decimal",
    "TotalCharges": "decimal", "Churn": "bool",
}  # fmt: skip
_TELCO_FIELDS = tuple(("field", "add", "contact", name.lower(), "--type", kind) for name, kind in _TELCO.items())
_TELCO_MAPS = ("--map", "customerID=last_name")
_MESSY = "messy-contacts"

SETS = {
    "hubspot": Sample(
        "hubspot-export", ("auto", ""),
        {"org": 200, "contact": 950, "deal": 500, "ticket": 300, "log": 1203, "event": 412, "task": 385}, check=hubspot,
    ),
    "salesforce": Sample("salesforce-pipeline", ("auto", ""), {"org": 7, "deal": 38}, check=salesforce),
    "support": Sample(
        "support-requests", ("ticket", "support_tickets.csv", "--create", "--map", "CONTACT_PREFERENCE=tags"),
        {"ticket": 148, "contact": 109}, check=support,
    ),
    "datablist": Sample(
        "datablist-leads",
        ("lead", "leads-100.csv", "--create", "--map", "Account Id=external_id", "--map", "Deal Stage=tags"),
        {"lead": 100}, check=leads,
    ),
    "linkedin": Sample(
        "linkedin-connections", ("auto", "Connections.csv"), {"contact": 10, "org": 10, "log": 10}, check=connections,
    ),
    "accounts": Sample(_MESSY, ("org", "accounts_messy.csv"), {"org": 18}, check=accounts),
    "people": Sample(
        _MESSY, ("contact", "contacts_messy.csv", "--create", "--update"), {"contact": 36}, code=6, check=people,
    ),
    "clean": Sample(_MESSY, ("auto", "hubspot_contacts.csv"), {"contact": 20, "org": 18}),
    "chinook": Sample("chinook-purchases", ("contact", "customers.csv", "--create"), {"contact": 59}, check=customers),
    "telco": Sample(
        "telco-churn", ("contact", "Telco-Customer-Churn.csv", *_TELCO_MAPS), {"contact": 7043}, before=_TELCO_FIELDS,
        check=telco,
    ),
    "bank": Sample(
        "bank-campaign", ("contact", "bank-sample.csv", "--create"), {"contact": 4522}, check=bank,
    ),
}  # fmt: skip


def taken(workspace: Workspace, sample: Sample) -> list[dict[str, Any]]:
    """Import a sample and return the receipts."""
    noun, file, *options = sample.words
    done = workspace.crm("import", noun, str(PUBLISHED / sample.folder / file), *options, "-o", "json")
    assert done.code == sample.code, done.err
    receipts: list[dict[str, Any]] = json.loads(done.out)
    return receipts if isinstance(receipts, list) else [receipts]


@pytest.mark.parametrize("name", SETS)
def test_a_data_set_goes_in_with_its_figures_and_comes_back(workspace: Workspace, name: str) -> None:
    sample = SETS[name]
    for words in sample.before:
        workspace.ok(*words)
    taken(workspace, sample)
    figures = expected(sample.folder) if (PUBLISHED / sample.folder / "expected.json").exists() else {}
    held = {noun: records(workspace, noun) for noun in sample.counts}
    assert {noun: len(found) for noun, found in held.items()} == sample.counts
    sample.check(held, figures)
    before = workspace.ok("export", "all")
    again = taken(workspace, sample)
    assert sum(receipt[key] for receipt in again for key in ("created", "updated")) == 0
    assert workspace.ok("export", "all") == before
    for noun, count in sample.counts.items():
        if count > _MANY:
            continue
        file = workspace.home / f"{noun}.csv"
        workspace.ok("export", noun, "--to", str(file))
        (receipt,) = json.loads(f"[{workspace.ok('import', noun, str(file), '-o', 'json')}]")
        assert (receipt["unchanged"], receipt["rows"]) == (count, count)
    assert workspace.ok("export", "all") == before
