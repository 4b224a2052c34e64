"""Amounts in several currencies: converted at the frozen rate, or apart, never added raw and never dropped."""

from decimal import Decimal
from typing import Any

from tests.unit.reports.conftest import Reporting
from tests.unit.reports.shop import Shop


def test_a_closed_deal_counts_at_its_frozen_rate(reporting: Reporting) -> None:
    reporting.deal("won", amount_minor=10_000, exchange_rate="1")
    reporting.deal("won", amount_minor=10_000, currency="USD", exchange_rate="0.92345")
    reporting.deal("won", amount_minor=10_000, currency="JPY", exchange_rate="0.006135")  # yen have no decimals
    assert reporting.value("won_amount") == Decimal("253.70")  # 100 + 92.345 + 61.35
    assert reporting.value("average_deal") == Decimal("84.57")
    assert reporting.value("median_deal") == Decimal("92.35")


def test_what_has_no_rate_stands_apart(reporting: Reporting) -> None:
    reporting.deal(amount_minor=10_000)
    reporting.deal(amount_minor=50_000, currency="USD")
    reporting.deal(amount_minor=7, currency="JPY")
    result = reporting.run()
    (pipeline,) = reporting.entries("pipeline_amount")
    assert (pipeline["value"], pipeline["count"]) == (Decimal("100.00"), 1)
    apart: Any = result.document["unconverted"]
    assert [
        (item["currency"], item["amount"], item["count"]) for item in apart if item["key"] == "pipeline_amount"
    ] == [
        ("JPY", Decimal(7), 1),
        ("USD", Decimal("500.00"), 1),
    ]
    assert len(result.warnings) == 2
    assert "500.00 USD stand apart, no rate from USD to EUR" in result.warnings[1]


def test_only_foreign_amounts_without_a_rate_make_no_zero(reporting: Reporting) -> None:
    reporting.deal("won", amount_minor=50_000, currency="USD")
    (won,) = reporting.entries("won_amount")
    assert (won["value"], won["reason"]) == (None, "no rate from USD to EUR")


def test_the_pipeline_counts_what_its_sums_leave_out(reporting: Reporting) -> None:
    reporting.deal(amount_minor=10_000, probability_bp=1000)
    reporting.deal(amount_minor=50_000, currency="USD")
    reporting.deal()
    row: Any = reporting.run("pipeline").main.rows[0]
    assert (row["deals"], row["amount"], row["weighted"]) == (3, Decimal("100.00"), Decimal("10.00"))
    assert (row["no_amount"], row["no_rate"], row["currency"]) == (1, 1, "EUR")


def test_sums_are_exact_beyond_what_an_integer_column_adds_up(reporting: Reporting) -> None:
    largest = 2**63 - 1
    for _ in range(3):
        reporting.deal("won", amount_minor=largest)
    assert reporting.value("won_amount") == Decimal(3 * largest).scaleb(-2)
    reporting.deal(amount_minor=largest, probability_bp=9999)
    assert reporting.value("weighted_amount") == Decimal("92224496996510903.29")


def test_what_there_is_in_each_currency_stands_beside_the_sum(reporting: Reporting) -> None:
    reporting.deal("won", amount_minor=10_000, exchange_rate="1")
    reporting.deal("won", amount_minor=20_000, currency="USD", exchange_rate="0.5")
    reporting.deal("won", amount_minor=40_000, currency="USD", exchange_rate="0.5")
    reporting.deal("won", amount_minor=7, currency="JPY")
    found = {
        key: [(own["currency"], own["value"], own["count"]) for own in reporting.entries(key)[0]["by_currency"]]
        for key in ("won_amount", "average_deal", "median_deal")
    }
    assert found["won_amount"] == [("EUR", 100, 1), ("JPY", 7, 1), ("USD", 600, 2)]
    assert found["average_deal"] == [("EUR", 100, 1), ("JPY", 7, 1), ("USD", 300, 2)]
    assert found["median_deal"] == [("EUR", 100, 1), ("JPY", 7, 1), ("USD", 300, 2)]
    sheet = next(sheet for sheet in reporting.run("won").sheets if sheet.title == "By currency")
    assert {(row["code"], row["currency"]) for row in sheet.rows} == {("EUR", "EUR"), ("JPY", "JPY"), ("USD", "USD")}


def test_in_one_currency_there_is_nothing_beside_it(reporting: Reporting) -> None:
    reporting.deal("won", amount_minor=10_000)
    reporting.deal("lost", amount_minor=10_000)
    result = reporting.run()
    assert all("by_currency" not in entry for entry in result.document["kpis"])  # type: ignore[attr-defined]
    assert (len(result.sheets), result.document["rates"]) == (1, {})


def test_open_deals_stand_at_the_rates_of_today_and_closed_ones_at_their_own(reporting: Reporting) -> None:
    for rate, day in (("0.5", "2026-01-01"), ("0.8", "2026-03-18"), ("0.9", "2026-03-19")):
        reporting.world.add("currency_rate", currency="USD", rate=rate, on_date=day)
    reporting.deal(amount_minor=10_000, currency="USD")
    assert reporting.value("pipeline_amount") == 80
    reporting.deal("won", amount_minor=10_000, currency="USD", exchange_rate="0.25")
    assert reporting.value("won_amount") == 25
    reporting.deal("won", amount_minor=10_000, currency="USD", closed_at="2026-03-17T22:30:00Z")  # 23:30 in Rome
    reporting.deal("won", amount_minor=10_000, currency="USD", closed_at="2026-03-17T23:30:00Z")  # 00:30 in Rome
    assert reporting.value("won_amount") == 25 + 50 + 80, "the rate of the local day of closing"
    assert reporting.run().notes == ("open deals are converted at the rates of today: USD 0.8 of 2026-03-18",)
    assert reporting.run("won").notes == ()


def currencies(entry: dict[str, Any]) -> list[tuple[object, ...]]:
    return [(own["currency"], own["value"], own["count"]) for own in entry["by_currency"]]


def test_velocity_is_told_for_the_deals_in_each_currency(reporting: Reporting) -> None:
    """Each with the win rate, average and cycle of its own; no rate is needed for that."""
    closed = {"created_at": "2026-03-01T10:00:00Z", "closed_at": "2026-03-11T10:00:00Z"}
    for currency, minor, rate in (("EUR", 10_000, "1"), ("USD", 40_000, "0.5")):
        reporting.deal("won", amount_minor=minor, currency=currency, exchange_rate=rate, **closed)
        reporting.deal(amount_minor=1, currency=currency)
    reporting.deal("lost", currency="USD", **closed)
    reporting.deal(amount_minor=1, currency="CHF")
    document: Any = reporting.run("velocity").document
    entry = document["totals"][0]
    assert entry["value"] == Decimal("30.00"), "3 open x 2/3 x (100 + 200) / 2 / 10 days"
    assert currencies(entry) == [("EUR", 10, 1), ("USD", 20, 2)], "1 x 1 x 100 / 10, and 1 x 1/2 x 400 / 10"
    (of_nobody,) = reporting.entries("sales_velocity", by="owner")
    assert currencies(of_nobody) == currencies(entry)
    (in_dollars,) = reporting.entries("sales_velocity", where="currency = USD")
    assert currencies(in_dollars) == [("USD", 20, 2)]
    assert "by_currency" not in reporting.entries("sales_velocity", where="currency = EUR")[0]
    assert reporting.run("velocity").notes == ()
    sheet = next(sheet for sheet in reporting.run("velocity").sheets if sheet.title == "By currency")
    assert [(row["label"], row["code"]) for row in sheet.rows if row["label"] == "Sales velocity"] == [
        ("Sales velocity", "EUR"), ("Sales velocity", "USD"),
    ]  # fmt: skip


def test_what_customers_are_worth_is_told_in_each_currency(shop: Shop) -> None:
    rich, poor = shop.customer("Rich"), shop.customer("Poor")
    shop.buy(rich, "2026-02-01", 100)
    shop.buy(poor, "2026-02-02", 50)
    for day in ("2026-02-03", "2026-02-04"):
        shop.buy(rich, day, 30, currency="USD", exchange_rate="0.5")
    shop.buy(poor, "2026-02-05", 7, currency="CHF")
    found = shop.totals("sales", "2026-02")
    assert currencies(found["sales"]) == [("CHF", 7, 1), ("EUR", 150, 2), ("USD", 60, 2)]
    assert found["value_per_buyer"]["value"] == 90, "(100 + 50 + 2 x 15) / 2 buyers"
    assert currencies(found["value_per_buyer"]) == [("CHF", 7, 1), ("EUR", 75, 2), ("USD", 60, 1)]
    worth = shop.totals("clv", "2026-02", own={"margin": "10"})["clv"]
    assert [own[0] for own in currencies(worth)] == ["CHF", "EUR", "USD"]
    assert worth["by_currency"][2]["value"] == 30 * 2 * 12 // 10 * 5, "average x a year x margin x years"
    to_date = shop.totals("clv", "2026-02", own={"margin": "10", "historic": True})["clv_historic"]
    assert currencies(to_date) == [("CHF", Decimal("0.70"), 1), ("EUR", Decimal("7.50"), 2), ("USD", 6, 1)]
    assert "By currency" in {sheet.title for sheet in shop.reporting.run("sales", "2026-02").sheets}
