"""Times of iCalendar (RFC 5545, 3.3): dates, date-times in whatever zone a file means, durations.

A zone is named by IANA, as Windows or as an older program does, or defined by the file itself. How an import writes a
time down belongs to its cells; what a calendar holds belongs to ``ical``.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

from crmcli.domain.zones import EARLIEST_YEAR, LATEST_YEAR, zone_of
from crmcli.formats.content_lines import Line

_STAMP = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d)(?::?(\d\d)(?:\.\d+)?)?(Z)?)?", re.ASCII)
_DURATION = re.compile(
    r"([+-])?P(?:(\d{1,6})W)?(?:(\d{1,7})D)?(?:T(?:(\d{1,8})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?", re.ASCII
)
_UTC = "UTC"
_STEADY = re.compile(r"FREQ=(YEARLY|MONTHLY)\b", re.IGNORECASE)  # how a zone may change its clocks
_MOST_LINES = 2000  # of the definition of a zone


class Time(NamedTuple):
    """A day, or a wall time in a zone: an IANA name, or empty for a floating time, which is local everywhere."""

    wall: datetime
    zone: str = ""
    is_day: bool = False

    def text(self) -> str:
        """Return it as cells hold it: ``2026-03-20``, ``2026-03-20T09:00Z``, ``2026-03-20T09:00[Europe/Rome]``."""
        if self.is_day:
            return self.wall.date().isoformat()
        shown = self.wall_text()
        return f"{shown}Z" if self.zone == _UTC else f"{shown}[{self.zone}]" if self.zone else shown

    def wall_text(self) -> str:
        """Return it without its zone."""
        if self.is_day:
            return self.wall.date().isoformat()
        return self.wall.isoformat(timespec="seconds" if self.wall.second else "minutes")

    def within(self, zone: str) -> "Time":
        """Return the same moment in another zone; what has none stays as it is."""
        if self.is_day or not self.zone or not zone or zone == self.zone:
            return self
        aware = self.wall.replace(tzinfo=zone_of(self.zone)).astimezone(zone_of(zone))
        return Time(aware.replace(tzinfo=None), zone)

    def after(self, days: int, clock: timedelta) -> "Time":
        """Return the time a duration later: days by the calendar, the rest by the clock (RFC 5545, 3.3.6)."""
        wall = self.wall + timedelta(days=days)
        if clock and self.zone:
            aware = wall.replace(tzinfo=zone_of(self.zone)).astimezone(UTC) + clock
            return Time(aware.astimezone(zone_of(self.zone)).replace(tzinfo=None), self.zone)
        return self._replace(wall=wall + clock)


class Zones:
    """The zones of one file. ``definitions``: lines of its VTIMEZONE components by TZID. ``unknown``: names not found.

    A zone known by its name is read by that name; only for another one the definition of the file is asked.
    """

    def __init__(self, definitions: Mapping[str, Sequence[str]]) -> None:
        self.unknown: dict[str, None] = {}
        self._definitions = definitions
        self._found: dict[str, str | tzinfo | None] = {}

    def read(self, line: Line, value: str) -> Time:
        """Return the time of a property, of one of its values; ValueError when it is none."""
        match = _STAMP.fullmatch(value.strip())
        if match is None:
            raise ValueError(f"{value[:40]!r} is no date or time")
        year, month, day, *clock = (int(part or 0) for part in match.groups()[:6])
        try:
            wall = datetime(year, month, day, clock[0], clock[1], min(clock[2], 59))  # 60 is a leap second
        except ValueError:
            raise ValueError(f"there is no such date or time as {value[:40]!r}") from None
        if not EARLIEST_YEAR <= year <= LATEST_YEAR:
            raise ValueError(f"the year {year} is out of range")
        if match[4] is None:
            return Time(wall, is_day=True)
        if match[7]:
            return Time(wall, _UTC)
        named = line.parameter("TZID")
        return self._in_zone(wall, named) if named else Time(wall)

    def _in_zone(self, wall: datetime, named: str) -> Time:
        if named not in self._found:
            self._found[named] = _known(named, self._definitions.get(named, ())) or _defined(
                self._definitions.get(named, ())
            )
        zone = self._found[named]
        if isinstance(zone, str):
            return Time(wall, zone)
        if zone is None:
            self.unknown[named] = None
            return Time(wall)
        return Time(wall.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None), _UTC)


def parse_duration(text: str) -> tuple[int, timedelta]:
    """Return the days of a duration such as ``P1DT2H``, and its hours and less; ValueError when it is none."""
    match = _DURATION.fullmatch(text.strip().upper())
    if match is None or not any(match.groups()[1:]):
        raise ValueError(f"{text[:40]!r} is no duration")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
    sign = -1 if match[1] == "-" else 1
    return sign * (7 * weeks + days), sign * timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _known(named: str, definition: Sequence[str]) -> str | None:
    """Return the IANA name that a TZID is, means on Windows, or ends with; or the one that its definition names."""
    bare = named.strip().strip("/")
    if "/" in bare and _exists(bare):  # before the library is loaded: most files name their zones so
        return bare
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    steps = bare.split("/")
    located = [line.partition(":")[2].strip() for line in definition if line.upper().startswith("X-LIC-LOCATION")]
    for name in (bare, WINDOWS_TO_OLSON.get(bare, ""), *("/".join(steps[place:]) for place in (1, 2, 3)), *located):
        if name and (name in (_UTC, bare) or "/" in name) and _exists(name):
            return name
    return None


def _exists(name: str) -> bool:
    try:
        zone_of(name)
    except ValueError:
        return False
    return True


def _defined(definition: Sequence[str]) -> str | tzinfo | None:
    """Return the zone that a file defines, by name where one is known whose clocks agree with it.

    None when the file defines none, or not one that can be reckoned with.
    """
    rules = [line for line in definition if line.upper().startswith("RRULE")]
    if not definition or len(definition) > _MOST_LINES or not all(_STEADY.search(rule) for rule in rules):
        return None
    from icalendar import Timezone

    try:
        component = Timezone.from_ical("\r\n".join([*definition, ""]))
        if not isinstance(component, Timezone):
            return None
        zone: tzinfo = component.to_tz(lookup_tzid=False)
        return _alike(zone) or zone
    except Exception:  # the library lets any error of its parts through on a hostile definition; then there is no zone
        return None


def _alike(zone: tzinfo) -> str | None:
    """Return the first of the principal zones whose clocks show the same all through a year and the next."""
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    days = [datetime(2025, 1, 1, 12) + timedelta(days=day) for day in range(0, 730, 3)]
    offsets = [day.replace(tzinfo=zone).utcoffset() for day in days]
    for name in dict.fromkeys(WINDOWS_TO_OLSON.values()):
        known = zone_of(name)
        if all(day.replace(tzinfo=known).utcoffset() == offset for day, offset in zip(days, offsets, strict=True)):
            return name
    return None
