"""``--on DAY --this|--following|--all``: which occurrences of a recurring event a command is about.

What is then done to them belongs to the services; commands without these words act on the records themselves.
"""

import re
from collections.abc import Mapping
from inspect import Parameter
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from crmcli.cli.records import Noun, take_asked
from crmcli.cli.signatures import parameter
from crmcli.errors import UsageError

if TYPE_CHECKING:
    from crmcli.domain.dates import Moment
    from crmcli.services.event_series import Scope

_ON = Annotated[str | None, typer.Option("--on", metavar="WHEN", help="An occurrence of what recurs, by its day.")]
_THIS = Annotated[bool, typer.Option("--this", help="Only that occurrence; so it is with --on alone.")]
_FOLLOWING = Annotated[bool, typer.Option("--following", help="That occurrence and the later ones.")]
_ALL = Annotated[bool, typer.Option("--all", help="All occurrences.")]
_SCOPES = {"this": _THIS, "following": _FOLLOWING, "all": _ALL}
_WORDS = {"this": "an occurrence", "following": "an occurrence and the later ones", "all": "all occurrences"}
_BARE_CLOCK = r"(?:at |alle )?[0-9]{1,2}(?::[0-9]{2})? ?(?:[ap]\.?m\.?)?"
_DAY = len("2026-03-20")
_TIMES = ("start_at", "end_at")


class Meant(NamedTuple):
    """The occurrences that a command is about; without ``on`` those of the record, which is one of them itself."""

    event: int
    on: "Moment | None"
    scope: "Scope"


def with_occurrences(parameters: list[Parameter]) -> list[Parameter]:
    """Return the parameters of a command and, behind the refs, those that say which occurrences are meant."""
    scopes = [parameter(f"{scope}_", annotation, False) for scope, annotation in _SCOPES.items()]
    return [*parameters[:1], parameter("on", _ON), *scopes, *parameters[1:]]


def take_meant(given: dict[str, Any]) -> Meant | None:
    """Take the words for occurrences out of what a command was given; None where there are none.

    UsageError where they contradict each other, or where not one event is named.
    """
    from crmcli.cli.finding import find_id
    from crmcli.cli.readings import read_moment

    on, scopes = given.pop("on"), [scope for scope in _SCOPES if given.pop(f"{scope}_")]
    if on is None and not scopes:
        return None
    refs, where = given.pop("refs"), given.pop("where", None)
    if len(scopes) > 1:
        raise UsageError(f"--{scopes[0]} or --{scopes[1]}, not both", hint="crm help dates")
    if where is not None or not refs or len(refs) != 1:
        raise UsageError("occurrences are those of one event", hint="crm event edit E4 --on 2026-12-01 --this")
    event = find_id("event", refs[0])
    scope: Scope = "following" if "following" in scopes else "all" if "all" in scopes else "this"
    return Meant(event, read_moment(on, "on") if on else None, scope)


def edit_occurrences(noun: Noun, meant: Meant, given: dict[str, Any]) -> None:
    """Change occurrences by the options of ``edit``."""
    from crmcli.cli.answers import answer, context
    from crmcli.cli.field_options import given_values
    from crmcli.cli.inputs import Inputs
    from crmcli.cli.slips import ask_about_slips
    from crmcli.services import event_series

    asked = take_asked(given)
    inputs = Inputs(noun.entity, create=given.pop("create"))
    assignments, unset = given.pop("assignments"), given.pop("unset")
    values = inputs.values(_on_that_day(given_values(given), meant), assignments, unset)
    if not values:
        raise UsageError("there is nothing to change", hint=f'crm event edit E{meant.event} --on ... --start "..."')
    ask_about_slips(noun.entity, values, asked)
    result = event_series.edit(context(asked), meant.event, meant.on, meant.scope, values)
    answer(result, asked, noun.entity)


def remove_occurrences(meant: Meant, given: dict[str, Any]) -> None:
    """Delete occurrences."""
    from crmcli.cli.answers import answer, confirm, context
    from crmcli.services import event_series

    asked = take_asked(given)
    confirm(f"Remove {_WORDS[meant.scope]}?", "event", [meant.event], asked)
    result = event_series.remove(context(asked), meant.event, meant.on, meant.scope)
    answer(result, asked, "event")


def _on_that_day(fields: Mapping[str, Any], meant: Meant) -> dict[str, Any]:
    """Return what was given for fields, an hour by itself being one of the day of the occurrence."""
    return hours_kept(fields, meant.event, meant.on.wall[:_DAY] if meant.on else "")


def hours_kept(fields: Mapping[str, Any], event: int | None, day: str = "") -> dict[str, Any]:
    """Return what was given for fields, an hour by itself being one of a day, else of the days of the event itself.

    An end by itself goes with the new start where there is one. UsageError where not one event is meant.
    """
    bare = [name for name in _TIMES if re.fullmatch(_BARE_CLOCK, str(fields.get(name) or "").strip())]
    if not bare:
        return dict(fields)
    if event is None:
        raise UsageError("an hour by itself is one of the day of one event", hint='--start "2026-12-01 11:00"')
    days = dict.fromkeys(_TIMES, day) if day else _days_of(event)
    if fields.get("start_at") and "start_at" not in bare:
        from crmcli.cli.readings import read_moment

        days["end_at"] = read_moment(str(fields["start_at"]), "start_at").wall[:_DAY]
    return {name: f"{days[name]} {text}" if name in bare else text for name, text in fields.items()}


def _days_of(event: int) -> dict[str, str]:
    """Return the days, here, on which an event begins and ends."""
    from crmcli.cli.session import current
    from crmcli.domain.zones import to_wall

    session = current()
    query = "SELECT start_wall, start_at, end_wall, end_at FROM event WHERE id = ?"
    start, start_at, end, end_at = session.reader().execute(query, (event,)).fetchone()
    times = zip(_TIMES, ((start, start_at), (end, end_at)), strict=True)
    return {name: (wall if len(wall) == _DAY else to_wall(at, session.zone))[:_DAY] for name, (wall, at) in times}
