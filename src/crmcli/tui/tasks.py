"""What screens of work do to what is to be done: get it done, put it off. Each call blocks and is one step.

``kind`` is what a record stands for in a list, such as those of the agenda: a deal may be there for its next step.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from crmcli.errors import RefusedError
from crmcli.tui.desk import Desk, Record, Written
from crmcli.tui.records import edit_values, typed

if TYPE_CHECKING:
    from crmcli.services.results import Context, Result

_STEPPED = ("next_step", "idle")  # put off by the day of the next step
_FOLLOWED = ("follow_up", "lead")  # put off by the day of the next contact
_DAYS = {**dict.fromkeys(_STEPPED, "next_step_due"), **dict.fromkeys(_FOLLOWED, "next_contact_on")}


def done(desk: Desk, record: Record, kind: str = "") -> Written:
    """Complete a task, say of an event that it took place, or take a next step off its record."""
    from crmcli.services import events, tasks

    if record.entity == "task":
        return desk.write(f"crm task done {record.ref}", lambda context: [tasks.done(context, [record.id])])
    if kind == "next_step":
        return edit_values(desk, [record], {"next_step": None, "next_step_due": None})
    if record.entity != "event":
        raise RefusedError("only tasks, events and next steps are done", code="work.fixed")
    command = f"crm event edit {record.ref} --set status=held"
    return desk.write(command, lambda context: [events.hold(context, [record.id])])


def snooze(desk: Desk, record: Record, until: str, kind: str = "") -> Written:
    """Put a task off until a moment, or by an offset such as ``+1d``; a next step or a next contact until a day."""
    if not until.strip():
        raise RefusedError("it must be said until when", code="work.until")
    if record.entity == "task":
        return desk.write(f"crm task snooze {record.ref} {until}", _put_off(desk, record, until))
    if kind not in _DAYS:
        raise RefusedError("this cannot be put off", code="work.fixed")
    values = typed(desk, record.entity, {_DAYS[kind]: until})
    if kind in _STEPPED:
        return edit_values(desk, [record], values)
    from crmcli.services import follow_ups

    day = str(values["next_contact_on"])
    command = f"crm snooze {record.ref} --until {day}"
    return desk.write(command, lambda context: [follow_ups.snooze(context, {record.entity: [record.id]}, day)])


def _put_off(desk: Desk, record: Record, until: str) -> "Callable[[Context], Sequence[Result]]":
    from crmcli.services import tasks

    when = until if until.startswith("+") else typed(desk, "task", {"due_at": until})["due_at"]
    return lambda context: [tasks.snooze(context, [record.id], when)]
