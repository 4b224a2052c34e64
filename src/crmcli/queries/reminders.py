"""Reminders: what newly needs attention, grouped by urgency, each with what was said last with whom it is about.

What there is to be reminded of stands in ``watch``; who is told, and that it was told, is not decided here.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from json import dumps
from typing import NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.conditions.expression import Clause
from crmcli.domain.deliveries import DOUBTFUL
from crmcli.queries.last_contacts import last_contact
from crmcli.queries.occurrences import LINKED, Row, about
from crmcli.queries.records import ListQuery, list_records
from crmcli.queries.watch import URGENCIES, Thing, Watch
from crmcli.queries.watched_events import watched_events
from crmcli.queries.watched_records import (
    watched_deals,
    watched_follow_ups,
    watched_steps,
    watched_tasks,
    watched_tickets,
)

_SOURCES: dict[str, Callable[[sqlite3.Connection, Watch], Iterator[Thing]]] = {
    "task": watched_tasks,
    "event": watched_events,
    "next_step": watched_steps,
    "follow_up": watched_follow_ups,
    "idle": watched_deals,
    "ticket": watched_tickets,
}
_TOLD = (
    "SELECT t.record_id, t.occasion FROM reminder t LEFT JOIN outbox o ON o.id = t.outbox_id"
    " WHERE t.audience = :audience AND t.entity = :entity AND t.record_id IN (SELECT value FROM json_each(:ids))"
    " AND (o.status IS NULL OR o.status NOT IN ('failed', 'blocked', 'cancelled')"
    f" OR o.last_error {DOUBTFUL})"
)
_LEFT = (
    "SELECT 1 FROM reminder t JOIN outbox o ON o.id = t.outbox_id"
    " WHERE t.audience = ? AND (o.status IN ('pending', 'sending')"
    f" OR o.status IN ('failed', 'blocked') AND o.last_error {DOUBTFUL}) LIMIT 1"
)
_HEARD = "SELECT MAX(at) FROM reminder WHERE audience = ?"
_SHOWN = {
    "task": ("subject", "main", *LINKED, "priority"),
    "event": ("title", "main", *LINKED, "location"),
    "deal": ("name", "next_step", "organization", "contact", "stage"),
    "lead": ("name", "next_step", "company_name", "phone"),
    "contact": ("name", "organization", "phone"),
    "organization": ("name", "phone"),
    "ticket": ("subject", "contact", "organization", "priority"),
}


class Audience(NamedTuple):
    """Who is told: under which name it is kept, and whether what was told already is told again.

    ``since`` is a stored instant from which on occasions count, told or not.
    """

    name: str
    again: bool = False
    since: str | None = None


def heard_at(con: sqlite3.Connection, audience: str) -> str | None:
    """Return when an audience was told something last, None if never."""
    found: str | None = con.execute(_HEARD, (audience,)).fetchone()[0]
    return found


def has_undelivered(con: sqlite3.Connection, audience: str) -> bool:
    """Say whether an earlier mail to an audience did not go out."""
    return con.execute(_LEFT, (audience,)).fetchone() is not None


def new_things(con: sqlite3.Connection, watch: Watch, audience: Audience) -> list[Thing]:
    """Return what an audience is to be told now, with the occasions that call for it, the most urgent first."""
    since = audience.since or (None if audience.again else heard_at(con, audience.name))
    watch = watch._replace(since=since)
    things = [thing for kind in watch.settings.kinds for thing in _SOURCES[kind](con, watch) if thing.occasions]
    if audience.since:
        things = [_after(thing, audience.since) for thing in things]
    elif not audience.again:
        things = _untold(con, audience.name, things)
    return sorted((thing for thing in things if thing.occasions), key=_turn)


def present(con: sqlite3.Connection, things: Sequence[Thing]) -> list[Row]:
    """Return things as rows, in their order.

    Keys: ``urgency``, ``kind``, ``ref``, ``uid``, ``title``, ``about`` (the customer), ``day``, ``time`` and ``until``
    (local, as in the agenda), ``detail``, ``last_contact`` (what was noted of it) with ``_at``, ``_kind`` and ``_ref``.
    """
    records: dict[tuple[str, int], Row] = {}
    for entity in dict.fromkeys(thing.entity for thing in things):
        ids = dumps([thing.id for thing in things if thing.entity == entity])
        these = Clause("r.id IN (SELECT value FROM json_each(:ids))", {"ids": ids})
        for record in list_records(con, ENTITIES[entity], ListQuery(these, columns=_SHOWN[entity])).rows:
            records[entity, int(str(record["id"]))] = record
    return [_row(con, thing, records[thing.entity, thing.id]) for thing in things]


def _after(thing: Thing, since: str) -> Thing:
    return thing._replace(occasions={name: at for name, at in thing.occasions.items() if at >= since})


def _untold(con: sqlite3.Connection, audience: str, things: Sequence[Thing]) -> list[Thing]:
    """Return things with the occasions for which they were not told yet; an event that is over, if never told of."""
    told: set[tuple[str, int, str]] = set()
    for entity in dict.fromkeys(thing.entity for thing in things):
        ids = dumps([thing.id for thing in things if thing.entity == entity])
        rows = con.execute(_TOLD, {"audience": audience, "entity": entity, "ids": ids})
        told |= {(entity, record_id, occasion) for record_id, occasion in rows}
    announced = {(entity, record_id, occasion.partition(" ")[0]) for entity, record_id, occasion in told}
    return [
        thing._replace(
            occasions={name: at for name, at in thing.occasions.items() if (thing.entity, thing.id, name) not in told}
        )
        for thing in things
        if not (thing.urgency == "missed" and (thing.entity, thing.id, thing.due) in announced)
    ]


def _turn(thing: Thing) -> tuple[int, str, str, int]:
    return URGENCIES.index(thing.urgency), thing.due, thing.kind, thing.id


def _row(con: sqlite3.Connection, thing: Thing, record: Row) -> Row:
    day, _, time = thing.due.partition("T")
    last = last_contact(con, thing.entity, thing.id)
    return {
        "urgency": thing.urgency, "kind": thing.kind, "ref": record["ref"], "uid": record["uid"],
        **_told(thing, record), "day": day, "time": time or None, "until": _until(thing),
        "last_contact_at": last and last.at, "last_contact_kind": last and last.kind,
        "last_contact_ref": last and last.ref, "last_contact": last and last.note,
    }  # fmt: skip


def _told(thing: Thing, record: Row) -> Row:
    """Return the title of a thing, whom it is about, and the detail that its kind has."""
    if thing.kind == "next_step":
        whom = about({"main": record["name"], "organization": record.get("company_name"), **record})
        return {"title": record["next_step"] or "next step", "about": whom, "detail": thing.detail}
    title = record.get("subject") or record.get("title") or record.get("name")
    detail = thing.detail or record.get("location") or record.get("phone")
    if thing.kind == "task" and record["priority"] in ("high", "urgent"):
        detail = record["priority"]
    return {"title": title, "about": about(record), "detail": detail}


def _until(thing: Thing) -> str | None:
    """Return when an event ends: an hour of its day, or day and hour."""
    if thing.until is None:
        return None
    day, _, time = thing.until.partition("T")
    return time if thing.due.startswith(day) else f"{day} {time}"
