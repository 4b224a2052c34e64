"""Public sample files that no vendor wrote: every figure known of them is found again in what is read."""

import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from crmcli.domain import enums
from crmcli.domain.webs import domain_of_url
from crmcli.importing.rows import Draft, Rejected, read_rows
from crmcli.importing.sources import Source, open_table
from tests.published import PUBLISHED, needs_published

from .conftest import ROME, drafts, prepare_path, rejected

pytestmark = needs_published


def expected(folder: str) -> dict[str, Any]:
    figures = json.loads((PUBLISHED / folder / "expected.json").read_text(encoding="utf-8"))["figures"]
    return {name: figure["value"] for name, figure in figures.items()}


def rows(folder: str, name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a file by column; none of them is bad."""
    path = PUBLISHED / folder / name
    with open_table(Source(path, path.name)) as table:
        for row in table.rows:
            assert row.error is None
            yield dict(zip(table.header, row.cells, strict=True))


def emails(contacts: list[Draft]) -> list[str]:
    return [point["value"] for contact in contacts for point in contact.values.get("emails", ())]


def test_messy_contacts() -> None:
    figures, folder = expected("messy-contacts"), PUBLISHED / "messy-contacts"
    accounts = drafts(prepare_path(folder / "accounts_messy.csv", "organization"))
    assert len(accounts) == figures["accounts_rows"]
    domains = [domain_of_url(account.values["website"]) for account in accounts]
    assert len(set(domains)) == figures["accounts_distinct_domains"]
    built = prepare_path(folder / "contacts_messy.csv", "contact")
    contacts = [row for row in read_rows(built) if isinstance(row, Draft)]
    bad = [row for row in read_rows(built) if isinstance(row, Rejected)]
    assert [(row.line, row.reason.partition(" is ")[0]) for row in bad] == [(29, "Email: 'sarah.miller'")]
    assert len(contacts) + len(bad) == figures["contacts_rows"]
    found = emails(contacts)
    assert len(found) + len(bad) == figures["contacts_with_email"]
    assert len(set(found)) + len(bad) == figures["contacts_distinct_emails_case_sensitive"]
    assert len(set(map(str.lower, found))) + len(bad) == figures["contacts_distinct_emails"]
    clean = prepare_path(folder / "hubspot_contacts.csv", "contact")
    assert (len(drafts(clean)), clean.mapping.kind.title) == (figures["hubspot_rows"], "hubspot contacts")


def test_datablist_leads() -> None:
    figures = expected("datablist-leads")
    stages = dict.fromkeys(("Closed Won", "Negotiation", "Proposal Sent"), "qualified")
    stages["Closed Lost"] = "unqualified"
    options = ROME._replace(maps={"Deal Stage": "status"}, stage_map=stages)
    path = PUBLISHED / "datablist-leads" / "leads-100.csv"
    leads = drafts(prepare_path(path, "lead", options))
    assert len(leads) == figures["rows"]
    written = Counter(row["Deal Stage"] for row in rows("datablist-leads", path.name))
    assert written == figures["by_stage"]
    statuses = Counter(lead.values["status"] for lead in leads)
    assert statuses["unqualified"] == written["Closed Lost"] + written["Disqualified"]
    told = [lead.values.get("source_detail") or enums.label("source", lead.values["source"]) for lead in leads]
    assert Counter(map(str.casefold, told)) == {name.casefold(): n for name, n in figures["by_source"].items()}
    assert all(len(lead.values["phones"]) == 2 and len(lead.values["emails"]) == 2 for lead in leads)


def test_support_requests() -> None:
    figures = expected("support-requests")
    tickets = drafts(prepare_path(PUBLISHED / "support-requests" / "support_tickets.csv", "ticket"))
    assert (len(tickets), len({ticket.external for ticket in tickets})) == (figures["rows"], figures["distinct_ids"])
    assert Counter(ticket.values["category"] for ticket in tickets) == figures["by_service"]
    people = {ticket.links["contact"][0].keys[0].value for ticket in tickets}
    assert len(people) == figures["distinct_emails"]


def test_telco_churn() -> None:
    figures = expected("telco-churn")
    customers = list(rows("telco-churn", "Telco-Customer-Churn.csv"))
    assert len(customers) == figures["customers"]
    assert sum(row["Churn"] == "Yes" for row in customers) == figures["churned"]
    charges = [row["TotalCharges"].strip() for row in customers]
    assert charges.count("") == figures["blank_total_charges"]
    assert sum(Decimal(charge) for charge in charges if charge) == Decimal(str(figures["total_charges_sum"]))
    assert sum(Decimal(row["MonthlyCharges"]) for row in customers) == Decimal(str(figures["mrr_total"]))


def test_golden_f_a_blank_amount_is_none_and_not_nought() -> None:
    options = ROME._replace(maps={"customerID": "name", "TotalCharges": "annual_revenue"})
    organizations = drafts(
        prepare_path(PUBLISHED / "telco-churn" / "Telco-Customer-Churn.csv", "organization", options)
    )
    assert (
        sum("annual_revenue" not in one.values for one in organizations)
        == expected("telco-churn")["blank_total_charges"]
    )


def test_bank_campaign() -> None:
    figures = expected("bank-campaign")
    customers = list(rows("bank-campaign", "bank-sample.csv"))
    assert len(customers) == figures["rows"]
    assert sum(row["y"] == "yes" for row in customers) == figures["subscribed"]
    assert sum(int(row["campaign"]) for row in customers) == figures["calls_total"]
    for column in ("month", "job", "contact", "poutcome", "marital", "education"):
        contacted = Counter(row[column] for row in customers)
        assert contacted == {value: of["contacted"] for value, of in figures[f"redemption_by_{column}"].items()}


def test_chinook_purchases() -> None:
    figures = expected("chinook-purchases")
    customers = drafts(prepare_path(PUBLISHED / "chinook-purchases" / "customers.csv", "contact"))
    assert len(customers) == figures["customers"]
    assert customers[0].values["last_name"] == "Gonçalves"
    assert customers[1].values["street"] == "Theodor-Heuss-Straße 34"
    assert "region" not in customers[1].values
    invoices = list(rows("chinook-purchases", "invoices.csv"))
    assert len(invoices) == figures["transactions"]
    assert sum(Decimal(row["Total"]) for row in invoices) == Decimal(str(figures["revenue"]))
    counts = [
        len(list(rows("chinook-purchases", name))) for name in ("invoice_lines.csv", "products.csv", "employees.csv")
    ]
    assert counts == [2240, 3503, 8]


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("datablist-leads", "leads-100.csv"),
        ("chinook-purchases", "customers.csv"),
        ("chinook-purchases", "employees.csv"),
        ("linkedin-connections", "Connections.csv"),
    ],
)
def test_no_row_of_people_is_rejected(folder: str, name: str) -> None:
    assert rejected(prepare_path(PUBLISHED / folder / name, "contact")) == []
