"""Business time: how many working seconds lie between two instants, and when so many will have passed.

Computed by ranges, never second by second. Ranges are half-open and given in local time; on days with a clock
change they have the length they really have. Which calendar applies to a record is decided elsewhere.
"""

from collections.abc import Mapping, Sequence
from copy import copy
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from crmcli.domain.zones import zone_of

Ranges = Sequence[tuple[str, str]]  # local times such as ("09:00", "13:00"); "24:00" ends a day

_LONGEST_REST_DAYS = 366


class BusinessCalendar:
    """Weekly working ranges in a zone, without holidays; dated exceptions replace the ranges of their day."""

    def __init__(
        self,
        week: Mapping[int, Ranges],
        zone: str | None,
        holidays: frozenset[str] = frozenset(),
        exceptions: Mapping[str, Ranges] | None = None,
    ) -> None:
        """Check and keep the ranges. ``week`` is by weekday (Monday is 0); ``holidays`` are ISO dates.

        Without a zone of its own a calendar is in UTC until ``within`` tells where it is.
        ValueError when a range is malformed, when ranges overlap, or when there is no working time at all.
        """
        self._zone, self._is_placed = zone_of("UTC" if zone is None else zone), zone is not None
        self._week = [_checked(week.get(weekday, ())) for weekday in range(7)]
        self._dated: dict[str, list[tuple[int, int]]] = {day: [] for day in holidays}
        self._dated |= {day: _checked(own) for day, own in (exceptions or {}).items()}
        self._days: dict[date, list[tuple[int, int]]] = {}
        if not any(self._week) and not any(self._dated.values()):
            raise ValueError("a business calendar needs working time")

    def within(self, zone: str) -> "BusinessCalendar":
        """Return the same hours in a zone; the calendar itself where it has a zone of its own."""
        if self._is_placed:
            return self
        placed = copy(self)
        placed._zone, placed._is_placed, placed._days = zone_of(zone), True, {}
        return placed

    def seconds_between(self, start_utc: datetime, end_utc: datetime) -> int:
        """Return the working seconds between two aware instants; 0 when the second is not after the first."""
        start, end = int(start_utc.timestamp()), int(end_utc.timestamp())
        if end <= start:
            return 0
        day, last = self._local_day(start), self._local_day(end)
        total = 0
        while day <= last:
            for opening, closing in self._ranges(day):
                total += max(0, min(closing, end) - max(opening, start))
            day += timedelta(days=1)
        return total

    def ranges_between(self, start_utc: datetime, end_utc: datetime) -> list[tuple[datetime, datetime]]:
        """Return the working ranges between two aware instants, cut to them, as aware UTC instants in order."""
        start, end = int(start_utc.timestamp()), int(end_utc.timestamp())
        day, last = self._local_day(start), self._local_day(end)
        found = []
        while day <= last:
            cut = [(max(opening, start), min(closing, end)) for opening, closing in self._ranges(day)]
            found += [(one, two) for one, two in cut if one < two]
            day += timedelta(days=1)
        return [(datetime.fromtimestamp(one, UTC), datetime.fromtimestamp(two, UTC)) for one, two in found]

    def add(self, start_utc: datetime, seconds: int) -> datetime:
        """Return the aware UTC instant at which ``seconds`` of working time have passed since an instant.

        ValueError when the calendar has no more working time within a year of what is known.
        """
        start, left = int(start_utc.timestamp()), seconds
        if left <= 0:
            return start_utc.astimezone(UTC)
        day, rest_days = self._local_day(start), 0
        while rest_days <= _LONGEST_REST_DAYS:
            rest_days += 1
            for opening, closing in self._ranges(day):
                worked = closing - max(opening, start)
                if worked >= left:
                    return datetime.fromtimestamp(max(opening, start) + left, UTC)
                if worked > 0:
                    left, rest_days = left - worked, 0
            day += timedelta(days=1)
        raise ValueError("the business calendar has no working time within a year")

    def _local_day(self, timestamp: int) -> date:
        return datetime.fromtimestamp(timestamp, self._zone).date()

    def _ranges(self, day: date) -> list[tuple[int, int]]:
        """Return the working ranges of a local day as UTC timestamps, in order and without overlap."""
        known = self._days.get(day)
        if known is None:
            known = self._days[day] = self._computed(day)
        return known

    def _computed(self, day: date) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        for opening, closing in self._dated.get(day.isoformat(), self._week[day.weekday()]):
            begin = self._timestamp(day, opening)
            if found:
                begin = max(begin, found[-1][1])  # a clock change can push one range into the next
            found.append((begin, max(begin, self._timestamp(day, closing))))
        return found

    def _timestamp(self, day: date, minutes: int) -> int:
        midnight = datetime.combine(day, time(), self._zone)
        return int((midnight + timedelta(minutes=minutes)).timestamp())  # wall time arithmetic


def _checked(ranges: Ranges) -> list[tuple[int, int]]:
    minutes = sorted((_minutes(opening), _minutes(closing)) for opening, closing in ranges)
    for (_, earlier_closing), (opening, _) in pairwise(minutes):
        if opening < earlier_closing:
            raise ValueError("business hours overlap")
    if any(opening >= closing for opening, closing in minutes):
        raise ValueError("business hours end before they start")
    return minutes


def _minutes(text: str) -> int:
    if text == "24:00":
        return 1440
    try:
        found = time.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a time of day; use 09:00") from None
    return found.hour * 60 + found.minute
