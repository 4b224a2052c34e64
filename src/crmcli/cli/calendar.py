"""``crm calendar``: a month on one screen."""

from typing import Annotated

import typer

from crmcli.cli.agenda import Owner, foreign, read_span, write_rows
from crmcli.cli.options import OutputFormat
from crmcli.cli.session import current

app = typer.Typer(add_completion=False)


@app.command()
def calendar(
    month: Annotated[
        str, typer.Argument(metavar="[MONTH]", help="Such as december, 2026-12, next-month.")
    ] = "this-month",
    owner: Owner = None,
    fetch: Annotated[bool, typer.Option("--fetch", help="Fetch foreign calendars from their servers first.")] = False,
    output: OutputFormat = None,
) -> None:
    """A month on one screen.

    Every day with what crm agenda says of it, as far as there is room. A month without a year is that of this year.
    Other formats than the table are those of the agenda.

    Examples:
        crm calendar
        crm calendar 2026-12 --owner me
        crm calendar "february 2027"
        crm calendar next-month -o json
        crm calendar --fetch
    """
    from crmcli import clock
    from crmcli.cli.listing import output_options
    from crmcli.domain.zones import local_date
    from crmcli.output.days import marks_of
    from crmcli.output.months import Month, write_month
    from crmcli.output.tables import choose_format
    from crmcli.queries.agenda import agenda

    session = current()
    span = read_span(month, owner, 'crm calendar december, crm calendar "february 2027"')
    if fetch:
        _fetch()
    rows = agenda(session.reader(), span, foreign(span)[0])
    if choose_format(output, session.streams) != "table":
        write_rows(rows, output)
        return
    today = local_date(clock.now_text(), session.zone)
    write_month(Month(span.first, span.last, today, marks_of(rows)), session.streams, output_options())


def _fetch() -> None:
    from crmcli.integrations.fetching import fetch

    session = current()
    for warning in fetch(session.settings.foreign, session.paths.cache):
        session.streams.warn(warning)
