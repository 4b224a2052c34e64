"""What the screen of reports reads: a report as rows, key figures beside those of the period before. Blocks."""

import sqlite3
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from rich.text import Text

from crmcli import clock
from crmcli.domain.periods import parse_period, previous
from crmcli.output.reports import headed, sheet_table, told_of
from crmcli.queries.columns import Shown
from crmcli.queries.scope import make_scope, user_id
from crmcli.reports.index import REPORTS, run_report
from crmcli.reports.result import Options, ReportResult, Sheet
from crmcli.tui.desk import Desk
from crmcli.tui.pages import table_rows
from crmcli.tui.rows import Row

PERIODS = ("this-month", "last-month", "this-quarter", "last-quarter", "this-year", "last-year", "all")
_TILES = (
    Shown("label", "Figure", "text"),
    Shown("value", "Value", "figure"),
    Shown("before", "Before", "figure"),
    Shown("change", "Change", "text"),
    Shown("share", "", "bar"),
    Shown("note", "Note", "text"),
)
_MOST = 500  # records of a list


def read_report(desk: Desk, name: str, period: str, explain: str | None, width: int) -> list[Row]:
    """Return a report as rows; a row of a key figure brings its ``key``, which ``explain`` takes to the records."""

    def work(con: sqlite3.Connection) -> tuple[ReportResult, ReportResult | None]:
        options = _options(con, desk, period or REPORTS[name].period)._replace(explain=explain, rows=_MOST)
        before = previous(options.period) if name == "kpi" and explain is None else None
        then = run_report(name, con, options._replace(period=before)) if before else None
        return run_report(name, con, options), then

    result, before = desk.read(work)
    return [*_rows(desk, result, before, width, leads_on=name == "kpi" and explain is None)]


def _options(con: sqlite3.Connection, desk: Desk, period: str) -> Options:
    settings = desk.settings
    scope = make_scope(con, settings.timezone, settings.locale, user_id(con, settings.user), settings.country)
    wanted = parse_period(period, clock.now(), settings.timezone)
    return Options(
        wanted,
        settings.currency,
        scope,
        calendar=settings.calendar,
        key_fields=settings.key_fields,
        levels=settings.service_levels,
    )


def _rows(
    desk: Desk, result: ReportResult, before: ReportResult | None, width: int, *, leads_on: bool
) -> Iterator[Row]:
    yield Row(Text(f"{result.title}  ", style="bold").append(told_of(result), style="dim"))
    for label, text in result.facts:
        yield Row(Text(f"{label}: {text}", style="dim"))
    sheets = result.sheets if before is None else (_tiles(result, before),)
    for sheet in sheets:
        table = sheet_table(sheet, result.currency, desk.settings.locale)
        lines = list(table_rows(table, desk, width))
        head = len(lines) - len(sheet.rows)
        yield Row(Text(""))
        if sheet.title:
            yield Row(Text(headed(sheet), style="bold"))
        yield from lines[:head]
        for line, row in zip(lines[head:], sheet.rows, strict=True):
            yield line._replace(entry=row) if leads_on else line
    for text in (*result.notes, *result.warnings):
        yield Row(Text(text, style="dim"))


def _tiles(result: ReportResult, before: ReportResult) -> Sheet:
    """Return the key figures with those of the period before, how far they moved, and a bar that compares both."""
    then = {row["key"]: row["value"] for row in _entries(before)}
    rows = [{**row, **_moved(now["value"], then.get(now["key"]))} for row, now in _pairs(result)]
    return Sheet("", _TILES, rows, "figures")


def _pairs(result: ReportResult) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    return zip(result.sheets[0].rows, _entries(result), strict=True)


def _entries(result: ReportResult) -> list[Mapping[str, Any]]:
    found = result.document["kpis"]
    return found if isinstance(found, list) else []


def _moved(now: object, then: object) -> dict[str, object]:
    """Return the figure before, the change in words, and the share of the greater of both that the present one is."""
    if now is None or then is None:
        return {"before": "n/a" if then is None else then, "change": "", "share": None}
    present, past = Decimal(str(now)), Decimal(str(then))
    change = "" if not past else f"{(present - past) / abs(past):+.0%}"
    greater = max(abs(present), abs(past))
    return {"before": then, "change": change, "share": float(abs(present) / greater) if greater else 0.0}
