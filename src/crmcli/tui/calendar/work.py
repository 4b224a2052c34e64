"""What the calendar does to records: plan them, take them to other days, call them off. Each call blocks.

Every one is one undoable step, and the same as a command's. Of an event that recurs a ``scope`` says whether this
occurrence is meant, it and the later ones, or all.
"""

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any, Literal

from crmcli.domain.dates import Moment
from crmcli.domain.durations import shift
from crmcli.domain.zones import to_utc, to_wall
from crmcli.errors import RefusedError
from crmcli.tui.desk import Desk, Record, Written
from crmcli.tui.records import Draft, draft_of, edit_values, row_of, typed

Scope = Literal["this", "following", "all"]
_DAYS = {  # the field that puts a row of the agenda on its day, by the kind of row
    "close": "expected_close", "next_step": "next_step_due", "follow_up": "next_contact_on",
}  # fmt: skip
_DAY = len("2026-03-20")


def plan(desk: Desk, entity: str, texts: Mapping[str, str]) -> Written:
    """Create an event or a task from the texts of its form; ``with`` names a record it is for."""
    from crmcli.services import events, tasks

    given = {key: text for key, text in texts.items() if key != "with" and text.strip()}
    values = typed(desk, entity, given)
    links = [_named(desk, texts["with"])] if texts.get("with", "").strip() else []
    add = events.add if entity == "event" else tasks.add
    return desk.write(f"crm {entity} add …", lambda context: [add(context, values, links)])


def recurs(desk: Desk, record: Record) -> bool:
    """Say whether a record is an event that recurs, or an occurrence of one that was changed."""
    if record.entity != "event":
        return False
    row = row_of(desk, record, ("rrule", "recurrence_id"))
    return bool(row["rrule"] or row["recurrence_id"])


def move(desk: Desk, row: Mapping[str, Any], record: Record, days: int, scope: Scope | None) -> Written:
    """Take a row of the agenda so many days on; RefusedError for one whose day cannot be chosen."""
    kind = str(row["kind"])
    if record.entity == "event":
        return _move_event(desk, row, record, days, scope)
    if kind == "task":
        task = row_of(desk, record, ("due_wall", "due_zone"))
        return edit_values(desk, [record], {"due_at": _moved(str(task["due_wall"]), task["due_zone"], days, desk)})
    if kind not in _DAYS:
        raise RefusedError(f"a {kind} stays on its day", code="calendar.fixed")
    return edit_values(desk, [record], {_DAYS[kind]: shift(str(row["day"]), f"{days:+}d")})


def draft_of_some(desk: Desk, row: Mapping[str, Any], record: Record, scope: Scope) -> Draft:
    """Return what the form of some occurrences begins with: this one's day, unless all are meant."""
    draft = draft_of(desk, record)
    texts = dict(draft.texts)
    if scope != "all" and texts["start_at"]:
        days = (date.fromisoformat(str(row["day"])) - date.fromisoformat(texts["start_at"][:_DAY])).days
        for key in ("start_at", "end_at"):
            day, time = texts[key][:_DAY], texts[key][_DAY:]
            texts[key] = shift(day, f"{days:+}d") + time if day else ""
    return Draft(record, draft.version, texts, partial(_edit_some, desk, row, record, scope))


def _edit_some(desk: Desk, row: Mapping[str, Any], record: Record, scope: Scope, texts: Mapping[str, str]) -> Written:
    from crmcli.services import event_series

    values, on = typed(desk, "event", texts), _place(desk, row)
    command = f"crm event edit {record.ref}{_said(row, scope)}"
    return desk.write(command, lambda context: [event_series.edit(context, record.id, on, scope, values)])


def call_off(desk: Desk, row: Mapping[str, Any], record: Record, scope: Scope | None) -> Written:
    """Call an event off, or cancel a task."""
    from crmcli.services import event_series, events, tasks

    if record.entity == "task":
        return desk.write(f"crm task cancel {record.ref}", lambda context: [tasks.cancel(context, [record.id])])
    if record.entity != "event":
        raise RefusedError("only events and tasks are called off", code="calendar.fixed")
    command = f"crm event cancel {record.ref}{_said(row, scope)}"
    if scope is None:
        return desk.write(command, lambda context: [events.cancel(context, [record.id])])
    on = _place(desk, row)
    return desk.write(command, lambda context: [event_series.cancel(context, record.id, on, scope)])


def _move_event(desk: Desk, row: Mapping[str, Any], record: Record, days: int, scope: Scope | None) -> Written:
    from crmcli.services import event_series

    event, on = row_of(desk, record, ("start_wall", "zone")), _place(desk, row)
    start, zone = str(event["start_wall"]), str(event["zone"])
    if scope in ("this", "following"):
        start = on.wall if on.is_date else to_wall(on.utc, zone)
    values = {"start_at": _moved(start, zone, days, desk)}
    if scope is None:
        return edit_values(desk, [record], values)
    command = f"crm event edit {record.ref}{_said(row, scope)}"
    return desk.write(command, lambda context: [event_series.edit(context, record.id, on, scope, values)])


def _said(row: Mapping[str, Any], scope: Scope | None) -> str:
    """Return how a command line says which occurrences are meant."""
    return f" --on {row['day']} --{scope}" if scope else ""


def _place(desk: Desk, row: Mapping[str, Any]) -> Moment:
    """Return when the occurrence takes place that a row of the agenda shows."""
    zone = desk.settings.timezone
    wall = f"{row['day']}T{row['time']}" if row["time"] else str(row["day"])
    return Moment(wall, not row["time"], to_utc(wall, zone), zone)


def _moved(wall: str, zone: object, days: int, desk: Desk) -> Moment:
    where = str(zone or desk.settings.timezone)
    there = shift(wall, f"{days:+}d", where)
    return Moment(there, len(there) == _DAY, to_utc(there, where), where)


def _named(desk: Desk, text: str) -> Record:
    from crmcli.queries.references import find_reference

    found = desk.read(lambda con: find_reference(con, None, text, country=desk.settings.country))
    return Record(found.entity, found.id)
