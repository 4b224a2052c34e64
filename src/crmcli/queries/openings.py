"""When there is time: the working hours ahead in which no event is planned."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from crmcli import clock
from crmcli.domain.openings import openings
from crmcli.domain.zones import zone_of
from crmcli.queries.occurrences import Row, Span, events_between

if TYPE_CHECKING:
    from crmcli.domain.calendar import BusinessCalendar


def days_ahead(zone: str, ahead: int, user: int | None) -> Span:
    """Return the local days from now to so many seconds on."""
    here, now = zone_of(zone), clock.now()
    first, last = (moment.astimezone(here).date().isoformat() for moment in (now, now + timedelta(seconds=ahead)))
    return Span(first, last, zone, user)


def free_time(
    con: sqlite3.Connection,
    hours: "BusinessCalendar",
    span: Span,
    least: int,
    ahead: int,
    more: Iterable[tuple[str, str]] = (),
) -> list[Row]:
    """Return the free stretches of working time of at least ``least`` seconds, from now to ``ahead`` seconds on.

    Rows: ``day``, ``weekday``, ``time`` and ``until`` (local), ``seconds``. ``span`` are the days (see ``days_ahead``),
    ``more`` instants from and to which there is no time either. Events of whole days leave the hours free.
    """
    now, here = clock.now(), zone_of(span.zone)
    planned = [(times.start_at, times.end_at) for row, times in events_between(con, span) if not row["all_day"]]
    busy = [(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in (*planned, *more)]
    window = (now, now + timedelta(seconds=ahead))
    return [_row(one.start.astimezone(here), one.end.astimezone(here)) for one in openings(hours, window, busy, least)]


def _row(start: datetime, end: datetime) -> Row:
    return {
        "day": start.date().isoformat(), "weekday": f"{start:%A}", "time": f"{start:%H:%M}", "until": f"{end:%H:%M}",
        "seconds": int((end - start).total_seconds()),
    }  # fmt: skip
