"""What people do with tasks: take them on, get them done, put them off, give them up."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from crmcli.domain.dates import Moment
from crmcli.domain.durations import parse_offset, shift
from crmcli.domain.zones import to_utc, to_wall
from crmcli.errors import Problem, RefusedError, UsageError
from crmcli.services.changes import Changes, given
from crmcli.services.images import Image
from crmcli.services.invariants.links import Link, link_rows
from crmcli.services.invariants.task_series import OVER
from crmcli.services.results import Context, Result
from crmcli.services.steps import change_each
from crmcli.services.writer import Writer, write


def add(context: Context, values: Mapping[str, Any], links: Iterable[Link] = ()) -> Result:
    """Create a task for records; the first of them is the main one."""
    return write(context, lambda writer: writer.create("task", {**values, "links": link_rows(links)}))


def done(
    context: Context, ids: Sequence[int], note: str | None = None, at: str | None = None, *, stop: bool = False
) -> Result:
    """Complete tasks, with a note as their result; ``at`` is the stored instant when. Those done stay as they are.

    The next occurrence of what recurs is opened in the same step, unless the series is to ``stop`` with this one.
    """
    values = {"status": "done"} | given(completed_at=at, result=note) | ({"rrule": None} if stop else {})
    return change_each(context, "task", ids, lambda _, task: [] if task["status"] == "done" else [values])


def cancel(context: Context, ids: Sequence[int], note: str | None = None, *, stop: bool = False) -> Result:
    """Give tasks up, with a note as their result; those given up stay as they are.

    Of what recurs only this occurrence is skipped, unless the series is to ``stop`` with it.
    """
    values = {"status": "cancelled"} | given(result=note) | ({"rrule": None} if stop else {})
    return change_each(context, "task", ids, lambda _, task: [] if task["status"] == "cancelled" else [values])


def reopen(context: Context, ids: Sequence[int]) -> Result:
    """Put tasks that are over back on the list; open ones stay as they are."""
    return change_each(context, "task", ids, lambda _, task: [{"status": "todo"}] if task["status"] in OVER else [])


def snooze(context: Context, ids: Sequence[int], until: Moment | str) -> Result:
    """Put off open tasks until a moment, or by an offset such as ``+3d``.

    An offset counts from the due time, or from now where that has passed or there is none. UsageError for a text that
    is no offset, RefusedError for a task that is over.
    """

    def later(writer: Writer, task: Image) -> Changes:
        if task["status"] in OVER:
            raise RefusedError(
                f"T{task['id']} cannot wait",
                [Problem("status", f"it is {task['status']}")],
                hint="crm task list --where open",
            )
        return [{"due_at": until if isinstance(until, Moment) else _later(task, until, writer)}]

    return change_each(context, "task", ids, later)


def _later(task: Image, offset: str, writer: Writer) -> Moment:
    try:
        has_time = bool(parse_offset(offset).seconds) or (task["due_at"] and not task["due_is_date"])
        zone = task["due_zone"] or writer.zone
        now = to_wall(writer.now, zone)
        since = max(task["due_wall"] or now, now)
        wall = shift(since if has_time else since[:10], offset, zone)
        return Moment(wall, len(wall) == 10, to_utc(wall, zone), zone)
    except ValueError as error:
        raise UsageError(str(error), hint="crm task snooze T9 +3d") from None
