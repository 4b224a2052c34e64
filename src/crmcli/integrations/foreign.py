"""Foreign calendars, which are only shown: read where they lie, expanded for the days asked for, never written to.

One that cannot be read is one warning and no failure. ``fetching`` brings those of a server into the cache.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from crmcli.config.calendars import Foreign
from crmcli.domain.plurals import counted
from crmcli.domain.recurrence import with_dates
from crmcli.domain.series import Times, instances, last_day
from crmcli.domain.zones import to_utc
from crmcli.errors import CrmError
from crmcli.formats.files import open_to_read
from crmcli.formats.ical import HEADER, Calendar
from crmcli.integrations.fetching import cached
from crmcli.queries.occurrences import Row, Span, days_of, shifted

MOST_BYTES = 16 << 20
_MOST_FILES = 5_000
_LIMIT_S = 2.0  # for one calendar
_DAY = len("2026-03-20")
_PLACES = {name: HEADER.index(name) for name in HEADER}
_TRANSPARENT = "TRANSP:TRANSPARENT"


class Shown(NamedTuple):
    """What foreign calendars hold in a span: rows of the agenda, and from when to when they take time (UTC)."""

    rows: list[Row]
    busy: list[tuple[str, str]]
    warnings: list[str]


class _Event(NamedTuple):
    """An event of a file. ``original``: the time that the series gave it, where it is a changed instance."""

    uid: str
    title: str
    location: str
    times: Times
    zone: str
    rule: str
    left_out: tuple[str, ...]
    original: str
    is_shown: bool
    takes_time: bool


def foreign_events(calendars: Sequence[Foreign], cache: Path, span: Span) -> Shown:
    """Return the events of calendars that lie in a span, in no order."""
    shown = Shown([], [], [])
    for calendar in calendars:
        deadline, troubles = monotonic() + _LIMIT_S, list[str]()
        try:
            path = calendar.path or cached(calendar, cache)
            for event, times in _expanded(_events(path, span.zone, deadline, troubles), span, deadline, troubles):
                shown.rows.extend(_rows(calendar, event, times, span))
                if event.takes_time and len(times.start_wall) > _DAY:
                    shown.busy.append((times.start_at, times.end_at))
        except TimeoutError:
            shown.warnings.append(f"calendar {calendar.name}: too much to look through, so a part is not shown")
        except (CrmError, OSError, ValueError) as problem:
            shown.warnings.append(f"calendar {calendar.name}: {_told(problem)}")
        if troubles:
            number = f"{counted(len(troubles), 'entry', 'entries')} cannot be read"
            shown.warnings.append(f"calendar {calendar.name}: {number}: {troubles[0]}")
    return shown


def _events(path: Path, zone: str, deadline: float, troubles: list[str]) -> Iterator[_Event]:
    """Yield the events of a file, or of those of a folder; TimeoutError when that takes too long.

    What cannot be read, an entry or a whole file of a folder, is added to ``troubles``.
    """
    if not path.is_dir():
        yield from _of_file(path, zone, deadline, troubles)
        return
    for file in sorted(path.glob("*.ics"))[:_MOST_FILES]:
        try:
            yield from _of_file(file, zone, deadline, troubles)
        except TimeoutError:
            raise
        except (CrmError, OSError, ValueError) as problem:
            troubles.append(f"{file.name}: {_told(problem)}")


def _of_file(file: Path, zone: str, deadline: float, troubles: list[str]) -> Iterator[_Event]:
    with ExitStack() as opened:
        stream = opened.enter_context(open_to_read(file))
        if file.stat().st_size > MOST_BYTES:
            raise ValueError(f"{file.name} is larger than {MOST_BYTES >> 20} MiB")
        calendar = opened.enter_context(Calendar(stream, file.name, encoding=None))
        for row in calendar.rows:
            if monotonic() > deadline:
                raise TimeoutError
            if row.error is not None:
                troubles.append(f"{file.name}: {row.error}")
            elif row.cells[_PLACES["Type"]] == "Event" and row.cells[_PLACES["Start"]]:
                try:
                    event = _event(row.cells, zone)
                except ValueError as problem:
                    troubles.append(f"{file.name}: {problem}")
                else:
                    yield event


def _told(problem: Exception) -> str:
    """Return what a problem is called, the path of a file left out."""
    told = problem.strerror if isinstance(problem, OSError) else str(problem)
    return told or type(problem).__name__


def _event(cells: Sequence[str], local: str) -> _Event:
    said = {name: cells[place] for name, place in _PLACES.items()}
    zone, start_wall, start_at = _time(said["Start"], local)
    _, end_wall, end_at = _time(said["End"] or said["Start"], local)
    return _Event(
        said["UID"],
        said["Summary"],
        said["Location"],
        Times(start_wall, end_wall, start_at, end_at),
        zone,
        with_dates(said["Rule"], said["Further dates"].split()) if said["Rule"] else "",
        tuple(said["Excepted dates"].split()),
        said["Recurrence-ID"],
        said["Status"] != "CANCELLED",
        _TRANSPARENT not in said["Other properties"].upper().split("\n"),
    )


def _time(cell: str, local: str) -> tuple[str, str, str]:
    """Return zone, wall time and instant of a cell, as ``ical_times.Time.text`` writes it."""
    wall, _, named = cell.removesuffix("]").partition("[")
    zone = named or ("UTC" if wall.endswith("Z") else local)
    wall = wall.removesuffix("Z")
    return zone, wall, to_utc(wall, zone)


def _expanded(
    events: Iterable[_Event], span: Span, deadline: float, troubles: list[str]
) -> Iterator[tuple[_Event, Times]]:
    """Yield the events and instances that touch a span, each with its times; a rule that fails is a trouble."""
    series: list[_Event] = []
    moved: dict[str, list[str]] = {}
    for event in events:
        if event.original:
            moved.setdefault(event.uid, []).append(event.original)
        if event.rule and not event.original:
            series.append(event)
        elif event.is_shown and _touches(event.times, span):
            yield event, event.times
    days = (shifted(span.first, -1), shifted(span.last, 1))  # a day of its zone may be another one here
    for event in filter(lambda one: one.is_shown, series):
        if monotonic() > deadline:
            raise TimeoutError
        left_out = [*event.left_out, *moved.get(event.uid, ())]
        try:
            found = instances(event.times, event.zone, event.rule, days, left_out)
        except ValueError as problem:
            troubles.append(f"{event.title}: {problem}")
            continue
        yield from ((event, one.times) for one in found)


def _touches(times: Times, span: Span) -> bool:
    return times.start_wall[:_DAY] <= shifted(span.last, 1) and last_day(times) >= shifted(span.first, -1)


def _rows(calendar: Foreign, event: _Event, times: Times, span: Span) -> Iterator[Row]:
    for day, start, end in days_of(times, span):
        yield {
            "day": day, "time": start, "until": end, "kind": "foreign", "ref": None, "title": event.title,
            "about": calendar.name, "detail": event.location or None, "amount": None, "currency": None,
            "overdue": False, "earlier": False,
        }  # fmt: skip
