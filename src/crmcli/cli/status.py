"""``crm status``: today at a glance, on one screen or as one object."""

from typing import TYPE_CHECKING

import typer

from crmcli.cli.options import OutputFormat
from crmcli.cli.session import current
from crmcli.errors import UsageError

if TYPE_CHECKING:
    from crmcli.queries.card_parts import Part

app = typer.Typer(add_completion=False)


@app.command()
def status(output: OutputFormat = None) -> None:
    """Today at a glance.

    What is due, today's appointments, open deals, what closes and what is new this week, open tickets.

    Examples:
        crm status
        crm status -o json
    """
    from crmcli.cli.inputs import acting_user
    from crmcli.output.tables import choose_format
    from crmcli.queries.status import glance

    session = current()
    parts = glance(session.reader(), session.zone, acting_user())
    format_name = choose_format(output, session.streams)
    if format_name == "json":
        from crmcli.output.records import write_object

        write_object({part.key: part.rows for part in parts}, session.streams)
    elif format_name == "table":
        _write_screen(parts)
    elif format_name == "tsv":
        _write_lines(parts)
    else:
        raise UsageError(f"the status is a table, tsv or json, not {output!r}", hint="crm status -o json")


def _write_screen(parts: "tuple[Part, ...]") -> None:
    """Write the parts that hold something; say so where none does."""
    from crmcli import clock
    from crmcli.cli.listing import output_options
    from crmcli.cli.show import sections_of
    from crmcli.domain.zones import local_time
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
