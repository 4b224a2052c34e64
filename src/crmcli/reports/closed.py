"""What the reports on won and on lost deals share: totals, figures by group, and the deals themselves."""

import sqlite3
from typing import NamedTuple

from crmcli.queries.columns import Shown
from crmcli.queries.records import ListQuery, list_records
from crmcli.reports.explain import explain
from crmcli.reports.figures import figures
from crmcli.reports.frame import Frame
from crmcli.reports.grouped import Part, for_people, for_programs, grouped, values_of
from crmcli.reports.presenting import entry, figure_sheets, head, unconverted, warnings
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
        return explain(con, options)
    whole = Frame(con, options._replace(by=None))
    whole.settle("deal")
    totals = [figure for key in closed.keys for figure in figures(whole, key)]
    asked = (("groups", options.by),) if options.by else closed.groupings
    tables = {key: _grouped(con, options._replace(by=field), closed) for key, field in asked}
    deals, every_deal = _deals(whole, closed)
    document = {
        **head(whole.period, options),
        "totals": [entry(figure, whole.options) for figure in totals],
        **{key: for_programs(sheet).rows for key, sheet in tables.items()},
        "unconverted": unconverted(totals),
    }
    if not options.by:
        document["deals"] = list(every_deal.rows)
    main = for_programs(tables["groups"]) if options.by else every_deal
    total_sheet, _ = figure_sheets(totals, whole.options, closed.title)
    sheets = (total_sheet, *map(for_people, tables.values()), *(() if options.by else (deals,)))
    return ReportResult(
        closed.title,
        whole.period,
        options.currency,
        sheets,
        main,
        document,
        max(figure.records for figure in totals),
        warnings=warnings(totals),
    )


def _grouped(con: sqlite3.Connection, options: Options, closed: Closed) -> Sheet:
    frame = Frame(con, options)
    frame.settle("deal")
    groups = frame.groups("deal", values_of(frame, closed.parts))
    name = options.by or ""
    by = Shown("group", name.replace("_", " ").capitalize(), "text")
    return grouped(
        frame, f"{closed.title} by {name.replace('_', ' ')}", closed.parts, groups, by, bar=closed.parts[0].key
    )


def _deals(frame: Frame, closed: Closed) -> tuple[Sheet, Sheet]:
    """Return the deals, latest first: as many as people are shown, and all of them."""
    kind, where = frame.selection(closed.records, frame.period)
    query = ListQuery(where, sort="-closed_at", columns=closed.columns)
    every = list_records(frame.con, kind, query)
    few = list_records(frame.con, kind, query._replace(limit=frame.options.rows))
    sheet = Sheet("Deals", every.columns, list(few.rows), "deals", every.total)
    return sheet, sheet._replace(rows=every.rows)
