"""Figures of what customers buy: the cases of their definitions, and the ways in which such figures go wrong."""

from decimal import Decimal
from typing import Any

import pytest

from crmcli.config.customers import CustomerRules
from crmcli.errors import ConditionError, UsageError
from crmcli.reports.index import REPORTS
from tests.unit.reports.shop import Shop, days


def test_lifetime_value(shop: Shop) -> None:
    """Average 50.00, 4 purchases a year, margin 30 %, churn 20 %: 300.00."""
    for number in range(5):
        customer = shop.customer(f"Customer {number}")
        shop.buy(customer, "2024-06-01")
        if number:  # the first one buys nothing any more
            for day in days("2025-02", 4):
                shop.buy(customer, day)
    found = shop.totals("clv", "2025", own={"margin": "30%"})
    assert (found["average_purchase"]["value"], found["frequency"]["value"]) == (50, 4)
    assert (found["churn"]["numerator"], found["churn"]["denominator"], found["churn"]["value"]) == (
        1,
        5,
        Decimal("0.2"),
    )
    assert (found["clv"]["value"], found["clv"]["reason"]) == (300, None)


def test_lifetime_value_without_churn_or_margin(shop: Shop) -> None:
    """Nobody lost: as many years as the settings count on, and it says so. No margin: no value, never a false one."""
    customer = shop.customer()
    shop.buy(customer, "2024-06-01")
    shop.buy(customer, "2025-02-01", 100)
    found = shop.totals("clv", "2025", own={"margin": "10"})["clv"]
    assert (found["value"], found["reason"]) == (50, "churn is 0: counted for 5 years")
    rules = CustomerRules(max_years=3, margin=10)
    assert shop.value("clv", "clv", "2025", customers=rules) == 30
    unknown = shop.totals("clv", "2025")["clv"]
    assert unknown["value"] is None
    assert "no margin" in unknown["reason"]


def test_margin_to_date(shop: Shop) -> None:
    """All sales to date, whatever the beginning of the period."""
    one, other = shop.customer("One"), shop.customer("Other")
    shop.buy(one, "2020-01-01", 300)
    shop.buy(other, "2025-02-01", 100)
    assert shop.value("clv_historic", "clv", "2025", own={"margin": "30", "historic": True}) == 60


def test_frequency_divides_by_buyers(shop: Shop) -> None:
    """12 purchases by 4 buyers of a target of 20: 3.0, not 0.6."""
    customers = [shop.customer(f"Customer {number}", industry="retail") for number in range(20)]
    for customer in customers[:4]:
        for day in days("2026-01", 3):
            shop.buy(customer, day)
    own = {"target": "industry = retail"}
    found = shop.totals("frequency", "2026", own=own)
    assert (found["frequency"]["value"], found["buyers"]["value"], found["purchases"]["value"]) == (3, 4, 12)
    penetration = shop.totals("penetration", "2026", own=own)["penetration"]
    assert (penetration["numerator"], penetration["denominator"], penetration["value"]) == (4, 20, Decimal("0.2"))


def test_a_new_customer_of_the_second_period_never_enters_retention(shop: Shop) -> None:
    stays, leaves, comes = (shop.customer(name) for name in ("Stays", "Leaves", "Comes"))
    for customer, day in ((stays, "2024-05-01"), (leaves, "2024-06-01"), (stays, "2025-05-01"), (comes, "2025-06-01")):
        shop.buy(customer, day)
    found = shop.totals("retention", "2024")["retention"]
    assert (found["numerator"], found["denominator"]) == (1, 3)
    active = shop.totals("retention", "2024", own={"base": "active"})["retention_active"]
    assert (active["numerator"], active["denominator"], active["value"]) == (1, 2, Decimal("0.5"))
    assert shop.totals("retention", "all")["retention"]["reason"] == "the period has no limits"
    assert "the next period is not over" in shop.reporting.run("retention", "2025").notes


def test_trial_counts_first_purchases_ever(shop: Shop) -> None:
    """Who had bought before the period stands apart, and a purchase known from before it is what makes the rest new."""
    before, new = shop.customer("Before"), shop.customer("New")
    shop.customer("Never", industry="retail")
    shop.buy(before, "2024-12-31")
    for customer in (before, new):
        shop.buy(customer, "2025-02-01")
    found = shop.totals("trial", "2025")
    assert [found[key]["value"] for key in ("trial", "trial_customers", "customers_before")] == [Decimal("0.5"), 1, 1]
    assert shop.reporting.run("trial", "2025").notes == ()
    (note,) = shop.reporting.run("trial", "2024").notes
    assert "no purchase is known from before" in note
    assert shop.value("trial", "trial", "2025", own={"target": "type is not empty"}) == Decimal("0.25")


def test_a_period_begins_at_local_midnight(shop: Shop) -> None:
    """Ten minutes into the new year in Rome it is still the old one in UTC."""
    shop.buy(shop.customer(), "2024-12-31T23:10:00Z")
    assert shop.value("buyers", "sales", "2025") == 1
    assert shop.rows("cohort", "cohorts")[0]["cohort"] == "2025-01"


def test_customers_are_organizations_or_contacts_of_none(shop: Shop) -> None:
    """A deal of an organization and a contact is the organization's; one of neither is nobody's, and counted."""
    organization = shop.customer()
    contact = shop.world.add("contact", last_name="Rossi")
    shop.buy(organization, "2026-01-01", contact_id=contact)
    shop.buy(None, "2026-01-02", contact_id=contact)
    shop.buy(None, "2026-01-03")
    gone = shop.customer("Gone", deleted_at="2026-01-05T00:00:00Z")
    shop.buy(gone, "2026-01-04")
    found = shop.totals("sales", "2026")
    assert [found[key]["value"] for key in ("purchases", "buyers", "sales", "frequency")] == [4, 2, 200, 1]
    assert found["frequency"]["excluded"] == [{"reason": "no customer", "count": 2}]
    assert found["value_per_buyer"]["value"] == 50
    rows: Any = shop.reporting.run("frequency", "2026", explain="frequency").document["rows"]
    assert [(row["title"], row["excluded"]) for row in rows] == [
        ("Rossi", None), ("Acme", None), ("Deal", "no customer"), ("Deal", "no customer"),
    ]  # fmt: skip


def test_an_average_leaves_out_what_is_worth_nothing(shop: Shop) -> None:
    customer = shop.customer()
    for euro in (100, 0, -20, None):
        shop.buy(customer, "2026-01-01", euro)
    found = shop.totals("average-purchase", "2026")
    assert (found["average_purchase"]["value"], found["average_purchase"]["count"]) == (100, 1)
    assert found["average_purchase"]["excluded"] == [{"reason": "no value", "count": 3}]
    assert found["sales"]["value"] == 80


def test_foreign_amounts_count_at_their_frozen_rate(shop: Shop) -> None:
    customer = shop.customer()
    shop.buy(customer, "2026-01-01", 100, currency="USD", exchange_rate="0.9")
    shop.buy(customer, "2026-01-02", 100, currency="USD")
    result = shop.reporting.run("sales", "2026")
    totals: Any = result.document["totals"]
    assert next(entry["value"] for entry in totals if entry["key"] == "sales") == 90
    assert "100.00 USD stand apart" in result.warnings[0]
    scored = shop.reporting.run("rfm")
    assert [row["value"] for row in scored.main.rows] == [90]
    assert scored.warnings == ("1 purchases without an amount or a rate add no value",)


def test_churn_by_time_and_by_the_own_interval(shop: Shop) -> None:
    """Who bought each month is lost after two of them; who bought twice only after a year."""
    often, seldom = shop.customer("Often"), shop.customer("Seldom")
    for month in range(1, 7):
        shop.buy(often, f"2025-{month:02d}-10")
    for day in ("2025-01-10", "2025-06-10"):
        shop.buy(seldom, day)
    by_year = shop.totals("churn", "2025-07-01..2025-12-31")["churn"]
    assert (by_year["numerator"], by_year["denominator"]) == (0, 2)
    own = shop.totals("churn", "2025-07-01..2025-12-31", own={"after": "own"})["churn"]
    assert (own["numerator"], own["denominator"], own["value"]) == (1, 2, Decimal("0.5"))
    facts = dict(shop.reporting.run("churn", "2025", own={"after": "90d"}).facts)
    assert facts["Lost when"] == "no purchase for 90 days"
    assert shop.totals("churn", "all")["churn"]["reason"] == "the period has no limits"


def test_churn_as_contracts_tell_it(shop: Shop) -> None:
    """Lost is whom the condition fits, of those who had bought before the period."""
    kept, lost, new = (
        shop.customer(name, lifecycle_phase=phase)
        for name, phase in (("Kept", "commitment"), ("Lost", "dissolution"), ("New", "dissolution"))
    )
    for customer, day in ((kept, "2020-01-01"), (lost, "2020-01-01"), (new, "2026-02-01")):
        shop.buy(customer, day)
    found = shop.totals("churn", "2026", own={"lost": "lifecycle_phase = dissolution"})["churn"]
    assert (found["numerator"], found["denominator"]) == (1, 2)


def test_recurring_value_lost_kept_and_grown(shop: Shop) -> None:
    """A renewal stands in for what came before, an upsell is added, a year counts by the month; who ended lost all."""
    shrinks, grows, ends = (shop.customer(name) for name in ("Shrinks", "Grows", "Ends"))
    for customer in (shrinks, grows):
        shop.buy(customer, "2025-01-01", None, recurring_amount_minor=10_000, recurring_period="month")
    shop.buy(ends, "2025-01-01", None, recurring_amount_minor=120_000, recurring_period="year")
    shop.buy(shrinks, "2026-02-01", None, recurring_amount_minor=4_000, recurring_period="month", type="renewal")
    shop.buy(grows, "2026-02-01", None, recurring_amount_minor=5_000, recurring_period="month", type="upsell")
    shop.world.insert(
        "state_log", entity="organization", record_id=ends, field="lifecycle_phase", to_value="dissolution",
        entered_at="2026-01-15T00:00:00Z", cause="manual", operation_id=shop.world.operation(),
    )  # fmt: skip
    found = shop.totals("churn", "2026", own={"revenue": True})
    lost, kept = found["churn_revenue"], found["nrr"]
    assert (lost["numerator"], lost["denominator"]) == (160, 300)  # 60 contracted, 100 lost
    assert (kept["numerator"], kept["value"]) == (190, Decimal("0.633333"))  # 40 + 150
    rows: Any = shop.reporting.run("churn", "2026", own={"revenue": True}, explain="nrr").document["rows"]
    assert [(row["numerator"], row["denominator"]) for row in rows] == [(40, 100), (150, 100), (0, 100)]
    assert shop.totals("churn", "2025", own={"revenue": True})["nrr"]["reason"] == "no recurring value at the start"


def test_groups_are_fields_of_customers_or_of_deals(shop: Shop) -> None:
    """By a field of customers the target is grouped as well; by one of deals it is the whole of it in every group."""
    italian, french = shop.customer("A", billing_country="IT"), shop.customer("B", billing_country="FR")
    shop.buy(italian, "2026-01-01", 10, source="website")
    shop.buy(italian, "2026-01-02", 10, source="referral")
    shop.buy(french, "2026-01-03", 10, source="website")
    by_country = shop.rows("penetration", "groups", "2026", by="country")
    assert [(row["group"], row["penetration"], row["buyers"]) for row in by_country] == [("FR", 1, 1), ("IT", 1, 1)]
    by_tag = shop.rows("sales", "groups", "2026", by="source")
    assert [(row["group"], row["sales"], row["buyers"]) for row in by_tag] == [("website", 20, 2), ("referral", 10, 1)]
    assert shop.value("buyers", "sales", "2026", by="source") == 2  # each customer once in the whole
    with pytest.raises(UsageError, match="cannot be grouped by stage of their deals"):
        shop.rows("rfm", "segments", by="stage")


def test_the_target_and_the_condition_on_deals(shop: Shop) -> None:
    """The condition narrows what was bought, not the target; the target narrows both."""
    italian, french = shop.customer("A", billing_country="IT"), shop.customer("B", billing_country="FR")
    for customer, source in ((italian, "website"), (french, "referral")):
        shop.buy(customer, "2026-01-01", 10, source=source)
    found = shop.totals("penetration", "2026", where="source = website")["penetration"]
    assert (found["numerator"], found["denominator"]) == (1, 2)
    own = {"target": "country = FR"}
    found = shop.totals("penetration", "2026", where="source = website", own=own)["penetration"]
    assert (found["numerator"], found["denominator"], found["value"]) == (0, 1, 0)
    assert shop.value("sales", "sales", "2026", own=own) == 10
    with pytest.raises(ConditionError):
        shop.totals("penetration", "2026", own={"target": "stage = won"})
    assert shop.totals("penetration", "2026", own={"target": "country = DE"})["penetration"]["value"] is None


def test_redemption_counts_everybody_once(shop: Shop) -> None:
    """Who responded of the target; contacts made are the outgoing interactions of the period."""
    people = [shop.world.add("contact", last_name=f"P{n}", rating="hot" if n < 1 else "cold") for n in range(4)]
    for person, direction in ((people[0], "out"), (people[0], "out"), (people[1], "out"), (people[1], "in")):
        link = {"entity": "contact", "record_id": person, "is_main": 1, "role": None}
        shop.world.add("interaction", direction=direction, links=[link])
    found = shop.totals("redemption", own={"responded": "rating = hot"})
    assert (found["redemption"]["numerator"], found["redemption"]["denominator"]) == (1, 4)
    assert (found["contacts_made"]["value"], found["contacts_per_response"]["value"]) == (3, 3)
    nobody = shop.totals("redemption", own={"responded": "rating = hot", "target": "rating = cold"})
    assert nobody["redemption"]["value"] == 0
    assert nobody["contacts_per_response"]["reason"] == "nobody responded"


@pytest.mark.parametrize("name", [name for name, report in REPORTS.items() if report.area == "customers"])
def test_a_store_without_purchases_divides_nothing(shop: Shop, name: str) -> None:
    """No customer, no denominator: no value and a reason, never zero and never an error."""
    own = {"responded": "rating = hot"} if name == "redemption" else {"margin": "30"} if name == "clv" else {}
    document: Any = shop.reporting.run(name, "2026", own=own).document
    for entry in document.get("totals", ()):
        assert (entry["value"] is None) == (entry["reason"] is not None), entry
        if entry["unit"] in ("ratio", "x"):
            assert entry["value"] is None


def test_figures_as_of_then_do_not_change_later(shop: Shop) -> None:
    """A deal won in January and opened again in March was a purchase as of February."""
    customer = shop.customer()
    deal = shop.buy(customer, "2026-01-10", 70)
    shop.buy(customer, "2026-03-01", 30)
    stages, log = shop.reporting.stages, shop.world.operation()
    for stage, kind, since, left in (
        ("won", "won", "2026-01-10", "2026-03-05"),
        ("potential", "open", "2026-03-05", None),
    ):
        shop.world.insert(
            "state_log", entity="deal", record_id=deal, field="stage", to_value=str(stages[stage]), to_kind=kind,
            entered_at=f"{since}T11:00:00Z", left_at=left and f"{left}T11:00:00Z", cause="user", operation_id=log,
        )  # fmt: skip
    shop.world.con.execute(
        "UPDATE deal SET outcome = 'open', closed_at = NULL, probability_bp = 1000, stage_id = ? WHERE id = ?",
        (stages["potential"], deal),
    )
    assert shop.value("sales", "sales", "2026") == 30
    then = shop.totals("sales", "2026", until="2026-02-01T00:00:00Z")
    assert [then[key]["value"] for key in ("sales", "purchases", "buyers", "frequency")] == [70, 1, 1, 1]
    assert [row["value"] for row in shop.rows("rfm", "customers", until="2026-02-01T00:00:00Z")] == [70]


def test_later_purchases_do_not_change_an_interval_of_the_past(shop: Shop) -> None:
    """Once a month until June, then once a year: lost in 2025, whatever came afterwards."""
    often = shop.customer()
    for month in range(1, 7):
        shop.buy(often, f"2025-{month:02d}-10")
    period, own = "2025-07-01..2025-12-31", {"after": "own"}
    before = shop.totals("churn", period, own=own)["churn"]
    for day in ("2026-01-20", "2026-03-01", "2026-03-02"):
        shop.buy(often, day)
    assert shop.totals("churn", period, own=own)["churn"] == before
    assert before["value"] == 1
