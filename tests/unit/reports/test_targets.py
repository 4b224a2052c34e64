"""Targets: which one a figure is set against, and what it says when there is none, or it is met."""

from decimal import Decimal
from typing import Any

import pytest

from tests.unit.reports.conftest import Reporting


class Aiming:
    """Deals of one owner in a team, with targets."""

    def __init__(self, reporting: Reporting) -> None:
        self.reporting = reporting
        self.anna = reporting.world.add("user", handle="anna", team="Sales")
        self.bea = reporting.world.add("user", handle="bea")
        reporting.deal("won", amount_minor=30_000, owner_id=self.anna)  # in March 2026
        reporting.deal(amount_minor=50_000, owner_id=self.anna, expected_close="2026-03-30")

    def target(self, period: str, value: str, metric: str = "won_amount", **more: Any) -> None:
        currency = "EUR" if metric == "won_amount" else None
        given = {"metric": metric, "period": period, "value": value, "currency": currency, **more}
        self.reporting.world.add("target", **given)

    def figure(self, report: str, key: str, period: str = "2026-Q1", **asked: Any) -> tuple[Any, Any]:
        """Return value and reason of a figure of the whole."""
        totals: Any = self.reporting.run(report, period, **asked).document["totals"]
        return next((entry["value"], entry["reason"]) for entry in totals if entry["key"] == key)


@pytest.fixture
def aiming(reporting: Reporting) -> Aiming:
    return Aiming(reporting)


def test_attainment_is_what_was_won_of_the_target(aiming: Aiming) -> None:
    assert aiming.figure("attainment", "attainment") == (None, "no target")
    aiming.target("2026-Q1", "400.00")
    assert aiming.figure("attainment", "attainment") == (Decimal("0.75"), None)
    assert aiming.figure("attainment", "attainment", "2026-Q2") == (None, "no target")


def test_coverage_is_what_is_open_against_what_is_missing(aiming: Aiming) -> None:
    assert aiming.figure("coverage", "coverage") == (None, "no target")
    aiming.target("2026-Q1", "400.00")
    assert aiming.figure("coverage", "coverage") == (5, None)  # 500 / (400 - 300)
    aiming.target("2026-03", "300.00")
    assert aiming.figure("coverage", "coverage", "2026-03") == (None, "the target is met")


def test_shorter_periods_fill_a_longer_one_or_do_not_count(aiming: Aiming) -> None:
    aiming.target("2026-01", "100.00")
    aiming.target("2026-02", "100.00")
    assert aiming.figure("attainment", "target_amount") == (None, "no target")
    aiming.target("2026-03", "200.00")
    assert aiming.figure("attainment", "target_amount") == (400, None)
    aiming.target("2026-Q1", "1000.00")
    assert aiming.figure("attainment", "target_amount") == (1000, None)


def test_without_a_target_of_the_whole_those_of_the_owners_add_up(aiming: Aiming) -> None:
    aiming.target("2026-Q1", "100.00", owner_id=aiming.anna)
    aiming.target("2026-Q1", "200.00", owner_id=aiming.bea)
    aiming.target("2026-Q1", "900.00", team="Sales")
    assert aiming.figure("attainment", "target_amount") == (300, None)
    rows: Any = aiming.reporting.run("attainment", "2026-Q1", by="owner").document["groups"]
    assert [(row["group"], row["target"], row["won"], row["attainment"]) for row in rows] == [
        ("anna", 100, 300, 3),
        ("bea", 200, 0, 0),
    ]
    rows = aiming.reporting.run("attainment", "2026-Q1", by="owner.team").document["groups"]
    assert [(row["group"], row["target"], row["won"]) for row in rows] == [("Sales", 900, 300)]


def test_each_target_in_the_period_is_set_against_its_own(aiming: Aiming) -> None:
    aiming.target("2026-Q1", "400.00")
    aiming.target("2026-03", "10", "deals_won", owner_id=aiming.anna)
    aiming.target("2026-02", "1", "deals_created", team="Sales")
    aiming.target("2025", "1", "deals_won")
    rows: Any = aiming.reporting.run("attainment", "2026-Q1").document["targets"]
    assert [(row["ref"], row["target"], row["reached"], row["attainment"]) for row in rows] == [
        ("won_amount/2026-Q1", "everybody", 300, Decimal("0.75")),
        ("deals_created/2026-02/team:Sales", "team:Sales", 0, 0),
        ("deals_won/2026-03/anna", "anna", 1, Decimal("0.1")),
    ]
    assert aiming.reporting.run("attainment", "2024").notes == ("there is no target in this period: crm target add",)


def test_targets_know_neither_conditions_nor_other_fields(aiming: Aiming) -> None:
    aiming.target("2026-Q1", "400.00")
    assert aiming.figure("attainment", "attainment", where="source = website") == (None, "targets know no condition")
    (entry, *_) = aiming.reporting.entries("deals_won", "2026-Q1")
    assert entry["value"] == 1
    document: Any = aiming.reporting.run("attainment", "2026-Q1", explain="attainment", by="source").document
    assert {figure["reason"] for figure in document["figures"]} == {"targets are set for owners and teams alone"}


def test_a_target_in_another_currency_is_worth_its_rate_of_today(aiming: Aiming) -> None:
    aiming.target("2026-Q1", "400.00", currency="USD")
    assert aiming.figure("attainment", "attainment") == (None, "no rate from USD to EUR")
    aiming.reporting.world.add("currency_rate", currency="USD", rate="0.5", on_date="2026-01-01")
    assert aiming.figure("attainment", "attainment") == (Decimal("1.5"), None)


@pytest.mark.parametrize("key", ["attainment", "coverage"])
def test_explained_they_add_up_again(aiming: Aiming, key: str) -> None:
    aiming.target("2026-01", "100.00", owner_id=aiming.anna)
    aiming.target("2026-Q1", "310.00")
    document: Any = aiming.reporting.run("attainment", "2026-Q1", explain=key).document
    above, below = (sum(row[side] or 0 for row in document["rows"]) for side in ("numerator", "denominator"))
    (figure,) = document["figures"]
    assert round(above / below, 6) == figure["value"]
    assert f"{figure['numerator']} / {figure['denominator']}" in figure["formula"]
    grouped: Any = aiming.reporting.run("attainment", "2026-Q1", explain=key, by="owner").document
    assert {row["group"] for row in grouped["rows"]} == {"anna"}
