"""``report dashboard``: several reports on one page, as the settings lay them out."""

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from crmcli import clock
from crmcli.config.dashboard import Panel
from crmcli.domain.periods import COMPARED, Period, parse_period
from crmcli.errors import ConfigError, CrmError, UsageError
from crmcli.reports.index import REPORTS, run_report
from crmcli.reports.presenting import head
from crmcli.reports.result import Options, ReportResult, Sheet

KEYS: tuple[str, ...] = ()
_FIGURES = ("won_amount", "win_rate", "average_deal", "cycle_days_mean", "leads_created", "lead_conversion_rate")
_USUAL = (
    Panel("kpi", "Key figures", compare="previous", keys=_FIGURES),
    Panel("pipeline", "Pipeline", period="all"),
    Panel("forecast", "Forecast"),
    Panel("funnel", "Funnel"),
    Panel("won", "Won", by="source", top=5),
    Panel("lost", "Lost", by="lost_reason", top=5),
)


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the panels as one report; a panel that cannot be made says why, and the others stand."""
    if options.explain is not None:
        from crmcli.reports.explain import explain

        return explain(con, options)
    sheets: list[Sheet] = []
    panels: list[dict[str, object]] = []
    warnings: list[str] = []
    results: list[ReportResult] = []
    for panel, own in _asked(options):
        title = panel.title or panel.report
        try:
            asked = _options(options, panel, own)
            result = _run(con, panel.report, asked)
        except CrmError as error:
            warnings.append(f"{title}: {error.message}")
            continue
        results.append(result)
        warnings += [f"{title}: {text}" for text in result.warnings]
        sheets += [sheet._replace(title=_titled(title, result, sheet, asked.compare)) for sheet in result.sheets]
        panels.append({"report": panel.report, "title": title, **result.document})
    return ReportResult(
        "Dashboard",
        options.period,
        options.currency,
        tuple(sheets),
        results[0].main if results else Sheet("", (), [], "figures"),
        {**head(options.period, options), "panels": panels},
        sum(result.matched for result in results),
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _run(con: sqlite3.Connection, name: str, options: Options) -> ReportResult:
    if name not in REPORTS and options.run_own is not None:
        return options.run_own(name, options)
    return run_report(name, con, options)


def _titled(title: str, result: ReportResult, sheet: Sheet, compare: Period | None) -> str:
    """Return the heading of a panel's sheet, with the period it is about, and the one that stands beside it."""
    is_compared = any(column.key.endswith("_before") for column in sheet.columns)
    beside = f" beside {compare.label}" if compare and is_compared else ""
    parts = [title, sheet.title if sheet.title not in ("", title) else ""]
    return f"{': '.join(filter(None, parts))}, {result.period.label}{beside}"


def _compared(options: Options, panel: Panel, period: Period) -> Period | None:
    """Return with what a panel is compared: as it says, or as the whole page is, reckoned from its own period."""
    if panel.compare:
        return COMPARED[panel.compare](period)
    if options.compare is None or period == options.period:
        return options.compare
    likewise = next((other for other in COMPARED.values() if other(options.period) == options.compare), None)
    return likewise(period) if likewise else None


def _asked(options: Options) -> list[tuple[Panel, dict[str, Any]]]:
    """Return the panels, each with what its report alone is asked."""
    own_of = options.own_of or (lambda _, given: given)
    panels = enumerate(options.panels or _USUAL, start=1)
    return [(panel, own_of_panel(own_of, number, panel)) for number, panel in panels]


def own_of_panel(
    own_of: Callable[[str, Mapping[str, Any]], Mapping[str, Any]], number: int, panel: Panel
) -> dict[str, Any]:
    """Return what the report of a panel alone is asked, as ``own_of`` reads it; ConfigError for what it takes not."""
    keys = {"keys": panel.keys} if panel.keys else {}
    if panel.report not in REPORTS:
        return {**panel.own, **keys}
    is_kpi = panel.report == "kpi"
    try:
        return {**own_of(panel.report, {**panel.own, **({} if is_kpi else keys)}), **(keys if is_kpi else {})}
    except CrmError as error:
        raise ConfigError(f"dashboard {number}: {error.message}", hint=error.hint) from None


def _options(options: Options, panel: Panel, own: dict[str, Any]) -> Options:
    """Return what a panel is asked; its own period, condition and grouping before those of the whole page."""
    if panel.report == "dashboard":
        raise UsageError("a dashboard cannot hold a dashboard", hint="crm config edit")
    period = options.period
    if panel.period is not None:
        try:
            period = parse_period(panel.period, clock.now(), options.scope.zone)
        except ValueError as error:
            raise UsageError(str(error), hint="crm config edit", code="period") from None
    return options._replace(
        period=period,
        compare=_compared(options, panel, period),
        by=panel.by or options.by,
        where=panel.where or options.where,
        top=panel.top or options.top,
        entity=own.pop("entity", None),
        own=own,
        panels=(),
    )
