"""A report from its options to a screen, to programs or to a letter: what the commands of ``crm report`` share.

What the figures are stands in ``reports``. Letters are mailed by ``report_mail``.
"""

from typing import TYPE_CHECKING, NamedTuple

from crmcli.cli.finding import acting_user
from crmcli.cli.listing import output_options
from crmcli.cli.session import current
from crmcli.errors import UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from crmcli.output.records import Card
    from crmcli.output.tables import Column, Table
    from crmcli.reports.result import Options, ReportResult, Sheet

_PERIODS = [f"{which}-{unit}" for unit in ("week", "month", "quarter", "year") for which in ("this", "last", "next")]
_TYPES = {"n": "int", "money": "money", "money/d": "money", "ratio": "ratio", "d": "days", "h": "hours"}
_ENDINGS = {"money/d": " a day", "d": " d", "h": " h"}


class Asked(NamedTuple):
    """What a report is asked. ``entity`` is the kind of record that a report on several is to be about."""

    period: str | None = None
    by: str | None = None
    where: str | None = None
    explain: str | None = None
    entity: str | None = None


def run(name: str, asked: Asked, *, rows: int | None = None, now: "datetime | None" = None) -> "ReportResult":
    """Return a report; names of periods are reckoned from ``now`` (aware), by default the present."""
    from crmcli.reports.index import run_report

    more = {key: value for key, value in asked._asdict().items() if key != "period"}
    return run_report(name, current().reader(), _options(name, asked.period, now)._replace(**more, rows=rows))


def _options(name: str, period: str | None, now: "datetime | None") -> "Options":
    """Read the period, of the report when none is given, at the moment up to which things are known."""
    from crmcli import clock
    from crmcli.domain.periods import parse_period
    from crmcli.domain.schema import did_you_mean
    from crmcli.queries.scope import make_scope
    from crmcli.reports.index import find_report
    from crmcli.reports.result import Options, known_until

    session = current()
    settings = session.settings
    until = None
    if session.as_of is not None:
        until, last = known_until(session.as_of, session.zone)
        clock.fix(last)
    try:
        wanted = parse_period(period or find_report(name).period, now or clock.now(), session.zone)
    except ValueError as error:
        raise UsageError(str(error), hint=did_you_mean(period or "", _PERIODS), code="period") from None
    scope = make_scope(session.reader(), session.zone, session.locale, acting_user(), settings.country)
    options = Options(wanted, settings.currency, scope, until=until, calendar=settings.calendar)
    return options._replace(key_fields=settings.key_fields)


def write_report(result: "ReportResult", form: str) -> None:
    """Write the document as JSON, all sheets for people, or the one main sheet in any other format."""
    streams = current().streams
    if form == "table":
        from crmcli.output.records import write_card

        write_card(card_of(result), streams, output_options())
        return
    for line in (_told(result), *(f"{label}: {text}" for label, text in result.facts)):
        streams.note(line)
    if form == "json":
        from crmcli.output.json import write_object

        write_object(result.document, streams)
    else:
        from crmcli.output.tables import Table, write_table

        main = result.main
        write_table(Table(_columns(main), main.rows, noun=main.noun), streams, form, output_options())


def card_of(result: "ReportResult") -> "Card":
    """Return a report as people read it."""
    from crmcli.output.records import Card, Fact, Section

    sections = tuple(Section(_headed(sheet), _table(sheet, result.currency)) for sheet in result.sheets)
    return Card(result.title, _told(result), tuple(Fact(label, text) for label, text in result.facts), sections)


def _told(result: "ReportResult") -> str:
    return f"{span_of(result)}, in {result.currency}"


def span_of(result: "ReportResult") -> str:
    """Tell the period, and its days where its name is not made of them."""
    period, dates = result.period, f"{result.period.start or ''}..{result.period.end or ''}"
    return (
        f"period {period.label}"
        if dates == ".." or ".." in period.label
        else f"period {period.label} ({dates}, end excluded)"
    )


def _headed(sheet: "Sheet") -> str:
    """Return the title of a sheet, and where it counts its rows how many of them are shown."""
    shown = len(sheet.rows)
    if sheet.total is None:
        return sheet.title
    return f"{sheet.title} ({shown} of {sheet.total})" if shown < sheet.total else f"{sheet.title} ({shown})"


def _columns(sheet: "Sheet") -> "tuple[Column, ...]":
    from crmcli.output.tables import Column

    return tuple(Column(key, label, "number" if kind == "figure" else kind) for key, label, kind in sheet.columns)


def _table(sheet: "Sheet", currency: str) -> "Table":
    """Return a sheet for people: figures, whose units differ from row to row, are drawn by the unit of their row."""
    from crmcli.output.tables import Table

    drawn = [key for key, _, kind in sheet.columns if kind == "figure"]
    rows = [{**row, **{key: _drawn(row.get(key), str(row["unit"]), currency) for key in drawn}} for row in sheet.rows]
    return Table(_columns(sheet), rows, noun=sheet.noun)


def _drawn(value: object, unit: str, currency: str) -> object:
    from crmcli.output.cells import people

    if value is None or isinstance(value, str):
        return value
    text = people(value, _TYPES[unit], currency=currency, locale=current().locale)
    return text + _ENDINGS.get(unit, "")
