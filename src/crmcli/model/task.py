"""Task: something to do by a day or an hour, for any number of records."""

from typing import ClassVar

from sqlalchemy import CheckConstraint, Index, column

from crmcli.model.columns import boolean, date, enum, instant, integer, json, ref, text
from crmcli.model.fragments import LINKS, REFERENCES, TAGS, linked_records
from crmcli.model.record import COUNTED, Derived, Described, Input, Owned, stored

_OPEN = "r.status IN ('todo', 'doing', 'waiting')"
_OVERDUE = (
    f"CASE WHEN {_OPEN} AND r.due_at IS NOT NULL AND"
    " CASE r.due_is_date WHEN 1 THEN substr(r.due_wall, 1, 10) < crm_today() ELSE r.due_at < crm_now() END"
    " THEN 1 ELSE 0 END"
)


class TaskBase(Input):
    """What a task is made of.

    ``due_wall`` with ``due_zone`` is what was meant; ``due_at`` is its instant, the local midnight for a day.
    """

    about: ClassVar[Described] = Described(
        "task", "task", "T", "Task", "tasks", "r.subject",
        ("ref", "subject", "due_at", "priority", "status", "main", "assignee"),
        (
            Derived("is_open", "bool", "Open", f"CASE WHEN {_OPEN} THEN 1 ELSE 0 END", aliases=("open",)),
            Derived("is_overdue", "bool", "Overdue", _OVERDUE, aliases=("overdue",)),
            *linked_records("task"),
        ),
        (TAGS, LINKS, REFERENCES),
    )  # fmt: skip

    subject: str = text("Subject", required=True)
    status: str = enum("Status", "task_status", default="todo", index=True, tracked=True, option=True)
    priority: str = enum("Priority", "priority", default="normal", option=True)
    start_on: str | None = date("Start", option=True)
    due_at: str | None = instant(
        "Due",
        index=True,
        option=True,
        shown="CASE r.due_is_date WHEN 1 THEN substr(r.due_wall, 1, 10) ELSE r.due_at END",
    )
    due_is_date: int = boolean("Due is a day", writable=False)
    due_wall: str | None = text("Due, local", writable=False)
    due_zone: str | None = text("Due, zone", writable=False)
    assignee_id: int | None = ref("Assignee", "user", "app_user", option=True)
    completed_at: str | None = instant("Completed", index=True, writable=False)
    result: str | None = text("Result", long=True)
    reminders: str | None = json("Reminders")
    rrule: str | None = text("Recurrence", option=True, aliases=("every",))
    recur_mode: str | None = enum("Recurrence mode", "recur_mode", option=True)
    series_uid: str | None = text("Series", writable=False)
    occurrence_key: str | None = text("Occurrence", writable=False)
    missed_count: int = integer("Missed", default=0, writable=False)
    estimate_minutes: int | None = integer("Estimate, minutes")
    spent_minutes: int | None = integer("Spent, minutes")
    created_by_rule: str | None = text("Created by rule", writable=False)
    description: str | None = text("Description", long=True, option=True)


@stored
class Task(TaskBase, Owned, table=True):
    """The stored task."""

    __tablename__ = "task"
    __table_args__ = (
        CheckConstraint("(status = 'done') = (completed_at IS NOT NULL)", name="completion"),
        Index(
            "ux_task_series",
            "series_uid",
            "occurrence_key",
            unique=True,
            sqlite_where=column("series_uid").is_not(None),
        ),
        COUNTED,
    )
