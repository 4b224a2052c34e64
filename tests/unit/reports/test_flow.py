"""Reports on deals on their way: won or lost, cycles, put off, standing still; and on the contacts that move them."""

from decimal import Decimal
from typing import Any

import pytest

from crmcli import clock
from tests.unit.reports.conftest import Past, Reporting
from tests.unit.reports.test_leads import rows, totals

OLD = "2026-01-05T10:00:00Z"
CLOSED = "2026-03-10T10:00:00Z"


@pytest.fixture
def sold(reporting: Reporting) -> Reporting:
    """Three won, of which one was created before the quarter; two lost, one of them as junk; one open."""
    rival = reporting.world.add("organization", name="Rival")
    for amount in (1000, 3000):
        reporting.deal("won", created_at=OLD, closed_at=CLOSED, amount_minor=amount, source="website")
    reporting.deal("won", created_at="2025-06-01T10:00:00Z", closed_at=CLOSED, amount_minor=2000)
    reporting.deal("lost", created_at=OLD, closed_at=CLOSED, amount_minor=500, competitor_id=rival)
    reporting.deal("lost", created_at=OLD, closed_at=CLOSED, lost_reason="junk", amount_minor=100)
    reporting.deal(created_at=OLD)
    return reporting


def test_the_win_rate_of_deals_closed(sold: Reporting) -> None:
    assert totals(sold, "win-rate")["win_rate"] == Decimal("0.6")
    document: Any = sold.run("win-rate", "2026-Q1").document
    assert document["basis"].startswith("Won / (won + lost), both closed")


def test_the_win_rate_of_deals_created_lists_the_open_ones(sold: Reporting) -> None:
    own = {"cohort": "created"}
    found = totals(sold, "win-rate", own=own)
    assert (found["win_rate_created"], found["deals_created"], found["cohort_open"]) == (Decimal("0.4"), 5, 1)
    document: Any = sold.run("win-rate", "2026-Q1", own=own).document
    assert len(document["open deals"]) == 1


def test_losses_that_say_nothing_are_left_out_and_counted(sold: Reporting) -> None:
    own = {"exclude_reason": ("junk", "duplicate")}
    result = sold.run("win-rate", "2026-Q1", own=own)
    assert totals(sold, "win-rate", own=own)["win_rate"] == Decimal("0.75")
    assert result.notes == ("1 left out: lost for junk, duplicate",)
    assert totals(sold, "win-rate", own=own, where="amount < 20")["win_rate"] == Decimal("0.5")
    explained: Any = sold.run("win-rate", "2026-Q1", own=own, explain="win_rate").document
    assert len(explained["rows"]) == 4


def test_the_last_closing_counts(past: Past) -> None:
    """Won in January, reopened, lost in March: of the quarter it is a loss."""
    deal = past.reporting.deal("lost", created_at=OLD, closed_at=CLOSED)
    past.walk(
        deal, ("potential", "2026-01-05"), ("won", "2026-01-20"), ("potential", "2026-03-01"), ("lost", "2026-03-10")
    )
    assert totals(past.reporting, "win-rate")["win_rate"] == 0


def test_won_and_lost_by_what_made_them(sold: Reporting) -> None:
    document: Any = sold.run("win-loss", "2026-Q1").document
    assert [(row["group"], row["lost"], row["lost_amount"]) for row in document["reasons"]] == [
        ("price", 1, 5), ("junk", 1, 1),
    ]  # fmt: skip
    assert rows(sold, "win-loss", "competitors")["Rival"]["win_rate"] == 0
    assert rows(sold, "win-loss", "sources")["website"]["won_amount"] == 40


def test_lost_reasons_by_last_open_stage(past: Past) -> None:
    """The stage is known where the log has the deal leaving it, and the unknown reason is shown as such."""
    known, entered = past.reporting.deal("lost", amount_minor=500), past.reporting.deal("lost", lost_reason="unknown")
    stages = past.reporting.stages
    past.world.con.execute("UPDATE deal SET last_open_stage_id = ? WHERE id = ?", (stages["potential"], known))
    past.log("deal", known, CLOSED, stages["lost"], "lost", from_value=str(stages["potential"]))
    document: Any = past.reporting.run("lost-reasons", "all").document
    keys = ("lost_reason", "last_open_stage", "deals", "amount")
    assert [tuple(row[key] for key in keys) for row in document["stages"]] == [
        ("price", "Potential", 1, 5), ("unknown", None, 1, 0),
    ]  # fmt: skip
    assert entered


def test_the_cycle_takes_the_time_after_a_reopening_and_drops_negative_ones(past: Past) -> None:
    deal = past.reporting.deal("won", created_at=OLD, closed_at=CLOSED)
    past.walk(
        deal, ("potential", "2026-01-05"), ("won", "2026-01-20"), ("potential", "2026-03-01"), ("won", "2026-03-10")
    )
    past.reporting.deal("won", created_at=CLOSED, closed_at=OLD)
    past.reporting.deal("lost", created_at="2026-03-01T10:00:00Z", closed_at=CLOSED)
    entries: Any = past.reporting.run("cycle-length", "2026-Q1").document["totals"]
    assert (entries[0]["value"], entries[0]["excluded"]) == (
        64,
        [{"reason": "closed before it was created", "count": 1}],
    )
    both = totals(past.reporting, "cycle-length", own={"all_closed": True})
    assert both["cycle_days_closed_mean"] == Decimal("36.5")


def test_the_cycle_may_begin_with_a_stage_of_the_life_cycle(past: Past) -> None:
    """The lead's first day as sql comes before that of the contact; without either the deal is left out."""
    lead = past.world.add("lead", last_name="Rossi")
    person = past.world.add("contact", last_name="Rossi")
    past.log("lead", lead, "2026-02-28T10:00:00Z", "sql", None, field="lifecycle_stage")
    past.log("lead", lead, "2026-03-05T10:00:00Z", "sql", None, field="lifecycle_stage")
    past.log("contact", person, "2026-03-06T10:00:00Z", "sql", None, field="lifecycle_stage")
    past.reporting.deal("won", closed_at=CLOSED, lead_id=lead, contact_id=person)
    past.reporting.deal("won", closed_at=CLOSED, contact_id=person)
    past.reporting.deal("won", closed_at=CLOSED)
    entries: Any = past.reporting.run("cycle-length", "2026-Q1", own={"life_cycle": "sql"}).document["totals"]
    assert entries[0]["value"] == 7, "ten days and four"
    assert entries[0]["excluded"] == [{"reason": "never in that stage of the life cycle", "count": 1}]


def test_velocity_and_its_parts_stand_on_the_same_days(sold: Reporting) -> None:
    found = totals(sold, "velocity")
    product = found["deals_open"] * found["win_rate"] * found["average_deal"] / found["cycle_days_mean"]
    assert abs(found["sales_velocity"] - product) < Decimal("0.01")
    assert found["deals_open"] == 1
    assert sold.run("velocity", "2026-Q1").period.label.startswith("90 days before")


def test_a_cycle_of_no_days_has_no_velocity(reporting: Reporting) -> None:
    reporting.deal("won", created_at=CLOSED, closed_at=CLOSED, amount_minor=100)
    entries: Any = reporting.run("velocity", "2026-Q1").document["totals"]
    assert (entries[0]["value"], entries[0]["reason"]) == (None, "the mean cycle is 0 days")


def test_deals_put_off_and_those_put_off_beyond_the_period(past: Past) -> None:
    within = past.reporting.deal(created_at=OLD, push_count=1, expected_close="2026-03-30", amount_minor=100)
    beyond = past.reporting.deal(created_at=OLD, push_count=2, expected_close="2026-04-02", amount_minor=700)
    later = past.reporting.deal(created_at=OLD, push_count=1, expected_close="2026-06-01", amount_minor=900)
    past.reporting.deal(created_at=OLD, expected_close="2026-04-02", amount_minor=50)
    past.change(within, OLD, '{"expected_close": "2026-02-01"}')
    past.change(beyond, OLD, '{"expected_close": "2026-03-20"}')
    past.change(later, OLD, '{"expected_close": "2026-05-01"}')
    found = totals(past.reporting, "push")
    assert (found["push"], found["pushed_amount"]) == (3, 17)
    assert (found["deals_pushed_out"], found["pushed_out_amount"]) == (1, 7)
    assert totals(past.reporting, "push", "2025")["push"] == 0


def test_a_deal_stands_still_since_its_stage_or_its_last_interaction(reporting: Reporting) -> None:
    """Ten days are allowed: eleven are too many, an interaction begins anew, a stage without a limit has none."""
    world = reporting.world
    world.con.execute("UPDATE stage SET rotting_days = 10 WHERE id = ?", (reporting.stages["potential"],))
    rotten = reporting.deal(stage_entered_at="2026-03-07T10:00:00Z", amount_minor=500)
    reporting.deal(stage_entered_at="2026-03-08T10:00:00Z")
    talked = reporting.deal(stage_entered_at="2026-01-08T10:00:00Z")
    talk = world.add("interaction", occurred_at="2026-03-17T10:00:00Z")
    world.link("interaction", talk, "deal", talked)
    reporting.deal(stage_id=reporting.stages["quote_sent"], stage_entered_at="2025-01-08T10:00:00Z")
    reporting.deal("won", stage_entered_at="2025-01-08T10:00:00Z")
    world.add("lead", last_name="Rossi")
    world.add("lead", last_name="Bianchi", next_step="Call")
    result = reporting.run("stale")
    document: Any = result.document
    assert [row["id"] for row in document["deals"]["deals"]] == [rotten]
    assert document["deals"]["totals"][1]["value"] == 5
    assert [row["name"] for row in document["leads"]["leads"]] == ["Rossi"]
    assert result.notes == ("1 open deal in a stage without a limit: crm pipeline edit sales --rotting-days 14",)
    world.con.execute("UPDATE pipeline SET rotting_days = 30")
    assert totals_of_deals(reporting) == 2


def test_what_stood_still_at_a_moment(past: Past) -> None:
    """A deal that has moved on since was in its stage for a month by then."""
    past.world.con.execute("UPDATE pipeline SET rotting_days = 20")
    deal = past.reporting.deal(created_at=OLD, stage_entered_at="2026-03-01T10:00:00Z",
                               stage_id=past.reporting.stages["quote_sent"])  # fmt: skip
    past.walk(deal, ("potential", "2026-01-05"), ("quote_sent", "2026-03-01"))
    clock.fix("2026-02-10T10:00:00Z")
    document: Any = past.reporting.run("stale", "all", until="2026-02-10T10:00:01Z", entity="deal").document
    assert [(row["stage"], row["days_in_stage"]) for row in document["deals"]["deals"]] == [("Potential", 36)]


def totals_of_deals(reporting: Reporting) -> int:
    document: Any = reporting.run("stale", entity="deal").document
    return int(document["deals"]["totals"][0]["value"])


def test_who_is_due_and_may_be_reached(reporting: Reporting) -> None:
    world = reporting.world
    due = world.add("contact", last_name="Rossi", next_contact_on="2026-03-18", next_contact_set_at=OLD)
    world.add("contact", last_name="Verdi", next_contact_on="2026-03-19", next_contact_set_at=OLD)
    world.add("contact", last_name="Neri", next_contact_on="2026-03-01", next_contact_set_at=OLD, do_not_call=1,
              do_not_email=1)  # fmt: skip
    world.add("contact", last_name="Bruni", follow_every="2w", created_at=OLD)
    names = [row["name"] for row in reporting.run("due-contact", "all", entity="contact").main.rows]
    assert names == ["Bruni", "Rossi"]
    assert due


def test_the_connect_rate_is_that_of_attempted_calls(reporting: Reporting) -> None:
    """Outgoing calls with an outcome; incoming ones, mails and calls without an outcome are none."""
    anna = reporting.world.add("user", handle="anna")
    for kind, direction, outcome in (
        ("call", "out", "connected"), ("call", "out", "no_answer"), ("call", "out", "busy"), ("call", "out", None),
        ("call", "in", "connected"), ("email", "out", None),
    ):  # fmt: skip
        reporting.world.add("interaction", kind=kind, direction=direction, outcome=outcome, user_id=anna)
    found = totals(reporting, "activity", "all")
    assert (found["activities"], found["calls_attempted"], found["connect_rate"]) == (6, 3, Decimal("0.333333"))
    document: Any = reporting.run("activity", "all").document
    assert [(row["owner"], row["kind"], row["activities"]) for row in document["pairs"]] == [
        ("anna", "call", 5), ("anna", "email", 1),
    ]  # fmt: skip
    assert rows(reporting, "activity", "kinds", "all")["email"]["connect_rate"] is None


def test_the_offers_of_a_month(sold: Reporting) -> None:
    march, january = totals(sold, "offers-month", "2026-03"), totals(sold, "offers-month", "2026-01")
    assert (march["deals_created"], march["deals_closed"], march["closed_amount"]) == (0, 5, 66)
    assert (march["deals_won"], march["won_amount"], march["deals_lost"], march["lost_amount"]) == (3, 60, 2, 6)
    assert (january["deals_created"], january["created_amount"], january["deals_closed"]) == (5, 46, 0)
