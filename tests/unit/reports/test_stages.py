"""Stage conversion and time in stage, which are read from the log of states alone."""

from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil
from statistics import median
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmcli.reports.result import known_until
from tests.unit.queries.conftest import ZONE
from tests.unit.reports.conftest import Past, Reporting


def conversion(reporting: Reporting, period: str = "2026-Q1", **asked: Any) -> dict[str, tuple[Any, ...]]:
    """Return entered, further, pending and conversion of each stage."""
    rows: Any = reporting.run("stage-conversion", period, **asked).document["stages"]
    return {row["stage"]: (row["entered"], row["further"], row["pending"], row["conversion"]) for row in rows}


def test_skipping_counts_and_going_back_does_not_undo(past: Past) -> None:
    skipped, back, pending, lost = (past.reporting.deal(outcome) for outcome in ("won", "open", "open", "lost"))
    past.walk(skipped, ("potential", "2026-01-05"), ("won", "2026-01-20"))
    past.walk(back, ("potential", "2026-01-05"), ("quote_sent", "2026-01-10"), ("potential", "2026-01-15"))
    past.walk(pending, ("potential", "2026-02-05"))
    past.walk(lost, ("potential", "2026-01-05"), ("quote_sent", "2026-01-06"), ("lost", "2026-01-20"))
    assert conversion(past.reporting) == {
        "Potential": (4, 3, 1, Decimal("0.75")),
        "Quote sent": (2, 0, 1, 0),
    }


def test_the_period_picks_the_entry_and_not_what_came_of_it(past: Past) -> None:
    deal = past.reporting.deal("won")
    past.walk(deal, ("potential", "2025-12-01"), ("quote_sent", "2026-01-10"), ("won", "2026-05-01"))
    assert conversion(past.reporting) == {"Quote sent": (1, 1, 0, 1)}
    assert conversion(past.reporting, "2025") == {"Potential": (1, 1, 0, 1)}
    assert conversion(past.reporting, "2026-Q2") == {}


def test_a_deal_counts_once_for_a_stage(past: Past) -> None:
    deal = past.reporting.deal()
    past.walk(deal, ("potential", "2026-01-01"), ("quote_sent", "2026-01-02"), ("potential", "2026-01-03"))
    assert conversion(past.reporting)["Potential"] == (1, 1, 0, 1)


def test_what_comes_after_the_moment_is_not_known(past: Past) -> None:
    deal = past.reporting.deal("won", created_at="2026-01-05T10:00:00Z", closed_at="2026-03-01T10:00:00Z")
    past.walk(deal, ("potential", "2026-01-05"), ("won", "2026-03-01"))
    then = known_until("2026-01-31", ZONE)[0]
    assert conversion(past.reporting, until=then) == {"Potential": (1, 0, 1, 0)}
    assert conversion(past.reporting) == {"Potential": (1, 1, 0, 1)}


def test_the_rows_behind_a_conversion_name_the_stage_and_add_up_again(past: Past) -> None:
    deal = past.reporting.deal(name="Shop")
    past.walk(deal, ("potential", "2026-01-05"), ("quote_sent", "2026-01-10"))
    document: Any = past.reporting.run("stage-conversion", "2026-Q1", explain="stage_conversion").document
    told = [(row["title"], row["numerator"], row["denominator"]) for row in document["rows"]]
    assert told == [("Shop, Potential", 1, 1), ("Shop, Quote sent", 0, 1)]
    assert document["figures"][0]["value"] == Decimal("0.5")
    stays: Any = past.reporting.run("time-in-stage", "2026-Q1", explain="time_in_stage_mean").document
    assert [(row["title"], row["numerator"]) for row in stays["rows"]] == [("Shop, Potential", 5)]


def test_conditions_and_groups_apply(past: Past) -> None:
    for source in ("website", "event"):
        deal = past.reporting.deal(source=source)
        past.walk(deal, ("potential", "2026-01-05"))
    assert conversion(past.reporting, where="source = event")["Potential"][0] == 1
    groups: Any = past.reporting.run("stage-conversion", "2026-Q1", by="source").document["groups"]
    assert [(row["group"], row["entered"]) for row in groups] == [("website", 1), ("event", 1)]


@pytest.mark.parametrize(
    ("by", "where", "expected"),
    [
        ("source", None, [("website", 1, 2, 1), ("event", 1, 5, 1)]),
        ("outcome", "source = event", [("open", 1, 5, 1)]),
        ("organization.country", "organization = Acme", [(None, 2, Decimal("3.5"), 2)]),
    ],
)
def test_stays_are_chosen_and_grouped_by_what_their_deals_are(
    past: Past, by: str, where: str | None, expected: list[tuple[Any, ...]]
) -> None:
    for source, days in (("website", 2), ("event", 5)):
        deal = past.reporting.deal(source=source)
        past.walk(deal, ("potential", "2026-01-05"), ("quote_sent", f"2026-01-{5 + days:02}"))
    groups: Any = past.reporting.run("time-in-stage", "2026-Q1", by=by, where=where).document["groups"]
    assert [(row["group"], row["stays"], row["median"], row["open"]) for row in groups] == expected


def test_removed_deals_are_in_no_stage(past: Past) -> None:
    past.walk(past.reporting.deal(deleted_at="2026-02-01T10:00:00Z"), ("potential", "2026-01-05"))
    assert conversion(past.reporting) == {}
    assert past.reporting.run("time-in-stage", "all").document["stages"] == []


def test_deals_whose_entry_was_taken_back_are_in_no_stage(past: Past) -> None:
    """Undoing takes the deal out for good, and what the log says of it stays."""
    kept = past.reporting.deal()
    for deal in (kept, kept + 1):
        past.walk(deal, ("potential", "2026-01-05"), ("quote_sent", "2026-01-10"))
    assert times(past.reporting)["Potential"]["stays"] == 1
    assert times(past.reporting)["Quote sent"]["open"] == 1
    assert conversion(past.reporting)["Potential"] == (1, 1, 0, 1)


def times(reporting: Reporting, period: str = "2026-Q1") -> dict[str, Any]:
    rows: Any = reporting.run("time-in-stage", period).document["stages"]
    return {row["stage"]: row for row in rows}


def test_time_in_stage_of_ten_stays(past: Past) -> None:
    """Stays of 1 to 10 days: mean and median 5.5, nine in ten do not exceed 9."""
    for days in range(1, 11):
        past.walk(past.reporting.deal(), ("potential", "2026-01-01"), ("quote_sent", f"2026-01-{days + 1:02}"))
    stay = times(past.reporting)["Potential"]
    assert (stay["stays"], stay["mean"], stay["median"], stay["p90"]) == (10, Decimal("5.5"), Decimal("5.5"), 9)
    age = times(past.reporting)["Quote sent"]
    assert (age["stays"], age["mean"], age["open"]) == (0, None, 10)


def test_stays_are_counted_when_they_end_and_in_whole_hours(past: Past) -> None:
    deal = past.reporting.deal()
    past.walk(deal, ("potential", "2025-12-31T10:00:00Z"), ("quote_sent", "2026-03-18T05:00:00Z"))
    assert times(past.reporting, "2025").get("Potential", {"stays": 0})["stays"] == 0
    found = times(past.reporting)
    assert found["Potential"]["mean"] == Decimal("76.791667")
    assert found["Quote sent"]["age_mean"] == Decimal("0.25"), "six hours before the present"


_WALKS = st.lists(
    st.lists(st.tuples(st.sampled_from(["potential", "quote_sent", "won", "lost"]), st.integers(0, 200)), min_size=1,
             max_size=6),
    max_size=6,
)  # fmt: skip
_RANK = {"potential": 0, "quote_sent": 1, "won": 9, "lost": -1}
_FIRST = datetime(2025, 11, 1, 10)


@settings(max_examples=60)
@given(walks=_WALKS)
def test_stages_equal_a_plain_computation(past: Past, walks: list[list[tuple[str, int]]]) -> None:
    past.world.con.execute("DELETE FROM state_log")
    past.world.con.execute("DELETE FROM deal")
    entered: dict[str, list[bool]] = {}
    stays: dict[str, list[int]] = {}
    for walk in walks:
        steps = list(zip((stage for stage, _ in walk), sorted(day for _, day in walk), strict=True))
        deal = past.reporting.deal(walk[-1][0] if walk[-1][0] in ("won", "lost") else "open")
        past.walk(deal, *((stage, f"{_FIRST + timedelta(days=day):%Y-%m-%dT%H:%M:%SZ}") for stage, day in steps))
        seen: set[str] = set()
        for place, (stage, day) in enumerate(steps):
            after = steps[place + 1 :]
            if _RANK[stage] in (-1, 9):
                continue
            if after and _in_period(after[0][1]):
                stays.setdefault(stage, []).append(after[0][1] - day)
            if _in_period(day) and stage not in seen:
                seen.add(stage)
                entered.setdefault(stage, []).append(any(_RANK[later] > _RANK[stage] for later, _ in after))
    names = {"potential": "Potential", "quote_sent": "Quote sent"}
    found = conversion(past.reporting)
    assert {stage: row[:2] for stage, row in found.items()} == {
        names[stage]: (len(reached), sum(reached)) for stage, reached in entered.items()
    }
    measured = times(past.reporting)
    for stage, days in stays.items():
        row = measured[names[stage]]
        mean = Fraction(sum(days), len(days))
        assert abs(Fraction(row["mean"]) - mean) < Fraction(1, 10**6)
        assert Fraction(row["median"]) == Fraction(median(map(Fraction, days)))
        assert row["p90"] == sorted(days)[ceil(len(days) * 9 / 10) - 1]


def _in_period(day: int) -> bool:
    return datetime(2026, 1, 1) <= _FIRST + timedelta(days=day) < datetime(2026, 4, 1)
