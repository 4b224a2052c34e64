"""``crm ticket``: requests for help, from the first word to the last."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmcli.cli import completing
from crmcli.cli.answers import answer, context
from crmcli.cli.creating import register_creating
from crmcli.cli.finding import find_id, find_ids
from crmcli.cli.options import At, Note
from crmcli.cli.readings import instant_of
from crmcli.cli.records import Noun, ref_argument, refs_argument, register
from crmcli.cli.signatures import Asked, parameter, writes
from crmcli.domain.enums import values as values_of
from crmcli.errors import UsageError

if TYPE_CHECKING:
    from crmcli.services.results import Context, Result

app = typer.Typer(add_completion=False)
TICKET = Noun(
    "ticket",
    {
        "list": """
            crm ticket list --where open
            crm ticket list --where "priority in [high, urgent] and assignee = me" --sort opened
        """,
        "show": "crm ticket show K2",
        "edit": """
            crm ticket edit K2 --priority urgent --add-tag outage
            crm ticket edit K10 --set status=waiting_customer
        """,
        "rm": "crm ticket rm K2",
        "restore": "crm ticket restore K2",
    },
    title="subject",
)
_OPEN = """Open a ticket.

The comment is for the customer to read, and is then the first response, or with --internal for us alone.

Examples:
    crm ticket open "Cannot log in" --contact C7 --priority high --channel phone
    crm ticket open "Invoice is wrong" --org O3 --comment "We are looking into it"
"""
_COMMENT = Annotated[str | None, typer.Option(metavar="TEXT", help="A first comment.")]
_INTERNAL = Annotated[bool, typer.Option("--internal", help="The comment is not for the customer.")]
Ref = Annotated[str, ref_argument("ticket")]
Refs = Annotated[list[str], refs_argument("ticket")]
Text = Annotated[str, typer.Argument(metavar="TEXT", help="What to say.")]
Code = Annotated[
    str | None,
    typer.Option(
        metavar="CODE",
        help="How it ended: fixed, answered, rejected, duplicate, wont_fix, spam.",
        autocompletion=completing.choices(values_of("ticket_resolution_code")),
    ),
]
DuplicateOf = Annotated[
    str | None,
    typer.Option(metavar="REF", help="The ticket it repeats.", autocompletion=completing.refs("ticket")),
]


def _open(given: "Context", values: dict[str, Any], extra: Mapping[str, Any]) -> "Result":
    from crmcli.services import tickets

    return tickets.open_ticket(given, values, extra["comment"], is_public=not extra["internal"])


register_creating(
    app, TICKET, "open", _OPEN, [parameter("comment", _COMMENT), parameter("internal", _INTERNAL, False)], _open
)
register(app, TICKET, ("list", "show", "edit", "rm", "restore"))


@app.command()
@writes
def reply(
    ref: Ref,
    text: Text,
    by_contact: Annotated[bool, typer.Option("--by-contact", help="The customer wrote it.")] = False,
    automatic: Annotated[bool, typer.Option("--automatic", help="A machine wrote it: no response to anybody.")] = False,
    at: At = None,
    *,
    asked: Asked,
) -> None:
    """Answer the customer.

    The first answer stops the clock of the first response. A customer's reply takes a waiting or resolved ticket up
    again; on a closed ticket a reply opens a new one that follows it.

    Examples:
        crm ticket reply K2 "Please try again now"
        crm ticket reply K2 "It still fails" --by-contact
    """
    from crmcli.services import tickets

    ticket, when = find_id("ticket", ref), instant_of(at)
    result = tickets.reply(context(asked), ticket, text, by_contact=by_contact, automatic=automatic, at=when)
    followed = [saved.id for saved in result.saved if saved.entity == "ticket" and saved.action == "create"]
    answer(result, asked, "ticket", verb="Opened" if followed else "Answered", ids=followed or [ticket])


@app.command()
@writes
def note(ref: Ref, text: Text, *, asked: Asked) -> None:
    """Add a note that the customer does not see.

    Examples:
        crm ticket note K2 "Same cause as K1, I think"
    """
    from crmcli.services import tickets

    ticket = find_id("ticket", ref)
    answer(tickets.note(context(asked), ticket, text), asked, "ticket", verb="Noted on", ids=[ticket])


@app.command()
@writes
def assign(
    refs: Refs,
    to: Annotated[
        str | None, typer.Option(metavar="USER", help="Who takes it.", autocompletion=completing.refs("user"))
    ] = None,
    nobody: Annotated[bool, typer.Option("--nobody", help="Take it from whoever has it.")] = False,
    *,
    asked: Asked,
) -> None:
    """Hand tickets to somebody.

    Examples:
        crm ticket assign K2 --to me
        crm ticket assign K2 K3 --nobody
    """
    from crmcli.services import tickets

    if (to is None) != nobody:
        raise UsageError("say who takes it by --to, or --nobody", hint="crm ticket assign K2 --to me")
    ids, user = find_ids("ticket", refs), find_id("user", to) if to else None
    answer(tickets.assign(context(asked), ids, user), asked, "ticket", verb="Assigned", ids=ids)


@app.command()
@writes
def resolve(
    refs: Refs, code: Code = None, note: Note = None, duplicate_of: DuplicateOf = None, at: At = None, *, asked: Asked
) -> None:
    """Mark tickets as resolved.

    Examples:
        crm ticket resolve K2 --code fixed --note "Password was reset"
        crm ticket resolve K3 --code duplicate --duplicate-of K2
    """
    from crmcli.services import tickets

    if code is None:
        raise UsageError("say how it ended by --code", hint=f"one of {', '.join(values_of('ticket_resolution_code'))}")
    ids, twin = find_ids("ticket", refs), _twin(duplicate_of)
    result = tickets.resolve(context(asked), ids, _code(code), note, twin, instant_of(at))
    answer(result, asked, "ticket", verb="Resolved", ids=ids)


@app.command()
@writes
def close(
    refs: Refs, code: Code = None, note: Note = None, duplicate_of: DuplicateOf = None, at: At = None, *, asked: Asked
) -> None:
    """Close tickets.

    One that is not resolved yet is resolved on the way, which needs a code.

    Examples:
        crm ticket close K2 --code fixed --note "Password was reset"
        crm ticket list --where "status = resolved" -o ids | crm ticket close -
    """
    from crmcli.services import tickets

    ids, twin = find_ids("ticket", refs), _twin(duplicate_of)
    result = tickets.close(context(asked), ids, _code(code) if code else None, note, twin, instant_of(at))
    answer(result, asked, "ticket", verb="Closed", ids=ids)


@app.command()
@writes
def reopen(ref: Ref, note: Note = None, *, asked: Asked) -> None:
    """Open tickets again.

    Examples:
        crm ticket reopen K10 --note "It fails again"
    """
    from crmcli.services import tickets

    ticket = find_id("ticket", ref)
    answer(tickets.reopen(context(asked), ticket, note), asked, "ticket", verb="Reopened", ids=[ticket])


def _code(text: str) -> str:
    """Return the resolution code that a word means."""
    from crmcli.domain.enums import choose

    found = choose("ticket_resolution_code", text)
    if found is None:
        known = ", ".join(values_of("ticket_resolution_code"))
        raise UsageError(f"there is no resolution code {text!r}", hint=f"one of {known}", code="value.unreadable")
    return found


def _twin(text: str | None) -> int | None:
    return find_id("ticket", text) if text else None
