"""Which records rules by time are due on: one query for each rule, then the exact reckoning for what it found."""

import sqlite3
from collections.abc import Iterator, Sequence
from json import dumps
from typing import Any, NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.conditions.expression import Clause, value
from crmcli.config.service_levels import Level
from crmcli.domain.calendar import BusinessCalendar
from crmcli.domain.cron import Cron, last_time
from crmcli.queries.service_clocks import RUNNING, STORED, milestones
from crmcli.rules.events import SLA, TIME
from crmcli.rules.ruleset import ReadyRule
from crmcli.rules.schedules import Schedule, anchors_between, due_at

_EVERYTHING = Clause("TRUE", {})


class DueRecord(NamedTuple):
    """A record on which a rule is due: by which event, at which stored instant, and what it is due once for."""

    rule: ReadyRule
    id: int
    event: str
    due: str
    anchor: str


class Window(NamedTuple):
    """From when (excluded) to when (included) something falls due, and what working time and services are."""

    after: str
    upto: str
    calendar: BusinessCalendar | None = None
    levels: Sequence[Level] = ()


def due_records(con: sqlite3.Connection, ready: ReadyRule, window: Window) -> list[DueRecord]:
    """Return the live records that meet the condition of a rule and on which it fell due in a window, by id."""
    if TIME not in ready.rule.events:
        return list(_by_clocks(con, ready, window))
    schedule = ready.schedule
    if schedule is None:
        return []
    if schedule.cron is not None:
        return list(_by_cron(con, ready, schedule.cron, schedule.zone, window))
    return list(_by_anchor(con, ready, schedule, window))


def anchor_of(con: sqlite3.Connection, ready: ReadyRule, record_id: int) -> str:
    """Return the stored value of the anchor of a rule on a record; empty where there is none."""
    if ready.schedule is None or ready.schedule.anchor is None:
        return ""
    anchor = ready.schedule.anchor
    found = _rows(con, ready, value(anchor.hops, anchor.field.sql), "r.id = :id", {"id": record_id}, _EVERYTHING)
    return next((row[0] for row in found if row[0]), "")


def matching(con: sqlite3.Connection, ready: ReadyRule, ids: Sequence[int]) -> set[int]:
    """Return those of some records that meet the condition of a rule and are live."""
    asked = {"ids": dumps(list(ids))}
    return {row[0] for row in _rows(con, ready, "r.id", "r.id IN (SELECT value FROM json_each(:ids))", asked)}


def _by_cron(con: sqlite3.Connection, ready: ReadyRule, cron: Cron, zone: str, window: Window) -> Iterator[DueRecord]:
    due = last_time(cron, window.after, window.upto, zone)
    if due is not None:
        for (record_id,) in _rows(con, ready, "r.id"):
            yield DueRecord(ready, record_id, TIME, due, due)


def _by_anchor(con: sqlite3.Connection, ready: ReadyRule, schedule: Schedule, window: Window) -> Iterator[DueRecord]:
    if schedule.anchor is None:
        return
    anchor = value(schedule.anchor.hops, schedule.anchor.field.sql)
    first, last = anchors_between(schedule, window.after, window.upto, window.calendar)
    if schedule.anchor.field.type == "date":
        first, last = first[:10], last[:10]
    bounds = {"first": first, "last": last}
    for record_id, stored in _rows(con, ready, f"r.id, {anchor}", f"{anchor} BETWEEN :first AND :last", bounds):
        due = due_at(schedule, stored, window.calendar)
        if window.after < due <= window.upto:
            yield DueRecord(ready, record_id, TIME, due, stored)


def _by_clocks(con: sqlite3.Connection, ready: ReadyRule, window: Window) -> Iterator[DueRecord]:
    """Yield the tickets whose service level came to be at risk, or was breached."""
    if window.calendar is None:
        return
    wanted = {SLA[event]: event for event in ready.rule.events if event in SLA}
    rows = _rows(con, ready, STORED, RUNNING)
    for row in rows:
        for milestone in milestones(row, window.calendar, window.levels):
            if milestone.state in wanted and window.after < milestone.at <= window.upto:
                yield DueRecord(ready, row["id"], wanted[milestone.state], milestone.at, milestone.name)


def _rows(
    con: sqlite3.Connection,
    ready: ReadyRule,
    columns: str,
    where: str = "TRUE",
    parameters: dict[str, Any] | None = None,
    clause: Clause | None = None,
) -> Iterator[Any]:
    entity = ENTITIES[ready.rule.entity]
    condition = clause or (ready.when.clause() if ready.when else _EVERYTHING)
    live = f"SELECT {columns} FROM {entity.table} r WHERE r.deleted_at IS NULL"
    sql = f"{live} AND {where} AND {condition.sql} ORDER BY r.id"
    cursor = con.cursor()
    cursor.row_factory = sqlite3.Row
    return iter(cursor.execute(sql, {**condition.parameters, **(parameters or {})}))
