"""``crm follow``: people, organizations and leads that are to be contacted every so often."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from crmcli.cli import completing
from crmcli.cli.options import ExitCode, OutputFormat
from crmcli.cli.session import current
from crmcli.cli.signatures import Asked, writes
from crmcli.errors import UsageError

if TYPE_CHECKING:
    from crmcli.services.follow_ups import About
    from crmcli.services.results import Context, Result

    Service = Callable[[Context, About], Result]

app = typer.Typer(add_completion=False)
Refs = Annotated[
    list[str],
    typer.Argument(
        metavar="REF...",
        help="Contacts, organizations and leads; - reads refs from standard input.",
        autocompletion=completing.refs(None),
    ),
]
Owner = Annotated[
    str | None, typer.Option(metavar="USER", help="Only those of one user.", autocompletion=completing.refs("user"))
]
_COLUMNS = (("ref", "Ref", "text"), ("name", "Name", "text"), ("due", "Due", "date"), ("overdue_days", "Late", "int"),
            ("strength", "Relation", "text"), ("last_note", "Last contact", "text"), ("phone", "Phone", "text"),
            ("last_contacted_at", "When", "instant"), ("about", "Of", "text"), ("priority", "Priority", "int"),
            )  # fmt: skip
_SPREAD = (("ref", "Ref", "text"), ("name", "Name", "text"), ("owner", "Owner", "text"), ("due", "Was due", "date"),
           ("next", "Next contact", "date"))  # fmt: skip
_DAYS = 30


@app.command("set")
@writes
def set_(
    refs: Refs,
    every: Annotated[str, typer.Option("--every", metavar="TIME", help="How often: 10d, 2w, 1m, quarterly.")],
    *,
    asked: Asked,
) -> None:
    """Follow records: contact them every so often.

    The next contact is due so long after the last one. What is logged, other than a note, begins the time anew. Their
    own cadence counts before those of the configuration. The verb may be left out.

    Examples:
        crm follow set C7 --every 2w
        crm follow C7 O3 --every "3 months"
        crm contact list --where "tags has vip" -o ids | crm follow - --every 1m
    """
    from crmcli.domain.cadences import parse_cadence
    from crmcli.services import follow_ups

    try:
        cadence = parse_cadence(every)
    except ValueError as error:
        raise UsageError(f"--every: {error}", hint="crm follow C7 --every 2w") from None
    _change(refs, asked, "Following", lambda given, about: follow_ups.follow(given, about, cadence), (every,))


@app.command()
@writes
def stop(refs: Refs, *, asked: Asked) -> None:
    """Follow records no more, whatever the configuration says.

    Examples:
        crm follow stop C7
    """
    from crmcli.services import follow_ups

    _change(refs, asked, "No longer following", follow_ups.stop)


@app.command()
def due(
    within: Annotated[str, typer.Option(metavar="TIME", help="How far to look ahead, such as 7d or 2w.")] = "0d",
    owner: Owner = None,
    output: OutputFormat = None,
    exit_code: ExitCode = False,
) -> None:
    """List whom to contact, the most pressing first.

    Priority is the number of days late, today counting as one, times 2, 3 or 4 for a weak, medium or strong relation:
    strong with ten contacts within a year, medium with three. Prints nothing when nobody is due, as cron likes it.

    Examples:
        crm follow due
        crm follow due --within 7d --owner me
    """
    from crmcli.cli.finding import find_id
    from crmcli.cli.listing import output_options
    from crmcli.cli.readings import last_day
    from crmcli.output.tables import Column, Table, choose_format, write_table
    from crmcli.queries.follow_ups import due_follow_ups

    session = current()
    format_name = choose_format(output, session.streams)
    user = find_id("user", owner) if owner else None
    rows = due_follow_ups(session.reader(), last_day(within, "crm follow due --within 7d"), session.zone, user)
    if rows or format_name != "table":
        columns = tuple(Column(*shown) for shown in _COLUMNS)
        write_table(Table(columns, rows, noun="follow-ups"), session.streams, output, output_options())
    if exit_code and not rows:
        raise typer.Exit(1)


@app.command()
@writes
def spread(
    over: Annotated[str, typer.Option(metavar="TIME", help="Over how many days from today on.")] = f"{_DAYS}d",
    owner: Owner = None,
    first: Annotated[bool, typer.Option("--first", help="Only those who were never contacted.")] = False,
    *,
    asked: Asked,
) -> None:
    """Spread overdue follow-ups over the working days ahead.

    After a large import nobody has to face hundreds of them on one day. The most pressing come first; the follow-ups of
    each owner are spread by themselves. Working days are those of the configured calendar, else Monday to Friday.

    Examples:
        crm follow spread --over 6w --first --dry-run
        crm follow spread --yes
    """
    from crmcli.cli.answers import agree, context
    from crmcli.cli.finding import find_id
    from crmcli.cli.listing import output_options
    from crmcli.output.tables import Column, Table, write_table
    from crmcli.services import follow_ups

    user, days = find_id("user", owner) if owner else None, _days(over)
    agree(f"Spread the overdue follow-ups over {over}?", asked)
    result = follow_ups.spread(context(asked, plain=(over,)), days, user, first_only=first)
    streams = current().streams
    if asked.dry_run:
        streams.note("Dry run: nothing was saved")
    for effect in (*result.warnings, *result.effects):
        streams.note(effect)
    columns = tuple(Column(*shown) for shown in _SPREAD)
    write_table(Table(columns, list(result.told), noun="follow-ups"), streams, asked.output, output_options())


def followed(about: Mapping[str, Sequence[int]]) -> "About":
    """Return the records that a command is about if all can be followed, else UsageError."""
    from crmcli.catalogue import ENTITIES
    from crmcli.queries.follow_ups import FOLLOWED

    for entity, ids in about.items():
        if entity not in FOLLOWED:
            kind = ENTITIES[entity]
            told = f"{kind.ref(ids[0])} is neither a contact nor an organization nor a lead"
            raise UsageError(told, hint="crm follow C7 --every 2w")
    return about


def _change(refs: list[str], asked: Asked, verb: str, service: "Service", plain: Sequence[str] = ()) -> None:
    from crmcli.cli.answers import answer_all, context
    from crmcli.cli.finding import find_all

    about = followed(find_all(refs))
    answer_all(service(context(asked, plain=plain), about), asked, about, verb=verb)


def _days(over: str) -> int:
    """Return how many days a length of time from today on is."""
    from datetime import date

    from crmcli.cli.readings import last_day
    from crmcli.clock import now_text
    from crmcli.domain.zones import local_date

    today = date.fromisoformat(local_date(now_text(), current().zone))
    days = (date.fromisoformat(last_day(over, "crm follow spread --over 30d", "--over")) - today).days
    if days < 1:
        raise UsageError("--over must be at least a day", hint="crm follow spread --over 30d")
    return days
