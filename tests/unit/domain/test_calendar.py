from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.domain.calendar import BusinessCalendar

DAY = (("09:00", "13:00"), ("14:00", "18:00"))
GOLDEN = BusinessCalendar(dict.fromkeys(range(5), DAY), "Europe/Rome")
ALWAYS = BusinessCalendar(dict.fromkeys(range(7), (("00:00", "24:00"),)), "Europe/Rome")
ODD = BusinessCalendar(
    {0: DAY, 2: (("22:00", "24:00"),), 6: (("01:30", "02:30"), ("02:30", "05:00"))},
    "Europe/Rome",
    holidays=frozenset({"2026-03-02"}),
    exceptions={"2026-03-03": (("10:00", "11:00"),)},
)
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)).map(
    lambda moment: moment.replace(tzinfo=UTC, microsecond=0)
)


def rome(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Rome"))


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-03-13T16:00", "2026-03-16T11:00", 4),
        ("2026-03-13T17:00", "2026-03-16T10:00", 2),
        ("2026-03-13T13:00", "2026-03-13T14:00", 0),
        ("2026-03-14T10:00", "2026-03-15T20:00", 0),
        ("2026-03-09T00:00", "2026-03-16T00:00", 40),
        ("2026-03-16T11:00", "2026-03-13T16:00", 0),
    ],
)
def test_seconds_between(start: str, end: str, hours: int) -> None:
    assert GOLDEN.seconds_between(rome(start), rome(end)) == hours * 3600


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-03-13T16:00", 4, "2026-03-16T11:00"),
        ("2026-03-13T16:00", 16, "2026-03-17T16:00"),
        ("2026-03-13T16:00", 2, "2026-03-13T18:00"),
        ("2026-03-14T10:00", 1, "2026-03-16T10:00"),
        ("2026-03-14T10:00", 0, "2026-03-14T10:00"),
    ],
)
def test_add(start: str, hours: int, due: str) -> None:
    assert GOLDEN.add(rome(start), hours * 3600) == rome(due)


def test_days_with_a_clock_change_have_their_real_length() -> None:
    assert ALWAYS.seconds_between(rome("2026-03-29T00:00"), rome("2026-03-30T00:00")) == 23 * 3600
    assert ALWAYS.seconds_between(rome("2026-10-25T00:00"), rome("2026-10-26T00:00")) == 25 * 3600


def test_holidays_and_exceptions_replace_the_week() -> None:
    assert ODD.seconds_between(rome("2026-03-02T00:00"), rome("2026-03-03T00:00")) == 0
    assert ODD.seconds_between(rome("2026-03-03T00:00"), rome("2026-03-04T00:00")) == 3600
    assert ODD.seconds_between(rome("2026-03-29T00:00"), rome("2026-03-30T00:00")) == int(2.5 * 3600)


@pytest.mark.parametrize("calendar", [GOLDEN, ALWAYS, ODD])
@given(start=MOMENTS, seconds=st.integers(0, 400 * 3600))
def test_adding_and_measuring_are_inverse(calendar: BusinessCalendar, start: datetime, seconds: int) -> None:
    assert calendar.seconds_between(start, calendar.add(start, seconds)) == seconds


@given(start=MOMENTS, days=st.integers(0, 60), more_days=st.integers(0, 60))
def test_measures_add_up(start: datetime, days: int, more_days: int) -> None:
    middle = start + timedelta(days=days)
    end = middle + timedelta(days=more_days)
    assert ODD.seconds_between(start, end) == ODD.seconds_between(start, middle) + ODD.seconds_between(middle, end)


def test_months_are_computed_by_ranges() -> None:
    assert GOLDEN.seconds_between(rome("2026-01-01T00:00"), rome("2026-04-01T00:00")) == 64 * 8 * 3600


@pytest.mark.parametrize(
    "week",
    [
        {},
        {0: ()},
        {0: (("09:00", "09:00"),)},
        {0: (("18:00", "09:00"),)},
        {0: (("09:00", "13:00"), ("12:00", "18:00"))},
        {0: (("9", "25:00"),)},
    ],
)
def test_calendars_without_sense_are_refused(week: dict[int, tuple[tuple[str, str], ...]]) -> None:
    with pytest.raises(ValueError, match=r"business|time of day"):
        BusinessCalendar(week, "Europe/Rome")


def test_a_calendar_that_has_run_out_says_so() -> None:
    once = BusinessCalendar({}, "Europe/Rome", exceptions={"2026-03-03": (("10:00", "11:00"),)})
    assert once.add(rome("2026-03-01T00:00"), 3600) == rome("2026-03-03T11:00")
    with pytest.raises(ValueError, match="no working time"):
        once.add(rome("2026-03-01T00:00"), 3601)
