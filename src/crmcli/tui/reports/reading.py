"""What the screen of reports reads: a report as rows, key figures beside those of the period before. Blocks."""

import sqlite3
from collections.abc import Iterator

from rich.text import Text

from crmcli import clock
from crmcli.config.own_reports import OwnReport, find_own, read_reports
from crmcli.domain.periods import parse_period, previous
from crmcli.errors import CrmError, NotFoundError
from crmcli.output.charts import Look, chart_lines
from crmcli.output.reports import headed, sheet_table, told_of
from crmcli.output.safe import safe
from crmcli.queries.scope import make_scope, user_id
from crmcli.reports.asking import Bounds, Store
from crmcli.reports.index import REPORTS, TAKEN, run_report
from crmcli.reports.own import Asked, run_own, run_panel
from crmcli.reports.registry import KPIS
from crmcli.reports.result import Options, ReportResult
from crmcli.tui.desk import Desk
from crmcli.tui.pages import table_rows
from crmcli.tui.rows import Row

PERIODS = ("this-month", "last-month", "this-quarter", "last-quarter", "this-year", "last-year", "all")
_MOST = 500  # records of a list


def read_report(desk: Desk, name: str, period: str, explain: str | None, width: int) -> list[Row]:
    """Return a report as rows; a row of a figure brings its ``key``, which ``explain`` takes to the records."""

    def work(con: sqlite3.Connection) -> ReportResult:
        own = _own(desk, name)
        wanted = period if own is None or own.period else ""
        options = _options(con, desk, wanted or usual_period(desk, name))._replace(explain=explain, rows=_MOST)
        if own is not None:
            return run_own(own, _asked(desk), options)
        before = previous(options.period) if name == "kpi" else None
        return run_report(name, con, options._replace(compare=before))

    return [*_rows(desk, desk.read(work), width, leads_on=explain is None)]


def told(error: CrmError) -> Row:
    """Return the row that stands for a report that cannot be made."""
    return Row(Text(safe(f"{error.message}{f'; {error.hint}' if error.hint else ''}")))


def summaries(desk: Desk) -> dict[str, str]:
    """Return what each report tells, by its name, those of the user's own last."""
    own = read_reports(desk.paths.reports, TAKEN).reports
    return {name: one.summary for name, one in REPORTS.items()} | {name: one.summary for name, one in own.items()}


def usual_period(desk: Desk, name: str) -> str:
    """Return the period that a report is about when none is chosen."""
    own = _own(desk, name)
    return REPORTS[name].period if own is None else own.period or "all"


def _own(desk: Desk, name: str) -> OwnReport | None:
    if name in REPORTS:
        return None
    found = find_own(desk.paths.reports, name, TAKEN)
    if found is None:
        raise NotFoundError("report", name, hint="crm report list")
    return found


def _asked(desk: Desk) -> Asked:
    settings = desk.settings
    store = Store(desk.paths.store, settings.timezone, settings.currency)
    return Asked(store, Bounds(settings.sql_seconds, settings.sql_rows))


def _options(con: sqlite3.Connection, desk: Desk, period: str) -> Options:
    settings = desk.settings
    scope = make_scope(con, settings.timezone, settings.locale, user_id(con, settings.user), settings.country)
    wanted = parse_period(period, clock.now(), settings.timezone)
    options = Options(wanted, settings.currency, scope, calendar=settings.calendar, key_fields=settings.key_fields)
    options = options._replace(run_own=lambda name, asked: run_panel(_own(desk, name), name, _asked(desk), asked))
    options = options._replace(own_of=desk.own_of)
    return options._replace(panels=settings.dashboard, levels=settings.service_levels, customers=settings.customers)


def _rows(desk: Desk, result: ReportResult, width: int, *, leads_on: bool) -> Iterator[Row]:
    yield Row(Text(f"{result.title}  ", style="bold").append(told_of(result), style="dim"))
    for label, text in result.facts:
        yield Row(Text(f"{label}: {text}", style="dim"))
    look = Look(width, result.currency, desk.settings.locale)
    for sheet in result.sheets:
        table = sheet_table(sheet, result.currency, desk.settings.locale)
        lines = list(table_rows(table, desk, width))
        head = len(lines) - len(sheet.rows)
        yield Row(Text(""))
        if sheet.title:
            yield Row(Text(headed(sheet), style="bold"))
        yield from lines[:head]
        for line, row in zip(lines[head:], sheet.rows, strict=True):
            yield line._replace(entry=row) if leads_on and row.get("key") in KPIS else line
        picture = chart_lines(sheet, look)
        yield from (Row(Text(line)) for line in (["", *picture] if picture else []))
    for text in (*result.notes, *result.warnings):
        yield Row(Text(text, style="dim"))
