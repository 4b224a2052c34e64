"""The reports on the pipeline, on won and on lost deals, and single figures taken apart."""

from decimal import Decimal
from typing import Any

from crmcli.reports.index import REPORTS
from tests.unit.reports.conftest import Reporting


def test_the_pipeline_shows_each_open_stage_and_sets_late_deals_apart(reporting: Reporting) -> None:
    reporting.deal(amount_minor=100_000, probability_bp=1000, expected_close="2026-03-30")
    reporting.deal(amount_minor=300_000, probability_bp=1000, expected_close="2026-03-17")
    reporting.deal(amount_minor=50_000, probability_bp=1000)
    reporting.deal("lost", amount_minor=9)
    result = reporting.run("pipeline")
    potential, quote = result.main.rows
    assert (potential["pipeline"], potential["stage"], potential["stage_ref"]) == ("Sales", "Potential", "potential")
    assert (potential["deals"], potential["amount"], potential["weighted"]) == (3, Decimal(4500), Decimal(450))
    assert (potential["overdue"], potential["overdue_amount"]) == (1, Decimal(3000))
    assert (potential["undated"], potential["undated_amount"]) == (1, Decimal(500))
    assert (quote["stage"], quote["deals"], quote["amount"]) == ("Quote sent", 0, 0)
    assert "share" not in potential
    in_april = reporting.run("pipeline", "2026-04").main.rows[0]
    assert (in_april["deals"], in_april["overdue"], in_april["undated"]) == (0, 1, 1)


def test_people_get_a_bar_and_a_sheet_for_each_pipeline(reporting: Reporting) -> None:
    other = reporting.world.pipeline("renewals", position=1)
    reporting.deal(amount_minor=100)
    reporting.deal(amount_minor=400, pipeline_id=other["renewals"], stage_id=other["quote_sent"])
    sheets = reporting.run("pipeline").sheets
    assert [sheet.title for sheet in sheets] == ["Sales", "Renewals", "By pipeline", "Total"]
    assert [row["share"] for sheet in sheets[:2] for row in sheet.rows] == [0.25, 0.0, 0.0, 1.0]


def test_the_greatest_stages_of_all_pipelines_stand_together(reporting: Reporting) -> None:
    other = reporting.world.pipeline("renewals", position=1)
    reporting.deal(amount_minor=100)
    reporting.deal(amount_minor=400, pipeline_id=other["renewals"], stage_id=other["quote_sent"])
    result = reporting.run("pipeline", top=1)
    assert [(row["pipeline"], row["stage"]) for row in result.main.rows] == [("Renewals", "Quote sent")]
    (stages, *_) = result.sheets
    assert ([row["stage"] for row in stages.rows], stages.total) == (["Quote sent"], 4)


def test_the_greatest_groups_stand_before_those_below_zero_and_those_without_a_value(reporting: Reporting) -> None:
    for source, values in (
        ("event", {"amount_minor": -500}),
        ("website", {"amount_minor": 900, "currency": "USD"}),
        ("referral", {"amount_minor": -100}),
        ("partner", {"amount_minor": 0}),
    ):
        reporting.deal(source=source, **values)
    groups: Any = reporting.run("pipeline", by="source", top=4).document["groups"]
    assert [row["group"] for row in groups] == ["partner", "referral", "event", "website"]


def test_won_lists_the_deals_latest_first(reporting: Reporting) -> None:
    for day, minor in (("01", 100), ("09", 300), ("05", None)):
        reporting.deal("won", closed_at=f"2026-03-{day}T10:00:00Z", amount_minor=minor)
    reporting.deal("won", closed_at="2026-02-05T10:00:00Z", amount_minor=9)
    result = reporting.run("won", "2026-03")
    rows: Any = result.document["deals"]
    assert [row["ref"] for row in rows] == ["D2", "D3", "D1"]
    deals = reporting.run("won", "2026-03", rows=2).main
    assert (len(deals.rows), deals.total) == (2, 3)
    totals: Any = result.document["totals"]
    assert {entry["key"]: entry["value"] for entry in totals}["won_amount"] == Decimal("4.00")
    assert sum(row["amount"] or 0 for row in rows) == Decimal("4.00")


def test_lost_tells_reasons_and_last_stages(reporting: Reporting) -> None:
    reporting.deal("lost", amount_minor=100, lost_reason="timing")
    reporting.deal("lost", amount_minor=200)
    reporting.deal("lost", amount_minor=300, lost_reason="unknown")
    document: Any = reporting.run("lost").document
    assert [(row["group"], row["amount"]) for row in document["reasons"]] == [
        ("price", Decimal(2)),
        ("timing", Decimal(1)),
        ("unknown", Decimal(3)),
    ]
    groups = reporting.run("lost", by="source").main
    assert [(row["group"], row["deals"]) for row in groups.rows] == [(None, 3)]


def test_lost_names_a_stage_only_where_the_log_has_the_deal_leaving_it(reporting: Reporting) -> None:
    stages = {key: str(number) for key, number in reporting.stages.items()}
    left = reporting.deal("lost", amount_minor=100)
    moved = reporting.deal("lost", amount_minor=200)
    reporting.deal("lost", amount_minor=400)
    for deal, stage, kind in ((left, "lost", "lost"), (moved, "potential", "open")):
        reporting.world.insert(
            "state_log", entity="deal", record_id=deal, field="stage", from_value=stages["quote_sent"],
            to_value=stages[stage], to_kind=kind, entered_at="2026-03-01T10:00:00Z", cause="user",
            operation_id=reporting.world.operation(),
        )  # fmt: skip
    result = reporting.run("lost")
    document: Any = result.document
    rows = document["last_open_stages"]
    assert [(row["group"], row.get("group_ref"), row["deals"], row["amount"]) for row in rows] == [
        ("Quote sent", "sales/quote_sent", 1, Decimal(1)),
        (None, None, 2, Decimal(6)),
    ]
    assert [row["last_open_stage"] for row in document["deals"]] == [None, None, "Quote sent"]
    (sheet,) = (sheet for sheet in result.sheets if sheet.title == "By last open stage")
    assert [row["group"] for row in sheet.rows] == ["Quote sent", "(not known)"]
    assert reporting.value("deals_lost", where="last_open_stage = quote_sent") == 1


def test_work_counts_for_its_owner_or_else_for_who_does_it(reporting: Reporting) -> None:
    world, due = reporting.world, "2026-03-20T10:00:00Z"
    anna, bea = (world.add("user", handle=handle) for handle in ("anna", "bea"))
    for owner, assignee in ((anna, bea), (None, bea), (None, None)):
        world.add("task", subject="Call", due_at=due, owner_id=owner, assignee_id=assignee)
        world.add("ticket", number=f"{owner}{assignee}", subject="Help", owner_id=owner, assignee_id=assignee)
        world.add("interaction", owner_id=owner, user_id=assignee)
    for key in ("tasks_due", "tickets_opened", "activities"):
        found = {entry["group"]: entry["value"] for entry in reporting.entries(key, by="owner")}
        assert found == {"anna": 1, "bea": 1, None: 1}
        assert reporting.value(key, where="owner = bea") == 1


def test_an_explained_ratio_shows_both_sides_and_what_is_left_out(reporting: Reporting) -> None:
    reporting.deal("won", name="Fair", amount_minor=300)
    reporting.deal("lost", name="Shop", amount_minor=100)
    reporting.deal("lost", name="Roof")
    reporting.deal("won", name="Boat", amount_minor=700, currency="USD")
    result = reporting.run("kpi", explain="win_rate_amount")
    rows: Any = result.document["rows"]
    assert [(row["ref"], row["title"], row["numerator"], row["denominator"], row["excluded"]) for row in rows] == [
        ("D1", "Fair", Decimal(3), Decimal(3), None),
        ("D4", "Boat", None, None, "no rate from USD to EUR: 7.00 USD"),
        ("D2", "Shop", 0, Decimal(1), None),
        ("D3", "Roof", None, None, "no amount"),
    ]
    assert (
        dict(result.facts)["Formula"] == "win_rate_amount = deals won / (deals won + deals lost) = 3.00 / 4.00 = 0.75"
    )


def test_every_report_runs_on_an_empty_store(reporting: Reporting) -> None:
    for name, report in REPORTS.items():
        result = reporting.run(name, report.period)
        assert result.matched == (name == "completeness"), "the organization that deals are made with lacks fields"
        assert not result.warnings


def test_an_undefined_figure_of_a_group_says_so_and_why(reporting: Reporting) -> None:
    reporting.deal(source="ads")
    result = reporting.run("win-rate", by="source")
    assert result.document["groups"] == []
    reporting.deal("won", source="ads", amount_minor=None)
    result = reporting.run("win-rate", by="source")
    groups: Any = result.document["groups"]
    (group,) = groups
    assert (group["win_rate"], group["win_rate_amount"]) == (1, None)
    assert group["reasons"] == {"win_rate_amount": "no amount"}
    people = next(sheet for sheet in result.sheets if sheet.title == "By source")
    assert people.rows[0]["win_rate_amount"] == "n/a"
