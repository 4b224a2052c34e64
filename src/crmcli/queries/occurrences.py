"""Events on local days: those of one time and the instances of those that recur, each with its times.

What else a day holds belongs to ``agenda``.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from crmcli import clock
from crmcli.catalogue import ENTITIES
from crmcli.conditions.expression import Clause
from crmcli.domain.plurals import counted
from crmcli.domain.recurrence import with_dates
from crmcli.domain.series import Times, instances, key_in, last_day, upcoming
from crmcli.domain.zones import local_date, local_day_edges, to_utc, to_wall
from crmcli.queries.records import ListQuery, list_records

Row = dict[str, object]
_DAY = len("2026-03-20")
LINKED = ("contact", "organization", "contact.organization")  # columns that tell the customer of an activity
_SHOWN = ("title", "start_wall", "end_wall", "start_at", "end_at", "zone", "all_day", "location", "main", *LINKED)
_SERIES = (*_SHOWN, "rrule", "exdates", "rdates", "ical_uid")
_SINGLE = (
    "r.status <> 'cancelled' AND r.rrule IS NULL AND r.start_at < :end"
    " AND CASE r.all_day WHEN 1 THEN r.end_at >= :start ELSE r.end_at > :start OR r.start_at >= :start END"
)
_RECURRING = "r.status <> 'cancelled' AND r.rrule IS NOT NULL AND r.recurrence_id IS NULL AND r.start_at < :end"
_MOVED = (
    "SELECT ical_uid, recurrence_id, zone FROM event WHERE recurrence_id IS NOT NULL AND deleted_at IS NULL"
    " AND ical_uid IN (SELECT r.ical_uid FROM event r WHERE r.rrule IS NOT NULL AND r.deleted_at IS NULL)"
)
_COMES = (
    " AND (r.organiser_id = :user OR EXISTS (SELECT 1 FROM attendee a WHERE a.event_id = r.id"
    " AND a.entity = 'user' AND a.record_id = :user))"
)


class Span(NamedTuple):
    """Local days from one to another, both included, in a zone (IANA); of one user (id), or of everybody."""

    first: str
    last: str
    zone: str
    user: int | None = None

    @property
    def has_today(self) -> bool:
        """Whether today is one of the days."""
        return self.first <= local_date(clock.now_text(), self.zone) <= self.last


def events_between(con: sqlite3.Connection, span: Span) -> list[tuple[Row, Times]]:
    """Return the events of a span that are not called off, recurring ones expanded, each with its times."""
    found = [(row, _times(row)) for row in _read(con, _SINGLE, _SHOWN, span)]
    moved: dict[object, list[tuple[str, str]]] = {}
    for uid, key, zone in con.execute(_MOVED):
        moved.setdefault(uid, []).append((key, zone))
    for row in _read(con, _RECURRING, _SERIES, span):
        found += [(row, times) for times in _expanded(row, span, moved.get(row["ical_uid"], []))]
    return found


def _expanded(row: Row, span: Span, moved: list[tuple[str, str]]) -> list[Times]:
    """Return the times of the instances of a series; of one whose rule cannot be read, those of the first."""
    days = (shifted(span.first, -1), shifted(span.last, 1))  # a day of the event's zone may be another one here
    zone = str(row["zone"])
    left_out = [*_dates(row, "exdates"), *(key_in(key, meant, zone) for key, meant in moved)]
    try:
        return [one.times for one in instances(_times(row), zone, _recurrence(row), days, left_out)]
    except ValueError:
        return [_times(row)]


def _recurrence(event: Mapping[str, object]) -> str:
    """Return the rule of a presented event with its further dates."""
    return with_dates(str(event["rrule"]), _dates(event, "rdates"))


def _dates(event: Mapping[str, object], key: str) -> list[str]:
    found = event[key]
    return [*map(str, found)] if isinstance(found, list) else []


def next_times(entity: str, record: Mapping[str, object], count: int = 5) -> list[Times]:
    """Return the times of the first occurrences of a presented event or task; none where it does not recur.

    Of a task the first is when it is due, the others are those its schedule would give it.
    """
    rule = record.get("rrule")
    if entity not in ("task", "event") or not isinstance(rule, str):
        return []
    if entity == "event":
        zone, left_out = str(record["zone"]), _dates(record, "exdates")
        return [one.times for one in upcoming(_times(record), zone, _recurrence(record), "", count, left_out)]
    due, zone = _due(record), str(record["due_zone"])
    key = str(record["occurrence_key"] or due.start_wall)
    later = upcoming(Times(key, key, due.start_at, due.end_at), zone, rule, key, count)
    return [due, *(one.times for one in later if one.key > key)][:count] if record["due_wall"] else []


def in_words(entity: str, record: Mapping[str, object]) -> str:
    """Return the recurrence of a presented event or task: ``every 2 weeks on Tuesday``; empty for what has none."""
    rule = record.get("rrule")
    if entity not in ("task", "event") or not isinstance(rule, str):
        return ""
    from crmcli.domain.every_told import told

    first = record["start_wall"] if entity == "event" else record["occurrence_key"] or record["due_wall"]
    zone = record["zone"] if entity == "event" else record["due_zone"]
    words = told(rule, str(first), str(zone)) if first else rule
    more = len(_dates(record, "rdates")) if entity == "event" else 0
    return f"{words}, and on {counted(more, 'further date')}" if more else words


def _due(task: Mapping[str, object]) -> Times:
    wall, at = str(task["due_wall"]), str(task["due_at"])
    return Times(wall, wall, at, at)


def days_of(times: Times, span: Span) -> Iterator[tuple[str, str | None, str | None]]:
    """Yield the days of the span that something lies on, with when it begins and ends there; None at the edges."""
    if len(times.start_wall) == _DAY:
        first, last, start, end = times.start_wall, times.end_wall, None, None
    else:
        here = Times(to_wall(times.start_at, span.zone), to_wall(times.end_at, span.zone), times.start_at, times.end_at)
        first, last = here.start_wall[:_DAY], max(last_day(here), here.start_wall[:_DAY])
        start, end = here.start_wall[_DAY + 1 :][:5], here.end_wall[_DAY + 1 :][:5]
    day = max(first, span.first)
    while day <= min(last, span.last):
        yield day, start if day == first else None, end if day == last else None
        day = shifted(day, 1)


def about(row: Row) -> str | None:
    """Return whom something is about: the main record with its ref, and the person and organization behind it."""
    names = [str(row[key]) for key in ("main", *LINKED) if row.get(key)]
    told = [name for place, name in enumerate(names) if not any(one.endswith(name) for one in names[:place])]
    return " · ".join(told) or None


def shifted(day: str, days: int) -> str:
    """Return a local day moved by a count of days."""
    return (date.fromisoformat(day) + timedelta(days)).isoformat()


def _read(con: sqlite3.Connection, where: str, columns: tuple[str, ...], span: Span) -> list[Row]:
    start, end = local_day_edges(span.first, span.zone)[0], local_day_edges(span.last, span.zone)[1]
    where += _COMES if span.user is not None else ""
    query = ListQuery(Clause(where, {"start": start, "end": end, "user": span.user or 0}), columns=columns)
    return list(list_records(con, ENTITIES["event"], query).rows)


def _times(row: Mapping[str, object]) -> Times:
    """Return the times of an event; the instants of whole days are their midnights."""
    start, end, zone = str(row["start_wall"]), str(row["end_wall"]), str(row["zone"])
    if row["all_day"]:
        return Times(start, end, to_utc(start, zone), to_utc(end, zone))
    return Times(start, end, str(row["start_at"]), str(row["end_at"]))
