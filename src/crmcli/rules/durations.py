"""When a task of a rule is due: the offsets and days of conditions, and counts of business hours and days.

``+4bh`` needs the business hours of the configuration. ``+2bd`` counts their working days, or Monday to Friday where
there are none configured.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from crmcli.domain.calendar import BusinessCalendar
from crmcli.domain.dates import Moment, parse_moment
from crmcli.domain.zones import instant_text, to_wall, zone_of

_BUSINESS = re.compile(r"\+([0-9]{1,4})(bh|bd)")
_MOST_DAYS = 1000  # calendar days looked at for working ones


class Due(NamedTuple):
    """A due time as written. ``unit`` is ``bh``, ``bd`` or empty for what the calendar alone decides."""

    text: str
    number: int = 0
    unit: str = ""


class Times(NamedTuple):
    """What a due time is counted from and in: an aware instant, an IANA zone, a locale, business hours if any."""

    now: datetime
    zone: str
    locale: str
    calendar: BusinessCalendar | None = None


def parse_due(text: str, times: Times) -> Due:
    """Return the due time that a text means; ValueError says why it means none."""
    found = _BUSINESS.fullmatch(text.strip())
    if found is None:
        parse_moment(text, times.now, times.zone, times.locale)
        return Due(text)
    if found[2] == "bh" and times.calendar is None:
        raise ValueError(f"{text} needs business hours: a [calendar] in the configuration")
    return Due(text, int(found[1]), found[2])


def due_moment(due: Due, times: Times) -> Moment:
    """Return the moment that is meant, counted from now; ValueError when the calendar has no such time."""
    if not due.unit:
        return parse_moment(due.text, times.now, times.zone, times.locale)
    if due.unit == "bh" and times.calendar is not None:
        utc = instant_text(times.calendar.add(times.now, due.number * 3600))
        return Moment(to_wall(utc, times.zone), False, utc, times.zone)
    return parse_moment(_business_day(due.number, times).isoformat(), times.now, times.zone, times.locale)


def _business_day(count: int, times: Times) -> date:
    day = times.now.astimezone(zone_of(times.zone)).date()
    for _ in range(_MOST_DAYS):
        if count == 0:
            return day
        day += timedelta(days=1)
        count -= is_working(day, times)
    raise ValueError("the business calendar has no such day within reach")


def is_working(day: date, times: Times) -> bool:
    """Say whether a local date has working time: that of the business hours, else Monday to Friday."""
    if times.calendar is None:
        return day.weekday() < 5
    midnight = datetime.combine(day, time(), zone_of(times.zone)).astimezone(UTC)
    return times.calendar.seconds_between(midnight, midnight + timedelta(days=1)) > 0
