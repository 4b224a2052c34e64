"""What people do with events: plan them, call them off, say whether they took place."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from crmcli.services.invariants.links import Link, link_rows
from crmcli.services.results import Context, Result
from crmcli.services.steps import change_each
from crmcli.services.writer import write


def add(
    context: Context, values: Mapping[str, Any], links: Iterable[Link] = (), attendees: Iterable[Link] = ()
) -> Result:
    """Create an event for records, the first of them the main one, with users, contacts and leads who come."""
    everything = {**values, "links": link_rows(links), "attendees": link_rows(attendees)}
    return write(context, lambda writer: writer.create("event", everything))


def cancel(context: Context, ids: Sequence[int]) -> Result:
    """Call events off; those called off stay as they are."""
    return _set_status(context, ids, "cancelled")


def hold(context: Context, ids: Sequence[int], *, was_held: bool = True) -> Result:
    """Say that events took place, or that they did not."""
    return _set_status(context, ids, "held" if was_held else "not_held")


def _set_status(context: Context, ids: Sequence[int], status: str) -> Result:
    return change_each(
        context, "event", ids, lambda _, event: [] if event["status"] == status else [{"status": status}]
    )
