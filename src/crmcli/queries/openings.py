"""When there is time: the working hours ahead in which no event is planned."""

import sqlite3
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from crmcli import clock
from crmcli.domain.openings import openings
from crmcli.domain.zones import zone_of
from crmcli.queries.occurrences import Row, Span, events_between

if TYPE_CHECKING:
    from crmcli.domain.calendar import BusinessCalendar


def free_time(
    con: sqlite3.Connection, hours: "BusinessCalendar", zone: str, least: int, ahead: int, user: int | None
) -> list[Row]:
    """Return the free stretches of working time of at least ``least`` seconds, from now to ``ahead`` seconds on.

    Rows: ``day``, ``weekday``, ``time`` and ``until`` (local), ``seconds``. Events of whole days leave the hours free.
    """
    now = clock.now()
    window = (now, now + timedelta(seconds=ahead))
    here = zone_of(zone)
    days = [moment.astimezone(here).date().isoformat() for moment in window]
    planned = events_between(con, Span(days[0], days[1], zone, user))
    busy = [
        (datetime.fromisoformat(times.start_at), datetime.fromisoformat(times.end_at))
        for row, times in planned
        if not row["all_day"]
    ]
    return [_row(one.start.astimezone(here), one.end.astimezone(here)) for one in openings(hours, window, busy, least)]


def _row(start: datetime, end: datetime) -> Row:
    return {
        "day": start.date().isoformat(), "weekday": f"{start:%A}", "time": f"{start:%H:%M}", "until": f"{end:%H:%M}",
        "seconds": int((end - start).total_seconds()),
    }  # fmt: skip
