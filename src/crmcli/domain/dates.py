"""Moments in natural language, English and Italian: ``next friday 9am``, ``tra 3 giorni alle 15``, ``+2w``, ISO.

The grammar is a table of forms tried at each place of the text; whatever no form takes is an error that names it, so
nothing is ever ignored in silence. Month and day in figures are refused when they can be read two ways. Periods
belong in ``periods``, lengths of time in ``durations``.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from typing import Literal, NamedTuple

from crmcli.domain import date_words as words
from crmcli.domain.durations import UNITS, Offset, apply, offset_of, parse_offset
from crmcli.domain.periods import start_of, step
from crmcli.domain.text import fold
from crmcli.domain.zones import instant_text, to_utc, to_wall, wall_text, zone_of

_MOST_CHARACTERS = 100
_HINT = "use 2026-03-20, 2026-03-20T09:00, tomorrow 9am, next friday, +3d or eom"


class Moment(NamedTuple):
    """A date or a date with time. ``wall`` is local (``2026-03-20`` or ``2026-03-20T09:00``), ``utc`` is stored."""

    wall: str
    is_date: bool
    utc: str
    zone: str


class _Context(NamedTuple):
    """What the meaning of a text depends on; ``now`` is naive local time, ``sign`` is -1 when the past is meant.

    What is read is a date, a time, a naive datetime (wall time) or an aware one (an exact instant).
    """

    now: datetime
    zone: str
    locale: str
    sign: int

    @property
    def today(self) -> date:
        return self.now.date()


def parse_moment(
    text: str, now: datetime, zone: str, locale: str = "en", prefer: Literal["future", "past"] = "future"
) -> Moment:
    """Return the moment a text means at an aware instant ``now``; ValueError names what could not be read.

    ``prefer`` decides where a date without year, a bare weekday (never today) and a bare time fall. ``locale`` "it"
    reads ``3/4`` day first; otherwise it is refused. Hours and minutes are exact, larger units keep wall time.
    """
    local_now = now.astimezone(zone_of(zone)).replace(tzinfo=None, microsecond=0)
    try:
        found = _iso(text.strip()) or _read(text, _Context(local_now, zone, locale, -1 if prefer == "past" else 1))
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
        raise ValueError(f"there is no such date or time as {text!r}") from None
    return moment.date() if len(text) == 10 else moment.replace(microsecond=0)


def _read(text: str, context: _Context) -> date | datetime:
    rest = fold(text).replace("’", "'")
    if not rest or len(rest) > _MOST_CHARACTERS:
        raise ValueError(f"{text[:_MOST_CHARACTERS]!r} is not a date; {_HINT}")
    parts: list[date | datetime | time] = []
    while rest:
        part, rest = _next(rest, text, context)
        parts.append(part)
    moments = [part for part in parts if isinstance(part, datetime)]
    days = [part for part in parts if isinstance(part, date)]
    times = [part for part in parts if isinstance(part, time)]
    if len(days) > 1 or len(times) > 1 or (moments and times):
        raise ValueError(f"{text!r} names more than one date or time")
    if not times:
        return days[0]
    return datetime.combine(days[0], times[0]) if days else _nearest(times[0], context)


def _next(rest: str, text: str, context: _Context) -> tuple[date | datetime | time, str]:
    for pattern, read in _FORMS:
        match = re.match(f"(?:{pattern})(?![a-z0-9])", rest)
        if match:
            return read(match, context), rest[match.end() :].lstrip(" ,")
    raise ValueError(f"cannot read {rest!r} in the date {text!r}; {_HINT}")


def _nearest(hour: time, context: _Context) -> datetime:
    moment = datetime.combine(context.today, hour)
    passed = (context.now - moment) * context.sign > timedelta(0)
    return moment + timedelta(days=context.sign) if passed else moment


def _day_word(match: re.Match[str], context: _Context) -> date:
    return context.today + timedelta(days=words.DAYS[match[0]])


def _now(match: re.Match[str], context: _Context) -> datetime:
    return context.now.replace(tzinfo=zone_of(context.zone))


def _offset(match: re.Match[str], context: _Context) -> date | datetime:
    return _moved(parse_offset(match[0]), context)


def _counted(match: re.Match[str], context: _Context) -> date | datetime:
    count = words.NUMBERS.get(match["count"]) or int(match["count"])
    backwards = match[0].endswith((" ago", " fa"))
    return _moved(offset_of(-count if backwards else count, match["unit"]), context)


def _moved(offset: Offset, context: _Context) -> date | datetime:
    moment = apply(context.now, offset, context.zone)
    return moment if offset.seconds else moment.date()


def _edge(match: re.Match[str], context: _Context) -> date:
    unit = match["short"] or words.EDGE_UNITS[match["long"]]
    if unit == "d":
        return context.today
    start = start_of(unit, context.today)
    is_end = match[0].startswith(("e", "f"))  # end, eom, fine
    return step(unit, start, 1) - timedelta(days=1) if is_end else start


def _next_unit(match: re.Match[str], context: _Context) -> date:
    unit = words.EDGE_UNITS[match["unit"] or match["unit_first"]]
    return step(unit, context.today, words.DIRECTIONS[match["way"] or match["way_last"]])


def _weekday(match: re.Match[str], context: _Context) -> date:
    word = match["way"] or match["way_last"]
    sign = words.DIRECTIONS[word] if word else context.sign
    weekday = words.WEEKDAYS[match["day"] or match["day_first"]]
    distance = (weekday - context.today.weekday()) * sign % 7 or 7
    return context.today + timedelta(days=distance * sign)


def _named_month(match: re.Match[str], context: _Context) -> date:
    month = words.MONTHS[match["month"]]
    return _day(match["year"], month, int(match["day"]), match[0], context)


def _figures(match: re.Match[str], context: _Context) -> date:
    first, second, year = int(match["first"]), int(match["second"]), match["year"]
    year = f"20{year}" if year and len(year) == 2 else year
    if first <= 12 and second <= 12 and first != second and context.locale[:2] != "it":
        readings = [_day(year, *pair, match[0], context).isoformat() for pair in ((second, first), (first, second))]
        raise ValueError(f"{match[0]!r} can be read two ways: write {readings[0]} or {readings[1]}")
    day, month = (second, first) if second > 12 else (first, second)
    return _day(year, month, day, match[0], context)


def _day(year: str | None, month: int, day: int, text: str, context: _Context) -> date:
    """Return a day; without a year the nearest one the preferred way, today included."""
    this_year = context.today.year
    for candidate in [int(year)] if year else range(this_year, this_year + 9 * context.sign, context.sign):
        try:
            found = date(candidate, month, day)
        except ValueError:
            continue  # 29 February exists in another year
        if year or (found - context.today) * context.sign >= timedelta(0):
            return found
    raise ValueError(f"there is no such date as {text!r}")


def _iso_day(match: re.Match[str], context: _Context) -> date:
    return _day(match[1], int(match[2]), int(match[3]), match[0], context)


def _clock(match: re.Match[str], context: _Context) -> time:
    found = {"minute": None, "second": None, "half": None, **match.groupdict()}
    hour, half = int(found["hour"] or 0), found["half"]
    if half and not 1 <= hour <= 12:
        raise ValueError(f"there is no time {match[0]!r}")
    if half:
        hour = hour % 12 + (12 if half[0] == "p" else 0)
    try:
        return time(hour, int(found["minute"] or 0), int(found["second"] or 0))
    except ValueError:
        raise ValueError(f"there is no time {match[0]!r}") from None


def _named_hour(match: re.Match[str], context: _Context) -> time:
    return time(words.NAMED_HOURS[match["name"]])


def _any(known: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, known), key=len, reverse=True))


_ON = "(?:on |il |l'|the )?"
_AT = "(?:at |alle ore |alle |all'|ore |h ?|@ ?)"
_HALF = r" ?(?P<half>[ap]\.?m\.?)"
_HOUR = "(?P<hour>[0-9]{1,2})"
_MONTH = rf"(?P<month>{_any(words.MONTHS)})\.?"
_YEAR = "(?:,? (?P<year>[0-9]{4}(?![0-9:])))?"
_COUNT = f"(?P<count>[0-9]{{1,6}}|{_any(words.NUMBERS)}) ?(?P<unit>{_any(UNITS)})"
_WAY = f"(?P<way>{_any(words.DIRECTIONS)})"
_WAY_LAST = f"(?P<way_last>{_any(words.DIRECTIONS)})"
_EDGE_UNIT = _any(words.EDGE_UNITS)
_WEEKDAYS = _any(words.WEEKDAYS)

_FORMS: tuple[tuple[str, Callable[[re.Match[str], _Context], date | datetime | time]], ...] = (
    (_any(words.DAYS), _day_word),
    (_any(words.NOW), _now),
    (rf"[+-] ?[0-9]{{1,6}} ?(?:{_any(UNITS)})(?:[0-9]{{1,6}}(?:{_any(UNITS)}))*", _offset),
    (
        rf"[se]o(?P<short>[dwmqy])"
        rf"|(?:(?:start|beginning|end) of (?:the )?|(?:inizio|fine) (?:del |della |dell'|di )?)(?P<long>{_EDGE_UNIT})",
        _edge,
    ),
    (rf"(?:in|tra|fra) {_COUNT}", _counted),
    (rf"{_COUNT} (?:ago|fa)", _counted),
    (rf"{_WAY} (?P<unit>{_EDGE_UNIT})|(?P<unit_first>{_EDGE_UNIT}) {_WAY_LAST}", _next_unit),
    (r"([0-9]{4})-([0-9]{2})-([0-9]{2})", _iso_day),
    (rf"{_ON}(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th|°|o)? (?:of |di )?{_MONTH}{_YEAR}", _named_month),
    (rf"{_ON}{_MONTH} (?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?(?![0-9:./]){_YEAR}", _named_month),
    (
        rf"{_ON}(?P<first>[0-9]{{1,2}})/(?P<second>[0-9]{{1,2}})(?:/(?P<year>[0-9]{{4}}|[0-9]{{2}}))?(?![:/.-])",
        _figures,
    ),
    (
        rf"{_ON}(?P<first>[0-9]{{1,2}})([.-])(?P<second>[0-9]{{1,2}})\2(?P<year>[0-9]{{4}}|[0-9]{{2}})(?![:/.-])",
        _figures,
    ),
    (rf"{_ON}(?:{_WAY} (?P<day>{_WEEKDAYS})|(?P<day_first>{_WEEKDAYS})(?: {_WAY_LAST})?)", _weekday),
    (rf"{_AT}?{_HOUR}:(?P<minute>[0-9]{{2}})(?::(?P<second>[0-9]{{2}}))?(?:{_HALF})?(?!:)", _clock),
    (rf"{_AT}?{_HOUR}{_HALF}", _clock),
    (rf"{_AT}{_HOUR}(?:\.(?P<minute>[0-9]{{2}}))?(?![:.])", _clock),
    (rf"(?:at |alle |a )?(?P<name>{_any(words.NAMED_HOURS)})", _named_hour),
)
