"""Free time: the stretches of working hours in which nothing is planned.

When working hours are is told by ``calendar``; what is planned is handed in.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from crmcli.domain.calendar import BusinessCalendar

USUAL_WEEK = dict.fromkeys(range(5), (("09:00", "18:00"),))  # where none is configured


class Opening(NamedTuple):
    """A free stretch between two aware instants."""

    start: datetime
    end: datetime


def openings(
    calendar: BusinessCalendar, window: tuple[datetime, datetime], busy: Iterable[tuple[datetime, datetime]], least: int
) -> list[Opening]:
    """Return the stretches of working time in a window, of at least so many seconds, that touch nothing busy."""
    found: list[Opening] = []
    taken = sorted(busy)
    for opening, closing in calendar.ranges_between(*window):
        start = opening
        for begin, end in taken:
            if end <= start or begin >= closing:
                continue
            if (begin - start).total_seconds() >= least:
                found.append(Opening(start, begin))
            start = max(start, end)
        if (closing - start).total_seconds() >= least and start < closing:
            found.append(Opening(start, closing))
    return found
