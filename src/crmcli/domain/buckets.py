"""Stretches of time that dates fall into: the day, the week, the month, the hour of the day and their kin.

A bucket is named by a text that sorts in the order of time. Ranges of dates that people name belong in ``periods``.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache

from crmcli.domain.zones import ahead_all_day, local_time

UNITS = ("day", "week", "month", "quarter", "year", "weekday", "hour")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WHOLE = timedelta(hours=1)
_HOUR = 13  # characters of a stored instant that tell its UTC hour


def bucket(stored: str, unit: str, zone: str) -> str:
    """Return the bucket of a stored date or instant in a zone: ``2026-03``, ``2026-Q1``, ``2026-W12`` (ISO 8601).

    A weekday is ``1`` (Monday) to ``7``, an hour ``00`` to ``23``; a date without a time belongs to no hour, and
    raises ValueError.
    """
    if len(stored) == 10:
        return _of_day(stored, unit)
    return _of_hour(stored[:_HOUR], unit, zone) or _of_instant(stored, unit, zone)


def label(named: str, unit: str) -> str:
    """Return how people read a bucket."""
    return _WEEKDAYS[int(named) - 1] if unit == "weekday" else named


def gapless(unit: str, named: Iterable[str]) -> list[str]:
    """Return buckets in the order of time: all weekdays, or every hour between the first and the last, where any is."""
    found = sorted(set(named))
    if unit == "weekday" and found:
        return [str(day) for day in range(1, 8)]
    if unit == "hour" and found:
        return [f"{hour:02}" for hour in range(int(found[0]), int(found[-1]) + 1)]
    return found


@lru_cache(maxsize=1 << 12)
def _of_day(day: str, unit: str) -> str:
    return _named(date.fromisoformat(day), unit)


@lru_cache(maxsize=1 << 16)
def _of_hour(hour: str, unit: str, zone: str) -> str | None:
    """Return the bucket of a whole UTC hour; None where its beginning and its end lie in different ones."""
    ahead = ahead_all_day(hour[:10], zone)
    if ahead is not None and not ahead % _WHOLE:
        return _of_moment(datetime.fromisoformat(f"{hour}:00") + ahead, unit)
    first, last = (_of_instant(f"{hour}:{edge}Z", unit, zone) for edge in ("00:00", "59:59"))
    return first if first == last else None


def _of_instant(stored: str, unit: str, zone: str) -> str:
    return _of_moment(local_time(stored, zone), unit)


def _of_moment(moment: datetime, unit: str) -> str:
    return f"{moment.hour:02}" if unit == "hour" else _named(moment.date(), unit)


def _named(day: date, unit: str) -> str:
    if unit == "week":
        year, week, _ = day.isocalendar()
        return f"{year:04}-W{week:02}"
    if unit == "weekday":
        return str(day.isoweekday())
    if unit == "hour":
        raise ValueError(f"{day} has no hour")
    if unit == "quarter":
        return f"{day.year:04}-Q{(day.month + 2) // 3}"
    return day.isoformat()[: {"day": 10, "month": 7, "year": 4}[unit]]
