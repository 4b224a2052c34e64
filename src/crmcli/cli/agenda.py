"""``crm agenda``: what a day, a week or any days hold, and where there is time left in them."""

from typing import TYPE_CHECKING, Annotated

import typer

from crmcli.cli import completing
from crmcli.cli.options import ExitCode, OutputFormat
from crmcli.cli.session import current
from crmcli.errors import UsageError

if TYPE_CHECKING:
    from crmcli.queries.occurrences import Row, Span

app = typer.Typer(add_completion=False)
_WORDS = ("today", "tomorrow", "week", "month", "2w", "this-week", "next-week", "this-month")
_OPENINGS = (("day", "Day", "date"), ("weekday", "Weekday"), ("time", "From"), ("until", "Until"))
_UNCONFIGURED = (
    "working hours are those of Monday to Friday, 09:00 to 18:00; a [calendar] in the configuration tells yours"
)
_HINT = "crm agenda tomorrow, crm agenda week, crm agenda 2w, crm agenda 2026-12-01"
_FARTHEST_S = 366 * 86400
Owner = Annotated[str | None, typer.Option(metavar="USER", help="Of one user.", autocompletion=completing.refs("user"))]


@app.command()
def agenda(
    days: Annotated[
        str,
        typer.Argument(metavar="[DAYS]", help="A day, a range or a period.", autocompletion=completing.choices(_WORDS)),
    ] = "today",
    owner: Owner = None,
    free: Annotated[
        str | None, typer.Option(metavar="TIME", help="Where there is so much free working time, such as 1h.")
    ] = None,
    within: Annotated[str, typer.Option(metavar="TIME", help="With --free: how far to look ahead.")] = "5d",
    output: OutputFormat = None,
    exit_code: ExitCode = False,
) -> None:
    """What a day or more holds, in the order of time.

    Events (recurring ones too), tasks, next steps, follow-ups, deals expected to close, birthdays and other days to
    remember, each with the customer it is about, and what foreign calendars of the configuration hold. Open tasks and
    follow-ups of earlier days come first. DAYS is today, tomorrow, week and month (from today on, as 7d and 1m),
    2w, a date, 2026-12-01..2026-12-05, this-week, next-month and so on.

    Examples:
        crm agenda
        crm agenda week --owner me
        crm agenda 2026-12-01..2026-12-05 -o json
        crm agenda --free 1h --within 5d
    """
    if free is not None:
        _show_openings(free, within, owner, output)
        return
    from crmcli.queries.agenda import agenda as read_agenda

    span = read_span(days, owner)
    rows = read_agenda(current().reader(), span, foreign(span)[0])
    _write(rows, output)
    if exit_code and not rows:
        raise typer.Exit(1)


def read_span(days: str, owner: str | None, hint: str = _HINT) -> "Span":
    """Return the local days that a word or period means, of one user or of everybody; UsageError for none."""
    from datetime import date, timedelta

    from crmcli import clock
    from crmcli.cli.finding import find_id
    from crmcli.domain.periods import ahead, parse_period
    from crmcli.queries.occurrences import Span

    zone = current().zone
    user = find_id("user", owner) if owner else None
    now = clock.now()
    try:
        period = ahead(days, now, zone) or parse_period(days, now, zone)
    except ValueError as error:
        raise UsageError(str(error), hint=hint) from None
    if period.start is None or period.end is None:
        raise UsageError(f"the days {days!r} have no end", hint="crm agenda 2026-12-01..2026-12-31")
    last = (date.fromisoformat(period.end) - timedelta(1)).isoformat()
    return Span(period.start, last, zone, user)


def foreign(span: "Span") -> "tuple[list[Row], list[tuple[str, str]]]":
    """Return what foreign calendars hold, as rows and as from when to when; they are of who is at the keyboard.

    Warns of those that fail.
    """
    session = current()
    calendars = session.settings.foreign
    if not calendars:
        return [], []
    from crmcli.cli.finding import acting_user
    from crmcli.integrations.foreign import foreign_events

    if span.user not in (None, acting_user()):
        return [], []
    found = foreign_events(calendars, session.paths.cache, span)
    for warning in found.warnings:
        session.streams.warn(warning)
    return found.rows, found.busy


def _write(rows: "list[Row]", output: str | None) -> None:
    from crmcli.cli.listing import output_options
    from crmcli.output.days import day_table
    from crmcli.output.tables import choose_format, write_table

    session = current()
    if choose_format(output, session.streams) != "table":
        write_rows(rows, output)
        return
    write_table(day_table(rows, session.locale), session.streams, output, output_options())
    if not rows:
        session.streams.note("nothing is planned")


def write_rows(rows: "list[Row]", output: str | None) -> None:
    """Write rows of the agenda for programs."""
    from crmcli.output.days import row_table
    from crmcli.output.tables import write_table

    write_table(row_table(rows), current().streams, output)


def _show_openings(free: str, within: str, owner: str | None, output: str | None) -> None:
    """Write the stretches of working time in which nothing is planned."""
    from crmcli.domain.calendar import BusinessCalendar
    from crmcli.domain.openings import USUAL_WEEK
    from crmcli.output.tables import Column, Table, write_table
    from crmcli.queries.openings import days_ahead, free_time

    session = current()
    least, ahead = _seconds(free, "--free"), _seconds(within, "--within")
    hours = session.settings.calendar or BusinessCalendar(USUAL_WEEK, session.zone)
    span = days_ahead(session.zone, ahead, read_span("today", owner).user)
    rows = free_time(session.reader(), hours, span, least, ahead, foreign(span)[1])
    columns = tuple(Column(*column) for column in _OPENINGS)
    notes = () if session.settings.calendar else (_UNCONFIGURED,)
    write_table(Table(columns, rows, noun="openings", notes=notes), session.streams, output)


def _seconds(text: str, option: str) -> int:
    from crmcli.domain.durations import parse_duration

    try:
        seconds = parse_duration(text)
        if not 0 < seconds <= _FARTHEST_S:
            raise ValueError(f"{text!r} is {'longer than a year' if seconds else 'no time at all'}")
    except ValueError as error:
        raise UsageError(f"{option}: {error}", hint="crm agenda --free 1h --within 5d") from None
    return seconds
