"""Stretches of time in SQL are those that Python names, in every zone and over every change of its clock."""

import sqlite3
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crmcli.domain.buckets import UNITS, bucket
from crmcli.domain.zones import clock_changes, day_number
from crmcli.queries.buckets import bucket_sql, with_days
from crmcli.store.functions import register

ZONES = ("Europe/Rome", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Casablanca", "UTC")
_BEGIN = datetime(2015, 1, 1, tzinfo=UTC)
_INSTANTS = st.integers(0, 12 * 366 * 86_400).map(lambda s: f"{_BEGIN + timedelta(seconds=s):%Y-%m-%dT%H:%M:%SZ}")
_DATES = st.dates(date(2015, 1, 1), date(2027, 1, 1)).map(str)


@given(
    st.lists(_INSTANTS | _DATES, min_size=1, max_size=8), st.sampled_from(UNITS), st.sampled_from(ZONES), st.booleans()
)
@example(stored=["2015-01-01", "2015-01-01T18:15:00Z", "2015-01-02"], unit="day", zone="Asia/Kathmandu", far=False)
def test_sql_names_the_same_bucket(stored: list[str], unit: str, zone: str, far: bool) -> None:
    stored = [one for one in stored if unit != "hour" or len(one) > 10] or ["2020-01-01T00:00:00Z"]
    stored += ["1950-01-01T12:00:00Z"] if far else []
    con = sqlite3.connect(":memory:")
    register(con, zone)
    sql = bucket_sql("r.moment", unit, zone, min(stored), max(stored))
    for one in stored:
        assert con.execute(f"SELECT {sql} FROM (SELECT ? AS moment) r", (one,)).fetchone() == (bucket(one, unit, zone),)
    con.close()


@given(st.lists(_INSTANTS, min_size=1, max_size=8), st.sampled_from(ZONES), st.sampled_from((1600, 2014, 2020, 2030)))
def test_sql_numbers_the_same_days(stored: list[str], zone: str, year: int) -> None:
    """Of instants before, within and after the years that SQL knows by itself."""
    con = sqlite3.connect(":memory:")
    register(con, zone)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CRMCLI_NOW", f"{year}-06-01T12:00:00Z")
        sql = with_days("crm_day(r.moment)", zone)
    assert "unixepoch(r.moment)" in sql
    for one in stored:
        assert con.execute(f"SELECT {sql} FROM (SELECT ? AS moment) r", (one,)).fetchone() == (day_number(one, zone),)
    assert con.execute(f"SELECT {sql} FROM (SELECT NULL AS moment) r").fetchone() == (None,)
    con.close()


def test_the_changes_of_a_clock_are_exact() -> None:
    assert clock_changes("2026-01-01T00:00:00Z", "2026-12-31T00:00:00Z", "Europe/Rome") == [
        ("2026-01-01T00:00:00Z", 3600), ("2026-03-29T01:00:00Z", 7200), ("2026-10-25T01:00:00Z", 3600),
    ]  # fmt: skip
    assert clock_changes("2026-01-01T00:00:00Z", "2026-12-31T00:00:00Z", "UTC") == [("2026-01-01T00:00:00Z", 0)]
