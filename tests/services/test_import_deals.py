"""Importing deals and activities: pipelines, outcomes, days and links; and the real exports, whole."""

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from crmcli.services.undo import take_back
from tests.published import PUBLISHED, needs_published
from tests.services.files import Desk, figures
from tests.services.world import NOW_STORED, Store

DEAL = {"Deal Name": "Big", "Company": "Acme", "Stage": "negotiation", "Amount": "1000.00"}


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    found = Desk(store, tmp_path)
    store.add("organization", name="Acme")
    return found


def test_a_stage_is_found_by_key_label_or_alias(desk: Desk) -> None:
    rows = [DEAL | {"Deal Name": stage, "Stage": stage} for stage in ("quote_sent", "Quote sent", "Quotation")]
    assert desk.take("deal", rows).created == 3
    assert {desk.store.shown("deal", n)["stage_ref"] for n in (1, 2, 3)} == {desk.store.shown("deal", 1)["stage_ref"]}


def test_an_unknown_stage_rejects_the_row_naming_those_there_are(desk: Desk) -> None:
    assert figures(desk.take("deal", [DEAL, DEAL | {"Stage": "Somewhere"}])) == (1, 0, 0, 1)
    assert "potential, negotiation, quote_sent" in desk.rejected()[0]["_error"]


def test_an_unknown_pipeline_rejects_without_create(desk: Desk) -> None:
    row = DEAL | {"Pipeline": "Renewals"}
    assert desk.take("deal", [row]).rejected == 1
    assert "'Renewals'" in desk.rejected()[0]["_error"]
    assert desk.take("deal", [row], terms={"create": True}).on_the_way == {"pipeline": 1}
    assert desk.store.shown("deal", 1)["pipeline"] == "Renewals"


def test_a_lost_deal_without_history_stood_in_the_furthest_open_stage(desk: Desk) -> None:
    receipt = desk.take("deal", [DEAL | {"Stage": "Lost"}])
    row = desk.store.row("deal", 1)
    assert (row["outcome"], row["lost_reason"]) == ("lost", "unknown")
    assert row["last_open_stage_id"] == desk.store.stage("quote_sent")
    assert row["closed_at"] == NOW_STORED
    assert any("closing date" in warning for warning in receipt.warnings)


def test_the_outcome_wins_over_an_open_stage_which_is_remembered(desk: Desk) -> None:
    desk.take("deal", [DEAL | {"Outcome": "won", "Close Date": "2026-02-01"}])
    row = desk.store.row("deal", 1)
    assert (row["outcome"], row["stage_id"]) == ("won", desk.store.stage("won"))
    assert row["last_open_stage_id"] == desk.store.stage("negotiation")
    assert row["closed_at"] == "2026-01-31T23:00:00Z"


@pytest.mark.parametrize("blank", [{"Stage": ""}, {}, {"Pipeline": "", "Outcome": ""}, {"Pipeline": "Sales"}])
def test_a_deal_stays_where_it_is_unless_its_row_says_where(desk: Desk, blank: dict[str, str]) -> None:
    for stage in ("quote_sent", "won", "lost"):
        desk.take("deal", [{"Record ID": stage, "Name": stage, "Company": "Acme", "Stage": stage}])
    desk.store.edit("deal", 3, {"lost_reason": "price"})
    before = [desk.store.row("deal", number) for number in (1, 2, 3)]
    rows = [{"Record ID": stage, "Amount": "7", **blank} for stage in ("quote_sent", "won", "lost")]
    assert figures(desk.take("deal", rows)) == (0, 3, 0, 0)
    changed = {"amount_minor", "version", "updated_at"}
    for number, old in zip((1, 2, 3), before, strict=True):
        new = desk.store.row("deal", number)
        assert {key for key in new if new[key] != old[key]} <= changed
        assert new["amount_minor"] == 700


def test_an_outcome_without_a_stage_closes_the_deal(desk: Desk) -> None:
    desk.take("deal", [DEAL | {"Record ID": "1", "Stage": "negotiation"}])
    desk.take("deal", [{"Record ID": "1", "Outcome": "Won"}])
    assert desk.store.shown("deal", 1)["stage_ref"].endswith("won")
    desk.take("deal", [{"Record ID": "1", "Outcome": "Open", "Stage": "quote_sent"}])
    assert desk.store.shown("deal", 1)["stage_ref"].endswith("quote_sent")


@pytest.mark.parametrize(("probability", "source"), [("40", "stage"), ("55", "manual")])
def test_a_probability_other_than_the_stage_has_is_manual(desk: Desk, probability: str, source: str) -> None:
    desk.take("deal", [DEAL | {"Probability": probability}])
    row = desk.store.row("deal", 1)
    assert (row["probability_bp"], row["probability_source"]) == (int(probability) * 100, source)


def test_creation_dates_come_from_the_file_but_the_state_log_does_not(desk: Desk) -> None:
    desk.take("deal", [DEAL | {"Create Date": "2025-01-10"}])
    assert desk.store.row("deal", 1)["created_at"] == "2025-01-09T23:00:00Z"
    assert desk.store.row("deal", 1)["stage_entered_at"] == NOW_STORED
    assert [row["entered_at"] for row in desk.store.states("deal", 1, "stage")] == [NOW_STORED]


def test_an_activity_is_linked_to_contact_and_organization(desk: Desk) -> None:
    desk.store.add("contact", full_name="Anna Rossi", emails=["anna@example.com"])
    row = {"Subject": "Call back", "Due Date": "2026-04-01", "Contact Email": "anna@example.com", "Company": "Acme"}
    assert desk.take("task", [row]).links == 2
    links = desk.store.rows("SELECT entity, record_id, is_main FROM activity_link ORDER BY position")
    assert [tuple(link.values()) for link in links] == [("contact", 1, 1), ("organization", 1, 0)]
    task = desk.store.row("task", 1)
    assert (task["due_wall"], task["due_is_date"]) == ("2026-04-01", 1)


def test_a_converted_lead_waits_as_qualified(desk: Desk) -> None:
    row = {"Lead ID": "1", "Last Name": "Rossi", "Company / Account": "Acme", "Lead Status": "Converted",
           "Converted Opportunity ID": "7"}  # fmt: skip
    receipt = desk.take("lead", [row])
    assert desk.store.row("lead", 1)["status"] == "qualified"
    assert any("qualified" in warning for warning in receipt.warnings)


@needs_published
def test_hubspot_export_whole(store: Store, tmp_path: Path) -> None:
    desk, empty = Desk(store, tmp_path), store.export()
    receipts = desk.take_all(PUBLISHED / "hubspot-export")
    assert [figures(one) for one in receipts] == [(n, 0, 0, 0) for n in (200, 950, 500, 2000, 300)]
    (loose,) = store.rows(
        "SELECT COUNT(*) AS n FROM contact c WHERE NOT EXISTS"
        " (SELECT 1 FROM organization_contact o WHERE o.contact_id = c.id)"
    )
    assert loose["n"] == 271
    deals = store.rows("SELECT d.*, p.name AS pipeline FROM deal d JOIN pipeline p ON p.id = d.pipeline_id")
    assert Counter(deal["outcome"] for deal in deals) == {"open": 360, "won": 71, "lost": 69}
    assert sum(deal["amount_minor"] for deal in deals if deal["outcome"] == "won") == 893_436_148
    assert {deal["pipeline"] for deal in deals} == {"Sales Pipeline", "Renewals Pipeline"}
    assert sum(deal["lost_reason"] == "unknown" for deal in deals) == 13
    assert [figures(one) for one in desk.take_all(PUBLISHED / "hubspot-export")] == [
        (0, 0, n, 0) for n in (200, 950, 500, 2000, 300)
    ]
    assert len({desk.operation(one.job or 0) for one in receipts}) == 1
    take_back(store.context(kind="undo"), desk.operation(receipts[0].job or 0))
    assert store.export() == empty


@needs_published
def test_salesforce_export_whole(store: Store, tmp_path: Path) -> None:
    desk = Desk(store, tmp_path)
    receipts = desk.take_all(PUBLISHED / "salesforce-pipeline")
    assert [figures(one) for one in receipts] == [(7, 0, 0, 0), (38, 0, 0, 0)]
    deals = store.rows("SELECT * FROM deal")
    won = [deal for deal in deals if deal["outcome"] == "won"]
    opened = [deal for deal in deals if deal["outcome"] == "open"]
    assert (len(won), sum(deal["amount_minor"] for deal in won)) == (8, 220_000_000)
    assert sum(deal["amount_minor"] or 0 for deal in opened) == 407_000_000
    weighted = sum(Decimal(deal["amount_minor"] or 0) * deal["probability_bp"] / 10_000 for deal in opened)
    assert weighted == 265_800_000
    assert sum(deal["amount_minor"] is None for deal in deals) == 5
    before = store.export()
    assert [figures(one) for one in desk.take_all(PUBLISHED / "salesforce-pipeline")] == [(0, 0, 7, 0), (0, 0, 38, 0)]
    assert store.export() == before


@needs_published
def test_support_requests_with_repeated_ids(store: Store, tmp_path: Path) -> None:
    file = next((PUBLISHED / "support-requests").glob("*.csv"))
    maps = {"TICKET_ID": "external_id", "CUSTOMER_EMAIL": "contact.email", "CUSTOMER_NAME": "contact.name"}
    maps |= {"REQUEST": "description", "SERVICE_TYPE": "category", "CONTACT_PREFERENCE": "ignore"}
    desk = Desk(store, tmp_path)
    receipt = desk.take("ticket", file, options={"maps": maps}, terms={"create": True})
    assert (receipt.rows, store.count("ticket")) == (151, 148)
    assert receipt.updated + receipt.unchanged == 3
    assert sum(count for warning, count in receipt.warnings.items() if warning.startswith("rows ")) == 3
    before = store.export()
    again = desk.take("ticket", file, options={"maps": maps}, terms={"create": True})
    assert (again.created, again.updated, again.unchanged, again.rejected) == (0, 0, 151, 0)
    assert store.export() == before
