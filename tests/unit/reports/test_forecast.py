"""The forecast: what is open weighted, what is won whole, what is lost not at all, by category and over time."""

from decimal import Decimal
from typing import Any

from tests.unit.reports.conftest import Reporting

SOON, LATER, PAST = "2026-03-25", "2026-04-10", "2026-03-02"


def totals(reporting: Reporting, period: str = "all", **asked: Any) -> dict[str, Any]:
    entries: Any = reporting.run("forecast", period, **asked).document["totals"]
    return {entry["key"]: entry["value"] for entry in entries}


def test_a_lost_deal_adds_nothing(reporting: Reporting) -> None:
    reporting.deal(amount_minor=100_000, probability_bp=5000, expected_close=SOON)
    reporting.deal("won", amount_minor=200_000, expected_close=SOON)
    reporting.deal("lost", amount_minor=500_000, expected_close=SOON)
    found = totals(reporting)
    assert found["forecast_weighted"] == Decimal("500.00")
    assert found["forecast"] == Decimal("2500.00")


def test_categories_alone_and_with_all_that_is_surer(reporting: Reporting) -> None:
    for category, minor in (("pipeline", 10_000), ("best_case", 20_000), ("commit", 30_000), ("omitted", 99_900)):
        reporting.deal(amount_minor=minor, forecast_category=category, expected_close=SOON)
    reporting.deal("won", amount_minor=40_000)
    result = reporting.run("forecast")
    rows: Any = result.document["categories"]
    assert [(row["category"], row["amount"], row["cumulative"]) for row in rows] == [
        ("closed", 400, 400),
        ("commit", 300, 700),
        ("best_case", 200, 900),
        ("pipeline", 100, 600),
        ("omitted", 999, None),
    ]
    found = totals(reporting)
    assert [found[key] for key in ("forecast_commit", "forecast_best_case", "forecast_open")] == [700, 900, 600]


def test_a_deal_without_a_category_is_pipeline_and_no_omitted_one_is_no_row(reporting: Reporting) -> None:
    reporting.deal(amount_minor=10_000, expected_close=SOON)
    rows: Any = reporting.run("forecast").document["categories"]
    assert [(row["category"], row["deals"]) for row in rows] == [
        ("closed", 0), ("commit", 0), ("best_case", 0), ("pipeline", 1),
    ]  # fmt: skip


def test_overdue_and_undated_deals_stand_apart(reporting: Reporting) -> None:
    reporting.deal(amount_minor=10_000, probability_bp=5000, expected_close=SOON)
    reporting.deal(amount_minor=70_000, probability_bp=5000, expected_close=PAST)
    reporting.deal(amount_minor=90_000, probability_bp=5000)
    for period in ("all", "this-month", "2026-Q1"):
        found = totals(reporting, period)
        assert (found["forecast"], found["forecast_open"]) == (50, 100)
        assert (found["deals_overdue"], found["overdue_amount"]) == (1, 700)
        assert (found["deals_undated"], found["undated_amount"]) == (1, 900)
    rows: Any = reporting.run("forecast").document["groups"]
    assert [row["group"] for row in rows] == ["2026-03"], "nothing is booked into a month that has passed"


def test_over_time_deals_stand_where_they_are_expected_and_won_ones_where_they_closed(reporting: Reporting) -> None:
    reporting.deal(amount_minor=10_000, probability_bp=5000, expected_close=SOON)
    reporting.deal(amount_minor=40_000, probability_bp=2500, expected_close=LATER)
    reporting.deal("won", amount_minor=20_000, closed_at="2025-12-31T23:30:00Z", expected_close=LATER)  # 2026 in Rome
    rows: Any = reporting.run("forecast").document["groups"]
    assert [(row["group"], row["closed"], row["weighted"], row["forecast"]) for row in rows] == [
        ("2026-01", 200, 0, 200),
        ("2026-03", 0, 50, 50),
        ("2026-04", 0, 100, 100),
    ]
    rows = reporting.run("forecast", by="quarter").document["groups"]
    assert [(row["group"], row["forecast"], row["deals"]) for row in rows] == [("2026-Q1", 250, 1), ("2026-Q2", 100, 1)]


def test_groups_of_a_field_add_up_to_the_whole(reporting: Reporting) -> None:
    anna, bea = (reporting.world.add("user", handle=handle) for handle in ("anna", "bea"))
    for owner, minor in ((anna, 10_000), (bea, 30_000), (None, 5_000)):
        reporting.deal(amount_minor=minor, probability_bp=5000, expected_close=SOON, owner_id=owner)
        reporting.deal("won", amount_minor=minor, owner_id=owner)
    rows: Any = reporting.run("forecast", by="owner").document["groups"]
    assert [(row["group"], row["forecast"]) for row in rows] == [("anna", 150), ("bea", 450), (None, 75)]
    assert totals(reporting)["forecast"] == 675
    top: Any = reporting.run("forecast", by="owner", top=1).document["groups"]
    assert [row["group"] for row in top] == ["bea"]


def test_explained_it_adds_up_again(reporting: Reporting) -> None:
    reporting.deal(amount_minor=10_001, probability_bp=3333, expected_close=SOON)
    reporting.deal("won", amount_minor=20_000)
    reporting.deal(expected_close=SOON)
    document: Any = reporting.run("forecast", explain="forecast").document
    numbers = [row["numerator"] for row in document["rows"] if row["excluded"] is None]
    assert sum(numbers) == Decimal("233.333333")  # 10,001 cents x 0.3333, and 200
    (figure,) = document["figures"]
    assert (figure["value"], figure["count"]) == (Decimal("233.33"), 2)
    assert document["numerator"].startswith("sum of the amounts x probabilities of open deals ahead + ")


def test_by_currency_and_at_the_rates_of_today(reporting: Reporting) -> None:
    for rate, day in (("0.5", "2026-01-01"), ("0.8", "2026-03-18"), ("0.9", "2026-03-19")):
        reporting.world.add("currency_rate", currency="USD", rate=rate, on_date=day)
    reporting.deal(amount_minor=10_000, currency="USD", probability_bp=5000, expected_close=SOON)
    reporting.deal(amount_minor=10_000, probability_bp=5000, expected_close=SOON)
    reporting.deal("won", amount_minor=10_000, currency="USD", exchange_rate="0.5")
    result = reporting.run("forecast")
    totals: Any = result.document["totals"]
    forecast = totals[0]
    assert forecast["value"] == Decimal("140.00")  # 50 x 0.8 + 50 + 100 x 0.5
    assert forecast["by_currency"] == [
        {"currency": "EUR", "value": Decimal("50.00"), "count": 1},
        {"currency": "USD", "value": Decimal("150.00"), "count": 2},
    ]
    assert result.document["rates"] == {"USD": {"rate": Decimal("0.8"), "on": "2026-03-18"}}
    assert result.notes == ("open deals are converted at the rates of today: USD 0.8 of 2026-03-18",)
    assert "By currency" in [sheet.title for sheet in result.sheets]


def test_as_of_a_moment_a_deal_won_since_then_was_ahead(reporting: Reporting) -> None:
    deal = reporting.deal("won", amount_minor=10_000, expected_close=SOON, closed_at="2026-03-10T11:00:00Z")
    assert deal
    reporting.world.con.execute("UPDATE deal SET created_at = '2026-01-01T00:00:00Z'")
    assert totals(reporting)["forecast"] == 100
    assert totals(reporting, until="2026-03-05T00:00:00Z")["won_amount"] == 0
