"""A report from its options to a screen, to programs or to a letter: what the commands of ``crm report`` share.

What the figures are stands in ``reports``; the commands and their options in ``report_commands``.
"""

from typing import TYPE_CHECKING

from crmcli.cli.finding import acting_user
from crmcli.cli.listing import output_options
from crmcli.cli.report_asked import Asked, Own, own_report
from crmcli.cli.session import current
from crmcli.errors import UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from crmcli.domain.periods import Period
    from crmcli.reports.own import Asked as OwnAsked
    from crmcli.reports.result import Options, ReportResult

_PERIODS = [f"{which}-{unit}" for unit in ("week", "month", "quarter", "year") for which in ("this", "last", "next")]


def run(name: str, asked: Asked, *, rows: int | None = None, now: "datetime | None" = None) -> "ReportResult":
    """Return a report; names of periods are reckoned from ``now`` (aware), by default the present."""
    from crmcli.reports.index import REPORTS, find_report, run_report

    mine = None if name in REPORTS else own_report(name)
    found = _options(asked.period or (mine.period or "all" if mine else find_report(name).period), now)
    own = dict(asked.own)
    if mine is not None:
        from crmcli.reports.own import run_own

        _refuse_options(name, asked, with_period=bool(mine.period))
        compare = _compared(asked.compare, found.period)
        return run_own(mine, own_asked(), found._replace(rows=rows, own=own, compare=compare))
    found = found._replace(
        by=asked.by,
        where=asked.where,
        explain=asked.explain,
        top=asked.top,
        compare=_compared(asked.compare, found.period),
        rows=rows,
        entity=own.pop("entity", None),
        own=own,
    )
    return run_report(name, current().reader(), found)


def _run_panel(name: str, options: "Options") -> "ReportResult":
    """Return a report of the user's own as a panel of the dashboard."""
    from crmcli.reports.own import run_panel

    return run_panel(own_report(name), name, own_asked(), options)


def check_panels() -> None:
    """Raise ConfigError when a panel of the dashboard is no report, or is asked what its report does not take."""
    from crmcli.cli.report_options import own_options
    from crmcli.domain.schema import did_you_mean
    from crmcli.errors import ConfigError
    from crmcli.reports.dashboard import own_of_panel
    from crmcli.reports.index import REPORTS

    for number, panel in enumerate(current().settings.dashboard, start=1):
        own_of_panel(own_options, number, panel)
        if panel.report not in REPORTS and own_report(panel.report) is None:
            near = did_you_mean(panel.report, [*REPORTS]) or "crm report list"
            raise ConfigError(f"dashboard {number}: there is no report {panel.report!r}", hint=near)


def own_asked() -> "OwnAsked":
    """Return where reports of the user's own are asked, and within which bounds."""
    from crmcli.reports.asking import Bounds, Store
    from crmcli.reports.own import Asked as OwnAsked

    session, settings = current(), current().settings
    store = Store(session.store_path, session.zone, settings.currency)
    return OwnAsked(store, Bounds(settings.sql_seconds, settings.sql_rows))


def _refuse_options(name: str, asked: Asked, *, with_period: bool) -> None:
    """Raise UsageError for what a report of the user's own is not asked: its SQL decides that."""
    given = {"--by": asked.by, "--where": asked.where, "--top": asked.top, "--explain": asked.explain}
    given |= {} if with_period else {"--period": asked.period, "--compare": asked.compare}
    if refused := next((option for option, value in given.items() if value is not None), None):
        raise UsageError(f"the report {name} takes no {refused}", hint=f"crm report show {name}")


def _compared(which: str | None, period: "Period") -> "Period | None":
    """Return the period that a report is set against; UsageError when there is none such."""
    from crmcli.domain.periods import COMPARED
    from crmcli.domain.schema import did_you_mean

    if which is None:
        return None
    if which not in COMPARED:
        raise UsageError(f"nothing is compared with {which!r}", hint=did_you_mean(which, [*COMPARED]))
    found = COMPARED[which](period)
    if found is None:
        raise UsageError(f"the period {period.label} has no other to compare it with", hint="--period this-quarter")
    return found


def _options(period: str, now: "datetime | None") -> "Options":
    """Read the period at the moment up to which things are known."""
    from crmcli import clock
    from crmcli.domain.periods import parse_period
    from crmcli.domain.schema import did_you_mean
    from crmcli.queries.scope import make_scope
    from crmcli.reports.result import Options, known_until

    session = current()
    settings = session.settings
    until = None
    if session.as_of is not None:
        until, last = known_until(session.as_of, session.zone)
        clock.fix(last)
    try:
        wanted = parse_period(period, now or clock.now(), session.zone)
    except ValueError as error:
        raise UsageError(str(error), hint=did_you_mean(period, _PERIODS), code="period") from None
    scope = make_scope(session.reader(), session.zone, session.locale, acting_user(), settings.country)
    found = Options(wanted, settings.currency, scope, until=until, calendar=settings.calendar)
    found = found._replace(levels=settings.service_levels)
    found = found._replace(run_own=_run_panel, own_of=_own_of)
    return found._replace(key_fields=settings.key_fields, panels=settings.dashboard, customers=settings.customers)


def _own_of(name: str, given: Own) -> Own:
    """Return what a report alone is asked by a table of the settings."""
    from crmcli.cli.report_options import own_options

    return own_options(name, given)


def write_report(result: "ReportResult", form: str) -> None:
    """Write the document as JSON, all sheets for people, or the one main sheet in any other format."""
    from crmcli.output.reports import report_card, sheet_columns, told_of

    session = current()
    if form == "table":
        from crmcli.output.records import write_card

        write_card(report_card(result, session.locale), session.streams, output_options())
        return
    for line in (told_of(result), *(f"{label}: {text}" for label, text in result.facts)):
        session.streams.note(line)
    if form == "json":
        from crmcli.output.json import write_object

        write_object(result.document, session.streams)
    else:
        from crmcli.output.tables import Table, write_table

        main = result.main
        table = Table(sheet_columns(main), main.rows, noun=main.noun)
        write_table(table, session.streams, form, output_options())
