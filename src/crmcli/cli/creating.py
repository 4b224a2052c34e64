"""Verbs that create a record with more words than its fields have: ``event add --duration``, ``log call --when``.

The fields' options are those of every ``add``; a module adds parameters of its own and calls its service.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from inspect import Parameter
from typing import TYPE_CHECKING, Any

import typer

from crmcli.cli.records import Noun, add_parameters, take_asked
from crmcli.cli.signatures import Command
from crmcli.errors import UsageError

if TYPE_CHECKING:
    from crmcli.services.results import Context, Result

Write = Callable[["Context", dict[str, Any], Mapping[str, Any]], "Result"]


def register_creating(
    app: typer.Typer, noun: Noun, verb: str, help_text: str, more: Sequence[Parameter], write: Write
) -> None:
    """Add a verb that creates a record.

    ``more`` are parameters beside those of ``add``, or instead of those of the same name; ``write`` gets the context,
    the typed values by field key and what was given for ``more``, and returns the service's result.
    """
    own = {found.name for found in more}

    def parameters() -> list[Parameter]:
        return [*more, *(found for found in add_parameters(noun) if found.name not in own)]

    def run(**given: Any) -> None:
        from crmcli.cli.answers import answer, context
        from crmcli.cli.field_options import given_values
        from crmcli.cli.inputs import Inputs
        from crmcli.cli.slips import ask_about_slips

        asked, allow_duplicate = take_asked(given), given.pop("allow_duplicate")
        inputs = Inputs(noun.entity, create=given.pop("create"))
        assignments, title = given.pop("assignments"), given.pop("title", None)
        extra = {name: given.pop(name) for name in own if name in given}
        values = inputs.values({noun.title: title, **given_values(given)}, assignments)
        ask_about_slips(noun.entity, values, asked)
        answer(write(context(asked, allow_duplicate=allow_duplicate), values, extra), asked, noun.entity)

    app.command(verb, help=help_text)(Command(verb, help_text, run, parameters))


def pointers(rows: Iterable[Mapping[str, Any]]) -> list[tuple[str, int]]:
    """Return the records that rows of links or attendees point to, as the services of activities take them."""
    return [(row["entity"], row["record_id"]) for row in rows]


def seconds_of(text: str) -> int:
    """Return the seconds of a duration such as ``20m``; UsageError when it is none."""
    from crmcli.domain.durations import parse_duration

    try:
        return parse_duration(text)
    except ValueError as error:
        raise UsageError(f"--duration: {error}", hint="--duration 20m", code="value.unreadable") from None
