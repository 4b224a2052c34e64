"""Times that repeat by the clock on the wall, in the five fields of crontab(5): minute hour day month weekday.

Reckoned in local time. Where the clock changes, one rule holds, that of ``zones``: a time that does not exist moves
forward by the gap, and one that comes twice counts once, as the first. Recurrence of events belongs to ``recurrence``.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from crmcli.domain.zones import local_time, to_utc

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_SHORT = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
}
_LONGEST_MONTH = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}


class _Part(NamedTuple):
    name: str
    low: int
    high: int
    words: Sequence[str] = ()  # the first one stands for ``low``


_PARTS = (
    _Part("minute", 0, 59),
    _Part("hour", 0, 23),
    _Part("day", 1, 31),
    _Part("month", 1, 12, _MONTHS),
    _Part("weekday", 0, 7, _DAYS),
)


class Cron(NamedTuple):
    """The minutes, hours, days, months and weekdays (Sunday is 0) that are meant.

    Where both day and weekday are limited, either is enough, as in every cron.
    """

    text: str
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool

    def falls_on(self, day: date) -> bool:
        """Say whether there is a time on a local date."""
        if day.month not in self.months:
            return False
        by_day, by_weekday = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return by_day or by_weekday if self.either_day else by_day and by_weekday


def parse_cron(text: str) -> Cron:
    """Return the times that a text such as ``0 8 * * mon-fri`` means; ValueError says what is wrong with it."""
    fields = _SHORT.get(text.strip().lower(), text).lower().split()
    if len(fields) != len(_PARTS):
        raise ValueError(f"{text!r} is not five fields: minute hour day month weekday, such as 0 8 * * mon-fri")
    minutes, hours, days, months, weekdays = (_field(field, part) for field, part in zip(fields, _PARTS, strict=True))
    either = not (fields[2].startswith("*") or fields[4].startswith("*"))
    if not either and all(min(days) > _LONGEST_MONTH.get(month, 31) for month in months):
        raise ValueError(f"{text!r} names a day that no month has")
    return Cron(text, minutes, hours, days, months, frozenset(day % 7 for day in weekdays), either)


def last_time(cron: Cron, after: str, upto: str, zone: str) -> str | None:
    """Return the last of the times later than one stored instant and not later than another; None without any."""
    first, last = local_time(after, zone), local_time(upto, zone)
    day = last.date()
    while day >= first.date() - timedelta(days=1):  # a time of the day before can be moved past midnight by a gap
        if cron.falls_on(day):
            fitting = [found for found in _instants(cron, day, zone) if after < found <= upto]
            if fitting:
                return max(fitting)
        day -= timedelta(days=1)
    return None


def _instants(cron: Cron, day: date, zone: str) -> Iterator[str]:
    for hour in cron.hours:
        for minute in cron.minutes:
            yield to_utc(datetime.combine(day, time(hour, minute)).isoformat(), zone)


def _field(text: str, part: _Part) -> frozenset[int]:
    return frozenset(number for piece in text.split(",") for number in _piece(piece, part))


def _piece(text: str, part: _Part) -> range:
    """Return what one of the pieces between commas means: ``*``, ``5``, ``1-5``, each perhaps with ``/2``."""
    span, slash, step_text = text.partition("/")
    step = _number(step_text, part, 1) if slash else 1
    low_text, dash, high_text = span.partition("-")
    if span == "*":
        low, high = part.low, part.high
    else:
        low = _number(low_text, part, part.low)
        high = _number(high_text, part, part.low) if dash else part.high if slash else low
    if low > high:
        raise ValueError(f"{part.name} {text!r} ends before it begins")
    return range(low, high + 1, step)


def _number(text: str, part: _Part, low: int) -> int:
    if text in part.words:
        return part.low + part.words.index(text)
    if text.isascii() and text.isdigit() and len(text) <= 2 and low <= int(text) <= part.high:
        return int(text)
    raise ValueError(f"{text!r} is no {part.name}; there are {part.low} to {part.high}")
