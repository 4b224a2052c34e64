"""Key figures of a few deals, leads, tasks and tickets against figures computed by hand."""

from decimal import Decimal

import pytest

from crmcli.domain.calendar import BusinessCalendar
from crmcli.domain.kpis import MAIN
from crmcli.errors import ConditionError, UsageError
from crmcli.reports.registry import KPIS
from tests.unit.reports.conftest import Reporting

CONTRACT = (
    "leads_created leads_converted lead_conversion_rate lead_response_hours_median deals_created deals_open deals_won"
    " deals_lost won_amount lost_amount win_rate win_rate_amount average_deal median_deal cycle_days_mean"
    " cycle_days_median pipeline_amount weighted_amount sales_velocity tasks_due tasks_overdue activities"
    " tickets_opened tickets_closed tickets_open ticket_first_response_hours_median ticket_resolution_hours_median"
)


def test_the_keys_are_those_of_the_contract() -> None:
    assert " ".join(MAIN) == CONTRACT
    assert all(kpi.definition and kpi.area for kpi in KPIS.values())


def test_an_entry_has_what_the_contract_says(reporting: Reporting) -> None:
    reporting.deal("won", amount_minor=100)
    reporting.deal("lost", amount_minor=100)
    reporting.deal("lost")
    (entry,) = reporting.entries("win_rate")
    assert entry == {
        "key": "win_rate", "label": "Win rate", "value": Decimal("0.333333"), "unit": "ratio", "numerator": 1,
        "denominator": 3, "count": 3, "reason": None, "excluded": [],
    }  # fmt: skip


def test_without_records_sums_are_zero_and_quotients_undefined(reporting: Reporting) -> None:
    kpis = reporting.run().document["kpis"]
    assert isinstance(kpis, list)
    for entry in kpis:
        kpi = KPIS[entry["key"]]
        if kpi.how in ("count", "sum"):
            assert (entry["value"], entry["reason"]) == (0, None)
        else:
            assert entry["value"] is None
            assert entry["reason"]


def test_weighted_is_of_open_deals_alone(reporting: Reporting) -> None:
    reporting.deal(amount_minor=100_000, probability_bp=5000)
    reporting.deal("won", amount_minor=200_000)
    reporting.deal("lost", amount_minor=500_000)
    assert reporting.value("weighted_amount") == Decimal("500.00")


def test_a_sum_is_rounded_once(reporting: Reporting) -> None:
    for _ in range(3):
        reporting.deal(amount_minor=1, probability_bp=3333)
    assert reporting.value("weighted_amount") == Decimal("0.01")  # 0.9999 cents, while each alone is nothing


def test_average_and_median_leave_out_deals_without_amount(reporting: Reporting) -> None:
    for minor in (1000, 1001, 0, None):
        reporting.deal("won", amount_minor=minor)
    (average,) = reporting.entries("average_deal")
    assert (average["value"], average["count"]) == (Decimal("6.67"), 3)
    assert average["excluded"] == [{"reason": "no amount", "count": 1}]
    assert reporting.value("average_deal", where="amount > 0") == Decimal("10.01"), "what was given away is left out"
    assert reporting.value("median_deal") == Decimal("10.00")
    reporting.deal("won", amount_minor=1001)
    assert reporting.value("median_deal") == Decimal("10.01")  # 10.005, half up


def test_a_missing_amount_adds_nothing_and_is_counted(reporting: Reporting) -> None:
    reporting.deal("won")
    (entry,) = reporting.entries("won_amount")
    assert (entry["value"], entry["reason"]) == (0, None)
    assert entry["excluded"] == [{"reason": "no amount", "count": 1}]


def test_a_sum_of_amounts_of_which_none_has_a_rate_is_not_zero(reporting: Reporting) -> None:
    reporting.deal("won")
    reporting.deal("won", amount_minor=700, currency="USD")
    (entry,) = reporting.entries("won_amount")
    assert (entry["value"], entry["reason"]) == (None, "no rate from USD to EUR")
    assert entry["excluded"][0] == {"reason": "no amount", "count": 1}


def test_cycles_are_whole_local_days(reporting: Reporting) -> None:
    # both local midnights in Rome, the clock changing in between, and an evening that is the next day there
    reporting.deal("won", created_at="2026-01-31T23:00:00Z", closed_at="2026-03-30T22:00:00Z")  # 1 Feb to 31 Mar
    reporting.deal("won", created_at="2026-03-01T22:30:00Z", closed_at="2026-03-01T23:30:00Z")
    reporting.deal("won", created_at="2026-03-02T12:00:00Z", closed_at="2026-03-01T12:00:00Z")
    (mean,) = reporting.entries("cycle_days_mean")
    assert (mean["value"], mean["numerator"], mean["denominator"]) == (Decimal("29.5"), 59, 2)
    assert mean["excluded"] == [{"reason": "closed before it was created", "count": 1}]


def test_the_period_picks_by_the_event_named(reporting: Reporting) -> None:
    reporting.deal("won", created_at="2025-11-01T10:00:00Z", closed_at="2025-12-31T22:59:59Z", amount_minor=100)
    reporting.deal("won", created_at="2025-11-01T10:00:00Z", closed_at="2025-12-31T23:00:00Z", amount_minor=200)
    reporting.deal(created_at="2026-01-10T10:00:00Z", expected_close="2026-01-31", amount_minor=300)
    reporting.deal(created_at="2026-01-10T10:00:00Z", expected_close="2026-02-01", amount_minor=400)
    keys = ("won_amount", "deals_created", "pipeline_amount")
    assert [reporting.value(key, "2026-01") for key in keys] == [Decimal("2.00"), 2, Decimal("3.00")]
    assert [reporting.value(key, "2025") for key in keys] == [Decimal("1.00"), 2, Decimal("0.00")]


def test_velocity_is_the_product_of_its_parts(reporting: Reporting) -> None:
    for _ in range(3):
        reporting.deal()
    reporting.deal("won", created_at="2026-03-08T11:00:00Z", amount_minor=100_000)
    reporting.deal("lost")
    assert reporting.value("sales_velocity") == Decimal("150.00")  # 3 x 1/2 x 1000 / 10
    reporting.deal("won", created_at="2024-01-01T11:00:00Z", closed_at="2024-02-01T11:00:00Z", amount_minor=9)
    assert reporting.value("sales_velocity", "this-month") == Decimal("150.00")  # of the last 90 days


def test_velocity_is_undefined_where_deals_close_at_once(reporting: Reporting) -> None:
    reporting.deal("won", amount_minor=100)
    (entry,) = reporting.entries("sales_velocity")
    assert (entry["value"], entry["reason"]) == (None, "the mean cycle is 0 days")


def test_deleted_records_are_out(reporting: Reporting) -> None:
    reporting.deal("won", amount_minor=100, deleted_at="2026-03-01T10:00:00Z")
    assert reporting.value("deals_won") == 0


def test_leads(reporting: Reporting) -> None:
    world = reporting.world
    world.add("lead", last_name="Rossi", status="converted", converted_at="2026-03-02T10:00:00Z")
    world.add("lead", last_name="Neri", status="junk", lost_at="2026-03-03T10:00:00Z")
    world.add("lead", last_name="Verdi", status="unqualified", lost_at="2026-02-03T10:00:00Z")
    answered = world.add("lead", last_name="Blu", created_at="2026-03-02T10:00:00Z")
    for direction, at in (
        ("in", "2026-03-02T10:30:00Z"),
        ("out", "2026-03-02T12:30:00Z"),
        ("out", "2026-03-05T10:00:00Z"),
    ):
        call = world.add("interaction", direction=direction, occurred_at=at)
        world.link("interaction", call, "lead", answered)
    assert reporting.value("leads_created", "2026-03") == 4
    assert reporting.value("lead_conversion_rate", "2026-03") == Decimal("0.5")
    assert reporting.value("lead_conversion_rate") == Decimal("0.333333")
    (response,) = reporting.entries("lead_response_hours_median")
    assert (response["value"], response["count"]) == (Decimal("2.5"), 1)
    assert response["excluded"] == [{"reason": "no response yet", "count": 3}]
    assert reporting.value("activities", "2026-03-02") == 2


def test_business_hours_count_where_there_are_such(reporting: Reporting) -> None:
    world = reporting.world
    world.add("ticket", number="1", subject="Broken", opened_at="2026-03-13T15:00:00Z",
              first_response_at="2026-03-16T09:00:00Z")  # fmt: skip  # Friday 16:00 to Monday 10:00 in Rome
    calendar = BusinessCalendar({day: [("09:00", "18:00")] for day in range(5)}, "Europe/Rome")
    key = "ticket_first_response_hours_median"
    assert reporting.value(key) == 66
    assert reporting.value(key, calendar=calendar) == 3


def test_tickets_and_tasks(reporting: Reporting) -> None:
    world = reporting.world
    world.add("ticket", number="1", subject="New", opened_at="2026-03-01T10:00:00Z")
    world.add("ticket", number="2", subject="Done", status="resolved", opened_at="2026-02-01T10:00:00Z",
              resolved_at="2026-03-01T10:00:00Z")  # fmt: skip
    world.add("ticket", number="3", subject="Measured", status="resolved", opened_at="2026-02-01T10:00:00Z",
              resolved_at="2026-03-02T10:00:00Z", clock_at="2026-03-02T10:00:00Z", resolution_used_s=5400)  # fmt: skip
    keys = ("tickets_opened", "tickets_closed", "tickets_open")
    assert [reporting.value(key, "2026-03") for key in keys] == [1, 2, 1]
    assert reporting.value("ticket_resolution_hours_median") == Decimal("336.75")  # 672 and 1.5 hours
    for day in ("2026-03-17", "2026-03-18", "2026-03-19"):
        world.add("task", subject="Call", due_at=f"{day}T23:00:00Z", due_wall=f"{day}", due_is_date=1)
    world.add(
        "task", subject="Called", status="done", completed_at="2026-03-01T10:00:00Z", due_at="2026-03-17T10:00:00Z"
    )
    assert reporting.value("tasks_due", "2026-03") == 3
    assert reporting.value("tasks_overdue") == 1


def test_groups_are_named_and_ordered(reporting: Reporting) -> None:
    anna, bea = (reporting.world.add("user", handle=handle) for handle in ("anna", "bea"))
    reporting.deal("won", owner_id=bea, amount_minor=100)
    reporting.deal("won", owner_id=anna, amount_minor=200)
    reporting.deal("won", amount_minor=400)
    entries = reporting.entries("won_amount", by="owner")
    assert [(entry["group"], entry["value"]) for entry in entries] == [
        ("anna", Decimal("2.00")),
        ("bea", Decimal("1.00")),
        (None, Decimal("4.00")),
    ]


def test_stages_are_grouped_in_their_order_and_told_apart(reporting: Reporting) -> None:
    other = reporting.world.pipeline("renewals", position=1)
    reporting.deal(pipeline_id=other["renewals"], stage_id=other["potential"])
    reporting.deal(stage_id=reporting.stages["quote_sent"])
    reporting.deal()
    names = [entry["group"] for entry in reporting.entries("deals_open", by="stage")]
    assert names == ["Potential (Sales)", "Quote sent", "Potential (Renewals)"]


def test_custom_fields_group_and_filter(reporting: Reporting) -> None:
    reporting.world.add("custom_field", entity="deal", key="region", label="Region")
    reporting.deal("won", custom='{"region": "north"}')
    reporting.deal("won", custom='{"region": "south"}')
    assert [entry["group"] for entry in reporting.entries("deals_won", by="custom.region")] == ["north", "south"]
    assert reporting.value("deals_won", where="region = north") == 1


def test_a_condition_on_deals_leaves_the_other_figures_out(reporting: Reporting) -> None:
    reporting.deal("won", amount_minor=100)
    reporting.deal("won", amount_minor=300)
    result = reporting.run(where="amount >= 3")
    kpis = result.document["kpis"]
    assert isinstance(kpis, list)
    assert {KPIS[entry["key"]].entity for entry in kpis} == {"deal"}
    assert reporting.value("won_amount", where="amount >= 3") == Decimal("3.00")
    assert "leads" in result.notes[0]


def test_what_means_nothing_is_told_with_the_nearest_names(reporting: Reporting) -> None:
    with pytest.raises(UsageError) as unknown:
        reporting.run(by="ownr")
    assert unknown.value.hint == "did you mean owner?"
    with pytest.raises(UsageError):
        reporting.run(by="tags")
    with pytest.raises(ConditionError):
        reporting.run(where="amout > 3")
    with pytest.raises(UsageError) as figure:
        reporting.run(explain="win_rat")
    assert "win_rate" in (figure.value.hint or "")


def test_of_each_figure_the_greatest_groups_are_told(reporting: Reporting) -> None:
    for source, amount in (("event", 100), ("event", 200), ("website", 900), ("referral", None)):
        reporting.deal("won", source=source, amount_minor=amount)
    told = {key: [entry["group"] for entry in reporting.entries(key, by="source", top=1)]
            for key in ("deals_won", "won_amount", "average_deal")}  # fmt: skip
    assert told == {"deals_won": ["event"], "won_amount": ["website"], "average_deal": ["website"]}
    whole = reporting.run("kpi", by="source", top=1, explain="deals_won").document
    assert len(whole["figures"]) == 3, "what is taken apart adds up"  # type: ignore[arg-type]
