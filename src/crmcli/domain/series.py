"""Series of events: which instances of a recurring event lie in a stretch of days, and when each of them is.

A series keeps wall time in its zone. Instances are known by the wall time that the rule gives them, their key, however
far they were moved afterwards. What an instance that was changed on its own says is a record of its own, not this.
"""

from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from typing import NamedTuple

from crmcli.domain.recurrence import MOST, walk
from crmcli.domain.zones import instant_text, to_utc, to_wall, wall_text

_DAY = len("2026-03-20")
_MINUTE = len("2026-03-20T09:00")
_FIRST = "0001-01-01"


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
    for one in _placed(first, zone, _keys(first, zone, rrule, _reach(first, days))):
        if len(found) == MOST:
            break
        if one.key not in skipped and one.times.start_wall[:_DAY] <= days[1] and last_day(one.times) >= days[0]:
            found.append(one)
    return found


def upcoming(
    first: Times, zone: str, rrule: str, since: str = "", count: int = 5, left_out: Collection[str] = ()
) -> list[Instance]:
    """Return the next instances of a series whose keys are not before one, at most so many; ValueError for no rule."""
    skipped = {key_of(key) for key in left_out}
    coming = _placed(first, zone, _keys(first, zone, rrule, (datetime.fromisoformat(since or _FIRST), datetime.max)))
    return list(islice((one for one in coming if one.key not in skipped), count))


def key_of(wall: str) -> str:
    """Return the key that a wall time is: to the minute, as a day when it is one."""
    return wall[:_MINUTE].replace(" ", "T")


def key_in(key: str, zone: str, other: str) -> str:
    """Return the key of an instance, a wall time in one zone, as that of another zone; a day stays a day.

    Where a zone is empty, the time being local everywhere, it stays as it is.
    """
    same = len(key) == _DAY or zone == other or not (zone and other)
    return key_of(key) if same else key_of(to_wall(to_utc(key_of(key), zone), other))


def rekeying(before: str, after: str) -> Callable[[str], str]:
    """Return what a key becomes when the start of its series moves from one wall time, or day, to another."""
    days = date.fromisoformat(after[:_DAY]) - date.fromisoformat(before[:_DAY])

    def rekey(key: str) -> str:
        if len(after) > _DAY and len(before) > _DAY and len(key) > _DAY:
            moved = datetime.fromisoformat(key) + (datetime.fromisoformat(after) - datetime.fromisoformat(before))
            return key_at(moved, is_day=False)
        day = (date.fromisoformat(key[:_DAY]) + days).isoformat()
        return key_of(day + after[_DAY:])

    return rekey


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
    for moment in walk(datetime.fromisoformat(first.start_wall), rrule, zone):
        if moment >= reach[1]:
            return
        if moment >= reach[0]:
            yield key_at(moment, is_day=_is_day(first))


def _placed(first: Times, zone: str, keys: Iterator[str]) -> Iterator[Instance]:
    """Yield the instances of keys; two wall times that a change of the clock makes one instant are one instance."""
    before = ""
    for key in keys:
        times = moved_to(first, zone, key)
        if times.start_at != before:
            yield Instance(key, times)
        before = times.start_at


def key_at(moment: datetime, *, is_day: bool) -> str:
    """Return the key of the instance that a rule gives a wall time."""
    return moment.date().isoformat() if is_day else wall_text(moment)[:_MINUTE]


def _is_day(first: Times) -> bool:
    return len(first.start_wall) == _DAY


def moved_to(first: Times, zone: str, key: str) -> Times:
    """Return the times of an event as long as the first one that begins at the wall time, or on the day, of a key."""
    if _is_day(first):
        days = date.fromisoformat(first.end_wall) - date.fromisoformat(first.start_wall)
        end = (date.fromisoformat(key) + days).isoformat()
        return Times(key, end, to_utc(key, zone), to_utc(end, zone))
    start_at = to_utc(key, zone)
    length = datetime.fromisoformat(first.end_at) - datetime.fromisoformat(first.start_at)
    end_at = instant_text(datetime.fromisoformat(start_at) + length)
    return Times(to_wall(start_at, zone), to_wall(end_at, zone), start_at, end_at)
