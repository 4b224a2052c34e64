"""``crm show``: any record whole, on one screen or as one JSON object. ``crm NOUN show`` is the same for one noun."""

from typing import TYPE_CHECKING, Annotated

import typer

from crmcli.catalogue import ENTITIES
from crmcli.cli import completing
from crmcli.cli.options import OutputFormat
from crmcli.cli.session import current

if TYPE_CHECKING:
    from crmcli.queries.cards import Sheet

app = typer.Typer(add_completion=False)
Ref = Annotated[
    str,
    typer.Argument(
        metavar="REF", help="Ref, uid, e-mail, phone, domain or name.", autocompletion=completing.refs(None)
    ),
]


@app.command()
def show(ref: Ref, output: OutputFormat = None) -> None:
    """Show any record: fields, timeline, open work.

    Examples:
        crm show C7
        crm show anna@example.com -o json
    """
    show_record(None, ref, output)


def show_record(entity: str | None, text: str, output: str | None) -> None:
    """Write the record that a text names: a card for people, elsewhere its fields or its JSON object."""
    from crmcli.cli.finding import find
    from crmcli.output.tables import choose_format
    from crmcli.queries.cards import sheet

    session = current()
    format_name = choose_format(output, session.streams)
    found = find(entity, text)
    card = sheet(session.reader(), ENTITIES[found.entity], found.id)
    if format_name == "json":
        from crmcli.output.json import write_object

        write_object(card.document(), session.streams)
    elif format_name == "table":
        from crmcli.cli.listing import output_options
        from crmcli.output.cards import card_of
        from crmcli.output.records import write_card

        write_card(card_of(card), session.streams, output_options())
    elif output is None:
        _write_fields(card)
    else:
        from crmcli.cli.listing import write_rows

        write_rows(ENTITIES[found.entity], [card.record], output)


def _write_fields(card: "Sheet") -> None:
    """Write the fields one a line, key and value, for programs that read lines."""
    from crmcli.output.tables import Column, Table, write_table

    head: list[tuple[str, object]] = [("ref", card.record.get("ref")), ("title", card.title)]
    lines = [*head, *((fact.key, fact.value) for fact in card.fields)]
    rows = [{"field": key, "value": value} for key, value in lines]
    write_table(Table((Column("field", "Field"), Column("value", "Value")), rows), current().streams, "tsv")
