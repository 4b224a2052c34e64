"""Amounts in several currencies: converted at the frozen rate, or apart, never added raw and never dropped."""

from decimal import Decimal
from typing import Any

from tests.unit.reports.conftest import Reporting


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
