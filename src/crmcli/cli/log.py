"""``crm log``: what was said and when, one verb for each kind of interaction."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmcli.cli.creating import pointers, register_creating, seconds_of
from crmcli.cli.records import Noun, edit_parameters_of, edit_records, register, register_verb
from crmcli.cli.registry import LOG_KINDS
from crmcli.cli.signatures import parameter

if TYPE_CHECKING:
    from crmcli.services.results import Context, Result

app = typer.Typer(add_completion=False)
LOG = Noun(
    "interaction",
    {
        "list": """
            crm log list --sort -when --limit 20
            crm log list --where "kind = call and outcome = no_answer and when >= -7d"
        """,
        "show": "crm log show A8",
        "edit": """
            crm log edit A8 --outcome connected --add-for D5
            crm log edit A8 --when "yesterday 15:00" --duration 20m
        """,
        "rm": "crm log rm A8",
        "restore": "crm log restore A8",
    },
    title="body",
)
_HELP = """Log {what}.

It is kept with the records named by --with; the first one is the main one.

Examples:
    crm log {kind} {example}
"""
_EXAMPLES = {
    "call": '"Spoke about the offer" --with C7 --with D5 --duration 20m --outcome connected --when "yesterday 15:00"',
    "email": '"Sent the price list" --with C7 --subject "Our offer"',
    "note": '"Prefers to be called in the morning" --with C7',
    "meeting": '"Walked through the contract" --with D5 --duration 1h30 --when "today 9:00"',
}
_WORDS = Annotated[str | None, typer.Argument(metavar="[TEXT]", help="What was said.", show_default=False)]
_WHEN = Annotated[str | None, typer.Option(metavar="WHEN", help="When it was; now where it is new.")]
_DURATION = Annotated[str | None, typer.Option(metavar="TIME", help="How long it took: 20m, 1h30.")]


def _times(when: str | None, duration: str | None) -> dict[str, Any]:
    """Return when something was and how long it took, by field key, as far as it was told."""
    from crmcli.cli.readings import read_moment

    values: dict[str, Any] = {}
    if when is not None:
        values["occurred_at"] = read_moment(when, "when", prefer="past")
    if duration is not None:
        values["duration_seconds"] = seconds_of(duration)
    return values


def _log(kind: str, context: "Context", values: dict[str, Any], extra: Mapping[str, Any]) -> "Result":
    from crmcli.services import interactions

    values |= _times(extra["when"], extra["duration"])
    return interactions.log(context, kind, values, pointers(values.pop("links", ())))


def _edit(*, when: str | None, duration: str | None, **given: Any) -> None:
    edit_records(LOG, typed=_times(when, duration), **given)


for _kind, _what in LOG_KINDS.items():
    register_creating(
        app,
        LOG,
        _kind,
        _HELP.format(what=_what, kind=_kind, example=_EXAMPLES.get(_kind, '"What it was about" --with C7')),
        [parameter("title", _WORDS), parameter("when", _WHEN), parameter("duration", _DURATION)],
        partial(_log, _kind),
    )
register(app, LOG, ("list", "show", "rm", "restore"))
register_verb(
    app,
    LOG,
    "edit",
    _edit,
    lambda: [*edit_parameters_of(LOG), parameter("when", _WHEN), parameter("duration", _DURATION)],
)
