"""The agenda: what happens on local days, put together from events, tasks, deals and people, in the order of time.

Which hours are free belongs to ``domain.openings``; what a person is reminded of, and when, is another matter.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from crmcli import clock
from crmcli.catalogue import ENTITIES
from crmcli.conditions.expression import Clause
from crmcli.domain.zones import local_date, local_day_edges, to_wall
from crmcli.queries.follow_ups import due_follow_ups
from crmcli.queries.occurrences import LINKED, Row, Span, about, days_of, events_between
from crmcli.queries.records import ListQuery, list_records

KINDS = ("event", "task", "next_step", "follow_up", "close", "birthday", "date", "foreign")
_DAY = len("2026-03-20")
_TASK = ("subject", "due_wall", "due_at", "due_is_date", "priority", "is_overdue", "main", *LINKED)
_TASKS = (
    "r.status IN ('todo', 'doing', 'waiting') AND CASE r.due_is_date"
    " WHEN 1 THEN substr(r.due_wall, 1, 10) BETWEEN :from AND :to ELSE r.due_at >= :start AND r.due_at < :end END"
)
_EARLIER = (
    "r.status IN ('todo', 'doing', 'waiting') AND CASE r.due_is_date"
    " WHEN 1 THEN substr(r.due_wall, 1, 10) < :from ELSE r.due_at < :start END"
)
_PEOPLE = ("contact", "organization")
_STEP = "r.next_step_due BETWEEN :from AND :to"
_STEP_SHOWN = ("next_step", "next_step_due")
_OPEN_LEAD = "r.status IN ('new', 'contacting', 'contacted', 'nurturing', 'qualified')"
_YEARLY = "substr({0}, -5) IN (SELECT value FROM json_each(:yearly))"
_DATES = (
    "SELECT d.contact_id, d.label, d.day FROM contact_date d JOIN contact r ON r.id = d.contact_id"
    f" WHERE r.deleted_at IS NULL AND {_YEARLY.format('d.day')}"
)
_LONGEST = 366  # days of a year that every yearly date lies in


def agenda(con: sqlite3.Connection, span: Span, more: Iterable[Row] = ()) -> list[Row]:
    """Return what happens on the days of a span, in the order of time, whole days before hours.

    Rows: ``day`` (local date), ``time`` and ``until`` (local, ``09:00``, None for a whole day), ``kind`` (of
    ``KINDS``), ``ref``, ``title``, ``about`` (the customer), ``detail`` (place, priority, phone, stage or age),
    ``amount`` with its ``currency``, ``overdue`` (it is late now, whichever days are asked for), ``earlier``. What
    lasts several days has a row for each. When today is one of the days, open tasks and follow-ups of days before them
    come first, as ``earlier``. ``more`` are rows from elsewhere.
    """
    found = [*more, *_events(con, span), *_tasks(con, span), *_closes(con, span), *_next_steps(con, span)]
    found += [*_follow_ups(con, span), *_birthdays(con, span), *_dates(con, span)]
    found += _earlier_tasks(con, span) if span.has_today else []
    return sorted(found, key=lambda row: (not row["earlier"], *_turn(row)))


def _events(con: sqlite3.Connection, span: Span) -> Iterator[Row]:
    for row, times in events_between(con, span):
        for day, start, end in days_of(times, span):
            yield _row("event", row, day, row["title"], about(row), row["location"]) | {"time": start, "until": end}


def _tasks(con: sqlite3.Connection, span: Span) -> Iterator[Row]:
    for row in _read(con, "task", _TASKS, _TASK, span):
        yield _task(row, span)


def _earlier_tasks(con: sqlite3.Connection, span: Span) -> Iterator[Row]:
    """Yield the open tasks of days before the span."""
    for row in _read(con, "task", _EARLIER, _TASK, span):
        yield _task(row, span) | {"earlier": True}


def _task(row: Row, span: Span) -> Row:
    wall = str(row["due_wall"]) if row["due_is_date"] else to_wall(str(row["due_at"]), span.zone)
    detail = row["priority"] if row["priority"] in ("high", "urgent") else None
    found = _row("task", row, wall[:_DAY], row["subject"], about(row), detail)
    return found | {"time": wall[_DAY + 1 :][:5] or None, "overdue": row["is_overdue"]}


def _closes(con: sqlite3.Connection, span: Span) -> Iterator[Row]:
    where = "r.outcome = 'open' AND r.expected_close BETWEEN :from AND :to"
    for row in _read(con, "deal", where, ("name", "expected_close", "amount", "stage", *_PEOPLE), span):
        found = _row("close", row, row["expected_close"], row["name"], about(row), row["stage"])
        yield found | {"overdue": _is_past(found, span)}


def _next_steps(con: sqlite3.Connection, span: Span) -> Iterator[Row]:
    deals = _read(con, "deal", f"r.outcome = 'open' AND {_STEP}", ("name", *_STEP_SHOWN, *_PEOPLE), span)
    leads = _read(con, "lead", f"{_OPEN_LEAD} AND {_STEP}", ("name", *_STEP_SHOWN, "company_name"), span)
    behind = [*((row, about(row)) for row in deals), *((row, row["company_name"]) for row in leads)]
    for row, company in behind:
        found = _row("next_step", row, row["next_step_due"], row["next_step"] or "next step", row["name"], company)
        yield found | {"overdue": _is_past(found, span)}


def _follow_ups(con: sqlite3.Connection, span: Span) -> Iterator[Row]:
    """Yield who is to be contacted in a span; when today is in it, also who was to be contacted before it."""
    first = "" if span.has_today else span.first
    for row in due_follow_ups(con, span.last, span.zone, span.user, first):
        found = _row("follow_up", row, row["due"], row["name"], row["about"], row["phone"])
        yield found | {"overdue": _is_past(found, span), "earlier": str(row["due"]) < span.first}


def _is_past(row: Row, span: Span) -> bool:
    """Say whether the day of a row is over."""
    return str(row["day"]) < local_date(clock.now_text(), span.zone)


def _birthdays(con: sqlite3.Connection, span: Span) -> Iterator[Row]:
    for row in _read(con, "contact", _YEARLY.format("r.birthdate"), ("name", "birthdate", "organization"), span):
        for day in _yearly(str(row["birthdate"]), span):
            year = str(row["birthdate"])[:4]
            age = f"{int(day[:4]) - int(year)}" if year.isdigit() else None
            yield _row("birthday", row, day, row["name"], row["organization"], age)


def _dates(con: sqlite3.Connection, span: Span) -> Iterator[Row]:
    """Yield the days to remember of contacts, such as an anniversary."""
    remembered: dict[int, list[tuple[str, str]]] = {}
    for contact_id, label, day in con.execute(_DATES, _parameters(span)):
        remembered.setdefault(contact_id, []).append((label, day))
    where = "r.id IN (SELECT value FROM json_each(:ids))"
    for row in _read(con, "contact", where, ("name", "organization"), span, ids=[*remembered]):
        for label, first in remembered[int(str(row["id"]))]:
            for day in _yearly(first, span):
                yield _row("date", row, day, f"{label}: {row['name']}", row["organization"], None)


def _read(
    con: sqlite3.Connection, entity: str, where: str, columns: tuple[str, ...], span: Span, **more: object
) -> list[Row]:
    """Return the records of a kind that a condition on the days of a span fits."""
    if span.user is not None:
        where += f" AND r.{'assignee_id' if entity == 'task' else 'owner_id'} = :user"
    query = ListQuery(Clause(where, _parameters(span, **more)), columns=columns)
    return list(list_records(con, ENTITIES[entity], query).rows)


def _parameters(span: Span, **more: object) -> dict[str, Any]:
    from json import dumps

    start, end = local_day_edges(span.first, span.zone)[0], local_day_edges(span.last, span.zone)[1]
    found = {"from": span.first, "to": span.last, "start": start, "end": end, "user": span.user or 0}
    return found | {"yearly": dumps(_days_of_year(span))} | {key: dumps(value) for key, value in more.items()}


def _days_of_year(span: Span) -> list[str]:
    """Return the days of the year in a span as ``03-20``; the 29th of February is kept on the 28th in other years."""
    first, last = date.fromisoformat(span.first), date.fromisoformat(span.last)
    days = [first + timedelta(count) for count in range(min((last - first).days + 1, _LONGEST))]
    found = {day.isoformat()[5:] for day in days}
    return sorted(found | {"02-29"} if "02-28" in found else found)


def _yearly(remembered: str, span: Span) -> Iterator[str]:
    """Yield the days of a span on which a day of the year falls, not before the year in which it began."""
    month_day, born = remembered[-5:], remembered[:4]
    for year in range(int(span.first[:4]), int(span.last[:4]) + 1):
        try:
            day = date.fromisoformat(f"{year}-{month_day}").isoformat()
        except ValueError:
            day = f"{year}-02-28"
        if span.first <= day <= span.last and not (born.isdigit() and year < int(born)):
            yield day


def _row(kind: str, row: Mapping[str, object], day: object, title: object, about: object, detail: object) -> Row:
    return {
        "day": day, "time": None, "until": None, "kind": kind, "ref": row["ref"], "title": title, "about": about,
        "detail": detail, "amount": row.get("amount"), "currency": row.get("currency"), "overdue": False,
        "earlier": False,
    }  # fmt: skip


def _turn(row: Row) -> tuple[Any, ...]:
    return row["day"], row["time"] or "", KINDS.index(str(row["kind"])), str(row["title"]), str(row["ref"])
