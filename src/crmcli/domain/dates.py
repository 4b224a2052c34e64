"""Moments in natural language, English and Italian: ``next friday 9am``, ``tra 3 giorni alle 15``, ``+2w``, ISO.

What each piece of a text means is told by the table of ``date_forms``, with the words of ``date_words``; here pieces
become one moment. What no form takes is an error that names it, so nothing is ever ignored in silence. Periods belong
in ``periods``, lengths of time in ``durations``.
"""

import re
from datetime import date, datetime, time, timedelta
from typing import Literal, NamedTuple

from crmcli.domain import date_words as words
from crmcli.domain.date_forms import EXAMPLES, FORMS, Context, Part
from crmcli.domain.text import fold
from crmcli.domain.zones import instant_text, to_utc, to_wall, wall_text, zone_of

_MOST_CHARACTERS = 100


class Moment(NamedTuple):
    """A date or a date with time. ``wall`` is local (``2026-03-20`` or ``2026-03-20T09:00``), ``utc`` is stored."""

    wall: str
    is_date: bool
    utc: str
    zone: str


def parse_moment(
    text: str, now: datetime, zone: str, locale: str = "en", prefer: Literal["future", "past"] = "future"
) -> Moment:
    """Return the moment a text means at an aware instant ``now``; ValueError names what could not be read.

    ``prefer`` decides where a date without year, a bare weekday (never today) and a bare time fall. ``locale`` "it"
    reads ``3/4`` day first; otherwise it is refused. Hours and minutes are exact, larger units keep wall time.
    """
    local_now = now.astimezone(zone_of(zone)).replace(tzinfo=None, microsecond=0)
    try:
        found = _iso(text.strip()) or _read(text, Context(local_now, zone, locale, -1 if prefer == "past" else 1))
    except OverflowError:
        raise ValueError(f"the date {text!r} is out of range") from None
    if not isinstance(found, datetime):
        return Moment(found.isoformat(), True, to_utc(found.isoformat(), zone), zone)
    utc = instant_text(found) if found.tzinfo else to_utc(wall_text(found), zone)
    return Moment(to_wall(utc, zone), False, utc, zone)


def _iso(text: str) -> date | datetime | None:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[Tt][0-9]{2}:[0-9]{2}\S*| [0-9]{2}:[0-9]{2}[0-9:.+Z-]*)?", text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"there is no such date or time as {text!r}; {EXAMPLES}") from None
    return moment.date() if len(text) == 10 else moment.replace(microsecond=0)


def _read(text: str, context: Context) -> date | datetime:
    rest = fold(text).replace("’", "'")
    if not rest or len(rest) > _MOST_CHARACTERS:
        raise ValueError(f"{text[:_MOST_CHARACTERS]!r} is not a date; {EXAMPLES}")
    rest = re.sub("^(?:by|entro) ", "", rest)
    parts: list[Part] = []
    while rest:
        found, rest = _next(rest, text, context)
        parts += found
    moments = [part for part in parts if isinstance(part, datetime)]
    days = [part for part in parts if isinstance(part, date)]
    times = [part for part in parts if isinstance(part, time)]
    hours = [part for part in parts if isinstance(part, words.Hours)]
    if any(len(found) > 1 for found in (days, times, hours)) or (moments and (times or hours)):
        raise ValueError(f"{text!r} names more than one date or time")
    if not times and not hours:
        return days[0]
    clock = _clock(times, hours, text)
    return datetime.combine(days[0], clock) if days else _nearest(clock, context)


def _next(rest: str, text: str, context: Context) -> tuple[list[Part], str]:
    for pattern, read in FORMS:
        match = re.match(f"(?:{pattern})(?![a-z0-9])", rest)
        if match:
            return read(match, context), rest[match.end() :].lstrip(" ,")
    raise ValueError(f"cannot read {rest!r} in the date {text!r}; {EXAMPLES}")


def _clock(times: list[time], hours: list[words.Hours], text: str) -> time:
    """Return the time of day: ``8`` in the evening is 20:00, and an evening by itself its usual hour."""
    if not hours:
        return times[0]
    part = hours[0]
    if not times:
        return time(part.usual)
    clock = times[0]
    if clock.hour < part.first and clock.hour <= 12:
        clock = clock.replace(hour=(clock.hour + 12) % 24)
    if not part.first <= clock.hour < part.last:
        raise ValueError(f"{text!r}: {times[0]:%H:%M} is at another time of the day")
    return clock


def _nearest(clock: time, context: Context) -> datetime:
    moment = datetime.combine(context.today, clock)
    passed = (context.now - moment) * context.sign > timedelta(0)
    return moment + timedelta(days=context.sign) if passed else moment
