"""When a task is due, in calendar and in business time."""

from datetime import UTC, datetime

import pytest

from crmcli.domain.calendar import BusinessCalendar
from crmcli.rules.durations import Times, due_moment, parse_due

WEEK = dict.fromkeys(range(5), (("09:00", "13:00"), ("14:00", "18:00")))
CALENDAR = BusinessCalendar(WEEK, "Europe/Rome", frozenset({"2026-03-20"}))
WEDNESDAY_NOON = datetime(2026, 3, 18, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "calendar", "wall"),
    [
        ("+30d", None, "2026-04-17"),
        ("-2w", None, "2026-03-04"),
        ("+1m", None, "2026-04-18"),
        ("+4h", None, "2026-03-18T16:00"),
        ("+20min", None, "2026-03-18T12:20"),
        ("today", None, "2026-03-18"),
        ("+2bd", None, "2026-03-20"),
        ("+3bd", None, "2026-03-23"),
        ("+0bd", None, "2026-03-18"),
        ("+2bd", CALENDAR, "2026-03-23"),  # the 20th is a holiday
        ("+4bh", CALENDAR, "2026-03-18T17:00"),
        ("+8bh", CALENDAR, "2026-03-19T12:00"),
    ],
)
def test_due(text: str, calendar: BusinessCalendar | None, wall: str) -> None:
    times = Times(WEDNESDAY_NOON, "Europe/Rome", "en", calendar)
    moment = due_moment(parse_due(text, times), times)
    assert moment.wall == wall
    assert moment.is_date is ("T" not in wall)


@pytest.mark.parametrize("text", ["+4bh", "+bd", "-2bd", "soon", "", "+99999bd"])
def test_no_due(text: str) -> None:
    with pytest.raises(ValueError):
        parse_due(text, Times(WEDNESDAY_NOON, "Europe/Rome", "en"))
