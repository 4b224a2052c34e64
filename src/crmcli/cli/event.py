"""``crm event``: appointments, with whom, where and about what."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmcli.cli.creating import pointers, register_creating, seconds_of
from crmcli.cli.records import Noun, register
from crmcli.cli.signatures import parameter
from crmcli.errors import UsageError

if TYPE_CHECKING:
    from crmcli.domain.dates import Moment
    from crmcli.services.results import Context, Result

app = typer.Typer(add_completion=False)
EVENT = Noun(
    "event",
    {
        "list": """
            crm event list
            crm event list --where "start >= today and status = planned" --sort start
        """,
        "show": "crm event show E4",
        "edit": """
            crm event edit E4 --start "next monday 10:00"
            crm event edit E4 --status held
        """,
        "rm": "crm event rm E4",
    },
    title="title",
)
_ADD = """Add an event.

Without an end it lasts an hour, or the whole day when the start names no time.

Examples:
    crm event add "Product demo" --start "tomorrow 15:00" --duration 45m --for D5 --attendee C7
    crm event add "Trade fair" --start 2026-05-04 --end 2026-05-06 --location Bologna
"""
_DURATION = Annotated[str | None, typer.Option(metavar="TIME", help="How long, instead of the end: 45m, 1h30.")]


def _add(context: "Context", values: dict[str, Any], extra: Mapping[str, Any]) -> "Result":
    from crmcli.services import events

    if extra["duration"] is not None:
        values["end_at"] = _end(values, seconds_of(extra["duration"]))
    links, attendees = (pointers(values.pop(key, ())) for key in ("links", "attendees"))
    return events.add(context, values, links, attendees)


def _end(values: Mapping[str, Any], seconds: int) -> "Moment":
    """Return the moment that lies so many seconds after the start."""
    from datetime import datetime, timedelta

    from crmcli.domain.dates import Moment
    from crmcli.domain.zones import instant_text, to_wall

    start = values.get("start_at")
    if start is None or "end_at" in values:
        raise UsageError("--duration goes with --start and without --end", hint="crm event add --help")
    if start.is_date:
        raise UsageError("--duration needs a start with a time", hint='--start "tomorrow 15:00"')
    end = instant_text(datetime.fromisoformat(start.utc) + timedelta(seconds=seconds))
    return Moment(to_wall(end, start.zone), False, end, start.zone)


register_creating(app, EVENT, "add", _ADD, [parameter("duration", _DURATION)], _add)
register(app, EVENT, ("list", "show", "edit", "rm"))
