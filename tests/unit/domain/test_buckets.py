"""Stretches of time: named in the order of time, in the zone of the reader, whatever the clock does."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.domain.buckets import UNITS, bucket, gapless, label

ZONES = ("Europe/Rome", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC")


@pytest.mark.parametrize(
    ("unit", "expected"),
    [("day", "2026-01-01"), ("week", "2026-W01"), ("month", "2026-01"), ("quarter", "2026-Q1"), ("year", "2026"),
     ("weekday", "4"), ("hour", "00")],
)  # fmt: skip
def test_an_instant_belongs_to_the_bucket_of_its_local_time(unit: str, expected: str) -> None:
    assert bucket("2025-12-31T23:30:00Z", unit, "Europe/Rome") == expected


def test_weeks_belong_to_the_year_of_their_thursday() -> None:
    assert bucket("2027-01-01", "week", "UTC") == "2026-W53"
    assert bucket("2024-12-30", "week", "UTC") == "2025-W01"


def test_a_date_has_no_hour() -> None:
    with pytest.raises(ValueError, match="no hour"):
        bucket("2026-03-18", "hour", "UTC")


def test_weekdays_are_told_by_name_and_have_no_gaps() -> None:
    assert gapless("weekday", ["3"]) == ["1", "2", "3", "4", "5", "6", "7"]
    assert gapless("hour", ["11", "08"]) == ["08", "09", "10", "11"]
    assert gapless("month", ["2026-03", "2025-12", "2026-03"]) == ["2025-12", "2026-03"]
    assert gapless("hour", []) == []
    assert [label(day, "weekday") for day in ("1", "7")] == ["Mon", "Sun"]
    assert label("2026-03", "month") == "2026-03"


@given(
    st.integers(0, 2**32).map(lambda seconds: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)),
    st.sampled_from(UNITS),
    st.sampled_from(ZONES),
)
def test_a_bucket_is_that_of_the_wall_clock(moment: datetime, unit: str, zone: str) -> None:
    wall = moment.astimezone(ZoneInfo(zone))
    year, week, weekday = wall.isocalendar()
    plainly = {
        "day": f"{wall:%Y-%m-%d}", "week": f"{year}-W{week:02}", "month": f"{wall:%Y-%m}", "year": f"{wall:%Y}",
        "quarter": f"{wall:%Y}-Q{(wall.month - 1) // 3 + 1}", "weekday": str(weekday), "hour": f"{wall:%H}",
    }  # fmt: skip
    assert bucket(f"{moment:%Y-%m-%dT%H:%M:%SZ}", unit, zone) == plainly[unit]
