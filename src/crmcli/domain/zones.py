"""Between wall time in a zone and UTC instants in their stored form.

The zone is always an argument: nothing here reads the system's. Gaps and overlaps of the clock follow one rule, that
of RFC 5545: a local time that does not exist moves forward by the gap, an ambiguous one is the first of the two.
Natural language belongs in ``dates``, reporting periods in ``periods``.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta, tzinfo
from functools import cache, lru_cache

from crmcli.clock import stored

EARLIEST_YEAR = 1583  # the first whole year of the Gregorian calendar
_QUARTERS_SINCE = "1980"  # all zones are so many quarters of an hour from UTC, and with them every midnight
_DAY_S = 86_400
_QUARTERS = ("00:00", "15:00", "30:00", "45:00")
LATEST_YEAR = 9998  # one short of what a date can hold, so that every zone still fits


@cache
def zone_of(name: str) -> tzinfo:
    """Return the zone of an IANA name; ValueError when there is none."""
    from zoneinfo import ZoneInfo  # reads zone files: only commands that convert times pay

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"no time zone {name!r}; use a name such as Europe/Rome") from None


def to_utc(wall: str, zone: str) -> str:
    """Return the stored instant of a wall time, ``2026-03-20T09:00[:00]`` or ``2026-03-20``, which means its midnight.

    ValueError outside the years 1583 to 9998.
    """
    return instant_text(datetime.fromisoformat(wall).replace(tzinfo=zone_of(zone)))


def instant_text(moment: datetime) -> str:
    """Return an aware datetime as a stored instant; ValueError outside the years 1583 to 9998."""
    if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
        raise ValueError(f"the year {moment.year} is out of range ({EARLIEST_YEAR} to {LATEST_YEAR})")
    return stored(moment)


def to_wall(utc: str, zone: str) -> str:
    """Return the wall time of a stored instant: ``2026-03-20T09:00``, with seconds only when there are any."""
    return wall_text(local_time(utc, zone))


def wall_shown(utc: str, zone: str) -> str:
    """Return the wall time of a stored instant as messages tell it: ``2026-03-20 09:00``."""
    return to_wall(utc, zone).replace("T", " ")


def local_time(utc: str, zone: str) -> datetime:
    """Return a stored instant as an aware datetime in a zone."""
    return datetime.fromisoformat(utc).astimezone(zone_of(zone))


def local_date(utc: str, zone: str) -> str:
    """Return the date, ``2026-03-20``, that a stored instant has in a zone."""
    return local_time(utc, zone).date().isoformat()


def day_number(utc: str, zone: str) -> int:
    """Return the number of the local date of a stored instant; days are counted as differences of these numbers."""
    return numbering(zone)(utc)


@cache
def numbering(zone: str) -> Callable[[str], int]:
    """Return what numbers the local dates of stored instants in a zone, of which many fall on one date of UTC."""
    turns: dict[str, tuple[int, str] | None] = {}

    def number(utc: str) -> int:
        day = utc[:10]
        known = turns[day] if day in turns else turns.setdefault(day, _turn(day, zone))
        return local_time(utc, zone).toordinal() if known is None else known[0] + (utc >= known[1])

    return number


def _turn(utc_day: str, zone: str) -> tuple[int, str] | None:
    """Return the number of the local date with which a date of UTC begins, and the instant at which the next begins.

    Where none begins before the next date of UTC the instant is later than that; None on a day when the clock changes.
    """
    ahead = ahead_all_day(utc_day, zone)
    if ahead is None:
        return None
    return (datetime.fromisoformat(utc_day) + ahead).toordinal(), utc_day + _midnight(ahead)


@cache
def _midnight(ahead: timedelta) -> str:
    """Return the time of day in UTC, as an instant ends, at which dates begin in a zone so far ahead of it."""
    left = timedelta(days=1) - timedelta(seconds=ahead.total_seconds() % _DAY_S)
    return f"T{datetime.min + left:%H:%M:%S}Z" if left.days == 0 else "~"


@lru_cache(maxsize=1 << 14)
def ahead_all_day(utc_day: str, zone: str) -> timedelta | None:
    """Return by how much a zone is ahead of UTC on a date of UTC; None when the clock changes on that day."""
    first, last = (local_time(f"{utc_day}T{edge}Z", zone).utcoffset() for edge in ("00:00:00", "23:59:59"))
    return first if first == last else None


@lru_cache(maxsize=1 << 14)
def begins_day(utc: str, zone: str) -> bool:
    """Say whether an instant is the first one of a local date, as which a date without a time is stored."""
    if utc[14:19] not in _QUARTERS and utc > _QUARTERS_SINCE:
        return False
    return to_utc(local_date(utc, zone), zone) == utc


def local_day_edges(day: str, zone: str) -> tuple[str, str]:
    """Return the stored instants between which a local date lies: its midnight, and the next one (exclusive)."""
    return to_utc(day, zone), to_utc((date.fromisoformat(day) + timedelta(days=1)).isoformat(), zone)


def clock_changes(first: str, last: str, zone: str) -> list[tuple[str, int]]:
    """Return the stored instants between two of them from which on a zone is so many seconds ahead of UTC.

    The first one is ``first`` itself, with what holds there.
    """
    start, end = datetime.fromisoformat(first), datetime.fromisoformat(last)
    found = [(first, _ahead(start, zone))]
    while start < end:
        later = min(start + _BETWEEN_CHANGES, end)
        if _ahead(later, zone) != found[-1][1]:
            before, after = start, later
            while after - before > timedelta(seconds=1):
                middle = before + timedelta(seconds=int((after - before).total_seconds()) // 2)
                before, after = (middle, after) if _ahead(middle, zone) == found[-1][1] else (before, middle)
            found.append((stored(after), _ahead(after, zone)))
            later = after
        start = later
    return found


_BETWEEN_CHANGES = timedelta(days=7)  # less than any clock kept an hour, but for days in the distant past


def _ahead(moment: datetime, zone: str) -> int:
    offset = moment.astimezone(zone_of(zone)).utcoffset()
    return int(offset.total_seconds()) if offset else 0


def wall_text(moment: datetime) -> str:
    """Return the wall time a datetime shows, without its zone; seconds only when there are any."""
    return moment.replace(tzinfo=None).isoformat(timespec="seconds" if moment.second else "minutes")
