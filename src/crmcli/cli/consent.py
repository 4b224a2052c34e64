"""``crm consent``: what people granted and withdrew, kept as a ledger to which events are only added."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmcli.cli import completing
from crmcli.cli.options import At, OutputFormat
from crmcli.cli.records import Noun, register
from crmcli.cli.signatures import Asked, Function, writes
from crmcli.domain.enums import values as values_of

if TYPE_CHECKING:
    from crmcli.queries.references import Reference

app = typer.Typer(add_completion=False)
CONSENT = Noun(
    "consent",
    {
        "list": """
            crm consent list --sort -occurred_at --limit 20
            crm consent list --where "purpose = newsletter and action = withdraw"
        """
    },
)
register(app, CONSENT, ("list",))


def _choice(enum: str, told: str) -> Any:
    """Return an option that takes a value of a closed list."""
    known = values_of(enum)
    return typer.Option(metavar="WORD", help=f"{told}: {', '.join(known)}.", autocompletion=completing.choices(known))


Refs = Annotated[
    list[str],
    typer.Argument(
        metavar="REF...",
        help="Leads and contacts; - reads refs from standard input.",
        show_default=False,
        autocompletion=completing.refs(None),
    ),
]
Ref = Annotated[str, typer.Argument(metavar="REF", help="A lead or a contact.", autocompletion=completing.refs(None))]
Purpose = Annotated[str | None, _choice("consent_purpose", "What for")]
Channel = Annotated[str | None, _choice("consent_channel", "By which way; any unless it is said")]
Basis = Annotated[str | None, _choice("consent_basis", "What it rests on; consent unless it is said")]
Origin = Annotated[str | None, _choice("consent_origin", "Where it was given")]
Notice = Annotated[str | None, typer.Option(metavar="VERSION", help="Version of the privacy notice that was shown.")]
Text = Annotated[str | None, typer.Option(metavar="TEXT", help="The words that were shown.")]


@app.command()
@writes
def grant(
    refs: Refs,
    purpose: Purpose = None,
    channel: Channel = None,
    basis: Basis = None,
    origin: Origin = None,
    notice: Notice = None,
    text: Text = None,
    at: At = None,
    *,
    asked: Asked,
) -> None:
    """Record that people have consented.

    A withdrawal or objection of the same instant or a later one beats it, in whatever order they are recorded.

    Examples:
        crm consent grant C7 --purpose marketing --channel email --origin form --notice v3
        crm consent grant L12 --purpose newsletter --text "Yes, send me news" --at "yesterday 15:00"
    """
    proof = {"basis": basis, "origin": origin, "notice_version": notice, "text_shown": text}
    _record("grant", "consent of", refs, asked, at, purpose=purpose, channel=channel, **proof)


def _ending(action: str, what: str, help: str) -> Function:
    """Return a command that records the end of a consent; all of them take the same options."""

    def command(
        refs: Refs,
        purpose: Purpose = None,
        channel: Channel = None,
        origin: Origin = None,
        text: Text = None,
        at: At = None,
        *,
        asked: Asked,
    ) -> None:
        _record(action, what, refs, asked, at, purpose=purpose, channel=channel, origin=origin, text_shown=text)

    command.__name__ = action
    command.__doc__ = help
    return command


_ENDINGS = {
    "withdraw": (
        "withdrawal of",
        """Record that people have withdrawn their consent.

        Without a channel it holds for all of them.

        Examples:
            crm consent withdraw C7 --purpose marketing
            crm consent withdraw C7 --purpose marketing --channel sms --origin phone
        """,
    ),
    "object": (
        "objection of",
        """Record that people object, whatever it rested on.

        Examples:
            crm consent object C7 --purpose profiling --origin email
        """,
    ),
    "expire": (
        "expiry for",
        """Record that a consent has run out, without anybody withdrawing it.

        Examples:
            crm consent expire C7 --purpose newsletter
        """,
    ),
}
for _action, (_what, _help) in _ENDINGS.items():
    app.command()(writes(_ending(_action, _what, _help)))


@app.command()
@writes
def notice(
    refs: Refs, notice: Notice = None, origin: Origin = None, text: Text = None, at: At = None, *, asked: Asked
) -> None:
    """Record that people have read the privacy notice, which permits nothing.

    Examples:
        crm consent notice C7 --notice v3 --origin form
    """
    _record("notice_read", "notice read by", refs, asked, at, origin=origin, notice_version=notice, text_shown=text)


@app.command()
def show(ref: Ref, output: OutputFormat = None) -> None:
    """Show what a person has consented to, and the ledger.

    Examples:
        crm consent show C7
        crm consent show C7 -o json
    """
    from crmcli.cli.listing import Listing, list_command
    from crmcli.cli.session import current
    from crmcli.conditions.expression import Clause
    from crmcli.output.tables import choose_format
    from crmcli.queries.consents import ledger

    session = current()
    form, person = choose_format(output, session.streams), _person(ref)
    found = ledger(session.reader(), person.entity, person.id)
    if form == "json":
        from crmcli.output.json import write_object

        write_object(found.document(), session.streams)
    elif form == "table":
        from crmcli.cli.listing import output_options
        from crmcli.output.cards import sections_of
        from crmcli.output.records import Card, write_card

        write_card(Card(found.title, found.subtitle, (), sections_of(found.parts)), session.streams, output_options())
    else:
        of_person = Clause("r.subject_id = :subject", {"subject": found.subject or 0})
        list_command("consent", Listing(sort="occurred_at", output=output, base=of_person))


def _record(action: str, what: str, refs: list[str], asked: Asked, at: str | None, **given: str | None) -> None:
    from crmcli.cli.answers import answer_all, context
    from crmcli.cli.finding import find_all
    from crmcli.cli.inputs import Inputs
    from crmcli.cli.readings import instant_of
    from crmcli.errors import UsageError
    from crmcli.services.consents import record

    if "purpose" in given and given["purpose"] is None:
        raise UsageError("say what for by --purpose", hint=f"one of {', '.join(values_of('consent_purpose'))}")
    about = find_all(refs)
    _check(about)
    values = Inputs("consent").values(given) | {"action": action, "occurred_at": instant_of(at)}
    people = [(entity, record_id) for entity, ids in about.items() for record_id in ids]
    answer_all(record(context(asked), people, values), asked, about, verb=f"Recorded {what}")


def _person(ref: str) -> "Reference":
    from crmcli.cli.finding import find

    found = find(None, ref)
    _check([found.entity])
    return found


def _check(entities: Any) -> None:
    """Raise UsageError where a record is about no person."""
    from crmcli.errors import UsageError

    strange = next((entity for entity in entities if entity not in ("lead", "contact")), None)
    if strange:
        raise UsageError(f"consent is given by leads and contacts, not by a record of kind {strange}")
