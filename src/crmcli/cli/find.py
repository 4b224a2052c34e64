"""``crm find``: one search over every kind of record, by names, keys and texts."""

from typing import Annotated

import typer

from crmcli.cli.listing import output_options
from crmcli.cli.options import ExitCode, OutputFormat, count
from crmcli.cli.session import current

app = typer.Typer(add_completion=False)


@app.command("find")
def find_(
    words: Annotated[list[str], typer.Argument(metavar="TEXT...", help="Words, beginnings of words, a mail, a phone.")],
    limit: Annotated[int, typer.Option(metavar="N", parser=count(1), help="At most so many records.")] = 20,
    exit_code: ExitCode = False,
    output: OutputFormat = None,
) -> None:
    """Search everything.

    Finds the records that have all the words; case and accents do not matter. Names come before texts.

    Examples:
        crm find rossi
        crm find "annual support" -o json
        crm find anna@example.com
    """
    from crmcli.output.tables import Column, Table, write_table
    from crmcli.queries.search import find

    session = current()
    hits = find(session.reader(), " ".join(words), limit=limit)
    columns = (Column("ref", "Ref"), Column("title", "Name"), Column("entity", "Kind"), Column("excerpt", "Where"))
    rows = [hit._asdict() for hit in hits]
    write_table(Table(columns, rows, noun="records"), session.streams, output, output_options())
    if exit_code and not hits:
        raise typer.Exit(1)
