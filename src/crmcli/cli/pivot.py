"""``crm pivot``: records of any noun as a grid."""

from typing import TYPE_CHECKING, Annotated

import typer

from crmcli.cli import completing, options
from crmcli.cli.finding import find_noun
from crmcli.cli.inputs import split_list
from crmcli.cli.report_commands import HTML, write_page
from crmcli.cli.session import current

if TYPE_CHECKING:
    from crmcli.reports.result import Options

app = typer.Typer(add_completion=False)


def _fields(ctx: typer.Context, incomplete: str) -> list[completing.Offer]:
    noun = ctx.params.get("noun")
    return completing.columns(find_noun(noun).name)(incomplete) if noun else []


Noun = Annotated[str, typer.Argument(metavar="NOUN", help="Such as deal or lead.", autocompletion=completing.nouns)]
Rows = Annotated[
    str, typer.Option(metavar="FIELD[,FIELD]", help="A row for each value, such as owner.", autocompletion=_fields)
]
Cols = Annotated[
    str | None,
    typer.Option(metavar="FIELD", help="A column for each value, such as created:month.", autocompletion=_fields),
]
MeasureOf = Annotated[
    str, typer.Option(metavar="MEASURE", help="count, or FIELD, or mean, min or max of one.", autocompletion=_fields)
]
Share = Annotated[
    str | None,
    typer.Option(
        metavar="OF",
        help="Each cell as its part of its row, its col or of all.",
        autocompletion=completing.choices(("row", "col", "all")),
    ),
]
Top = Annotated[
    int | None, typer.Option(metavar="N", parser=options.count(1), help="Only the N greatest rows, the others in one.")
]
Drill = Annotated[
    str | None, typer.Option(metavar="ROW,COL", help="List the records behind a cell, named as it is printed.")
]


@app.command()
def pivot(
    noun: Noun,
    rows: Rows,
    cols: Cols = None,
    measure: MeasureOf = "count",
    where: options.Where = None,
    share: Share = None,
    top: Top = None,
    drill: Drill = None,
    html: HTML = None,
    output: options.OutputFormat = None,
    exit_code: options.ExitCode = False,
) -> None:
    """Records of any noun as a grid of rows and columns, with totals.

    Dates stand as FIELD:UNIT with day, week, month, quarter, year, weekday or hour. Money is told in the base currency:
    of closed deals at the rate that was frozen, else at that of today; amounts without a rate stand apart. With --drill
    the records behind a cell are listed: ROW,COL as they are printed, Total for all of a side, a name with a comma in
    double quotes.

    Examples:
        crm pivot deal --rows owner --cols stage --measure amount
        crm pivot deal --rows created:month --cols source --share row
        crm pivot deal --rows owner --measure "mean amount" --where "outcome = won" --top 5
        crm pivot log --rows occurred:weekday --cols occurred:hour
        crm pivot deal --rows owner --cols outcome --drill "Total,Total" -o ids
    """
    from crmcli.reports.pivot import drill as behind
    from crmcli.reports.pivot import greatest, read_grid, read_question

    session = current()
    entity = find_noun(noun).name
    own = {"rows": split_list(rows), "cols": cols, "measure": measure, "share": share}
    asked = _options(entity, where, top)._replace(own=own)
    con = session.reader()
    question = read_question(con, asked)
    if drill is not None:
        from crmcli.cli.listing import write_query
        from crmcli.queries.records import ListQuery

        query = ListQuery(behind(con, asked, question, drill))
        matched = write_query(entity, query, output, kind=question.kind)
    else:
        from crmcli.cli.reporting import write_report
        from crmcli.output.tables import choose_format
        from crmcli.reports.pivot_result import result

        form = choose_format(output, session.streams)
        found = result(greatest(read_grid(con, asked, question), top), asked)
        if html is None:
            write_report(found, form)
        else:
            write_page(found, html)
        for text in found.warnings:
            session.streams.warn(text)
        matched = found.matched
    if exit_code and not matched:
        raise typer.Exit(1)


def _options(entity: str, where: str | None, top: int | None) -> "Options":
    from crmcli import clock
    from crmcli.cli.finding import acting_user
    from crmcli.domain.periods import ALL
    from crmcli.queries.scope import make_scope
    from crmcli.reports.result import Options, known_until

    session, settings = current(), current().settings
    until = None
    if session.as_of is not None:
        until, last = known_until(session.as_of, session.zone)
        clock.fix(last)
    scope = make_scope(session.reader(), session.zone, session.locale, acting_user(), settings.country)
    return Options(ALL, settings.currency, scope, where=where, top=top, until=until, entity=entity)
