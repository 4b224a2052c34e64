"""``crm event``: appointments, with whom, where and about what."""

from collections.abc import Mapping
from inspect import Parameter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmcli.cli.creating import pointers, register_creating, seconds_of
from crmcli.cli.occurrences import edit_occurrences, hours_kept, remove_occurrences, take_meant, with_occurrences
from crmcli.cli.records import (
    Noun,
    edit_parameters_of,
    edit_records,
    refs_argument,
    register,
    register_verb,
    remove_records,
    rm_parameters_of,
    take_asked,
)
from crmcli.cli.signatures import asked_parameters, parameter
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
            crm event edit E4 --every "2 weeks until 2026-12-31"
            crm event edit E4 --on 2026-12-01 --start "2026-12-02 11:00"
            crm event edit E4 --on 2026-12-01 --following --start 11:00
        """,
        "rm": """
            crm event rm E4
            crm event rm E4 --on 2026-12-01 --this
        """,
        "restore": "crm event restore E4",
        "cancel": """
            crm event cancel E4
            crm event cancel E4 --on 2026-12-01
            crm event cancel E4 --on 2026-12-01 --following
        """,
    },
    title="title",
)
_ADD = """Add an event.

Without an end it lasts an hour, or the whole day when the start names no time.

Examples:
    crm event add "Product demo" --start "tomorrow 15:00" --duration 45m --for D5 --attendee C7
    crm event add "Trade fair" --start 2026-05-04 --end 2026-05-06 --location Bologna
    crm event add "Stand-up" --start "monday 9:30" --duration 15m --every weekday
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
register(app, EVENT, ("list", "show", "restore"))


def _edit(**given: Any) -> None:
    if meant := take_meant(given):
        edit_occurrences(EVENT, meant, given)
    else:
        edit_records(EVENT, **hours_kept(given, _only_one(given["refs"], given["where"])))


def _only_one(refs: list[str] | None, where: str | None) -> int | None:
    """Return the id of the event that alone is meant, None where it may be several."""
    from crmcli.cli.finding import find_id

    is_one = where is None and refs and len(refs) == 1 and refs[0] != "-"
    return find_id("event", refs[0]) if is_one and refs else None


def _rm(**given: Any) -> None:
    if meant := take_meant(given):
        remove_occurrences(meant, given)
    else:
        remove_records(EVENT, **given)


def _cancel(**given: Any) -> None:
    from crmcli.cli.answers import answer, context
    from crmcli.cli.finding import find_ids
    from crmcli.services import event_series, events

    if meant := take_meant(given):
        asked = take_asked(given)
        result = event_series.cancel(context(asked), meant.event, meant.on, meant.scope)
        answer(result, asked, "event", verb="Cancelled")
        return
    ids, asked = find_ids("event", given.pop("refs")), take_asked(given)
    answer(events.cancel(context(asked), ids), asked, "event", verb="Cancelled", ids=ids)


def _cancel_parameters() -> list[Parameter]:
    return [parameter("refs", Annotated[list[str], refs_argument("event")], ...), *asked_parameters()]


register_verb(app, EVENT, "edit", _edit, lambda: with_occurrences(edit_parameters_of(EVENT)))
register_verb(app, EVENT, "rm", _rm, lambda: with_occurrences(rm_parameters_of(EVENT)))
register_verb(app, EVENT, "cancel", _cancel, lambda: with_occurrences(_cancel_parameters()))
