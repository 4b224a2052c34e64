"""Recurring tasks: which occurrence follows the one that was closed."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.domain.recurrence import occurrences
from crmcli.domain.successors import Successor, successor

ROME = "Europe/Rome"
MONDAYS = "FREQ=WEEKLY;BYDAY=MO"
RULES = st.sampled_from([
    "FREQ=DAILY", "FREQ=WEEKLY", MONDAYS, "FREQ=MONTHLY", "FREQ=DAILY;INTERVAL=3", "FREQ=MONTHLY;BYMONTHDAY=-1",
    "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=YEARLY", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH",
])  # fmt: skip
DAYS = st.dates(date(2026, 1, 1), date(2028, 12, 31))


@pytest.mark.parametrize(
    ("key", "rule", "mode", "closed", "expected"),
    [
        ("2026-03-02", MONDAYS, "schedule", "2026-03-18T12:00", Successor("2026-03-16", MONDAYS, 1)),  # 5.e
        ("2026-03-16", MONDAYS, "schedule", "2026-03-18T12:00", Successor("2026-03-23", MONDAYS, 0)),  # 5.e
        ("2026-03-02", "FREQ=DAILY;INTERVAL=7", "after_done", "2026-03-18T12:00",
         Successor("2026-03-25", "FREQ=DAILY;INTERVAL=7", 0)),  # 5.f
        ("2026-03-30", MONDAYS, None, "2026-03-18T12:00", Successor("2026-04-06", MONDAYS, 0)),  # done early
        ("2026-03-02T09:00", "FREQ=WEEKLY;COUNT=3", None, "2026-03-18T12:00",
         Successor("2026-03-16T09:00", "FREQ=WEEKLY;COUNT=1", 1)),
        ("2026-03-16T09:00", "FREQ=WEEKLY;COUNT=1", None, "2026-03-18T12:00", None),
        ("2026-03-16", "FREQ=WEEKLY;UNTIL=20260320", None, "2026-03-18T12:00", None),
        ("2026-03-16", "FREQ=WEEKLY;UNTIL=20260320", "after_done", "2026-03-18T12:00", None),
        ("2026-01-31", "FREQ=MONTHLY;BYMONTHDAY=-1", None, "2026-01-31T12:00",
         Successor("2026-02-28", "FREQ=MONTHLY;BYMONTHDAY=-1", 0)),
        ("2026-01-31", "FREQ=MONTHLY", None, "2026-01-31T12:00", Successor("2026-03-31", "FREQ=MONTHLY", 0)),
        ("2026-01-31", "FREQ=MONTHLY", "after_done", "2026-01-31T12:00", Successor("2026-02-28", "FREQ=MONTHLY", 0)),
        ("2026-03-02", MONDAYS, "after_done", "2026-03-18T12:00", Successor("2026-03-23", MONDAYS, 0)),
        ("2026-03-02T09:00", "FREQ=HOURLY;INTERVAL=5", "after_done", "2026-03-18T12:10",
         Successor("2026-03-18T17:10", "FREQ=HOURLY;INTERVAL=5", 0)),
    ],
)  # fmt: skip
def test_golden(key: str, rule: str, mode: str | None, closed: str, expected: Successor | None) -> None:
    assert successor(key, rule, ROME, mode, closed) == expected


def test_a_typo_in_the_year_makes_one_occurrence() -> None:
    found = successor("1926-03-18", "FREQ=DAILY", ROME, None, "2026-03-18T12:00")
    assert found is not None
    assert found.key == "2026-03-18"


@given(RULES, DAYS, DAYS, st.sampled_from(["schedule", "after_done"]))
def test_the_next_one_is_later_than_the_closing_or_the_one_before(rule: str, first: date, end: date, mode: str) -> None:
    key = occurrences(datetime.combine(first, datetime.min.time()), rule, 1)[0].date().isoformat()
    found = successor(key, rule, ROME, mode, f"{end}T12:00", {key})
    assert found is not None
    assert found.key > (end.isoformat() if mode == "after_done" else key)


@given(RULES, DAYS, st.integers(1, 6), st.lists(st.integers(0, 40), min_size=12, max_size=12))
def test_a_series_has_as_many_occurrences_as_its_count(rule: str, first: date, count: int, delays: list[int]) -> None:
    dates = [moment.date().isoformat() for moment in occurrences(datetime.combine(first, datetime.min.time()), rule, 9)]
    key, left, met = dates[0], f"{rule};COUNT={count}", [dates[0]]
    missed = 0
    for delay in delays:
        closed = (date.fromisoformat(key) + timedelta(days=delay)).isoformat()
        found = successor(key, left, ROME, "schedule", f"{closed}T12:00")
        if found is None:
            break
        assert found.key > key
        key, left, missed = found.key, found.rule, missed + found.missed
        met.append(key)
    assert len(met) + missed == count
    assert set(met) <= set(dates[:count])


@given(RULES, DAYS, st.integers(0, 90), st.sampled_from(["schedule", "after_done"]))
def test_nothing_comes_after_the_end(rule: str, first: date, length: int, mode: str) -> None:
    key = occurrences(datetime.combine(first, datetime.min.time()), rule, 1)[0].date()
    until = key + timedelta(days=length)
    left = f"{rule};UNTIL={until:%Y%m%d}"
    found = successor(key.isoformat(), left, ROME, mode, f"{key}T12:00")
    assert found is None or found.key <= until.isoformat()
