"""``report forecast``: what is won and what is to come, weighted and by category, over time or by another field."""

import sqlite3
from collections.abc import Mapping

from crmcli.domain.enums import label
from crmcli.queries.columns import Shown
from crmcli.reports.figures import Figure, figure
from crmcli.reports.frame import Frame
from crmcli.reports.grouped import Part, for_people, grouped, values_of
from crmcli.reports.groups import TIMES, WHOLE
from crmcli.reports.presenting import (
    currency_sheets,
    entry,
    figure_sheets,
    for_programs,
    head,
    rates_told,
    rates_used,
    unconverted,
    value_of,
    warnings,
)
from crmcli.reports.registry import KPIS
from crmcli.reports.result import Chart, Options, ReportResult, Sheet
from crmcli.reports.sets import AHEAD_BY_CATEGORY

PARTS = (
    Part("forecast", "Forecast", "forecast"),
    Part("closed", "Closed", "won_amount"),
    Part("deals", "Deals ahead", "forecast_deals"),
    Part("weighted", "Weighted", "forecast_weighted"),
    Part("commit", "Commit", "forecast_commit"),
    Part("best_case", "Best case", "forecast_best_case"),
    Part("open", "Open pipeline", "forecast_open"),
)
_APART = ("deals_overdue", "overdue_amount", "deals_undated", "undated_amount")
_CUMULATIVE = {  # category -> figure of it with all that is surer, and of what is merely open the open pipeline
    "closed": "won_amount",
    "commit": "forecast_commit",
    "best_case": "forecast_best_case",
    "pipeline": "forecast_open",
    "omitted": None,
}
_CATEGORIES = tuple(f"category_{key}" for key in AHEAD_BY_CATEGORY)
KEYS = (*(part.kpi for part in PARTS), *_CATEGORIES, *_APART)
_BY = "month"
_COLUMNS = (
    Shown("label", "Category", "text"),
    Shown("deals", "Deals", "int"),
    Shown("amount", "Amount", "money"),
    Shown("cumulative", "Cumulative", "money"),
)


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the forecast by month, or by what is asked, its categories, and what stands apart."""
    if options.explain is not None:
        from crmcli.reports.explain import explain

        return explain(con, options)
    frame, ungrouped = (Frame(con, options._replace(by=by)) for by in (options.by or _BY, None))
    for each in (frame, ungrouped):
        each.settle("deal")
    found = {key: figure(ungrouped if key in _APART else frame, KPIS[key], WHOLE) for key in KEYS}
    totals = [found[key] for key in ("forecast", "won_amount", "forecast_weighted", "forecast_open", *_APART)]
    groups, categories = _groups(frame), _categories(frame, found)
    whole = options._replace(by=None)
    rates = rates_used(frame, totals)
    return ReportResult(
        "Forecast",
        options.period,
        options.currency,
        (
            for_people(groups, frame.options.by),
            categories,
            figure_sheets(totals, whole, "Total")[0],
            *currency_sheets(totals, whole),
        ),
        for_programs(groups),
        {
            **head(options.period, options),
            "totals": [entry(total, whole) for total in found.values()],
            "by": frame.options.by,
            "groups": for_programs(groups).rows,
            "categories": categories.rows,
            "unconverted": unconverted(totals),
            "rates": rates,
        },
        found["forecast"].records,
        notes=rates_told(rates),
        warnings=warnings(totals),
    )


def _groups(frame: Frame) -> Sheet:
    by = frame.by_column("deal")
    groups = frame.groups("deal", values_of(frame, PARTS))
    sheet = grouped(frame, f"By {by.label.lower()}", PARTS, groups, by, bar="forecast")
    if frame.options.by in TIMES:
        sheet = sheet._replace(measures=())  # no month of one year is one of another
    return sheet._replace(chart=Chart("bars", "group", ("closed", "weighted")))


def _categories(frame: Frame, found: Mapping[str, Figure]) -> Sheet:
    """Return the amounts of each category alone, and with all that is surer; the omitted ones where there are any."""
    rows: list[dict[str, object]] = []
    currency = frame.options.currency
    for key, cumulative in _CUMULATIVE.items():
        alone = found["won_amount" if key == "closed" else f"category_{key}"]
        records = alone.kpi.term.records
        deals = frame.count(records, frame.period, WHOLE)
        if key == "omitted" and not deals:
            continue
        row = {"category": key, "label": label("forecast_category", key), "deals": deals}
        row["amount"] = value_of(alone, currency)
        row["cumulative"] = value_of(found[cumulative], currency) if cumulative else None
        rows.append({**row, "currency": currency})
    chart = Chart("bars", "label", ("amount",))
    return Sheet("Categories", _COLUMNS, rows, "categories", None, "category", ("amount", "cumulative"), chart)
