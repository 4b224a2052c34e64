"""Months drawn as a sheet of weeks, for people: each day with what lies on it, as far as there is room."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from crmcli.output.cells import cut, pad
from crmcli.output.pager import show
from crmcli.output.safe import safe
from crmcli.output.streams import Streams
from crmcli.output.tables import DEFAULTS, Options

_WEEK = 7
_GAP = 1
_LEAST, _MOST = 5, 30  # cells of a day
_LINES = 4  # of what lies on a day, usually; the rest is counted


class Mark(NamedTuple):
    """Something on a day: its time, empty for the whole day, and its name."""

    time: str
    title: str


class Month(NamedTuple):
    """The days from ``first`` to ``last`` (ISO dates), which of all days is today, and what lies on each.

    ``lines`` is how many of what lies on a day are told, ``cursor`` a day that stands out, ``hours`` what is said of
    the time of a day before all that lies on it.
    """

    first: str
    last: str
    today: str
    marks: Mapping[str, Sequence[Mark]]
    lines: int = _LINES
    cursor: str = ""
    hours: Mapping[str, str] = {}


def write_month(month: Month, streams: Streams, options: Options = DEFAULTS) -> None:
    """Write the sheet, a row of lines for each week from Monday to Sunday; days of other months stay blank."""
    show(month_lines(month, streams), streams, wanted=options.pager)


def month_lines(month: Month, streams: Streams) -> list[str]:
    """Return the lines of the sheet."""
    first, last = date.fromisoformat(month.first), date.fromisoformat(month.last)
    monday = first - timedelta(first.weekday())
    wide = max(_LEAST, min(_MOST, (streams.width - _GAP * (_WEEK - 1)) // _WEEK))
    title = f"{first:%B %Y}" if first.month == last.month else f"{first:%d %B %Y} to {last:%d %B %Y}"
    names = [f"{monday + timedelta(place):%A}" for place in range(_WEEK)]
    rule = ("─" if streams.unicode else "-") * (wide * _WEEK + _GAP * (_WEEK - 1))
    drawn = [streams.paint(title, "bold"), _joined([pad(cut(name, wide), wide) for name in names])]
    while monday <= last:
        days = [monday + timedelta(place) for place in range(_WEEK)]
        drawn += [rule, *_week(days, month, wide, streams)]
        monday += timedelta(_WEEK)
    return drawn


def _week(days: Sequence[date], month: Month, wide: int, streams: Streams) -> list[str]:
    cells = [_day(day.isoformat(), month, wide) if month.first <= day.isoformat() <= month.last else [] for day in days]
    height = max(map(len, cells))
    numbers = [_number(day, month, wide, streams) for day in days]
    body = [[pad(cell[place] if place < len(cell) else "", wide) for cell in cells] for place in range(height)]
    return [_joined(numbers), *map(_joined, body)]


def _number(day: date, month: Month, wide: int, streams: Streams) -> str:
    if not month.first <= day.isoformat() <= month.last:
        return " " * wide
    told = pad(f"{day.day} *" if day.isoformat() == month.today else str(day.day), wide)
    if day.isoformat() == month.cursor:
        return streams.paint(told, "reverse")
    return streams.paint(told, "bold") if day.isoformat() == month.today else told


def _day(day: str, month: Month, wide: int) -> list[str]:
    marks = month.marks.get(day, ())
    shown = marks if len(marks) <= month.lines else marks[: month.lines - 1]
    hours = [cut(month.hours[day], wide)] if day in month.hours else []
    told = [cut(safe(" ".join(part for part in (mark.time, mark.title) if part)), wide) for mark in shown]
    more = [cut(f"+{len(marks) - len(shown)} more", wide)] if len(shown) < len(marks) else []
    return [*hours, *told, *more]


def _joined(cells: Sequence[str]) -> str:
    return (" " * _GAP).join(cells).rstrip()
