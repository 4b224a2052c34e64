"""The SQL fragments of the dialect, run on real values."""

import sqlite3
from datetime import date, timedelta

import pytest

from crmcli.conditions import dialect


def value(expression: str, *parameters: object) -> object:
    return sqlite3.connect(":memory:").execute(f"SELECT {expression}", parameters).fetchone()[0]


@pytest.mark.parametrize("day", [date(2026, 1, 1) + timedelta(days=3 * n) for n in range(0, 800, 2)])
def test_weeks_are_those_of_iso_8601(day: date) -> None:
    year, week, _ = day.isocalendar()
    assert value(dialect.period("?1", "week"), day.isoformat()) == f"{year}-W{week:02d}"


@pytest.mark.parametrize(
    ("unit", "expected"), [("day", "2026-11-21"), ("month", "2026-11"), ("quarter", "2026-Q4"), ("year", "2026")]
)
def test_periods(unit: str, expected: str) -> None:
    assert value(dialect.period("?1", unit), "2026-11-21T18:00:00Z") == expected


def test_contains_is_literal() -> None:
    assert value(dialect.contains("?", "?"), "100%", "0%") == 1
    assert value(dialect.contains("?", "?"), "1000", "0%") == 0


def test_days_between() -> None:
    assert value(dialect.days_between("?1", "?2"), "2026-03-01", "2026-03-31") == 30


def test_joined() -> None:
    assert value(f"{dialect.joined('x', '?')} FROM (SELECT 'a' AS x UNION ALL SELECT 'b')", ", ") == "a, b"
