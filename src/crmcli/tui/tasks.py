"""What screens of work do to tasks and events: get them done, put them off. Each call blocks and is one step."""

from crmcli.errors import RefusedError
from crmcli.tui.desk import Desk, Record, Written
from crmcli.tui.records import typed


def done(desk: Desk, record: Record) -> Written:
    """Complete a task, or say of an event that it took place."""
    from crmcli.services import events, tasks

    if record.entity == "task":
        return desk.write(f"crm task done {record.ref}", lambda context: [tasks.done(context, [record.id])])
    if record.entity != "event":
        raise RefusedError("only tasks and events are done", code="calendar.fixed")
    command = f"crm event edit {record.ref} --set status=held"
    return desk.write(command, lambda context: [events.hold(context, [record.id])])


def snooze(desk: Desk, record: Record, until: str) -> Written:
    """Put a task off until a moment, or by an offset such as ``+1d``."""
    from crmcli.services import tasks

    if record.entity != "task":
        raise RefusedError("only tasks are put off", code="calendar.fixed")
    when = until if until.startswith("+") else typed(desk, "task", {"due_at": until})["due_at"]
    command = f"crm task snooze {record.ref} {until}"
    return desk.write(command, lambda context: [tasks.snooze(context, [record.id], when)])
