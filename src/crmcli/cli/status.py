"""``crm status``: today at a glance, on one screen or as one object."""

from typing import TYPE_CHECKING, Annotated

import typer

from crmcli.cli.options import format_option
from crmcli.cli.session import current

if TYPE_CHECKING:
    from crmcli.queries.card_parts import Part

app = typer.Typer(add_completion=False)

_FORMATS = ("table", "json", "tsv")
Format = Annotated[str | None, format_option(_FORMATS)]


@app.command()
def status(output: Format = None) -> None:
    """Today at a glance.

    What is due, today's appointments, open deals, what closes and what is new this week, open tickets.

    Examples:
        crm status
        crm status -o json
    """
    from crmcli.cli.finding import acting_user
    from crmcli.output.tables import choose_format
    from crmcli.queries.status import glance

    session = current()
    format_name = choose_format(output, session.streams, _FORMATS)
    parts = glance(session.reader(), session.zone, acting_user())
    if format_name == "json":
        from crmcli.output.json import write_object

        write_object({part.key: part.rows for part in parts}, session.streams)
    elif format_name == "table":
        _write_screen(parts)
    else:
        _write_lines(parts)


def _write_screen(parts: "tuple[Part, ...]") -> None:
    """Write the parts that hold something; say so where none does."""
    from crmcli import clock
    from crmcli.cli.listing import output_options
    from crmcli.domain.zones import local_time
    from crmcli.output.cards import sections_of
    from crmcli.output.records import Card, write_card

    session = current()
    today = local_time(clock.now_text(), session.zone)
    sections = sections_of(parts)
    write_card(Card(f"{today:%A %d %B %Y}", session.settings.user, (), sections), session.streams, output_options())
    if not sections:
        session.streams.note("nothing is due, planned or open")


def _write_lines(parts: "tuple[Part, ...]") -> None:
    """Write a line for each record, beginning with the part it belongs to, for programs that read lines."""
    from crmcli.output.tables import Column, Table, write_table

    for part in parts:
        columns = (Column("part", "Part"), *(Column(*shown) for shown in part.columns))
        write_table(Table(columns, [{"part": part.key, **row} for row in part.rows]), current().streams, "tsv")
