"""Recurrence rules told back in words: ``every 2 weeks on Tuesday until 31 Dec 2026``.

What a rule leaves to its first occurrence, such as the weekday, is taken from that. Parts that few rules have are told
as they stand. Words as rules belong to ``every``.
"""

from datetime import date, timedelta

from crmcli.domain.plurals import counted
from crmcli.domain.recurrence import DAYS, end_of, parts_of

_DAY = len("2026-03-20")
_UNITS = {"YEARLY": "year", "MONTHLY": "month", "WEEKLY": "week", "DAILY": "day", "HOURLY": "hour"}
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")  # fmt: skip
_PLACES = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last", -2: "second last"}
_WORKING, _WEEKEND = ",".join(DAYS[:5]), ",".join(DAYS[5:])
_TOLD = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"})


def told(rule: str, first: str, zone: str) -> str:
    """Return a rule in words; ``first`` is the wall time or day with which it begins, ``zone`` where it is reckoned."""
    parts = parts_of(rule)
    unit, interval = _UNITS[parts["FREQ"]], int(parts.get("INTERVAL", "1"))
    is_working = parts.get("BYDAY") == _WORKING and parts["FREQ"] == "WEEKLY" and interval == 1
    said = "every weekday" if is_working else f"every {unit}" if interval == 1 else f"every {counted(interval, unit)}"
    where = "" if is_working else _place(parts, first)
    known = _known(parts)
    rest = [f"{name}={value}" for name, value in parts.items() if name not in _TOLD | known]
    if rest and not is_working:
        where += f" with {', '.join(rest)}"
    return said + where + _end(rule, parts, first, zone)


def _known(parts: dict[str, str]) -> frozenset[str]:
    """Return the parts that ``_place`` tells."""
    if "BYWEEKNO" in parts or "BYYEARDAY" in parts or ("BYDAY" in parts and "BYMONTHDAY" in parts):
        return frozenset()
    if "BYSETPOS" in parts:
        return frozenset({"BYDAY", "BYSETPOS", "BYMONTH"}) if _set_place(parts) else frozenset()
    return frozenset({"BYDAY", "BYMONTHDAY", "BYMONTH"})


def _place(parts: dict[str, str], first: str) -> str:
    """Return on which days: `` on Tuesday``, `` on the last Friday of March``."""
    if {"BYSETPOS", "BYDAY", "BYMONTHDAY", "BYMONTH"} & parts.keys() and not _known(parts):
        return ""
    months = _joined([_MONTHS[int(number) - 1] for number in parts.get("BYMONTH", "").split(",") if number])
    within = f" in {months}" if months else ""
    if placed := _set_place(parts):
        return f" on {placed}{within}"
    if "BYDAY" in parts:
        return f" on {_joined([_weekday(day) for day in parts['BYDAY'].split(',')])}{within}"
    start = date.fromisoformat(first[:_DAY])
    days = [int(number) for number in parts.get("BYMONTHDAY", "").split(",") if number]
    if parts["FREQ"] == "YEARLY" and len(days) <= 1 and "BYYEARDAY" not in parts and "BYWEEKNO" not in parts:
        day = days[0] if days else start.day
        return f" on {day} {months or _MONTHS[start.month - 1]}" if day > 0 else f" on {_numbered(day)} of {months}"
    if parts["FREQ"] == "WEEKLY":
        return f" on {_WEEKDAYS[start.weekday()]}{within}"
    if parts["FREQ"] == "MONTHLY" or days:
        return f" on {_joined([_numbered(day) for day in days or [start.day]])}{within}"
    return within


def _set_place(parts: dict[str, str]) -> str:
    """Return ``the last weekday`` of a rule that takes one out of a set of days; empty for others."""
    place = _PLACES.get(int(parts["BYSETPOS"])) if parts.get("BYSETPOS", "").lstrip("+-").isdigit() else None
    names = {_WORKING: "weekday", _WEEKEND: "weekend day", ",".join(DAYS): "day"}
    name = names.get(parts.get("BYDAY", ""))
    return f"the {place} {name}" if place and name and parts["FREQ"] == "MONTHLY" else ""


def _weekday(part: str) -> str:
    """Return ``Friday`` of ``FR``, ``the last Friday`` of ``-1FR``."""
    name = _WEEKDAYS[DAYS.index(part[-2:])]
    if len(part) == len("FR"):
        return name
    number = int(part[:-2])
    return f"the {_PLACES.get(number) or _ordinal(number)} {name}"


def _numbered(day: int) -> str:
    if day < 0:
        return "the last day" if day == -1 else f"the {_PLACES.get(day) or _ordinal(day)} day"
    return f"the {_ordinal(day)}"


def _ordinal(number: int) -> str:
    """Return ``21st``; of a negative number, ``3rd last``."""
    size = abs(number)
    mark = "th" if size % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(size % 10, "th")
    return f"{size}{mark}{' last' if number < 0 else ''}"


def _joined(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def _end(rule: str, parts: dict[str, str], first: str, zone: str) -> str:
    if "COUNT" in parts:
        count = int(parts["COUNT"])
        return ", once" if count == 1 else f", {count:,} times"
    if end := end_of(rule, zone):
        day = date.fromisoformat(end[:_DAY])
        last = day - timedelta(days=1) if end[_DAY:] and end[_DAY:] < first[_DAY:] else day  # over before its hour
        return f" until {last:%-d %b %Y}"
    return ""
