"""Recurrence rules, RRULE text of RFC 5545: what is one, the local times it gives, and where it begins and ends.

A rule is expanded in wall time and its zone attached afterwards, so that ten o'clock stays ten o'clock whatever the
clock does. Excepted dates, changed instances and what they mean for a record are decided elsewhere; rules in words
belong to ``every`` and ``every_told``.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from math import prod

from crmcli.domain.zones import to_utc, to_wall

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MOST = 1000  # instances of one expansion

ONCE = "FREQ=DAILY;COUNT=1"  # what has dates but no rule: the first of them, the others being further ones

_DAY = len("2026-03-20")
_KEY = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d)?", re.ASCII)
_LAST_CYCLE = datetime(9600, 1, 1)  # of 400 years, after which the calendar repeats itself, that a date can hold
_LOOKED_AT = 100_000  # instances from the first one on, so that an endless rule ends
_WITH_DATES = re.compile(r"RRULE:([^\n]+)\nRDATE:([0-9T,]+)")
_PART = re.compile(r"([A-Z-]+)=([A-Z0-9:,+-]+)")
_FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY")
_CLOCKS = {"DAILY": ("BYHOUR", "BYMINUTE", "BYSECOND"), "HOURLY": ("BYMINUTE", "BYSECOND")}  # what makes several times
_RUN = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYSETPOS"})  # parts that name no day or time of themselves
_UNTIL = re.compile(r"\bUNTIL=(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z)?)?(?![0-9T])", re.IGNORECASE)


def normalise(rule: str) -> str:
    """Return a rule in upper case without blanks and needless backslashes; ValueError with the reason when it is none.

    A rule is refused that is finer than hourly, or that no day ever fits: expanding it would take thousands of years.
    """
    text = re.sub(r"[\s\\]", "", rule).upper().removeprefix("RRULE:").strip(";")
    if problem := _problem(text):
        raise ValueError(f"{rule[:80]!r} {problem}")
    return text


def parts_of(rule: str) -> dict[str, str]:
    """Return the parts of a rule by name, in their order: ``{"FREQ": "WEEKLY", "BYDAY": "MO,FR"}``."""
    return {match[1]: match[2] for match in map(_PART.fullmatch, rule.split(";")) if match}


def rule_of(parts: Mapping[str, str]) -> str:
    """Return the rule that parts make."""
    return ";".join(f"{name}={value}" for name, value in parts.items())


def with_dates(rule: str, further: Iterable[object]) -> str:
    """Return a rule and further dates (wall times or days) as one recurrence; the rule alone where there are none."""
    dates = [f"{_compact(one):0<15}" if "T" in one else _compact(one) for one in map(str, further) if is_key(one)]
    return f"RRULE:{rule}\nRDATE:{','.join(dates)}" if dates else rule


def is_key(text: str) -> bool:
    """Say whether a text is a wall time to the minute, or a day, as dates of a series are kept."""
    return _KEY.fullmatch(text) is not None


def walk(start: datetime, recurrence: str, zone: str = "UTC") -> Iterator[datetime]:
    """Yield the wall times (naive) of a recurrence that begins at ``start``, in order.

    ``recurrence`` is a rule, or lines ``RRULE``, ``RDATE``, ``EXRULE`` and ``EXDATE`` with their values; a ``DTSTART``
    among them takes the place of ``start``. An UNTIL in UTC (as RFC 5545 has it) is taken to the wall time of the zone,
    one that is a day means the whole of it. ValueError when it is no recurrence.
    """
    from itertools import islice

    try:
        yield from islice(_parsed(start, recurrence, zone), _LOOKED_AT)
    except OverflowError as problem:
        raise _no_rule(recurrence, problem) from None


def _parsed(start: datetime, recurrence: str, zone: str) -> Iterator[datetime]:
    from dateutil.rrule import rrule, rruleset, rrulestr

    own = _WITH_DATES.fullmatch(recurrence)
    try:
        in_wall_time = _UNTIL.sub(lambda found: _local_until(found, zone), own[1] if own else recurrence)
        rule = rrulestr(in_wall_time, dtstart=start)
        if own is None or not isinstance(rule, rrule):
            return iter(rule)
        whole = rruleset()
        whole.rrule(rule)
        for stamp in own[2].split(","):  # here, since the library takes a hundred times as long to read a date
            whole.rdate(datetime.fromisoformat(stamp))
        return iter(whole)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError) as problem:
        raise _no_rule(recurrence, problem) from None


def _no_rule(recurrence: str, problem: Exception) -> ValueError:
    return ValueError(f"{recurrence[:80]!r} is no recurrence rule: {problem}")


def first_time(start: datetime, rule: str, zone: str) -> datetime | None:
    """Return the wall time with which a series begins that is to start then: the next that fits, None if none does.

    Whatever the interval: every other Tuesday begins on the next Tuesday, not on the one of the week after.
    """
    parts = parts_of(rule)
    if parts.get("FREQ") in ("WEEKLY", "MONTHLY") and parts.keys() - _RUN - {"WKST"}:
        parts.pop("INTERVAL", None)
        rule = rule_of(parts)
    return next(walk(start, rule, zone), None)


def occurrences(start: datetime, recurrence: str, most: int = MOST) -> list[datetime]:
    """Return the first wall times of a recurrence, at most ``most``; an UNTIL in UTC is compared as it stands."""
    from itertools import islice

    return list(islice(walk(start, recurrence), most))


def end_of(rule: str, zone: str) -> str:
    """Return the local time, or the day, with which a rule ends by itself: its UNTIL; empty where it has none."""
    found = _UNTIL.search(rule)
    if found is None:
        return ""
    day = "-".join(found.groups()[:3])
    return day if found[4] is None else _wall(found, zone)[: len("2026-03-20T09:00")]


def with_end(rule: str, zone: str, is_day: bool) -> str:
    """Return a rule whose UNTIL has the form that RFC 5545 (3.3.10) asks for: a day for days, for times an instant."""
    end = end_of(rule, zone)
    if not end or _until_is_sound(rule, is_day):
        return rule
    wall = end if len(end) > _DAY else f"{end}T23:59:59"
    return rule_of(parts_of(rule) | {"UNTIL": _compact(end[:10] if is_day else to_utc(wall, zone))})


def ended_before(rule: str, key: str, zone: str) -> str:
    """Return a rule that ends just before the instance that a key (a wall time or a day) names.

    Without a zone, for a time that is local everywhere, its UNTIL is a local time, too.
    """
    if len(key) == _DAY:
        until = (date.fromisoformat(key) - timedelta(days=1)).isoformat()
    else:
        until = (datetime.fromisoformat(key) - timedelta(seconds=1)).isoformat()
        until = to_utc(until, zone) if zone else until
    parts = {name: value for name, value in parts_of(rule).items() if name not in ("COUNT", "UNTIL")}
    return rule_of(parts | {"UNTIL": _compact(until)})


def without_first(rule: str, count: int) -> str:
    """Return what is left of a rule after its first instances: fewer where it counts them; empty when none is left."""
    parts = parts_of(rule)
    if "COUNT" not in parts:
        return rule
    left = int(parts["COUNT"]) - count
    return rule_of(parts | {"COUNT": str(left)}) if left > 0 else ""


def turned(rule: str, before: str, after: str) -> str:
    """Return the rule of a weekly series whose start moves to another weekday: its weekdays move along."""
    parts = parts_of(rule)
    days = parts.get("BYDAY", "").split(",")
    turn = (date.fromisoformat(after[:_DAY]) - date.fromisoformat(before[:_DAY])).days % 7
    if parts["FREQ"] != "WEEKLY" or not turn or not all(day in DAYS for day in days):
        return rule
    numbers = sorted((DAYS.index(day) + turn) % 7 for day in days)
    return rule_of(parts | {"BYDAY": ",".join(DAYS[number] for number in numbers)})


def _until_is_sound(rule: str, is_day: bool) -> bool:
    found = _UNTIL.search(rule)
    return found is not None and (found[4] is None if is_day else found[7] is not None)


def _local_until(found: re.Match[str], zone: str) -> str:
    """Return the end of a rule as wall time, in which the rule is expanded."""
    return "UNTIL=" + ("".join(found.groups()[:3]) + "T235959" if found[4] is None else _compact(_wall(found, zone)))


def _wall(found: re.Match[str], zone: str) -> str:
    """Return the wall time, with its seconds, of an UNTIL that has a time."""
    year, month, day, hour, minute, second, utc = found.groups()
    text = f"{year}-{month}-{day}T{hour}:{minute}:{second}"
    if utc is None:
        return text
    wall = to_wall(f"{text}Z", zone)
    return wall if len(wall) > len("2026-03-20T09:00") else f"{wall}:00"


def _compact(time: str) -> str:
    return time.replace("-", "").replace(":", "")


@lru_cache(maxsize=4096)
def _problem(text: str) -> str:
    """Return what is wrong with a rule, empty when nothing is."""
    found = [_PART.fullmatch(part) for part in text.split(";")]
    parts = {match[1]: match[2] for match in found if match}
    if None in found or not parts.get("INTERVAL", "1").strip("0"):
        return "is no recurrence rule"
    if parts.get("FREQ") not in _FREQUENCIES:
        return f"does not recur {', '.join(_FREQUENCIES).lower()}"
    days = {name: value for name, value in parts.items() if name not in _RUN}
    try:
        _parsed(_LAST_CYCLE, text, "UTC")
        happens = occurrences(_LAST_CYCLE, rule_of({"FREQ": "YEARLY", **days}), 1) and _has_positions(parts, days)
    except ValueError:
        return "is no recurrence rule"
    return "" if happens else "never happens"


def _has_positions(parts: Mapping[str, str], days: Mapping[str, str]) -> bool:
    """Say whether some hour, day, week, month or year of a rule has as many times as its BYSETPOS counts."""
    positions = parts.get("BYSETPOS")
    if positions is None:
        return True
    if parts["FREQ"] not in _CLOCKS:
        rule = rule_of({"FREQ": parts["FREQ"], **days, "BYSETPOS": positions})
        return bool(occurrences(_LAST_CYCLE, rule, 1))
    times = prod(len(set(days[name].split(","))) for name in _CLOCKS[parts["FREQ"]] if name in days)
    return any(0 < abs(int(position)) <= times for position in positions.split(","))
