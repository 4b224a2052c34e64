"""``report attainment``: every target of a period against what was reached, or the amounts won by owner or team."""

import sqlite3
from fractions import Fraction

from crmcli.domain.enums import label
from crmcli.queries.columns import Shown
from crmcli.reports.coverage import aimed
from crmcli.reports.figures import Figure, figure
from crmcli.reports.frame import Frame
from crmcli.reports.grouped import Part
from crmcli.reports.groups import WHOLE, Group
from crmcli.reports.presenting import entry, figure_sheets, head, rounded, value_of, warnings
from crmcli.reports.registry import KPIS
from crmcli.reports.result import Chart, Options, ReportResult, Sheet
from crmcli.reports.targets import HOLDERS, Target, within

PARTS = (
    Part("target", "Target", "target_amount"),
    Part("won", "Won", "won_amount"),
    Part("attainment", "Attainment", "attainment"),
)
KEYS = tuple(part.kpi for part in PARTS)
_COLUMNS = (
    Shown("target", "Target of", "text"),
    Shown("metric_label", "Metric", "text"),
    Shown("period", "Period", "text"),
    Shown("aim", "Target", "figure"),
    Shown("reached", "Reached", "figure"),
    Shown("attainment", "Attainment", "ratio"),
    Shown("share", "", "bar"),
)


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the targets in the period, or with ``by`` the amounts won of each group against its target."""
    if options.explain is not None:
        from crmcli.reports.explain import explain

        return explain(con, options)
    if options.by:
        return aimed(con, options, "Attainment", PARTS)
    frame = Frame(con, options)
    frame.settle("deal")
    totals = [figure(frame, KPIS[part.kpi], WHOLE) for part in PARTS]
    rows = [_row(con, options, target) for target in within(frame)][: options.top]
    sheet = Sheet("Targets", _COLUMNS, rows, "targets", None, "ref", ("reached", "attainment"))
    sheet = sheet._replace(chart=Chart("bars", "target", ("attainment",)))
    return ReportResult(
        "Attainment",
        options.period,
        options.currency,
        (sheet, figure_sheets(totals, options, "Amount won")[0]),
        sheet,
        {
            **head(options.period, options),
            "totals": [entry(total, options) for total in totals],
            "targets": [{key: cell for key, cell in row.items() if key != "share"} for row in rows],
        },
        len(rows),
        notes=() if rows else ("there is no target in this period: crm target add",),
        warnings=warnings(totals),
    )


def _row(con: sqlite3.Connection, options: Options, target: Target) -> dict[str, object]:
    """Return a target with what was reached in its own period by those it is set for."""
    kpi, currency = KPIS[target.metric], options.currency
    reached = _reached(con, options, target)
    share = None if target.value is None or reached.value is None else reached.value / target.value
    return {
        "ref": target.ref,
        "target": target.ref.partition(f"{target.period.label}/")[2] or "everybody",
        "metric": target.metric,
        "metric_label": label("target_metric", target.metric),
        "period": target.period.label,
        "aim": None if target.value is None else rounded(target.value, kpi.unit, currency),
        "reached": value_of(reached, currency),
        "attainment": None if share is None else rounded(share, "ratio", currency),
        "share": None if share is None else float(min(max(share, Fraction(0)), Fraction(1))),
        "unit": kpi.unit,
        "currency": currency if kpi.unit == "money" else None,
        "count": reached.records,
    }


def _reached(con: sqlite3.Connection, options: Options, target: Target) -> Figure:
    kpi = KPIS[target.metric]
    if target.owner_id is not None:
        by, group = HOLDERS[0], Group((target.owner_id,))
    elif target.team is not None:
        by, group = HOLDERS[1], Group((target.team,))
    else:
        by, group = None, WHOLE
    frame = Frame(con, options._replace(period=target.period, by=by))
    frame.settle(kpi.entity)
    return figure(frame, kpi, group)
