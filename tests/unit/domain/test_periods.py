from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.domain.periods import ALL, Period, parse_period, previous, utc_edges

ROME = "Europe/Rome"
NOW = datetime.fromisoformat("2026-03-18T12:00:00+01:00")


@pytest.mark.parametrize(
    ("text", "start", "end", "label"),
    [
        ("2026", "2026-01-01", "2027-01-01", "2026"),
        ("2026-Q1", "2026-01-01", "2026-04-01", "2026-Q1"),
        ("2025-q4", "2025-10-01", "2026-01-01", "2025-Q4"),
        ("2026-03", "2026-03-01", "2026-04-01", "2026-03"),
        ("2026-12", "2026-12-01", "2027-01-01", "2026-12"),
        ("2026-03-18", "2026-03-18", "2026-03-19", "2026-03-18"),
        ("2026-03-01..2026-03-31", "2026-03-01", "2026-04-01", "2026-03"),
        ("2026-03-02..2026-03-03", "2026-03-02", "2026-03-04", "2026-03-02..2026-03-03"),
        ("2026-01..2026-Q2", "2026-01-01", "2026-07-01", "2026-01-01..2026-06-30"),
        ("2026-03-02..", "2026-03-02", None, "2026-03-02.."),
        ("..2025", None, "2026-01-01", "..2025-12-31"),
        ("30d", "2026-02-17", "2026-03-19", "2026-02-17..2026-03-18"),
        ("1d", "2026-03-18", "2026-03-19", "2026-03-18"),
        ("2w", "2026-03-05", "2026-03-19", "2026-03-05..2026-03-18"),
        ("this-month", "2026-03-01", "2026-04-01", "2026-03"),
        ("last month", "2026-02-01", "2026-03-01", "2026-02"),
        ("mese scorso", "2026-02-01", "2026-03-01", "2026-02"),
        ("next_month", "2026-04-01", "2026-05-01", "2026-04"),
        ("this-quarter", "2026-01-01", "2026-04-01", "2026-Q1"),
        ("last-quarter", "2025-10-01", "2026-01-01", "2025-Q4"),
        ("this-year", "2026-01-01", "2027-01-01", "2026"),
        ("quest'anno", "2026-01-01", "2027-01-01", "2026"),
        ("last-year", "2025-01-01", "2026-01-01", "2025"),
        ("this-week", "2026-03-16", "2026-03-23", "2026-03-16..2026-03-22"),
        ("last-week", "2026-03-09", "2026-03-16", "2026-03-09..2026-03-15"),
        ("today", "2026-03-18", "2026-03-19", "2026-03-18"),
        ("ieri", "2026-03-17", "2026-03-18", "2026-03-17"),
        ("february", "2026-02-01", "2026-03-01", "2026-02"),
        ("Dicembre", "2026-12-01", "2027-01-01", "2026-12"),
        ("feb 2027", "2027-02-01", "2027-03-01", "2027-02"),
        ("nov 2026..jan 2027", "2026-11-01", "2027-02-01", "2026-11-01..2027-01-31"),
        ("all", None, None, "all"),
        ("..", None, None, "all"),
    ],
)
def test_periods(text: str, start: str | None, end: str | None, label: str) -> None:
    period = parse_period(text, NOW, ROME)
    assert period == Period(start, end, label)
    assert parse_period(period.label, NOW, ROME) == period


REFUSED = ["", "foo", "month", "this", "next-day", "0d", "9999y", "..x", "." * 999, "2026..2027..2028"]
REFUSED += ["0001", "1582", "1583", "9998", "1582-12..2026", "9999m", "..9998"]
REFUSED += [
    "febr",
    "may 9999",
    "march 0000",
    "feb 27",
    "2026-13",
    "2026-Q5",
    "2026-02-30",
    "0000",
    "9999",
    "2026-03-31..2026-03-01",
]


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"period|date|range"):
        parse_period(text, NOW, ROME)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("2026-03", "2026-02"),
        ("2026-Q1", "2025-Q4"),
        ("2026", "2025"),
        ("2026-03-18", "2026-03-17"),
        ("this-week", "2026-03-09..2026-03-15"),
        ("2026-01..2026-02", "2025-11-01..2025-12-31"),
        ("30d", "2026-01-18..2026-02-16"),
    ],
)
def test_previous(text: str, label: str) -> None:
    before = previous(parse_period(text, NOW, ROME))
    assert before is not None and before.label == label


def test_an_open_period_has_no_previous_one() -> None:
    assert previous(ALL) is None


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(1, 800))
def test_the_previous_period_ends_where_this_one_starts(start: date, days: int) -> None:
    period = parse_period(f"{start}..{start + timedelta(days=days - 1)}", NOW, ROME)
    before = previous(period)
    assert before is not None and before.end == period.start
    assert parse_period(period.label, NOW, ROME) == period


def test_the_edges_of_a_period_follow_the_zone() -> None:
    march = parse_period("2026-03", NOW, ROME)
    assert utc_edges(march, ROME) == ("2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z")
    assert utc_edges(ALL, ROME) == (None, None)


def test_today_is_the_local_day() -> None:
    late = datetime.fromisoformat("2026-03-17T23:30:00Z")
    assert parse_period("today", late, ROME).label == "2026-03-18"
    assert parse_period("today", late, "UTC").label == "2026-03-17"
