from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.domain.zones import (
    begins_day,
    day_number,
    local_date,
    local_day_edges,
    local_time,
    to_utc,
    to_wall,
    zone_of,
)

ROME = "Europe/Rome"


@pytest.mark.parametrize(
    ("wall", "zone", "utc"),
    [
        ("2026-03-20", ROME, "2026-03-19T23:00:00Z"),
        ("2026-03-20T09:00", ROME, "2026-03-20T08:00:00Z"),
        ("2026-07-20T09:00:30", ROME, "2026-07-20T07:00:30Z"),
        ("2026-03-29T02:30", ROME, "2026-03-29T01:30:00Z"),  # does not exist: becomes 03:30
        ("2026-10-25T02:30", ROME, "2026-10-25T00:30:00Z"),  # exists twice: the first one
        ("2026-03-20T09:00", "America/New_York", "2026-03-20T13:00:00Z"),
    ],
)
def test_to_utc(wall: str, zone: str, utc: str) -> None:
    assert to_utc(wall, zone) == utc


def test_to_wall_shows_seconds_only_when_there_are_any() -> None:
    assert to_wall("2026-03-29T01:30:00Z", ROME) == "2026-03-29T03:30"
    assert to_wall("2026-03-20T08:00:30Z", ROME) == "2026-03-20T09:00:30"


def test_local_date() -> None:
    assert local_date("2026-03-17T23:30:00Z", ROME) == "2026-03-18"
    assert local_date("2026-03-17T23:30:00Z", "UTC") == "2026-03-17"


@given(
    first=st.dates(date(1990, 1, 1), date(2060, 1, 1)),
    second=st.dates(date(1990, 1, 1), date(2060, 1, 1)),
    zone=st.sampled_from([ROME, "America/New_York", "America/Santiago", "Europe/Dublin", "UTC", "Asia/Kolkata"]),
)
def test_days_are_counted_whole_whatever_the_clock_does(first: date, second: date, zone: str) -> None:
    start, end = to_utc(first.isoformat(), zone), to_utc(second.isoformat(), zone)
    assert day_number(end, zone) - day_number(start, zone) == (second - first).days
    assert begins_day(start, zone)
    assert not begins_day(to_utc(f"{first}T12:00", zone), zone)


@given(
    st.datetimes(datetime(1900, 1, 1), datetime(2060, 1, 1)),
    st.sampled_from([ROME, "UTC", "America/St_Johns", "Pacific/Apia", "Africa/Monrovia", "Asia/Kathmandu"]),
)
def test_the_number_of_a_day_is_that_of_the_local_date(moment: datetime, zone: str) -> None:
    utc = f"{moment:%Y-%m-%dT%H:%M:%S}Z"
    assert day_number(utc, zone) == local_time(utc, zone).toordinal()


@pytest.mark.parametrize("zone", [ROME, "America/St_Johns", "Pacific/Apia"])
def test_a_local_date_begins_at_its_midnight_on_every_day_of_a_year(zone: str) -> None:
    for number in range(date(2011, 1, 1).toordinal(), date(2012, 1, 2).toordinal()):
        midnight = datetime.fromordinal(number)
        for moment in (midnight - timedelta(seconds=1), midnight, midnight + timedelta(hours=23)):
            utc = to_utc(moment.isoformat(), zone)
            assert day_number(utc, zone) == local_time(utc, zone).toordinal()


def test_a_day_with_a_clock_change_has_its_real_edges() -> None:
    assert local_day_edges("2026-03-29", ROME) == ("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z")
    assert local_day_edges("2026-10-25", ROME) == ("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z")


@given(st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1)), st.sampled_from([ROME, "UTC", "Asia/Kolkata"]))
def test_going_to_utc_twice_changes_nothing(moment: datetime, zone: str) -> None:
    utc = to_utc(moment.isoformat(timespec="seconds"), zone)
    assert to_utc(to_wall(utc, zone), zone) == utc


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../../etc/passwd", "a\0b"])
def test_an_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="time zone"):
        zone_of(name)


@pytest.mark.parametrize("wall", ["0001-01-01", "1582-12-31", "9999-12-31"])
def test_years_that_cannot_be_stored_are_refused(wall: str) -> None:
    with pytest.raises(ValueError, match="out of range"):
        to_utc(wall, ROME)
