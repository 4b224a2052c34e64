"""Series of events: which instances of a recurring event lie in a stretch of days, and when each of them is.

A series keeps wall time in its zone. Instances are known by the wall time that the rule gives them, their key, however
far they were moved afterwards. What an instance that was changed on its own says is a record of its own, not this.
"""

import re
from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from crmcli.domain.recurrence import MOST
from crmcli.domain.zones import instant_text, to_utc, to_wall, wall_text

_DAY = len("2026-03-20")
_MINUTE = len("2026-03-20T09:00")
_UNTIL = re.compile(r"\bUNTIL=(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z")
_LOOKED_AT = 100_000  # instances from the first one on, so that an endless rule ends


class Times(NamedTuple):
    """From when to when: wall times in the zone of the event, ``2026-03-20`` for whole days, and stored instants.

    The end of whole days is the last of them; its instant is that day's midnight.
    """

    start_wall: str
    end_wall: str
    start_at: str
    end_at: str


class Instance(NamedTuple):
    """One instance of a series. ``key`` is the wall time that the rule gives it."""

    key: str
    times: Times


def instances(
    first: Times, zone: str, rrule: str, days: tuple[str, str], left_out: Collection[str] = ()
) -> list[Instance]:
    """Return the instances of a series that touch the local days from one to another (both included), in order.

    ``first`` are the times of the first instance, ``left_out`` keys of instances that do not take place or stand
    elsewhere. At most ``MOST`` are returned. ValueError when the rule is none.
    """
    skipped = {key_of(key) for key in left_out}
    found: list[Instance] = []
    for key in _keys(first, zone, rrule, _reach(first, days)):
        if len(found) == MOST:
            break
        times = _moved(first, zone, key)
        if key not in skipped and times.start_wall[:_DAY] <= days[1] and last_day(times) >= days[0]:
            found.append(Instance(key, times))
    return found


def key_of(wall: str) -> str:
    """Return the key that a wall time is: to the minute, as a day when it is one."""
    return wall[:_MINUTE].replace(" ", "T")


def last_day(times: Times) -> str:
    """Return the last local day that something touches; what ends at midnight does not touch the day that begins."""
    if times.end_wall > times.start_wall and times.end_wall[_DAY:] == "T00:00":
        return (date.fromisoformat(times.end_wall[:_DAY]) - timedelta(days=1)).isoformat()
    return times.end_wall[:_DAY]


def _reach(first: Times, days: tuple[str, str]) -> tuple[datetime, datetime]:
    """Return the wall times between which an instance begins that touches the days."""
    length = datetime.fromisoformat(first.end_wall) - datetime.fromisoformat(first.start_wall)
    return (
        datetime.fromisoformat(days[0]) - length - timedelta(days=1),
        datetime.fromisoformat(days[1]) + timedelta(days=1),
    )


def _keys(first: Times, zone: str, rrule: str, reach: tuple[datetime, datetime]) -> Iterator[str]:
    from itertools import islice

    from dateutil.rrule import rrulestr

    in_wall_time = _UNTIL.sub(lambda found: _local_until(found, zone), rrule)
    start = datetime.fromisoformat(first.start_wall)
    try:
        series = rrulestr(in_wall_time, dtstart=start)
        for moment in islice(iter(series), _LOOKED_AT):
            if moment >= reach[1]:
                return
            if moment >= reach[0]:
                yield moment.date().isoformat() if _is_day(first) else wall_text(moment)[:_MINUTE]
    except (TypeError, KeyError, IndexError, AttributeError, OverflowError) as problem:
        raise ValueError(f"{rrule[:80]!r} is no recurrence rule: {problem}") from None


def _local_until(found: re.Match[str], zone: str) -> str:
    """Return the end of a rule as wall time, in which the rule is expanded; RFC 5545 has it in UTC."""
    year, month, day, hour, minute, second = found.groups()
    wall = to_wall(f"{year}-{month}-{day}T{hour}:{minute}:{second}Z", zone)
    return "UNTIL=" + re.sub(r"[-:]", "", wall if len(wall) > _MINUTE else f"{wall}:00")


def _is_day(first: Times) -> bool:
    return len(first.start_wall) == _DAY


def _moved(first: Times, zone: str, key: str) -> Times:
    """Return the times of the instance with a key: as long as the first one."""
    if _is_day(first):
        days = date.fromisoformat(first.end_wall) - date.fromisoformat(first.start_wall)
        end = (date.fromisoformat(key) + days).isoformat()
        return Times(key, end, to_utc(key, zone), to_utc(end, zone))
    start_at = to_utc(key, zone)
    length = datetime.fromisoformat(first.end_at) - datetime.fromisoformat(first.start_at)
    end_at = instant_text(datetime.fromisoformat(start_at) + length)
    return Times(to_wall(start_at, zone), to_wall(end_at, zone), start_at, end_at)
