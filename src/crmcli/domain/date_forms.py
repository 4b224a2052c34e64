"""The forms of dates: what each piece of a text looks like, and the days, times or instants it means.

The words are those of ``date_words``; how the pieces of a whole text come together belongs to ``dates``. Month and day
in figures are refused when they can be read two ways, and so is ``monday 9``, a time or a day of the month.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from crmcli.domain import date_words as words
from crmcli.domain.durations import UNITS, Offset, apply, offset_of, parse_offset, shift_day
from crmcli.domain.periods import start_of, step
from crmcli.domain.zones import zone_of

EXAMPLES = "use 2026-03-20, 2026-03-20T09:00, tomorrow 9am, next friday, 20 march, +3d or eom"

Part = date | datetime | time | words.Hours  # a naive datetime is wall time, an aware one an exact instant
_MIDDLES = {"w": (0, 2), "m": (0, 14), "q": (1, 14), "y": (6, 0)}  # months and days after the start of a unit


class Context(NamedTuple):
    """What the meaning of a text depends on; ``now`` is naive local time, ``sign`` is -1 when the past is meant."""

    now: datetime
    zone: str
    locale: str
    sign: int

    @property
    def today(self) -> date:
        """The local date."""
        return self.now.date()

    def is_ahead(self, day: date) -> bool:
        """Whether a day lies where days are looked for, today included."""
        return (day - self.today) * self.sign >= timedelta(0)


Match = re.Match[str]
Form = tuple[str, Callable[[Match, Context], list[Part]]]


def _day_word(match: Match, context: Context) -> list[Part]:
    day = context.today + timedelta(days=words.DAYS[match["word"]])
    return [day, *_clock(match, context)] if match["hour"] else [day]


def _day_part(match: Match, context: Context) -> list[Part]:
    days, part = words.DAY_PARTS[match["both"]] if match["both"] else (0, match["part"] or match["same_day"])
    found = words.HOURS[part]
    return [found] if match["part"] else [context.today + timedelta(days=days), found]


def _now(match: Match, context: Context) -> list[Part]:
    return [context.now.replace(tzinfo=zone_of(context.zone))]


def _offset(match: Match, context: Context) -> list[Part]:
    return [_moved(parse_offset(match[0]), context)]


def _counted(match: Match, context: Context) -> list[Part]:
    sign = -1 if match[0].endswith((" ago", " fa")) else 1
    if match["span"]:
        return [_moved(Offset(seconds=sign * words.SPANS[match["span"]]), context)]
    count = words.NUMBERS.get(match["count"]) or int(match["count"])
    return [_moved(offset_of(sign * count, match["unit"]), context)]


def _moved(offset: Offset, context: Context) -> date | datetime:
    moment = apply(context.now, offset, context.zone)
    return moment if offset.seconds else moment.date()


def _edge(match: Match, context: Context) -> list[Part]:
    """Read the start, middle or end of this unit or of the one before or after; a middle gone by is the next one."""
    unit = match["short"] or words.EDGE_UNITS[match["unit"] or match["unit_first"] or match["unit_alone"]]
    kind = words.EDGES[match["edge"] or match["letter"]]
    way = match["way"] or match["way_last"]
    day = step(unit, context.today, words.DIRECTIONS[way] if way else 0)
    found = _edge_of(kind, unit, day)
    if kind == "middle" and not way and not context.is_ahead(found):
        return [_edge_of(kind, unit, step(unit, start_of(unit, day), context.sign))]
    return [found]


def _edge_of(kind: str, unit: str, day: date) -> date:
    """Return the ``start``, ``middle`` or ``end`` of the unit in which a day lies."""
    if unit == "d":
        return day
    start = start_of(unit, day)
    if kind == "end":
        return step(unit, start, 1) - timedelta(days=1)
    return shift_day(start, *_MIDDLES[unit]) if kind == "middle" else start


def _month_edge(match: Match, context: Context) -> list[Part]:
    kind, month = words.EDGES[match["edge"]], words.MONTHS[match["month"]]
    year = int(match["year"] or context.today.year)
    found = _edge_of(kind, "m", date(year, month, 1))
    if not match["year"] and not context.is_ahead(found):
        found = _edge_of(kind, "m", date(year + context.sign, month, 1))
    return [found]


def _unit(match: Match, context: Context) -> list[Part]:
    """Read ``next month``, the same day in it; ``this month`` is meant to its end."""
    unit = words.EDGE_UNITS[match["unit"] or match["unit_first"]]
    count = words.DIRECTIONS[match["way"] or match["way_last"]]
    return [step(unit, context.today, count) if count else _edge_of("end", unit, context.today)]


def _weekday(match: Match, context: Context) -> list[Part]:
    word = match["way"] or match["way_last"]
    sign = (words.DIRECTIONS[word] if word else 0) or context.sign
    weekday = words.WEEKDAYS[match["day"] or match["day_first"]]
    distance = (weekday - context.today.weekday()) * sign % 7 or 7
    return [context.today + timedelta(days=distance * sign)]


def _weekday_of_week(match: Match, context: Context) -> list[Part]:
    count = words.DIRECTIONS[match["way"] or match["way_last"]]
    monday = start_of("w", context.today) + timedelta(weeks=count)
    return [monday + timedelta(days=words.WEEKDAYS[match["day"]])]


def _day_of_month(match: Match, context: Context) -> list[Part]:
    """Read ``the 15th`` and ``il 5 del mese prossimo``."""
    day, way = int(match["number"]), match["way"] or match["way_last"]
    if not way and not match["of_month"]:
        return [_numbered(day, match[0], context)]
    month = step("m", start_of("m", context.today), words.DIRECTIONS[way] if way else 0)
    return [_day(str(month.year), month.month, day, match[0], context)]


def _called_day(match: Match, context: Context) -> list[Part]:
    """Read ``monday the 9th`` and ``monday 9 at 15``; a bare number at the end could be an hour."""
    day, called = int(match["number"]), match["called"]
    if match["last"] is not None and not (match["sure"] or match["th"]) and day <= 24:
        raise ValueError(f"{match[0]!r} can be read two ways: write {called} at {day}, or {called} the {day}th")
    return [_agreed(_numbered(day, match[0], context), called)]


def _numbered(day: int, text: str, context: Context) -> date:
    """Return the nearest day of that number the preferred way, today included."""
    this = start_of("m", context.today)
    for count in range(12):
        start = step("m", this, count * context.sign)
        if 0 < day <= (step("m", start, 1) - start).days and context.is_ahead(start.replace(day=day)):
            return start.replace(day=day)
    raise ValueError(f"there is no such day as {text!r}; {EXAMPLES}")


def _named_month(match: Match, context: Context) -> list[Part]:
    month = words.MONTHS[match["month"]]
    day = words.ORDINALS.get(match["number"]) or int(match["number"])
    return [_agreed(_day(match["year"], month, day, match[0], context), match["called"])]


def _figures(match: Match, context: Context) -> list[Part]:
    first, second, year = int(match["first"]), int(match["second"]), match["year"]
    year = f"20{year}" if year and len(year) == 2 else year
    if first <= 12 and second <= 12 and first != second and context.locale[:2] != "it":
        readings = [_day(year, *pair, match[0], context).isoformat() for pair in ((second, first), (first, second))]
        raise ValueError(f"{match[0]!r} can be read two ways: write {readings[0]} or {readings[1]}")
    day, month = (second, first) if second > 12 else (first, second)
    return [_agreed(_day(year, month, day, match[0], context), match["called"])]


def _iso_day(match: Match, context: Context) -> list[Part]:
    return [_agreed(_day(match["year"], int(match["month"]), int(match["number"]), match[0], context), match["called"])]


def _day(year: str | None, month: int, day: int, text: str, context: Context) -> date:
    """Return a day; without a year the nearest one the preferred way, today included."""
    this_year = context.today.year
    for candidate in [int(year)] if year else range(this_year, this_year + 9 * context.sign, context.sign):
        try:
            found = date(candidate, month, day)
        except ValueError:
            continue  # 29 February exists in another year
        if year or context.is_ahead(found):
            return found
    raise ValueError(f"there is no such date as {text!r}; {EXAMPLES}")


def _agreed(day: date, weekday: str | None) -> date:
    """Return a day that was called by its weekday too; ValueError when it is another one."""
    if weekday and day.weekday() != words.WEEKDAYS[weekday]:
        raise ValueError(f"{day:%d %B %Y} is a {day:%A}, not {weekday!r}")
    return day


def _clock(match: Match, context: Context) -> list[Part]:
    found: dict[str, Any] = {"minute": None, "second": None, "half": None, "extra": None, **match.groupdict()}
    hour, half = words.CLOCK_NUMBERS.get(found["hour"]) or int(found["hour"]), found["half"]
    minute = words.EXTRA_MINUTES[found["extra"]] if found["extra"] else int(found["minute"] or 0)
    if half and not 1 <= hour <= 12:
        raise ValueError(f"there is no time {match[0]!r}; {EXAMPLES}")
    if half:
        hour = hour % 12 + (12 if half[0] == "p" else 0)
    try:
        return [time(hour, minute, int(found["second"] or 0))]
    except ValueError:
        raise ValueError(f"there is no time {match[0]!r}; {EXAMPLES}") from None


def _named_hour(match: Match, context: Context) -> list[Part]:
    return [time(words.NAMED_HOURS[match["name"]])]


def _any(known: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, known), key=len, reverse=True))


_WEEKDAYS = _any(words.WEEKDAYS)
_ON = "(?:on |il |l'|the )?"
_CALLED = rf"(?:on )?(?:(?P<called>{_WEEKDAYS}),? )?"
_DATED = f"{_CALLED}(?:il |l'|the )?"
_OF = "(?:of |di |del |della |dell')?(?:the )?"
_AT = "(?:at |alle ore |alle |all'|ore |h ?|@ ?)"
_HALF = r" ?(?P<half>[ap]\.?m\.?)"
_HOUR = "(?P<hour>[0-9]{1,2})"
_HOUR_OR_WORD = f"(?P<hour>[0-9]{{1,2}}|{_any(words.CLOCK_NUMBERS)})"
_MINUTE = "(?P<minute>[0-9]{2})"
_HOURS = _any(words.HOURS)
_MONTH = rf"(?P<month>{_any(words.MONTHS)})\.?"
_YEAR = "(?:,? (?P<year>[0-9]{4}(?![0-9:])))?"
_DAY_NUMBER = rf"(?P<number>[0-9]{{1,2}}|{_any(words.ORDINALS)})"
_FIRST, _SECOND = "(?P<first>[0-9]{1,2})", "(?P<second>[0-9]{1,2})"
_SPAN = f"(?P<span>{_any(words.SPANS)})"
_COUNT = f"(?:(?P<count>[0-9]{{1,6}}|{_any(words.NUMBERS)}) ?(?P<unit>{_any(UNITS)})|{_SPAN})"
_WAY = f"(?P<way>{_any(words.DIRECTIONS)})"
_WAY_LAST = f"(?P<way_last>{_any(words.DIRECTIONS)})"
_UNITS = _any(words.EDGE_UNITS)
_WEEK = _any(word for word, unit in words.EDGE_UNITS.items() if unit == "w")
_SOME_WEEK = f"(?:{_WAY} (?:{_WEEK})|(?:{_WEEK}) {_WAY_LAST})"
_MONTHS = _any(word for word, unit in words.EDGE_UNITS.items() if unit == "m")
_SOME_UNIT = f"(?:{_WAY} (?P<unit>{_UNITS})|(?P<unit_first>{_UNITS}) {_WAY_LAST}|(?P<unit_alone>{_UNITS}))"
_EDGE = f"(?:the |la |l')?(?P<edge>{_any(word for word in words.EDGES if len(word) > 1)})[ -]{_OF}"
_OF_MONTH = f"(?: {_OF}(?:{_WAY} (?:{_MONTHS})|(?:{_MONTHS}) {_WAY_LAST}|(?P<of_month>{_MONTHS})))?"
_IN = "(?:in the |in |at |di |del |della |nel |nella )?"
_APART = "(?![0-9:./-]| ?[ap][.]?m)"  # after a number that is no part of a time or a date

FORMS: tuple[Form, ...] = (  # the first that fits counts
    (rf"(?P<word>{_any(words.DAYS)})(?:,? {_HOUR}(?:\.{_MINUTE})?(?= *$))?", _day_word),
    (_any(words.NOW), _now),
    (rf"[+-] ?[0-9]{{1,6}} ?(?:{_any(UNITS)})(?:[0-9]{{1,6}}(?:{_any(UNITS)}))*", _offset),
    (rf"(?P<letter>[se])o(?P<short>[dwmqy])|{_EDGE}{_SOME_UNIT}", _edge),
    (rf"{_EDGE}{_MONTH}{_YEAR}", _month_edge),
    (rf"(?:in|tra|fra) {_COUNT}", _counted),
    (rf"{_COUNT} (?:ago|fa|from now|from today|da oggi|da adesso)", _counted),
    (
        rf"(?P<both>{_any(words.DAY_PARTS)})|(?:this|quest[ao]) (?P<same_day>{_HOURS})|{_IN}(?P<part>{_HOURS})",
        _day_part,
    ),
    (rf"{_SOME_WEEK},? (?:on )?(?P<day>{_WEEKDAYS})", _weekday_of_week),
    (rf"(?:on )?(?P<day>{_WEEKDAYS}),? {_OF}(?:la )?{_SOME_WEEK}", _weekday_of_week),
    (rf"(?:the |la |il |l')?(?:{_WAY} (?P<unit>{_UNITS})|(?P<unit_first>{_UNITS}) {_WAY_LAST})", _unit),
    (rf"{_CALLED}(?P<year>[0-9]{{4}})-(?P<month>[0-9]{{2}})-(?P<number>[0-9]{{2}})", _iso_day),
    (rf"{_DATED}{_DAY_NUMBER}(?:st|nd|rd|th|°|o)? {_OF}{_MONTH}{_YEAR}", _named_month),
    (rf"{_DATED}{_MONTH} (?:the )?{_DAY_NUMBER}(?:st|nd|rd|th)?(?![0-9:./]){_YEAR}", _named_month),
    (rf"{_DATED}{_FIRST}/{_SECOND}(?:/(?P<year>[0-9]{{4}}|[0-9]{{2}}))?(?![:/.-])", _figures),
    (rf"{_DATED}{_FIRST}(?P<mark>[.-]){_SECOND}(?P=mark)(?P<year>[0-9]{{4}}|[0-9]{{2}})(?![:/.-])", _figures),
    (rf"(?:on )?(?:the |il |l')(?P<number>[0-9]{{1,2}})(?:st|nd|rd|th)?{_APART}{_OF_MONTH}", _day_of_month),
    (rf"(?:on )?(?P<number>[0-9]{{1,2}})(?:st|nd|rd|th){_OF_MONTH}", _day_of_month),
    (
        rf"(?:on )?(?P<called>{_WEEKDAYS}),? (?P<sure>the |il |l')?(?P<number>[0-9]{{1,2}})"
        rf"(?:(?P<th>st|nd|rd|th)|{_APART})(?P<last> *$)?",
        _called_day,
    ),
    (rf"{_ON}(?:{_WAY} (?P<day>{_WEEKDAYS})|(?P<day_first>{_WEEKDAYS})(?: {_WAY_LAST})?)", _weekday),
    (rf"{_AT}?{_HOUR}:{_MINUTE}(?::(?P<second>[0-9]{{2}}))?(?:{_HALF})?(?!:)", _clock),
    (rf"{_AT}?{_HOUR}{_HALF}", _clock),
    (rf"{_AT}?{_HOUR}(?:\.{_MINUTE})?(?: o'clock)?(?= (?:in|di|del|della) (?:the )?(?:{_HOURS}))", _clock),
    (rf"{_AT}{_HOUR_OR_WORD}(?:\.{_MINUTE}| e (?P<extra>{_any(words.EXTRA_MINUTES)})| o'clock)?(?![:.])", _clock),
    (rf"{_HOUR_OR_WORD} o'clock", _clock),
    (rf"(?:at |alle |a )?(?P<name>{_any(words.NAMED_HOURS)})", _named_hour),
)
