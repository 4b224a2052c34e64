"""``report coverage``: the open pipeline of a period against what is missing to its target."""

import sqlite3

from crmcli.reports.figures import figure, group_values
from crmcli.reports.frame import Frame
from crmcli.reports.grouped import Part, for_people, grouped
from crmcli.reports.groups import WHOLE
from crmcli.reports.presenting import (
    currency_sheets,
    entry,
    figure_sheets,
    for_programs,
    head,
    rates_told,
    rates_used,
    warnings,
)
from crmcli.reports.registry import KPIS
from crmcli.reports.result import Options, ReportResult, Sheet

PARTS = (
    Part("target", "Target", "target_amount"),
    Part("won", "Won", "won_amount"),
    Part("open", "Open", "pipeline_amount"),
    Part("coverage", "Coverage", "coverage"),
)
KEYS = tuple(part.kpi for part in PARTS)
_BY = "owner"


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the coverage of the whole and of each owner, or of each team."""
    if options.explain is not None:
        from crmcli.reports.explain import explain

        return explain(con, options)
    return aimed(con, options, "Coverage", PARTS)


def aimed(con: sqlite3.Connection, options: Options, title: str, parts: tuple[Part, ...]) -> ReportResult:
    """Return figures that have targets: of the whole, and side by side of each group; the last one tells its groups."""
    frame = Frame(con, options._replace(by=options.by or _BY))
    frame.settle("deal")
    totals = [figure(frame, KPIS[part.kpi], WHOLE) for part in parts]
    groups = by_group(frame, parts)
    whole = options._replace(by=None)
    rates = rates_used(frame, totals)
    return ReportResult(
        title,
        options.period,
        options.currency,
        (
            figure_sheets(totals, whole, "Total")[0],
            *currency_sheets(totals, whole),
            for_people(groups, frame.options.by),
        ),
        for_programs(groups),
        {
            **head(options.period, options),
            "totals": [entry(total, whole) for total in totals],
            "by": frame.options.by,
            "groups": for_programs(groups).rows,
            "rates": rates,
        },
        sum(total.records for total in totals),
        notes=rates_told(rates),
        warnings=warnings(totals),
    )


def by_group(frame: Frame, parts: tuple[Part, ...]) -> Sheet:
    """Return a row for each group that has a target or something to set against it."""
    by = frame.by_column("deal")
    groups = frame.groups("deal", group_values(frame, KPIS[parts[-1].kpi]))
    return grouped(frame, f"By {by.label.lower()}", parts, groups, by, bar=parts[-1].key)
