"""What the reports on won and on lost deals share: totals, figures by group, and the deals themselves."""

import sqlite3
from typing import NamedTuple

from crmcli.queries.columns import Shown
from crmcli.queries.records import ListQuery, list_records
from crmcli.reports.figures import figure
from crmcli.reports.frame import Frame
from crmcli.reports.grouped import Part, for_people, for_programs, grouped, values_of
from crmcli.reports.groups import WHOLE
from crmcli.reports.presenting import currency_sheets, entry, figure_sheets, head, unconverted, warnings
from crmcli.reports.registry import KPIS
from crmcli.reports.result import Options, ReportResult, Sheet
from crmcli.reports.sets import RecordSet


class Closed(NamedTuple):
    """A report on closed deals: its records, the columns of their list, its figures, and its usual groupings."""

    title: str
    records: RecordSet
    columns: tuple[str, ...]
    parts: tuple[Part, ...]
    groupings: tuple[tuple[str, str], ...] = ()  # (key in the document, field)

    @property
    def keys(self) -> tuple[str, ...]:
        """The figures that the report shows."""
        return tuple(part.kpi for part in self.parts)


def report(con: sqlite3.Connection, options: Options, closed: Closed) -> ReportResult:
    """Return totals, groups and deals; programs get the groups where ``by`` asks for them, else the deals."""
    if options.explain is not None:
        from crmcli.reports.explain import explain

        return explain(con, options)
    asked = {"groups": options.by} if options.by else dict(closed.groupings)
    frames = {key: Frame(con, options._replace(by=field)) for key, field in asked.items()}
    frame = next(iter(frames.values()), None) or Frame(con, options)
    for each in {frame, *frames.values()}:
        each.settle("deal")
    totals = [figure(frame, KPIS[key], WHOLE) for key in closed.keys]
    tables = {key: _grouped(each, closed) for key, each in frames.items()}
    shown = [for_people(table, asked[key]) for key, table in tables.items()]
    deals = {} if options.by else {"deals": _deals(frame, closed)}
    whole = options._replace(by=None)
    return ReportResult(
        closed.title,
        options.period,
        options.currency,
        (figure_sheets(totals, whole, "Total")[0], *currency_sheets(totals, whole), *shown, *deals.values()),
        for_programs(tables["groups"]) if options.by else deals["deals"],
        {
            **head(options.period, options),
            "totals": [entry(total, whole) for total in totals],
            "unconverted": unconverted(totals),
            **{key: for_programs(sheet).rows for key, sheet in (tables | deals).items()},
        },
        max(total.records for total in totals),
        warnings=warnings(totals),
    )


def _grouped(frame: Frame, closed: Closed) -> Sheet:
    name = (frame.options.by or "").replace("_", " ")
    groups = frame.groups("deal", values_of(frame, closed.parts))
    by = Shown("group", name.capitalize(), "text")
    return grouped(frame, f"By {name}", closed.parts, groups, by, bar=closed.parts[0].key)


def _deals(frame: Frame, closed: Closed) -> Sheet:
    """Return the deals, latest first."""
    kind, where = frame.selection(closed.records, frame.period)
    page = list_records(
        frame.con, kind, ListQuery(where, sort="-closed_at", columns=closed.columns, limit=frame.options.rows)
    )
    rows = list(page.rows)
    return Sheet("Deals", page.columns, rows, "deals", page.total if frame.options.rows else len(rows))
