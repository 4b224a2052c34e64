"""``crm export warehouse``: the star schema as files for business-intelligence programs."""

from pathlib import Path
from typing import Annotated

import typer

from crmcli.cli.completing import choices
from crmcli.cli.session import current
from crmcli.domain.plurals import counted
from crmcli.errors import UsageError
from crmcli.reports.warehouse_files import FORMATS

app = typer.Typer(add_completion=False)


@app.command()
def warehouse(
    to: Annotated[Path, typer.Option(metavar="FOLDER", help="Write there, for your eyes only.")],
    form: Annotated[
        str,
        typer.Option("--format", metavar="FORMAT", help="parquet or sqlite.", autocompletion=choices(FORMATS)),
    ] = "parquet",
) -> None:
    """Export facts and dimensions for other programs to reckon with.

    A star schema, as the reference tells it: deals, purchases, moves, leads, interactions and tickets, with dates,
    owners, organizations, contacts, stages and sources. Amounts are exact decimals, in their own and in the base
    currency at the rate frozen on the deal. parquet writes a file for each table, sqlite one database.

    Examples:
        crm export warehouse --to warehouse --format sqlite
        crm export warehouse --to warehouse
    """
    from crmcli.config.paths import ensure
    from crmcli.domain.schema import did_you_mean
    from crmcli.reports.warehouse_files import write_warehouse

    if form not in FORMATS:
        raise UsageError(f"a warehouse is no {form!r}", hint=did_you_mean(form, [*FORMATS]) or "parquet or sqlite")
    session = current()
    con = session.reader()
    counts = write_warehouse(con, session.settings.currency, ensure(to), form)
    total = counted(sum(counts.values()), "row")
    session.streams.note(f"{counted(len(counts), 'table')} with {total} written to {to}")
