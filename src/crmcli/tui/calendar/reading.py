"""What the calendar reads: the rows of the agenda of the days in sight, as a sheet and as a list. Blocks."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from rich.text import Text

from crmcli import clock
from crmcli.clock import stored
from crmcli.domain.calendar import BusinessCalendar
from crmcli.domain.zones import local_date, local_day_edges, to_wall
from crmcli.integrations.foreign import foreign_events
from crmcli.output.days import day_table, marks_of
from crmcli.output.months import Month
from crmcli.queries.agenda import agenda
from crmcli.queries.occurrences import Row as Entry
from crmcli.queries.occurrences import Span
from crmcli.tui.desk import Desk, record_of
from crmcli.tui.pages import table_rows
from crmcli.tui.rows import Row

VIEWS = ("month", "week", "day", "agenda")
_AHEAD = 30  # days of the agenda
_LINES = {"month": 3, "week": 12}  # of what lies on a day


class Days(NamedTuple):
    """The days in sight: the sheet, None where there is none, the entries of the list, and what is said over it."""

    month: Month | None
    title: str
    entries: list[Entry]


def today(desk: Desk) -> str:
    """Return the local day that it is."""
    return local_date(clock.now_text(), desk.settings.timezone)


def read_days(desk: Desk, view: str, day: str) -> Days:
    """Return what a view of the calendar shows with its cursor on a day."""
    first, last = _bounds(view, date.fromisoformat(day))
    span = Span(first, last, desk.settings.timezone)
    elsewhere = foreign_events(desk.settings.foreign, desk.paths.cache, span).rows
    rows = desk.read(lambda con: agenda(con, span, elsewhere))
    month = Month(first, last, today(desk), marks_of(rows), _LINES[view], day) if view in _LINES else None
    if month and view == "week":
        days = [(date.fromisoformat(first) + timedelta(place)).isoformat() for place in range(7)]
        month = month._replace(hours={one: short for one in days if (short := _short_hours(desk, one))})
    if view == "agenda":
        return Days(None, f"{_AHEAD} days from {date.fromisoformat(day):%d %B %Y}", rows)
    on_day = [row for row in rows if row["day"] == day or (row["earlier"] and day == today(desk))]
    return Days(
        month,
        f"{date.fromisoformat(day):%A %d %B %Y}{_hours(desk, day)}",
        on_day,
    )


def entry_rows(entries: Sequence[Entry], desk: Desk, width: int) -> list[Row]:
    """Return the lines of entries for a list, each with the entry it stands for."""
    table = day_table(entries, desk.settings.locale)
    if not entries:
        return [Row(Text("nothing is planned", style="dim"))]
    lines = list(table_rows(table, desk, width))
    head = len(lines) - len(entries)
    pairs = zip(lines[head:], entries, strict=True)
    return [*lines[:head], *(line._replace(record=record_of(str(one["ref"])), entry=one) for line, one in pairs)]


def _bounds(view: str, day: date) -> tuple[str, str]:
    if view == "month":
        first = day.replace(day=1)
        return first.isoformat(), ((first + timedelta(31)).replace(day=1) - timedelta(1)).isoformat()
    if view == "week":
        monday = day - timedelta(day.weekday())
        return monday.isoformat(), (monday + timedelta(6)).isoformat()
    return day.isoformat(), (day + timedelta(_AHEAD - 1 if view == "agenda" else 0)).isoformat()


def _hours(desk: Desk, day: str) -> str:
    """Return the working hours of a local day in words; empty where none are configured."""
    if desk.settings.calendar is None:
        return ""
    ranges = _ranges(desk.settings.calendar, day, desk.settings.timezone)
    return f"  working {', '.join('-'.join(pair) for pair in ranges)}" if ranges else "  day off"


def _short_hours(desk: Desk, day: str) -> str:
    """Return the same in few cells, such as ``9-13 14-18``."""
    if desk.settings.calendar is None:
        return ""
    ranges = _ranges(desk.settings.calendar, day, desk.settings.timezone)
    times = [[time.removeprefix("0").removesuffix(":00") for time in pair] for pair in ranges]
    return " ".join("-".join(pair) for pair in times) or "off"


def _ranges(calendar: BusinessCalendar, day: str, zone: str) -> list[list[str]]:
    """Return from when to when is worked on a local day, by its clocks."""
    start, end = (datetime.fromisoformat(edge) for edge in local_day_edges(day, zone))
    return [[to_wall(stored(edge), zone)[11:16] for edge in pair] for pair in calendar.ranges_between(start, end)]
