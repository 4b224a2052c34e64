"""When rules by time fall due: so long after a moment of the record, or by the clock on the wall.

Which records are due is asked of the store by the services; here is the reckoning. How ``[rule.time]`` is read from
a file stands in ``schedule_reader``.
"""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from crmcli.conditions.operands import Operand
from crmcli.domain.calendar import BusinessCalendar
from crmcli.domain.cron import Cron
from crmcli.domain.durations import apply, parse_offset
from crmcli.domain.zones import instant_text, local_time, to_utc, wall_text, zone_of
from crmcli.rules.durations import Due, Times, due_moment, is_working

_MARGIN = timedelta(days=1)  # a changing clock may turn the order of two anchors round
_NEVER = "9999"  # later than any stored instant
_MOST_DAYS = 366  # looked at for a working one
_CLOSE = timedelta(hours=1)  # near enough for bounds that have a margin


class Schedule(NamedTuple):
    """When a rule falls due, in a zone: by ``cron``, or at an offset from the ``anchor`` of a record.

    ``business`` moves a due time on to the next working one, ``at`` on to the next such time of day.
    """

    zone: str
    cron: Cron | None = None
    anchor: Operand | None = None
    offset: Due = Due("")
    business: bool = False
    at: time | None = None


def due_at(schedule: Schedule, anchor: str, calendar: BusinessCalendar | None) -> str:
    """Return the stored instant at which a rule falls due for the stored value of its anchor, a date or an instant.

    What lies outside the calendar is never due, which reads as an instant after all others.
    """
    try:
        moment = _shifted(schedule, anchor, calendar)
        if schedule.at is not None:
            moment = _next_at(moment, schedule.at)
        if schedule.business:
            moment = _next_working(moment, schedule, calendar)
        aware = moment if moment.tzinfo else None
        return instant_text(aware) if aware else to_utc(wall_text(moment), schedule.zone)
    except (ValueError, OverflowError):
        return _NEVER


def anchors_between(schedule: Schedule, after: str, upto: str, calendar: BusinessCalendar | None) -> tuple[str, str]:
    """Return instants between which every anchor lies that falls due in a window; some around them do not.

    A later anchor is never due before an earlier one, so the edges are found by halving.
    """

    def is_past(anchor: datetime, edge: str) -> bool:
        return due_at(schedule, instant_text(anchor), calendar) > edge

    first = _edge(after, lambda anchor: is_past(anchor, after)) - _MARGIN
    last = _edge(upto, lambda anchor: is_past(anchor, upto)) + _MARGIN
    return instant_text(first), instant_text(last)


def _edge(near: str, is_past: Callable[[datetime], bool]) -> datetime:
    """Return an instant from which on anchors are past, to within an hour, looked for around another one."""
    low = high = datetime.fromisoformat(near)
    step = timedelta(days=1)
    while is_past(low):
        low, high, step = low - step, low, step * 2
    step = timedelta(days=1)
    while not is_past(high):
        low, high, step = high, high + step, step * 2
    while high - low > _CLOSE:
        middle = low + (high - low) / 2
        low, high = (low, middle) if is_past(middle) else (middle, high)
    return high.replace(microsecond=0)


def _shifted(schedule: Schedule, anchor: str, calendar: BusinessCalendar | None) -> datetime:
    """Return the local time, aware where it is exact, that lies the offset after an anchor."""
    wall = datetime.fromisoformat(anchor) if len(anchor) == 10 else local_time(anchor, schedule.zone)
    wall = wall.replace(tzinfo=None)
    offset, zone = schedule.offset, schedule.zone
    if not offset.unit:
        return apply(wall, parse_offset(offset.text), zone)
    start = datetime.fromisoformat(to_utc(wall_text(wall), zone))
    moved = datetime.fromisoformat(due_moment(offset, Times(start, zone, "en", calendar)).wall)
    return moved if offset.unit == "bh" else datetime.combine(moved.date(), wall.time())


def _next_at(moment: datetime, at: time) -> datetime:
    wall = moment.replace(tzinfo=None)
    found = datetime.combine(wall.date(), at)
    return found if found >= wall else found + timedelta(days=1)


def _next_working(moment: datetime, schedule: Schedule, calendar: BusinessCalendar | None) -> datetime:
    """Return the next working moment, or the same time of day on the next working day where ``at`` names that time."""
    aware = moment if moment.tzinfo else datetime.fromisoformat(to_utc(wall_text(moment), schedule.zone))
    if calendar is not None and schedule.at is None:
        return calendar.add(aware, 1) - timedelta(seconds=1)
    wall = aware.astimezone(zone_of(schedule.zone)).replace(tzinfo=None)
    times = Times(aware.astimezone(UTC), schedule.zone, "en", calendar)
    for _ in range(_MOST_DAYS):
        if is_working(wall.date(), times):
            return wall
        wall += timedelta(days=1)
    raise ValueError("the business calendar has no working day within a year")
