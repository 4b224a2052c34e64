"""Figures as of a moment: what was known then, whatever happened since."""

from decimal import Decimal
from typing import Any

from crmcli.reports.result import known_until
from tests.unit.queries.conftest import ZONE
from tests.unit.reports.conftest import Past

JANUARY = known_until("2026-01-31", ZONE)[0]
FEBRUARY = known_until("2026-02-28", ZONE)[0]


def test_a_past_month_does_not_change_when_a_deal_is_reopened(past: Past) -> None:
    """Won in January, reopened and lost in March."""
    reporting, stages = past.reporting, past.reporting.stages
    deal = reporting.deal("lost", created_at="2026-01-05T10:00:00Z", closed_at="2026-03-10T10:00:00Z")
    past.log("deal", deal, "2026-01-05T10:00:00Z", stages["potential"], "open", "2026-01-20T10:00:00Z")
    past.log("deal", deal, "2026-01-20T10:00:00Z", stages["won"], "won", "2026-03-01T10:00:00Z")
    past.log("deal", deal, "2026-03-01T10:00:00Z", stages["potential"], "open", "2026-03-10T10:00:00Z")
    past.log("deal", deal, "2026-03-10T10:00:00Z", stages["lost"], "lost")
    assert reporting.value("win_rate", "2026-03") == 0
    assert reporting.value("win_rate", "2026-01", until=JANUARY) == 1
    assert reporting.value("cycle_days_mean", "2026-01", until=JANUARY) == 15
    assert reporting.value("win_rate", "2026-01") is None
    assert reporting.value("deals_open", "2026-01", until=JANUARY) == 0
    assert reporting.value("deals_open", until=known_until("2026-03-05", ZONE)[0]) == 1


def test_without_a_log_the_dates_of_the_deal_decide(past: Past) -> None:
    past.reporting.deal("won", created_at="2025-05-01T10:00:00Z", closed_at="2026-02-10T10:00:00Z", amount_minor=500,
                        last_open_stage_id=past.reporting.stages["quote_sent"])  # fmt: skip
    past.reporting.deal(created_at="2026-02-10T10:00:00Z", amount_minor=900)
    value = past.reporting.value
    assert [value("deals_open", until=JANUARY), value("deals_won", until=JANUARY)] == [1, 0]
    assert [value("deals_open", until=FEBRUARY), value("deals_won", until=FEBRUARY)] == [1, 1]
    assert value("weighted_amount", until=JANUARY) == Decimal("3.25")  # at the 65 % of the stage before the closing
    stages: Any = past.reporting.run("pipeline", until=JANUARY).document["stages"]
    assert [(row["stage"], row["deals"]) for row in stages] == [("Potential", 0), ("Quote sent", 1)]


def test_amounts_are_those_before_the_first_later_change(past: Past) -> None:
    deal = past.reporting.deal(created_at="2026-01-01T10:00:00Z", amount_minor=900, probability_bp=9000)
    past.change(deal, "2026-01-10T10:00:00Z", '{"amount_minor": null}')
    past.change(deal, "2026-02-10T10:00:00Z", '{"amount_minor": 500, "probability_bp": 1000}')
    past.change(deal, "2026-03-10T10:00:00Z", '{"amount_minor": 700}')
    amounts = [past.reporting.value("pipeline_amount", until=until) for until in (JANUARY, FEBRUARY, None)]
    assert amounts == [Decimal("5.00"), Decimal("7.00"), Decimal("9.00")]
    assert past.reporting.value("weighted_amount", until=JANUARY) == Decimal("0.50")
    (early,) = past.reporting.entries("pipeline_amount", until=known_until("2026-01-05", ZONE)[0])
    assert early["excluded"] == [{"reason": "no amount", "count": 1}]


def test_open_deals_are_those_of_the_end_of_a_past_period(past: Past) -> None:
    past.reporting.deal("won", created_at="2025-05-01T10:00:00Z", closed_at="2026-02-10T10:00:00Z")
    past.reporting.deal(created_at="2026-03-01T10:00:00Z")
    periods = ("2025", "2026-01", "2026-02", "2026-03", "all")
    assert [past.reporting.value("deals_open", period) for period in periods] == [1, 1, 0, 1, 1]


def test_leads_tickets_and_tasks_have_a_past_too(past: Past) -> None:
    world, value = past.world, past.reporting.value
    lead = world.add("lead", last_name="Rossi", status="converted", converted_at="2026-02-05T10:00:00Z",
                     created_at="2026-01-05T10:00:00Z")  # fmt: skip
    past.log("lead", lead, "2026-01-05T10:00:00Z", "new", "open", "2026-01-20T10:00:00Z")
    past.log("lead", lead, "2026-01-20T10:00:00Z", "junk", "lost", "2026-02-01T10:00:00Z")
    past.log("lead", lead, "2026-02-01T10:00:00Z", "new", "open", "2026-02-05T10:00:00Z")
    past.log("lead", lead, "2026-02-05T10:00:00Z", "converted", "won")
    assert value("lead_conversion_rate", "2026-01", until=JANUARY) == 0
    assert value("lead_conversion_rate", "2026-01", until=FEBRUARY) is None
    assert value("lead_conversion_rate", "2026-02", until=FEBRUARY) == 1
    world.add("ticket", number="1", subject="Old", status="resolved", opened_at="2026-01-05T10:00:00Z",
              resolved_at="2026-02-05T10:00:00Z", first_response_at="2026-02-04T10:00:00Z")  # fmt: skip
    assert [value("tickets_open", until=until) for until in (JANUARY, FEBRUARY)] == [1, 0]
    assert value("ticket_first_response_hours_median", until=JANUARY) is None
    world.add("task", subject="Call", status="done", completed_at="2026-02-05T10:00:00Z",
              due_at="2026-01-20T10:00:00Z", created_at="2026-01-05T10:00:00Z")  # fmt: skip
    assert [value("tasks_due", until=until) for until in (JANUARY, FEBRUARY)] == [1, 0]


def test_a_date_means_its_end_and_an_instant_its_second() -> None:
    assert known_until("2026-01-31", "Europe/Rome") == ("2026-01-31T23:00:00Z", "2026-01-31T22:59:59Z")
    for moment in ("2026-01-31T10:00:00+01:00", "2026-01-31T10:00"):
        assert known_until(moment, "Europe/Rome")[0] == "2026-01-31T09:00:01Z"
