"""Records to be reminded of: tasks, next steps, people to follow up, deals that stand still, tickets that run late."""

import sqlite3
from collections.abc import Iterator
from datetime import date
from json import loads

from crmcli import clock
from crmcli.catalogue import ENTITIES
from crmcli.domain.plurals import counted
from crmcli.domain.zones import local_date, local_day_edges, to_wall
from crmcli.queries.follow_ups import due_follow_ups
from crmcli.queries.occurrences import shifted
from crmcli.queries.watch import Thing, Watch, before, due

_DAY = len("2026-03-20")
_MINUTE = len("2026-03-20T09:00")
_TASKS = (
    "SELECT r.id, r.due_wall, r.due_zone, r.due_at, r.due_is_date, r.reminders FROM task r"
    " WHERE r.deleted_at IS NULL AND r.status IN ('todo', 'doing', 'waiting') AND r.due_at IS NOT NULL"
    " AND (r.due_at < :end OR r.reminders IS NOT NULL) AND (r.start_on IS NULL OR r.start_on <= :today)"
)
_DAYS = "SELECT r.id, r.{day} FROM {entity} r WHERE r.deleted_at IS NULL AND {open} AND r.{day} <= ?"
_STEPS = {
    "deal": "r.outcome = 'open'",
    "lead": "r.status IN ('new', 'contacting', 'contacted', 'nurturing', 'qualified')",
}
_IDLE = (
    "SELECT id, since, days FROM (SELECT r.id, COALESCE(s.rotting_days, p.rotting_days) AS days,"
    f" MAX(r.stage_entered_at, COALESCE({ENTITIES['deal'].fields['last_activity_at'].sql}, '')) AS since"
    " FROM deal r JOIN stage s ON s.id = r.stage_id JOIN pipeline p ON p.id = r.pipeline_id"
    " WHERE r.deleted_at IS NULL AND r.outcome = 'open'"
    " AND crm_day(crm_now()) - crm_day(r.stage_entered_at) > COALESCE(s.rotting_days, p.rotting_days){owned})"
    " WHERE crm_day(crm_now()) - crm_day(since) > days"
)


def watched_tasks(con: sqlite3.Connection, watch: Watch) -> Iterator[Thing]:
    """Yield the open tasks: from the morning of their day, when they are late, and by reminders of their own."""
    now, today = clock.now_text(), watch.today
    asked = {"end": local_day_edges(today, watch.zone)[1], "today": today}
    for record_id, wall, zone, due_at, is_date, own in con.execute(_TASKS + watch.owned("assignee_id"), asked):
        when = wall[:_DAY] if is_date else to_wall(due_at, watch.zone)[:_MINUTE]
        late_at = watch.begin_of(shifted(when, 1)) if is_date else due_at
        occasions = {f"{when} due": min(watch.begin_of(when[:_DAY]), late_at), f"{when} late": late_at}
        occasions |= before(loads(own or "[]"), wall, zone or watch.zone, when)
        is_late = when < today if is_date else due_at < now
        urgency = "overdue" if is_late else "today" if when[:_DAY] <= today else "ahead"
        yield Thing("task", "task", record_id, when, urgency, due(occasions))


def watched_steps(con: sqlite3.Connection, watch: Watch) -> Iterator[Thing]:
    """Yield the open deals and leads whose next step is due."""
    for entity, is_open in _STEPS.items():
        yield from _on_days(con, watch, "next_step", entity, "next_step_due", is_open)


def _on_days(
    con: sqlite3.Connection, watch: Watch, kind: str, entity: str, column: str, is_open: str
) -> Iterator[Thing]:
    sql = _DAYS.format(entity=entity, day=column, open=is_open) + watch.owned("owner_id")
    for record_id, day in con.execute(sql, (watch.today,)):
        yield _of_day(watch, kind, entity, record_id, day)


def _of_day(watch: Watch, kind: str, entity: str, record_id: int, day: str) -> Thing:
    urgency = "overdue" if day < watch.today else "today"
    return Thing(kind, entity, record_id, day, urgency, due({f"{day} {kind}": watch.begin_of(day)}))


def watched_follow_ups(con: sqlite3.Connection, watch: Watch) -> Iterator[Thing]:
    """Yield whose next contact is due."""
    for row in due_follow_ups(con, watch.today, watch.zone, watch.user):
        yield _of_day(watch, "follow_up", str(row["entity"]), int(str(row["id"])), str(row["due"]))


def watched_deals(con: sqlite3.Connection, watch: Watch) -> Iterator[Thing]:
    """Yield the open deals that have stood in their stage, without an interaction, longer than the stage allows."""
    for record_id, since, limit in con.execute(_IDLE.format(owned=watch.owned("owner_id"))):
        day = local_date(since, watch.zone)
        idle = (date.fromisoformat(watch.today) - date.fromisoformat(day)).days
        since_when = watch.begin_of(shifted(day, limit + 1))
        detail = f"nothing for {counted(idle, 'day')}, limit {limit}"
        yield Thing("idle", "deal", record_id, day, "idle", due({f"{since} idle": since_when}), None, detail)


def watched_tickets(con: sqlite3.Connection, watch: Watch) -> Iterator[Thing]:
    """Yield the tickets whose service level is at risk or broken; none where no business hours are kept."""
    if watch.calendar is None:
        return
    from crmcli.queries.service_clocks import RUNNING, STORED, milestones

    cursor = con.cursor()
    cursor.row_factory = sqlite3.Row
    sql = f"SELECT {STORED} FROM ticket r WHERE r.deleted_at IS NULL AND {RUNNING}{watch.owned('assignee_id')}"
    for ticket in cursor.execute(sql):
        reached = [one for one in milestones(ticket, watch.calendar, watch.levels) if one.at <= clock.now_text()]
        if reached:
            worst = max(reached, key=lambda one: (one.state == "breached", one.at))
            clock_name = worst.name.partition(" ")[0]
            is_broken = worst.state == "breached"
            when = to_wall(worst.at, watch.zone)[:_MINUTE]
            yield Thing(
                "ticket", "ticket", ticket["id"], when, "overdue" if is_broken else "today",
                {one.name: one.at for one in reached}, None, f"{clock_name} {'late' if is_broken else 'at risk'}",
            )  # fmt: skip
