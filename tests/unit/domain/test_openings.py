"""Free time: inside working hours, around what is planned, over changes of the clock."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from crmcli.domain.calendar import BusinessCalendar
from crmcli.domain.openings import USUAL_WEEK, openings

ROME = BusinessCalendar({**USUAL_WEEK, 4: (("09:00", "13:00"),)}, "Europe/Rome", frozenset({"2026-03-25"}))
MONDAY = datetime(2026, 3, 23, tzinfo=UTC)
HOUR = 3600


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def shown(found: list[tuple[datetime, datetime]]) -> list[tuple[str, str]]:
    return [(f"{one:%d %H:%M}", f"{two:%d %H:%M}") for one, two in found]


def test_what_is_planned_cuts_the_working_day() -> None:
    busy = [(at("2026-03-23T09:00"), at("2026-03-23T10:30")), (at("2026-03-23T10:00"), at("2026-03-23T11:00"))]
    found = openings(ROME, (MONDAY, MONDAY + timedelta(1)), busy, HOUR)
    assert shown([*found]) == [("23 08:00", "23 09:00"), ("23 11:00", "23 17:00")]


def test_too_short_a_time_holidays_and_nights_are_not_offered() -> None:
    busy = [(at("2026-03-27T08:30"), at("2026-03-27T11:30"))]
    found = openings(ROME, (at("2026-03-25T00:00"), at("2026-03-31T00:00")), busy, HOUR)
    assert shown([*found]) == [("26 08:00", "26 17:00"), ("30 07:00", "30 16:00")]  # summer time since the 29th


def test_the_window_cuts_the_first_and_the_last_day() -> None:
    found = openings(ROME, (at("2026-03-23T15:10"), at("2026-03-24T09:00")), [], HOUR)
    assert shown([*found]) == [("23 15:10", "23 17:00"), ("24 08:00", "24 09:00")]


@given(st.lists(st.tuples(st.integers(0, 7 * 24 * 60), st.integers(1, 600)), max_size=12))
def test_free_and_busy_fill_the_working_time_and_do_not_overlap(minutes: list[tuple[int, int]]) -> None:
    window = (MONDAY, MONDAY + timedelta(7))
    busy = [(MONDAY + timedelta(minutes=a), MONDAY + timedelta(minutes=a + b)) for a, b in minutes]
    free = openings(ROME, window, busy, 1)
    assert all(not (one < end and begin < two) for one, two in free for begin, end in busy)
    marks = sorted({*window, *(edge for pair in (*free, *busy) for edge in pair if window[0] <= edge <= window[1])})
    for one, two in pairwise(marks):
        is_busy = any(begin < two and one < end for begin, end in busy)
        is_free = any(begin <= one and two <= end for begin, end in free)
        if not is_busy and not is_free:
            assert ROME.seconds_between(one, two) == 0
