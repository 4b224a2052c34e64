"""``crm sql``: the store asked in SQL."""

from typing import Annotated

import typer

from crmcli.cli.options import ExitCode, OutputFormat
from crmcli.cli.session import current
from crmcli.errors import UsageError

app = typer.Typer(add_completion=False)

Statement = Annotated[str, typer.Argument(metavar="SQL", help='One SELECT; "-" reads it from standard input.')]
Parameters = Annotated[
    list[str] | None, typer.Option("--param", metavar="NAME=VALUE", help="A value for :NAME; can be repeated.")
]


@app.command()
def sql(
    statement: Statement, param: Parameters = None, output: OutputFormat = None, exit_code: ExitCode = False
) -> None:
    """Ask the store in SQL, and change nothing.

    The tables are those of crm schema sql, as they are stored: amounts are whole numbers of cents in amount_minor,
    percentages of basis points in ..._bp, times are UTC, and removed records have a deleted_at. The views dim_... and
    fact_... hold the same ready to reckon with: amounts in whole units and in the base currency, local dates, no
    removed records. Only reading is possible, for so long as sql_seconds and up to sql_rows of the settings.

    Examples:
        crm sql "SELECT outcome, COUNT(*), SUM(base_amount) FROM fact_deal GROUP BY outcome"
        crm sql "SELECT name FROM deal WHERE amount_minor > :least" --param least=500000 -o json
        echo "SELECT * FROM dim_stage" | crm sql -
    """
    from crmcli.cli.listing import output_options
    from crmcli.cli.reporting import own_asked
    from crmcli.output.tables import Column, Table, choose_format, write_table
    from crmcli.reports.asking import ask, kind_of, told

    session = current()
    form = choose_format(output, session.streams)
    asked = own_asked()
    answer = ask(asked.store, _text(statement), _values(param or []), asked.bounds)
    shown = answer.rows[: session.settings.rows] if form == "table" and session.streams.is_terminal else answer.rows
    columns = tuple(
        Column(name, name, kind_of(row[place] for row in shown)) for place, name in enumerate(answer.columns)
    )
    rows = [dict(zip(answer.columns, map(told, row), strict=True)) for row in shown]
    write_table(Table(columns, rows, len(answer.rows), noun="rows"), session.streams, form, output_options())
    if exit_code and not answer.rows:
        raise typer.Exit(1)


def _text(statement: str) -> str:
    if statement != "-":
        return statement
    from crmcli.formats.files import standard_input

    return standard_input("SQL").read()


def _values(given: list[str]) -> dict[str, object]:
    from crmcli.reports.asking import typed

    values: dict[str, object] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.isidentifier():
            raise UsageError(f"--param takes NAME=VALUE, not {text!r}", hint="--param least=5000")
        values[name] = typed(value)
    return values
